"""Killed at any point, the archive opens again whole, and the same input ends with the same articles."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archive import ArchiveError, Catalogue, check, failpoints
from tests.archive import sample, writer
from tests.archive.sample import crawled, dump, keep, open_archive, rows

PAGES = 40


def run_writer(root: Path, failpoint: str = "") -> int:
    environment = {**os.environ, "PRESSMARK_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "tests.archive.writer", str(root), str(PAGES)]
    return subprocess.run(command, env=environment, check=False, cwd=Path(__file__).parents[2]).returncode


def go_on(root: Path) -> None:
    """The same command again, to its end."""
    writer.main(str(root), str(PAGES))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("undisturbed")
    go_on(root)
    assert check(root) == []
    assert rows(root, "select count(*) > 15, max(version) > 1 from articles") == [(1, 1)]
    return root


@pytest.mark.parametrize("passes", [1, 6])
@pytest.mark.parametrize("point", failpoints.POINTS)
def test_a_writer_killed_anywhere_leaves_an_archive_that_goes_on(
    tmp_path: Path, undisturbed: Path, point: str, passes: int
) -> None:
    killed = run_writer(tmp_path, f"{point}:{passes}")
    assert killed == 137, f"the writer never passed {point} so often"
    open_archive(tmp_path).close()
    assert check(tmp_path) == []
    go_on(tmp_path)
    assert check(tmp_path) == []
    assert sample.articles(tmp_path) == sample.articles(undisturbed)


def test_a_writer_killed_again_and_again_ends_where_an_undisturbed_one_does(
    tmp_path: Path, undisturbed: Path
) -> None:
    points = [point for point in failpoints.POINTS if point != "before-rename"]
    assert [run_writer(tmp_path, f"{point}:3") for point in points].count(137) >= 5
    go_on(tmp_path)
    assert check(tmp_path) == []
    sample.warcio_check(*sample.warcs(tmp_path))
    assert sample.articles(tmp_path) == sample.articles(undisturbed)
    assert sorted(rows(tmp_path, "select distinct url, payload_digest, fetched_at from captures")) == sorted(
        rows(undisturbed, "select distinct url, payload_digest, fetched_at from captures")
    )
    assert rows(tmp_path, "select count(*) from captures") == rows(
        undisturbed, "select count(*) from captures"
    )


def test_sigkill_releases_the_lock_and_loses_no_stored_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.archive.writer", str(tmp_path), "100000"]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    while process.poll() is None and len(sample.warcs(tmp_path)) < 6:
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    with open_archive(tmp_path) as archive:
        for capture in archive.orphans():
            archive.keep(capture, writer.cleaned(capture))
    assert check(tmp_path) == []
    with Catalogue.open(tmp_path) as catalogue:
        assert catalogue.counts()["not_cleaned"] == 0


# Torn tails -----------------------------------------------------------------------------------------


def left_open(root: Path, *, pages: int = 3) -> tuple[Path, Path]:
    """An archive as a kill leaves it: everything on disk and committed, files still named `.open`."""
    with open_archive(root) as archive:
        for number in range(pages):
            keep(archive, dump(b"Page %d." % number), f"Page {number}.")
    opened = []
    for path in sample.warcs(root):
        opened.append(path.with_name(path.name + ".open"))
        path.rename(opened[-1])
    raw, derived = opened
    shutil.rmtree(root / "manifests")  # no manifest tells of a file that was never finished
    sample.change_rows(root, "delete from warc_files")
    return raw, derived


def test_a_raw_file_cut_at_any_byte_of_its_last_record_gives_back_the_others(tmp_path: Path) -> None:
    left_open(tmp_path / "whole")
    raw, _ = (next((tmp_path / "whole").glob(f"{folder}/**/*.open")) for folder in ("warc", "wet"))
    data = raw.read_bytes()
    last = sample.member_offsets(data)[-1]
    for cut in range(last, len(data), 7):
        root = tmp_path / f"cut {cut}"
        shutil.copytree(tmp_path / "whole", root)
        copy = root / raw.relative_to(tmp_path / "whole")
        os.truncate(copy, cut)
        with open_archive(root) as archive:
            recovery = archive.recovery
            assert len(recovery.rows_lost) == 1, "the last record's row was committed, as after a power loss"
            torn = [(t.offset, t.length) for t in recovery.torn]
            assert torn == ([(last, cut - last)] if cut > last else [])
            kept = [(root / t.kept_at).read_bytes() for t in recovery.torn]
            assert kept == ([data[last:cut]] if cut > last else [])
            assert list(archive.orphans()) == []
            assert keep(archive, dump(b"Page 2."), "Page 2.") == "new"
        assert check(root) == []
        assert rows(root, "select text from articles order by text") == [
            ("Page 0.",),
            ("Page 1.",),
            ("Page 2.",),
        ]
        assert len(list(root.glob("warc/**/*.gz"))) == 2, "nothing is appended after a torn tail"
        shutil.rmtree(root)


def test_a_derived_file_that_lost_its_tail_is_made_again_from_the_raw_record(tmp_path: Path) -> None:
    _, derived = left_open(tmp_path)
    os.truncate(derived, sample.member_offsets(derived.read_bytes())[-1] + 20)
    with open_archive(tmp_path) as archive:
        assert len(archive.recovery.rows_lost) == 1
        (orphan,) = archive.orphans()
        assert orphan.body == b"Page 2."
        assert archive.keep(orphan, sample.article("Page 2.")) == "unchanged"
    assert check(tmp_path) == []
    assert rows(tmp_path, "select count(*) from articles") == [(3,)]


def test_derived_records_without_a_row_are_cut_off_and_raw_ones_are_given_rows(tmp_path: Path) -> None:
    assert run_writer(tmp_path, "before-commit:3") == 137
    with open_archive(tmp_path) as archive:
        recovery = archive.recovery
        assert recovery.derived_cut > 0
        assert recovery.orphans == len(list(archive.orphans())) > 0
        assert (recovery.rows_lost, recovery.damaged, recovery.torn) == ((), (), ())
    said = " ".join(recovery.sentences())
    assert f"{recovery.orphans} pages were stored but not yet cleaned; they come first now." in said
    assert f"{recovery.derived_cut} derived records without a row were cut off" in said


def test_a_zeroed_tail_is_set_aside(tmp_path: Path) -> None:
    raw, _ = left_open(tmp_path)
    with raw.open("ab") as file:
        file.write(bytes(4096))
    with open_archive(tmp_path) as archive:
        (torn,) = archive.recovery.torn
        assert (torn.length, (tmp_path / torn.kept_at).read_bytes()) == (4096, bytes(4096))
    assert check(tmp_path) == []


def test_damage_inside_an_unfinished_file_costs_one_record_and_is_reported(tmp_path: Path) -> None:
    raw, _ = left_open(tmp_path)
    data = bytearray(raw.read_bytes())
    second = sample.member_offsets(bytes(data))[2]
    data[second + 40] ^= 1
    raw.write_bytes(data)
    with open_archive(tmp_path) as archive:
        assert len(archive.recovery.damaged) == 1
        assert archive.recovery.damaged[0].startswith(
            raw.relative_to(tmp_path).as_posix()[:-5] + f", byte {second:,}:"
        )
        assert len(archive.recovery.rows_lost) == 1
        assert [capture.body for capture in archive.captures()] == [b"Page 0.", b"Page 2."]


def test_an_unfinished_file_with_nothing_but_its_warcinfo_is_taken_away(tmp_path: Path) -> None:
    raw, derived = left_open(tmp_path, pages=1)
    for path in (raw, derived):
        os.truncate(path, sample.member_offsets(path.read_bytes())[1])
    with open_archive(tmp_path) as archive:
        assert len(archive.recovery.rows_lost) == 1, "the version went with its capture"
    assert sample.warcs(tmp_path) == []
    assert check(tmp_path) == []


def test_rows_into_a_finished_file_that_is_gone_are_dropped_after_a_kill(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"gone"), "gone")
    sample.raw_file(tmp_path).unlink()
    with open_archive(tmp_path) as archive:
        assert not archive.recovery.happened, "an orderly archive is not searched for losses"
        keep(archive, dump(b"new"), "new")
    for path in sample.warcs(tmp_path)[-1:]:
        path.rename(path.with_name(path.name + ".open"))
    with open_archive(tmp_path) as archive:
        assert len(archive.recovery.rows_lost) == 1
    assert rows(tmp_path, "select text from articles") == [("new",)]


def test_an_orderly_close_leaves_nothing_to_put_right(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"x"), "x")
    with open_archive(tmp_path) as archive:
        assert not archive.recovery.happened
        assert archive.recovery.sentences() == []
    assert not list(tmp_path.glob("articles.db-*")), "no journal is left beside the database"


def test_two_files_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    raw, _ = left_open(tmp_path)
    raw.with_name(raw.name.removesuffix(".open")).write_bytes(b"other")
    with pytest.raises(ArchiveError, match="exists twice, finished and unfinished"):
        open_archive(tmp_path)


def test_a_disk_that_is_full_takes_back_the_record_and_loses_nothing_else(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from archive import ArchiveError, check
from tests.archive.sample import dump, keep, open_archive
root = Path(sys.argv[1])
with open_archive(root) as archive:
    keep(archive, dump(b"first"), "first")
    archive.commit()
    import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = next(root.glob("warc/**/*.open")).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300, resource.RLIM_INFINITY))
    try:
        archive.store_raw(dump(bytes(range(256)) * 40))
    except ArchiveError as error:
        print(error)
    assert next(root.glob("warc/**/*.open")).stat().st_size == size
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    keep(archive, dump(b"second"), "second")
assert check(root) == []
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert "could not be written (File too large): free some space and run again." in done.stdout
    assert rows(tmp_path, "select text from articles order by text") == [("first",), ("second",)]


def test_a_lost_database_is_made_again_from_the_warc_files(tmp_path: Path, undisturbed: Path) -> None:
    shutil.copytree(undisturbed, tmp_path / "archive")
    root = tmp_path / "archive"
    query = "select url, fetched_at, record_type, payload_digest from captures order by 1, 2, 3"
    captures = rows(root, query)
    for path in root.glob("articles.db*"):
        path.unlink()
    with open_archive(root) as archive:
        assert archive.recovery.rebuilt == len(list(root.glob("warc/**/*.warc.gz")))
        assert "made again from" in " ".join(archive.recovery.sentences())
        for capture in archive.orphans():
            archive.keep(capture, writer.cleaned(capture))
    assert rows(root, query) == captures
    assert sample.articles(root) == sample.articles(undisturbed)
    assert check(root) == []
    with open_archive(root) as archive:
        assert not archive.recovery.happened

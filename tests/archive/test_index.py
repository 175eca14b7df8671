"""The capture index: what other tools would write, found by bisection, current whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import cdxj
from archive.index import CaptureIndex, lines_of_file
from archive.values import RecordRef
from archive.verify import verify
from archive.warcfiles import warc_files
from tests import judges
from tests.archive import writer
from tests.archive.sample import crawled, dump, exchange, keep, open_archive

REF = RecordRef(file="warc/x.warc.gz", offset=7, length=11, record_id="")


def index_lines(root: Path) -> list[bytes]:
    return list(CaptureIndex(root).lines())


def lines_on_disk(root: Path) -> list[bytes]:
    """What the index should hold, read from the WARC files."""
    found: list[bytes] = []
    for unfinished in (False, True):
        for path in warc_files(root, "warc", unfinished=unfinished):
            name = path.relative_to(root).as_posix().removesuffix(".open")
            found += lines_of_file(path, name)
    return sorted(found)


def run_writer(root: Path, failpoint: str) -> int:
    environment = {**os.environ, "PRESSMARK_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "tests.archive.writer", str(root), "40"]
    return subprocess.run(command, env=environment, check=False, cwd=Path(__file__).parents[2]).returncode


def fill(root: Path) -> None:
    with open_archive(root) as archive:
        keep(archive, crawled(b"<p>One", "https://press.example/one?b=2&a=1", hours=1), "Some text.")
        keep(archive, crawled(b"<p>One", "https://press.example/one?b=2&a=1", hours=2), "Some text.")
        keep(archive, crawled(b"<p>Zwei", "http://www.press.example/Zwei#top", hours=3), "Some text.")
        keep(archive, dump(b"A page without an address."), "Some text.")
        archive.write_exchange(exchange(b"", "https://press.example/old", hours=4, status=301))


def test_lines_are_those_of_cdxj_indexer(tmp_path: Path) -> None:
    fill(tmp_path)
    files = warc_files(tmp_path, "warc", unfinished=False)
    told = judges.run("cdxj-indexer", "--sort", "--dir-root", tmp_path, *files)
    assert told.returncode == 0, told.stdout
    theirs = [(line.split(" {")[0], json.loads(line[line.index("{") :])) for line in told.stdout.splitlines()]
    ours = [(line.decode().split(" {")[0], dict(cdxj.fields_of(line))) for line in index_lines(tmp_path)]
    assert len(ours) == 5
    assert ours == theirs


def test_the_index_is_current_while_the_archive_is_open(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for number in range(50):
            keep(
                archive,
                crawled(b"<p>%d" % number, f"https://press.example/{number}", hours=number),
                "Some text.",
            )
            if number % 3 == 0:
                archive.commit()
                assert index_lines(tmp_path) == lines_on_disk(tmp_path)
        present = (tmp_path / "indexes/paths.tsv").read_text().split("\t")
        assert (tmp_path / present[2].strip()).exists()
        assert present[2].strip() == present[1] + ".open"
    assert (tmp_path / "indexes/paths.tsv").read_text() == ""
    assert index_lines(tmp_path) == lines_on_disk(tmp_path)
    assert len(list((tmp_path / "indexes").glob("*.cdxj"))) < 6


def test_an_index_that_is_gone_is_made_again(tmp_path: Path) -> None:
    fill(tmp_path)
    before = index_lines(tmp_path)
    for path in (tmp_path / "indexes").iterdir():
        path.unlink()
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == before


def fill_files(root: Path, files: int) -> None:
    for number in range(files):
        with open_archive(root) as archive:
            url = f"https://press.example/{number}"
            keep(archive, crawled(b"<p>%d" % number, url, hours=number), f"Text {number}.")


def test_an_index_that_is_gone_is_made_again_without_reading_it_for_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_files(tmp_path, 5)
    before = index_lines(tmp_path)
    shutil.rmtree(tmp_path / "indexes")
    passes: list[object] = []
    monkeypatch.setattr(CaptureIndex, "change", lambda self, edit: passes.append(edit))
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == before
    assert passes == []


def test_files_that_the_database_does_not_know_are_told_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_files(tmp_path, 5)
    before = index_lines(tmp_path)
    with sqlite3.connect(tmp_path / "articles.db") as db:
        db.execute("delete from warc_files where rowid > 2")
    passes: list[object] = []
    change = CaptureIndex.change

    def counted(self: CaptureIndex, edit: Callable[[bytes], bytes | None]) -> int:
        passes.append(edit)
        return change(self, edit)

    monkeypatch.setattr(CaptureIndex, "change", counted)
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == before
    assert len(passes) == 1


def test_when_the_making_again_is_cut_short_it_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_files(tmp_path, 4)
    before = index_lines(tmp_path)
    shutil.rmtree(tmp_path / "indexes")
    with monkeypatch.context() as patch:
        add, calls = CaptureIndex.add, []

        def cut_short(self: CaptureIndex, lines: Iterable[bytes]) -> None:
            calls.append(self)
            if len(calls) == 3:
                raise KeyboardInterrupt
            add(self, lines)

        patch.setattr(CaptureIndex, "add", cut_short)
        with pytest.raises(KeyboardInterrupt):
            open_archive(tmp_path)
    assert len(index_lines(tmp_path)) == 2
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == before
    assert not (tmp_path / "indexes/remake").exists()


def test_what_verify_advises_brings_a_lost_index_file_back(tmp_path: Path) -> None:
    fill_files(tmp_path, 5)
    before = index_lines(tmp_path)
    sorted((tmp_path / "indexes").glob("*.cdxj"))[0].unlink()
    advice = {fault.advice for fault in verify(tmp_path).faults}
    assert advice == {"delete the folder `indexes`: the next command that writes makes it anew"}
    shutil.rmtree(tmp_path / "indexes")
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == before
    assert verify(tmp_path).sound


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\0" * 300 + b"\n",
        b"zz)/ 2024 not json\n",
        b"zz)/ 2024 " + b"[" * 100_000 + b"\n",
        b'zz)/ 2024 {"filename": "x", "offset": 1e999, "length": "1"}\n',
        b"zz)/ 2024 \xff\n",
    ],
)
def test_a_line_that_cannot_be_read_stops_no_command_and_the_index_is_made_again(
    tmp_path: Path, rubbish: bytes
) -> None:
    fill_files(tmp_path, 3)
    before = index_lines(tmp_path)
    path = sorted((tmp_path / "indexes").glob("*.cdxj"))[0]
    path.write_bytes(rubbish)
    with open_archive(tmp_path) as archive:
        archive.take_down("https://press.example/2", "asked")
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == before[:2]
    assert verify(tmp_path).sound


def test_a_line_without_its_end_spoils_no_other(tmp_path: Path) -> None:
    index = CaptureIndex(tmp_path)
    index.add([b"a 2024 {}\n", b"b 2024 {}\n"])
    (path,) = (tmp_path / "indexes").glob("*.cdxj")
    path.write_bytes(path.read_bytes()[:-3])
    index.add([b"c 2024 {}\n"])
    assert list(index.lines()) == [b"a 2024 {}\n", b"c 2024 {}\n"]


@given(
    st.lists(st.binary(min_size=1, max_size=9).filter(lambda key: b"\n" not in key), max_size=60),
    st.integers(0, 3),
)
def test_a_change_keeps_the_order_whatever_it_changes(
    tmp_path_factory: pytest.TempPathFactory, keys: list[bytes], rest: int
) -> None:
    def edit(line: bytes) -> bytes | None:
        if len(line) % 4 != rest:
            return line
        return None if line < b"k" else b"moved " + line

    index = CaptureIndex(tmp_path_factory.mktemp("index"))
    lines = [key + b"\n" for key in sorted(set(keys))]
    for part in range(3):
        index.add(lines[part::3])
    told = index.change(edit)
    assert list(index.lines()) == sorted({new for line in lines if (new := edit(line)) is not None})
    assert told == sum(edit(line) != line for line in lines)


def test_a_change_does_not_hold_the_file_in_memory(tmp_path: Path) -> None:
    index = CaptureIndex(tmp_path)
    index.add(b"key%06d 20240502080000 {}" % number + b" " * 150 + b"\n" for number in range(30_000))
    size = sum(path.stat().st_size for path in (tmp_path / "indexes").iterdir())
    tracemalloc.start()
    assert index.change(lambda line: None if line.startswith(b"key000007") else line) == 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size / 10
    assert len(list(index.lines())) == 29_999


@pytest.mark.parametrize(
    "point", ["raw-written", "before-commit", "after-commit", "before-rename", "before-register"]
)
@pytest.mark.parametrize("passes", [1, 4])
def test_after_a_kill_the_index_tells_of_every_record(tmp_path: Path, point: str, passes: int) -> None:
    assert run_writer(tmp_path, f"{point}:{passes}") == 137
    open_archive(tmp_path).close()
    assert index_lines(tmp_path) == lines_on_disk(tmp_path)
    writer.main(str(tmp_path), "40")
    assert index_lines(tmp_path) == lines_on_disk(tmp_path)


def test_a_line_lost_in_a_merge_is_never_lost(tmp_path: Path) -> None:
    index = CaptureIndex(tmp_path)
    for number in range(300):
        index.add([b"key%05d 20240502080000 {}\n" % number])
    assert len(list(index.lines())) == 300
    # The kill came between the merged file and the end of the one that went into it.
    newest = sorted((tmp_path / "indexes").glob("*.cdxj"))[-1]
    (newest.parent / "000000.cdxj").write_bytes(newest.read_bytes())
    assert len(list(index.lines())) == 300


@given(
    st.lists(st.binary(min_size=1, max_size=200).filter(lambda key: b"\n" not in key), max_size=300),
    st.binary(max_size=3),
)
def test_bisection_finds_what_reading_all_finds(
    tmp_path_factory: pytest.TempPathFactory, keys: list[bytes], start: bytes
) -> None:
    index = CaptureIndex(tmp_path_factory.mktemp("index"))
    lines = [key + b" 2024 {}" + b" " * 90 + b"\n" for key in keys]
    index.add(lines)
    assert list(index.lines(start)) == [line for line in sorted(set(lines)) if line >= start]


@given(st.text(min_size=1))
def test_no_address_breaks_a_line(url: str) -> None:
    record = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2024-05-02T08:00:00Z\r\nWARC-Target-URI: "
        + url.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"")
        + b"\r\n\r\nHTTP/1.1 200 OK\r\ncontent-TYPE: Text/HTML; charset=x\r\n\r\n<p>"
    )
    line = cdxj.line_of(record, REF)
    if line is not None:
        assert line.count(b"\n") == 1
        key, moment, _ = line.split(b" ", 2)
        assert key
        assert moment == b"20240502080000"
        assert cdxj.place_of(line) == (REF.file, 7, 11)
        assert (cdxj.fields_of(line)["mime"], cdxj.fields_of(line)["status"]) == ("text/html", "200")


@pytest.mark.parametrize(
    "head",
    [
        b"WARC-Type: request\r\nWARC-Target-URI: http://a/",
        b"WARC-Type: warcinfo",
        b"WARC-Type: response",
        b"",
    ],
)
def test_what_is_no_capture_has_no_line(head: bytes) -> None:
    assert cdxj.line_of(b"WARC/1.1\r\n" + head + b"\r\n\r\n", REF) is None
    assert cdxj.line_of(b"WARC/1.1", REF) is None


def test_a_304_is_not_in_the_index() -> None:
    head = b"WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Date: 2024\r\nWARC-Target-URI: http://a/\r\n\r\n"
    assert cdxj.line_of(head + b"HTTP/1.1 304 Not Modified\r\n\r\n", REF) is None
    line = cdxj.line_of(head + b"HTTP/1.1 200 OK\r\n\r\n", REF)
    assert line is not None
    assert line.startswith(b"a)/ 20240101000000 ")
    assert cdxj.fields_of(line)["mime"] == "warc/revisit"


def test_a_line_is_found_by_its_key_alone() -> None:
    assert cdxj.key_of("http://www.Example.org:80/a?b=1&A=2#x") == cdxj.key_of(
        "https://example.org/A?a=2&b=1"
    )
    with pytest.raises(ValueError, match="no line"):
        cdxj.place_of(b'a 2024 {"x": 1}')

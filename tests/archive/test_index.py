"""The capture index: what other tools would write, found by bisection, current whatever happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import cdxj
from archive.index import CaptureIndex, lines_of_file
from archive.values import RecordRef
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

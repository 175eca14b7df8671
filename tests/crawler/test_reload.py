"""What people already have is told apart by content, and one bad file never stops the others."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.values import Capture
from crawler.reload import FileForm, ReadProblem, capture_of_row, captures_in, sniff
from crawler.reload.rows import RowError

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ROW = {"id": "1", "url": "https://news.test/a", "html": "<p>One.</p>"}


def read(*paths: Path, encoding: str | None = None) -> list[Capture | ReadProblem]:
    return list(captures_in(paths, now=lambda: NOW, encoding=encoding))


def one(path: Path, content: bytes, encoding: str | None = None) -> Capture | ReadProblem:
    path.write_bytes(content)
    (found,) = read(path, encoding=encoding)
    return found


def sentence(found: Capture | ReadProblem) -> str:
    assert isinstance(found, ReadProblem)
    return found.sentence


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"", FileForm.EMPTY),
        (b" \n\t\n", FileForm.EMPTY),
        (b"WARC/1.1\r\nWARC-Type: warcinfo\r\n", FileForm.WARC),
        (gzip.compress(b"WARC/1.0\r\n", mtime=0), FileForm.WARC),
        (zstandard.ZstdCompressor().compress(b"WARC/1.0\r\n" + bytes(range(256)) * 99)[:8192], FileForm.WARC),
        (b"\x5d\x2a\x4d\x18\x00\x00\x10\x00 a dictionary", FileForm.WARC),
        (zstandard.ZstdCompressor().compress(b"<html><p>x"), FileForm.BINARY),
        (b"\x28\xb5\x2f\xfd broken", FileForm.BINARY),
        (b"filedesc://old.arc 0.0.0.0 2004", FileForm.WARC),
        (b"PK\x03\x04rest", FileForm.WACZ),
        (b'{"url": "x", "text": "y"}\n', FileForm.JSON),
        (b'[\n  {"url": "x"}]', FileForm.JSON),
        (b'\xef\xbb\xbf{"url": 1}', FileForm.JSON),
        (b"<!DOCTYPE html><html>", FileForm.HTML),
        (b"<!-- a licence -->\n\n<HTML lang=en>", FileForm.HTML),
        (gzip.compress(b"<html><p>x", mtime=0), FileForm.HTML),
        (b"A headline\n\nA paragraph with 3 < 4 in it.", FileForm.TEXT),
        ("Überschrift".encode("utf-16"), FileForm.TEXT),
        ("<!doctype html><p>Überschrift".encode("utf-16"), FileForm.HTML),
        (b"\x89PNG\r\n\x1a\n", FileForm.BINARY),
        (b"%PDF-1.7 rest", FileForm.BINARY),
        (bytes(range(256)) * 8, FileForm.BINARY),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, form: FileForm) -> None:
    assert sniff(head) is form


@given(st.binary(max_size=2000))
def test_sniffing_never_fails(head: bytes) -> None:
    assert sniff(head) in FileForm


def test_the_name_of_a_file_does_not_decide(tmp_path: Path) -> None:
    found = one(tmp_path / "page.txt", b"<!doctype html><title>x</title><p>y</p>")
    assert isinstance(found, Capture)
    assert (found.source, found.content_type) == ("html", "text/html; charset=utf-8")


def test_folders_are_walked_in_sorted_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"text of {name}")
    assert [Path(f.source_path).name for f in read(tmp_path) if isinstance(f, Capture)] == [
        "a.txt",
        "b.txt",
        "c.txt",
    ]


def test_what_lies_beside_pages_in_a_folder_is_no_page_unless_it_is_named(tmp_path: Path) -> None:
    for name in ("page.txt", "dump", "style.css", "feed.xml.gz", "Site_files/logo.png", "index.cdxj", "a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Words that could be a page.")
    names = [Path(f.source_path).name for f in read(tmp_path) if isinstance(f, Capture)]
    assert names == ["a.md", "dump", "page.txt"]
    assert isinstance(read(tmp_path / "style.css")[0], Capture)


def test_a_pipe_in_a_folder_does_not_hold_up_the_others(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("A good page.")
    (found,) = read(tmp_path)
    assert isinstance(found, Capture)


def test_an_encoding_that_is_named_does_not_overrule_what_an_html_page_declares(tmp_path: Path) -> None:
    declared = b"<html><meta charset=windows-1251><p>" + "Новости дня".encode("cp1251")
    found = one(tmp_path / "a.html", declared, encoding="cp1252")
    assert isinstance(found, Capture)
    assert found.content_type == "text/html; charset=cp1251"
    silent = one(tmp_path / "b.html", "<html><p>Новости дня".encode("cp1251"), encoding="cp1251")
    assert isinstance(silent, Capture)
    assert silent.content_type == "text/html; charset=cp1251"


@pytest.mark.parametrize("length", [300, 5000])
def test_a_path_that_is_too_long_for_a_file_is_no_file(length: int) -> None:
    assert "no such file" in sentence(read(Path("x" * length))[0])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture"),
        ("Zürich ist groß.\n".encode("cp1252"), "--encoding"),
        ("Zürich\n".encode() + "Köln\n".encode("cp1252"), "mixes encodings"),
        ("Ein schöner Tag in Köl".encode()[:-1] + "ö".encode()[:1], "in the middle of a character"),
        (gzip.compress(b"A text that is long enough to be cut. " * 50, mtime=0)[:-20], "cut or damaged"),
    ],
)
def test_a_bad_dump_gets_a_sentence_of_its_own_and_the_others_go_on(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    (tmp_path / "b.txt").write_text("A good page.")
    bad, good = read(tmp_path)
    assert says in sentence(bad)
    assert isinstance(good, Capture)


def test_an_encoding_that_is_named_is_used(tmp_path: Path) -> None:
    found = one(tmp_path / "a.txt", "Zürich".encode("cp1252"), encoding="cp1252")
    assert isinstance(found, Capture)
    assert found.content_type == "text/plain; charset=cp1252"


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no such file" in sentence(read(tmp_path / "nowhere")[0])


def test_json_lines_give_a_page_a_line_and_a_problem_a_bad_line(tmp_path: Path) -> None:
    lines = [
        json.dumps(ROW),
        "",
        '{"url": "x"}',
        "[1]",
        json.dumps({**ROW, "url": "https://news.test/b"})[:-9],
    ]
    path = tmp_path / "pages.jsonl"
    path.write_text("\n".join(lines))
    good, empty, no_object, cut = read(path)
    assert isinstance(good, Capture)
    assert (good.url, good.source_path, good.body) == (ROW["url"], f"{path}:1", b"<p>One.</p>")
    assert "neither `html` nor `text`" in sentence(empty)
    assert "no JSON object" in sentence(no_object)
    assert "cut in the middle" in sentence(cut)


def test_json_documents_of_other_tools_are_read_whole(tmp_path: Path) -> None:
    news_please = {"maintext": "Body.", "title": "T", "authors": ["A B"], "url": "https://n.test/1",
                   "date_publish": "2020-01-02 03:04:05", "date_download": "2020-01-03 00:00:00"}  # fmt: skip
    found = one(tmp_path / "a.json", json.dumps(news_please, indent=2).encode())
    assert isinstance(found, Capture)
    assert found.hints is not None
    assert (found.hints.headline, found.hints.authors, found.hints.date_published) == (
        "T",
        ("A B",),
        "2020-01-02 03:04:05",
    )
    assert found.fetched_at == datetime(2020, 1, 3, tzinfo=UTC)
    (tmp_path / "b.json").write_text(json.dumps([ROW, ROW], indent=1))
    assert len(read(tmp_path / "b.json")) == 2


def test_trafilatura_and_zyte_names_are_known() -> None:
    trafilatura = {
        "source": "https://t.test/",
        "text": "Body.",
        "title": "T",
        "author": "A B; C D",
        "date": "2020-01-02",
    }
    zyte = {"url": "https://z.test/", "articleBody": "Body.", "headline": "T",
            "authors": [{"name": "A B"}, {"name": "C D"}], "datePublished": "2020-01-02"}  # fmt: skip
    first, second = (capture_of_row(row, source_path="x", now=NOW) for row in (trafilatura, zyte))
    assert first.hints == second.hints
    assert (first.url, second.url) == ("https://t.test/", "https://z.test/")


KEYS = st.sampled_from(["url", "html", "text", "title", "authors", "date", "fetched_at"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(JSON)
def test_any_json_value_is_a_page_or_has_a_sentence_that_says_why_not(row: object) -> None:
    holds_page = isinstance(row, dict) and any(
        isinstance(row.get(k), str) and row[k] for k in ("html", "text")
    )
    if holds_page:
        assert capture_of_row(row, source_path="x", now=NOW).body
    else:
        with pytest.raises(RowError, match=r"."):
            capture_of_row(row, source_path="x", now=NOW)


def test_a_line_without_end_is_refused_and_the_next_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.reload.walk.LINE_BYTES", 1000)
    good = json.dumps(ROW)
    (tmp_path / "pages.jsonl").write_text(
        "\n".join([good, json.dumps({"text": "x" * 5000}), good, "x" * 3000])
    )
    first, long, second, last = read(tmp_path / "pages.jsonl")
    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert [sentence(found) for found in (long, last)] == ["the line is longer than 0 MB"] * 2


def test_a_revisit_finds_its_page_in_another_file_of_the_folder(tmp_path: Path) -> None:
    def record(kind: str, date: str, body: bytes) -> bytes:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
        head = (
            f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{date}>\r\nWARC-Date: {date}\r\n"
            "WARC-Target-URI: https://press.example/a\r\nWARC-Payload-Digest: sha1:SAME\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        return head.encode() + block + b"\r\n\r\n"

    (tmp_path / "a.warc").write_bytes(record("revisit", "2024-02-02T00:00:00Z", b""))
    page = record("response", "2024-01-01T00:00:00Z", b"<p>the page")
    (tmp_path / "b.warc.zst").write_bytes(zstandard.ZstdCompressor().compress(page))
    first, again = captures_in([tmp_path], now=lambda: NOW)
    assert isinstance(first, Capture)
    assert isinstance(again, Capture)
    assert (again.body, again.fetched_at.month, again.source_path) == (
        first.body,
        2,
        str(tmp_path / "a.warc"),
    )
    (problem,) = captures_in([tmp_path / "a.warc"], now=lambda: NOW)
    assert isinstance(problem, ReadProblem)
    assert "is in none of the files read: name the file that holds it as well" in problem.sentence

"""Paths → captures: folders walked in order, each file read as what its content says it is."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from archive import RecordProblem, read_wacz, read_warc
from archive.values import Capture, Form
from crawler.reload.problems import ReadProblem
from crawler.reload.rows import RowError, capture_of_row
from crawler.reload.sniff import HEAD_BYTES, FileForm, binary_word, gunzip_head, sniff
from pipelines import PageError, read_page

#: A file with more than this is no page; responses are capped at the same size.
PAGE_BYTES = 20 << 20

Found = Capture | ReadProblem


def captures_in(
    paths: Iterable[Path], *, now: Callable[[], datetime], encoding: str | None = None
) -> Iterator[Found]:
    """Every page under `paths`, folders in sorted order; one problem for each thing that cannot be read.

    `encoding` is what plain text and HTML without a declaration is read as instead of UTF-8.
    """
    for path in paths:
        if not path.exists():
            yield ReadProblem(path=str(path), sentence="there is no such file or folder; check the path")
            continue
        for file in files_under(path):
            yield from _captures_of(file, now, encoding)


def files_under(path: Path) -> Iterator[Path]:
    """`path` itself, or all files below it in sorted order, without hidden ones."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _captures_of(file: Path, now: Callable[[], datetime], encoding: str | None) -> Iterator[Found]:
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        form = sniff(head)
        if form is FileForm.EMPTY:
            yield _problem(file, "the file is empty; there is nothing to clean")
        elif form is FileForm.BINARY:
            word = binary_word(gunzip_head(head) if head[:2] == b"\x1f\x8b" else head)
            yield _problem(file, f"it is {word}, not a page; pass text, HTML, JSON Lines, WARC or WACZ")
        elif form in (FileForm.WARC, FileForm.WACZ):
            yield from _records(file, form)
        elif form is FileForm.JSON:
            yield from _rows(file, head, now)
        else:
            yield _page(file, head, form, now, encoding)
    except (OSError, EOFError, zlib.error) as error:  # gzip says each of these for a cut or damaged file
        yield _problem(file, f"it cannot be read to its end ({error}); the file may be cut or damaged")


def _records(file: Path, form: FileForm) -> Iterator[Found]:
    for found in read_warc(file) if form is FileForm.WARC else read_wacz(file):
        if isinstance(found, RecordProblem):
            yield ReadProblem(path=f"{file}@{found.offset}", sentence=found.sentence)
        else:
            yield found


def _rows(file: Path, head: bytes, now: Callable[[], datetime]) -> Iterator[Found]:
    """JSON Lines; or one JSON document, as news-please and trafilatura write (an object, or an array)."""
    with _opened(file, head) as stream:
        first = stream.readline()
        if not _is_json(first) and (whole := _document(first + stream.read(PAGE_BYTES))) is not None:
            yield from _numbered(file, enumerate(whole, 1), now)
            return
    with _opened(file, head) as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                yield from _numbered(file, [(number, json.loads(line.decode("utf-8-sig")))], now)
            except (ValueError, RecursionError) as error:
                what = "is cut in the middle or no JSON" if not line.endswith(b"\n") else "is no JSON"
                yield ReadProblem(
                    path=f"{file}:{number}", sentence=f"the line {what} ({error}); mend or delete it"
                )


def _numbered(file: Path, rows: Iterable[tuple[int, object]], now: Callable[[], datetime]) -> Iterator[Found]:
    for number, row in rows:
        place = f"{file}:{number}"
        try:
            yield capture_of_row(row, source_path=place, now=now())
        except RowError as error:
            yield ReadProblem(path=place, sentence=str(error))


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return not line.lstrip().startswith(b"[")


def _document(data: bytes) -> list[object] | None:
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, list) else [whole]


def _page(
    file: Path, head: bytes, form: FileForm, now: Callable[[], datetime], encoding: str | None
) -> Found:
    with _opened(file, head) as stream:
        body = stream.read(PAGE_BYTES + 1)
    kind: Form = "html" if form is FileForm.HTML else "text"
    media_type = "text/html" if kind == "html" else "text/plain"
    content_type = media_type + (f"; charset={encoding}" if encoding else "")
    try:
        # Told here, where the file's name is at hand, and before anything is stored.
        page = read_page(body, content_type=content_type, form=kind)
    except PageError as error:
        hint = "" if encoding or kind == "html" else ", or name its encoding with --encoding"
        return _problem(file, str(error).removeprefix("the page ") + hint)
    return Capture(
        url="",
        fetched_at=now(),
        body=body,
        content_type=f"{media_type}; charset={page.encoding}",
        source="html" if kind == "html" else "dump",
        source_path=str(file),
    )


def _opened(file: Path, head: bytes) -> IO[bytes]:
    if head.startswith(b"\x1f\x8b"):
        return io.BufferedReader(gzip.GzipFile(filename=file, mode="rb"))
    return file.open("rb")


def _problem(file: Path, sentence: str) -> ReadProblem:
    return ReadProblem(path=str(file), sentence=sentence)

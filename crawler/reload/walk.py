"""Paths → captures: folders walked in order, each file read as what its content says it is."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from w3lib.encoding import html_body_declared_encoding

from archive import RecordProblem
from archive.originals import Originals
from archive.reading import read_wacz, read_warc, settle
from archive.values import Capture, Form
from crawler.reload.problems import ReadProblem
from crawler.reload.rows import RowError, capture_of_row
from crawler.reload.sniff import HEAD_BYTES, FileForm, binary_word, gunzip_head, sniff
from pipelines import PageError, read_page

#: A file with more than this is no page; responses are capped at the same size.
PAGE_BYTES = 20 << 20
#: A page as a JSON string takes up to six times its bytes (`\\u003c`); beyond this a line is an attack.
LINE_BYTES = 64 << 20
#: Declarations must stand in a page's first 1024 bytes (HTML standard, 4.2.5.4); pages exceed that.
_DECLARATION_BYTES = 4096

#: The path that stands for standard input, and how it is called in messages.
STANDARD_INPUT = Path("-")
_STANDARD_INPUT_NAME = "standard input"

#: Files that lie beside pages in folders and never are one: as text they would become articles of code and
#: settings. Only for files found in a folder; one that is named is always read. Not here, because pages do
#: come in them: no suffix, .txt, .text, .dump, .md (web clippers), .json (by its content), .pdf (it may well
#: be an article, so it is told that we cannot read it).
NO_PAGES: frozenset[str] = frozenset(
    {
        *(".py", ".pyc", ".js", ".mjs", ".css", ".map", ".sh", ".bat", ".sql"),  # programs, styles
        *(".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".lock"),  # settings
        *(".db", ".sqlite", ".sqlite3", ".db-wal", ".db-shm"),  # databases
        *(".csv", ".tsv", ".log"),  # tables and logs, which are lists of pages at best
        *(".xml", ".xsl", ".rss", ".atom"),  # feeds, sitemaps
        *(".cdx", ".cdxj", ".idx", ".md5", ".sha1", ".sha256"),  # indexes and checksums beside WARC files
        # What browsers lay into NAME_files/ when they save a page.
        *(".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".woff", ".woff2", ".ttf"),
    }
)

Found = Capture | ReadProblem


def captures_in(
    paths: Iterable[Path], *, now: Callable[[], datetime], encoding: str | None = None
) -> Iterator[Found]:
    """Every page under `paths`, folders in sorted order; one problem for each thing that cannot be read.

    `encoding` is what plain text, and HTML that declares none, is read as instead of UTF-8. The path `-` is
    standard input; named pipes are read as well.
    """
    with Originals() as originals:
        for path in paths:
            waited, found = originals.count, False
            for item in _captures_under(path, now, encoding, originals):
                found = True
                yield item
            if not found and originals.count == waited:
                yield ReadProblem(path=str(path), sentence="there are no pages in it; check the path")
        yield from map(_as_found, settle(originals))


def _captures_under(
    path: Path, now: Callable[[], datetime], encoding: str | None, originals: Originals
) -> Iterator[Found]:
    if path == STANDARD_INPUT:
        yield from _streamed(sys.stdin.buffer, _STANDARD_INPUT_NAME, now, encoding)
    elif not os.path.exists(path):  # unlike Path.exists it takes a name that is too long for one
        yield ReadProblem(path=str(path), sentence="there is no such file or folder; check the path")
    elif _is_stream(path):
        try:
            with path.open("rb") as stream:
                yield from _streamed(stream, str(path), now, encoding)
        except OSError as error:
            yield ReadProblem(path=str(path), sentence=f"it cannot be read ({error.strerror or error})")
    else:
        for file in files_under(path):
            yield from _captures_of(file, now, encoding, originals)


def files_under(path: Path) -> Iterator[Path]:
    """`path` itself, or all files below it in sorted order.

    Of a folder hidden files are left out, and files that by their names are no pages (`NO_PAGES`). Of an
    archive of ours only the raw records are read: the rest was made of them.
    """
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        if "articles.db" in names and "warc" in folders:
            folders[:], names = ["warc"], []
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = (Path(folder, name) for name in sorted(names) if not name.startswith("."))
        yield from (file for file in files if not _is_no_page(file) and not _is_stream(file))


def _is_no_page(file: Path) -> bool:
    suffixes = [suffix.lower() for suffix in file.suffixes]
    return any(suffix in NO_PAGES for suffix in suffixes[-2 if suffixes[-1:] == [".gz"] else -1 :])


def _is_stream(path: Path) -> bool:
    """A pipe, socket or device: it can be read once, and one that lies in a folder may never end."""
    return path.is_fifo() or path.is_socket() or path.is_char_device() or path.is_block_device()


def _streamed(
    stream: IO[bytes], name: str, now: Callable[[], datetime], encoding: str | None
) -> Iterator[Found]:
    """What comes through a pipe, read as a file is: through a temporary one, since files are read twice."""
    with tempfile.TemporaryDirectory(prefix="pressmark-") as folder:
        file = Path(folder, "input")
        with file.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)

        def named(place: str) -> str:
            return name + place.removeprefix(str(file))

        for item in _captures_of(file, now, encoding, None):
            if isinstance(item, ReadProblem):
                yield ReadProblem(path=named(item.path), sentence=item.sentence.replace(str(file), name))
            else:
                yield msgspec.structs.replace(item, source_path=named(item.source_path))


def _captures_of(
    file: Path, now: Callable[[], datetime], encoding: str | None, originals: Originals | None
) -> Iterator[Found]:
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
            read = read_warc if form is FileForm.WARC else read_wacz
            yield from map(_as_found, read(file, originals=originals))
        elif form is FileForm.JSON:
            yield from _rows(file, head, now)
        else:
            yield _page(file, head, form, now, encoding)
    except (OSError, EOFError, zlib.error) as error:  # gzip says each of these for a cut or damaged file
        yield _problem(file, f"it cannot be read to its end ({error}); the file may be cut or damaged")


def _as_found(item: Capture | RecordProblem) -> Found:
    if isinstance(item, RecordProblem):
        return ReadProblem(path=f"{item.path}@{item.offset}", sentence=item.sentence)
    return item


def _rows(file: Path, head: bytes, now: Callable[[], datetime]) -> Iterator[Found]:
    """JSON Lines; or one JSON document, as news-please and trafilatura write (an object, or an array)."""
    with _opened(file, head) as stream:
        first = stream.readline(LINE_BYTES)
        if not _is_json(first) and (whole := _document(first + stream.read(PAGE_BYTES))) is not None:
            yield from _numbered(file, enumerate(whole, 1), now)
            return
    with _opened(file, head) as stream:
        for number, line in enumerate(_lines(stream), 1):
            if not line.strip():
                continue
            if len(line) > LINE_BYTES:
                place = f"{file}:{number}"
                yield ReadProblem(path=place, sentence=f"the line is longer than {LINE_BYTES >> 20} MB")
                continue
            try:
                yield from _numbered(file, [(number, json.loads(line.decode("utf-8-sig")))], now)
            except (ValueError, RecursionError) as error:
                what = "is cut in the middle or no JSON" if not line.endswith(b"\n") else "is no JSON"
                yield ReadProblem(
                    path=f"{file}:{number}", sentence=f"the line {what} ({error}); mend or delete it"
                )


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines of bounded length: of a longer one the beginning, `LINE_BYTES` and one, stands for all of it."""
    while line := stream.readline(LINE_BYTES + 1):
        yield line
        rest = line
        while len(rest) > LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_BYTES + 1)


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
    named = encoding if kind == "text" or not html_body_declared_encoding(body[:_DECLARATION_BYTES]) else None
    content_type = media_type + (f"; charset={named}" if named else "")
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

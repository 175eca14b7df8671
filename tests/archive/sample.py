"""Small real archives for this room's tests: a clock that stands, counted record ids, short pages."""

from __future__ import annotations

import gzip
import itertools
import sqlite3
import subprocess
import sys
import uuid
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from archive import Archive
from archive.digests import payload_digest
from archive.values import Article, Block, Capture, Exchange, Source

START = datetime(2024, 5, 2, 8, 0, tzinfo=UTC)
CLEANER = "cleaner 1"


def at(hours: float) -> datetime:
    """A moment so many hours after the archive's first."""
    return START + timedelta(hours=hours)


def counted_ids() -> Callable[[], uuid.UUID]:
    """Record ids that are the same in every run: …0001, …0002 and so on."""
    numbers = itertools.count(1)
    return lambda: uuid.UUID(int=next(numbers))


def open_archive(root: Path, **options: Any) -> Archive:
    """An archive whose clock stands still, with counted record ids after those that are there."""
    settings: dict[str, Any] = {
        "software": "pressmark/test",
        "operator": "A. Librarian",
        "user_agent": "pressmark-test (+https://press.example/bot)",
        "clock": lambda: START,
        "host": "reading-room",
    }
    return Archive.open(root, **(settings | options))


def article(text: str, **fields: Any) -> Article:
    """An article of one paragraph with a menu cut from it."""
    blocks = (
        Block(position=1, text="Home News Sport", label="nav", reason="links only", score=0.9),
        Block(position=2, text=text, label="body", reason="a paragraph"),
    )
    defaults: dict[str, Any] = {
        "site": "press.example",
        "headline": "A headline",
        "authors": ("Zoë Quill",),
        "language": "en",
        "text": text,
        "markdown": text,
        "word_count": len(text.split()),
        "text_digest": payload_digest(text.encode("utf-8", "surrogatepass")),
        "cleaner": CLEANER,
        "blocks": blocks,
    }
    return Article(**(defaults | fields))


def dump(body: bytes, url: str = "", **fields: Any) -> Capture:
    """A page of a plain-text dump."""
    defaults: dict[str, Any] = {
        "url": url,
        "fetched_at": START,
        "body": body,
        "content_type": "text/plain",
        "source": "dump",
        "source_path": "dumps/page.txt",
    }
    return Capture(**(defaults | fields))


def exchange(
    body: bytes, url: str = "https://press.example/ferry", hours: float = 0, **fields: Any
) -> Exchange:
    """A GET and its answer."""
    defaults: dict[str, Any] = {
        "url": url,
        "request_headers": ((b"Host", b"press.example"), (b"User-Agent", b"pressmark-test")),
        "status": 200,
        "reason": "OK",
        "response_headers": ((b"Content-Type", b"text/html; charset=utf-8"),),
        "response_body": body,
        "ip_address": "192.0.2.7",
        "fetched_at": at(hours),
    }
    return Exchange(**(defaults | fields))


def crawled(
    body: bytes,
    url: str = "https://press.example/ferry",
    hours: float = 0,
    source: Source = "crawl",
    **fields: Any,
) -> Capture:
    """A page as the crawler hands it over."""
    made = exchange(body, url, hours, **fields)
    return Capture(
        url=url,
        fetched_at=made.fetched_at,
        body=body,
        content_type="text/html; charset=utf-8",
        status=made.status,
        source=source,
        exchange=made,
    )


def keep(archive: Archive, capture: Capture, text: str, **fields: Any) -> str:
    """Store, clean (not really) and keep one page."""
    return archive.keep(archive.store_raw(capture), article(text, **fields))


def warcs(root: Path) -> list[Path]:
    """Every finished WARC file."""
    return sorted([*root.glob("warc/**/*.gz"), *root.glob("wet/**/*.gz")])


def raw_file(root: Path) -> Path:
    """The only file of raw records."""
    (path,) = root.glob("warc/**/*.gz")
    return path


def members_of(path: Path) -> list[bytes]:
    """The unpacked bytes of each gzip member."""
    data = path.read_bytes()
    starts = [*member_offsets(data), len(data)]
    return [gzip.decompress(data[start:end]) for start, end in itertools.pairwise(starts)]


def member_offsets(data: bytes) -> list[int]:
    """Where each gzip member of well-formed `data` begins."""
    offsets, at_byte = [], 0
    while at_byte < len(data):
        offsets.append(at_byte)
        member = zlib.decompressobj(31)
        member.decompress(data[at_byte:])
        at_byte = len(data) - len(member.unused_data)
    return offsets


def rows(root: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """What a plain SQLite client sees."""
    db = sqlite3.connect(f"file:{root / 'articles.db'}?mode=ro", uri=True)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def change_rows(root: Path, sql: str, *values: object) -> None:
    """Meddle with a closed archive."""
    db = sqlite3.connect(root / "articles.db")
    try:
        with db:
            db.execute(sql, values)
    finally:
        db.close()


def articles(root: Path) -> list[tuple[Any, ...]]:
    """What readers see, without the ids, which hang on the order of arrival."""
    return rows(
        root,
        """select articles.identity, articles.headline, articles.version, number, versions.text, change,
                  (select group_concat(label || text, '|') from account
                   where account.article_id = articles.id and account.version = number)
           from articles join versions on article_id = articles.id order by identity, number""",
    )


def warcio_check(*paths: Path) -> None:
    """Have warcio judge files, if there are any; its verdict is an exit code and its findings."""
    if not paths:
        return
    # warcio 1.7 unpacks bodies for no need of the check, and crashes on those in brotli where the package of
    # that name is at hand (it expects another one's interface): so it is told that there is none.
    script = "import sys; sys.modules['brotli'] = None; from warcio.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def replaced(value: Any, **changes: Any) -> Any:
    """A frozen value with some fields changed."""
    return msgspec.structs.replace(value, **changes)


def ticking() -> Callable[[], datetime]:
    """A clock that advances a second at each look."""
    seconds: Iterator[int] = itertools.count()
    return lambda: START + timedelta(seconds=next(seconds))

"""Where the payloads stand that revisits repeat: across the files of one reading, on disk, not in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from hashlib import blake2b
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from archive.values import Source

#: Opens a file that was read once more; raises OSError where it is not there any more.
Opener = Callable[[], AbstractContextManager[BinaryIO]]


class Place(msgspec.Struct, frozen=True):
    """Where a response was read."""

    open: Opener
    offset: int


class Waiting(msgspec.Struct, frozen=True):
    """A revisit whose original was not read yet; `again` once it is asked for at the end."""

    offset: int
    path: str
    origin: Source
    fields: dict[str, str]
    block: bytes
    again: bool = False


class Originals:
    """The responses of all files read so far, and the revisits that wait for one; a context manager.

    A million responses take some 100 MB in a temporary file and 8 MB of memory.
    """

    def __init__(self) -> None:
        self._files: list[Opener] = []
        #: Revisits that were put to wait.
        self.count = 0
        self._db = sqlite3.connect(
            "", isolation_level=None
        )  # no name: a temporary file, gone with the process
        self._db.executescript(
            """pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -8000;
            create table originals (key blob primary key, file integer, offset integer) without rowid;
            create table waiting (revisit blob)"""
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def reads(self, opener: Opener) -> None:
        """What is added from now on stands in the file that `opener` opens."""
        self._files.append(opener)

    def add(self, offset: int, fields: Mapping[str, str]) -> None:
        """Note a response, by its fields (lower-case names). Of two that are alike the first stands."""
        told = (
            ("id", fields.get("warc-record-id")),
            ("seen", _seen(fields.get("warc-target-uri"), fields.get("warc-date"))),
            ("payload", fields.get("warc-payload-digest")),
        )
        rows = [(_key(kind, value), len(self._files) - 1, offset) for kind, value in told if value]
        self._db.executemany("insert or ignore into originals values (?, ?, ?)", rows)

    def find(self, fields: Mapping[str, str]) -> Iterator[Place]:
        """Where the original of the revisit with these fields may stand, the likeliest place first."""
        told = (
            ("id", fields.get("warc-refers-to")),
            ("seen", _seen(fields.get("warc-refers-to-target-uri"), fields.get("warc-refers-to-date"))),
            ("payload", fields.get("warc-payload-digest")),
        )
        for kind, value in told:
            found = (
                value
                and self._db.execute(
                    "select file, offset from originals where key = ?", (_key(kind, value),)
                ).fetchone()
            )
            if found:
                yield Place(self._files[found[0]], found[1])

    def wait(self, revisit: Waiting) -> None:
        """Keep a revisit until all files were read."""
        self.count += 1
        self._db.execute("insert into waiting values (?)", (msgspec.json.encode(revisit),))

    def waiting(self) -> Iterator[Waiting]:
        """The revisits that waited, once, in order."""
        for (row,) in self._db.execute("select revisit from waiting order by rowid"):
            revisit = msgspec.json.decode(row, type=Waiting)
            yield msgspec.structs.replace(revisit, again=True)


def _seen(uri: str | None, date: str | None) -> str | None:
    return f"{date} {uri.strip('<>')}" if uri and date else None


def _key(kind: str, value: str) -> bytes:
    return blake2b(f"{kind} {value.strip().lower()}".encode("utf-8", "replace"), digest_size=16).digest()

"""What was seen on disk, in a temporary SQLite file: a row for each record, to be compared by SQL.

A dict of values took 584 bytes of memory a record (measured): gigabytes for an archive of millions. This
takes the 32 MB of SQLite's cache, and comparing is a join.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_TABLES = """
create table seen_files (
    number integer primary key,
    name text not null,                 -- as rows and messages name it
    unfinished integer not null         -- still named .open
);
create table seen_records (
    file integer not null,
    offset integer not null,            -- of the gzip member, or of the record where there is none
    length integer not null,
    record_id text,
    record_type text not null,
    refers_to text,
    concurrent_to text,
    url text,
    date text,
    payload_digest text,                -- as the record states it
    block_digest text,                  -- as it was computed; of conversions only
    support integer not null,           -- an exchange that is no page
    not_modified integer not null       -- a 304, which the capture index leaves out
);
-- Lines of the capture index.
create table seen_lines (file text not null, offset integer not null, length integer not null, digest text);
create table seen_damage (file integer not null, start integer not null, end integer not null);
"""

_INDEXES = """
create index seen_records_id on seen_records(record_id);
create index seen_files_name on seen_files(name);
create index seen_lines_place on seen_lines(file, offset);
create index seen_damage_place on seen_damage(file, start);
"""

_BATCH = 2000


class Ledger:
    """A temporary database with the tables above, filled once, then asked. Use it as a context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pressmark-verify-")
        self.path = Path(self._folder.name, "seen.db")
        self.db = sqlite3.connect(self.path, isolation_level=None)
        self.db.executescript(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -32000;" + _TABLES
        )
        self.db.execute("begin")
        self._waiting: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.db.close()
        self._folder.cleanup()

    def file(self, name: str, *, unfinished: bool) -> int:
        """A file is about to be read; its number."""
        cursor = self.db.execute(
            "insert into seen_files (name, unfinished) values (?, ?)", (name, unfinished)
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def record(self, *row: object) -> None:
        """One record: a value for each column of `seen_records`."""
        self._waiting.append(row)
        if len(self._waiting) >= _BATCH:
            self._flush()

    def damage(self, file: int, start: int, end: int) -> None:
        """A stretch of a file that cannot be read."""
        self.db.execute("insert into seen_damage values (?, ?, ?)", (file, start, end))

    def line(self, file: str, offset: int, length: int, digest: str | None) -> None:
        """A line of the capture index: where it says that a record stands, and of which payload."""
        self.db.execute("insert into seen_lines values (?, ?, ?, ?)", (file, offset, length, digest))

    def close_book(self) -> None:
        """All was seen: what follows only asks."""
        self._flush()
        self.db.execute("commit")
        self.db.executescript(_INDEXES)

    def _flush(self) -> None:
        marks = ", ".join("?" * 13)
        self.db.executemany(f"insert into seen_records values ({marks})", self._waiting)  # noqa: S608
        self._waiting.clear()

"""`articles.db` of an archive: where it stands, opened for its one writer and brought up to date, written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from archive import rows, schema
from archive.errors import ArchiveError

DATABASE = "articles.db"


def open_database(path: Path) -> sqlite3.Connection:
    """The database, made or brought up to date. One that could not be made is not left behind by halves."""
    is_new = not path.exists()
    try:
        connection = rows.connect(path)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"{path} cannot be opened as a database ({error}): restore it, or name another archive."
        ) from error
    try:
        schema.migrate(connection, str(path))
    except BaseException:
        connection.close()
        if is_new:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise
    return connection


@contextlib.contextmanager
def transaction(root: Path, db: sqlite3.Connection) -> Iterator[None]:
    """As `rows.transaction`; a database that cannot be written is an ArchiveError."""
    try:
        with rows.transaction(db):
            yield
    except sqlite3.OperationalError as error:
        raise ArchiveError(
            f"{root / DATABASE} could not be written ({error}): free the disk or end its holder."
        ) from error


@contextlib.contextmanager
def durable(db: sqlite3.Connection) -> Iterator[None]:
    """Have each transaction survive a power loss before what follows it (a rename, a deletion)."""
    db.execute("pragma synchronous = full")
    try:
        yield
    finally:
        db.execute("pragma synchronous = normal")

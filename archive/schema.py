"""Brings the tables of `articles.db` up to date, by the numbered migrations of `archive.migrations` only."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from archive.errors import ArchiveError, ArchiveTooNew
from archive.migrations import STEPS, m0002_search

migrations = Migrations("pressmark")
for _name, _apply in STEPS:
    migrations(name=_name)(_apply)

#: What full-text search reads. Changing it takes a migration.
FTS_COLUMNS = m0002_search.COLUMNS


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring the database up to date: whole, in one transaction, or not at all.

    Raises ArchiveTooNew for one from the future, and ArchiveError with SQLite's reason where a migration
    fails; the database is then as it was.
    """
    db = Database(connection)
    try:
        refuse_unknown(db, path)
        if not migrations.pending(db):
            return
        connection.execute("begin immediate")  # waits for another holder, which a later upgrade would not
        migrations.apply(db)
        connection.execute("commit")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("rollback")
        if isinstance(error, sqlite3.Error):
            raise ArchiveError(
                f"The tables of {path} could not be made or brought up to date ({error}), and stay as they"
                " were: free the disk, end its holder, or restore it from a copy."
            ) from error
        raise


def require_current(connection: sqlite3.Connection, path: str) -> None:
    """Raise unless the database has exactly the tables this version knows; changes nothing."""
    db = Database(connection)
    refuse_unknown(db, path)
    if migrations.pending(db):
        raise ArchiveError(
            f"{path} is from an older pressmark: run any command that writes to it once, such as reclean."
        )


def refuse_unknown(db: Database, path: str) -> None:
    """Raise ArchiveTooNew when a migration was applied that this version does not have."""
    unknown = _unknown([migration.name for migration in migrations.applied(db)])
    if unknown:
        raise ArchiveTooNew(path, unknown)


def _unknown(applied: Sequence[str]) -> tuple[str, ...]:
    known = {migration.name for migration in migrations._migrations}
    return tuple(name for name in applied if name not in known)

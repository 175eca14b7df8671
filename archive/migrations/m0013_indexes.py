"""An index that begins as another one does is only written."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

# `versions_edited` has the same columns and one more.
_INDEXES = """
drop index if exists versions_edits;
"""


def apply(db: Database) -> None:
    run(db, _INDEXES)

"""Scripts of several statements, in a migration's transaction."""

from __future__ import annotations

from sqlite_utils import Database


def run(db: Database, script: str) -> None:
    """Each statement of a script in turn (`executescript` would end the transaction)."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)

"""The rows that tell of WARC files: which records rows put where in them, and which bytes a file has.

Values come in, SQL goes out; nothing is decided here. The caller holds the transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from archive.rows import timestamp
from archive.warcfiles import FinishedFile

# Records in files -----------------------------------------------------------------------------------


def raw_records_in_file(db: sqlite3.Connection, file: str) -> dict[str, tuple[int, int]]:
    """Offset and length by record id, of every raw record that a row puts into `file`, page or not."""
    rows = db.execute(
        """select record_id, warc_offset, warc_length from captures where warc_file = ?1
           union all select record_id, warc_offset, warc_length from exchanges where warc_file = ?1""",
        (file,),
    )
    return {record_id: (offset, length) for record_id, offset, length in rows}


def conversions_in_file(db: sqlite3.Connection, file: str) -> dict[str, tuple[int, int]]:
    """Offset and length by record id, of every conversion that a row puts into `file`."""
    rows = db.execute(
        "select wet_record_id, wet_offset, wet_length from versions where wet_file = ?", (file,)
    )
    return {record_id: (offset, length) for record_id, offset, length in rows}


def file_ends(db: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """For each file that rows point into, how far they point."""
    for table in ("captures", "exchanges"):
        yield from db.execute(
            f"select warc_file, max(warc_offset + warc_length) from {table} group by warc_file"  # noqa: S608
        )
    yield from db.execute(
        """select wet_file, max(wet_offset + wet_length) from versions where wet_file is not null
           group by wet_file"""
    )


def files_being_rewritten(db: sqlite3.Connection) -> list[str]:
    """Files whose rows know a copy that has not yet taken their place."""
    return [name for (name,) in db.execute("select name from rewriting order by name")]


def rewriting_done(db: sqlite3.Connection, name: str) -> None:
    """The copy has taken the file's place."""
    db.execute("delete from rewriting where name = ?", (name,))


def withdrawn_in(db: sqlite3.Connection, file: str) -> dict[int, str]:
    """The records in `file` that a takedown has withdrawn: offset to record id."""
    rows = db.execute("select warc_offset, record_id from withdrawn where warc_file = ?", (file,))
    return dict(rows.fetchall())


def move_records(db: sqlite3.Connection, file: str, moved: Mapping[int, tuple[int, int]]) -> None:
    """Rows that point into `file` point at their records' new offsets (old offset to new one and length)."""
    for table, prefix in (("captures", "warc"), ("exchanges", "warc"), ("versions", "wet")):
        # Names of tables and columns are constants; updates go in order, downwards, so that none meets
        # another.
        db.executemany(
            f"update {table} set {prefix}_offset = ? where {prefix}_file = ? and {prefix}_offset = ?",  # noqa: S608
            [(new, file, old) for old, (new, _) in sorted(moved.items()) if new != old],
        )


# Files ----------------------------------------------------------------------------------------------


def write_files(
    db: sqlite3.Connection, files: Iterable[FinishedFile], at: datetime, run_id: int | None
) -> None:
    """Note which bytes files have that nothing is written to any more."""
    db.executemany(
        """insert into warc_files (name, size, sha256, finished_at, run_id) values (?, ?, ?, ?, ?)
           on conflict (name) do update set size = excluded.size, sha256 = excluded.sha256,
                                            finished_at = excluded.finished_at, manifest = null""",
        [(file.name, file.size, file.sha256, timestamp(at), run_id) for file in files],
    )


def files_to_tell(db: sqlite3.Connection) -> list[FinishedFile]:
    """Files that no manifest tells of as they are."""
    rows = db.execute("select name, size, sha256 from warc_files where manifest is null order by name")
    return [FinishedFile(name=name, size=size, sha256=sha256) for name, size, sha256 in rows]


def told(db: sqlite3.Connection, manifest: str) -> None:
    """The manifest tells of all files now."""
    db.execute("update warc_files set manifest = ? where manifest is null", (manifest,))


def known_files(db: sqlite3.Connection) -> set[str]:
    """Names of the files that `warc_files` tells of."""
    return {name for (name,) in db.execute("select name from warc_files")}

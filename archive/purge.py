"""Writing WARC files again without their withdrawn records; all others stay byte for byte as they are.

The shorter copy is written beside the file, checked and synced; then one transaction moves the rows' offsets
and notes that the copy is due; then it takes the file's name. A crash leaves either the file and rows as they
were, or a copy that the next opening puts in place (`register.finish_rewriting`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from archive import failpoints, file_rows, rows
from archive.errors import ArchiveError, NotStored
from archive.members import Member, members
from archive.reading import parse_record
from archive.register import REWRITTEN


def files_to_purge(db: sqlite3.Connection) -> list[str]:
    """Files that hold withdrawn records."""
    return [name for (name,) in db.execute("select distinct warc_file from withdrawn order by warc_file")]


def rewrite(root: Path, db: sqlite3.Connection, name: str, put_in_place: Callable[[], None]) -> int:
    """Purge one finished file; `put_in_place` lets the copy take its place. Returns how many records went.

    Raises ArchiveError where the file is damaged (nothing is purged blindly), NotStored where the disk
    refuses.
    """
    path = root / name
    if not path.exists():
        raise ArchiveError(f"{name} is not there: put it back, then purge again.")
    out = file_rows.withdrawn_in(db, name)
    copy = path.with_name(path.name + REWRITTEN)
    try:
        moved = _copy(path, copy, out, name)
        _compare(path, copy, moved, name)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise NotStored(str(copy), error) from error
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    failpoints.reached("copy-written")
    with rows.transaction(db):
        file_rows.move_records(db, name, moved)
        db.execute("delete from withdrawn where warc_file = ?", (name,))
        db.execute("insert or replace into rewriting (name) values (?)", (name,))
    failpoints.reached("rows-moved")
    put_in_place()
    return len(out)


def _copy(path: Path, copy: Path, out: Mapping[int, str], name: str) -> dict[int, tuple[int, int]]:
    """Copy the members that stay; where each of them stood, where it stands now, and its length."""
    moved: dict[int, tuple[int, int]] = {}
    at = 0
    with open(path, "rb") as source, open(copy, "wb") as target:
        found = members(source)
        for member in found:
            if not isinstance(member, Member):
                raise ArchiveError(
                    f"{name}, byte {member.offset:,}: a member {member}: a damaged file is not written again;"
                    " put it back from a copy, then purge."
                )
            if member.offset in out:
                if parse_record(member.data, member.offset).record_id != out[member.offset]:
                    raise ArchiveError(
                        f"{name}, byte {member.offset:,}: another record stands where one was taken down:"
                        " `pressmark verify` tells what was changed."
                    )
                continue
            target.write(_bytes(source.fileno(), member.offset, member.length))
            moved[member.offset] = (at, member.length)
            at += member.length
        target.flush()
        os.fsync(target.fileno())
    os.chmod(copy, path.stat().st_mode & 0o777)
    return moved


def _compare(path: Path, copy: Path, moved: dict[int, tuple[int, int]], name: str) -> None:
    """Read the copy from the disk again: each record as it was, and nothing else."""
    with open(path, "rb") as source, open(copy, "rb") as target:
        if os.fstat(target.fileno()).st_size != sum(length for _, length in moved.values()):
            raise ArchiveError(f"{name} could not be written again: its copy has another length.")
        for before, (after, length) in moved.items():
            if _bytes(source.fileno(), before, length) != _bytes(target.fileno(), after, length):
                raise ArchiveError(f"{name} could not be written again: its copy differs at byte {after:,}.")


def _bytes(handle: int, offset: int, length: int) -> bytes:
    pieces = []
    while length and (piece := os.pread(handle, length, offset)):
        pieces.append(piece)
        offset += len(piece)
        length -= len(piece)
    return b"".join(pieces)

"""After a kill or a power loss: files closed, torn tails set aside, rows and records made to agree.

Raw records are never thrown away: one without a row gets a row and is to be cleaned. Derived records
that no row points to are cut off; they are made again when the page is cleaned again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from archive import file_rows, rows
from archive.errors import ArchiveError
from archive.members import DamagedMember, Member, members
from archive.payload import PayloadError
from archive.reading import RawRecord, own_capture, parse_record, record_date
from archive.records import REQUESTED, is_rendered, role_of
from archive.rows import NewCapture, NewExchange, StoredCapture, StoredRecord
from archive.values import RecordRef, Value
from archive.warcfiles import OPEN_SUFFIX, sync_folder, warc_files

RAW_TYPES = frozenset({"response", "resource", "revisit"})


class TornTail(Value, frozen=True, kw_only=True):
    """The end of a file that held no whole record; its bytes are in `kept_at`."""

    file: str
    offset: int
    length: int
    kept_at: str


class Recovery(Value, frozen=True, kw_only=True):
    """What opening the archive had to put right; `happened` is False after an orderly close."""

    files: tuple[str, ...] = ()
    torn: tuple[TornTail, ...] = ()
    #: Places inside a recovered file that cannot be read; they were left as they are.
    damaged: tuple[str, ...] = ()
    #: Raw records that had no row yet: `Archive.orphans()` gives them to be cleaned.
    orphans: int = 0
    #: Finished files from which rows were made again, because the database held none at all.
    rebuilt: int = 0
    #: Derived records that no row pointed to, cut off.
    derived_cut: int = 0
    #: Rows whose record is not there, dropped (raw) or to be made again (derived).
    rows_lost: tuple[str, ...] = ()

    @property
    def happened(self) -> bool:
        return bool(self.files or self.rows_lost or self.rebuilt)

    def sentences(self) -> list[str]:
        """The same, for people."""
        said = [f"{len(self.files)} files left open by an interrupted run were closed."] if self.files else []
        said += [
            f"{torn.file}: {torn.length:,} bytes of an unfinished record were set aside in {torn.kept_at}."
            for torn in self.torn
        ]
        if self.rebuilt:
            said.append(f"The database was empty: its rows were made again from {self.rebuilt} WARC files.")
        said += [f"{place}." for place in self.damaged]
        if self.orphans:
            said.append(f"{self.orphans} pages were stored but not yet cleaned; they come first now.")
        if self.derived_cut:
            said.append(
                f"{self.derived_cut} derived records without a row were cut off; they are made again."
            )
        said += [f"{lost}." for lost in self.rows_lost]
        return said


def recover(root: Path, db: sqlite3.Connection) -> Recovery:
    """Put the archive right. Quick when it was closed in order. The caller holds the lock."""
    left_open = [(path, False) for path in warc_files(root, "warc", unfinished=True)]
    left_open += [(path, True) for path in warc_files(root, "wet", unfinished=True)]
    total = Recovery()
    if not rows.has_records(db):
        for path in warc_files(root, "warc", unfinished=False):
            total = _add(total, _rebuild(root, path, db))
    for path, derived in left_open:
        total = _add(total, _close_file(root, path, db, derived=derived))
    if left_open:
        total = _add(total, _drop_rows_beyond_files(root, db))
    return total


def _add(one: Recovery, other: Recovery) -> Recovery:
    return Recovery(
        files=one.files + other.files,
        torn=one.torn + other.torn,
        damaged=one.damaged + other.damaged,
        orphans=one.orphans + other.orphans,
        rebuilt=one.rebuilt + other.rebuilt,
        derived_cut=one.derived_cut + other.derived_cut,
        rows_lost=one.rows_lost + other.rows_lost,
    )


def _rebuild(root: Path, path: Path, db: sqlite3.Connection) -> Recovery:
    """Give the records of a finished file rows again: the database was lost, or moved away as broken."""
    name = path.relative_to(root).as_posix()
    found, damages = _scan(path, name)
    damaged = tuple(f"{name}, byte {damage.offset:,}: {damage}" for damage in damages)
    return _add(Recovery(rebuilt=1, damaged=damaged), _reconcile_raw(db, name, found))


class _Found(Value, frozen=True, kw_only=True):
    """A whole record of a file: where it stands, and the row it would need if it has none."""

    record_id: str
    offset: int
    length: int
    row: NewCapture | NewExchange | None


def _close_file(root: Path, path: Path, db: sqlite3.Connection, *, derived: bool) -> Recovery:
    """Bring one `.open` file to its end: only whole records, all of them with rows, final name."""
    final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    name = final.relative_to(root).as_posix()
    if final.exists():
        raise ArchiveError(f"{name} exists twice, finished and unfinished: move one of the two away.")
    found, damages = _scan(path, name)
    end = found[-1].offset + found[-1].length if found else 0
    torn = _set_aside(root, path, name, end)
    if derived:
        keep_until, outcome = _reconcile_derived(db, name, found)
        os.truncate(path, keep_until)
        found = [record for record in found if record.offset < keep_until]
    else:
        outcome = _reconcile_raw(db, name, found)
    if len(found) <= 1:
        path.unlink()  # nothing, or nothing but its warcinfo
    else:
        _sync_file(path)
        os.rename(path, final)
    sync_folder(path.parent)
    damaged = tuple(f"{name}, byte {damage.offset:,}: {damage}" for damage in damages if damage.offset < end)
    return _add(Recovery(files=(name,), torn=torn, damaged=damaged), outcome)


def _scan(path: Path, name: str) -> tuple[list[_Found], list[DamagedMember]]:
    """Every whole record of a file, and what cannot be read."""
    found: list[_Found] = []
    damages: list[DamagedMember] = []
    with open(path, "rb") as file:
        for member in members(file):
            if isinstance(member, DamagedMember):
                damages.append(member)
                continue
            try:
                found.append(_found(member, name))
            except (ValueError, KeyError, PayloadError) as error:
                damages.append(DamagedMember(member.offset, f"holds a record that cannot be read ({error})"))
    return found, damages


def _found(member: Member, name: str) -> _Found:
    record = parse_record(member.data, member.offset)
    return _Found(
        record_id=record.record_id,
        offset=member.offset,
        length=member.length,
        row=_row_of(record, name, member),
    )


def _row_of(record: RawRecord, name: str, member: Member) -> NewCapture | NewExchange | None:
    """The row that a raw record of ours would get; None for records that have none."""
    if record.record_type not in RAW_TYPES and not is_rendered(record.fields):
        return None
    digest = record.fields["warc-payload-digest"]
    stored = StoredRecord(
        ref=RecordRef(
            file=name,
            offset=member.offset,
            length=member.length,
            record_id=record.record_id,
            payload_digest=digest,
        ),
        record_type=record.record_type,
        url=record.fields["warc-target-uri"],
        fetched_at=record_date(record),
        payload_digest=digest,
        # A revisit says so of the body that it leaves out.
        truncated=None if record.record_type == "revisit" else record.fields.get("warc-truncated"),
    )
    capture = own_capture(record, b"")
    role = role_of(record.fields)
    if role is None:
        fields = {field: getattr(stored, field) for field in stored.__struct_fields__}
        requested = record.fields.get(REQUESTED.lower(), "")
        capture = msgspec.structs.replace(capture, requested_url=requested)
        return rows.new_capture(capture, StoredCapture(**fields), None)
    return NewExchange(
        stored=stored,
        status=capture.status or 0,
        content_type=capture.content_type,
        role=role,
        run_id=None,
    )


def _set_aside(root: Path, path: Path, name: str, end: int) -> tuple[TornTail, ...]:
    """Copy what stands behind the last whole record to `state/torn/`, then cut it off."""
    length = path.stat().st_size - end
    if not length:
        return ()
    folder = root / "state" / "torn"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{Path(name).name}.{end}"
    with open(path, "rb") as torn, open(kept, "wb") as copy:
        torn.seek(end)
        shutil.copyfileobj(torn, copy)
        copy.flush()
        os.fsync(copy.fileno())
    os.truncate(path, end)
    return (TornTail(file=name, offset=end, length=length, kept_at=kept.relative_to(root).as_posix()),)


def _reconcile_raw(db: sqlite3.Connection, name: str, found: list[_Found]) -> Recovery:
    """Give each raw record its row; drop rows whose record is not in the file."""
    known = file_rows.raw_records_in_file(db, name)
    withdrawn = file_rows.withdrawn_in(db, name)
    orphans = 0
    with rows.transaction(db):
        for record in found:
            if withdrawn.get(record.offset) == record.record_id:
                continue
            if known.pop(record.record_id, None) is None and record.row is not None:
                rows.write(db, record.row)
                orphans += isinstance(record.row, NewCapture)
        for record_id in known:
            rows.forget_raw_record(db, record_id)
    return Recovery(orphans=orphans, rows_lost=_lost(name, known))


def _reconcile_derived(db: sqlite3.Connection, name: str, found: list[_Found]) -> tuple[int, Recovery]:
    """Where to cut a file of derived records: behind the last one that a row points to, or its warcinfo."""
    known = file_rows.conversions_in_file(db, name)
    pointed_at = [record for record in found if known.pop(record.record_id, None) is not None]
    with rows.transaction(db):
        for record_id in known:
            rows.forget_conversion(db, record_id)
    last = (pointed_at or found[:1])[-1:]
    keep_until = last[0].offset + last[0].length if last else 0
    cut = sum(record.offset >= keep_until for record in found)
    return keep_until, Recovery(derived_cut=cut, rows_lost=_lost(name, known))


def _drop_rows_beyond_files(root: Path, db: sqlite3.Connection) -> Recovery:
    """Rows that point behind the end of a finished file, or into one that is gone (a disk that lied)."""
    lost: tuple[str, ...] = ()
    for name, end in list(file_rows.file_ends(db)):
        path = root / name
        size = path.stat().st_size if path.exists() else 0
        if end <= size:
            continue
        captures = {k: v for k, v in file_rows.raw_records_in_file(db, name).items() if sum(v) > size}
        conversions = {k: v for k, v in file_rows.conversions_in_file(db, name).items() if sum(v) > size}
        with rows.transaction(db):
            for record_id in captures:
                rows.forget_raw_record(db, record_id)
            for record_id in conversions:
                rows.forget_conversion(db, record_id)
        lost += _lost(name, captures | conversions)
    return Recovery(rows_lost=lost)


def _lost(name: str, record_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name} has lost the record {record_id}" for record_id in record_ids)


def _sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

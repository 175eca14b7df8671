"""Whether an archive is what it claims: rows point at their records, records have their rows, texts agree."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from archive.catalogue import connect_read_only
from archive.digests import payload_digest
from archive.errors import ArchiveError
from archive.members import DamagedMember, Member, members
from archive.reading import RawRecord, is_support, parse_record
from archive.recovery import RAW_TYPES
from archive.store import DATABASE
from archive.warcfiles import warc_files


class _OnDisk(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a record while rows are compared with it."""

    file: str
    offset: int
    length: int
    record_type: str
    refers_to: str
    support: bool
    payload_digest: str
    block_digest: str

    @property
    def place(self) -> tuple[str, int, int]:
        return self.file, self.offset, self.length


def check(root: str | Path) -> list[str]:
    """Every broken promise of the archive in folder `root`, a sentence each; an empty list when it is sound.

    Reads every record once and changes nothing. Meant for an archive that nobody is writing to: files
    still named `.open` are named as such.
    """
    root = Path(root)
    if not (root / DATABASE).is_file():
        raise ArchiveError(f"There is no archive in {root}: name one with --archive.")
    said = [
        f"{path.relative_to(root)} was not closed: any command that writes to the archive recovers it."
        for folder in ("warc", "wet")
        for path in warc_files(root, folder, unfinished=True)
    ]
    on_disk: dict[str, _OnDisk] = {}
    for folder in ("warc", "wet"):
        for path in warc_files(root, folder, unfinished=False):
            said.extend(_read_file(path, path.relative_to(root).as_posix(), on_disk))
    db = connect_read_only(root / DATABASE)
    try:
        for ask in (_database, _captures, _versions, _articles):
            said.extend(ask(db, on_disk))
    finally:
        db.close()
    return said


def _read_file(path: Path, name: str, on_disk: dict[str, _OnDisk]) -> Iterator[str]:
    with open(path, "rb") as file:
        for place, member in enumerate(members(file)):
            where = f"{name}, byte {member.offset:,}"
            if isinstance(member, DamagedMember):
                yield f"{where}: a gzip member {member}."
                continue
            try:
                record = parse_record(member.data, member.offset)
            except ValueError as error:
                yield f"{where}: {error}."
                continue
            yield from _judge_record(record, where, first=place == 0)
            if record.record_id in on_disk:
                yield f"{where}: the record {record.record_id} stands twice."
            on_disk[record.record_id] = _remember(record, name, member)


def _judge_record(record: RawRecord, where: str, *, first: bool) -> Iterator[str]:
    if first != (record.record_type == "warcinfo"):
        yield f"{where}: a warcinfo record must come first, and only there."
    if record.fields.get("warc-block-digest") != payload_digest(record.block):
        yield f"{where}: the block does not match its digest."


def _remember(record: RawRecord, name: str, member: Member) -> _OnDisk:
    return _OnDisk(
        file=name,
        offset=member.offset,
        length=member.length,
        record_type=record.record_type,
        refers_to=record.fields.get("warc-refers-to", ""),
        support=is_support(record),
        payload_digest=record.fields.get("warc-payload-digest", ""),
        block_digest=record.fields.get("warc-block-digest", ""),
    )


def _database(db: sqlite3.Connection, on_disk: dict[str, _OnDisk]) -> Iterator[str]:
    for (verdict,) in db.execute("pragma integrity_check"):
        if verdict != "ok":
            yield f"{DATABASE}: {verdict}."
    for table, rowid, parent, _ in db.execute("pragma foreign_key_check"):
        yield f"{DATABASE}: row {rowid} of {table} points at no row of {parent}."


def _captures(db: sqlite3.Connection, on_disk: dict[str, _OnDisk]) -> Iterator[str]:
    with_row = {record_id for (record_id,) in db.execute("select record_id from withdrawn")}
    rows = db.execute(
        "select id, record_id, warc_file, warc_offset, warc_length, record_type, payload_digest from captures"
    )
    for number, record_id, file, offset, length, record_type, digest in rows:
        with_row.add(record_id)
        record = on_disk.get(record_id)
        if record is None or record.place != (file, offset, length):
            yield f"Capture {number} points at {file}, byte {offset:,}, where its record does not stand."
        elif (record.record_type, record.payload_digest) != (record_type, digest):
            yield f"Capture {number} and its record {record_id} do not agree in type or payload digest."
    for record_id, record in on_disk.items():
        if record.record_type == "revisit" and record.refers_to not in on_disk:
            yield f"{record.file}, byte {record.offset:,}: the revisit refers to a record that is not there."
        if record.record_type in RAW_TYPES and not record.support and record_id not in with_row:
            yield f"{record.file}, byte {record.offset:,}: no capture points at the record {record_id}."


def _versions(db: sqlite3.Connection, on_disk: dict[str, _OnDisk]) -> Iterator[str]:
    rows = db.execute(
        """select versions.article_id, number, versions.text, wet_file, wet_offset, wet_length, wet_record_id,
                  record_id from versions join captures on captures.id = capture_id"""
    )
    for article_id, number, text, file, offset, length, wet_id, raw_id in rows:
        record = on_disk.get(wet_id)
        which = f"Version {number} of article {article_id}"
        if record is None or record.place != (file, offset, length):
            yield f"{which} points at {file}, byte {offset}, where its conversion record does not stand."
        elif record.record_type != "conversion" or record.refers_to != raw_id:
            yield f"{which}: its conversion record does not refer to the page it was made from."
        elif record.block_digest != payload_digest(text.encode("utf-8")):
            yield f"{which} and its conversion record hold different texts."
    for record in on_disk.values():
        if record.record_type in ("conversion", "metadata") and record.refers_to not in on_disk:
            where = f"{record.file}, byte {record.offset:,}"
            yield f"{where}: the {record.record_type} refers to a record that is not there."


#: Each query gives the ids of articles that break the promise beside it.
_ARTICLE_PROMISES = (
    (
        """select id from articles
           where version != (select count(*) from versions where article_id = articles.id)
              or version != (select coalesce(max(number), 0) from versions where article_id = articles.id)""",
        "its versions are not numbered from 1 to its count",
    ),
    (
        """select articles.id from articles
           join versions on article_id = articles.id and number = articles.version
           where versions.text_digest != articles.text_digest or versions.text != articles.text""",
        "it does not show the text of its newest version",
    ),
    (
        "select id from articles where not exists (select 1 from captures where article_id = articles.id)",
        "no capture belongs to it",
    ),
    (
        "select id from articles where id not in (select id from articles_fts_docsize)",
        "full-text search does not know it",
    ),
    (
        "select id from articles_fts_docsize where id not in (select id from articles)",
        "it is gone, but full-text search knows it",
    ),
)


def _articles(db: sqlite3.Connection, on_disk: dict[str, _OnDisk]) -> Iterator[str]:
    for query, broken in _ARTICLE_PROMISES:
        for (article_id,) in db.execute(query):
            yield f"Article {article_id}: {broken}."
    (unused,) = db.execute(
        "select count(*) from blocks where id not in (select block from removed)"
    ).fetchone()
    if unused:
        yield f"{unused} blocks stand in no account."
    (lost,) = db.execute(
        "select count(*) from captures where kind = 'article' and article_id is null and cleaner is not null"
    ).fetchone()
    if lost:
        yield f"{lost} captures of articles belong to none."

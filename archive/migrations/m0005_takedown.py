"""Records that were taken down and are in their files still."""

from __future__ import annotations

from sqlite_utils import Database


def apply(db: Database) -> None:
    db.execute("alter table tombstones add column site text")
    db.execute("create index tombstones_payload_digest on tombstones(payload_digest)")
    db.execute(
        """create table withdrawn (
            record_id text primary key,         -- a record that is in its file still, and in no index
            warc_file text not null,
            warc_offset integer not null,
            warc_length integer not null,
            tombstone_id integer not null references tombstones(id)
        )"""
    )
    db.execute("create index withdrawn_file on withdrawn(warc_file, warc_offset)")
    db.execute("create index withdrawn_tombstone on withdrawn(tombstone_id)")
    db.execute(
        """create table rewriting (
            name text primary key               -- a WARC file whose shorter copy is about to take its place
        )"""
    )

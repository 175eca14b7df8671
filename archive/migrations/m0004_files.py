"""Which bytes finished WARC files have, and which manifest tells of them."""

from __future__ import annotations

from sqlite_utils import Database


def apply(db: Database) -> None:
    db.execute(
        """create table warc_files (
            name text primary key,              -- under the archive's folder
            size integer not null,              -- bytes
            sha256 text not null,
            finished_at text not null,
            run_id integer references runs(id),
            manifest text                       -- null: not told yet
        )"""
    )
    db.execute("create index warc_files_run_id on warc_files(run_id)")

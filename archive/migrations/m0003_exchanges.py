"""Exchanges that are no pages: robots.txt, feeds, redirects."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

_EXCHANGES = """
create table exchanges (
    id integer primary key,
    url text not null,
    fetched_at text not null,
    status integer,
    content_type text,
    role text not null,                 -- robots, feed, sitemap, home, redirect, retry, other
    truncated text,                     -- why its body was cut; null: it is whole
    record_type text not null,          -- response, revisit
    warc_file text not null,
    warc_offset integer not null,
    warc_length integer not null,
    record_id text not null unique,
    payload_digest text not null,
    run_id integer references runs(id)
);
create index exchanges_url on exchanges(url, fetched_at);
create index exchanges_payload_digest on exchanges(payload_digest);
create index exchanges_fetched_at on exchanges(fetched_at);
create index exchanges_role on exchanges(role);
create index exchanges_warc on exchanges(warc_file, warc_offset);
create index exchanges_run_id on exchanges(run_id);

-- As in exchanges.
alter table captures add column truncated text;
create index captures_payload_digest on captures(payload_digest);
"""


def apply(db: Database) -> None:
    run(db, _EXCHANGES)

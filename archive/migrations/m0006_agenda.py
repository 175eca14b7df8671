"""What is due: when sources and pages are looked at again."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

_AGENDA = """
-- `found_in`: url of the source that named it; null: a person. `state`: JSON, the crawler's own.
alter table feeds add column found_in text;
alter table feeds add column found_at text;
alter table feeds add column state text;
alter table feeds add column due_at text;
alter table feeds add column due_reason text;
alter table feeds add column retired_at text;
alter table feeds add column retired_reason text;
alter table feeds add column last_new_at text;
create index feeds_due_at on feeds(due_at);
create index feeds_found_in on feeds(found_in);

create table queue (
    id integer primary key,
    key text not null unique,           -- the address, folded: one page has one
    url text not null,
    site text,
    source integer references feeds(id) on delete set null,
    hints text,                         -- JSON: what the source says of it
    found_at text not null,
    born_at text not null,              -- when it was published, where that can be believed, else found
    state text not null check (state in ('due', 'done', 'gone', 'given_up', 'old')),
    due_at text,                        -- null: never again
    due_reason text not null default '',
    attempts integer not null default 0,
    checked_at text,
    last_status integer,
    history text,                       -- JSON, the crawler's own: looks and edits
    article_id integer references articles(id) on delete set null,
    capture_id integer references captures(id) on delete set null
);
create index queue_due on queue(source, state, due_at);
create index queue_due_at on queue(due_at);
create index queue_site on queue(site, state);
create index queue_article_id on queue(article_id);
create index queue_capture_id on queue(capture_id);
"""


def apply(db: Database) -> None:
    run(db, _AGENDA)

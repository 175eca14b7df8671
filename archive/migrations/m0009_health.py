"""What tells that something is wrong with a site, and which alarms were told."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

# What cleaning says of a page that is an article, so that a redesign of the site shows. `fields`: names of
# the fields that the page gave, with spaces between.
_HEALTH = """
alter table captures add column words integer;
alter table captures add column cut_share real;
alter table captures add column confidence real;
alter table captures add column fields text;
create index captures_newest on captures(site, fetched_at, status, kind, kind_reason, cleaner, truncated,
    record_type, words, cut_share, confidence, fields);
create index queue_hosts on queue(source, site);
create index queue_born_at on queue(source, born_at, found_at, article_id) where article_id is not null;

create table failures (                 -- fetches that brought no answer to keep
    site text not null,
    day text not null,                  -- UTC
    class text not null,
    times integer not null,
    last_at text not null,
    primary key (site, day, class)
);
create index failures_day on failures(day);

create table told (                     -- alarms that were told and have not ended
    channel text not null,              -- webhook, command, mail_command
    site text not null,                 -- '' of the archive itself
    class text not null,
    level text not null,
    since text,
    told_at text not null,
    primary key (channel, site, class)
);
"""


def apply(db: Database) -> None:
    run(db, _HEALTH)

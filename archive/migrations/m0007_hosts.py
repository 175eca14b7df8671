"""What hosts say to crawlers, and owners of the use of their pages."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

_HOSTS = """
-- robots: by which line robots.txt allowed it; rights: JSON array, what its owner says of its use
alter table captures add column robots text;
alter table captures add column rights text;
create index captures_rights on captures(rights) where rights is not null;

create table hosts (
    origin text primary key,            -- scheme, host and port
    rests_until text,                   -- it asked to be left alone until then
    robots_at text,                     -- when robots.txt was last read
    robots_status integer,
    robots text,                        -- what it said, where it has rules
    rights_at text,                     -- when /.well-known/tdmrep.json was last read
    rights text                         -- what it said, where there is one
);
"""


def apply(db: Database) -> None:
    run(db, _HOSTS)

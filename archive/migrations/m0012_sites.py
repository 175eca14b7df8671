"""What was said of the sites after the last crawl."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

# What was said of the sites after the last crawl, for pages that cannot judge themselves; and what the pages
# of a site ask for.
_SITES = """
create table judgements (
    site text primary key,              -- its name in sites.toml; '' of the archive itself
    hosts text not null,                -- JSON array
    state text not null,                -- well, notice, alarm, unknown, unlisted
    findings text not null,             -- JSON array of objects: finding, level, sentence, since
    rhythm text,                        -- in words; null: not known
    judged_at text not null
);
create index articles_site_seen on articles(site, first_seen);
create index articles_site_day
    on articles(site, coalesce(date_published, first_seen), date_published, first_seen);
"""


def apply(db: Database) -> None:
    run(db, _SITES)

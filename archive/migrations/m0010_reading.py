"""Indexes that the reading pages are answered from."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

_READING = """
-- Articles are long, and what stands behind the text in a row costs the whole of it: lists, filters, counts
-- and histograms of the reading pages are answered from these alone.
create index articles_by_number
    on articles(id, date_published, site, language, section, access, version, cluster_id);
create index articles_by_day
    on articles(date_published, id, site, language, section, access, version, cluster_id, word_count);
create index articles_by_site
    on articles(site, date_published, id, language, section, access, version, cluster_id);
create index articles_by_cluster on articles(cluster_id, site, date_published) where cluster_id is not null;
create index articles_by_author on articles(authors, site, date_published);
create index articles_edited on articles(version, site) where version > 1;
create index articles_latest on articles(coalesce(date_published, first_seen));
-- Each begins as one of those above, or has its use.
drop index articles_date_published;
drop index articles_site;
drop index articles_cluster_id;

create index versions_edits on versions(seen_at, article_id) where number > 1;
create index captures_without_article on captures(site, kind, kind_reason, fetched_at)
    where article_id is null;
create index captures_by_site on captures(site, kind, cleaner, fetched_at);
drop index captures_site;
create index exchanges_status on exchanges(status);
create index captures_by_rights on captures(site, rights, fetched_at) where rights is not null;
create index removed_by_block on removed(block, label, article_id);
create index removed_by_label on removed(label, article_id, score);
create index removed_doubtful on removed(score, article_id) where score < 0.6;
drop index removed_block;
drop index removed_label;
"""


def apply(db: Database) -> None:
    run(db, _READING)

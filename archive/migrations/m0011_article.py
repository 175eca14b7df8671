"""Sources of values, excerpts of changes, and what makes articles that share their text known."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

_ARTICLE = """
-- JSON object: for each column that the page filled, where in the page its value stood.
alter table articles add column sources text not null default '{}';
-- JSON: the first words that changed since the version before, as [sign, text] pairs; null: not told.
alter table versions add column excerpt text;
create index versions_edited on versions(seen_at, article_id, number) where number > 1;
create index articles_edited_by_site on articles(site, id) where version > 1;

-- `copy`: most of the shorter text is in the other; `similar`: a good part of it.
alter table similar add column kind text not null default 'similar';
create index similar_kind on similar(kind);
create table sketches (
    article_id integer primary key references articles(id) on delete cascade,
    text_digest text not null           -- of the text that was indexed
);
create table sketch_runs (
    run integer not null,               -- checksum of four words in a row
    article_id integer not null references articles(id) on delete cascade,
    primary key (run, article_id)
) without rowid;
create index sketch_runs_article_id on sketch_runs(article_id);
"""

#: A copy that is left alone is no cluster.
_LONE_COPY = """create trigger articles_lone_copy after delete on articles
    when old.cluster_id is not null begin
    update articles set cluster_id = null where cluster_id = old.cluster_id
        and (select count(*) from articles where cluster_id = old.cluster_id) = 1;
end"""


#: The excerpt of a version hangs on its own text and on the one before.
_STALE_EXCERPT = """create trigger versions_stale_excerpt after update of text, number on versions begin
    update versions set excerpt = null
    where article_id = new.article_id and number in (new.number, new.number + 1) and excerpt is not null;
end"""


def apply(db: Database) -> None:
    run(db, _ARTICLE)
    db.execute(_LONE_COPY)
    db.execute(_STALE_EXCERPT)

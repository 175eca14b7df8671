"""The tables and the views for readers."""

from __future__ import annotations

from sqlite_utils import Database

from archive.migrations.script import run

# As `KINDS` and `LABELS` of archive/values.py were: one that is added there takes a migration.
_KINDS = "'article', 'index', 'consent', 'paywall', 'error', 'other'"
_LABELS = (
    "'headline', 'heading', 'body', 'list', 'quote', 'table', 'caption', 'byline', 'dateline', 'date', "
    "'credit', 'author_bio', 'nav', 'related', 'newsletter', 'cookie', 'comment_policy', 'comment', "
    "'share', 'ad', 'legal', 'duplicate', 'other'"
)

_TABLES = f"""
create table runs (
    id integer primary key,
    command text not null,
    software text not null,
    started_at text not null,
    finished_at text,
    counts text                         -- JSON object: what the command counted
);

create table sites (
    id integer primary key,
    site text not null unique,
    url text,
    name text,
    first_seen text,
    last_seen text
);

create table feeds (
    id integer primary key,
    site text not null references sites(site) on update cascade,
    url text not null unique,
    kind text not null default 'feed',  -- feed, sitemap, section
    title text,
    etag text,
    last_modified text,
    checked_at text,
    status integer,
    failures integer not null default 0
);
create index feeds_site on feeds(site);

create table articles (
    id integer primary key,
    url text not null,
    canonical_url text,
    site text,
    headline text,
    authors text not null default '[]', -- JSON array
    date_published text,
    date_published_source text,
    date_modified text,
    language text,
    section text,
    keywords text not null default '[]', -- JSON array
    description text,
    credits text,
    main_image text,
    text text not null,
    markdown text not null,
    word_count integer not null,
    access text not null default 'free' check (access in ('free', 'metered', 'paywalled')),
    kind text not null default 'article',
    text_digest text not null,
    version integer not null,           -- how many versions there are
    cluster_id integer,
    first_seen text not null,
    last_seen text not null,
    cleaner text not null,
    identity text not null unique       -- the URL that makes two pages the same article
);
create index articles_url on articles(url);
create index articles_site on articles(site, date_published);
create index articles_date_published on articles(date_published);
create index articles_first_seen on articles(first_seen);
create index articles_language on articles(language);
create index articles_section on articles(section);
create index articles_access on articles(access);
create index articles_text_digest on articles(text_digest);
create index articles_cluster_id on articles(cluster_id);

create table captures (
    id integer primary key,
    url text not null,
    fetched_at text not null,
    status integer,
    content_type text,
    kind text not null check (kind in ({_KINDS})),
    kind_reason text,
    warc_file text not null,
    warc_offset integer not null,
    warc_length integer not null,
    record_id text not null unique,
    payload_digest text not null,
    source text not null,
    source_path text not null default '',
    record_type text not null,          -- response, revisit, resource
    requested_url text,
    site text,
    article_id integer references articles(id) on delete set null,
    run_id integer references runs(id),
    cleaner text                        -- null: not cleaned yet; '': could not be cleaned
);
create index captures_url on captures(url, payload_digest);
create index captures_requested_url on captures(requested_url) where requested_url is not null;
create index captures_article_id on captures(article_id);
create index captures_fetched_at on captures(fetched_at);
create index captures_kind on captures(kind);
create index captures_site on captures(site, kind);
create index captures_source on captures(source);
create index captures_warc on captures(warc_file, warc_offset);
create index captures_run_id on captures(run_id);
create index captures_not_cleaned on captures(fetched_at, id) where cleaner is null;

create table versions (
    article_id integer not null references articles(id) on delete cascade,
    number integer not null,
    capture_id integer not null references captures(id),
    seen_at text not null,
    headline text,
    text text not null,
    text_digest text not null,
    change real,                        -- share of words changed since the version before; null for the first
    cleaner text not null,
    kept_positions text not null default '[]',  -- JSON: places of the kept blocks in the page
    wet_file text,
    wet_offset integer,
    wet_length integer,
    wet_record_id text,
    primary key (article_id, number)
);
create index versions_capture_id on versions(capture_id);
create index versions_seen_at on versions(seen_at);
create index versions_wet on versions(wet_file, wet_offset);

create table blocks (
    id integer primary key,
    digest text not null unique,
    text text not null
);

create table removed (
    article_id integer not null,
    version integer not null,
    position integer not null,
    label text not null check (label in ({_LABELS})),
    reason text not null,
    score real not null,
    block integer not null references blocks(id),
    foreign key (article_id, version) references versions(article_id, number)
        on delete cascade on update cascade
);
create index removed_article on removed(article_id, version, position);
create index removed_label on removed(label);
create index removed_block on removed(block);

create table site_memory (
    site text not null,
    digest text not null,               -- of the block's text
    text text not null,
    label text not null check (label in ({_LABELS})),
    pages integer not null,             -- distinct pages of the site that show it
    first_seen text not null,
    last_seen text not null,
    pinned text,                        -- 'keep' or 'cut' where a person decided
    primary key (site, digest)
);

create table templates (
    id integer primary key,
    site text not null,
    selector text not null,
    pages integer not null default 0,   -- pages it was learned from
    misses integer not null default 0,  -- pages in a row that it did not fit
    learned_at text not null,
    retired_at text,
    retired_reason text
);
create index templates_site on templates(site);

create table similar (
    article_id integer not null references articles(id) on delete cascade,
    other_id integer not null references articles(id) on delete cascade,
    score real not null,
    method text not null,
    primary key (article_id, other_id)
);
create index similar_other_id on similar(other_id);

create table tombstones (
    id integer primary key,
    url text not null,
    payload_digest text,
    removed_at text not null,
    reason text not null
);
create index tombstones_url on tombstones(url);
"""  # noqa: S608 - filled in with the constants above

_VIEWS = """
create view latest as
    select id, headline, site, authors, date_published, language, section, word_count, access, version,
           first_seen, last_seen, url
    from articles order by coalesce(date_published, first_seen) desc;

create view account as
    select removed.article_id, removed.version, removed.position, removed.label, removed.reason,
           removed.score, blocks.text
    from removed join blocks on blocks.id = removed.block;

create view site_health as
    select site,
           count(*) as captures,
           sum(kind = 'article') as articles,
           sum(kind != 'article' and cleaner != '') as not_articles,
           sum(cleaner = '') as failed,
           sum(cleaner is null) as not_cleaned,
           max(fetched_at) as last_fetched,
           max(case when kind = 'article' then fetched_at end) as last_article
    from captures group by site;

-- What a newsroom changed. Two texts made by different cleaners prove no change of the newsroom's.
create view changes as
    select articles.id as article_id, versions.number, versions.seen_at, articles.site, versions.headline,
           before.headline as headline_before, versions.change, articles.url
    from versions
    join versions as before on before.article_id = versions.article_id and before.number = versions.number - 1
    join articles on articles.id = versions.article_id
    where before.cleaner = versions.cleaner;
"""


def apply(db: Database) -> None:
    run(db, _TABLES + _VIEWS)

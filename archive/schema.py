"""The tables of `articles.db`, made and changed by numbered migrations only.

Names of tables and columns are a public interface: a migration adds, it does not rename.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from archive.errors import ArchiveError, ArchiveTooNew
from archive.folding import fold_articles
from archive.likeness import Said, are_one, wording
from archive.url_keys import url_key
from archive.values import KINDS, LABELS

migrations = Migrations("pressmark")

_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_LABELS = ", ".join(f"'{label}'" for label in LABELS)

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

#: What full-text search reads. Changing it takes a migration.
FTS_COLUMNS = ("headline", "authors", "description", "text")

_NEW = ", ".join(f"new.{column}" for column in FTS_COLUMNS)
_OLD = ", ".join(f"old.{column}" for column in FTS_COLUMNS)
_COLUMNS = ", ".join(FTS_COLUMNS)
_DIFFER = " or ".join(f"old.{column} is not new.{column}" for column in FTS_COLUMNS)

# sqlite-utils' own update trigger indexes the text again on any update, a new `last_seen` included.
_TRIGGERS = (
    f"""create trigger articles_fts_insert after insert on articles begin
        insert into articles_fts(rowid, {_COLUMNS}) values (new.id, {_NEW});
    end""",  # noqa: S608 - filled in with the constants above
    f"""create trigger articles_fts_delete after delete on articles begin
        insert into articles_fts(articles_fts, rowid, {_COLUMNS}) values ('delete', old.id, {_OLD});
    end""",  # noqa: S608 - filled in with the constants above
    f"""create trigger articles_fts_update after update of {_COLUMNS} on articles when {_DIFFER} begin
        insert into articles_fts(articles_fts, rowid, {_COLUMNS}) values ('delete', old.id, {_OLD});
        insert into articles_fts(rowid, {_COLUMNS}) values (new.id, {_NEW});
    end""",  # noqa: S608 - filled in with the constants above
)


def _run(db: Database, script: str) -> None:
    """Each statement of a script, in the migration's transaction (`executescript` would end it)."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


@migrations(name="0001_tables")
def _tables(db: Database) -> None:
    _run(db, _TABLES + _VIEWS)


@migrations(name="0002_search")
def _search(db: Database) -> None:
    db.table("articles").enable_fts(FTS_COLUMNS, tokenize="unicode61 remove_diacritics 2", fts_version="FTS5")
    for trigger in _TRIGGERS:
        db.execute(trigger)


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


@migrations(name="0003_exchanges")
def _exchanges(db: Database) -> None:
    _run(db, _EXCHANGES)


@migrations(name="0004_files")
def _files(db: Database) -> None:
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


@migrations(name="0005_takedown")
def _takedown(db: Database) -> None:
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


@migrations(name="0006_agenda")
def _agenda(db: Database) -> None:
    _run(db, _AGENDA)


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


@migrations(name="0007_hosts")
def _hosts(db: Database) -> None:
    _run(db, _HOSTS)


_IDENTITY = """
-- What is compared to tell a new version from noise; what the page said of access when it had this text.
alter table versions add column wording text;
alter table versions add column access text;
create index versions_text_digest on versions(text_digest);
create index versions_headline on versions(headline);
create index captures_requested on captures(url, requested_url) where requested_url is not null;

create table common_texts (
    id integer primary key,
    site text not null,
    text_digest text not null,
    headline_digest text not null default '',   -- '': it stood under several headlines
    sketch text not null,               -- JSON: checksums by which texts nearly the same are known
    addresses integer not null,
    kind text not null,
    kind_reason text not null,
    found_at text not null
);
create index common_texts_text on common_texts(site, text_digest);
create index common_texts_headline on common_texts(site, headline_digest);

drop view changes;
create view changes as
    select articles.id as article_id, versions.number, versions.seen_at, articles.site, versions.headline,
           before.headline as headline_before, versions.change, articles.url,
           versions.access, before.access as access_before
    from versions
    join versions as before on before.article_id = versions.article_id and before.number = versions.number - 1
    join articles on articles.id = versions.article_id
    where before.cleaner = versions.cleaner;
"""


@migrations(name="0008_identity")
def _identity(db: Database) -> None:
    _run(db, _IDENTITY)
    connection = db.conn
    assert connection is not None
    connection.create_function("wording_of", 2, wording, deterministic=True)
    connection.execute("update versions set wording = wording_of(headline, text)")
    connection.execute(
        """update versions set access = (select access from articles where id = article_id)
           where number = (select version from articles where id = article_id)"""
    )
    _fold_twins(connection)


def _fold_twins(connection: sqlite3.Connection) -> None:
    """Identities become folded addresses; articles that become one by that are made one.

    Those that only claim to be one, and have nothing in common, stay apart: the first has the key.
    """
    keys: dict[str, int] = {}
    articles = connection.execute("select id, identity, url from articles order by id").fetchall()
    wanted: list[tuple[str, int]] = []
    for number, identity, url in articles:
        key, own = url_key(identity), url_key(url)
        first = keys.get(key)
        if first is not None and not _are_one(connection, first, number):
            key, first = own, keys.get(own)
            if first is not None and not _are_one(connection, first, number):
                key, first = f"{own}#{number}", None
        if first is not None:
            fold_articles(connection, first, number)
            continue
        keys[key] = number
        if key != identity:
            wanted.append((key, number))
    # By way of names that no address has: a new key may be another article's old identity.
    connection.executemany(
        "update articles set identity = 'moving:' || id where id = ?", [(number,) for _, number in wanted]
    )
    connection.executemany("update articles set identity = ? where id = ?", wanted)


def _are_one(connection: sqlite3.Connection, one: int, other: int) -> bool:
    said = []
    for number in (one, other):
        url, headline, text = connection.execute(
            "select url, headline, text from articles where id = ?", (number,)
        ).fetchone()
        said.append((url_key(url), Said(headline=headline, text=text)))
    return said[0][0] == said[1][0] or are_one(said[0][1], said[1][1])


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


@migrations(name="0009_health")
def _health(db: Database) -> None:
    _run(db, _HEALTH)


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


@migrations(name="0010_reading")
def _reading(db: Database) -> None:
    _run(db, _READING)


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


@migrations(name="0011_article")
def _article(db: Database) -> None:
    _run(db, _ARTICLE)
    db.execute(_LONE_COPY)
    db.execute(_STALE_EXCERPT)


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


@migrations(name="0012_sites")
def _site_pages(db: Database) -> None:
    _run(db, _SITES)


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring the database up to date: whole, in one transaction, or not at all.

    Raises ArchiveTooNew for one from the future, and ArchiveError with SQLite's reason where a migration
    fails; the database is then as it was.
    """
    db = Database(connection)
    try:
        refuse_unknown(db, path)
        if not migrations.pending(db):
            return
        connection.execute("begin immediate")  # waits for another holder, which a later upgrade would not
        migrations.apply(db)
        connection.execute("commit")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("rollback")
        if isinstance(error, sqlite3.Error):
            raise ArchiveError(
                f"The tables of {path} could not be made or brought up to date ({error}), and stay as they"
                " were: free the disk, end its holder, or restore it from a copy."
            ) from error
        raise


def require_current(connection: sqlite3.Connection, path: str) -> None:
    """Raise unless the database has exactly the tables this version knows; changes nothing."""
    db = Database(connection)
    refuse_unknown(db, path)
    if migrations.pending(db):
        raise ArchiveError(
            f"{path} is from an older pressmark: run any command that writes to it once, such as reclean."
        )


def refuse_unknown(db: Database, path: str) -> None:
    """Raise ArchiveTooNew when a migration was applied that this version does not have."""
    unknown = _unknown([migration.name for migration in migrations.applied(db)])
    if unknown:
        raise ArchiveTooNew(path, unknown)


def _unknown(applied: Sequence[str]) -> tuple[str, ...]:
    known = {migration.name for migration in migrations._migrations}
    return tuple(name for name in applied if name not in known)

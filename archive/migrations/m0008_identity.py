"""Identities that all forms of an address share, wordings by which versions are told apart, texts of nobody.

How articles become one is written out here, for the tables as they are at this step. What addresses and texts
are compared by is not (`url_key`, `wording`, `are_one`): it is stored for the next page to be compared with,
and has to be what the house says of that page. A change of these comes with a migration that says it anew for
the databases that have passed this one, and so for those that have not; tests/archive/test_migrations.py
holds down what they say now.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from itertools import pairwise

from sqlite_utils import Database

from archive.digests import words
from archive.likeness import Said, are_one, wording
from archive.migrations.script import run
from archive.url_keys import url_key

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


def apply(db: Database) -> None:
    run(db, _IDENTITY)
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
            _fold(connection, first, number)
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


def _fold(connection: sqlite3.Connection, into: int, gone: int) -> None:
    """Make two articles one, which keeps the number `into`: versions in time order, doubles dropped."""
    newest = {number: _newest(connection, number) for number in (into, gone)}
    connection.execute("update versions set number = -number where article_id = ?", (into,))
    connection.execute(
        "update versions set article_id = ?, number = -(number + 1000000000) where article_id = ?",
        (into, gone),
    )
    order = connection.execute(
        "select number from versions where article_id = ? order by seen_at, number desc", (into,)
    ).fetchall()
    for place, (number,) in enumerate(order, 1):
        connection.execute(
            "update versions set number = ? where article_id = ? and number = ?", (place, into, number)
        )
    _drop_doubles(connection, into)
    latest = _newest(connection, into)
    if latest == newest[gone]:
        _take_page(connection, into, gone)
    elif latest != newest[into]:
        _fall_back_to_newest(connection, into)
    connection.execute("update captures set article_id = ? where article_id = ?", (into, gone))
    connection.execute("update queue set article_id = ? where article_id = ?", (into, gone))
    connection.execute("update articles set cluster_id = null where id = ?", (into,))
    connection.execute(
        """update articles set first_seen = min(first_seen, (select first_seen from articles where id = ?1)),
               last_seen = max(last_seen, (select last_seen from articles where id = ?1)) where id = ?2""",
        (gone, into),
    )
    connection.execute("delete from articles where id = ?", (gone,))


def _newest(connection: sqlite3.Connection, article_id: int) -> tuple[int, str] | None:
    """What tells the newest version: the capture that it was read from, and its time."""
    row = connection.execute(
        "select capture_id, seen_at from versions where article_id = ? order by number desc limit 1",
        (article_id,),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _drop_doubles(connection: sqlite3.Connection, article_id: int) -> None:
    """Of neighbours with one wording, read by one cleaner, the first stays."""
    versions = connection.execute(
        "select number, wording, cleaner from versions where article_id = ? order by number", (article_id,)
    ).fetchall()
    doubles = [number for (_, *before), (number, *after) in pairwise(versions) if before == after]
    for number in reversed(doubles):
        _drop_version(connection, article_id, number)
    texts = connection.execute(
        "select number, text from versions where article_id = ? order by number", (article_id,)
    ).fetchall()
    connection.execute("update articles set version = ? where id = ?", (len(texts), article_id))
    connection.execute("update versions set change = null where article_id = ? and number = 1", (article_id,))
    for (_, before), (number, after) in pairwise(texts):
        connection.execute(
            "update versions set change = ? where article_id = ? and number = ?",
            (_change(before, after), article_id, number),
        )


def _drop_version(connection: sqlite3.Connection, article_id: int, number: int) -> None:
    """Delete a version with its account, and the blocks that stood in no other; those behind it move up."""
    blocks = connection.execute(
        "delete from removed where article_id = ? and version = ? returning block", (article_id, number)
    ).fetchall()
    connection.executemany(
        "delete from blocks where id = ?1 and not exists (select 1 from removed where block = ?1)",
        list(set(blocks)),
    )
    connection.execute("delete from versions where article_id = ? and number = ?", (article_id, number))
    # Twice through negative numbers, so that none meet on the way.
    connection.execute(
        "update versions set number = -number where article_id = ? and number > ?", (article_id, number)
    )
    connection.execute(
        "update versions set number = -1 - number where article_id = ? and number < 0", (article_id,)
    )


def _change(before: str, after: str) -> float:
    """The share of words that differ: one minus the Dice coefficient of the two multisets of words."""
    old, new = Counter(words(before)), Counter(words(after))
    total = old.total() + new.total()
    return round(1 - 2 * (old & new).total() / total if total else 0.0, 4)


#: Columns of `articles` that are no page's: the article's own.
_OWN = frozenset({"id", "identity", "version", "cluster_id", "first_seen", "last_seen", "kind"})


def _take_page(connection: sqlite3.Connection, into: int, gone: int) -> None:
    names = [name for (name,) in connection.execute("select name from pragma_table_info('articles')")]
    columns = ", ".join(name for name in names if name not in _OWN)
    # Names of columns are the table's own.
    connection.execute(
        f"update articles set ({columns}) = (select {columns} from articles where id = ?) where id = ?",  # noqa: S608
        (gone, into),
    )


def _fall_back_to_newest(connection: sqlite3.Connection, article_id: int) -> None:
    """The article shows its newest version."""
    headline, text, digest, cleaner, access = connection.execute(
        """select headline, text, text_digest, cleaner, access from versions where article_id = ?
           order by number desc""",
        (article_id,),
    ).fetchone()
    connection.execute(
        """update articles set headline = ?, text = ?, markdown = ?, word_count = ?, text_digest = ?,
           cleaner = ?, access = coalesce(?, access)
           where id = ? and (text_digest != ? or headline is not ?)""",
        (headline, text, text, len(words(text)), digest, cleaner, access, article_id, digest, headline),
    )

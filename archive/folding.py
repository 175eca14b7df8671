"""Articles that turn out to be one, and texts that turn out to be no article's: rows put right.

Values come in, SQL goes out; nothing is decided here. The caller holds the transaction.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from itertools import pairwise

from archive import rows, similar
from archive.digests import storable
from archive.rows import count_versions, drop_version, fall_back_to_newest, refresh_changes, timestamp
from archive.url_keys import url_key
from archive.values import Value

#: Columns of `articles` that are no page's: the article's own.
_OWN = frozenset({"id", "identity", "version", "cluster_id", "first_seen", "last_seen", "kind"})


class Folded(Value, frozen=True, kw_only=True):
    """Two articles that are one."""

    into: int
    gone: int


class Evicted(Value, frozen=True, kw_only=True):
    """An article that claimed the address of another one's page."""

    article_id: int


class Withdrawn(Value, frozen=True, kw_only=True):
    """Versions (article, number) whose text is no article's, or captures by the addresses asked for.

    `into`: the article that the versions' captures are instead. `keeps`: an article stays that no other
    address brought.
    """

    versions: tuple[tuple[int, int], ...] = ()
    asked: tuple[str, ...] = ()
    article_id: int | None = None
    kind: str
    reason: str
    into: int | None = None
    keeps: bool = False


class CommonText(Value, frozen=True, kw_only=True):
    """A text that a site shows at addresses that have nothing to do with each other: nobody's."""

    site: str
    text_digest: str
    headline_digest: str
    sketch: tuple[int, ...]
    addresses: int
    kind: str
    reason: str
    found_at: datetime


class SeenAgain(Value, frozen=True, kw_only=True):
    """A text of `common_texts` that stood on a page again."""

    id: int
    seen_at: datetime


Entry = rows.Entry | Folded | Evicted | Withdrawn | CommonText | SeenAgain


def write(db: sqlite3.Connection, entry: Entry) -> None:
    """Write one entry of a batch; entries are written in the order in which they were made."""
    match entry:
        case Folded():
            fold_articles(db, entry.into, entry.gone)
            similar.forget(db, entry.into)
            rows.bring_up_to_date(db, entry.into)
        case Evicted():
            evict(db, entry.article_id)
        case Withdrawn():
            _withdraw(db, entry)
        case CommonText():
            _write_common_text(db, entry)
        case SeenAgain():
            db.execute(
                "update common_texts set found_at = max(found_at, ?) where id = ?",
                (timestamp(entry.seen_at), entry.id),
            )
        case _:
            rows.write(db, entry)


def fold_articles(db: sqlite3.Connection, into: int, gone: int) -> None:
    """Make two articles one, which keeps the number `into`: versions in time order, doubles dropped."""
    newest = {number: _newest(db, number) for number in (into, gone)}
    db.execute("update versions set number = -number where article_id = ?", (into,))
    db.execute(
        "update versions set article_id = ?, number = -(number + 1000000000) where article_id = ?",
        (into, gone),
    )
    order = db.execute(
        "select number from versions where article_id = ? order by seen_at, number desc", (into,)
    ).fetchall()
    for place, (number,) in enumerate(order, 1):
        db.execute(
            "update versions set number = ? where article_id = ? and number = ?", (place, into, number)
        )
    _drop_doubles(db, into)
    latest = _newest(db, into)
    if latest == newest[gone]:
        _take_page(db, into, gone)
    elif latest != newest[into]:
        fall_back_to_newest(db, into)
    for table in ("captures", "queue"):
        db.execute(f"update {table} set article_id = ? where article_id = ?", (into, gone))  # noqa: S608
    db.execute("update articles set cluster_id = null where id = ?", (into,))
    db.execute(
        """update articles set first_seen = min(first_seen, (select first_seen from articles where id = ?1)),
               last_seen = max(last_seen, (select last_seen from articles where id = ?1)) where id = ?2""",
        (gone, into),
    )
    db.execute("delete from articles where id = ?", (gone,))


def _newest(db: sqlite3.Connection, article_id: int) -> tuple[int, str] | None:
    """What tells the newest version: the capture that it was read from, and its time."""
    row = db.execute(
        "select capture_id, seen_at from versions where article_id = ? order by number desc limit 1",
        (article_id,),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _drop_doubles(db: sqlite3.Connection, article_id: int) -> None:
    """Of neighbours with one wording, read by one cleaner, the first stays."""
    versions = db.execute(
        "select number, wording, cleaner from versions where article_id = ? order by number", (article_id,)
    ).fetchall()
    doubles = [
        number
        for (_, *before), (number, *after) in pairwise(versions)
        if before == after and before[0] is not None
    ]
    for number in reversed(doubles):
        drop_version(db, article_id, number)
    for number in range(1, count_versions(db, article_id) + 1):
        refresh_changes(db, article_id, number)


def _take_page(db: sqlite3.Connection, into: int, gone: int) -> None:
    names = [name for (name,) in db.execute("select name from pragma_table_info('articles')")]
    columns = ", ".join(name for name in names if name not in _OWN)
    # Names of columns are the table's own.
    db.execute(
        f"update articles set ({columns}) = (select {columns} from articles where id = ?) where id = ?",  # noqa: S608
        (gone, into),
    )


def evict(db: sqlite3.Connection, article_id: int) -> None:
    """Give an article that stands under another page's address the key of its own."""
    (url,) = db.execute("select url from articles where id = ?", (article_id,)).fetchone()
    db.execute("update articles set identity = ? where id = ?", (free_key(db, url, article_id), article_id))


def free_key(db: sqlite3.Connection, url: str, article_id: int) -> str:
    """The key of `url`, or where another article has it, one that no address has."""
    key = url_key(url)
    taken = db.execute("select id from articles where identity = ? and id != ?", (key, article_id)).fetchone()
    return key if taken is None else f"{key}#{article_id}"


def withdraw_version(
    db: sqlite3.Connection, article_id: int, number: int, kind: str, reason: str, into: int | None = None
) -> None:
    """Take back a version whose text is no article's, or another's; an article that had no other goes.

    The captures that were it stay, with `kind` and `reason`, as those of the article `into` if there is one.
    """
    row = db.execute(
        """select capture_id, seen_at, (select seen_at from versions as later where article_id = ?1
                                        and later.number = versions.number + 1)
           from versions where article_id = ?1 and number = ?2""",
        (article_id, number),
    ).fetchone()
    if row is None:
        return
    capture_id, since, until = row
    drop_version(db, article_id, number)
    left = count_versions(db, article_id)
    db.execute(
        """update captures set kind = ?, kind_reason = ?, article_id = ?
           where article_id = ? and (id = ? or ? or (fetched_at >= ? and (? is null or fetched_at < ?)))""",
        (kind, reason, into, article_id, capture_id, left == 0, since, until, until),
    )
    if into is not None:
        _see_again(db, into)
    if not left:
        if into is not None:
            db.execute("update queue set article_id = ? where article_id = ?", (into, article_id))
        db.execute("delete from articles where id = ?", (article_id,))
        return
    _drop_doubles(db, article_id)
    fall_back_to_newest(db, article_id)
    _see_again(db, article_id)


def withdraw_captures(
    db: sqlite3.Connection, article_id: int, asked: tuple[str, ...], kind: str, reason: str, *, keeps: bool
) -> None:
    """Take back what addresses brought that lead to an article's page and have nothing to do with it.

    Where nothing else brought the article it goes, too, unless it `keeps`: then the captures stay that its
    versions were read from.
    """
    marks = ", ".join("?" * len(asked))
    astray = [
        number
        for (number,) in db.execute(
            f"select id from captures where article_id = ? and requested_url in ({marks})",  # noqa: S608
            (article_id, *asked),
        )
    ]
    others = db.execute(
        f"""select id, payload_digest, fetched_at from captures where article_id = ?
            and (requested_url is null or requested_url not in ({marks})) order by fetched_at""",  # noqa: S608
        (article_id, *asked),
    ).fetchall()
    for number in astray:
        versions = db.execute(
            "select number from versions where article_id = ? and capture_id = ? order by number desc",
            (article_id, number),
        ).fetchall()
        (digest,) = db.execute("select payload_digest from captures where id = ?", (number,)).fetchone()
        same = next((other for other, payload, _ in others if payload == digest), None)
        if versions and same is None and (others or keeps):
            continue  # the only witness of a version that the article has
        for (version,) in versions if others else []:
            db.execute(
                "update versions set capture_id = ? where article_id = ? and number = ?",
                (same, article_id, version),
            )
        if not others:
            for (version,) in versions:
                drop_version(db, article_id, version)
        db.execute(
            "update captures set kind = ?, kind_reason = ?, article_id = null where id = ?",
            (kind, reason, number),
        )
    if not others and not keeps:
        db.execute("delete from articles where id = ?", (article_id,))
    else:
        _see_again(db, article_id)


def _see_again(db: sqlite3.Connection, article_id: int) -> None:
    db.execute(
        """update articles set (first_seen, last_seen) =
               (select coalesce(min(fetched_at), first_seen), coalesce(max(fetched_at), last_seen)
                from captures where article_id = ?1) where id = ?1""",
        (article_id,),
    )


def _withdraw(db: sqlite3.Connection, entry: Withdrawn) -> None:
    # The last first: numbers of those before stay.
    for article_id, number in sorted(entry.versions, reverse=True):
        withdraw_version(db, article_id, number, entry.kind, storable(entry.reason), entry.into)
    if entry.article_id is not None:
        withdraw_captures(
            db, entry.article_id, entry.asked, entry.kind, storable(entry.reason), keeps=entry.keeps
        )


def _write_common_text(db: sqlite3.Connection, entry: CommonText) -> None:
    # One that was not seen for long is found anew.
    db.execute(
        "delete from common_texts where site = ? and text_digest = ? and headline_digest = ?",
        (entry.site, entry.text_digest, entry.headline_digest),
    )
    db.execute(
        """insert into common_texts (site, text_digest, headline_digest, sketch, addresses, kind, kind_reason,
                                     found_at) values (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            entry.site, entry.text_digest, entry.headline_digest, json.dumps(entry.sketch), entry.addresses,
            entry.kind, storable(entry.reason), timestamp(entry.found_at),
        ),
    )  # fmt: skip

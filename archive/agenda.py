"""What is to be fetched and when: sources (table `feeds`) and the pages they list (table `queue`).

The archive decides nothing here: it keeps what the crawler decided, in the transaction of the records that
led to it. What is in flight is not written; after a kill it is due still. Times are seconds since 1970, UTC;
rows hold them as ISO 8601.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

import msgspec

from archive.digests import storable
from archive.uris import site_of
from archive.values import Hints, Value

SourceKind = Literal["feed", "sitemap", "section", "home", "wayback", "ccnews"]
#: `due`: never had; `done`: had (a time says when it is looked at again); `gone`: answers 404 or 410;
#: `given_up`: could not be had; `old`: stood in a list when that was first seen, and is not asked for.
PageState = Literal["due", "done", "gone", "given_up", "old"]


class Source(Value, frozen=True, kw_only=True):
    """A feed, sitemap, section or home page, and what is known of it. `state` is the crawler's own, as JSON.

    `found_in`: the source that named it; "" for one that a person named.
    """

    url: str
    kind: SourceKind
    name: str = ""
    title: str = ""
    found_in: str = ""
    found_at: float
    state: str = ""
    due_at: float | None = 0.0
    due_reason: str = ""
    checked_at: float | None = None
    status: int | None = None
    failures: int = 0
    retired_at: float | None = None
    retired_reason: str = ""
    last_new_at: float | None = None


class Page(Value, frozen=True, kw_only=True):
    """An address to fetch. `key` is its folded form: one page has one.

    `history` is the crawler's own, as JSON. `born_at`: when it was published, if that can be believed, else
    when it was found.
    """

    key: str
    url: str
    source: str
    hints: Hints = Hints()
    found_at: float
    born_at: float
    state: PageState = "due"
    due_at: float | None = None
    due_reason: str = ""
    attempts: int = 0
    checked_at: float | None = None
    last_status: int | None = None
    history: str = ""
    article_id: int | None = None
    capture_id: int | None = None


class Had(Value, frozen=True, kw_only=True):
    """The last capture of an address that was no error."""

    capture_id: int
    fetched_at: float
    article_id: int | None
    #: Whether another address in the queue stands for its article.
    is_twin: bool


class SourceNote(Value, frozen=True, kw_only=True):
    """What is now known of a source."""

    source: Source


class PageNote(Value, frozen=True, kw_only=True):
    """What is now known of a page; `record_id` of the raw record that tells it. `is_new`: only if unknown."""

    page: Page
    record_id: str | None = None
    is_new: bool = False


class PageForgotten(Value, frozen=True, kw_only=True):
    """A page that was taken down."""

    key: str


class HostRests(Value, frozen=True, kw_only=True):
    """A host asked to be left alone: nothing of it is due before `until`.

    `was_asked`: it named the time itself, so that it holds for whoever crawls next.
    """

    origin: str
    until: float
    was_asked: bool = False


class Host(Value, frozen=True, kw_only=True):
    """What is remembered of a host, by scheme, name and port: what it said to crawlers, and when.

    `robots` and `rights` (`/.well-known/tdmrep.json`): the files' texts, None where there is none.
    """

    origin: str
    robots_at: float | None = None
    robots_status: int | None = None
    robots: str | None = None
    rights_at: float | None = None
    rights: str | None = None


class HostNote(Value, frozen=True, kw_only=True):
    """What is now known of a host."""

    host: Host


#: Why a fetch brought no answer that could be kept.
FailureClass = Literal[
    "dns", "connection_refused", "tls", "timeout", "broken_off", "redirects", "robots_forbids",
    "robots_unreadable", "private_address", "other",
]  # fmt: skip


class FetchFailed(Value, frozen=True, kw_only=True):
    """A fetch of a source or page that brought no answer to keep. Counted by site and day."""

    url: str
    at: float
    failure: FailureClass


Note = SourceNote | PageNote | PageForgotten | HostRests | HostNote | FetchFailed


def _text(seconds: float | None) -> str | None:
    """A time as rows hold it, up to the next second: what is due then is due."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(math.ceil(min(max(seconds, 0.0), 32503680000.0)), UTC).isoformat()


def _seconds(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


# Writing --------------------------------------------------------------------------------------------


def write(db: sqlite3.Connection, note: Note) -> None:
    """Write one note; the caller holds the transaction."""
    match note:
        case SourceNote():
            _write_source(db, note.source)
        case PageNote():
            _write_page(db, note)
        case PageForgotten():
            db.execute("delete from queue where key = ?", (note.key,))
        case HostRests():
            _rest(db, note)
        case HostNote():
            _write_host(db, note.host)
        case FetchFailed():
            _count_failure(db, note)


def _write_source(db: sqlite3.Connection, source: Source) -> None:
    site = site_of(source.url) or source.url
    db.execute(
        "insert into sites (site, name) values (?, ?) on conflict (site) do nothing",
        (site, storable(source.name) or site),
    )
    db.execute(
        """insert into feeds (site, url, kind, title, found_in, found_at, state, due_at, due_reason,
                              checked_at, status, failures, retired_at, retired_reason, last_new_at)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (url) do update set kind = excluded.kind, title = coalesce(excluded.title, title),
               found_in = excluded.found_in, state = excluded.state, due_at = excluded.due_at,
               due_reason = excluded.due_reason, checked_at = excluded.checked_at, status = excluded.status,
               failures = excluded.failures, retired_at = excluded.retired_at,
               retired_reason = excluded.retired_reason, last_new_at = excluded.last_new_at""",
        (
            site, source.url, source.kind, storable(source.title) or None, source.found_in or None,
            _text(source.found_at), source.state or None, _text(source.due_at), source.due_reason,
            _text(source.checked_at), source.status, source.failures, _text(source.retired_at),
            source.retired_reason or None, _text(source.last_new_at),
        ),
    )  # fmt: skip


#: Counts of failures are kept for so many days.
FAILURES_KEPT_DAYS = 90


def _count_failure(db: sqlite3.Connection, note: FetchFailed) -> None:
    at = _text(note.at)
    assert at is not None, "a failure has its time"
    db.execute(
        """insert into failures (site, day, class, times, last_at) values (?1, substr(?2, 1, 10), ?3, 1, ?2)
           on conflict (site, day, class) do update set times = times + 1, last_at = max(last_at, ?2)""",
        (site_of(note.url) or "", at, note.failure),
    )
    db.execute("delete from failures where day < date(?, ?)", (at, f"-{FAILURES_KEPT_DAYS} days"))


_PAGE_COLUMNS = (
    "key", "url", "site", "source", "hints", "found_at", "born_at", "state", "due_at", "due_reason",
    "attempts", "checked_at", "last_status", "history", "article_id", "capture_id",
)  # fmt: skip
_INSERT = f"""insert into queue ({", ".join(_PAGE_COLUMNS)})
    values (?, ?, ?, (select id from feeds where url = ?), {", ".join("?" * (len(_PAGE_COLUMNS) - 4))})
    on conflict (key) do """  # noqa: S608 - column names are constants
_UPDATE = _INSERT + "update set " + ", ".join(f"{name} = excluded.{name}" for name in _PAGE_COLUMNS[6:])


def _write_page(db: sqlite3.Connection, note: PageNote) -> None:
    page = note.page
    article_id, capture_id = page.article_id, page.capture_id
    if note.record_id is not None:
        row = db.execute(
            "select article_id, id from captures where record_id = ?", (note.record_id,)
        ).fetchone()
        article_id, capture_id = row if row else (article_id, capture_id)
        article_id = article_id or page.article_id
    # What is gone since (a takedown's, a recovery's) is not pointed to.
    article_id, capture_id = (
        number if number is not None and db.execute(query, (number,)).fetchone() else None
        for number, query in (
            (article_id, "select 1 from articles where id = ?"),
            (capture_id, "select 1 from captures where id = ?"),
        )
    )
    hints = msgspec.json.encode(page.hints).decode() if page.hints != Hints() else None
    db.execute(
        _INSERT + "nothing" if note.is_new else _UPDATE,
        (
            page.key, page.url, site_of(page.url), page.source, hints, _text(page.found_at),
            _text(page.born_at), page.state, _text(page.due_at), page.due_reason, page.attempts,
            _text(page.checked_at), page.last_status, page.history or None, article_id, capture_id,
        ),
    )  # fmt: skip


def _rest(db: sqlite3.Connection, note: HostRests) -> None:
    until = _text(note.until)
    for table in ("queue", "feeds"):
        db.execute(
            f"""update {table} set due_at = ?, due_reason = 'its server asked for rest'
                where site = ? and due_at < ? and substr(url, 1, ?) = ?""",  # noqa: S608 - constants
            (until, site_of(note.origin), until, len(note.origin), note.origin),
        )

    if note.was_asked:
        db.execute(
            """insert into hosts (origin, rests_until) values (?, ?)
               on conflict (origin) do update
                   set rests_until = max(coalesce(rests_until, ''), excluded.rests_until)""",
            (note.origin.rstrip("/"), until),
        )


def _write_host(db: sqlite3.Connection, host: Host) -> None:
    db.execute(
        """insert into hosts (origin, robots_at, robots_status, robots, rights_at, rights)
           values (?, ?, ?, ?, ?, ?)
           on conflict (origin) do update set robots_at = excluded.robots_at,
               robots_status = excluded.robots_status, robots = excluded.robots,
               rights_at = excluded.rights_at, rights = excluded.rights""",
        (
            host.origin, _text(host.robots_at), host.robots_status, _stored(host.robots),
            _text(host.rights_at), _stored(host.rights),
        ),
    )  # fmt: skip


def _stored(text: str | None) -> str | None:
    return None if text is None else storable(text)


def bury(
    db: sqlite3.Connection, keys: Iterable[str], articles: Iterable[int], captures: Iterable[int]
) -> None:
    """Forget pages by key, and by what was had from them."""
    db.executemany("delete from queue where key = ?", [(key,) for key in keys])
    db.executemany("delete from queue where article_id = ?", [(number,) for number in articles])
    db.executemany("delete from queue where capture_id = ?", [(number,) for number in captures])


# Reading --------------------------------------------------------------------------------------------

_SOURCE = """select feeds.url, kind, coalesce(sites.name, ''), coalesce(title, ''), coalesce(found_in, ''),
    found_at, coalesce(state, ''), due_at, coalesce(due_reason, ''), checked_at, status, failures, retired_at,
    coalesce(retired_reason, ''), last_new_at from feeds left join sites using (site) """
_PAGE = """select key, queue.url, coalesce(feeds.url, ''), hints, queue.found_at, born_at, queue.state,
    queue.due_at, queue.due_reason, attempts, queue.checked_at, last_status, coalesce(history, ''),
    article_id, capture_id from queue left join feeds on feeds.id = queue.source """

#: Sources that a person named, and those that these name, and so on.
_MINE = """with recursive mine(url) as (select value from json_each(?)
    union select feeds.url from feeds join mine on feeds.found_in = mine.url) """

_DUE = "queue.state in ('due', 'done', 'gone') and queue.due_at <= ?2"
_KNOWN = "queue.state = 'done' and article_id is not null"
#: By whether only what is due is asked for, and whether known articles are: the pages to fetch.
_TO_FETCH = {
    choice: f"""{_MINE}{_PAGE}
        where queue.source in (select id from feeds where url in (select url from mine)) and ({what})
        order by queue.state = 'due' desc, born_at desc, queue.id limit ?3"""  # noqa: S608 - constants
    for choice, what in {
        (True, False): _DUE,
        (True, True): f"{_DUE} or {_KNOWN}",
        (False, False): "queue.state = 'due' and ?2 is null",
        (False, True): f"(queue.state = 'due' or {_KNOWN}) and ?2 is null",
    }.items()
}
_NEXT_DUE = f"""{_MINE} select min(due_at) from (
    select min(due_at) as due_at from feeds where url in (select url from mine)
    union all
    select min(due_at) from queue where state in ('due', 'done', 'gone')
        and source in (select id from feeds where url in (select url from mine)))"""  # noqa: S608 - constants
_SOURCES = f"{_MINE}{_SOURCE} where feeds.url in (select url from mine) order by feeds.id"  # noqa: S608
_BY_KEY = f"{_PAGE} where key in (select value from json_each(?))"  # noqa: S608


def _source(row: tuple[object, ...]) -> Source:
    fields = dict(zip(Source.__struct_fields__, row, strict=True))
    for name in ("found_at", "due_at", "checked_at", "retired_at", "last_new_at"):
        fields[name] = _seconds(fields[name])  # type: ignore[arg-type]  # a row's text
    fields["found_at"] = fields["found_at"] or 0.0
    return msgspec.convert(fields, Source)


def _page(row: tuple[object, ...]) -> Page:
    fields = dict(zip(Page.__struct_fields__, row, strict=True))
    for name in ("found_at", "born_at", "due_at", "checked_at"):
        fields[name] = _seconds(fields[name])  # type: ignore[arg-type]  # a row's text
    hints = fields["hints"]
    fields["hints"] = Hints() if hints is None else msgspec.json.decode(str(hints), type=Hints)
    return msgspec.convert(fields, Page)


def sources(db: sqlite3.Connection, roots: Iterable[str]) -> list[Source]:
    """The sources at these addresses and all that were found in them, the oldest first."""
    mine = msgspec.json.encode(list(roots)).decode()
    return [_source(row) for row in db.execute(_SOURCES, (mine,))]


def pages_by_key(db: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Page]:
    """Those of the pages that are known."""
    wanted = msgspec.json.encode(list(keys)).decode()
    return {page.key: page for page in map(_page, db.execute(_BY_KEY, (wanted,)))}


def pages_to_fetch(
    db: sqlite3.Connection, roots: Iterable[str], *, now: float | None, again: bool, most: int
) -> Iterator[Page]:
    """Pages of these sources to fetch, the newest first.

    With `now`: what is due by then, pages that were had before among them. Without: all that were never had,
    with `again` also those of known articles.
    """
    mine = msgspec.json.encode(list(roots)).decode()
    # Rows hold whole seconds, rounded up: what is due in the course of this second is due.
    moment = _text(now)
    yield from map(_page, db.execute(_TO_FETCH[now is not None, again], (mine, moment, most)).fetchall())


def next_due(db: sqlite3.Connection, roots: Iterable[str]) -> float | None:
    """When the next of these sources, or a page of theirs, is due; None: never."""
    mine = msgspec.json.encode(list(roots)).decode()
    return _seconds(db.execute(_NEXT_DUE, (mine,)).fetchone()[0])


def host(db: sqlite3.Connection, origin: str) -> Host | None:
    """What is remembered of a host; None for one that was never asked."""
    row = db.execute(
        "select origin, robots_at, robots_status, robots, rights_at, rights from hosts where origin = ?",
        (origin,),
    ).fetchone()
    if row is None:
        return None
    fields = dict(zip(Host.__struct_fields__, row, strict=True))
    return Host(**{**fields, "robots_at": _seconds(row[1]), "rights_at": _seconds(row[4])})


def resting(db: sqlite3.Connection, now: float) -> dict[str, float]:
    """Hosts that asked to be left alone for longer than until `now`: origin → until when."""
    rows = db.execute("select origin, rests_until from hosts where rests_until > ?", (_text(now),))
    return {origin: _seconds(until) or 0.0 for origin, until in rows}


def had(db: sqlite3.Connection, url: str, asked: str) -> Had | None:
    """The last capture of an address, as its own URL or as the one that was asked for."""
    row = db.execute(
        """select id, fetched_at, article_id from captures
           where (url = ? or requested_url = ?) and coalesce(status, 200) < 400 order by id desc limit 1""",
        (url, asked),
    ).fetchone()
    if row is None:
        return None
    twin = db.execute("select 1 from queue where article_id = ?", (row[2],)).fetchone()
    fetched_at = _seconds(row[1])
    assert fetched_at is not None
    return Had(capture_id=row[0], fetched_at=fetched_at, article_id=row[2], is_twin=twin is not None)


def articles_without_page(db: sqlite3.Connection, site: str) -> list[tuple[int, str, float]]:
    """Articles that crawls brought before there was a queue: number, address and when first seen."""
    found = db.execute(
        """select id, url, first_seen from articles where site = ? and url like 'http%'
           and not exists (select 1 from queue where article_id = articles.id)
           and exists (select 1 from captures where article_id = articles.id and source = 'crawl')""",
        (site,),
    )
    return [(number, url, _seconds(first_seen) or 0.0) for number, url, first_seen in found]


def known_addresses(db: sqlite3.Connection, site: str, most: int) -> tuple[list[str], list[str]]:
    """Addresses at a site by which pages were asked for, the latest: those of articles, and those of pages
    that proved to be none (lists and the like; walls, errors and empty pages prove nothing).

    At most `most` of either: read from the end of an index.
    """

    def latest(kind: str) -> list[str]:
        found = db.execute(
            """select coalesce(requested_url, url) from captures
               where site = ? and kind = ? and cleaner != '' and kind_reason not like 'empty:%'
                 and kind_reason not like 'login:%' and url like 'http%' order by id desc limit ?""",
            (site, kind, most),
        )
        return list(dict.fromkeys(url for (url,) in found))

    return latest("article"), [*latest("index"), *latest("other")][:most]


def empty_pages(db: sqlite3.Connection, site: str, most: int) -> list[Page]:
    """Pages of a site that held nothing but scripts and were never rendered, the latest."""
    found = db.execute(
        f"""{_PAGE} where queue.state = 'done' and queue.due_at is null and queue.capture_id in
            (select id from captures where site = ? and kind = 'other' and kind_reason like 'empty:%'
             and record_type != 'conversion') order by queue.id desc limit ?""",  # noqa: S608 - constants
        (site, most),
    )
    return list(map(_page, found.fetchall()))


def later_captures(db: sqlite3.Connection) -> list[tuple[str, str, str, int | None]]:
    """Crawled captures that the queue does not know, since a kill came between: record, address, status.

    Only those behind the last that it knows: captures and what they led to are written together.
    """
    found = db.execute(
        """select record_id, url, coalesce(requested_url, url), status from captures
           where source = 'crawl' and cleaner is not null
             and id > (select coalesce(max(capture_id), 9e18) from queue) order by id"""
    )
    return [(record_id, url, asked, status) for record_id, url, asked, status in found]

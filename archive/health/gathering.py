"""Reads from `articles.db` what a site's health is judged by. Decides nothing, writes nothing.

Every question is bounded (so many pages of a site, so many weeks) and has an index; it may be asked while a
crawl writes.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archive.health.judging import BEFORE
from archive.health.silence import LONG_WINDOW, MANY, MOST, WINDOW
from archive.health.values import (
    DAY,
    ArchiveFacts,
    Arrival,
    FailureCount,
    PageFacts,
    Run,
    SiteFacts,
    SourceFacts,
    Watched,
)
from archive.lock import writer_of
from archive.uris import site_of
from archive.values import page_form

#: Pages of a site that are read: the newest, and those they are compared with.
PAGES = 30 + BEFORE
#: Hosts of one source's pages that are told apart: more are links to other people's sites.
_HOSTS_OF = 20
#: Crawls that are read, and the newest files that are looked for.
_RUNS, _FILES = 40, 500
#: Words that the command of a crawl of sites begins with, in the table `runs`.
_CRAWLS = ("crawl", "scrapy crawl news")


#: A time of the tables in seconds since 1970 (whole ones): some thousands of them are read for a site.
_EPOCH = "cast(strftime('%s', {}) as integer)"


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(max(seconds, 0.0), UTC).isoformat(timespec="seconds")


def _seconds(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


def sites(db: sqlite3.Connection, now: float, watched: Sequence[Watched] | None) -> Iterator[SiteFacts]:
    """Facts of the watched sites, in their order; then of the archive's other sites, by name.

    Without a list of sites, all that were crawled are watched.
    """
    sources = list(_sources(db))
    by_root = _by_root(sources)
    failures = _failures(db, now)
    if watched is None:
        watched = _found_sites(sources)
    mine = [[source for root in site.roots for source in by_root.get(root, ())] for site in watched]
    hosts = [_hosts(db, site, own) for site, own in zip(watched, mine, strict=True)]
    covered = Counter(host for of_site in hosts for host in of_site)
    for site, own, of_site in zip(watched, mine, hosts, strict=True):
        # Two sites of the list may share a host: then a page is the site's whose source named it.
        shared = any(covered[host] > 1 for host in of_site)
        yield _facts(db, now, site, own, of_site, failures, shared=shared)
    for host, name in db.execute("select site, coalesce(name, site) from sites order by 2"):
        if host not in covered:
            own = [source for source in sources if source.site == host]
            other = Watched(name=name, url=f"https://{host}/" if "." in host else "")
            yield _facts(db, now, other, own, (host,), failures, is_listed=False)


def _sources(db: sqlite3.Connection) -> Iterator[SourceFacts]:
    found = db.execute(
        """select id, url, kind, site, coalesce(found_in, ''), found_at, due_at, coalesce(due_reason, ''),
                  checked_at,
                  status, failures, retired_at, coalesce(retired_reason, ''), last_new_at,
                  case when failures > 0 then (select max(fetched_at) from exchanges
                      where exchanges.url = feeds.url and exchanges.status < 400) end
           from feeds order by id"""
    )
    names = SourceFacts.__struct_fields__
    times = ("found_at", "due_at", "checked_at", "retired_at", "last_new_at", "answered_at")
    for row in found:
        fields = dict(zip(names, row, strict=True))
        fields |= {name: _seconds(fields[name]) for name in times}
        fields["found_at"] = fields["found_at"] or 0.0
        yield SourceFacts(**fields)


def _by_root(sources: Sequence[SourceFacts]) -> dict[str, list[SourceFacts]]:
    """Each source's address → itself and all that were found in it, and so on."""
    children: dict[str, list[SourceFacts]] = defaultdict(list)
    for source in sources:
        children[source.found_in].append(source)
    tree: dict[str, list[SourceFacts]] = {}
    for source in sources:
        mine, known, at = [source], {source.url}, 0
        while at < len(mine):  # a sitemap may name itself
            new = [one for one in children.get(mine[at].url, ()) if one.url not in known]
            known.update(one.url for one in new)
            mine += new
            at += 1
        tree[source.url] = mine
    return tree


def _found_sites(sources: Sequence[SourceFacts]) -> list[Watched]:
    roots: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        if not source.found_in:
            roots[source.site].append(source.url)
    return [Watched(name=site, roots=tuple(urls)) for site, urls in sorted(roots.items())]


def _hosts(db: sqlite3.Connection, site: Watched, sources: Sequence[SourceFacts]) -> tuple[str, ...]:
    """The hosts that a site's pages stand on: its own, and those of what its sources list."""
    own = [site_of(site.url)] if site.url else []
    named = [*own, *(source.site for source in sources)]
    for source in sources:
        after = ""
        for _ in range(_HOSTS_OF):  # one step of the index for each host
            (after,) = db.execute(
                "select min(site) from queue where source = ? and site > ?", (source.id, after)
            ).fetchone()
            if after is None:
                break
            named.append(after)
    return tuple(dict.fromkeys(host for host in named if host))


def _ids(sources: Sequence[SourceFacts]) -> str:
    return json.dumps([source.id for source in sources])


def _facts(
    db: sqlite3.Connection, now: float, site: Watched, sources: Sequence[SourceFacts], hosts: tuple[str, ...],
    failures: dict[str, list[FailureCount]], *, is_listed: bool = True, shared: bool = False,
) -> SiteFacts:  # fmt: skip
    waiting, waiting_long, due_at = _queue(db, sources, now)
    pages = sorted(
        (p for host in hosts for p in _pages(db, host, sources if shared else None)),
        key=lambda page: -page.fetched_at,
    )
    return SiteFacts(
        name=site.name,
        url=site.url,
        hosts=hosts,
        is_listed=is_listed,
        sources=tuple(sources),
        arrivals=tuple(_arrivals(db, sources, now)),
        pages=tuple(pages[:PAGES]),
        failures=tuple(one for host in hosts for one in failures.get(host, ())),
        waiting=waiting,
        waiting_long=waiting_long,
        pages_due_at=due_at,
        articles=_count(db, sources) if is_listed else sum(_count_of_host(db, host) for host in hosts),
    )


def _count(db: sqlite3.Connection, sources: Sequence[SourceFacts]) -> int:
    query = """select count(distinct article_id) from queue
               where source in (select value from json_each(?)) and article_id is not null"""
    return int(db.execute(query, (_ids(sources),)).fetchone()[0])


def _count_of_host(db: sqlite3.Connection, host: str) -> int:
    return int(db.execute("select count(*) from articles where site = ?", (host,)).fetchone()[0])


def _arrivals(db: sqlite3.Connection, sources: Sequence[SourceFacts], now: float) -> list[Arrival]:
    """The newest articles of these sources: of eight weeks, or of half a year where they are few."""
    found: list[Arrival] = []
    for window in (WINDOW, LONG_WINDOW):
        rows = db.execute(
            f"""select article_id, {_EPOCH.format("born_at")}, {_EPOCH.format("found_at")} from queue
                where source in (select value from json_each(?)) and article_id is not null and born_at > ?
                order by born_at desc limit ?""",  # noqa: S608 - constants
            (_ids(sources), _text(now - window), MOST + 1),
        )
        # An article that stands at two addresses came once.
        once = {article: Arrival(born_at=born, found_at=found_at) for article, born, found_at in rows}
        found = list(once.values())
        if len(found) > MANY:
            break
    return found or _latest(db, sources)


def _latest(db: sqlite3.Connection, sources: Sequence[SourceFacts]) -> list[Arrival]:
    """The last article, however long ago it came."""
    row = db.execute(
        """select born_at, found_at from queue where source in (select value from json_each(?))
           and article_id is not null order by born_at desc limit 1""",
        (_ids(sources),),
    ).fetchone()
    return [] if row is None else [Arrival(born_at=_seconds(row[0]) or 0.0, found_at=_seconds(row[1]) or 0.0)]


#: Pages that these sources listed, as far as their addresses' last captures tell.
_LISTED = """and exists (select 1 from queue where queue.capture_id = captures.id
    and source in (select value from json_each(?)))"""


def _pages(
    db: sqlite3.Connection, host: str, sources: Sequence[SourceFacts] | None = None
) -> list[PageFacts]:
    """The newest pages of a host; what had not changed (304, the same article again) is left out.

    With `sources`, only what they listed.
    """
    rows = db.execute(
        f"""select {_EPOCH.format("fetched_at")}, status, kind, substr(kind_reason, 1, 40), cleaner,
                   truncated is not null, words, cut_share, confidence, fields
            from captures where site = ? and status is not 304
              and not (record_type = 'revisit' and kind = 'article') {"" if sources is None else _LISTED}
            order by fetched_at desc limit ?""",  # noqa: S608 - constants
        (host, *([] if sources is None else [_ids(sources)]), PAGES),
    )
    sets: dict[str | None, frozenset[str] | None] = {None: None}
    found = []
    for at, status, kind, reason, cleaner, cut, words, cut_share, confidence, fields in rows:
        if fields not in sets:
            sets[fields] = frozenset(fields.split())
        found.append(
            PageFacts(
                fetched_at=at,
                status=status,
                kind=kind,
                form=page_form(reason) if reason else "",
                cleaner=cleaner,
                truncated=bool(cut),
                words=words,
                cut_share=cut_share,
                confidence=confidence,
                fields=sets[fields],
            )
        )
    return found


def _failures(db: sqlite3.Connection, now: float) -> dict[str, list[FailureCount]]:
    found: dict[str, list[FailureCount]] = defaultdict(list)
    rows = db.execute(
        "select site, day, class, times, last_at from failures where day >= ?", (_text(now - 35 * DAY)[:10],)
    )
    for site, day, failure, times, last_at in rows:
        began = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
        found[site].append(
            FailureCount(day=began, failure=failure, times=times, last_at=_seconds(last_at) or began)
        )
    return found


def _queue(
    db: sqlite3.Connection, sources: Sequence[SourceFacts], now: float
) -> tuple[int, int, float | None]:
    """Pages that were never had, those of them due since more than a day, and the oldest due time."""
    row = db.execute(
        """select count(*), coalesce(sum(due_at < ?), 0), min(due_at) from queue
           where source in (select value from json_each(?)) and state = 'due'""",
        (_text(now - DAY), _ids(sources)),
    ).fetchone()
    return int(row[0]), int(row[1]), _seconds(row[2])


def not_articles(
    db: sqlite3.Connection, hosts: Iterable[str], limit: int = 10
) -> list[tuple[float, str, str, str]]:
    """The newest pages of these hosts that were no articles: when, address, kind, why."""
    rows = db.execute(
        """select fetched_at, url, kind, coalesce(kind_reason, '') from captures
           where site in (select value from json_each(?)) and kind != 'article'
           order by fetched_at desc limit ?""",
        (json.dumps(list(hosts)), limit),
    )
    return [(_seconds(at) or 0.0, url, kind, reason) for at, url, kind, reason in rows]


def archive(db: sqlite3.Connection, root: Path | None) -> ArchiveFacts:
    """Facts of the archive itself; of its disk and files where its folder is given."""
    like = " or ".join("command like ?" for _ in _CRAWLS)
    runs = db.execute(
        f"select started_at, finished_at from runs where {like} order by id desc limit ?",  # noqa: S608 - constants
        (*(f"{words}%" for words in _CRAWLS), _RUNS),
    )
    uncleaned, since = db.execute(
        "select count(*), min(fetched_at) from captures indexed by captures_not_cleaned where cleaner is null"
    ).fetchone()
    (active,) = db.execute(
        """select max(at) from (select max(fetched_at) as at from captures
           union all select max(fetched_at) from exchanges)"""
    ).fetchone()
    disk = shutil.disk_usage(root) if root is not None else None
    return ArchiveFacts(
        runs=tuple(
            Run(started_at=_seconds(begun) or 0.0, finished_at=_seconds(ended)) for begun, ended in runs
        ),
        writer=writer_of(root) if root is not None else None,
        active_at=_seconds(active),
        disk_free=disk.free if disk is not None else None,
        disk_size=disk.total if disk is not None else None,
        missing_files=tuple(_missing_files(db, root)) if root is not None else (),
        uncleaned=uncleaned,
        uncleaned_since=_seconds(since),
    )


def _missing_files(db: sqlite3.Connection, root: Path) -> Iterator[str]:
    rows = db.execute(
        "select name, size from warc_files order by finished_at desc limit ?", (_FILES,)
    ).fetchall()
    rewriting = {name for (name,) in db.execute("select name from rewriting")}
    for name, size in rows:
        try:
            is_whole = (root / name).stat().st_size == size
        except OSError:
            is_whole = False
        if not is_whole and name not in rewriting:
            yield name

"""Reads what the servers of a world wrote down and what the archive holds, and judges the crawl. Pure but for
reading.

An article counts as one to be found if it stood in a list that robots.txt lets us read, on a site that
answered and shows its articles, for `LISTED` at least, between the beginning and the end. Delay: from the
time of publication to the round in which the article was had, for articles published after the beginning.
"""

from __future__ import annotations

import json
import math
import sqlite3
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.worlds.plan import DAY, HOUR, START, Article, Site
from tests.worlds.rounds import CONTACT, DELAY
from tests.worlds.server import LOGGED

#: No schedule looks more often than every 5 minutes (`SourceOptions.shortest`): what stood in a list for less
#: than twice that may be missed by bad luck alone. Told apart.
LISTED = 600.0
#: Delays are kept where requests leave and measured where they arrive. One that was long on its way (the
#: first connects; on two processors crawl, workers and servers wait for each other) makes the next seem early
#: by that much, once: 0.19 s was the most that was seen, with 13 processes waiting for two processors. So
#: delays are judged over 1, 5 and 20 requests running: 20 take 20 delays less this time.
TOLERANCE = 0.25
RUNNING = (1, 5, 20)
#: robots.txt is asked for again after a day at most (RFC 9309, 2.4).
ROBOTS_AGE = DAY


@dataclass(frozen=True)
class Request:
    """A line of the log."""

    host: str
    address: str
    peer: int
    arrived: float
    answered: float
    now: float
    path: str
    status: int
    what: str
    article: int | None
    revision: int | None
    agent: str
    conditional: bool
    rest: float


def read_log(path: Path) -> list[Request]:
    with path.open(encoding="utf-8") as file:
        rows = [Request(**dict(zip(LOGGED, json.loads(line), strict=True))) for line in file]
    return sorted(rows, key=lambda row: row.arrived)


# Manners ----------------------------------------------------------------------------------------------


def offences(log: list[Request], sites: Iterable[Site]) -> dict[str, list[str]]:
    """What a polite crawler never does, and where it was done: name of the rule -> sentences."""
    by_host: dict[str, list[Request]] = defaultdict(list)
    by_address: dict[str, list[Request]] = defaultdict(list)
    for row in log:
        by_host[row.host].append(row)
        by_address[row.address].append(row)
    found: dict[str, list[str]] = {name: [] for name in (
        "forbidden by robots.txt", "robots.txt not asked first", "two at once to a site",
        "sooner than the delay", "sooner than Retry-After", "no contact named",
    )}  # fmt: skip
    for site in sites:
        rows = by_host[site.host]
        found["forbidden by robots.txt"] += [
            row.path for row in rows if row.what != "robots" and _is_forbidden(site, row.path)
        ]
        found["robots.txt not asked first"] += _without_robots(rows)
        found["two at once to a site"] += _at_once(rows)
        found["sooner than the delay"] += _too_soon(rows, site.traits.delay or DELAY / 2)
        found["sooner than Retry-After"] += _restless(rows)
        found["no contact named"] += [row.agent for row in rows if f"(+{CONTACT})" not in row.agent]
    return found


def at_one_address(log: list[Request], sites: Iterable[Site], since: float) -> tuple[list[str], list[str]]:
    """Requests at once to the sites behind one address, and those sooner after one another than the delay.

    From `since` on: sources are found in crawls of their own, and two of those know nothing of each other.
    """
    shared = Counter(site.address for site in sites)
    rows: dict[str, list[Request]] = defaultdict(list)
    for row in log:
        if shared[row.address] > 1 and row.arrived > since:
            rows[row.address].append(row)
    return (
        [said for own in rows.values() for said in _at_once(own)],
        [said for own in rows.values() for said in _too_soon(own, DELAY / 2)],
    )


def _is_forbidden(site: Site, path: str) -> bool:
    return site.is_forbidden(path) or path.startswith(("/login", "/search"))


def _without_robots(rows: list[Request]) -> Iterator[str]:
    asked = -math.inf
    for row in rows:
        if row.path == "/robots.txt":
            asked = row.now
        elif row.now - asked > ROBOTS_AGE:
            yield f"{row.host}{row.path}"


def _at_once(rows: list[Request]) -> Iterator[str]:
    until = -math.inf
    for row in rows:
        if row.arrived < until:
            yield f"{row.host}{row.path} came {until - row.arrived:.3f} s before the answer to the last"
        until = max(until, row.answered)


def _too_soon(rows: list[Request], delay: float) -> Iterator[str]:
    for running in RUNNING:
        for first, last in zip(rows, rows[running:], strict=False):
            gap = last.arrived - first.arrived
            # Rounds follow one another without the simulated minutes between them.
            if first.now == last.now and gap < running * delay - TOLERANCE:
                what = f"{running + 1} requests in {gap:.3f} s, not {running} x {delay:g}"
                yield f"{last.host}{last.path}: {what}"


def _restless(rows: list[Request]) -> Iterator[str]:
    until = -math.inf
    for row in rows:
        if row.now < until:
            yield f"{row.host}{row.path} was asked for {until - row.now:.0f} s too early"
        if row.status == 429:
            until = max(until, row.now + row.rest)


# Articles ---------------------------------------------------------------------------------------------


@dataclass
class Kind:
    """What became of the articles of one kind of site. Delays in seconds."""

    sites: int = 0
    listed: int = 0
    found: int = 0
    late: int = 0
    delays: list[float] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)

    def share(self) -> float:
        return self.found / self.listed if self.listed else 1.0


@dataclass
class Verdict:
    """The whole judgement. `kinds`: by kind of site; `missed`: articles that should have been found."""

    kinds: dict[str, Kind]
    missed: list[str]
    hardly_listed: tuple[int, int]
    behind_walls: int
    requests: Counter[str]
    new: int
    twice: list[str]
    walls_kept: list[str]
    teasers_free: int
    noise_versions: list[str]
    edits: tuple[int, int, int]

    @property
    def whole(self) -> Kind:
        total = Kind()
        for kind in self.kinds.values():
            total.sites += kind.sites
            total.listed += kind.listed
            total.found += kind.found
            total.late += kind.late
            total.delays += kind.delays
            total.requests += kind.requests
        return total


@dataclass
class Kept:
    """The archive's articles, by site and number: ids of rows, versions, access."""

    rows: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    versions: dict[int, int] = field(default_factory=dict)
    access: dict[int, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)


def read_archive(archive: Path, sites: Iterable[Site]) -> Kept:
    """Which articles of the world the archive's rows are, by the addresses of their captures."""
    by_host = {site.host: site for site in sites}
    kept = Kept()
    with closing(sqlite3.connect(archive / "articles.db")) as db:
        for number, version, access in db.execute("select id, version, access from articles"):
            kept.versions[number], kept.access[number] = version, access
        known = set()
        for number, url in db.execute(
            "select distinct article_id, url from captures where article_id is not null and kind = 'article'"
        ):
            parts = urlsplit(url)
            site = by_host[parts.hostname or ""]
            article = site.by_path.get(parts.path)
            if article is not None:
                kept.rows[site.host, article.number].add(number)
                known.add(number)
        for number, url in db.execute("select id, url from articles"):
            if number not in known:
                kept.strangers.append(url)
    return kept


def judge(log: list[Request], archive: Path, sites: list[Site], hours: float, since: float) -> Verdict:
    """Compare what was published with what was asked for and what is kept. `since`: when the rounds began."""
    kept = read_archive(archive, sites)
    shown = {(row.host, row.article): row.now for row in reversed(log) if row.revision is not None}
    states: dict[tuple[str, int], set[int]] = defaultdict(set)
    had_last: dict[tuple[str, int], float] = {}
    for row in log:
        if row.what == "article" and row.article is not None and row.revision is not None:
            states[row.host, row.article].add(row.revision)
            had_last[row.host, row.article] = row.now
    verdict = Verdict(
        kinds={}, missed=[], hardly_listed=(0, 0), behind_walls=0, requests=Counter(), new=0, twice=[],
        walls_kept=[], teasers_free=0, noise_versions=[], edits=(0, 0, 0),
    )  # fmt: skip
    end = START + hours * HOUR
    happened = met = 0
    for site in sites:
        kind = verdict.kinds.setdefault(site.kind, Kind())
        kind.sites += 1
        for article in site.articles:
            key = (site.host, article.number)
            rows = kept.rows.get(key, set())
            if len(rows) > 1:
                verdict.twice.append(f"{site.host} {article.number}: {len(rows)} rows")
            verdict.noise_versions += [
                f"{site.host} {article.number}: {kept.versions[row]} versions of {len(states[key])}"
                for row in rows
                if kept.versions[row] > len(states[key])
            ]
            verdict.teasers_free += sum(
                kept.access[row] == "free" for row in rows if site.traits.wall == "paywall"
            )
            if rows and len(states[key]) > 0:
                first = min(states[key])
                happened += sum(revision > first for revision in range(article.revision(end) + 1))
                met += len(states[key]) - 1
            _count(verdict, kind, site, article, bool(rows), shown.get(key), end)
    verdict.edits = (happened, met, sum(kept.versions.values()) - len(kept.versions))
    verdict.new = len(kept.versions)
    verdict.walls_kept = kept.strangers
    _count_requests(verdict, log, sites, since)
    return verdict


def _count(
    verdict: Verdict, kind: Kind, site: Site, article: Article, is_kept: bool, had: float | None, end: float
) -> None:
    listed = listed_for(site, article, end)
    if listed <= 0 or article.published > end:
        return
    if site.traits.wall == "consent":
        verdict.behind_walls += 1
        return
    if listed < LISTED:
        there, found = verdict.hardly_listed
        verdict.hardly_listed = (there + 1, found + is_kept)
        return
    kind.listed += 1
    kind.found += is_kept
    if not is_kept:
        verdict.missed.append(f"{site.kind}: {site.host}{site.path(article, article.published)}")
    elif article.published >= START and had is not None:
        kind.delays.append(had - article.published)


def listed_for(site: Site, article: Article, end: float) -> float:
    """Seconds for which an article stood in a list of its site that may be read, while the site answered.

    To the end of the time in which anything is published: after it nothing pushes it out.
    """
    if site.is_forbidden(site.path(article, article.published)):
        return 0.0
    begin, over = max(article.published, START), min(article.deleted_at, end + DAY)
    lists = site.traits.lists.split("+")
    if lists == ["news"]:
        over = min(over, article.published + 2 * DAY)
    elif lists[0] in ("urlset", "index"):
        # Of these the entries of the last three days are read.
        over = min(over, max(article.published + 3 * DAY, *article.edits, 0.0))
    else:
        pushing = site.articles[article.number + 1 :]
        if lists[0] == "sections":
            pushing = [one for one in pushing if one.section == article.section]
        if len(pushing) >= site.traits.listed:
            over = min(over, pushing[site.traits.listed - 1].published)
    if site.traits.trouble in ("dies", "down"):
        before = min(over, site.turn[0]) - begin
        after = over - max(begin, site.turn[1])
        return max(before, after, 0.0)
    return over - begin


NAMES = {
    "robots": "robots.txt", "source": "sources", "redirect": "redirects", "wall": "walls and errors",
    "other": "walls and errors",
}  # fmt: skip


def _count_requests(verdict: Verdict, log: list[Request], sites: list[Site], since: float) -> None:
    kinds = {site.host: verdict.kinds[site.kind] for site in sites}
    seen: set[tuple[str, int]] = set()
    for row in log:
        what = row.what
        if what == "article" and row.article is not None:
            what = "revisits" if (row.host, row.article) in seen else "articles"
            seen.add((row.host, row.article))
        name = NAMES.get(what, what) if row.arrived > since else "finding the sources"
        kinds[row.host].requests[name] += 1
        verdict.requests[name] += 1
        verdict.requests["answered 304"] += row.status == 304


# Words ------------------------------------------------------------------------------------------------


def minutes(delays: list[float], share: float) -> float:
    """A quantile in minutes; 0 of nothing."""
    ordered = sorted(delays)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] / 60 if ordered else 0.0


def summary(verdict: Verdict, log: list[Request], sites: list[Site], since: float) -> dict[str, Any]:
    """All figures, for JSON."""
    whole = verdict.whole
    new = max(verdict.new, 1)
    at_once, too_soon = at_one_address(log, sites, since)
    return {
        "articles to be found": whole.listed,
        "found": whole.found,
        "share found": whole.share(),
        "listed for less than 10 minutes": verdict.hardly_listed[0],
        "of these found": verdict.hardly_listed[1],
        "behind consent walls": verdict.behind_walls,
        "published during the run and found": len(whole.delays),
        "median delay, minutes": minutes(whole.delays, 0.5),
        "mean delay, minutes": statistics.fmean(whole.delays) / 60 if whole.delays else 0.0,
        "95th percentile, minutes": minutes(whole.delays, 0.95),
        "requests": len(log),
        "requests for each new article": len(log) / new,
        "of these": {name: count / new for name, count in verdict.requests.most_common()},
        "edits of articles that were had": verdict.edits[0],
        "of these seen": verdict.edits[1],
        "versions beyond the first": verdict.edits[2],
        "noise versions": len(verdict.noise_versions),
        "articles kept twice": len(verdict.twice),
        "walls and errors kept as articles": len(verdict.walls_kept),
        "teasers kept as free": verdict.teasers_free,
        "offences": {name: len(said) for name, said in offences(log, sites).items()},
        "at once to two sites of one address": len(at_once),
        "too soon at one address": len(too_soon),
        "kinds": {
            name: {
                "sites": kind.sites, "listed": kind.listed, "found": kind.found, "share": kind.share(),
                "median delay, minutes": minutes(kind.delays, 0.5),
                "95th percentile, minutes": minutes(kind.delays, 0.95),
                "requests for each found": sum(kind.requests.values()) / max(kind.found, 1),
            }
            for name, kind in verdict.kinds.items()
        },
    }  # fmt: skip

"""`/sites` and `/site/NAME`: how each site is doing, what its pages turned out to be, what it asks for.

Figures are counted when a page is asked for, each by an index and of a bounded number of rows. What is said
of them (states, alarms, rhythm) was judged after the last crawl and stands in the table `judgements`; an
archive that was never crawled has none, and its pages show the figures alone.
"""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import json
import sqlite3
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from datasette.database import Database
from markupsafe import Markup

from .asking import NO_SITE, Answer, Row, fetch_rows, whole_number
from .drawing import columns, days_to, share, sparkline
from .overrides import site_of
from .saying import folder_of, told_in

SITES_A_PAGE = 50
#: Days of the charts.
DAYS = 60
#: The newest pages of a site by which its fields, walls and confidence are told; on the list fewer.
NEWEST, NEWEST_LISTED = 200, 50
SOURCES, MEMORY = 40, 12

#: States as they are told, the worst first; a mark beside the word, so that colour says nothing alone.
STATES = {
    "alarm": ("✗", "alarm"),
    "notice": ("!", "notice"),
    "unknown": ("·", "not known yet"),
    "well": ("✓", "well"),
    "unlisted": ("·", "not in sites.toml"),
    "": ("", ""),
}

#: A judgement older than this is told to be old.
OLD = timedelta(days=2)

#: Where a page is, by what it was: (class in the chart, what it is called).
OUTCOMES = (("article", "articles"), ("page", "other pages"), ("failed", "failures"))

#: Fields of `captures.fields`, in the order in which they are told, and what they are called. The first
#: three are told where no page gave them, too.
FIELDS = {
    "headline": "headline",
    "authors": "authors",
    "date_published": "date",
    "section": "section",
    "description": "summary",
    "keywords": "keywords",
    "main_image": "image",
    "language": "language",
}
EXPECTED = ("headline", "authors", "date_published")


def ago(moment: object, now: datetime) -> str:
    """How long ago a stored time was, in words: `3 hours ago`, `in 5 minutes`; "" where it is none."""
    found = _moment(moment)
    if found is None:
        return ""
    seconds = (now - found).total_seconds()
    if abs(seconds) < 60:
        return "just now"
    for size, unit in (
        (365 * 86400, "year"),
        (30 * 86400, "month"),
        (86400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ):
        number = int(abs(seconds) // size)
        if number:
            words = f"{number} {unit}{'' if number == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def site_path(name: object) -> str:
    """Where a site's page stands."""
    return "/site/" + quote(str(name), safe="")


# What was judged ------------------------------------------------------------------------------------


def read_judgement(row: Row) -> dict[str, Any]:
    """A row of `judgements`, its JSON read; what is no such JSON counts as none."""
    hosts = [host for host in _list(row["hosts"]) if isinstance(host, str)]
    findings = [
        one for one in _list(row["findings"])
        if isinstance(one, dict) and one.get("level") in {"notice", "alarm"}
    ]  # fmt: skip
    state = row["state"] if row["state"] in STATES else ""
    return {**row, "hosts": hosts, "findings": findings, "state": state}


def _list(text: object) -> list[Any]:
    try:
        found = json.loads(str(text or "[]"))
    except ValueError:
        return []
    return found if isinstance(found, list) else []


async def judgements(database: Database) -> list[dict[str, Any]]:
    """All that was judged; none from an archive that an older pressmark made."""
    try:
        return [read_judgement(row) for row in await fetch_rows(database, "select * from judgements")]
    except sqlite3.OperationalError as problem:
        if "no such table" not in str(problem):
            raise
        return []


def entries(
    judged: Sequence[Mapping[str, Any]], sites: Sequence[Row], *, nameless: bool
) -> list[dict[str, Any]]:
    """All sites once: those that were judged, with their hosts, then hosts that none of these covers."""
    names = {row["site"]: row["name"] for row in sites}
    found = [{**one, "name": one["site"]} for one in judged if one["site"]]
    covered = {host for one in found for host in one["hosts"]}
    plain: dict[str, Any] = {"state": "", "findings": [], "rhythm": None, "judged_at": None}
    found += [
        {**plain, "site": host, "name": name or host, "hosts": [host]}
        for host, name in names.items()
        if host not in covered
    ]
    ranks = {state: rank for rank, state in enumerate(STATES)}
    found.sort(key=lambda one: (ranks[one["state"]], str(one["name"]).lower(), str(one["site"])))
    if nameless:
        found.append({**plain, "site": NO_SITE, "name": NO_SITE, "hosts": [None]})
    return found


async def _all_entries(database: Database) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """All sites, and what was judged of the archive itself."""
    judged = await judgements(database)
    sites = await fetch_rows(database, "select site, name from sites")
    nameless = await fetch_rows(database, "select 1 from articles where site is null limit 1")
    whole = next((one for one in judged if not one["site"]), None)
    return entries(judged, sites, nameless=bool(nameless)), whole


# The list -------------------------------------------------------------------------------------------

#: Of each host: its articles, the last of them, and what its newest pages were.
_LISTED = """
select value as host,
  (select count(*) from articles where site is value) as articles,
  (select max(first_seen) from articles where site is value) as last_new,
  (select max(date_published) from articles where site is value) as last_day,
  (select json_object('pages', count(*), 'articles', sum(kind = 'article'),
      'walls', sum(kind in ('consent', 'paywall') or kind_reason like 'login:%'
        or kind_reason like 'bot check:%'),
      'empty', sum(kind_reason like 'empty:%'), 'failed', sum(status >= 400 or cleaner = ''),
      'told', sum(fields is not null), 'authors', sum(' ' || fields || ' ' like '% authors %'),
      'date_published', sum(' ' || fields || ' ' like '% date_published %'))
   from (select kind, kind_reason, status, cleaner, fields from captures
         where site is value order by fetched_at desc limit :newest)) as newest
from json_each(:hosts)"""

#: By day of publication; an article that tells none counts for the day on which it came.
_BY_DAY = """
select site as host, substr(coalesce(date_published, first_seen), 1, 10) as day, count(*) as articles
from articles where site is :host and coalesce(date_published, first_seen) >= :first
  and coalesce(date_published, first_seen) < :after group by day"""

_ALL_BY_DAY = """
select site as host, substr(coalesce(date_published, first_seen), 1, 10) as day, count(*) as articles
from articles where site in (select value from json_each(:hosts))
  and coalesce(date_published, first_seen) >= :first
group by site, day"""


async def sites_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/sites?page=N`: all sites, those with alarms first."""
    now = datetime.now(UTC)
    everything, whole = await _all_entries(database)
    page = whole_number(request.args.get("page"), otherwise=1, most=10**6)
    shown = everything[(page - 1) * SITES_A_PAGE : page * SITES_A_PAGE]
    hosts = list(dict.fromkeys(host for one in shown for host in one["hosts"]))
    counted = {
        row["host"]: row
        for row in await fetch_rows(database, _LISTED, {"hosts": json.dumps(hosts), "newest": NEWEST_LISTED})
    }
    days = days_to(now.date(), DAYS)
    by_day = await fetch_rows(database, _ALL_BY_DAY, {"hosts": json.dumps(hosts), "first": days[0]})
    if None in hosts:  # which no list of SQL holds
        after = (now.date() + timedelta(1)).isoformat()
        by_day += await fetch_rows(database, _BY_DAY, {"host": None, "first": days[0], "after": after})
    return "sites", {
        "sites": [_told(one, counted, by_day, days, now) for one in shown],
        "count": len(everything),
        "states": Counter(one["state"] for one in everything if one["state"]),
        "known_states": STATES,
        "whole": whole,
        **_age_of(everything, whole, now),
        "page": page,
        "more": len(everything) > page * SITES_A_PAGE,
        "first": page == 1,
    }


def _age_of(
    everything: Sequence[Mapping[str, Any]], whole: Mapping[str, Any] | None, now: datetime
) -> dict[str, Any]:
    """When the archive was last judged, and whether that is long ago."""
    moments = [one["judged_at"] for one in [*everything, *([whole] if whole else [])] if one["judged_at"]]
    judged_at = max(moments, default=None)
    moment = _moment(judged_at)
    return {
        "judged_at": judged_at,
        "judged_ago": ago(judged_at, now),
        "is_old": moment is not None and now - moment > OLD,
    }


def _told(
    site: Mapping[str, Any],
    counted: Mapping[str, Row],
    by_day: Sequence[Row],
    days: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    rows = [counted[host] for host in site["hosts"] if host in counted]
    newest: Counter[str] = Counter()
    for row in rows:
        newest.update({name: int(value or 0) for name, value in json.loads(row["newest"]).items()})
    daily = Counter[str]()
    for row in by_day:
        if row["host"] in site["hosts"]:
            daily[row["day"]] += row["articles"]
    last_new = max((row["last_new"] for row in rows if row["last_new"]), default=None)
    values = [daily[day] for day in days]
    return {
        **site,
        "path": site_path(site["site"]),
        "articles": sum(row["articles"] for row in rows),
        "last_new": last_new,
        "last_new_ago": ago(last_new, now),
        "recent": sum(values),
        "spark": sparkline(values) if any(values) else "",
        "notes": list(list_notes(newest)),
    }


def list_notes(newest: Mapping[str, int]) -> list[str]:
    """What is worth a word about the newest pages of a site."""
    pages, told = newest["pages"], newest["told"]
    parts = [("failed", "failed"), ("walls", "walls"), ("empty", "empty pages")]
    notes = [f"{newest[name] / pages:.0%} {words}" for name, words in parts if pages and newest[name]]
    if told:
        notes += [
            f"{name} {newest[field] / told:.0%}"
            for field, name in (("authors", "authors"), ("date_published", "dates"))
        ]
    return notes


# One site -------------------------------------------------------------------------------------------

#: One step of an index each, but for the counts, which read the index of one site.
_SUMS = """
select (select count(*) from articles where site is :host) as articles,
  (select count(*) from articles where site is :host and date_published is null) as undated,
  (select min(date_published) from articles where site is :host) as first_day,
  (select max(date_published) from articles where site is :host) as last_day,
  (select max(first_seen) from articles where site is :host) as last_new"""

_NEWEST = """
select fetched_at, status, kind, kind_reason, cleaner, truncated, words, cut_share, confidence, fields
from captures where site is :host order by fetched_at desc limit :limit"""

_OUTCOMES = """select substr(fetched_at, 1, 10) as day,
  case when kind = 'article' then 'article' when status >= 400 or cleaner = '' then 'failed' else 'page' end
    as outcome,
  count(*) as pages
from captures where site is :host and fetched_at >= :first and fetched_at < :after group by day, outcome"""

_SOURCES = """
select url, kind, title, checked_at, status, failures, due_at, due_reason, last_new_at, retired_at,
  retired_reason
from feeds where site is :host order by retired_at is not null, due_at is null, due_at limit :limit"""

_RIGHTS = """select value as statement, count(*) as captures, max(fetched_at) as last
from captures, json_each(captures.rights) where site is :host and rights is not null group by value
order by captures desc limit 20"""

_ARTICLES = """select id, headline, date_published, first_seen from articles
where site is :host order by first_seen desc limit 6"""


async def site_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/site/NAME`: one site; NAME is that of sites.toml, or a host."""
    name, now = unquote(request.url_vars["name"]), datetime.now(UTC)
    everything, _ = await _all_entries(database)
    site = next((one for one in everything if one["site"] == name), None) or next(
        (one for one in everything if name in one["hosts"]), None
    )
    if site is None:
        raise Answer(404, "There is no such site in this archive.")
    hosts = site["hosts"]

    async def of_hosts(sql: str, **params: object) -> list[dict[str, Any]]:
        return [row for host in hosts for row in await _there(database, sql, {**params, "host": host})]

    sums = await of_hosts(_SUMS)
    last_days = [row["last_day"] for row in sums if row["last_day"]]
    newest = sorted(
        await of_hosts(_NEWEST, limit=NEWEST), key=lambda row: str(row["fetched_at"]), reverse=True
    )
    days = days_to(_last_day([*last_days, *(row["fetched_at"] for row in newest[:1])], now.date()), DAYS)
    window = {"first": days[0], "after": (date.fromisoformat(days[-1]) + timedelta(1)).isoformat()}
    outcomes = await of_hosts(_OUTCOMES, **window)
    outcomes += [
        {"day": row["day"], "outcome": "failed", "pages": row["times"]}
        for row in await of_hosts(
            "select day, times from failures where site is :host and day >= :first and day < :after", **window
        )
    ]
    kinds = Counter[str]()
    for row in await of_hosts(
        "select kind, count(*) as pages from captures where site is :host group by kind"
    ):
        kinds[row["kind"]] += row["pages"]
    return "site", {
        "site": site,
        "known_states": STATES,
        "plain": len(hosts) == 1 and hosts[0] == site["site"],
        **_age_of([site], None, now),
        "address": next(
            (row["url"] for row in await of_hosts("select url from sites where site is :host")), ""
        ),
        "articles": sum(row["articles"] for row in sums),
        "undated": sum(row["undated"] or 0 for row in sums),
        "first_day": min((row["first_day"] for row in sums if row["first_day"]), default=None),
        "last_day": max(last_days, default=None),
        "last_new_ago": ago(max((row["last_new"] for row in sums if row["last_new"]), default=None), now),
        "latest": sorted(await of_hosts(_ARTICLES), key=lambda row: str(row["first_seen"]), reverse=True)[:6],
        "charts": _charts(days, await of_hosts(_BY_DAY, **window), outcomes),
        "quality": quality(newest[:NEWEST]),
        "kinds": kinds.most_common(),
        "why": reasons(newest[:NEWEST]),
        "sources": [_source(row, now) for row in await of_hosts(_SOURCES, limit=SOURCES)][:SOURCES],
        "queue": await of_hosts(
            "select state, count(*) as addresses from queue where site is :host group by state"
        ),
        "rights": await of_hosts(_RIGHTS),
        "told": [row for host in hosts if host for row in await _told_crawlers(database, host)],
        "memory": await of_hosts(
            "select text, label, pages, pinned from site_memory where site is :host"
            " order by pages desc limit :limit",
            limit=MEMORY,
        ),
        "templates": await of_hosts(
            "select * from templates where site is :host"
            " order by retired_at is not null, pages desc limit :limit",
            limit=MEMORY,
        ),
        "said": said_of_site(told_in(folder_of(database)).entries, hosts),
        "common": await of_hosts(
            "select kind, count(*) as texts, sum(addresses) as addresses from common_texts"
            " where site is :host group by kind"
        ),
    }  # fmt: skip


def said_of_site(
    entries: Sequence[Mapping[str, str]], hosts: Sequence[str | None]
) -> list[Mapping[str, str]]:
    """What people said of blocks on all pages of these hosts: the last word on each, the newest first."""
    named = [(site_of(entry), entry) for entry in entries]
    words = {(site, entry["block"]): entry for site, entry in named if site and site in hosts}
    return [entry for entry in reversed(words.values()) if entry["say"] != "leave"]


async def _there(database: Database, sql: str, params: Mapping[str, object]) -> list[dict[str, Any]]:
    """Rows; none where an older archive has no such table or column."""
    try:
        return await fetch_rows(database, sql, params)
    except sqlite3.OperationalError as problem:
        if "no such table" in str(problem) or "no such column" in str(problem):
            return []
        raise


async def _told_crawlers(database: Database, host: str) -> list[dict[str, Any]]:
    """What the host's servers told crawlers: rows of `hosts`."""
    return await _there(
        database,
        "select origin, robots_at, robots_status, robots, rights_at, rights, rests_until from hosts"
        " where origin in (:plain, :secure) or (origin > :secure || ':' and origin < :secure || ';')"
        " or (origin > :plain || ':' and origin < :plain || ';')",
        {"plain": f"http://{host}", "secure": f"https://{host}"},
    )


def _last_day(moments: Sequence[str], today: date) -> date:
    """Where the charts end: today, or the last of these days where that is further back than they reach."""
    last = max((moment[:10] for moment in moments), default="")
    try:
        found = date.fromisoformat(last)
    except ValueError:
        return today
    return today if found > today - timedelta(DAYS) else found


#: Not strftime: its names follow the server's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _short(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def _charts(days: Sequence[str], by_day: Sequence[Row], outcomes: Sequence[Row]) -> list[dict[str, Any]]:
    published, ended = Counter[str](), Counter[tuple[str, str]]()
    for row in by_day:
        published[row["day"]] += row["articles"]
    for row in outcomes:
        ended[row["outcome"], row["day"]] += row["pages"]
    layers = {
        "Articles a day": [("article", "articles", [published[day] for day in days])],
        "Fetches a day, and how they ended": [
            (name, words, [ended[name, day] for day in days]) for name, words in OUTCOMES
        ],
    }
    return [
        {
            "name": name, "days": days, "first": _short(days[0]), "last": _short(days[-1]), "layers": stack,
            "total": sum(sum(values) for _, _, values in stack),
            "most": max(map(sum, zip(*(values for _, _, values in stack), strict=True)), default=0),
            "drawn": columns(f"{name}, {days[0]} to {days[-1]}", days, stack),
        }
        for name, stack in layers.items()
    ]  # fmt: skip


def quality(newest: Sequence[Row]) -> dict[str, Any]:
    """Of a site's newest pages: how many say which field, are walls or empty, and how sure cleaning was."""
    told = [set(str(row["fields"]).split()) for row in newest if row["fields"] is not None]
    count: Counter[str] = Counter(field for fields in told for field in fields)
    names = [name for name in FIELDS if told and (count[name] or name in EXPECTED)]
    sure = [row["confidence"] for row in newest if row["confidence"] is not None]
    words = [row["words"] for row in newest if row["words"] is not None]
    cut = [row["cut_share"] for row in newest if row["cut_share"] is not None]
    return {
        "pages": len(newest),
        "articles": len(told),
        "fields": [(FIELDS[name], count[name] / len(told), share(count[name] / len(told))) for name in names],
        "confidence": statistics.median(sure) if sure else None,
        "confidence_drawn": columns(
            "How sure cleaning was", CONFIDENCES, [("article", "articles", _binned(sure))]
        ) if sure else Markup(),
        "doubtful": sum(value < 0.8 for value in sure),
        "words": statistics.median(words) if words else None,
        "cut": statistics.median(cut) if cut else None,
    }  # fmt: skip


#: What the columns of confidence stand for: twenty of .05 each.
CONFIDENCES = tuple(f"{rank / 20:.2f} to {(rank + 1) / 20:.2f}" for rank in range(20))


def _binned(values: Sequence[float]) -> list[int]:
    found = Counter(min(max(int(value * 20), 0), 19) for value in values)
    return [found[rank] for rank in range(20)]


def reasons(newest: Sequence[Row]) -> list[tuple[str, str, int]]:
    """Why the newest pages that were no articles were none: kind, reason, how many."""
    found = Counter(
        (str(row["kind"]), str(row["kind_reason"] or "")[:200]) for row in newest if row["kind"] != "article"
    )
    return [(kind, why, times) for (kind, why), times in found.most_common(6)]


def _source(row: Row, now: datetime) -> dict[str, Any]:
    return {
        **row,
        "checked_ago": ago(row["checked_at"], now),
        "due_in": ago(row["due_at"], now)
        if (_moment(row["due_at"]) or now) > now
        else "now"
        if row["due_at"]
        else "",
        "last_new_ago": ago(row["last_new_at"], now),
        "retired_ago": ago(row["retired_at"], now),
    }

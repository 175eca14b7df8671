"""`/`: what came in lately, how much a day and from where, and how large the archive is."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"
# ruff: noqa: S608 - SQL is put together from this module's constants only; values go in as parameters

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from datasette.database import Database

from .asking import LISTED, NO_SITE, Kept, Row, count, fetch_rows
from .charts import Bucket, Chart, chart, largest, read_days
from .query import LONGEST_VALUE, Search, address, narrowed

FRONT_ARTICLES = 60
#: The chart's days, up to the newest.
CHART_DAYS = 30
#: With fewer days of them there is no chart.
FEWEST_DAYS = 3
#: Sites with a colour of their own; the last stands for all others.
SERIES = 6
OTHERS = "other sites"


class Standing(NamedTuple):
    """The archive in numbers."""

    sizes: Mapping[str, int | None]
    first: str | None  # day of the oldest article
    last: str | None  # and of the newest
    sites: Sequence[Row]
    series: Sequence[str]
    chart: Chart | None
    health: Sequence[str]


def by_day(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Group listed articles, newest first, by their day; within a day by site."""
    days = groupby(rows, key=lambda row: str(row["date_published"] or "")[:10])
    return [(day, sorted(group, key=lambda row: str(row["site"] or ""))) for day, group in days]


async def front_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/`: the newest articles by day and site, and how large the archive is."""
    before, _, last_id = (request.args.get("before") or "").partition("~")
    where = "a.date_published is not null"
    params: dict[str, object] = {"limit": FRONT_ARTICLES + 1}
    if before and last_id.isdecimal() and len(last_id) < 19:
        where += " and (a.date_published, a.id) < (:before, :last_id)"
        params |= {"before": before, "last_id": int(last_id)}
    rows = await fetch_rows(
        database,
        f"select {LISTED} from articles a where {where}"
        " order by a.date_published desc, a.id desc limit :limit",
        params,
    )
    undated = await fetch_rows(
        database,
        f"select {LISTED} from articles a where a.date_published is null order by a.id desc limit 12",
    )
    more = rows[FRONT_ARTICLES - 1] if len(rows) > FRONT_ARTICLES else None
    standing = await _KEPT.of(str(database.path), lambda: _standing(database))
    return "front", {
        "days": by_day(rows[:FRONT_ARTICLES]),
        "undated": [] if before else undated,
        "standing": standing,
        "of_bucket": of_bucket,
        "earlier": urlencode({"before": f"{more['date_published']}~{more['id']}"}) if more else "",
        "first": not before,
    }


def of_bucket(bucket: Bucket, site: str = "") -> str:
    """The search for what a bar stands for."""
    search = narrowed(narrowed(Search(), "from", str(bucket.first)), "to", str(bucket.last))
    return address(narrowed(search, "site", site) if site and site != OTHERS else search)


_KEPT = Kept(seconds=30.0, most=8)


async def _standing(database: Database) -> Standing:
    sites = await fetch_rows(
        database,
        "select coalesce(site, :none) as site, count(*) as articles from articles"
        " group by site order by articles desc, site",
        {"none": NO_SITE},
    )
    first, last = await _span(database)
    series, shown = await _lately(database, last)
    return Standing(
        {
            "articles": sum(row["articles"] for row in sites),
            "sites": sum(row["site"] != NO_SITE for row in sites),
            "captures": await count(database, "select count(*) from captures"),
            "blocks cut": await count(database, "select count(*) from removed"),
        },
        first,
        last,
        [row for row in sites if len(row["site"]) <= LONGEST_VALUE][:24],
        series,
        shown,
        await _health(database),
    )


async def _span(database: Database) -> tuple[str | None, str | None]:
    """Days of the oldest and the newest article. One dated after it was seen tells no span."""
    told = await fetch_rows(
        database,
        "select (select min(date_published) from articles where date_published > '1') as first,"
        " (select max(date_published) from articles"
        "  where date_published < (select date(max(first_seen), '+2 days') from articles)) as last",
    )
    return (told[0]["first"] or "")[:10] or None, (told[0]["last"] or "")[:10] or None


async def _lately(database: Database, last: str | None) -> tuple[list[str], Chart | None]:
    """Articles a day by site over the last days: the sites' names, and the bars."""
    ends = next(iter(read_days({last or "": 1})), None)
    if ends is None or ends.toordinal() <= CHART_DAYS or ends >= date.max:
        return [], None
    begins = ends - timedelta(days=CHART_DAYS - 1)
    rows = await fetch_rows(
        database,
        "select substr(date_published, 1, 10) as day, coalesce(site, :none) as site, count(*) as articles"
        " from articles indexed by articles_by_day"
        " where date_published >= :begins and date_published < :after group by 1, 2",
        {"none": NO_SITE, "begins": begins.isoformat(), "after": (ends + timedelta(days=1)).isoformat()},
    )
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["site"]] += row["articles"]
    names = largest(totals, SERIES, OTHERS)
    days: list[Counter[str]] = [Counter() for _ in names]
    for row in rows:
        days[names.index(row["site"]) if row["site"] in names else -1][row["day"]] += row["articles"]
    if len({row["day"] for row in rows}) < FEWEST_DAYS:
        return [], None
    return names, chart([read_days(counts) for counts in days], begins, ends)


async def _health(database: Database) -> list[str]:
    """What is to be known of the crawl at a glance, a phrase each; nothing of an archive without one."""
    waiting = await count(database, "select count(*) from captures where cleaner is null")
    failing = await count(database, "select count(*) from feeds where failures > 0 and retired_at is null")
    retired = await count(database, "select count(*) from feeds where retired_at is not null")
    sources = await count(database, "select count(*) from feeds")
    overdue = await count(
        database,
        "select count(*) from feeds where retired_at is null and "
        " due_at < strftime('%Y-%m-%dT%H:%M:%S', 'now', '-1 day')",
    )
    told = []
    if sources:
        told.append(f"{sources:,} {'source' if sources == 1 else 'sources'}")
        told.append(f"{failing:,} failing" if failing else "none failing")
        told += [f"{overdue:,} overdue by a day or more"] if overdue else []
        told += [f"{retired:,} retired"] if retired else []
    alarms = await count(database, "select count(*) from (select distinct site, class from told)")
    told += [f"{alarms:,} {'alarm' if alarms == 1 else 'alarms'} open"] if alarms else []
    return [*told, f"{waiting:,} pages not cleaned yet"] if waiting else told

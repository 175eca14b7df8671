"""`/`: what came in lately."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"
# ruff: noqa: S608 - SQL is put together from this module's constants only; values go in as parameters

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from datasette.database import Database

from .asking import LISTED, NO_SITE, Row, count, fetch_rows

FRONT_ARTICLES = 60


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
    sites = await fetch_rows(
        database,
        "select coalesce(site, :none) as site, count(*) as articles from articles"
        " group by site order by articles desc, site limit 24",
        {"none": NO_SITE},
    )
    return "front", {
        "days": by_day(rows[:FRONT_ARTICLES]),
        "undated": [] if before else undated,
        "sites": sites,
        "sizes": {
            "articles": await count(database, "select count(*) from articles"),
            "sites": await count(database, "select count(distinct site) from articles"),
            "captures": await count(database, "select count(*) from captures"),
            "blocks cut": await count(database, "select count(*) from removed"),
        },
        "earlier": urlencode({"before": f"{more['date_published']}~{more['id']}"}) if more else "",
        "first": not before,
    }

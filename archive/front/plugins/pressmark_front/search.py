"""`/search`: full-text search with filters."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"
# ruff: noqa: S608 - SQL is put together from this module's constants only; values go in as parameters

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from datasette.database import Database, QueryInterrupted

from .asking import COUNT_LIMIT_MS, LISTED, NO_SITE, count, fetch_rows, iso_day, whole_number

SEARCH_RESULTS = 20
#: Deeper pages mean a narrower question, and cost SQLite every row before them.
LAST_PAGE = 200
#: Around a hit in a snippet; `pressmark_text.marked` turns the pair into `<mark>`.
MARK_ON, MARK_OFF = "\ufdd0", "\ufdd1"


def as_words(question: str) -> str:
    """Quote each word of `question` for FTS5, so that no sign in it is an operator."""
    return " ".join('"' + word.replace('"', "") + '"' for word in question.split() if word.strip('"'))


async def search_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/search?q=&site=&from=&to=&sort=&page=`: full-text search; without `q`, the newest articles."""
    asked = {
        name: (request.args.get(name) or "").strip()[:400] for name in ("q", "site", "from", "to", "sort")
    }
    asked = {name: value.replace("\x00", "") for name, value in asked.items()}
    page = whole_number(request.args.get("page"), otherwise=1, most=LAST_PAGE)
    notes = [
        f"“{asked[name]}” is no date: write it as 2023-11-27."
        for name in ("from", "to")
        if asked[name] and iso_day(asked[name]) is None
    ]
    conditions, params = _narrowed(asked)
    hits, match, note = await _found(database, asked, conditions, params, page)
    return "search", {
        "asked": asked,
        "notes": [*notes, note] if note else notes,
        "hits": hits[:SEARCH_RESULTS],
        "total": await count(database, _counting("count(*)", match, conditions), {**params, "match": match}),
        "per_site": await _per_site(database, match, conditions, params),
        "page": page,
        "earlier": _link(asked, page - 1) if page > 1 else "",
        "later": _link(asked, page + 1) if len(hits) > SEARCH_RESULTS and page < LAST_PAGE else "",
        "link": lambda **changed: _link({**asked, **changed}, 1),
    }


def _link(asked: Mapping[str, str], page: int) -> str:
    told = {name: value for name, value in asked.items() if value}
    return "/search?" + urlencode({**told, **({"page": str(page)} if page > 1 else {})})


def _narrowed(asked: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """The filters beside the words, as SQL conditions and their parameters."""
    conditions, params = "", dict[str, object]()
    if asked["site"] == NO_SITE:
        conditions += " and a.site is null"
    elif asked["site"]:
        conditions += " and a.site = :site"
        params["site"] = asked["site"]
    if first := iso_day(asked["from"]):
        conditions += " and a.date_published >= :first"
        params["first"] = first
    if last := iso_day(asked["to"]):
        # The text '2023-11-27T14:00' sorts before the day after, whatever its time.
        conditions += " and a.date_published < date(:last, '+1 day')"
        params["last"] = last
    return conditions, params


def _counting(what: str, match: str, conditions: str) -> str:
    joined = "articles_fts join articles a on a.id = articles_fts.rowid where articles_fts match :match"
    return f"select {what} from " + (joined if match else "articles a where true") + conditions


async def _found(
    database: Database, asked: Mapping[str, str], conditions: str, params: Mapping[str, object], page: int
) -> tuple[list[dict[str, Any]], str, str]:
    """The hits of one page (one more where there is a next), the expression that found them, a note."""
    window = {**params, "limit": SEARCH_RESULTS + 1, "offset": (page - 1) * SEARCH_RESULTS}
    newest = " order by a.date_published desc, a.id desc limit :limit offset :offset"
    if not as_words(asked["q"]):
        return await fetch_rows(database, _counting(LISTED, "", conditions) + newest, window), "", ""
    columns = [
        row["name"]
        for row in await fetch_rows(database, "select name from pragma_table_info('articles_fts')")
    ]
    marks = {"on": MARK_ON, "off": MARK_OFF}
    what = LISTED
    if "text" in columns:
        what += f", snippet(articles_fts, {columns.index('text')}, :on, :off, ' … ', 40) as snippet"
    if "headline" in columns:
        what += f", highlight(articles_fts, {columns.index('headline')}, :on, :off) as marked_headline"
    order = newest if asked["sort"] == "newest" else " order by rank limit :limit offset :offset"
    sql = _counting(what, "fts", conditions) + order
    try:
        return await fetch_rows(database, sql, {**window, **marks, "match": asked["q"]}), asked["q"], ""
    except sqlite3.OperationalError as problem:
        if "no such table" in str(problem) or "malformed" in str(problem):
            raise
    # Not an FTS5 expression ("covid-19" is none, nor "U.S."): read it as the words it holds.
    words = as_words(asked["q"])
    note = 'Read as plain words. You can search for a "phrase", a prefix*, or join words by AND, OR, NOT.'
    return await fetch_rows(database, sql, {**window, **marks, "match": words}), words, note


async def _per_site(
    database: Database, match: str, conditions: str, params: Mapping[str, object]
) -> list[dict[str, Any]]:
    sql = _counting("coalesce(a.site, :none) as site, count(*) as articles", match, conditions)
    try:
        found = await database.execute(
            sql + " group by a.site order by articles desc, a.site limit 12",
            {**params, "match": match, "none": NO_SITE},
            custom_time_limit=COUNT_LIMIT_MS,
            log_sql_errors=False,
        )
    except QueryInterrupted:
        return []
    return [dict(row) for row in found.rows]

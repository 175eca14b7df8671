"""`/changes`: the newest edits of articles across the archive, as a page and as an Atom feed."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"
# ruff: noqa: S608 - SQL is put together from this module's constants only; values go in as parameters

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from datasette import Forbidden, Response
from datasette.database import Database, QueryInterrupted

from .asking import DATABASE, NO_SITE, Row, fetch_rows
from .differing import Piece, pieces
from .shell import POLICY, instance_title, may_read

LISTED_CHANGES = 40
FED_CHANGES = 50
HEADLINE = 300

_COLUMNS = (
    "v.article_id, v.number, v.seen_at, v.change, v.excerpt, v.headline, b.headline as headline_before,"
    " v.access, b.access as access_before, a.site, a.language"
)
#: By another cleaner's reading nothing is proved of the newsroom.
_EDITS = (
    "versions v cross join versions b on b.article_id = v.article_id and b.number = v.number - 1"
    " cross join articles a on a.id = v.article_id where v.number > 1 and b.cleaner = v.cleaner"
)
#: From the site's articles that have several versions (index `articles_edited_by_site`), not from all edits.
_EDITS_OF_SITE = (
    "articles a cross join versions v on v.article_id = a.id and v.number > 1"
    " cross join versions b on b.article_id = v.article_id and b.number = v.number - 1"
    " where a.version > 1 and b.cleaner = v.cleaner"
)
_ORDER = " order by v.seen_at desc, v.article_id desc, v.number desc limit :limit"
_HEADLINES = " and v.headline is not b.headline"


class Asked(NamedTuple):
    """What of the changes is to be seen."""

    site: str
    only: str
    before: str

    def query(self, **changed: str) -> str:
        told = {**self._asdict(), **changed}
        words = urlencode({name: value for name, value in told.items() if value})
        return f"?{words}" if words else ""


def asked_of(request: Any) -> Asked:
    site, before = (
        (request.args.get(name) or "").replace("\x00", "").strip()[:400] for name in ("site", "before")
    )
    only = request.args.get("only") or ""
    return Asked(site, "headlines" if only == "headlines" else "", before)


def edits_sql(asked: Asked, limit: int) -> tuple[str, dict[str, object]]:
    """The question for the newest edits, and its parameters."""
    params: dict[str, object] = {"limit": limit}
    sql = f"select {_COLUMNS} from {_EDITS}"
    if asked.site:
        sql = f"select {_COLUMNS} from {_EDITS_OF_SITE}"
        sql += " and a.site is null" if asked.site == NO_SITE else " and a.site = :site"
        params["site"] = asked.site
    if asked.only:
        sql += _HEADLINES
    found = re.fullmatch(r"(.{1,60})~(\d{1,18})~(\d{1,9})", asked.before)
    if found:
        sql += " and (v.seen_at, v.article_id, v.number) < (:seen, :article, :number)"
        params |= {"seen": found[1], "article": int(found[2]), "number": int(found[3])}
    return sql + _ORDER, params


def told(row: Row) -> dict[str, Any]:
    """A row with its excerpt read, and what kind of change it is."""
    before, after = (headline_of(row[name]) for name in ("headline_before", "headline"))
    return {
        **row,
        "pieces": excerpt_of(row["excerpt"]),
        "headline_pieces": pieces(before, after) if before != after else [],
        "percent": percent(row["change"]),
    }


def headline_of(stored: object) -> str:
    """A headline as one line, of `HEADLINE` characters at most: its page shows all of it."""
    line = " ".join(str(stored or "")[: 10 * HEADLINE].split())
    return line if len(line) <= HEADLINE else line[: HEADLINE - 1] + "…"


def percent(change: object) -> str:
    """A share of changed words in words; a change of order alone changes no word."""
    if not isinstance(change, int | float):
        return ""
    if change <= 0:
        return "no word more or less"
    return "less than 1 % of the words" if change < 0.01 else f"{change:.0%} of the words".replace("%", " %")


def excerpt_of(stored: object) -> list[Piece]:
    """The pieces of a stored excerpt; what is none gives an empty list."""
    try:
        found = json.loads(str(stored or "[]"))
        return [Piece(str(sign), str(text)) for sign, text in found if sign in {"=", "-", "+"}]
    except (TypeError, ValueError):
        return []


def by_day(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Changes by the day on which they were seen."""
    return [(day, list(group)) for day, group in groupby(rows, key=lambda row: str(row["seen_at"])[:10])]


async def changes_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/changes?site=&only=headlines`: the newest edits, forty a page."""
    asked = asked_of(request)
    rows = await fetch_rows(database, *edits_sql(asked, LISTED_CHANGES + 1))
    more = rows[LISTED_CHANGES - 1] if len(rows) > LISTED_CHANGES else None
    last = f"{more['seen_at']}~{more['article_id']}~{more['number']}" if more else ""
    return "changes", {
        "days": by_day([told(row) for row in rows[:LISTED_CHANGES]]),
        "asked": asked,
        "all_link": "/changes" + asked.query(only="", before=""),
        "headlines_link": "/changes" + asked.query(only="headlines", before=""),
        "every_site_link": "/changes" + asked.query(site="", before=""),
        "feed": "/changes.atom" + asked.query(before=""),
        "earlier": "/changes" + asked.query(before=last) if last else "",
    }


async def changes_feed(datasette: Any, request: Any) -> Response:
    """`/changes.atom`: the same for feed readers."""
    if not await may_read(datasette, request.actor):
        raise Forbidden("view-table")
    asked = asked_of(request)._replace(before="")
    rows: list[dict[str, Any]] = []
    status = 200
    try:
        if DATABASE in datasette.databases:
            rows = await fetch_rows(datasette.databases[DATABASE], *edits_sql(asked, FED_CHANGES))
    except (sqlite3.OperationalError, QueryInterrupted):
        status = 503
    body = await datasette.render_template(
        "pressmark/changes.atom",
        {
            "title": await instance_title(datasette),
            "asked": asked,
            "changes": [told(row) for row in rows],
            "address": lambda path: datasette.absolute_url(request, datasette.urls.path(path)),
        },
        request=request,
    )
    return Response(
        body.lstrip(),
        status=status,
        headers={"content-security-policy": POLICY},
        content_type="application/atom+xml; charset=utf-8",
    )

"""The reading pages over an archive's database: front page, search, article with its account.

Each page is a few SQL questions and one template; all text goes through the filters of `pressmark_text`.
The pages need no JavaScript and load nothing from elsewhere. Tables, SQL and JSON stay Datasette's own.
"""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"
# ruff: noqa: S608 - SQL is put together from this module's constants only; values go in as parameters

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from math import gcd
from typing import Any
from urllib.parse import urlencode

from datasette import Forbidden, Response, hookimpl
from datasette.database import Database, QueryInterrupted
from markupsafe import Markup, escape

DATABASE = "articles"

#: No script at all, nothing from elsewhere: what a hostile headline could smuggle in stays dead.
POLICY = (
    "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

FRONT_ARTICLES = 60
SEARCH_RESULTS = 20
#: Deeper pages mean a narrower question, and cost SQLite every row before them.
LAST_PAGE = 200
#: A page of more cut blocks than this is a table's work; the account's table is linked beside.
ACCOUNT_BLOCKS = 3000
#: Counts are a courtesy: what takes longer is left out.
COUNT_LIMIT_MS = 300

#: Around a hit in a snippet; `pressmark_text.marked` turns the pair into `<mark>`.
MARK_ON, MARK_OFF = "\ufdd0", "\ufdd1"

#: What stands for the site of a dump page that names none; also in `/search?site=`.
NO_SITE = "(no site)"

#: Columns of an article in a list.
LISTED = (
    "a.id, a.headline, a.site, a.url, a.authors, a.date_published, a.first_seen, a.section, a.language, "
    "a.word_count, a.access, a.version, a.description, substr(a.text, 1, 400) as opening"
)

Row = Mapping[str, Any]
Query = tuple[str, dict[str, object]]


class _Answer(Exception):
    """Ends a view early with a page that says one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


# -- deciding: values in, values out ---------------------------------------------------------------------


def as_words(question: str) -> str:
    """Quote each word of `question` for FTS5, so that no sign in it is an operator."""
    return " ".join('"' + word.replace('"', "") + '"' for word in question.split() if word.strip('"'))


def whole_number(text: str | None, *, otherwise: int, most: int) -> int:
    """Read a positive number from a query string; what is none, or beyond `most`, is brought into range."""
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        return otherwise
    return min(max(int(text), 1), most)


def iso_day(text: str | None) -> str | None:
    """Return `text` as YYYY-MM-DD, or None when it is no date."""
    try:
        return date.fromisoformat((text or "").strip()).isoformat()
    except ValueError:
        return None


def in_page_order(
    cut: Sequence[Row], kept: Sequence[str], positions: Sequence[int] | None = None
) -> list[tuple[Row | None, str]]:
    """Put the kept blocks back between the cut ones: pairs of (cut block or None, kept text or "").

    `positions` are those of the kept blocks. Without them the kept ones fill the gaps that the cut ones
    leave, in order. Positions in a dump are line numbers, and dumps leave every other line blank: the
    gaps are counted in the greatest common step of the positions known.
    """
    if positions is not None and len(positions) == len(kept):
        both: list[tuple[int, Row | None, str]] = [(int(row["position"]), row, "") for row in cut]
        both += [(position, None, text) for position, text in zip(positions, kept, strict=True)]
        return [(row, text) for _, row, text in sorted(both, key=lambda entry: entry[0])]
    known = [int(row["position"]) for row in cut]
    step = gcd(*(later - earlier for earlier, later in pairwise(known))) or 1
    ordered: list[tuple[Row | None, str]] = []
    waiting = list(reversed(kept))
    before = (known[0] % step or step) - step if known else 0
    for row, position in zip(cut, known, strict=True):
        for _ in range(min((position - before) // step - 1, len(waiting))):
            ordered.append((None, waiting.pop()))
        ordered.append((row, ""))
        before = position
    return ordered + [(None, text) for text in reversed(waiting)]


def kept_blocks(text: str, markdown: str) -> list[str]:
    """The kept blocks of a text, one line each; as Markdown where it has the same lines."""
    lines, set_lines = (
        [line for line in form.split("\n") if line.strip()] for form in (text or "", markdown or "")
    )
    return set_lines if len(set_lines) == len(lines) else lines


def kept_positions(version: Row | None) -> list[int] | None:
    """Where a version's kept blocks stood in the page; None from an archive that does not store it."""
    try:
        found = json.loads((version or {}).get("kept_positions") or "null")
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, list) and all(type(place) is int for place in found) else None


def by_day(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Group listed articles, newest first, by their day; within a day by site."""
    days = groupby(rows, key=lambda row: str(row["date_published"] or "")[:10])
    return [(day, sorted(group, key=lambda row: str(row["site"] or ""))) for day, group in days]


# -- asking ----------------------------------------------------------------------------------------------


async def _rows(
    database: Database, sql: str, params: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    found = await database.execute(sql, dict(params or {}), log_sql_errors=False)
    return [dict(row) for row in found.rows]


async def _number(database: Database, sql: str, params: Mapping[str, object] | None = None) -> int | None:
    """One count, or None where it takes too long or the table is not there."""
    try:
        found = await database.execute(
            sql, dict(params or {}), custom_time_limit=COUNT_LIMIT_MS, log_sql_errors=False
        )
    except (QueryInterrupted, sqlite3.OperationalError):
        return None
    return int(found.rows[0][0])


async def _may_read(datasette: Any, actor: object) -> bool:
    """Whether Datasette's own permissions, should the reader have set any, let this visitor see articles."""
    if hasattr(datasette, "allowed"):  # Datasette 1.0
        from datasette.resources import TableResource

        resource = TableResource(database=DATABASE, table="articles")
        return bool(await datasette.allowed(action="view-table", resource=resource, actor=actor))
    asked = (("view-instance", None), ("view-database", DATABASE), ("view-table", (DATABASE, "articles")))
    return all(
        [await datasette.permission_allowed(actor, action, what, default=True) for action, what in asked]
    )


async def _title(datasette: Any) -> str:
    if hasattr(datasette, "get_instance_metadata"):  # Datasette 1.0
        return str((await datasette.get_instance_metadata()).get("title") or "News archive")
    return str(datasette.metadata("title") or "News archive")


# -- the pages -------------------------------------------------------------------------------------------


async def front_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/`: the newest articles by day and site, and how large the archive is."""
    before, _, last_id = (request.args.get("before") or "").partition("~")
    where = "a.date_published is not null"
    params: dict[str, object] = {"limit": FRONT_ARTICLES + 1}
    if before and last_id.isdecimal() and len(last_id) < 19:
        where += " and (a.date_published, a.id) < (:before, :last_id)"
        params |= {"before": before, "last_id": int(last_id)}
    rows = await _rows(
        database,
        f"select {LISTED} from articles a where {where}"
        " order by a.date_published desc, a.id desc limit :limit",
        params,
    )
    undated = await _rows(
        database,
        f"select {LISTED} from articles a where a.date_published is null order by a.id desc limit 12",
    )
    more = rows[FRONT_ARTICLES - 1] if len(rows) > FRONT_ARTICLES else None
    sites = await _rows(
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
            "articles": await _number(database, "select count(*) from articles"),
            "sites": await _number(database, "select count(distinct site) from articles"),
            "captures": await _number(database, "select count(*) from captures"),
            "blocks cut": await _number(database, "select count(*) from removed"),
        },
        "earlier": urlencode({"before": f"{more['date_published']}~{more['id']}"}) if more else "",
        "first": not before,
    }


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
        "total": await _number(
            database, _counting("count(*)", match, conditions), {**params, "match": match}
        ),
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
        return await _rows(database, _counting(LISTED, "", conditions) + newest, window), "", ""
    columns = [
        row["name"] for row in await _rows(database, "select name from pragma_table_info('articles_fts')")
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
        return await _rows(database, sql, {**window, **marks, "match": asked["q"]}), asked["q"], ""
    except sqlite3.OperationalError as problem:
        if "no such table" in str(problem) or "malformed" in str(problem):
            raise
    # Not an FTS5 expression ("covid-19" is none, nor "U.S."): read it as the words it holds.
    words = as_words(asked["q"])
    note = 'Read as plain words. You can search for a "phrase", a prefix*, or join words by AND, OR, NOT.'
    return await _rows(database, sql, {**window, **marks, "match": words}), words, note


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


async def article_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/article/ID?version=N&account=1`: one article for reading, or its page with the cuts shown."""
    key = {"id": int(request.url_vars["id"])}
    found = await _rows(database, "select * from articles where id = :id", key)
    if not found:
        raise _Answer(404, f"There is no article {key['id']} in this archive.")
    article = found[0]
    versions = await _rows(
        database,
        "select v.*, c.fetched_at, c.status, c.content_type, c.warc_file, c.warc_offset, c.warc_length,"
        " c.record_id, c.payload_digest, c.source, c.source_path, c.url as captured_url from versions v"
        " left join captures c on c.id = v.capture_id where v.article_id = :id order by v.number desc",
        key,
    )
    latest = versions[0]["number"] if versions else None
    number = whole_number(request.args.get("version"), otherwise=latest or 1, most=10**9)
    shown = next((version for version in versions if version["number"] == number), None)
    if shown is None and request.args.get("version"):
        raise _Answer(404, f"Article {key['id']} has no version {number}.")
    if shown is not None and number != latest:
        article |= {"headline": shown["headline"], "text": shown["text"], "markdown": ""}
    per_label = await _rows(
        database,
        "select label, count(*) as blocks from removed where article_id = :id and version = :version"
        " group by label order by blocks desc, label",
        {**key, "version": number},
    )
    account = request.args.get("account") == "1"
    return "article", {
        "article": article,
        "versions": versions,
        "shown": shown,
        "number": number,
        "latest": latest,
        "per_label": per_label,
        "cut": sum(row["blocks"] for row in per_label),
        "replay": replay_address(_replay_base(datasette), shown),
        "standfirst": _standfirst(article),
        "page_blocks": await _page_blocks(database, article, key["id"], number, shown) if account else None,
    }


def _replay_base(datasette: Any) -> str:
    """Where pywb answers: told by `pressmark serve`, or as `replay` in this plugin's configuration."""
    told = os.environ.get("PRESSMARK_REPLAY") or (datasette.plugin_config("pressmark_pages") or {}).get(
        "replay"
    )
    return str(told or "")


def _standfirst(article: Row) -> str:
    """The description, where it says something that the text does not open with."""
    said = " ".join(str(article.get("description") or "").split())
    opening = " ".join(str(article.get("text") or "")[: 2 * len(said) + 200].split())
    return "" if said.rstrip(" .…[]").lower()[:120] in opening.lower() else said


async def _page_blocks(
    database: Database, article: Row, article_id: int, number: int, shown: Row | None
) -> list[tuple[Row | None, str]]:
    cut = await _rows(
        database,
        "select position, label, reason, score, text from account"
        " where article_id = :id and version = :version order by position limit :limit",
        {"id": article_id, "version": number, "limit": ACCOUNT_BLOCKS},
    )
    kept = kept_blocks(str(article["text"] or ""), str(article["markdown"] or ""))
    return in_page_order(cut, kept, kept_positions(shown))


# -- replay ----------------------------------------------------------------------------------------------


def replay_address(base: str, shown: Row | None) -> str:
    """Where the version's page can be seen as it was captured;

    "" where that is not known, or it has no address.
    """
    url = str((shown or {}).get("captured_url") or "")
    moment = re.sub(r"\D", "", str((shown or {}).get("fetched_at") or ""))[:14]
    if not base.startswith(("http://", "https://")) or not url.startswith(("http://", "https://")):
        return ""
    return f"{base.rstrip('/')}/{moment}/{url}"


# -- the shell -------------------------------------------------------------------------------------------

View = Callable[[Any, Any, Database], Awaitable[tuple[str, dict[str, Any]]]]


def _served(view: View) -> Callable[..., Awaitable[Response]]:
    """Turn a view into a route: asks for permission, renders, and gives every failure a readable page."""

    async def route(datasette: Any, request: Any) -> Response:
        if not await _may_read(datasette, request.actor):
            raise Forbidden("view-table")
        status = 200
        try:
            if DATABASE not in datasette.databases:
                raise _Answer(404, "This archive holds nothing yet: there is no articles.db.")
            name, context = await view(datasette, request, datasette.databases[DATABASE])
        except _Answer as answer:
            name, context, status = "message", {"sentence": answer.sentence}, answer.status
        except QueryInterrupted:
            sentence = (
                f"The question took longer than {datasette.setting('sql_time_limit_ms')} ms: narrow it."
            )
            name, context, status = "message", {"sentence": sentence}, 400
        except sqlite3.OperationalError as problem:
            sentence = f"The database cannot answer: {problem}. Open the archive once with pressmark."
            name, context, status = "message", {"sentence": sentence}, 503
        context |= {"title": await _title(datasette), "database": DATABASE}
        html = await datasette.render_template(f"pressmark/{name}.html", context, request=request)
        return Response.html(html, status=status, headers={"content-security-policy": POLICY})

    return route


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """The front page takes Datasette's `/`; its list of databases stays at `/-/databases` and `/.json`."""
    return [
        (r"^/$", _served(front_page)),
        (r"^/search/?$", _served(search_page)),
        (r"^/article/(?P<id>[0-9]{1,18})/?$", _served(article_page)),
    ]


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """The way back from Datasette's pages."""
    return [
        {"href": datasette.urls.path("/"), "label": "Front page"},
        {"href": datasette.urls.path("/search"), "label": "Search the articles"},
    ]


@hookimpl
def render_cell(
    row: Any, value: object, column: str, table: str | None, database: str, datasette: Any
) -> Markup | None:
    """In Datasette's tables, an article's number or headline leads to its page."""
    if database != DATABASE or value is None:
        return None
    if column == "article_id":
        number = value
    elif table in {"articles", "latest"} and column == "headline" and "id" in row.keys():  # noqa: SIM118 - a sqlite3.Row
        number = row["id"]
    else:
        return None
    if not isinstance(number, int):
        return None
    address = datasette.urls.path(f"/article/{number}")
    return Markup('<a href="{}">{}</a>').format(address, escape(str(value)[:300]))

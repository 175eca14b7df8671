"""`/search`: full-text search with filters, as a page, an Atom feed, CSV and JSON."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"
# ruff: noqa: S608 - SQL is put together from this package's constants only; values go in as parameters

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from datasette import Response
from datasette.database import Database, QueryInterrupted

from .asking import LISTED, Answer, Kept, answered, fetch_rows, whole_number
from .charts import Bucket, histogram
from .query import LONGEST_VALUE, NAMES, NO_SITE, SORTS, Search, address, narrowed, read_search
from .retrieval import RANKED, ordered, tallied

SEARCH_RESULTS = 20
#: Deeper pages mean a narrower question, and cost SQLite every row before them.
LAST_PAGE = 200
#: Around a hit in a snippet; `pressmark_text.marked` turns the pair into `<mark>`.
MARK_ON, MARK_OFF = "\ufdd0", "\ufdd1"
#: Values of one filter that are offered with their counts.
OFFERED = 12
#: Counting is a courtesy: what takes longer is left out.
COUNT_LIMIT_MS = 900
FEED_ENTRIES = 50
#: Most rows of one answer for machines; with texts, which can be long.
MOST_ROWS, MOST_TEXTS = 10_000, 500


class Counts(NamedTuple):
    """How many articles a search finds, when they were published, and how they are spread."""

    total: int
    exact: bool  # else reckoned from a sample
    days: Mapping[str, int]
    spread: Mapping[str, Sequence[tuple[str, int]]]  # by filter: its most frequent values
    sampled: bool = False  # days and spread are those of one in so many, times as many


def asked_of(request: Any) -> Search:
    """The search that a request asks for. Never raises."""
    told = {name: request.args.getlist(name) for name in (*NAMES, "on")}
    return read_search(request.args.get("q") or "", told, (request.args.get("sort") or "").strip())


async def search_page(datasette: Any, request: Any, database: Database) -> tuple[str, dict[str, Any]]:
    """`/search?q=&site=&from=&to=&…&sort=&page=`; without any of them, the newest articles."""
    search = asked_of(request)
    page = whole_number(request.args.get("page"), otherwise=1, most=LAST_PAGE)
    hits = await found(database, search, SEARCH_RESULTS + 1, (page - 1) * SEARCH_RESULTS)
    seen = (page - 1) * SEARCH_RESULTS + len(hits)
    is_last = 0 < len(hits) <= SEARCH_RESULTS
    counts = corrected(await counted(database, search), search, seen if hits else 0, is_last=is_last)
    return "search", {
        "search": search,
        "hits": hits[:SEARCH_RESULTS],
        "total": counts.total if counts else None,
        "about": bool(counts and counts.sampled),
        "reckoned": bool(counts and not counts.exact),
        "ranked": RANKED if counts and counts.total > RANKED and search.order == "relevance" else 0,
        "chart": histogram(counts.days) if counts else None,
        "spread": counts.spread if counts else {},
        "chips": chips(search),
        "values": {name: (search.values(name) or ("",))[0] for name in NAMES},
        "others": others(search),
        "page": page,
        "sorts": SORTS if search.match else SORTS[1:],
        "earlier": address(search, page - 1) if page > 1 else "",
        "later": address(search, page + 1) if len(hits) > SEARCH_RESULTS and page < LAST_PAGE else "",
        "link": lambda name, *values: address(narrowed(search, name, *values)),
        "within": cache(lambda bucket: _within(search, bucket)),
        "form": lambda form: address(search, form=form),
    }


def _within(search: Search, bucket: Bucket) -> str:
    return address(narrowed(narrowed(search, "from", str(bucket.first)), "to", str(bucket.last)))


_SAID = {
    "site": "on {}", "from": "from {}", "to": "to {}", "section": "section {}", "language": "in {}",
    "access": "{}", "has": "with several {}", "cluster": "copies in cluster {}",
    "similar": "similar to article {}",
}  # fmt: skip


def chips(search: Search) -> list[tuple[str, str]]:
    """Each filter in words, with the address of the search without it."""
    return [
        (_SAID[name].format(value), address(narrowed(search, name, *(v for v in values if v != value))))
        for name, values in search.filters
        for value in values
    ]


def others(search: Search) -> list[tuple[str, str]]:
    """Filters that the form has no field for, so that sending it keeps them."""
    return [
        (name, value)
        for name, values in search.filters
        for rank, value in enumerate(values)
        if rank or name in {"cluster", "similar"}
    ]


async def found(database: Database, search: Search, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Articles of a search in its order, as LISTED, with what matched marked."""
    numbers = await answered(database, ordered(search, limit, offset))
    if not numbers:
        return []
    listed = ", ".join(map(str, numbers))
    sql = f"select {LISTED} from articles a where a.id in ({listed})"
    if search.match:
        sql = (
            f"select {LISTED}, snippet(articles_fts, 3, :on, :off, ' … ', 40) as snippet,"
            " highlight(articles_fts, 0, :on, :off) as marked_headline"
            " from articles a cross join articles_fts on articles_fts.rowid = a.id"
            f" where a.id in ({listed}) and articles_fts match :match"
        )
    rows = await fetch_rows(
        database, sql, {"match": search.match, "on": MARK_ON, "off": MARK_OFF} if search.match else {}
    )
    by_number = {row["id"]: row for row in rows}
    return [by_number[number] for number in numbers if number in by_number]


# -- counting

_KEPT = Kept(seconds=30.0, most=64)


async def counted(database: Database, search: Search) -> Counts | None:
    """What a search finds, in numbers, of half a minute ago at most; None where counting takes too long.

    Turning pages and changing the order ask for the same ones again.
    """
    key = (str(database.path), search.match, search.without, search.filters)
    counts: Counts | None = await _KEPT.of(key, lambda: _count(database, search))
    return counts


async def _count(database: Database, search: Search) -> Counts | None:
    try:
        tally = await answered(database, tallied(search), COUNT_LIMIT_MS)
    except QueryInterrupted:
        return None
    # One pass over an index, counted here: five groupings in SQL would sort the same rows five times.
    rows, step = tally.rows, tally.step
    days, *columns = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    spread = {
        name: _most(Counter(column), name, step)
        for name, column in zip(("site", "section", "language", "access"), columns, strict=True)
    }
    by_day = {day: number * step for day, number in Counter(days).items() if day}
    return Counts(tally.total, tally.exact, by_day, spread, step > 1)


def corrected(counts: Counts | None, search: Search, seen: int, *, is_last: bool) -> Counts | None:
    """Numbers that were reckoned, put right by what is seen: so many hits up to the end of a page."""
    if counts is None or counts.exact:
        return counts
    is_all = is_last and (search.order != "relevance" or seen < RANKED)
    return counts._replace(total=seen if is_all else max(seen, counts.total), exact=is_all)


def _most(counts: Counter[Any], name: str, step: int) -> list[tuple[str, int]]:
    none = counts.pop(None, 0)
    if name == "site" and none:
        counts[NO_SITE] = none
    # A value longer than the search language reads cannot be narrowed by.
    usable = [(str(value), number) for value, number in counts.items() if len(str(value)) <= LONGEST_VALUE]
    ordered = sorted(usable, key=lambda entry: (-entry[1], entry[0]))[:OFFERED]
    return [(value, number * step) for value, number in ordered]


# -- for machines

#: Columns of an article in CSV and JSON.
TOLD = (
    "id", "headline", "site", "url", "authors", "date_published", "first_seen", "section", "language",
    "word_count", "access", "version", "description",
)  # fmt: skip


class Rows(NamedTuple):
    """What `size`, `page` and `text` ask for."""

    shown: list[dict[str, Any]]
    following: str  # address of the next ones, or ""
    seen: int  # with those of the pages before


async def _rows(request: Any, database: Database, search: Search, usual: int) -> Rows:
    texts = request.args.get("text") == "1"
    size = whole_number(request.args.get("size"), otherwise=usual, most=MOST_TEXTS if texts else MOST_ROWS)
    size = min(size, MOST_TEXTS) if texts else size
    page = whole_number(request.args.get("page"), otherwise=1, most=10**6)
    rows = await found(database, search, size + 1, (page - 1) * size)
    shown = rows[:size]
    if texts and shown:
        listed = ", ".join(str(row["id"]) for row in shown)
        whole = await fetch_rows(database, f"select id, text from articles where id in ({listed})")
        by_number = {row["id"]: row["text"] for row in whole}
        shown = [row | {"text": by_number.get(row["id"])} for row in shown]
    form = "." + request.path.rpartition(".")[2]
    more = {"size": str(size) if request.args.get("size") else "", "text": "1" if texts else ""}
    following = address(search, page + 1, form, **more) if len(rows) > size else ""
    return Rows(shown, following, (page - 1) * size + len(shown) if shown else 0)


async def search_json(datasette: Any, request: Any, database: Database) -> Response:
    """`/search.json?…&size=&page=&text=1`: a page of a search, with what was asked and how many there are."""
    search = asked_of(request)
    try:
        rows = await _rows(request, database, search, 100)
        is_last = bool(rows.shown) and not rows.following
        counts = corrected(await counted(database, search), search, rows.seen, is_last=is_last)
    except QueryInterrupted:
        return _json({"ok": False, "error": "The question took too long: narrow it."}, 400)
    here = f"{request.scheme}://{request.host}"
    told = {
        "ok": True,
        "asked": {"q": search.words, **{name: list(values) for name, values in search.filters}},
        "read_as": search.read_as,
        "sort": search.order,
        "notes": list(search.notes),
        "total": counts.total if counts else None,
        "total_is_exact": bool(counts and counts.exact),
        # In the order of relevance only these can be had; by date all of them.
        "ranked": RANKED if search.order == "relevance" and counts and counts.total > RANKED else None,
        "next": here + datasette.urls.path(rows.following) if rows.following else None,
        "articles": [
            {name: row.get(name) for name in TOLD}
            | {"authors": _names(row["authors"]), "page": here + datasette.urls.path(f"/article/{row['id']}")}
            | ({"snippet": _unmarked(row["snippet"], "[", "]")} if row.get("snippet") else {})
            | ({"text": row["text"]} if "text" in row else {})
            for row in rows.shown
        ],
    }
    return _json(told)


def _json(told: object, status: int = 200) -> Response:
    # Escaped beyond ASCII: a lone surrogate in a stored text cannot be sent as UTF-8.
    body = json.dumps(told, indent=1)
    return Response(body, status, content_type="application/json; charset=utf-8")


async def search_csv(datasette: Any, request: Any, database: Database) -> Response:
    """`/search.csv?…&size=&page=&text=1`: the rows of a search for a spreadsheet.

    Newest first unless another order is asked for: in that of relevance a search ends with RANKED articles.
    """
    search = asked_of(request)
    search = search if search.sort else search._replace(sort="newest")
    rows, following, _ = await _rows(request, database, search, 1000)
    columns = [*TOLD, "text"] if request.args.get("text") == "1" else list(TOLD)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        told = {**row, "authors": "; ".join(_names(row["authors"]))}
        writer.writerow([_cell(told.get(name)) for name in columns])
    headers = {"content-disposition": 'attachment; filename="search.csv"'}
    if following:
        headers["link"] = f'<{datasette.urls.path(following)}>; rel="next"'
    # The byte-order mark is what makes Excel read UTF-8.
    body = "\ufeff" + out.getvalue().encode("utf-8", "replace").decode("utf-8")
    return Response(body, headers=headers, content_type="text/csv; charset=utf-8")


def _cell(value: object) -> object:
    """A value for a spreadsheet: text that it would run as a formula gets an apostrophe before it.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if isinstance(value, str):
        value = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", value)
        return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return value


async def search_atom(datasette: Any, request: Any, database: Database) -> Response:
    """`/search.atom?…`: the newest articles of a search, for a feed reader. `sort` is not asked for."""
    search = asked_of(request)._replace(sort="newest")
    if not search.read_as and search.notes and not search.filters:
        # A feed of everything is not what a mistyped question asked for.
        raise Answer(400, search.notes[0])
    rows = await found(database, search, FEED_ENTRIES)
    here = f"{request.scheme}://{request.host}"
    entries = [
        row | {"published": timestamp(row["date_published"]), "updated": timestamp(row["first_seen"])}
        for row in rows
    ]
    latest = max((entry["updated"] for entry in entries if entry["updated"]), default="")
    context = {
        "entries": entries,
        "search": search,
        "here": here,
        "address": address(search._replace(sort="")),
        "feed": address(search._replace(sort=""), form=".atom"),
        "updated": latest or "1970-01-01T00:00:00Z",
    }
    body = await datasette.render_template("pressmark/search.atom", context, request=request)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def timestamp(value: object) -> str:
    """An ISO date or time as RFC 3339 in UTC; "" where it is none. A date alone is its midnight."""
    try:
        moment = datetime.fromisoformat(str(value or ""))
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return ""


def _names(value: object) -> list[str]:
    try:
        told = json.loads(str(value or "[]"))
    except ValueError:
        return []
    return [str(name) for name in told] if isinstance(told, list) else []


def _unmarked(snippet: str, on: str, off: str) -> str:
    return snippet.replace(MARK_ON, on).replace(MARK_OFF, off)

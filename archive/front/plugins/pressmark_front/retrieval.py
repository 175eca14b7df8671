"""Which articles a search finds, in its order, and how many there are: the questions to SQLite.

Each of these functions is a generator that yields one question after the other, is sent its rows, and returns
what was asked for: `pressmark search` asks them at once (`answered`), the pages through Datasette's threads.

A word can be in every article, and a filter can leave three of them or all. What is cheap hangs on both, so
that they are sized up first; what takes longer than a reader waits is told of a sample, and said to be.
Costs below: an archive of 200,000 articles on two slow cores (`bench/reading.py`).
"""

# ruff: noqa: S608 - SQL is put together from this module's constants only; values go in as parameters

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import MAXYEAR, date, timedelta
from typing import Any, NamedTuple, TypeVar

from .query import NO_SITE, Search

Found = TypeVar("Found")
Question = tuple[str, dict[str, object]]
Asking = Generator[Question, Sequence[Any], Found]

#: Filters of one column, by the column that they ask for.
EQUAL: Mapping[str, str] = {
    "site": "a.site", "section": "a.section", "language": "a.language", "access": "a.access",
    "cluster": "a.cluster_id",
}  # fmt: skip
#: A word in a headline says more than one in a text. In the order of the index's columns.
WEIGHTS = "10.0, 4.0, 2.0, 1.0"
#: So many articles are ranked, those that came last: ranking reads every place of every word, 0.8 s for a
#: word of 190,000 articles. By such a word nothing is told apart anyway; the order by date holds all.
RANKED = 5_000
#: Up to so many matches are all looked up (about 3 µs each).
FEW = 5_000
#: Of more, so many articles that the order has first are held against what matches.
WALKED = 2_000
#: A filter that leaves up to so many articles is asked for their numbers before the words are.
NARROW = 20_000
#: A sample of fewer tells no number: then they are counted, however long that takes.
TELLING = 200
#: Of more hits than twice this many, a sample is spread over days, sites and the like.
SAMPLED = 1_500

#: The indexes hold every column that a filter asks for, so that no article's text is read to pass over it.
#: Named outright: SQLite would look an article up by its number, and walk past megabytes of text.
_BY_NUMBER = "articles_fts cross join articles a indexed by articles_by_number on a.id = articles_fts.rowid"
_BY_SITE = "articles a indexed by articles_by_site"
_BY_DAY = "articles a indexed by articles_by_day"

#: Knuth's multiplier (The Art of Computer Programming, 6.4): neighbours' products lie far apart.
_SCATTER = 2_654_435_761

#: Orders of articles that were found by their days, and of those that have one.
_NEWEST = "order by a.date_published desc, a.id desc"
_OLDEST = "order by a.date_published, a.id"
_UNDATED_LAST = "order by a.date_published is null, a.date_published, a.id"


class Tally(NamedTuple):
    """How many articles a search finds, and some of them: (day, site, section, language, access) each."""

    total: int
    exact: bool
    step: int  # above 1: `rows` are those of one in so many
    rows: Sequence[Any]


class TooSlow(Exception):
    """Thrown into a generator in place of rows: its question took too long."""


def answered(asking: Asking[Found], ask: Callable[[str, dict[str, object]], Sequence[Any]]) -> Found:
    """What `asking` comes to, each of its questions put to `ask`."""
    try:
        question = next(asking)
        while True:
            question = asking.send(ask(*question))
    except StopIteration as end:
        found: Found = end.value
        return found


# -- in order


def ordered(search: Search, limit: int, offset: int = 0) -> Asking[list[int]]:
    """Numbers of the articles, in the search's order."""
    span: dict[str, object] = {"limit": limit, "offset": offset}
    if search.match and search.order == "relevance":
        return _numbers((yield _spanned((yield from _ranked(search)), span)))
    if search.match and (yield from _is_more(_matched(search), FEW)):
        near = yield from _walked(search, limit, offset)
        if near is not None:
            return near
    found, params = _looked_up(search) if search.match else _listed(search)
    order = _NEWEST if search.order == "newest" else _UNDATED_LAST
    return _numbers((yield _spanned((f"select a.id from {found} {order}", params), span)))


def _ranked(search: Search) -> Asking[Question]:
    """The best first, of the RANKED articles that came last."""
    words, params = _matched(search)
    if not (search.filters or search.without):
        last = f"select rowid from {words} order by rowid desc limit 1 offset {RANKED}"
        lowest = next(iter(_numbers((yield last, params))), 0)
        ranked = f"{words} and rowid >= :lowest and rank match 'bm25({WEIGHTS})' order by rank"
        return f"select rowid from {ranked}", {**params, "lowest": lowest}
    # FTS5 would rank all that match before a filter is asked; this ranks those that are left.
    left, asked = yield from _filtered(search)
    newest = f"select articles_fts.rowid from {left} order by articles_fts.rowid desc limit {RANKED}"
    among, params = _among(search, _numbers((yield newest, asked)))
    return f"select rowid from {among} order by bm25(articles_fts, {WEIGHTS})", params


def _among(search: Search, numbers: Sequence[int]) -> Question:
    """What matches of these articles. `+`: else FTS5 looks all words up again for each of them."""
    words, params = _matched(search)
    among = f"{words} and rowid >= :lowest and +rowid in (select value from json_each(:numbers))"
    return among, {**params, "lowest": min(numbers, default=0), "numbers": json.dumps(numbers)}


def _walked(search: Search, limit: int, offset: int) -> Asking[list[int] | None]:
    """Of the WALKED articles that the order has first those that match; None where they are too few.

    Of a word that many articles hold the first ones are soon together, where all that match would have to be
    looked up and sorted.
    """
    if {"cluster", "similar"} & dict(search.filters).keys():
        return None
    newest = search.order == "newest"
    where, params = _conditions(search)
    # Of several sites the days would not be in order; the undated come last in either order.
    table = _BY_SITE if _sites(search) == 1 else _BY_DAY
    order = _NEWEST if newest else f"and a.date_published is not null {_OLDEST}"
    numbers = _numbers((yield f"select a.id from {table} where {where} {order} limit {WALKED + 1}", params))
    is_all = newest and len(numbers) <= WALKED
    among, params = _among(search, numbers[:WALKED])
    matching = set(_numbers((yield f"select rowid from {among}", params)))
    found = [number for number in numbers[:WALKED] if number in matching][offset : offset + limit]
    return found if is_all or len(found) == limit else None


# -- counted


def tallied(search: Search) -> Asking[Tally]:
    """How many articles a search finds, exactly where that can be had soon, and a sample of them."""
    if not search.match:
        found, params = _listed(search)
        total = yield from _count(found, params)
        return (yield from _sample(total, total, found, params, "a.id"))
    matches = yield from _count(*_matched(search))
    looked_up, params = _looked_up(search)
    number = "articles_fts.rowid"
    if not (search.filters or search.without):
        return (yield from _sample(matches, matches, looked_up, params, number))
    if matches > 2 * SAMPLED and (yield from _is_narrow(search)):
        total = yield from _count(*_within(search, "articles_fts"))
        within, params = _within(search, _BY_NUMBER)
        return (yield from _sample(total, total, within, params, number))
    tally = yield from _sample(None, matches, looked_up, params, number)
    if tally.exact or len(tally.rows) >= TELLING:
        return tally
    total = yield from _count(looked_up, params)
    return (yield from _sample(total, total, looked_up, params, number))


def _sample(total: int | None, of: int, found: str, params: dict[str, object], number: str) -> Asking[Tally]:
    step = of // SAMPLED if of > 2 * SAMPLED else 1
    sql = f"select substr(a.date_published, 1, 10), a.site, a.section, a.language, a.access from {found}"
    if step > 1:
        # Scattered: every so many numbers might all be of the site that is crawled at that time.
        sql, params = f"{sql} and ({number} * {_SCATTER} >> 12) % :step = 0", {**params, "step": step}
    try:
        rows = yield sql, params
    except TooSlow:
        if total is None:
            raise
        rows = ()
    return Tally(len(rows) * step if total is None else total, total is not None or step == 1, step, rows)


def _count(found: str, params: dict[str, object]) -> Asking[int]:
    ((number,),) = yield f"select count(*) from {found}", params
    return int(number)


# -- parts


def _matched(search: Search) -> Question:
    """Articles by words alone."""
    return "articles_fts where articles_fts match :match", {"match": search.match}


def _looked_up(search: Search) -> Question:
    """By words, each looked up for what the filters ask."""
    where, params = _conditions(search)
    return f"{_BY_NUMBER} where articles_fts match :match and {where}", {**params, "match": search.match}


def _listed(search: Search) -> Question:
    """By the filters alone."""
    where, params = _conditions(search)
    return f"{_BY_SITE if _sites(search) else _BY_DAY} where {where}", params


def _within(search: Search, table: str) -> Question:
    """By words, among the numbers that the filters leave. `+`: else FTS5 is asked for each of these alone."""
    found, params = _listed(search)
    return (
        f"{table} where articles_fts match :match and +articles_fts.rowid in (select a.id from {found})",
        {**params, "match": search.match},
    )


def _filtered(search: Search) -> Asking[Question]:
    return _within(search, "articles_fts") if (yield from _is_narrow(search)) else _looked_up(search)


def _is_narrow(search: Search) -> Asking[bool]:
    """Whether the filters leave few articles, which an index has side by side."""
    if not {"site", "from", "to"} & dict(search.filters).keys():
        return False
    return not (yield from _is_more(_listed(search), NARROW))


def _is_more(found: Question, number: int) -> Asking[bool]:
    source, params = found
    return bool((yield f"select 1 from {source} limit 1 offset {number}", params))


def _sites(search: Search) -> int:
    """How many sites are asked for; 0 where articles without one are, too."""
    sites = search.values("site")
    return 0 if NO_SITE in sites else len(sites)


def _conditions(search: Search) -> tuple[str, dict[str, object]]:
    """What the filters ask of an article `a`."""
    conditions = ["true"]
    params: dict[str, object] = {}
    if search.without:
        conditions.append("a.id not in (select rowid from articles_fts where articles_fts match :without)")
        params["without"] = search.without
    for name, values in search.filters:
        condition, added = _condition(name, values)
        conditions.append(condition)
        params |= added
    return " and ".join(conditions), params


def _condition(name: str, values: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    if name == "from":
        return "a.date_published >= :first", {"first": values[0]}
    if name == "to":
        # The text '2023-11-27T14:00' sorts before the day after, whatever its time.
        last = date.fromisoformat(values[0])
        after = last + timedelta(days=1) if last < date(MAXYEAR, 12, 31) else last
        return "a.date_published < :after", {"after": after.isoformat()}
    if name == "has":
        return "a.version > 1", {}
    keys = {f"{name}{rank}": int(v) if name in {"cluster", "similar"} else v for rank, v in enumerate(values)}
    listed = ", ".join(f":{key}" for key in keys)
    if name == "similar":
        return (
            f"a.id in (select other_id from similar where article_id in ({listed})"
            f" union select article_id from similar where other_id in ({listed}))",
            dict(keys),
        )
    condition = f"{EQUAL[name]} in ({listed})"
    if name == "site" and NO_SITE in values:
        condition = f"({condition} or a.site is null)"
    return condition, dict(keys)


def _spanned(question: Question, span: dict[str, object]) -> Question:
    sql, params = question
    return f"{sql} limit :limit offset :offset", {**params, **span}


def _numbers(rows: Sequence[Any]) -> list[int]:
    return [int(row[0]) for row in rows]

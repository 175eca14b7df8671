"""Questions to the archive's database, and what all pages know of its rows."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from datasette.database import Database, QueryInterrupted

from .query import NO_SITE as NO_SITE
from .retrieval import Asking, Found, TooSlow

DATABASE = "articles"

#: Counts are a courtesy: what takes longer is left out.
COUNT_LIMIT_MS = 300

#: Columns of an article in a list.
LISTED = (
    "a.id, a.headline, a.site, a.url, a.authors, a.date_published, a.first_seen, a.section, a.language, "
    "a.word_count, a.access, a.version, a.description, substr(a.text, 1, 400) as opening"
)

Row = Mapping[str, Any]
Query = tuple[str, dict[str, object]]


class Answer(Exception):
    """Ends a view early with a page that says one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def whole_number(text: str | None, *, otherwise: int, most: int) -> int:
    """Read a positive number from a query string; what is none, or beyond `most`, is brought into range."""
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        return otherwise
    return min(max(int(text), 1), most)


async def fetch_rows(
    database: Database, sql: str, params: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    found = await database.execute(sql, dict(params or {}), log_sql_errors=False)
    return [dict(row) for row in found.rows]


async def count(
    database: Database, sql: str, params: Mapping[str, object] | None = None, limit_ms: int = COUNT_LIMIT_MS
) -> int | None:
    """One count, or None where it takes too long or the table is not there."""
    try:
        found = await database.execute(
            sql, dict(params or {}), custom_time_limit=limit_ms, log_sql_errors=False
        )
    except (QueryInterrupted, sqlite3.OperationalError):
        return None
    return int(found.rows[0][0])


async def answered(database: Database, asking: Asking[Found], limit_ms: float | None = None) -> Found:
    """What `asking` comes to, each of its questions put to the database.

    `limit_ms` is for all of them together: where it is over, QueryInterrupted is raised, unless `asking`
    goes on without. Datasette's own limit where None.
    """
    ends = time.monotonic() + (limit_ms or database.ds.sql_time_limit_ms) / 1000
    try:
        question = next(asking)
        while True:
            left = max(1.0, (ends - time.monotonic()) * 1000)
            try:
                found = await database.execute(*question, custom_time_limit=left, log_sql_errors=False)
            except QueryInterrupted as slow:
                try:
                    question = asking.throw(TooSlow())
                except TooSlow:
                    raise slow from None
            else:
                question = asking.send(found.rows)
    except StopIteration as end:
        value: Found = end.value
        return value


class Kept:
    """What was counted a moment ago, for whoever asks next: `seconds` long, at most `most` answers."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._answers: dict[object, tuple[float, Any]] = {}

    async def of(self, key: object, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer under `key`, from `ask` where none is young enough."""
        known = self._answers.get(key)
        if known and time.monotonic() - known[0] < self._seconds:
            return known[1]
        answer = await ask()
        while len(self._answers) >= self._most:
            self._answers.pop(next(iter(self._answers)))
        self._answers[key] = time.monotonic(), answer
        return answer

    def forget(self) -> None:
        """Ask for everything again."""
        self._answers.clear()

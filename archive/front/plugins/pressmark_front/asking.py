"""Questions to the archive's database, and what all pages know of its rows."""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any

from datasette.database import Database, QueryInterrupted

DATABASE = "articles"

#: Counts are a courtesy: what takes longer is left out.
COUNT_LIMIT_MS = 300

#: What stands for the site of a dump page that names none; also in `/search?site=`.
NO_SITE = "(no site)"

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


def iso_day(text: str | None) -> str | None:
    """Return `text` as YYYY-MM-DD, or None when it is no date."""
    try:
        return date.fromisoformat((text or "").strip()).isoformat()
    except ValueError:
        return None


async def fetch_rows(
    database: Database, sql: str, params: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    found = await database.execute(sql, dict(params or {}), log_sql_errors=False)
    return [dict(row) for row in found.rows]


async def count(database: Database, sql: str, params: Mapping[str, object] | None = None) -> int | None:
    """One count, or None where it takes too long or the table is not there."""
    try:
        found = await database.execute(
            sql, dict(params or {}), custom_time_limit=COUNT_LIMIT_MS, log_sql_errors=False
        )
    except (QueryInterrupted, sqlite3.OperationalError):
        return None
    return int(found.rows[0][0])

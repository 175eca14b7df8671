"""JSON Lines of pages: ours, trafilatura's, news-please's and Zyte's names, read as one form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from archive.values import Capture, Hints

#: For each thing we want, the names it has elsewhere, the first that is there wins.
#: Ours; trafilatura `--json` (`source`, `raw_text`, `author`, `date`); news-please (`maintext`,
#: `date_publish`, `date_download`); zyte-common-items Article (`articleBody`, `headline`, `datePublished`).
NAMES: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "source", "source_url", "canonicalUrl"),
    "html": ("html", "raw_html", "articleBodyHtml"),
    "text": ("text", "raw_text", "maintext", "articleBody", "body", "content"),
    "headline": ("headline", "title"),
    "authors": ("authors", "author"),
    "date_published": ("date_published", "date_publish", "datePublished", "published", "date"),
    "language": ("language", "inLanguage", "lang"),
    "fetched_at": ("fetched_at", "date_download", "crawled_at"),
}


class RowError(ValueError):
    """A row that holds no page; the sentence says what is missing."""


def capture_of_row(row: object, *, source_path: str, now: datetime) -> Capture:
    """The page in one JSON row. Raises `RowError` when it holds neither `html` nor `text`."""
    if not isinstance(row, dict):
        raise RowError("the line holds no JSON object; each line must be one page with `html` or `text`")
    html, text = _string(row, "html"), _string(row, "text")
    if not html and not text:
        raise RowError("the page has neither `html` nor `text`; name one of them")
    return Capture(
        url=_string(row, "url") or "",
        fetched_at=_instant(_string(row, "fetched_at")) or now,
        # Lone surrogates are legal in JSON escapes and in no encoding; they cannot be stored.
        body=(html or text or "").encode("utf-8", "replace"),
        content_type=f"text/{'html' if html else 'plain'}; charset=utf-8",
        source="jsonl",
        source_path=source_path,
        hints=_hints(row),
    )


def _hints(row: Mapping[str, Any]) -> Hints | None:
    hints = Hints(
        headline=_string(row, "headline"),
        authors=tuple(_authors(_first(row, "authors"))),
        date_published=_string(row, "date_published"),
        language=_string(row, "language"),
    )
    return None if hints == Hints() else hints


def _authors(value: object) -> list[str]:
    if isinstance(value, str):  # trafilatura joins several with '; '
        return [name.strip() for name in value.split(";") if name.strip()]
    if isinstance(value, list):
        names = [v.get("name") if isinstance(v, dict) else v for v in value]  # Zyte: [{"name": …}]
        return [name.strip() for name in names if isinstance(name, str) and name.strip()]
    return []


def _first(row: Mapping[str, Any], thing: str) -> object:
    return next((row[name] for name in NAMES[thing] if row.get(name)), None)


def _string(row: Mapping[str, Any], thing: str) -> str | None:
    value = _first(row, thing)
    return value if isinstance(value, str) else None


def _instant(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

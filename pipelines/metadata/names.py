"""Whose name a byline carries: persons and organisations, freed of 'By', roles, places and dates."""

from __future__ import annotations

from collections.abc import Iterable


def clean_authors(
    raw: Iterable[str], *, site_name: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Persons and organisations named in raw bylines, in order, each once."""
    return tuple(dict.fromkeys(s.strip() for s in raw if s.strip())), ()

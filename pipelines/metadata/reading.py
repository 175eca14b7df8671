"""Reads a page's metadata out of its parsed tree."""

from __future__ import annotations

from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from pipelines.metadata.headlines import clean_headline
from pipelines.metadata.values import Metadata


def read_metadata(
    tree: LexborHTMLParser, *, url: str, html: str, fetched_at: datetime | None = None
) -> Metadata:
    """What the page says about itself. Never raises on what the page holds; `tree` is left as it was."""
    title = tree.css_first("title")
    return Metadata(headline=clean_headline(title.text() if title else None))

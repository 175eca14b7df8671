"""Which site a page belongs to: one name for all its pages, so that they can be grouped and searched."""

from __future__ import annotations

from urllib.parse import urlsplit


def site_of(url: str, name: str | None) -> str | None:
    """The host of `url` without `www.`; for a page that has no web address, what it calls its site.

    The host is the same on every page of a site; the name is not ('BBC News', 'BBC Sport', 'BBC').
    """
    try:
        host = urlsplit(url).hostname if url.startswith(("http:", "https:")) else None
    except ValueError:  # a bracket in the host that is no IPv6 address
        host = None
    return host.removeprefix("www.") if host else name

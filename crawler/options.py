"""What a crawl is asked for: the value that commands give and crawls take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from archive.values import Value


class CrawlOptions(Value, frozen=True, kw_only=True):
    """What to crawl and how. Either `urls`, single pages, or the `sites` of a sites.toml."""

    archive: str | Path = "news-archive"
    sites: str | Path = "sites.toml"
    #: Names, URLs or hosts of sites in that file; empty: all.
    only: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    #: Pages of one site in this crawl.
    limit: int = 500
    #: Only what is due; else everything now.
    due: bool = False
    #: Known articles too.
    revisit: bool = False
    #: A date (ISO 8601) from which on sitemaps are read; "": the last days.
    since: str = ""
    #: With `since`: also what other people's archives have of the sites, `wayback` and `ccnews`.
    origins: tuple[str, ...] = ()
    #: Follow lists from one to the next, through whole sites.
    whole_site: bool = False
    allow_private: bool = False
    #: Whom a site's owner can write to; else sites.toml's `contact`, else $PRESSMARK_CONTACT.
    contact: str = ""
    #: Worker processes that clean; 0: one for each core.
    processes: int = 0
    #: Scrapy settings beyond these, as `-s NAME=VALUE` gives them.
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict)

"""`scrapy crawl news -a sites=sites.toml`: feed, article pages that are not in the archive yet, articles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response

from archive.values import Role
from crawler.discovery import MAX_FEED_BYTES, FeedEntry, discover_feeds, read_feed
from crawler.engine import PageResult
from crawler.errors import CrawlerError
from crawler.middlewares.record import ROLE
from crawler.pages import PageSpider
from crawler.sites import Site, read_sites
from pipelines.items import PageItem

logger = logging.getLogger(__name__)


class NewsSpider(PageSpider):
    """Fetches what the sites' feeds list and the archive does not hold.

    `sites`: the file; `only`: names, URLs or hosts of sites in it, separated by commas; `limit`: pages of one
    site in one crawl.
    """

    name = "news"

    def __init__(
        self, sites: str = "sites.toml", only: str = "", limit: str | int = 500, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        known = read_sites(sites)
        self.sites = known.chosen(tuple(part.strip() for part in only.split(",") if part.strip()), sites)
        self._contact = known.contact or ""
        if not str(limit).isdecimal():
            raise CrawlerError(f"limit={limit!r} is no number of pages; write -a limit=50")
        self._left = dict.fromkeys((site.url for site in self.sites), int(limit))
        self.feeds_read = 0

    def contact(self) -> str:
        return self._contact

    async def start(self) -> AsyncIterator[Any]:
        # Pages that a crawl before this one stored and was killed before it could clean them.
        for capture in await self.keeper.do(lambda archive: list(archive.orphans())):
            yield PageItem(capture)
        for site in self.sites:
            if not site.feeds:
                yield self._request(site.url, site, self.parse_home, "home")
            for feed in site.feeds:
                yield self._request(feed, site, self.parse_feed)

    def _request(self, url: str, site: Site, callback: Any, role: Role = "feed") -> Request:
        return Request(
            url,
            callback=callback,
            errback=self.failed,
            priority=10,  # feeds of all sites first, then their pages side by side
            dont_filter=True,
            meta={ROLE: role, "download_maxsize": MAX_FEED_BYTES},
            cb_kwargs={"site": site},
        )

    async def parse_home(self, response: Response, site: Site) -> AsyncIterator[Request]:
        """The page of a site for which sites.toml names no feed: the feeds that it announces."""
        feeds = await asyncio.to_thread(discover_feeds, response.body, response.url)
        if response.status != 200 or not feeds:
            why = f"HTTP {response.status}" if response.status != 200 else "the page announces no feed"
            self._no_feed(response.url, f'{why}; name one in sites.toml: feeds = ["https://…"]')
        for feed in feeds[:1]:  # the first is the site's own; the others are parts or doubles of it
            yield self._request(feed, site, self.parse_feed)

    async def parse_feed(self, response: Response, site: Site) -> AsyncIterator[Request]:
        """The articles a feed lists that the archive does not hold, up to the site's limit."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        feed = await asyncio.to_thread(
            read_feed, response.body, response.url, content_type, fetched_at=datetime.now(UTC)
        )
        if response.status != 200 or feed is None:
            why = f"HTTP {response.status}" if response.status != 200 else "this is neither RSS nor Atom"
            self._no_feed(response.url, f"{why}; look for the site's feed with `pressmark sites add`")
            return
        self.feeds_read += 1
        for entry in await self._new(feed.entries):
            if self._left[site.url] <= 0:
                logger.info("%s: the limit of pages is reached; the rest waits for the next crawl", site.name)
                return
            self._left[site.url] -= 1
            yield self.page_request(entry.url, entry.hints)

    async def _new(self, entries: tuple[FeedEntry, ...]) -> list[FeedEntry]:
        return await self.keeper.do(
            lambda archive: [entry for entry in entries if not archive.knows(entry.url)]
        )

    def _no_feed(self, url: str, why: str) -> None:
        self.keeper.tell(PageResult(url, url, "failed", f"no feed at {url}: {why}"))

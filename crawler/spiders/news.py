"""`scrapy crawl news -a sites=sites.toml`: sources, the pages they list, articles.

What is to be looked at stands in the archive (`crawler.agenda`); Scrapy's queue holds only what this crawl
has taken from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.agenda import Source
from archive.values import Exchange
from crawler.agenda import Answer, Child, fresh_for, roots_of
from crawler.capture import EXCHANGE
from crawler.discovery import MAX_FEED_BYTES
from crawler.discovery.sitemaps import MAX_SITEMAP_BYTES
from crawler.engine import PageResult
from crawler.errors import CrawlerError, HostResting, RobotsForbids
from crawler.listing import read_source
from crawler.middlewares.record import ROLE, TRAVELS
from crawler.pages import PageSpider, sentence
from crawler.politeness import TOO_MUCH, retry_after_seconds
from crawler.sites import Site, read_sites
from pipelines.items import PageItem

logger = logging.getLogger(__name__)

#: Answers that say that there is nothing any more (RFC 9110, 15.5.5 and 15.5.11).
GONE = frozenset({404, 410})


class NewsSpider(PageSpider):
    """Looks at the sites' sources and fetches the pages that they list and the archive does not hold.

    `sites`: the file; `only`: names, URLs or hosts of sites in it, separated by commas; `limit`: pages of one
    site in one crawl. With `due` only what is due is done, else everything now; with `revisit` known articles
    are fetched again; `since`, a date, takes sitemaps and their pages from then on.
    """

    name = "news"

    def __init__(
        self,
        sites: str = "sites.toml",
        only: str = "",
        limit: str | int = 500,
        due: str = "",
        revisit: str = "",
        since: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        known = read_sites(sites)
        self.sites = known.chosen(tuple(part.strip() for part in only.split(",") if part.strip()), sites)
        self._contact = known.contact or ""
        if not str(limit).isdecimal():
            raise CrawlerError(f"limit={limit!r} is no number of pages; write -a limit=50")
        self._left = {site.url: min(int(limit), site.limit or int(limit)) for site in self.sites}
        self._due_only, self._again = due in ("1", "true", "yes"), revisit in ("1", "true", "yes")
        self._since = _date(since) if since else None
        #: Sources of each site that were asked for and have not answered; when none is left, its pages' turn.
        self._open: Counter[str] = Counter()
        self._asked: set[str] = set()
        self.feeds_read = 0

    def contact(self) -> str:
        return self._contact

    async def start(self) -> AsyncIterator[Any]:
        keeper = self.keeper
        agenda = keeper.agenda
        agenda.due_only, agenda.again = self._due_only, self._again
        keeper.roots = tuple(url for site in self.sites for url, _ in roots_of(site))
        # Pages that a crawl before this one stored and was killed before it could clean them.
        orphans = await keeper.do(lambda archive: list(archive.orphans()))
        await keeper.do(lambda archive: agenda.take_up(archive, orphans))
        for capture in orphans:
            yield PageItem(capture)
        for site in self.sites:
            hour = datetime.fromtimestamp(agenda.clock(), UTC).hour
            if self._due_only and not site.is_open(hour):
                continue
            sources = await keeper.do(lambda archive, site=site: agenda.sources(archive, site))  # type: ignore[misc]
            requests = self._requests(sources, site)
            for request in requests:
                yield request
            if not requests:
                for request in await self._pages(site):
                    yield request

    # Sources ----------------------------------------------------------------------------------------

    def _requests(self, sources: list[Source], site: Site) -> list[Request]:
        """Requests for those sources that this crawl has not asked for yet."""
        chosen = [source for source in sources if source.url not in self._asked]
        self._asked.update(source.url for source in chosen)
        self._open[site.url] += len(chosen)
        return [self._request(source, site) for source in chosen]

    def _request(self, source: Source, site: Site) -> Request:
        most = MAX_SITEMAP_BYTES if source.kind == "sitemap" else MAX_FEED_BYTES
        return Request(
            source.url,
            callback=self.parse_source,
            errback=self.source_failed,
            priority=10,  # sources of all sites first, then their pages side by side
            dont_filter=True,
            meta={ROLE: source.kind, TRAVELS: True, "download_maxsize": most},
            cb_kwargs={"source": source, "site": site},
        )

    async def parse_source(self, response: Response, source: Source, site: Site) -> AsyncIterator[Request]:
        """What a source lists goes into the archive's queue, with its answer; then its children, or pages."""
        exchange: Exchange | None = response.meta.get(EXCHANGE)
        agenda = self.keeper.agenda
        now = datetime.fromtimestamp(agenda.clock(), UTC)
        answer = Answer(status=response.status)
        problem = f"HTTP {response.status}" if response.status != 200 else ""
        if response.status == 200:
            content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
            first = source.checked_at is None and self._since is None
            answer, problem = await asyncio.to_thread(
                read_source, source, response.body, response.url, content_type,
                now=now, since=self._since, is_first=first,
            )  # fmt: skip
        elif response.status in GONE and source.kind == "feed":
            # A redesign moves feeds, and the site's page announces the new one.
            answer = Answer(status=response.status, children=(Child(url=site.url, kind="home"),))
        answer = Answer(
            status=answer.status, listed=answer.listed, children=answer.children, is_index=answer.is_index,
            is_quiet=answer.is_quiet, title=answer.title, trouble=answer.trouble,
            retry_after=retry_after_seconds(response.headers.get("Retry-After"), now)
            if response.status in TOO_MUCH
            else None,
            fresh_for=fresh_for(response.headers.get("Cache-Control")),
        )  # fmt: skip
        children = await self.keeper.do(lambda archive: agenda.looked(archive, source, exchange, answer))
        if problem:
            self._no_source(response.url, source, problem)
        elif source.kind != "home" or answer.listed:
            self.feeds_read += 1
        async for request in self._on(site, children):
            yield request

    async def source_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """A source that gave no answer, or may not be asked."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        source, site = request.cb_kwargs["source"], request.cb_kwargs["site"]
        error = failure.value
        resting = isinstance(error, HostResting)
        answer = Answer(
            status=None,
            trouble="busy" if resting else "forbidden" if isinstance(error, RobotsForbids) else "broken",
            retry_after=error.wait_seconds if isinstance(error, HostResting) else None,
        )
        agenda = self.keeper.agenda
        await self.keeper.do(lambda archive: agenda.looked(archive, source, None, answer))
        if isinstance(error, RobotsForbids):
            self.forbidden.append(source.url)
            logger.info("%s", error)
        else:
            what = sentence(error, source.url)
            self.keeper.tell(PageResult(source.url, source.url, "failed", what))
        async for more in self._on(site, []):
            yield more

    async def _on(self, site: Site, children: list[Source]) -> AsyncIterator[Request]:
        for request in self._requests(children, site):
            yield request
        self._open[site.url] -= 1
        if self._open[site.url] <= 0:
            for request in await self._pages(site):
                yield request

    async def _pages(self, site: Site) -> list[Request]:
        """The pages of a site whose sources have all answered: newest first, up to its budget."""
        left = self._left[site.url]
        agenda = self.keeper.agenda
        pages = await self.keeper.do(lambda archive: agenda.pages(archive, site, left))
        self._left[site.url] -= len(pages)
        if pages and not self._left[site.url]:
            logger.info("%s: the limit of pages is reached; the rest waits for the next crawl", site.name)
        return [self.page_request(page.url, page.hints) for page in pages]

    def _no_source(self, url: str, source: Source, why: str) -> None:
        advice = (
            'name one in sites.toml: feeds = ["https://…"]'
            if source.kind == "home"
            else "look for the site's sources with `pressmark sites add`"
        )
        what = "feed" if source.kind == "home" else source.kind
        self.keeper.tell(PageResult(url, url, "failed", f"no {what} at {url}: {why}; {advice}"))


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CrawlerError(f"since={text!r} is no date; write 2026-01-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

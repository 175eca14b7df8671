"""`scrapy crawl news -a sites=sites.toml`: sources, the pages they list, articles.

What is to be looked at stands in the archive (`crawler.agenda`); Scrapy's queue holds only what this crawl
has taken from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from msgspec.structs import replace
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.agenda import Source
from archive.url_keys import url_key
from archive.values import Exchange, Hints
from crawler.agenda import Answer, Child, fresh_for, roots_of
from crawler.backfill import cdx_query
from crawler.capture import EXCHANGE
from crawler.discovery import MAX_FEED_BYTES
from crawler.discovery.following import Following
from crawler.discovery.shapes import UrlShapes
from crawler.discovery.sitemaps import MAX_SITEMAP_BYTES
from crawler.engine import PageResult
from crawler.errors import CrawlerError, HostResting, RobotsForbids
from crawler.failures import failure_of
from crawler.listing import links_of, read_source
from crawler.middlewares.record import ROLE, TRAVELS
from crawler.pages import PageSpider, sentence
from crawler.politeness import TOO_MUCH, retry_after_seconds
from crawler.rendering import check_installed
from crawler.sites import Site, read_sites, with_own
from pipelines.items import PageItem

logger = logging.getLogger(__name__)

#: `request.meta` key: the site whose next pages wait for this one.
TURN = "pressmark_turn"
#: Pages of one site that are taken from the archive's queue at a time, the next when they are done: a request
#: that waits takes some 3 KB of memory, and a thousand new sites have half a million pages.
PORTION = 32
#: Answers that say that there is nothing any more (RFC 9110, 15.5.5 and 15.5.11).
GONE = frozenset({404, 410})


class NewsSpider(PageSpider):
    """Looks at the sites' sources and fetches the pages that they list and the archive does not hold.

    `sites`: the file; `site` or `only`: names, URLs or hosts of sites in it, separated by commas; `limit`:
    pages of one site in one crawl. With `due` only what is due is done, else everything now; with `revisit`
    known articles are fetched again; `since`, a date, takes sitemaps and their pages from then on, with
    `origins=wayback` also what a web archive has of the sites. With `whole_site`, or where sites.toml says
    `follow = true`, lists are followed from one to the next.
    """

    name = "news"

    def __init__(
        self,
        sites: str = "sites.toml",
        only: str = "",
        site: str = "",
        limit: str | int = 500,
        due: str = "",
        revisit: str = "",
        since: str = "",
        origins: str = "",
        whole_site: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        known = read_sites(sites)
        self.sites = known.chosen(
            tuple(part.strip() for part in f"{only},{site}".split(",") if part.strip()), sites
        )
        self._contact = known.contact or ""
        self._own_sites = with_own(known)
        if not str(limit).isdecimal():
            raise CrawlerError(f"limit={limit!r} is no number of pages; write -a limit=50")
        self._left = {site.url: min(int(limit), site.limit or int(limit)) for site in self.sites}
        self._due_only, self._again = due in ("1", "true", "yes"), revisit in ("1", "true", "yes")
        self._since = _date(since) if since else None
        self._origins = tuple(part for part in origins.split(",") if part)
        if self._origins and self._since is None:
            raise CrawlerError("from when on? Name a day: since=2026-01-31")
        self._whole = whole_site in ("1", "true", "yes")
        #: What each site's articles' addresses look like, and its lists that are followed.
        self._shapes: dict[str, UrlShapes] = {}
        self._followed: dict[str, Following] = {}
        #: Of sites that are rendered: pages that wait for the one before, so that its scripts' requests need
        #: not; and sites of which one is under way.
        self._turns: dict[str, deque[Request]] = {}
        self._under_way: set[str] = set()
        if any(site.render for site in self.sites):
            check_installed()
        #: Sources of each site that were asked for and have not answered; when none is left, its pages' turn.
        self._open: Counter[str] = Counter()
        self._asked: set[str] = set()
        self._by_url = {site.url: site for site in self.sites}
        #: Pages of each site that were asked for and are not done; sites that wait for `_idle` to go on.
        self._outstanding: Counter[str] = Counter()
        self._stalled: set[str] = set()
        self._resuming: asyncio.Future[None] | None = None
        self.feeds_read = 0
        self.lists_read = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._idle, signal=signals.spider_idle)
        return spider

    def contact(self) -> str:
        return self._contact

    def own_sites(self) -> tuple[Site, ...]:
        return self._own_sites

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
            self._shapes[site.url] = await keeper.do(lambda archive, site=site: agenda.shapes(archive, site))  # type: ignore[misc]
            sources = await keeper.do(lambda archive, site=site: agenda.sources(archive, site))  # type: ignore[misc]
            sources += await self._archives_of(site, sources)
            requests = self._requests(sources, site)
            if sources and all(source.kind in ("feed", "sitemap") for source in sources):
                # No list is named to begin with: the site's own page is one.
                requests += [self._list_request(site.url, sources[0], site)] * self._follows(sources[0], site)
            for request in requests:
                yield request
            if not requests:
                for request in await self._pages(site):
                    yield request

    async def _archives_of(self, site: Site, known: list[Source]) -> list[Source]:
        """The site's place in the index of a web archive, where that is asked for."""
        if "wayback" not in self._origins or self._since is None:
            return []
        keeper = self.keeper
        index = cdx_query(site.url, self._since, self.settings["PRESSMARK_WAYBACK_BASE"])
        if any(source.url == index for source in known):
            return []
        return [await keeper.do(lambda archive: keeper.agenda.also(archive, site, index, "wayback"))]

    # Sources ----------------------------------------------------------------------------------------

    def _requests(self, sources: list[Source], site: Site) -> list[Request]:
        """Requests for those sources that this crawl has not asked for yet."""
        chosen = [source for source in sources if source.url not in self._asked]
        self._asked.update(source.url for source in chosen)
        self._open[site.url] += len(chosen)
        return [self._request(source, site) for source in chosen]

    def _request(self, source: Source, site: Site) -> Request:
        most = MAX_SITEMAP_BYTES if source.kind in ("sitemap", "wayback") else MAX_FEED_BYTES
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
                now=now, since=self._since, is_first=first, shapes=self._shapes[site.url],
                watches_sections=_watches_sections(source, site),
            )  # fmt: skip
        elif response.status in GONE and source.kind == "feed":
            # A redesign moves feeds, and the site's page announces the new one.
            answer = Answer(status=response.status, children=(Child(url=site.url, kind="home"),))
        if response.status in TOO_MUCH:
            wait = retry_after_seconds(response.headers.get("Retry-After"), now)
            answer = replace(answer, retry_after=wait)
        answer = replace(answer, fresh_for=fresh_for(response.headers.get("Cache-Control")))
        children = await self.keeper.do(lambda archive: agenda.looked(archive, source, exchange, answer))
        if problem:
            self._no_source(response.url, source, problem)
        elif source.kind != "home" or answer.listed:
            self.feeds_read += 1
        if source.kind in ("home", "section"):
            for request in self._lists(response, source, site, [one.url for one in answer.listed], children):
                yield request
        async for request in self._on(site, children):
            yield request

    # Lists that are followed ------------------------------------------------------------------------

    def _follows(self, source: Source, site: Site) -> bool:
        """Whether lists are followed: when it is asked for; in rounds of what is due at the first look."""
        return self._whole or (site.follow and (not self._due_only or source.checked_at is None))

    def _lists(
        self, response: Response, source: Source, site: Site, articles: list[str], children: list[Source]
    ) -> list[Request]:
        """Requests for the lists that a list leads to, where the whole site is asked for."""
        if not self._follows(source, site) or response.status != 200 or not _same_host(response):
            return []
        today = datetime.fromtimestamp(self.keeper.agenda.clock(), UTC).date()
        following = self._followed.setdefault(site.url, Following(today))
        for known in (source.url, response.url, *(child.url for child in children)):
            following.asked(known)
        found = following.lists(response.body, response.url, articles, self._shapes[site.url])
        return [self._list_request(url, source, site) for url in found]

    def _list_request(self, url: str, source: Source, site: Site) -> Request:
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            priority=-10,  # pages that are known go first
            dont_filter=True,  # `Following` asks once; a page at the same address is to be had all the same
            meta={ROLE: "section", TRAVELS: True, "download_maxsize": MAX_FEED_BYTES},
            cb_kwargs={"source": source, "site": site},
        )

    async def parse_list(self, response: Response, source: Source, site: Site) -> AsyncIterator[Request]:
        """A list that is no source: what it lists goes into the queue, and the lists it leads to follow."""
        exchange: Exchange | None = response.meta.get(EXCHANGE)
        agenda, shapes = self.keeper.agenda, self._shapes[site.url]
        now = datetime.fromtimestamp(agenda.clock(), UTC)
        listed = (
            await asyncio.to_thread(links_of, response.body, response.url, now, shapes)
            if response.status == 200 and _same_host(response)
            else ()
        )
        await self.keeper.do(lambda archive: agenda.listed_beside(archive, source, exchange, listed))
        self.lists_read += response.status == 200
        for request in self._lists(response, source, site, [one.url for one in listed], []):
            yield request
        for request in await self._pages(site):
            yield request

    async def list_failed(self, failure: Failure) -> None:
        """A list that was followed and gave no answer: told, and no failure of the site."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        logger.info("the list %s was not read: %s", request.url, sentence(failure.value, request.url))

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
            failure=failure_of(error),
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
        left = min(self._left[site.url], PORTION)
        if not left or self._outstanding[site.url] > 0:
            return []
        agenda = self.keeper.agenda
        # Before anything is waited for, so that nobody takes the same room.
        self._left[site.url] -= left
        self._outstanding[site.url] += left
        pages = await self.keeper.do(lambda archive: agenda.pages(archive, site, left))
        self._left[site.url] += left - len(pages)
        self._outstanding[site.url] -= left - len(pages)
        if pages and not self._left[site.url]:
            logger.info("%s: the limit of pages is reached; the rest waits for the next crawl", site.name)
        requests = [
            self.page_request(page.url, page.hints, respect=site.respect, render=site.render)
            for page in pages
        ]
        for request in requests:
            request.meta[TURN] = site.url
        return self._in_turn(site, requests) if site.render else requests

    def page_request(self, url: str, hints: Hints | None = None, **options: Any) -> Request:
        return super().page_request(url, hints, **options).replace(errback=self.page_failed)

    async def _more(self, request: Request) -> list[Request]:
        """After a page: the site's next ones, where it was the last of those that were asked for."""
        site = self._by_url.get(request.meta.get(TURN, ""))
        if site is None:
            return []
        self._outstanding[site.url] -= 1
        return await self._pages(site)

    def _idle(self) -> None:
        """Nothing is under way any more. Where pages or sources of a site are still waited for, something was
        dropped without a word (by Scrapy, or an error in between): go on without it.
        """
        self._stalled.update(
            site.url
            for site in self.sites
            if self._outstanding[site.url] > 0 or self._open[site.url] > 0 or self._turns.get(site.url)
        )
        if not self._stalled or (self._resuming is not None and not self._resuming.done()):
            if self._stalled:
                raise DontCloseSpider
            return
        stalled, self._stalled = self._stalled, set()
        self._resuming = asyncio.ensure_future(self._resume(stalled))
        raise DontCloseSpider

    async def _resume(self, stalled: set[str]) -> None:
        engine = self.crawler.engine
        assert engine is not None
        for url in stalled:
            self._outstanding[url] = self._open[url] = 0
            self._under_way.discard(url)
            waiting = self._turns.get(url)
            if waiting:
                self._outstanding[url] = len(waiting)
                self._under_way.add(url)
                engine.crawl(waiting.popleft())
                continue
            for request in await self._pages(self._by_url[url]):
                engine.crawl(request)

    # Pages that are rendered --------------------------------------------------------------------------

    def _in_turn(self, site: Site, requests: list[Request]) -> list[Request]:
        """Of a site that is rendered one page at a time: the first, where none is under way."""
        waiting = self._turns.setdefault(site.url, deque())
        waiting.extend(requests)
        if site.url in self._under_way or not waiting:
            return []
        self._under_way.add(site.url)
        return [waiting.popleft()]

    def _next_in_turn(self, request: Request) -> None:
        site = request.meta.get(TURN)
        if site not in self._turns:
            return
        engine = self.crawler.engine
        if self._turns[site] and engine is not None and engine.running:
            engine.crawl(self._turns[site].popleft())
        else:
            self._under_way.discard(site)

    async def parse_page(self, response: Response, hints: Hints | None, asked: str) -> AsyncIterator[Any]:
        assert response.request is not None
        try:
            async for item in super().parse_page(response, hints, asked):
                yield item
        finally:
            self._next_in_turn(response.request)
        for request in await self._more(response.request):
            yield request

    async def page_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """As `failed`; then the site's next pages."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        try:
            await self.failed(failure)
        finally:
            self._next_in_turn(request)
        for more in await self._more(request):
            yield more

    def _dropped(self, request: Request) -> None:
        super()._dropped(request)
        self._next_in_turn(request)
        site = request.meta.get(TURN)
        if site in self._by_url:
            self._outstanding[site] -= 1
            if self._outstanding[site] <= 0:
                self._stalled.add(site)

    def _no_source(self, url: str, source: Source, why: str) -> None:
        if source.kind == "section" and source.found_in:  # nobody named it: it is retired in time
            logger.info("%s, found in %s: %s", url, source.found_in, why)
            return
        advice = (
            'name one in sites.toml: feeds = ["https://…"]'
            if source.kind == "home"
            else "look for the site's sources with `pressmark sites add`"
        )
        what = "feed" if source.kind == "home" else source.kind
        self.keeper.tell(PageResult(url, url, "failed", f"no {what} at {url}: {why}; {advice}"))


def _same_host(response: Response) -> bool:
    """Whether a page came from where it was asked for: what another site lists is not this site's."""
    asked = response.meta.get("redirect_urls", [response.url])[0]
    return urlsplit(url_key(asked)).netloc == urlsplit(url_key(response.url)).netloc


def _watches_sections(source: Source, site: Site) -> bool:
    """Whether the sections that a page names are watched: of a home page, where no feed or sitemap is named
    that would cover them.
    """
    is_home = source.kind == "home" or (source.kind == "section" and source.url == site.url)
    return is_home and not (site.feeds or site.sitemaps)


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CrawlerError(f"since={text!r} is no date; write 2026-01-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

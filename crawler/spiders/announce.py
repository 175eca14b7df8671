"""Looks for the sources of one site: feeds, sitemaps, section pages. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.discovery import discover_feeds, read_feed, site_name, usual_places, web_url
from crawler.discovery.links import article_links, section_links
from crawler.discovery.sitemaps import latest, read_sitemap, robots_sitemaps, usual_sitemaps
from crawler.errors import CrawlerError
from crawler.keep import clock_in
from crawler.pages import PageSpider, sentence
from crawler.sites import Site

#: Section pages that are written down beside the home page.
MAX_SECTIONS = 6
#: Sitemaps that are: the news sitemap and an index, as a rule.
MAX_SITEMAPS = 4
#: Links to articles that make a page one that lists them.
LEAST_LINKS = 3


class AnnounceSpider(PageSpider):
    """`site` is what was found, or None; `reason` then says why. `contact` as for `ArticleSpider`.

    First the page and what it announces, else the usual places of feeds; then the sitemaps that robots.txt
    names, else those in usual places; where there is no feed, also pages that list articles.
    """

    name = "announce"

    def __init__(self, url: str = "", contact: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._contact = contact
        address = web_url(url if "://" in url else f"https://{url}", "")
        if address is None:
            raise CrawlerError(f"{url!r} is no http or https address")
        self.url = address
        self.site: Site | None = None
        self.reason = "it announces none, and there is none in the usual places"
        self._home = b""
        self._found: dict[str, tuple[str, ...]] = {}
        self._name = ""
        #: Where feeds and sitemaps may be, in the order in which they are tried.
        self._places: list[tuple[str, str]] = []

    def contact(self) -> str:
        return self._contact

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.url, callback=self.parse_home, errback=self.unreachable)

    async def parse_home(self, response: Response) -> AsyncIterator[Request]:
        """The page itself may be a feed; else it announces some; else the usual places are tried in turn."""
        if response.status != 200:
            self.reason = f"the page answers HTTP {response.status}"
            return
        if (feed := read_feed(response.body, response.url, _content_type(response))) and feed.entries:
            self.site = Site(name=feed.title or self.url, url=self.url, feeds=(response.url,))
            return
        self.url, self._home = response.url, response.body
        self._name = site_name(response.body, response.url)
        feeds = discover_feeds(response.body, response.url)
        if feeds:
            self._found["feeds"] = tuple(feeds)
        else:
            self._places = [("feeds", place) for place in usual_places(response.url)]
        yield self._ask("robots", urljoin(response.url, "/robots.txt"))

    def _ask(self, kind: str, url: str) -> Request:
        return Request(
            url,
            callback=self.parse_guess,
            errback=self.no_guess,
            dont_filter=True,
            # robots.txt may always be asked for, also one that forbids everything.
            meta={"dont_retry": True, "dont_obey_robotstxt": kind == "robots"},
            cb_kwargs={"kind": kind},
        )

    async def parse_guess(self, response: Response, kind: str) -> AsyncIterator[Request]:
        if kind == "robots":
            named = robots_sitemaps(response.body, response.url) if response.status == 200 else []
            self._places += [("sitemaps", place) for place in named or usual_sitemaps(self.url)]
        elif response.status == 200 and self._holds(kind, response):
            limit = 1 if kind == "feeds" else MAX_SITEMAPS
            self._found[kind] = (*self._found.get(kind, ()), response.url)[:limit]
        for request in self._next():
            yield request

    def _holds(self, kind: str, response: Response) -> bool:
        """Whether an answer is what was looked for: a feed with entries, a sitemap with something of late."""
        if kind == "feeds":
            feed = read_feed(response.body, response.url, _content_type(response))
            return feed is not None and bool(feed.entries)
        now = datetime.fromtimestamp(clock_in(self.settings)(), UTC)
        sitemap = read_sitemap(response.body, response.url, fetched_at=now)
        if sitemap is None or not sitemap.entries:
            return False
        dates = [end for entry in sitemap.entries if (end := latest(entry)) is not None]
        return not dates or (now - max(dates)).days < 366

    def _next(self) -> list[Request]:
        """The next place of a kind that is still looked for; at the end, the site."""
        while self._places:
            kind, place = self._places.pop(0)
            enough = 1 if kind == "feeds" else 2
            if len(self._found.get(kind, ())) < enough:
                return [self._ask(kind, place)]
        self._conclude()
        return []

    def _conclude(self) -> None:
        if not self._found.get("feeds"):
            links = [link for link in article_links(self._home, self.url) if link.is_article]
            if len(links) >= LEAST_LINKS:
                sections = section_links(self._home, self.url, most=MAX_SECTIONS)
                self._found["sections"] = (self.url, *(one.url for one in sections if one.url != self.url))
        if self._found:
            found = self._found
            self.site = Site(
                name=self._name,
                url=self.url,
                feeds=found.get("feeds", ()),
                sitemaps=found.get("sitemaps", ()),
                sections=found.get("sections", ()),
            )

    async def no_guess(self, failure: Failure) -> AsyncIterator[Request]:
        """A place gave no answer, or robots.txt forbids it: the next."""
        kind = failure.request.cb_kwargs["kind"]  # type: ignore[attr-defined]  # Scrapy puts it there
        if kind == "robots":
            self._places += [("sitemaps", place) for place in usual_sitemaps(self.url)]
        for request in self._next():
            yield request

    async def unreachable(self, failure: Failure) -> None:
        self.reason = sentence(failure.value)


def _content_type(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"").decode("latin-1")

"""Looks for the feeds of one site: what its page announces, else the usual places. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.discovery import discover_feeds, read_feed, site_name, usual_places, web_url
from crawler.errors import CrawlerError
from crawler.pages import PageSpider, sentence
from crawler.sites import Site


class AnnounceSpider(PageSpider):
    """`site` is what was found, or None; `reason` then says why. `contact` as for `ArticleSpider`."""

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
        name = site_name(response.body, response.url)
        feeds = discover_feeds(response.body, response.url)
        if feeds:
            self.site = Site(name=name, url=response.url, feeds=tuple(feeds))
            return
        yield self._try(response.url, name, usual_places(response.url))

    def _try(self, home: str, name: str, places: list[str]) -> Request:
        return Request(
            places[0],
            callback=self.parse_guess,
            errback=self.no_guess,
            dont_filter=True,
            meta={"dont_retry": True},
            cb_kwargs={"home": home, "name": name, "places": places[1:]},
        )

    async def parse_guess(
        self, response: Response, home: str, name: str, places: list[str]
    ) -> AsyncIterator[Request]:
        feed = (
            read_feed(response.body, response.url, _content_type(response))
            if response.status == 200
            else None
        )
        if feed is not None and feed.entries:
            self.site = Site(name=name, url=home, feeds=(response.url,))
        elif places:
            yield self._try(home, name, places)

    async def no_guess(self, failure: Failure) -> AsyncIterator[Request]:
        """One of the usual places gave no answer, or robots.txt forbids it: the next."""
        known = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy puts it there
        if known["places"]:
            yield self._try(known["home"], known["name"], known["places"])

    async def unreachable(self, failure: Failure) -> None:
        self.reason = sentence(failure.value)


def _content_type(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"").decode("latin-1")

"""Stores each exchange as it comes off the wire, or lets it travel on with the page it belongs to.

A page's exchange goes with its capture into the item pipelines, which store it before anything else. All
others are stored at once, with what they were for: robots.txt, feeds, redirects; and by `PatientRetry`
attempts that are tried again.
"""

from __future__ import annotations

import contextlib

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive import Archive, TakenDown
from archive.values import Exchange, Role
from crawler.capture import EXCHANGE
from crawler.keep import keeper_of

#: `request.meta` key: this request is for a page, whose exchange travels with its capture.
PAGE = "pressmark_page"
#: `request.meta` key: what another request is for, one of `archive.values.Role`; absent: `other`.
ROLE = "pressmark_role"
#: `request.meta` key: the exchange travels with the response, to be stored with what it leads to.
TRAVELS = "pressmark_travels"
#: RFC 9110, 15.4: with a `Location`, these lead to another page, and are none themselves.
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def is_redirect(response: Response) -> bool:
    return response.status in REDIRECTS and "Location" in response.headers


async def store_exchange(crawler: Crawler, request: Request, role: Role) -> None:
    """Put a request's exchange into the archive, as one that is no page. Without an archive, forget it."""
    exchange: Exchange | None = request.meta.pop(EXCHANGE, None)
    keeper = keeper_of(crawler)
    if exchange is not None and keeper is not None:
        await keeper.do(lambda archive: _written(archive, exchange, role))


def _written(archive: Archive, exchange: Exchange, role: Role) -> None:
    with contextlib.suppress(TakenDown):
        archive.write_exchange(exchange, role)


class RecordExchanges:
    """Downloader middleware, before anybody unpacks a body or follows a redirect."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        #: Of other people's spiders nobody knows beforehand which answers are pages.
        self._all_travel = crawler.settings.getbool("PRESSMARK_TRAVELS")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RecordExchanges:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        # A redirect or a retry copies the meta of the request before it: what is in it is stored already.
        request.meta.pop(EXCHANGE, None)

    async def process_response(self, request: Request, response: Response) -> Response:
        if is_redirect(response):
            await store_exchange(self._crawler, request, "redirect")
        elif not (request.meta.get(PAGE) or request.meta.get(TRAVELS) or self._all_travel):
            await store_exchange(self._crawler, request, request.meta.get(ROLE, "other"))
        return response

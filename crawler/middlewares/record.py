"""Stores each exchange as it comes off the wire, or lets it travel on with the page it belongs to.

A page's exchange goes with its capture into the item pipelines, which store it before anything else. All
others are stored here: robots.txt, feeds, redirects, errors, attempts that are tried again.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response

from archive.values import Exchange
from crawler.capture import EXCHANGE
from crawler.keep import keeper_of

#: `request.meta` key: this request is for a page, whose exchange travels with its capture.
PAGE = "pressmark_page"
#: `request.meta` key: the `RecordRef` of the last response to this request, once it is stored.
RECORD = "pressmark_record"


class RecordExchanges:
    """Downloader middleware, nearest to the wire."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RecordExchanges:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        # A redirect or a retry copies the meta of the request before it: what is in it is stored already.
        request.meta.pop(EXCHANGE, None)
        request.meta.pop(RECORD, None)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        exchange: Exchange | None = request.meta.get(EXCHANGE)
        if exchange is None:
            return response
        again = self._again(request, response)
        if request.meta.get(PAGE) and 200 <= response.status < 300 and again is None:
            return response
        del request.meta[EXCHANGE]
        keeper = keeper_of(self._crawler)
        if keeper is not None:
            request.meta[RECORD] = await keeper.do(lambda archive: archive.write_exchange(exchange))
        return again or response

    def _again(self, request: Request, response: Response) -> Request | None:
        """A new attempt at a body that broke off; None when it did not, or attempts are used up."""
        if "dataloss" not in response.flags or request.meta.get("dont_retry"):
            return None
        assert self._crawler.spider is not None
        return get_retry_request(request, spider=self._crawler.spider, reason="body broke off")

"""Trying again: not sooner than the site asked, and once more for a body that broke off."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from crawler.capture import EXCHANGE
from crawler.middlewares.record import store_exchange
from crawler.pages import PageSpider
from crawler.politeness import PATIENCE_SECONDS, TOO_MUCH, retry_after_seconds
from crawler.resting import resting_of


class PatientRetry(RetryMiddleware):
    """Scrapy's retries, and two things more.

    A body that broke off is asked for again; when attempts are used up, what came is taken. A site that asks
    us to wait longer than PATIENCE_SECONDS is left alone until then, in crawls after this one too: requests
    raise HostResting. (Shorter waits are `PoliteThrottle`'s.) Attempts that are given up on are stored in the
    archive too.
    """

    def process_request(self, request: Request) -> None:
        resting_of(self.crawler).refuse(request)

    async def process_response(  # type: ignore[override]  # a coroutine, without the spider argument
        self, request: Request, response: Response
    ) -> Request | Response:
        wait = retry_after_seconds(response.headers.get("Retry-After"))
        if response.status in TOO_MUCH and wait is not None and wait > PATIENCE_SECONDS:
            resting_of(self.crawler).rest(request, wait)
            return response
        result: Request | Response = super().process_response(request, response)
        if result is response and "dataloss" in response.flags and not request.meta.get("dont_retry"):
            result = self._retry(request, "body broke off") or response
        if isinstance(result, Request):
            if self._is_reserved(request, response):
                request.meta.pop(EXCHANGE, None)
            await store_exchange(self.crawler, request, "retry")
        return result

    def _is_reserved(self, request: Request, response: Response) -> bool:
        """Whether nothing of a page is to be kept, not even an answer before another try."""
        spider = self.crawler.spider
        return isinstance(spider, PageSpider) and spider.reserved(response, request.meta) is not None

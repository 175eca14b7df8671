"""Trying again, but not sooner than the site asked, and once more for a body that broke off."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response

from crawler.politeness import retry_after_seconds

#: A site that asks us to wait longer than this is left alone until the next crawl.
PATIENCE_SECONDS = 120.0


class PatientRetry(RetryMiddleware):
    """Scrapy's retries; a long `Retry-After` means no retry now. The wait itself is `PoliteThrottle`'s."""

    def process_response(  # type: ignore[override]  # without the deprecated spider argument
        self, request: Request, response: Response
    ) -> Request | Response:
        wait = retry_after_seconds(response.headers.get("Retry-After"))
        if wait is not None and wait > PATIENCE_SECONDS:
            return response
        tried: Request | Response = super().process_response(request, response)
        return tried

"""Scrapy's door to the cleaner: a thin item pipeline that cleans pages in worker processes.

The only module of this room that knows Scrapy. Cleaning never runs in the reactor's thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from archive.values import Article, Capture
from pipelines import CLEANER, PageFailure, WorkerPool

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

#: Media types that may hold an article; "" is a server that does not say. The rest (PDF, pictures, video,
#: data) is kept raw and not cleaned.
PAGE_TYPES = frozenset(
    {"", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"}
)


@dataclass
class PageItem:
    """One page on its way through the item pipelines: captured, then cleaned or failed, then kept."""

    capture: Capture
    article: Article | None = None
    failure: str | None = None


def no_page(capture: Capture) -> Article | None:
    """The article-that-is-none for a response that cannot hold a page; None when it is worth cleaning."""
    kind, reason = "", ""
    status = capture.status
    media_type = capture.content_type.partition(";")[0].strip().lower()
    if status is not None and not 200 <= status < 300:
        kind, reason = "error", f"HTTP {status}{_phrase(status)}"
    elif not capture.body.strip():
        kind, reason = "error", "empty page"
    elif media_type not in PAGE_TYPES:
        kind, reason = "other", f"{media_type} is no page of text"
    if not kind:
        return None
    return Article(url=capture.url, kind=kind, kind_reason=reason, cleaner=CLEANER)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


class CleanPages:
    """Item pipeline: fills in a `PageItem`'s article or failure. Other items pass untouched."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: WorkerPool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("PRESSMARK_PROCESSES"))

    async def process_item(self, item: object) -> object:
        if not isinstance(item, PageItem) or item.article is not None:
            return item
        item.article = no_page(item.capture)
        if item.article is None:
            if self._pool is None:  # made at the first page: a crawl that finds nothing new starts no worker
                self._pool = WorkerPool(self._processes or None)
            result = await asyncio.wrap_future(self._pool.submit(item.capture))
            if isinstance(result, PageFailure):
                item.failure = result.reason
            else:
                item.article = result
        return item

    async def close_spider(self) -> None:
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)

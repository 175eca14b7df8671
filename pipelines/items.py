"""Scrapy's door to the cleaner: a thin item pipeline that cleans pages in worker processes.

The only module of this room that knows Scrapy. Cleaning never runs in the reactor's thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.values import Article, Capture, Engine
from pipelines import PageFailure, WorkerPool

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


@dataclass
class PageItem:
    """One page on its way through the item pipelines: captured, then cleaned or failed, then kept."""

    capture: Capture
    article: Article | None = None
    failure: str | None = None
    #: Why the page may not be what a reader sees (it could not be rendered): told if it is no article.
    note: str = ""


class CleanPages:
    """Item pipeline: fills in a `PageItem`'s article or failure. Other items pass untouched."""

    def __init__(self, processes: int, engine: Engine = "learned") -> None:
        self._processes = processes
        self._engine = engine
        self._pool: WorkerPool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("PRESSMARK_PROCESSES"), crawler.settings["PRESSMARK_ENGINE"])

    async def process_item(self, item: object) -> object:
        if not isinstance(item, PageItem) or item.article is not None:
            return item
        if self._pool is None:  # made at the first page: a crawl that finds nothing new starts no worker
            self._pool = WorkerPool(self._processes or None, engine=self._engine)
        result = await asyncio.wrap_future(self._pool.submit(item.capture))
        if isinstance(result, PageFailure):
            item.failure = result.reason
        else:
            item.article = result
        return item

    async def close_spider(self) -> None:
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)

"""`scrapy crawl reload -a path=seeds/`: what people already have, through Scrapy's item pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.engine import PageResult
from crawler.errors import CrawlerError
from crawler.keep import keeper_of, page_done
from crawler.reload import ReadProblem, captures_in
from crawler.told import tell_errors_in_a_sentence
from pipelines.items import PageItem

#: Pages between the reader and the archive at any time. Scrapy itself takes all that a spider gives.
WINDOW = 64


class ReloadSpider(Spider):
    """Reads pages from files and folders; no network. `path`: one path, or several with commas between."""

    name = "reload"

    def __init__(self, path: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.paths = [Path(part.strip()) for part in path.split(",") if part.strip()]
        if not self.paths:
            raise CrawlerError("nothing to reload; name a file or folder: -a path=seeds/")
        self._room = asyncio.Semaphore(WINDOW)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        tell_errors_in_a_sentence()
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal in (page_done, signals.item_error):
            crawler.signals.connect(spider._make_room, signal=signal)
        return spider

    def _make_room(self) -> None:
        self._room.release()

    async def start(self) -> AsyncIterator[PageItem]:
        keeper = keeper_of(self.crawler)
        assert keeper is not None, "crawler.keep.KeepRaw is missing from ITEM_PIPELINES"
        pages = captures_in(self.paths, now=lambda: datetime.now(UTC))
        while True:
            await self._room.acquire()
            page = await asyncio.to_thread(next, pages, None)
            if page is None:
                return
            if isinstance(page, ReadProblem):
                keeper.tell(PageResult(page.path, "", "failed", page.sentence))
            else:
                yield PageItem(page)

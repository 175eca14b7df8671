"""Scrapy's door to the cleaner: a thin item pipeline that cleans pages in worker processes.

The only module of this room that knows Scrapy. Cleaning never runs in the reactor's thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter

from archive.values import Article, Capture, Engine, Override
from pipelines import FORMATS, PageFailure, WorkerPool, formatted

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
    #: What people said of its blocks.
    overrides: tuple[Override, ...] = ()


#: Fields in which items of other people's spiders hold a page, the first that is there.
PAGE_FIELDS = ("html", "body", "content", "page")


class _Cleaner:
    """Cleans captures in worker processes; the base of both item pipelines."""

    def __init__(self, processes: int, engine: Engine = "learned") -> None:
        self._processes = processes
        self._engine = engine
        self._pool: WorkerPool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("PRESSMARK_PROCESSES"), crawler.settings["PRESSMARK_ENGINE"])

    async def clean(self, capture: Capture, overrides: tuple[Override, ...] = ()) -> Article | PageFailure:
        if self._pool is None:  # made at the first page: a crawl that finds nothing new starts no worker
            self._pool = WorkerPool(self._processes or None, engine=self._engine)
        return await asyncio.wrap_future(self._pool.submit(capture, overrides))

    async def close_spider(self) -> None:
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)


class CleanPages(_Cleaner):
    """Item pipeline: fills in a `PageItem`'s article or failure. Other items pass untouched."""

    async def process_item(self, item: object) -> object:
        if not isinstance(item, PageItem) or item.article is not None:
            return item
        result = await self.clean(item.capture, item.overrides)
        if isinstance(result, PageFailure):
            item.failure = result.reason
        else:
            item.article = result
        return item


class CleanItems(_Cleaner):
    """Item pipeline for other people's spiders, without an archive: items that hold a page get its article.

    A page is text, bytes or a Scrapy response in one of PAGE_FIELDS, or in the field that the setting
    `PRESSMARK_PAGE_FIELD` names; `url` its address. The item gets the fields of `articles` and `removed`, the
    account; of an item class those that it declares. With `PRESSMARK_FORMAT` they have the names of another
    tool: `zyte`, `trafilatura`, `newsplease`. A page that is no article has a `kind` that says so; one that
    could not be cleaned has `kind` "error" and the reason in `kind_reason`. Items without a page pass
    untouched.
    """

    page_fields: tuple[str, ...] = PAGE_FIELDS
    format = "json"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        engine: Engine = settings.get("PRESSMARK_ENGINE") or "learned"
        made = cls(settings.getint("PRESSMARK_PROCESSES"), engine)
        named = settings.get("PRESSMARK_PAGE_FIELD")
        made.page_fields = (named,) if named else PAGE_FIELDS
        made.format = settings.get("PRESSMARK_FORMAT") or "json"
        if made.format not in FORMATS:
            raise ValueError(f"PRESSMARK_FORMAT: {made.format!r} is none; known are {', '.join(FORMATS)}")
        return made

    async def process_item(self, item: Any) -> Any:
        if isinstance(item, PageItem) or not ItemAdapter.is_item(item):
            return item
        adapter = ItemAdapter(item)
        page = next((adapter[name] for name in self.page_fields if adapter.get(name)), None)
        if page is None:
            return item
        result = await self.clean(_capture(page, str(adapter.get("url") or "")))
        if isinstance(result, PageFailure):
            result = Article(kind="error", kind_reason=result.reason)
        declared = None if isinstance(item, dict) else set(adapter.field_names())
        for name, value in formatted(result, self.format).items():
            is_wanted = declared is None or name in declared
            if is_wanted and (value or not adapter.get(name)):  # what the spider found itself is not emptied
                adapter[name] = value
        return item


def _capture(page: Any, url: str) -> Capture:
    """What an item holds as a page: text, bytes, or a response, which knows its address and type."""
    now = datetime.now(UTC)
    if hasattr(page, "body") and hasattr(page, "headers"):
        kind = (page.headers.get("Content-Type") or b"").decode("latin-1")
        return Capture(
            url=page.url, fetched_at=now, body=page.body, content_type=kind, status=page.status, source="html"
        )
    if isinstance(page, str):
        body, kind = page.encode("utf-8", "replace"), "text/html; charset=utf-8"
        return Capture(url=url, fetched_at=now, body=body, content_type=kind, source="html")
    return Capture(url=url, fetched_at=now, body=bytes(page), content_type="text/html", source="html")

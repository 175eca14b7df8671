"""The archive's side of a crawl: Scrapy item pipelines that store the raw record, then the article.

All that touches the archive runs in one thread of its own: the reactor never waits for a disk, and the
archive has one writer. When the archive fails, the crawl stops: nothing is fetched that cannot be kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from archive import Archive, TakenDown
from archive.overrides import Overrides
from archive.values import Article, Cadence, Capture, Settlement
from crawler.agenda import Agenda
from crawler.engine import PageResult, Summary, told
from crawler.errors import CrawlerError
from crawler.scheduling import ArticleOptions, SourceOptions
from crawler.scheduling.values import DAY
from pipelines import cleaner_of
from pipelines.items import PageItem
from pipelines.overrides import cleaner_with

logger = logging.getLogger(__name__)

#: Signal, sent with `result` (a `PageResult`) for each page whose outcome is known.
page_done = object()

T = TypeVar("T")


def cleaner_in(settings: BaseSettings) -> str:
    """The cleaner's name under the engine that the settings name; CrawlerError for one that is none."""
    try:
        return cleaner_of(settings["PRESSMARK_ENGINE"])
    except ValueError as error:
        raise CrawlerError(f"PRESSMARK_ENGINE: {error}") from error


def clock_in(settings: BaseSettings) -> Callable[[], float]:
    """The clock that decides what is due: seconds since 1970, as the settings have it."""
    clock: Callable[[], float] = load_object(settings["PRESSMARK_CLOCK"])
    ahead = settings.getfloat("PRESSMARK_CLOCK_OFFSET")
    return lambda: clock() + ahead


class Keeper:
    """The archive of one crawl and the tally of what became of its pages."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._archive: Archive | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._run = 0
        self.summary = Summary()
        #: What people said of blocks: what is found in the archive when the crawl begins.
        self.overrides = Overrides(())
        settings = crawler.settings
        self.agenda = Agenda(
            clock_in(settings),
            sources=SourceOptions(patience=settings.getfloat("PRESSMARK_PATIENCE")),
            articles=ArticleOptions(max_age=settings.getfloat("PRESSMARK_REVISIT_DAYS") * DAY),
        )
        #: Of the archive, when the crawl ended: what it was asked for at last.
        self.next_due: float | None = None
        #: Addresses of the sources of whose next time `next_due` is to tell.
        self.roots: tuple[str, ...] = ()
        #: What made the archive fail, and the crawl stop.
        self.trouble: Exception | None = None

    async def open(self) -> None:
        settings = self._crawler.settings
        # `scrapy crawl` gives no words; its spider's name says what was done.
        command = settings.get("PRESSMARK_COMMAND") or f"scrapy crawl {self._crawler.spidercls.name}"

        def start() -> Archive:
            archive = Archive.open(
                settings["PRESSMARK_ARCHIVE"],
                software=f"pressmark/{settings['PRESSMARK_VERSION']}",
                operator=settings["PRESSMARK_CONTACT"] or None,
                user_agent=settings["USER_AGENT"],
                clock=lambda: datetime.now(UTC),
                max_file_bytes=settings.getint("PRESSMARK_WARC_SIZE"),
                cadence=Cadence(
                    rows=settings.getint("PRESSMARK_BATCH_ROWS"),
                    size_bytes=settings.getint("PRESSMARK_BATCH_BYTES"),
                    seconds=settings.getfloat("PRESSMARK_BATCH_SECONDS"),
                ),
            )
            for sentence in archive.recovery.sentences():
                logger.warning("recovered: %s", sentence)
            self._run = archive.begin_run(command)
            self.agenda.recall(archive)
            self.overrides = Overrides.read(archive.root)
            for sentence in self.overrides.problems:
                logger.warning("%s", sentence)
            return archive

        self._archive = await asyncio.get_running_loop().run_in_executor(self._thread, start)
        self._ticking = asyncio.ensure_future(self._tick(settings.getfloat("PRESSMARK_BATCH_SECONDS")))

    async def _tick(self, seconds: float) -> None:
        """Have rows committed in time also while a slow site sends nothing."""
        with contextlib.suppress(Exception):  # `do` has told of it, and stops the crawl
            while True:
                await asyncio.sleep(max(seconds, 0.1))
                await self.do(lambda archive: archive.commit_if_due())

    async def close(self) -> None:
        """Note what was counted and close the archive; what made it fail earlier is not told twice."""

        def finish(archive: Archive) -> None:
            try:
                self.agenda.note_later(archive)
                if self.roots:
                    self.next_due = archive.next_due(self.roots)
                archive.finish_run(self._run, self.summary.counts())
            finally:
                archive.close()

        if self._ticking is not None:
            self._ticking.cancel()
        try:
            if self._archive is not None:
                failed_before = self.trouble is not None
                try:
                    await self.do(finish)
                except Exception:
                    if not failed_before:
                        raise
        finally:
            self._archive = None
            self._thread.shutdown()

    async def do(self, job: Callable[[Archive], T]) -> T:
        """Run a job on the archive, in its thread. A failing archive stops the crawl, and raises."""
        archive = self._archive
        assert archive is not None, "the archive is used before it is open"
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, job, archive)
        except TakenDown:  # said of one page; the archive is well
            raise
        except Exception as error:  # a full disk, a broken database: whatever it is, nothing more is kept
            if self.trouble is None:
                self.trouble = error
                logger.error("the archive failed, the crawl stops: %s", error)
                engine = self._crawler.engine
                assert engine is not None
                asyncio.ensure_future(engine.close_spider_async(reason="archive_failed"))  # noqa: RUF006 - the engine keeps it
            raise

    def tell(self, result: PageResult) -> None:
        """Count one page's outcome, and tell whoever listens."""
        self.summary.add(result)
        self._crawler.signals.send_catch_log(signal=page_done, result=result)


def keeper_of(crawler: Crawler) -> Keeper | None:
    """The keeper of a running crawl; None when it keeps nothing (no `KeepRaw` among its item pipelines)."""
    pipeline = crawler.get_item_pipeline(KeepRaw)
    return pipeline.keeper if isinstance(pipeline, KeepRaw) else None


class KeepRaw:
    """Item pipeline, first: a page's raw record is on disk before anything else happens to it."""

    def __init__(self, crawler: Crawler) -> None:
        self.keeper = Keeper(crawler)
        self._cleaner = cleaner_in(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepRaw:
        return cls(crawler)

    async def open_spider(self) -> None:
        await self.keeper.open()

    async def close_spider(self) -> None:
        await self.keeper.close()

    async def process_item(self, item: object) -> object:
        if not isinstance(item, PageItem):
            return item
        capture = item.capture
        agenda = self.keeper.agenda
        item.overrides = self.keeper.overrides.of(capture)
        cleaner = cleaner_with(self._cleaner, item.overrides)
        try:
            stored, current = await self.keeper.do(lambda archive: _store(archive, agenda, capture, cleaner))
        except TakenDown as buried:
            self.keeper.tell(PageResult(_name(capture), capture.url, "taken_down", buried.reason))
            raise DropItem(f"taken down: {buried.reason}", log_level="DEBUG") from None
        item.capture = stored
        if current:
            self.keeper.tell(PageResult(_name(stored), stored.url, "unchanged"))
            raise DropItem(f"unchanged: {stored.url or stored.source_path}", log_level="DEBUG")
        return item


def _store(archive: Archive, agenda: Agenda, capture: Capture, cleaner: str) -> tuple[Capture, bool]:
    """The capture with its record, and whether this very payload was cleaned by this cleaner before.

    Raises TakenDown for one that is not to be kept; the plan has forgotten it then.
    """
    why = archive.taken_down(capture)
    if why is not None:
        agenda.taken_down(archive, capture)
        raise TakenDown(_name(capture), why)
    current = capture.record is None and archive.is_current(capture, cleaner)
    if capture.record is not None or (current and capture.exchange is None):
        return capture, current
    with archive.at_once():
        stored = archive.store_raw(capture)
        agenda.stored(archive, capture, stored.record, is_current=current)
    return stored, current


def _keep(archive: Archive, agenda: Agenda, capture: Capture, article: Article) -> Settlement:
    with archive.at_once():
        settled = archive.settle(capture, article)
        if settled.outcome == "taken_down":
            agenda.taken_down(archive, capture)
        else:
            agenda.settled(archive, capture, settled)
    return settled


def _fail(archive: Archive, agenda: Agenda, capture: Capture, reason: str, *, may_open: bool = False) -> None:
    """Note a page that could not be cleaned; `may_open`: it is worth another try, as one behind a wall is."""
    with archive.at_once():
        archive.fail(capture, reason)
        agenda.settled(archive, capture, None, may_open=may_open)


class KeepArticles:
    """Item pipeline, last: article rows, or the reason why there is none. Gives feed exports a plain dict."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepArticles:
        return cls(crawler)

    async def process_item(self, item: object) -> object:
        keeper = keeper_of(self._crawler)
        if not isinstance(item, PageItem) or keeper is None:
            return item
        capture, article = item.capture, item.article
        if article is None:
            reason = item.failure or "the page was not cleaned"
            await keeper.do(lambda archive: _fail(archive, keeper.agenda, capture, reason))
            keeper.tell(PageResult(_name(capture), capture.url, "failed", reason))
            raise DropItem(f"failed: {capture.url or capture.source_path}: {reason}", log_level="INFO")
        if item.note and article.kind != "article":
            await keeper.do(lambda archive: _fail(archive, keeper.agenda, capture, item.note, may_open=True))
            keeper.tell(PageResult(_name(capture), capture.url, "failed", item.note))
            raise DropItem(f"failed: {capture.url}: {item.note}", log_level="INFO")
        settled = await keeper.do(lambda archive: _keep(archive, keeper.agenda, capture, article))
        keeper.tell(told(_name(capture), capture.url, settled, article))
        if settled.outcome in ("not_article", "taken_down"):
            raise DropItem(f"{settled.kind}: {capture.url}: {settled.reason}", log_level="DEBUG")
        return exported(article, settled.outcome)


def exported(article: Article, outcome: str) -> Mapping[str, Any]:
    """An article as Scrapy's feed exports write it: the columns of `articles`, `removed`, and the outcome."""
    row: dict[str, Any] = msgspec.to_builtins(article)
    del row["blocks"]
    row["removed"] = msgspec.to_builtins(article.removed)
    row["outcome"] = outcome
    return row


def _name(capture: Capture) -> str:
    return capture.source_path or capture.url

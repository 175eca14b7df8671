"""Crawls as functions: what `pressmark crawl`, `pressmark add` and `pressmark sites add` call.

Scrapy runs inside this process, on Twisted's reactor, which starts once in the life of a process: one crawl
a process. A second call raises CrawlerError.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from archive.values import Value
from crawler import settings as project
from crawler.discovery.finding import FoundSource
from crawler.engine import PageResult, Summary
from crawler.errors import CrawlerError, NoFeeds
from crawler.keep import keeper_of, page_done
from crawler.options import CrawlOptions
from crawler.pages import PageSpider
from crawler.sites import Site, read_sites
from crawler.spiders.announce import AnnounceSpider
from crawler.spiders.article import ArticleSpider
from crawler.spiders.news import NewsSpider

OnPage = Callable[[PageResult], None]


class CrawlSummary(msgspec.Struct):
    """What a crawl did: the pages' outcomes, pages that robots.txt forbids, feeds read, how it ended."""

    pages: Summary
    forbidden_urls: tuple[str, ...] = ()
    feeds_read: int = 0
    #: Scrapy's word: `finished`, or `shutdown` after Ctrl-C.
    ended: str = ""
    #: When the next source or page of these sites is due, in seconds since 1970; None: never, or not known.
    next_due: float | None = None
    #: By host: pages that need JavaScript, of sites that are not rendered.
    needs_javascript: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def forbidden(self) -> int:
        return len(self.forbidden_urls)

    @property
    def exit_code(self) -> int:
        """0 when every page went through, 1 when some failed."""
        return self.pages.exit_code


def run_crawl(options: CrawlOptions, *, on_page: OnPage = lambda result: None) -> CrawlSummary:
    """Fetch, clean and keep; returns when all is done, or after Ctrl-C when what was begun is done.

    Raises SitesError or CrawlerError before anything is fetched when the input is wrong, ArchiveError when
    the archive cannot be opened or written.
    """
    spider: type[Spider]
    if options.urls:
        spider = ArticleSpider
        arguments = {
            "url": " ".join(options.urls),
            "contact": _contact_in(options.sites),
        }
        if Path(options.sites).exists():
            arguments["sites"] = str(options.sites)
        ArticleSpider(**arguments)  # says what is wrong with a URL, before Scrapy logs it as a crash
    else:
        spider = NewsSpider
        arguments = {
            "sites": str(options.sites),
            "only": ",".join(options.only),
            "limit": str(options.limit),
            "due": "1" if options.due else "",
            "revisit": "1" if options.revisit else "",
            "since": options.since,
            "origins": ",".join(name for name in options.origins if name != "ccnews"),
            "whole_site": "1" if options.whole_site else "",
        }
        NewsSpider(**arguments)  # as above: a date that is none
    given: dict[str, Any] = {
        "PRESSMARK_ARCHIVE": str(options.archive),
        "PRESSMARK_ALLOW_PRIVATE": options.allow_private,
        "PRESSMARK_PROCESSES": options.processes,
        "PRESSMARK_COMMAND": command_words(options),
        **options.settings,
    }
    if options.contact:
        given["PRESSMARK_CONTACT"] = options.contact
    process = _process(given)
    crawler = process.create_crawler(spider)
    crawler.signals.connect(lambda result: on_page(result), signal=page_done, weak=False)
    _run(process, crawler, arguments)
    summary = _summary(crawler)
    if "ccnews" in options.origins and summary.ended == "finished":
        from crawler.backfill.job import read_ccnews

        read_ccnews(options, crawler.settings, summary.pages, on_page)
    return summary


def command_words(options: CrawlOptions) -> str:
    """The command line that asks for this crawl, for the table `runs`; user names and passwords left out."""
    if options.urls:
        return shlex.join(["add", *map(without_user, options.urls)])
    words = ["crawl", *map(without_user, options.only), "--sites", str(options.sites)]
    words += [f"--{name}" for name in ("due", "revisit") if getattr(options, name)]
    words += ["--whole-site"] if options.whole_site else []
    words += ["--since", options.since] if options.since else []
    words += [word for origin in options.origins for word in ("--from", origin)]
    return shlex.join([*words, "--limit", str(options.limit)])


def without_user(url: str) -> str:
    """`url` without `user:password@`."""
    return re.sub(r"^([a-z]+://)[^/?#]*@", r"\1", url, flags=re.I)


def _contact_in(sites: str | Path) -> str:
    """The contact in sites.toml, which need not be there."""
    return (read_sites(sites).contact or "") if Path(sites).exists() else ""


class Found(Value, frozen=True, kw_only=True):
    """What `look_for_sources` found: the site, and all that was looked at, good or not."""

    site: Site
    sources: tuple[FoundSource, ...] = ()


def look_for_sources(
    url: str,
    *,
    allow_private: bool = False,
    contact: str = "",
    sites: str | Path = "sites.toml",
    settings: Mapping[str, Any] | None = None,
) -> Found:
    """The site at a URL: feeds it announces, else one in a usual place; its sitemaps; else its sections.

    Nothing is archived. `contact` is the command line's; else that in the file `sites`, if there is one, is
    used. Raises NoFeeds with the reason when there is none.
    """
    given: dict[str, Any] = {
        "PRESSMARK_ALLOW_PRIVATE": allow_private,
        "ITEM_PIPELINES": {},
        **(settings or {}),
    }
    if contact:
        given["PRESSMARK_CONTACT"] = contact
    of_file = _contact_in(sites)
    process = _process(given)
    crawler = process.create_crawler(AnnounceSpider)
    _run(process, crawler, {"url": url, "contact": of_file})
    spider = crawler.spider
    assert isinstance(spider, AnnounceSpider)
    if spider.site is None:
        raise NoFeeds(url, spider.reason)
    return Found(site=spider.site, sources=tuple(spider.sources))


def _process(given: Mapping[str, Any]) -> AsyncCrawlerProcess:
    from twisted.internet.error import ReactorAlreadyInstalledError

    settings = Settings()
    settings.setmodule(project, priority="project")
    settings.setdict({"LOG_LEVEL": "WARNING", **given}, priority="cmdline")
    try:
        return AsyncCrawlerProcess(settings)
    except ReactorAlreadyInstalledError as error:
        raise CrawlerError("a crawl was run in this process already; start a new one") from error


def _run(process: AsyncCrawlerProcess, crawler: Crawler, arguments: Mapping[str, str]) -> None:
    """Crawl to the end; raise what kept the crawl from starting, or the archive from keeping."""
    task = process.crawl(crawler, **arguments)
    process.start()
    if task.done() and not task.cancelled() and (error := task.exception()) is not None:
        raise error


def _summary(crawler: Crawler) -> CrawlSummary:
    keeper = keeper_of(crawler)
    assert keeper is not None
    if keeper.trouble is not None:
        raise keeper.trouble
    spider = crawler.spider
    rendered = (
        [urlsplit(site.url).netloc for site in spider.sites if site.render]
        if isinstance(spider, NewsSpider)
        else []
    )
    return CrawlSummary(
        pages=keeper.summary,
        forbidden_urls=tuple(spider.forbidden) if isinstance(spider, PageSpider) else (),
        feeds_read=spider.feeds_read if isinstance(spider, NewsSpider) else 0,
        next_due=keeper.next_due,
        needs_javascript=dict(keeper.summary.empty - Counter(dict.fromkeys(rendered, 10**9))),
        ended=str(crawler.stats.get_value("finish_reason", "")) if crawler.stats else "",
    )

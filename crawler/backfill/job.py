"""Common Crawl's news files through the main job: read, picked by host, cleaned and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace
from scrapy.settings import BaseSettings

from archive import Archive
from archive.agenda import Source, SourceNote
from archive.overrides import Overrides
from archive.values import Capture, Rights
from crawler.backfill.ccnews import files_of, listings
from crawler.backfill.remote import listing, pages_in
from crawler.engine import PageResult, Summary, keep_all
from crawler.errors import CrawlerError
from crawler.options import CrawlOptions
from crawler.reload import ReadProblem
from crawler.rights import checked_respect, in_headers, in_page, keeps_out, settled
from crawler.sites import Site, read_sites
from pipelines import WorkerPool

#: A page as it is kept, or the statement of its owner for which it is not.
Judge = Callable[[Capture], Capture | str]


def read_ccnews(
    options: CrawlOptions, settings: BaseSettings, total: Summary, on_page: Callable[[PageResult], None]
) -> None:
    """Read the files from `options.since` on, the newest first; what came of their pages goes into `total`.

    A file that was read to its end is noted as a source of the archive, and is not read again for the same
    sites. Files that cannot be had are failures; the others are read.
    """
    sites = read_sites(options.sites).chosen(options.only, str(options.sites))
    hosts = frozenset(_bare(site.url) for site in sites)
    respected = checked_respect(settings.getlist("PRESSMARK_RESPECT"))
    judge = _judge(sites, respected, settings["ROBOTSTXT_USER_AGENT"])
    now = datetime.now(UTC)
    since = datetime.fromisoformat(options.since).replace(tzinfo=UTC)
    base, agent = settings["PRESSMARK_CCNEWS_BASE"].rstrip("/"), settings["USER_AGENT"]
    with (
        Archive.open(
            Path(options.archive), software=f"pressmark/{settings['PRESSMARK_VERSION']}", user_agent=agent,
            max_file_bytes=settings.getint("PRESSMARK_WARC_SIZE"),
        ) as archive,
        WorkerPool(
            options.processes or None, engine=settings["PRESSMARK_ENGINE"],
            overrides=Overrides.read(options.archive).of,
        ) as pool,
    ):  # fmt: skip
        run = archive.begin_run(settings["PRESSMARK_COMMAND"])
        summary = Summary()
        for month in listings(since.date(), now.date(), base):
            try:
                # A file holds what was fetched from the time in its name on, for a few hours.
                files = files_of(listing(month.address, agent), since - timedelta(hours=12), now, base)
            except (CrawlerError, ValueError) as error:
                _fail(month.address, str(error), summary, on_page)
                continue
            for address in files:
                _read_file(archive, pool, address, agent, hosts, summary, on_page, judge)
        archive.finish_run(run, summary.counts())
    total.merge(summary)


def _read_file(
    archive: Archive,
    pool: WorkerPool,
    address: str,
    agent: str,
    hosts: frozenset[str],
    summary: Summary,
    on_page: Callable[[PageResult], None],
    judge: Judge,
) -> None:
    # One row for each file and choice of sites: another choice finds other pages in it.
    key = f"{address}#{','.join(sorted(hosts))}"
    if archive.sources([key]):
        return
    trouble: list[CrawlerError] = []

    def found() -> Iterator[Capture | ReadProblem]:
        try:
            for page in pages_in(address, agent, hosts):
                kept = page if isinstance(page, ReadProblem) else judge(page)
                if isinstance(kept, str):
                    why = f"its owner says {kept}, which is respected"
                    _tell(PageResult(address, page.url, "reserved", why), summary, on_page)  # type: ignore[union-attr]  # judged
                else:
                    yield kept
        except CrawlerError as error:
            trouble.append(error)

    done = keep_all(archive, found(), pool, on_page=on_page)
    summary.merge(done)
    if trouble:
        _fail(address, str(trouble[0]), summary, on_page)
        return
    now = datetime.now(UTC).timestamp()
    archive.note(
        SourceNote(
            source=Source(
                url=key, kind="ccnews", name="Common Crawl news", found_at=now, due_at=None, checked_at=now,
                due_reason="it was read to its end", status=200,
            )
        )
    )  # fmt: skip
    archive.commit()


def _fail(address: str, why: str, summary: Summary, on_page: Callable[[PageResult], None]) -> None:
    _tell(PageResult(address, address, "failed", why), summary, on_page)


def _tell(result: PageResult, summary: Summary, on_page: Callable[[PageResult], None]) -> None:
    summary.add(result)
    on_page(result)


def _judge(sites: Sequence[Site], respected: tuple[str, ...], agent: str) -> Judge:
    """Notes what a page's owner says of its use; gives that alone for a page that is not to be kept."""
    by_host = {_bare(site.url): site.respect for site in sites}

    def judge(page: Capture) -> Capture | str:
        headers = page.exchange.response_headers if page.exchange is not None else ()
        said = settled(in_headers(headers, agent), in_page(page.body, agent))
        respect = by_host.get(_bare(page.url))
        reserved = keeps_out(respected if respect is None else respect, said)
        return reserved or replace(page, rights=Rights(statements=said) if said else None)

    return judge


def _bare(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")

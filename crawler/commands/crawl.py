"""`pressmark crawl`: fetch what is new on the sites of sites.toml."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from archive import ArchiveBusy, ArchiveError
from crawler.alarms import moment
from crawler.commands.console import (
    allow_private_option,
    archive_option,
    contact_option,
    json_option,
    out,
    progress,
    sites_option,
    summary_row,
    warc_size_option,
)
from crawler.commands.health import print_telling, tell_after_crawl, telling_row
from crawler.commands.pages import TABLE_PAGES, print_outcome
from crawler.commands.plain import printable
from crawler.engine import PageResult

if TYPE_CHECKING:
    from crawler.alarms import Telling
    from crawler.crawl import CrawlSummary
    from crawler.options import CrawlOptions


@click.command("crawl", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("sites", nargs=-1)
@sites_option
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="Pages of one site.")
@click.option("--due", is_flag=True, help="Only what is due now, by what was seen before (for cron).")
@click.option("--revisit", is_flag=True, help="Also fetch known articles again, if they changed.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Read sitemaps, and what they list, from this day on."
)
@click.option(
    "--from",
    "origins",
    type=click.Choice(["wayback", "ccnews"]),
    multiple=True,
    help="With --since: also what the Wayback Machine or Common Crawl's news files have of the sites.",
)
@click.option("--whole-site", is_flag=True, help="Follow lists from one to the next, through all sections.")
@click.option("--workers", type=click.IntRange(1), help="Worker processes. [default: one a processor]")
@allow_private_option
@contact_option
@warc_size_option
@archive_option
@json_option
def command(
    sites: tuple[str, ...],
    sites_file: Path,
    limit: int,
    due: bool,
    revisit: bool,
    since: datetime | None,
    origins: tuple[str, ...],
    whole_site: bool,
    workers: int | None,
    allow_private: bool,
    contact: str,
    warc_size: int,
    root: Path,
    as_json: bool,
) -> None:
    """Fetch what is new: the sources of the sites (feeds, sitemaps, sections), then the articles they list.

    SITES are names, hosts or URLs out of the list; without them all sites are crawled. robots.txt is
    obeyed, one request a site at a time. A crawl that was stopped goes on when it is started again.

    \b
    Examples:
        pressmark crawl
        pressmark crawl "Example Courier" --limit 20
        pressmark crawl --sites my-sites.toml --archive /srv/news
        pressmark crawl --due
        pressmark crawl --since 2026-01-01 --limit 5000
        pressmark crawl "Example Courier" --since 2024-01-01 --from wayback
        pressmark crawl courier.example --whole-site --limit 5000
    """
    # Scrapy and Twisted take half a second to import; no other command should wait for them.
    from crawler.options import CrawlOptions

    if origins and since is None:
        raise click.UsageError("From when on? Give --since DATE with --from.")
    run_and_report(
        CrawlOptions(
            archive=root, sites=sites_file, only=sites, limit=limit, due=due, revisit=revisit,
            since=since.date().isoformat() if since else "", origins=origins, whole_site=whole_site,
            allow_private=allow_private, contact=contact, processes=workers or 0,
            settings={"PRESSMARK_WARC_SIZE": warc_size},
        ),
        as_json,
    )  # fmt: skip


def run_and_report(options: object, as_json: bool, *, each_must_come: bool = False) -> None:
    """Crawl with a progress bar, print what came of it, end with its exit code.

    With `each_must_come` (single URLs) an error page or one that robots.txt forbids is a failure as well.
    """
    from crawler.crawl import run_crawl
    from crawler.options import CrawlOptions

    assert isinstance(options, CrawlOptions)
    pages: list[PageResult] = []
    missed: list[tuple[str, str]] = []
    with progress("crawling") as advance:

        def page_done(result: PageResult) -> None:
            advance(result)
            if len(pages) < TABLE_PAGES:
                pages.append(result)
            if each_must_come and result.article is not None and result.article.kind == "error":
                missed.append((result.name, f"the page is no article but an error ({result.sentence})"))

        try:
            done = run_crawl(options, on_page=page_done)
        except ArchiveBusy as busy:
            if not options.due:
                raise
            # Told, and no failure: what is due is being done, and cron would write a mail.
            out.print(Text(printable(f"Another crawl is at work: {busy.holder}. Nothing was done.")))
            raise SystemExit(0) from None
        except ArchiveError:
            if not options.urls:  # a full disk is worth an alarm; what cannot be noted is told again
                print_telling(_told(options))
            raise
    if each_must_come:
        missed += [
            (url, "was not fetched, since the site's robots.txt forbids it") for url in done.forbidden_urls
        ]
    done.pages.failures += missed
    telling = None if options.urls else _told(options)
    if as_json:
        out.print_json(json.dumps(_row(done, telling)))
    else:
        if done.forbidden and not each_must_come:
            out.print(f"Left alone because robots.txt forbids it: {done.forbidden}.")
        _print_needs(done)
        print_outcome(done.pages, pages, Path(options.archive))
    if telling is not None:
        print_telling(telling)
    raise SystemExit(done.exit_code)


def _print_needs(done: CrawlSummary) -> None:
    """Say which sites' pages are empty without their scripts."""
    for host, count in done.needs_javascript.items():
        said = printable(f"{count} pages of {host} need JavaScript: set render = true in sites.toml.")
        out.print(Text(said, style="yellow"), soft_wrap=True)


def _row(done: CrawlSummary, telling: Telling | None) -> dict[str, Any]:
    """A crawl for machines."""
    row = {
        **summary_row(done.pages),
        "forbidden": done.forbidden,
        "feeds_read": done.feeds_read,
        "ended": done.ended,
        "needs_javascript": done.needs_javascript,
        "next_due": None if done.next_due is None else moment(done.next_due),
    }
    return row if telling is None else {**row, "alarms": telling_row(telling)}


def _told(options: CrawlOptions) -> Telling:
    return tell_after_crawl(Path(options.archive), Path(options.sites), is_due=options.due)

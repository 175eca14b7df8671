"""`pressmark add`: fetch single articles."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.commands.console import allow_private_option, archive_option, contact_option, json_option
from crawler.commands.crawl import run_and_report


@click.command("add", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("urls", nargs=-1, required=True)
@allow_private_option
@contact_option
@archive_option
@json_option
def command(urls: tuple[str, ...], allow_private: bool, contact: str, root: Path, as_json: bool) -> None:
    """Fetch single articles into the archive. One that cannot be had is a failure.

    \b
    Examples:
        pressmark add https://example.org/2024/05/a-story
        pressmark add http://intranet.example/news/7 --allow-private
    """
    from crawler.options import CrawlOptions

    run_and_report(
        CrawlOptions(archive=root, urls=urls, allow_private=allow_private, contact=contact, processes=1),
        as_json,
        each_must_come=True,
    )

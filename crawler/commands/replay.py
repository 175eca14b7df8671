"""`pressmark replay`: captured pages in the browser, as they were, with pywb."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click
from rich.text import Text

from archive import Catalogue
from archive.replay import replay_address, replaying
from crawler.commands.console import archive_option, article_number, called, err, shortened


@click.command("replay")
@click.argument("page", required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True,
              help="Port to listen on; 0: any that is free.")  # fmt: skip
@click.option("--open", "open_browser", is_flag=True, help="Open a browser at the page.")
@archive_option
def command(page: str | None, host: str, port: int, open_browser: bool, root: Path) -> None:
    """Show captured pages as they were, at their time: of one PAGE (an article's number or a URL), or of all.

    Needs pywb, a program of its own: pipx install pywb. Pictures and styles are shown only where they were
    captured.

    \b
    Examples:
        pressmark replay
        pressmark replay 3 --open
        pressmark replay https://example.org/story
    """
    if not (root / "articles.db").exists():
        raise click.UsageError(
            f"There is no archive in {root}; fill one with `{called()} reclean PATH`, or give --archive."
        )
    url, moment = _wanted(root, page) if page else ("", "")
    with replaying(root, host=host, port=port) as (base, server):
        address = replay_address(base, url, moment) if url else base
        err.print(Text(f"Replaying {root} at {address} – stop with Ctrl-C"), soft_wrap=True)
        if open_browser:
            webbrowser.open(address)
        try:
            code = server.wait()
        except KeyboardInterrupt:
            code = 0
    raise SystemExit(1 if code > 0 else 0)


def _wanted(root: Path, page: str) -> tuple[str, str]:
    """The address and the moment of an article's newest capture; of a URL that is no article: its latest."""
    with Catalogue.open(root) as catalogue:
        number = article_number(page)
        stored = catalogue.article(number) if number is not None else catalogue.article_at(page)
        if stored is None:
            if page.startswith(("http://", "https://")):
                return page, ""  # an index page, an error page: pywb says what it has
            raise click.UsageError(
                f"No article {shortened(page)} in {root}; `{called()} search WORDS` lists numbers."
            )
        versions = catalogue.versions(stored.id)
    if not stored.url.startswith(("http://", "https://")):
        raise click.UsageError(
            f"Article {stored.id} came from a text dump that tells no address: there is no page to replay."
            if stored.url.startswith("urn:")
            else f"Article {stored.id} was not fetched from the web but from {shortened(stored.url)}:"
            " only http and https pages can be replayed."
        )
    return stored.url, versions[-1].seen_at

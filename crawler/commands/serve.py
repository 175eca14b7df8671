"""`pressmark serve`: Datasette over the archive."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import click
from rich.text import Text

from archive.front import serve
from archive.replay import ADDRESS_VARIABLE, find_wayback, replaying
from crawler.commands.console import archive_option, called, err


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port to listen on."
)
@click.option("--open", "open_browser", is_flag=True, help="Open a browser at the front page.")
@click.option(
    "--replay/--no-replay",
    default=None,
    help="Also replay captured pages, on a port of its own. [default: where pywb is installed]",
)
@click.option(
    "--edit", is_flag=True, help="Let people on this machine say in the browser which cuts were wrong."
)
@archive_option
def command(host: str, port: int, open_browser: bool, replay: bool | None, edit: bool, root: Path) -> None:
    """Read the archive in a browser: articles, search, the account of cuts, and all of Datasette.

    The folder opens without this command too: datasette news-archive/

    \b
    Examples:
        pressmark serve
        pressmark serve --edit
        pressmark serve --archive /srv/news --host 0.0.0.0 --port 8080
    """
    if not (root / "articles.db").exists():
        raise click.UsageError(
            f"There is no archive in {root}; fill one with `{called()} reclean PATH`, or give --archive."
        )

    def ready(url: str) -> None:
        err.print(Text(f"Serving {root} at {url} – stop with Ctrl-C"), soft_wrap=True)

    def editing(url: str) -> None:
        err.print(Text(f"To say which cuts were wrong, open {url}"), soft_wrap=True)

    with ExitStack() as beside:
        if replay or (replay is None and find_wayback() and (root / "indexes").is_dir()):
            base, _ = beside.enter_context(replaying(root, host=host))
            os.environ[ADDRESS_VARIABLE] = base
            err.print(Text(f"Replaying its captures at {base}"), soft_wrap=True)
        code = serve(
            root,
            host=host,
            port=port,
            open_browser=open_browser,
            on_ready=ready,
            on_editing=editing if edit else None,
        )
    raise SystemExit(code)

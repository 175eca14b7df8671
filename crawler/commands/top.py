"""The group `pressmark`, and how errors reach the person: one sentence, exit code 2, no traceback."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import click

#: Each command lives in the module of its name; it is imported when it is asked for, since Scrapy, the
#: extractor and Datasette together take two seconds.
COMMANDS: Mapping[str, str] = {
    "crawl": "crawler.commands.crawl",
    "add": "crawler.commands.add",
    "reclean": "crawler.commands.reclean",
    "clean": "crawler.commands.clean",
    "explain": "crawler.commands.explain",
    "search": "crawler.commands.search",
    "show": "crawler.commands.show",
    "diff": "crawler.commands.diff",
    "serve": "crawler.commands.serve",
    "verify": "crawler.commands.verify",
    "sites": "crawler.commands.sites",
    "schedule": "crawler.commands.schedule",
    "watch": "crawler.commands.watch",
    "export": "crawler.commands.export",
    "replay": "crawler.commands.replay",
    "takedown": "crawler.commands.takedown",
    "evaluate": "crawler.commands.evaluate",
}


class Commands(click.Group):
    """A group whose commands are imported when they are used, in the order of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[name]).command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would make exit code 1 of it, which says that pages failed
            raise _ReaderLeft from None


class _ReaderLeft(Exception):
    """Nobody reads our output any more: `pressmark search … | head`."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pressmark", prog_name="pressmark")
def cli() -> None:
    """Keep the news as it was published, and make it readable.

    \b
    Try it on the five page dumps that come with the source:
        pressmark reclean seeds/
        pressmark search truce
        pressmark serve
    """


def main() -> None:
    """Entry point of the `pressmark` command: exit 0 done, 1 pages failed or faults were found, 2 usage."""
    _speak_utf8()
    stdout = sys.stdout
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped. What was kept is kept; the same command goes on where it stopped.", err=True)
        code = 130
    except SystemExit as end:
        code = end.code
    except _ReaderLeft:
        code = READER_LEFT
    except Exception as error:
        if not _is_told(error):
            raise
        click.secho(f"Error: {error}", fg="red", err=True)
        code = 2
    sys.exit(code if _flushed(stdout) else READER_LEFT)


#: What a shell says of a program that SIGPIPE ended: 128 + 13. Quiet, as of `cat`, in `… | head`.
READER_LEFT = 141


def _speak_utf8() -> None:
    """Articles are in every script, and the locale may be C: we write UTF-8, as the files we make are."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _flushed(stdout: TextIO | None) -> bool:
    """Write out what is left. False when nobody reads it any more; nothing is then said of that at exit."""
    try:
        if stdout is not None:
            stdout.flush()
    except BrokenPipeError:
        assert stdout is not None
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        return False
    return True


def _is_told(error: Exception) -> bool:
    """Whether an error is of one of the rooms' families, which write their own sentences."""
    from archive import ArchiveError
    from crawler.errors import CrawlerError
    from pipelines import PageError

    return isinstance(error, ArchiveError | CrawlerError | PageError)

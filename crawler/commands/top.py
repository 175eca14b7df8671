"""The group `pressmark`, and how errors reach the person: one sentence, exit code 2, no traceback."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

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
    "serve": "crawler.commands.serve",
    "sites": "crawler.commands.sites",
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
    """Entry point of the `pressmark` command: exit 0 done, 1 some pages failed, 2 usage."""
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped. What was kept is kept; the same command goes on where it stopped.", err=True)
        code = 130
    except BrokenPipeError:  # `pressmark search … | head`
        sys.stderr.close()
        code = 0
    except Exception as error:
        if not _is_told(error):
            raise
        click.secho(f"Error: {error}", fg="red", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _is_told(error: Exception) -> bool:
    """Whether an error is of one of the rooms' families, which write their own sentences."""
    from archive import ArchiveError
    from crawler.errors import CrawlerError
    from pipelines import PageError

    return isinstance(error, ArchiveError | CrawlerError | PageError)

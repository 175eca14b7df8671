"""The group `pressmark`, and how errors reach the person: one sentence, exit code 2, no traceback."""

from __future__ import annotations

import sys

import click
from rich.text import Text

from archive import ArchiveError
from crawler.commands import add, clean, crawl, explain, reclean, search, serve, show, sites
from crawler.commands.console import err, software
from pipelines import PageError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(software().partition("/")[2], prog_name="pressmark")
def cli() -> None:
    """Keep the news as it was published, and make it readable.

    \b
    Try it on the five page dumps that come with the source:
        pressmark reclean seeds/
        pressmark search truce
        pressmark serve
    """


for command in (
    crawl.command, add.command, reclean.command, clean.command, explain.command,
    search.command, show.command, serve.command, sites.command,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Entry point of the `pressmark` command: exit 0 done, 1 some pages failed, 2 usage."""
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (ArchiveError, PageError) as error:
        err.print(Text(f"Error: {error}", style="red"))
        code = 2
    except (KeyboardInterrupt, click.Abort):
        err.print("Stopped. What was kept is kept; the same command goes on where it stopped.")
        code = 130
    except BrokenPipeError:  # `pressmark search … | head`
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)

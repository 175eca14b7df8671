"""`pressmark takedown`: an article goes, from every place, and does not come back."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from archive import Takedown
from crawler.commands.console import (
    archive_option,
    article_number,
    called,
    err,
    json_option,
    open_archive,
    out,
)
from crawler.commands.plain import printable


@click.command("takedown", epilog="Exit code: 0 done, 2 wrong usage or nothing there.")
@click.argument("article", required=False)
@click.option("--reason", help="Why; kept with the tombstone, so name no names in it.")
@click.option("--purge", is_flag=True, help="Also write the WARC files again without its records.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@archive_option
@json_option
def command(
    article: str | None, reason: str | None, purge: bool, yes: bool, root: Path, as_json: bool
) -> None:
    """Take an article down, by its number or its URL: rows, search, index, replay and exports forget it.

    What it leaves is a tombstone that keeps it from coming back. Its records stay in the WARC files unless
    --purge is given, now or later (without an article: of all that was taken down before).

    \b
    Examples:
        pressmark takedown 3 --reason "court order 12/26"
        pressmark takedown https://example.org/story --reason "asked by its subject" --purge
        pressmark takedown --purge
    """
    if not (root / "articles.db").exists():
        raise click.UsageError(
            f"There is no archive in {root}; fill one with `{called()} reclean PATH`, or give --archive."
        )
    if article is None and not purge:
        raise click.UsageError("Name an article by its number or URL, or give --purge alone.")
    if article is not None and not (reason or "").strip():
        raise click.UsageError("Say why with --reason: it is what a later reader will find in its place.")
    if not yes and not as_json and err.is_terminal:
        what = f"article {printable(article)}" if article else "every record taken down before"
        click.confirm(
            f"{'Purge' if purge else 'Take down'} {what}? It cannot be undone.", abort=True, err=True
        )
    with open_archive(root) as archive, err.status("reading records") as status:

        def tell(name: str) -> None:
            status.update(f"reading {printable(name)}")

        if article is None:
            done = archive.purge(progress=tell)
        else:
            number = article_number(article)
            target = article if number is None else number
            done = archive.take_down(target, (reason or "").strip(), purge=purge, progress=tell)
    if as_json:
        out.print_json(json.dumps(msgspec.to_builtins(done)))
    else:
        _print(done, root, purge)


def _print(done: Takedown, root: Path, purge: bool) -> None:
    table = Table(
        show_header=False,
        title="Purged" if not done.articles and not done.records else "Taken down",
        title_justify="left",
    )
    table.add_column("what")
    table.add_column("number", justify="right")
    for name, number in (
        ("articles", done.articles),
        ("versions", done.versions),
        ("captures", done.captures),
        ("feeds, sitemaps, redirects that named it", done.exchanges),
        ("addresses that will not be fetched", done.addresses),
        ("records withdrawn", done.records),
        ("pages elsewhere given a record of their own", done.rescued),
        ("WARC files written again", done.purged_files),
    ):
        if number:
            table.add_row(name, f"{number:,}")
    if table.row_count:
        out.print(table)
    else:
        out.print("Nothing to purge: no record that was taken down is left in a file.")
    if not done.scrubbed:
        out.print(
            Text(
                "Another program has articles.db open: its files hold what was deleted until it lets go and"
                " a command that writes is run again.",
                style="yellow",
            ),
            soft_wrap=True,
        )
    for url in done.mentions:
        out.print(Text(f"still named by {printable(url)}"), soft_wrap=True)
    for name in done.torn:
        out.print(Text(f"not read, look into it yourself: {name}", style="yellow"), soft_wrap=True)
    if not purge and done.records:
        hint = f"Its records are still in the WARC files: `{called()} takedown --purge` writes them again."
        out.print(Text(hint, style="dim"), soft_wrap=True)
    out.print(Text("Backups and exports made before hold it still.", style="dim"), soft_wrap=True)

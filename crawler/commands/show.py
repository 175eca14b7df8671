"""`pressmark show`: one article in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from archive import Catalogue, StoredArticle
from crawler.commands.blocks import print_account
from crawler.commands.console import archive_option, article_number, called, json_option, out, shortened
from crawler.commands.plain import printable

#: What is told of an article above its text.
FACTS = ("authors", "date_published", "date_modified", "site", "section", "language", "credits", "url")
#: Columns: about 66 to 88 characters a line read best.
READING_WIDTH = 88


@click.command("show")
@click.argument("article")
@click.option("--account", is_flag=True, help="Also every block that was cut, with label and reason.")
@archive_option
@json_option
def command(article: str, account: bool, root: Path, as_json: bool) -> None:
    """Read one article, by its number or its URL.

    \b
    Examples:
        pressmark show 3
        pressmark show 3 --account
        pressmark show https://example.org/story --json
    """
    with Catalogue.open(root) as catalogue:
        if article.isdecimal():
            number = article_number(article)
            stored = None if number is None else catalogue.article(number)
        else:
            stored = catalogue.article_at(article)
        if stored is None:
            raise click.UsageError(
                f"No article {shortened(article)} in {root}; `{called()} search WORDS` lists numbers."
            )
        removed = catalogue.account(stored.id)
    if as_json:
        out.print_json(json.dumps({**msgspec.to_builtins(stored), "removed": msgspec.to_builtins(removed)}))
        return
    _print_article(stored)
    if account:
        print_account(removed)


def _print_article(article: StoredArticle) -> None:
    out.print(Text(printable(article.headline or "(no headline)"), style="bold"))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")  # an address is to be copied whole
    for name in FACTS:
        value = getattr(article, name)
        words = ", ".join(value) if isinstance(value, tuple) else value
        if words:
            facts.add_row(Text(name, style="dim"), Text(printable(words)))
    if article.access != "free":
        facts.add_row(Text("access", style="dim"), Text(printable(article.access)))
    if article.version > 1:
        told = f"{article.version}; what changed: {called()} diff {article.id}"
        facts.add_row(Text("versions", style="dim"), Text(told))
    out.print(facts)
    out.print()
    for paragraph in article.text.split("\n"):
        out.print(Text(printable(paragraph)), width=min(out.width, READING_WIDTH))

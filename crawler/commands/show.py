"""`pressmark show`: one article in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from archive import Catalogue
from crawler.commands.blocks import print_account
from crawler.commands.console import archive_option, json_option, out, printable


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
        found = catalogue.article(int(article)) if article.isdecimal() else catalogue.article_at(article)
        if found is None:
            raise click.UsageError(
                f"No article {article!r} in {root}; `pressmark search WORDS` lists numbers."
            )
        removed = catalogue.account(found.id)
    if as_json:
        row = msgspec.to_builtins(found)
        row["removed"] = [msgspec.to_builtins(block) for block in removed]
        out.print_json(json.dumps(row))
        return
    out.print(Text(printable(found.headline or "(no headline)"), style="bold"))
    facts = Table.grid(padding=(0, 2))
    for name in ("authors", "date_published", "site", "section", "credits", "url"):
        value = getattr(found, name)
        words = ", ".join(value) if isinstance(value, list | tuple) else value
        if words:
            facts.add_row(Text(name, style="dim"), Text(printable(words)))
    out.print(facts)
    for paragraph in found.text.split("\n"):
        out.print(Text(printable(paragraph)), width=min(out.width, 88))
    if account:
        print_account(removed)

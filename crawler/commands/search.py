"""`pressmark search`: full-text search in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
from rich.text import Text

from archive import Catalogue
from crawler.commands.console import archive_option, called, json_option, out, print_indented
from crawler.commands.plain import printable

#: Stand around a hit in a snippet: control characters, which no stored text holds.
MARKS = ("\x02", "\x03")
#: Under a headline: as wide as the number before it.
INDENT = " " * 7


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many hits.")
@archive_option
@json_option
def command(query: tuple[str, ...], limit: int, root: Path, as_json: bool) -> None:
    """Find articles: words, "a phrase", prefix*, AND, OR, NOT, headline:word.

    \b
    Examples:
        pressmark search truce
        pressmark search '"humanitarian pause" NOT Doha'
        pressmark search 'headline:blinken'
    """
    with Catalogue.open(root) as catalogue:
        hits = catalogue.search(" ".join(query), limit=limit, marks=("[", "]") if as_json else MARKS)
    if as_json:
        out.print_json(json.dumps(msgspec.to_builtins(hits)))
        return
    if not hits:
        out.print("No article matches. Try fewer words, or a prefix such as trut*.", markup=False)
        return
    for hit in hits:
        headline = Text(printable(hit.headline or "(no headline)"), style="bold")
        print_indented(headline, INDENT, first=f"{hit.id:>5}  ")
        facts = " · ".join(
            printable(fact) for fact in ((hit.date_published or "")[:10], hit.site or "") if fact
        )
        if facts:
            print_indented(Text(facts, style="dim"), INDENT)
        print_indented(_marked(hit.snippet), INDENT)
    out.print(Text(f"Read one with: {called()} show ID", style="dim"), soft_wrap=True)


def _marked(snippet: str) -> Text:
    """The snippet with its hits (between \\x02 and \\x03) set off."""
    text = Text()
    for n, part in enumerate(snippet.replace("\x03", "\x02").split("\x02")):
        text.append(printable(" ".join(part.split(" "))), style="bold yellow" if n % 2 else "")
    return text

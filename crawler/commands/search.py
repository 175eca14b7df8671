"""`pressmark search`: full-text search in the terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.text import Text

from archive import Catalogue, read_search
from crawler.commands.console import archive_option, called, err, json_option, out, print_indented
from crawler.commands.plain import printable

#: Stand around a hit in a snippet: control characters, which no stored text holds.
MARKS = ("\x02", "\x03")
#: Under a headline: as wide as the number before it.
INDENT = " " * 7


@click.command("search")
@click.argument("query", nargs=-1)
@click.option("--site", multiple=True, help="Only from this site; several: from any of them.")
@click.option("--from", "first", metavar="DAY", help="Published on or after it: 2023-11-27, 2023-11 or 2023.")
@click.option("--to", "last", metavar="DAY", help="Published on or before it.")
@click.option("--section", multiple=True, help="Only in this section, as the page names it.")
@click.option("--language", multiple=True, metavar="CODE", help="Only in this language, such as en.")
@click.option("--access", multiple=True, help="Only free, metered or paywalled ones.")
@click.option("--changed", is_flag=True, help="Only with more than one version.")
@click.option("--cluster", multiple=True, type=click.IntRange(0), help="Only copies in this cluster.")
@click.option(
    "--similar", multiple=True, type=click.IntRange(0), metavar="ID", help="Only like this article."
)
@click.option("--sort", type=click.Choice(["relevance", "newest", "oldest"]), help="Order; best match first.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many hits.")
@archive_option
@json_option
def command(
    query: tuple[str, ...], limit: int, root: Path, as_json: bool, sort: str | None, **filters: Any
) -> None:
    """Find articles: words, "a phrase", prefix*, AND, OR, NOT, headline:word, author:word.

    Filters can stand in the query too, as on the search page: site:, from:, to:, section:, language:,
    access:, has:versions, cluster:, similar:.

    \b
    Examples:
        pressmark search truce
        pressmark search '"humanitarian pause" NOT Doha'
        pressmark search 'headline:blinken' --from 2023-11 --sort newest
    """
    search = read_search(" ".join(query), _told(**filters), sort or "")
    if not (search.match or search.without or search.filters):
        said = search.notes[0] if search.notes else "There is nothing to search for: name a word or a filter."
        raise click.UsageError(said)
    for note in search.notes:
        err.print(note, markup=False, style="yellow", soft_wrap=True)
    with Catalogue.open(root) as catalogue:
        hits = catalogue.search(search, limit=limit, marks=("[", "]") if as_json else MARKS)
        total, exact = (0, True) if as_json or len(hits) < limit else catalogue.tally(search)
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
        if hit.snippet:
            print_indented(_marked(hit.snippet), INDENT)
    if total > len(hits):
        about = "" if exact else "about "
        out.print(Text(f"{len(hits)} of {about}{total:,} articles; more with --limit.", style="dim"))
    out.print(Text(f"Read one with: {called()} show ID", style="dim"), soft_wrap=True)


def _told(
    *, first: str | None, last: str | None, changed: bool, **lists: tuple[object, ...]
) -> dict[str, list[str]]:
    """Options as the search language names its filters."""
    told = {name: [str(value) for value in values] for name, values in lists.items()}
    told |= {"from": [first] if first else [], "to": [last] if last else []}
    return told | {"has": ["versions"] if changed else []}


def _marked(snippet: str) -> Text:
    """The snippet with its hits (between \\x02 and \\x03) set off."""
    text = Text()
    for n, part in enumerate(snippet.replace("\x03", "\x02").split("\x02")):
        text.append(printable(re.sub(r"\s+", " ", part)), style="bold yellow" if n % 2 else "")
    return text

"""`pressmark diff`: what changed between two versions of an article, in the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click
from rich.text import Text

from archive import Catalogue, StoredArticle
from archive.differing import Piece, Stretch, pieces, stretches
from crawler.commands.console import archive_option, article_number, called, json_option, out, shortened
from crawler.commands.plain import printable

#: How each sign is set on a terminal, and what stands around it where there are no colours (as in wdiff).
STYLES = {"=": "", "-": "red strike", "+": "green underline"}
MARKS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
#: Columns: about 66 to 88 characters a line read best.
READING_WIDTH = 88


class _Version(NamedTuple):
    """What of a version is compared, and told."""

    number: int
    seen_at: str
    headline: str | None
    text: str
    change: float | None
    cleaner: str


@click.command("diff")
@click.argument("article")
@click.argument("numbers", nargs=-1, type=click.IntRange(1), metavar="[FROM TO]")
@archive_option
@json_option
def command(article: str, numbers: tuple[int, ...], root: Path, as_json: bool) -> None:
    """Show what changed in an article, word by word: between its last two versions, or FROM one TO another.

    ARTICLE is its number or its URL. Without colours, words that were taken out stand in [-…-], words that
    were put in in {+…+}.

    \b
    Examples:
        pressmark diff 3
        pressmark diff 3 1 4
        pressmark diff https://example.org/story --json
    """
    if len(numbers) not in {0, 2}:
        raise click.UsageError("Name two versions, FROM and TO, or none for the last two.")
    stored, versions = _versions(article, root)
    old, new = _pair(stored, versions, numbers)
    headline = pieces(old.headline or "", new.headline or "")
    told = stretches(old.text, new.text)
    if as_json:
        out.print_json(json.dumps(_row(stored, old, new, headline, told)))
        return
    _print(old, new, headline, told)


def _versions(article: str, root: Path) -> tuple[StoredArticle, list[_Version]]:
    with Catalogue.open(root) as catalogue:
        number = article_number(article)
        stored = catalogue.article_at(article) if number is None else catalogue.article(number)
        if stored is None:
            raise click.UsageError(
                f"No article {shortened(article)} in {root}; `{called()} search WORDS` lists numbers."
            )
        found = catalogue.versions(stored.id)
        return stored, [_Version(**{name: getattr(one, name) for name in _Version._fields}) for one in found]


def _pair(
    stored: StoredArticle, versions: Sequence[_Version], numbers: tuple[int, ...]
) -> tuple[_Version, _Version]:
    if len(versions) < 2:
        raise click.UsageError(f"Article {stored.id} has one version only: there is nothing to compare.")
    by_number = {version.number: version for version in versions}
    wanted = numbers or (versions[-2].number, versions[-1].number)
    missing = next((number for number in wanted if number not in by_number), None)
    if missing is not None:
        raise click.UsageError(f"Article {stored.id} has no version {missing}; it has 1 to {len(versions)}.")
    return by_number[wanted[0]], by_number[wanted[1]]


def _row(
    stored: StoredArticle,
    old: _Version,
    new: _Version,
    headline: list[Piece],
    told: list[Stretch],
) -> dict[str, object]:
    """What `--json` gives: `paragraphs` in order, each a list of [sign, text]."""
    return {
        "article_id": stored.id,
        "url": stored.url,
        "from": {
            "number": old.number,
            "seen_at": old.seen_at,
            "headline": old.headline,
            "cleaner": old.cleaner,
        },
        "to": {
            "number": new.number,
            "seen_at": new.seen_at,
            "headline": new.headline,
            "cleaner": new.cleaner,
        },
        "change": new.change if new.number == old.number + 1 else None,
        "headline": headline,
        "paragraphs": [paragraph for stretch in told for paragraph in stretch.paragraphs],
    }


def _print(old: _Version, new: _Version, headline: list[Piece], told: list[Stretch]) -> None:
    title = _marked(headline)
    title.stylize("bold")
    out.print(title)
    share = (
        f", {new.change:.0%} of the words" if new.change is not None and new.number == old.number + 1 else ""
    )
    out.print(
        Text(f"version {old.number}, {old.seen_at} → version {new.number}, {new.seen_at}{share}", style="dim")
    )
    if old.cleaner != new.cleaner:
        out.print(Text("Two cleaners read these: some of what differs may be theirs.", style="yellow"))
    width = min(out.width, READING_WIDTH)
    for rank, (same, paragraphs) in enumerate(told):
        if same:
            _print_same(paragraphs, rank == 0, rank == len(told) - 1, width)
        for paragraph in [] if same else paragraphs:
            out.print()
            out.print(_marked(paragraph), width=width)
    if all(stretch.same for stretch in told):
        out.print()
        out.print(Text("The texts are the same.", style="dim"))


def _print_same(paragraphs: list[list[Piece]], is_first: bool, is_last: bool, width: int) -> None:
    """What is the same: a paragraph beside each change, and how many lie between."""
    shown = ([] if is_first else paragraphs[:1]) + ([] if is_last else paragraphs[-1:])
    if len(paragraphs) <= len(shown):
        shown, hidden = paragraphs, 0
    else:
        hidden = len(paragraphs) - len(shown)
    lines = [Text(printable(paragraph[0].text)) for paragraph in shown]
    if hidden:
        told = Text(f"… {hidden} paragraph{'' if hidden == 1 else 's'} unchanged …", style="dim")
        lines.insert(0 if is_first else 1, told)
    for line in lines:
        out.print()
        out.print(line, width=width)


def _marked(told: list[Piece]) -> Text:
    text = Text()
    for sign, words in told:
        before, after = ("", "") if out.color_system else MARKS[sign]
        text.append(before + printable(words) + after, style=STYLES[sign] if out.color_system else "")
    return text

"""How blocks look in a terminal: kept as text, cut in the label's colour with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from archive.values import Block, Removed
from crawler.commands.console import NARROW, out, print_indented
from crawler.commands.plain import printable

if TYPE_CHECKING:
    from pipelines.explaining import Weight

#: Labels that belong together share a colour: metadata, navigation, promotion, rules.
COLOURS: Mapping[str, str] = {
    "headline": "cyan", "byline": "cyan", "dateline": "cyan", "date": "cyan", "credit": "cyan",
    "caption": "cyan", "author_bio": "blue", "nav": "magenta", "related": "magenta", "share": "magenta",
    "newsletter": "yellow", "ad": "yellow", "cookie": "red", "legal": "red", "comment_policy": "red",
    "comment": "red", "duplicate": "bright_black", "other": "bright_black",
}  # fmt: skip


def print_page(blocks: Iterable[Block], weights: Mapping[int, Sequence[Weight]] | None = None) -> None:
    """The page as it stood, in page order: what was kept, what was cut and why; what weighed, if given."""
    table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for block in blocks:
        text = printable(" ".join(block.text.split()))
        if block.kept:
            label = Text(block.label, style="green")
            body = Text(text, style="bold" if block.label == "heading" else "")
        else:
            colour = COLOURS.get(block.label, "red")
            label = Text(block.label, style=colour)
            body = Text(_short(text), style=f"{colour} strike")
            body.append(f"  {printable(block.reason)} ({block.score:.2f})", style="dim not strike")
        for weight in (weights or {}).get(block.position, ()):
            sign, colour = ("+", "green") if weight.weight > 0 else ("−", "red")
            body.append("\n")
            body.append(
                f"{sign} {weight.words} ({abs(weight.weight):.1f})", style=f"{colour} dim not strike not bold"
            )
        table.add_row(str(block.position), label, body)
    out.print(table)


def print_account(removed: Iterable[Removed]) -> None:
    """Only what was cut; plain lines where a table has no room."""
    if out.width < NARROW:
        out.print("The account: what was cut", style="italic")
        for block in removed:
            facts = f" {printable(block.reason)} ({block.score:.2f})"
            label = Text(block.label, style=COLOURS.get(block.label, "red"))
            print_indented(label + Text(facts, style="dim"), "     ", first=f"{block.position:>3}  ")
            print_indented(Text(printable(_short(" ".join(block.text.split())))), "     ")
        return
    table = Table(title="The account: what was cut", title_justify="left")
    for name in ("block", "label", "reason", "score", "text"):
        table.add_column(name, justify="right" if name in ("block", "score") else "left", overflow="fold")
    for block in removed:
        style = COLOURS.get(block.label, "red")
        table.add_row(
            str(block.position), Text(block.label, style=style), printable(block.reason),
            f"{block.score:.2f}", printable(_short(" ".join(block.text.split()))),
        )  # fmt: skip
    out.print(table)


def _short(text: str, limit: int = 240) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

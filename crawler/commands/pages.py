"""The end of a run in the terminal: what became of each page, the summary, and how to go on."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from archive import Catalogue
from crawler.commands.console import (
    DEFAULT_ARCHIVE,
    NARROW,
    called,
    out,
    print_failures,
    print_indented,
    summary_table,
)
from crawler.commands.plain import printable
from crawler.engine import PageResult, Summary

#: With more pages than this the table of single pages says less than the summary.
TABLE_PAGES = 20


class PageRow(msgspec.Struct, frozen=True):
    """One page as the table shows it. Failures are no rows: they are listed with their reasons."""

    name: str
    outcome: str
    #: The headline; of a page that is no article the reason why.
    headline: str
    words: str = ""
    cuts: str = ""


def print_outcome(summary: Summary, pages: Iterable[PageResult], root: Path) -> None:
    """Tables of the pages (if they are few) and of the counts, then failures, then what to try next."""
    if summary.pages <= TABLE_PAGES:
        print_pages(list(_rows(pages, root)))
    out.print(summary_table(summary))
    print_failures(summary)
    print_consent(summary)
    if any(summary.outcomes[name] for name in ("new", "updated", "unchanged")):
        print_next(root)


#: Sites with consent walls that are named.
_NAMED = 5


def print_consent(summary: Summary) -> None:
    """Which sites answer with consent walls, and what a person may do about it."""
    if not summary.consent:
        return
    named = [f"{site} ({count})" for site, count in summary.consent.most_common(_NAMED)]
    if len(summary.consent) > _NAMED:
        named.append(f"{len(summary.consent) - _NAMED} more sites")
    out.print(
        Text(
            f"\nConsent walls instead of pages: {printable(', '.join(named))}."
            " Nothing was accepted. If the site documents a cookie or header that refuses tracking, write it"
            ' into sites.toml, under that site: cookies = {name = "value"} or headers = {Name = "value"}.'
        )
    )


def print_next(root: Path) -> None:
    """How the archive is read, in the words that call the program here."""
    where = "" if str(root) == DEFAULT_ARCHIVE else f" --archive {shlex.quote(str(root))}"
    out.print(
        Text(
            f"\nRead it in a browser: {called()} serve{where}\nSearch it here: {called()} search{where} WORDS"
        ),
        soft_wrap=True,  # to be copied, so never broken
    )


def print_pages(rows: list[PageRow]) -> None:
    """A row a page: what was kept, and what was cut by label. Plain lines where a table has no room."""
    if not rows:
        return
    if out.width < NARROW:
        for row in rows:
            words = f" ({row.words} words)" if row.words else ""
            print_indented(Text.assemble(f"{row.outcome}: ", (row.headline, "bold"), words), "  ", first="")
            print_indented(Text(row.name + (f"; cut: {row.cuts}" if row.cuts else ""), style="dim"), "  ")
        return
    table = Table(title="What was kept and what was cut", title_justify="left")
    addresses = any("/" in row.name for row in rows)
    if addresses:
        table.add_column("page", max_width=24, overflow="fold")
    else:
        table.add_column("page", max_width=12, overflow="ellipsis", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("headline", ratio=1)
    table.add_column("words\nkept", justify="right")
    table.add_column("blocks cut", ratio=1)
    for row in rows:
        headline = Text(row.headline, style="bold" if row.words else "dim")
        table.add_row(Text(row.name), row.outcome, headline, row.words, row.cuts)
    out.print(table)


def _rows(pages: Iterable[PageResult], root: Path) -> Iterator[PageRow]:
    pages = list(pages)
    shared = Counter(page.name for page in pages)
    with Catalogue.open(root) as catalogue:
        for page in pages:
            if page.outcome == "failed":
                continue
            found = catalogue.article_at(page.url) if page.url else None
            name = printable(_name(page, alone=shared[page.name] == 1))
            if found is None:
                yield PageRow(name, page.outcome, printable(page.sentence))
                continue
            cuts = Counter(removed.label for removed in catalogue.account(found.id))
            yield PageRow(
                name,
                page.outcome,
                printable(found.headline or "–"),
                str(found.word_count),
                ", ".join(f"{n} {label}" for label, n in cuts.most_common()),
            )


def _name(page: PageResult, *, alone: bool) -> str:
    """A page's address where it has one, else its file; what came with others out of one, its digest."""
    for scheme in ("https://", "http://"):
        if page.url.startswith(scheme):
            return page.url.removeprefix(scheme)
    return Path(page.name).name if alone or not page.url else page.url.removeprefix("urn:")

"""`pressmark reclean`: reload what people already have, or re-clean the archive itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from archive import Archive, Catalogue
from archive.values import Capture
from crawler.commands.console import (
    DEFAULT_ARCHIVE,
    archive_option,
    encoding_option,
    json_option,
    now,
    open_archive,
    out,
    print_failures,
    printable,
    progress,
    summary_row,
    summary_table,
)
from crawler.engine import PageResult, Summary, keep_all
from crawler.reload import ReadProblem, captures_in
from pipelines import WorkerPool

#: With more pages than this the table of single pages says less than the summary.
TABLE_PAGES = 20


@click.command("reclean", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Clean every capture of the archive again, offline.")
@encoding_option
@click.option("--workers", type=click.IntRange(1), help="Worker processes. [default: one a processor]")
@archive_option
@json_option
def command(
    paths: tuple[Path, ...],
    everything: bool,
    encoding: str | None,
    workers: int | None,
    root: Path,
    as_json: bool,
) -> None:
    """Reload dumps, saved HTML, JSON Lines, WARC or WACZ into the archive, cleaned.

    Files are told apart by their content. What is there already is not stored twice; a run that was
    interrupted goes on when the same command is given again.

    \b
    Examples:
        pressmark reclean seeds/
        pressmark reclean crawl-2023.warc.gz pages.jsonl saved-pages/
        pressmark reclean --encoding cp1252 old-dumps/
        pressmark reclean --all
    """
    if bool(paths) == everything:
        raise click.UsageError(
            "Name files or folders to reload, or give --all to re-clean the archive itself."
        )
    with open_archive(root) as archive, WorkerPool(workers) as pool:
        run = archive.begin_run("reclean " + (" ".join(map(str, paths)) or "--all"))
        pages: list[PageResult] = []
        with progress("cleaning") as advance:

            def page_done(result: PageResult) -> None:
                advance(result)
                if len(pages) <= TABLE_PAGES:
                    pages.append(result)

            summary = keep_all(
                archive, _found(archive, paths, encoding), pool, on_page=page_done, again=everything
            )
        archive.finish_run(run, summary.counts())
    _report(summary, pages, root, as_json)
    raise SystemExit(summary.exit_code)


def _found(
    archive: Archive, paths: tuple[Path, ...], encoding: str | None
) -> Iterator[Capture | ReadProblem]:
    """What a kill left without a row comes first; then what was asked for."""
    return chain(
        archive.orphans(), captures_in(paths, now=now, encoding=encoding) if paths else archive.captures()
    )


def _report(summary: Summary, pages: list[PageResult], root: Path, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(summary_row(summary)))
        return
    if summary.pages <= TABLE_PAGES:
        out.print(_page_table(pages, root))
    out.print(summary_table(summary))
    print_failures(summary)
    where = "" if str(root) == DEFAULT_ARCHIVE else f" --archive {root}"
    out.print(
        Text(f"\nRead it in a browser: pressmark serve{where}\nSearch it here: pressmark search{where} WORDS")
    )


def _page_table(pages: list[PageResult], root: Path) -> Table:
    """A row a page: what was kept, and what was cut by label."""
    table = Table(title="What was kept and what was cut", title_justify="left")
    table.add_column("page", max_width=12, overflow="ellipsis", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("headline", ratio=1)
    table.add_column("words\nkept", justify="right")
    table.add_column("blocks cut", ratio=1)
    with Catalogue.open(root) as catalogue:
        for page in pages:
            found = catalogue.article_at(page.url) if page.url else None
            name = printable(Path(page.name).name)
            if found is None:
                table.add_row(name, page.outcome, Text(printable(page.sentence), style="dim"), "", "")
                continue
            cuts = Counter(removed.label for removed in catalogue.account(found.id))
            counted = ", ".join(f"{n} {label}" for label, n in cuts.most_common())
            headline = Text(printable(found.headline or "–"), style="bold")
            table.add_row(name, page.outcome, headline, str(found.word_count), counted)
    return table

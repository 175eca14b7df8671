"""`pressmark explain`: what was cut from one page, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import msgspec
from rich.text import Text

from archive import Catalogue
from archive.values import Article, Capture, Engine
from crawler.commands.blocks import print_page
from crawler.commands.console import (
    archive_option,
    article_number,
    called,
    json_option,
    out,
    shortened,
    write_page,
)
from crawler.commands.plain import encoding_option, engine_option, now, printable
from crawler.reload import ReadProblem, captures_in
from crawler.reports import picture_of_cuts
from pipelines import PageFailure, WorkerPool
from pipelines.explaining import Weighed, weighing_pool


@click.command("explain")
@click.argument("page")
@encoding_option
@engine_option
@click.option(
    "--html", "html_file", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the picture of cuts as one HTML file.",
)  # fmt: skip
@click.option("--why", is_flag=True, help="Also show the three features that weighed most in each block.")
@archive_option
@json_option
def command(
    page: str,
    encoding: str | None,
    engine: Engine,
    html_file: Path | None,
    why: bool,
    root: Path,
    as_json: bool,
) -> None:
    """Show a page's blocks, kept and cut, each cut with its label, reason and score.

    PAGE is a file (its first page), - for standard input, or the URL or number of an article in the archive.

    \b
    Examples:
        pressmark explain seeds/002_034f16be5b20a66f.txt
        pressmark explain 3
        pressmark explain https://example.org/story --json
        pressmark explain saved.html --html cuts.html
        pressmark explain saved.html --why
    """
    capture = _capture(page, encoding, root)
    weighs = why or as_json or html_file is not None
    with weighing_pool(engine) if weighs else WorkerPool(1, engine=engine) as pool:
        cleaned = pool.submit(capture).result()
    if isinstance(cleaned, PageFailure):
        raise click.ClickException(f"{page}: {cleaned.reason}")
    weights = cleaned.weights if isinstance(cleaned, Weighed) else {}
    if as_json:
        rows = [{**msgspec.to_builtins(b), "weights": msgspec.to_builtins(weights.get(b.position, ()))}
                for b in cleaned.blocks]  # fmt: skip
        out.print_json(json.dumps(rows))
        return
    if html_file is not None:
        write_page(html_file, picture_of_cuts(cleaned, page))
        out.print(Text(f"Wrote {html_file}: open it in a browser."))
        return
    print_page(cleaned.blocks, weights)
    out.print(_sum(cleaned))


def _capture(page: str, encoding: str | None, root: Path) -> Capture:
    if page == "-" or os.path.exists(page):
        found = next(captures_in([Path(page)], now=now, encoding=encoding))
        if isinstance(found, ReadProblem):
            raise click.UsageError(str(found))
        return found
    with Catalogue.open(root) as catalogue:
        if page.isdecimal():
            number = article_number(page)
            capture = None if number is None else catalogue.capture_of(number)
        else:
            capture = catalogue.capture_at(page)
    if capture is None:
        raise click.UsageError(
            f"{shortened(page)} is neither a file nor in the archive {root};"
            f" fetch it with `{called()} add URL`."
        )
    return capture


def _sum(article: Article) -> Text:
    kept = sum(block.kept for block in article.blocks)
    cut = len(article.blocks) - kept
    facts = f"{kept} block{'' if kept == 1 else 's'} kept ({article.word_count:,} words), {cut} cut"
    if article.kind != "article":
        facts += f"; not an article: {article.kind} ({printable(article.kind_reason)})"
    return Text(facts, style="bold")

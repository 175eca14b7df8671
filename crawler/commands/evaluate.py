"""`pressmark evaluate`: score the cleaner on a folder of one's own gold pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from archive.values import Article, Capture, Engine
from crawler.commands.console import engine_option, json_option, now, out, printable, progress, write_page
from crawler.engine import PageResult
from crawler.reload import ReadProblem, captures_in
from crawler.reports import evaluation_report
from crawler.reports.rendering import Judged
from pipelines import PageFailure, WorkerPool
from pipelines.evaluation import Score, score, total

#: A page's gold stands beside it: `NAME.html` or `NAME.dump`, and `NAME.txt`.
PAGE_SUFFIXES = (".html", ".htm", ".dump")


@click.command("evaluate", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("gold", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path),
              help="Write an HTML report with the worst pages side by side.")  # fmt: skip
@engine_option
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
@json_option
def command(gold: Path, report: Path | None, engine: Engine, workers: int, as_json: bool) -> None:
    """Score the cleaner on your own pages: GOLD holds NAME.html (or NAME.dump, plain text) and NAME.txt.

    NAME.txt is the article's text as it should be. Precision, recall and F1 are over words, a page at a
    time, then averaged.

    \b
    Examples:
        pressmark evaluate my-gold/
        pressmark evaluate my-gold/ --report report.html
    """
    if report is not None:
        write_page(report, "")  # told before the work, not after it
    judged = _judged(gold, workers, engine)
    if not judged:
        raise click.UsageError(
            f"{gold} holds no pages with gold; put NAME.html and NAME.txt beside each other."
        )
    summary = total([page.score for page in judged])
    if report is not None:
        write_page(report, evaluation_report(judged, summary, f"pressmark on {gold.name}"))
    if as_json:
        rows = [{"name": page.name, **msgspec.to_builtins(page.score)} for page in judged]
        out.print_json(json.dumps({**msgspec.to_builtins(summary), "scores": rows}))
    else:
        table = Table(title=f"{gold}", title_justify="left")
        for name in ("pages", "precision", "recall", "F1", "F1 ≥ 0.99"):
            table.add_column(name, justify="right")
        figures = (summary.precision, summary.recall, summary.f1, summary.near_perfect)
        table.add_row(str(summary.pages), *(f"{figure:.4f}" for figure in figures))
        out.print(table)
        for page in sorted(judged, key=lambda page: page.score.f1)[:5]:
            out.print(
                Text(f"  {page.score.f1:.3f}  {printable(page.name)}  {printable(page.problem)}", style="dim")
            )
    raise SystemExit(1 if any(page.problem for page in judged) else 0)


def _judged(gold: Path, workers: int, engine: Engine) -> list[Judged]:
    judged: list[Judged] = []

    def captures() -> Iterator[Capture]:
        for page in sorted(p for p in gold.rglob("*") if p.suffix in PAGE_SUFFIXES):
            if not page.with_suffix(".txt").exists():
                continue
            for found in captures_in([page], now=now):
                if isinstance(found, ReadProblem):
                    judged.append(_judge(page, gold, "", found.sentence))
                else:
                    yield found

    with WorkerPool(workers, engine=engine) as pool, progress("evaluating") as advance:
        for capture, cleaned in pool.map(captures()):
            page = Path(capture.source_path)
            failure = cleaned.reason if isinstance(cleaned, PageFailure) else ""
            text = cleaned.text if isinstance(cleaned, Article) else ""
            judged.append(_judge(page, gold, text, failure))
            advance(PageResult(page.name, "", "failed" if failure else "new"))
    return judged


def _judge(page: Path, folder: Path, text: str, problem: str) -> Judged:
    gold = page.with_suffix(".txt").read_text(encoding="utf-8")
    result = score(text, gold) if not problem else Score(0.0, 0.0, 0.0)
    return Judged(str(page.relative_to(folder)), text, gold, result, problem)

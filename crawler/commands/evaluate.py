"""`pressmark evaluate`: score the cleaner on a folder of one's own gold pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from archive.values import Article, Capture, Engine
from crawler.commands.console import (
    asked_sentence,
    engine_option,
    err,
    json_option,
    now,
    out,
    printable,
    progress,
    write_page,
)
from crawler.engine import PageResult
from crawler.reload import ReadProblem, captures_in
from crawler.reports import evaluation_report
from crawler.reports.rendering import Judged
from pipelines import PageFailure, WorkerPool
from pipelines.evaluation import Score, Total, by_language, language_of_gold, score, total

#: A page's gold stands beside it: `NAME.html` or `NAME.dump`, and `NAME.txt`; or, a folder for each page,
#: `expected.txt`.
PAGE_SUFFIXES = (".html", ".htm", ".dump")
GOLD_OF_FOLDER = "expected.txt"
#: Pages listed under the table.
WORST = 5


@click.command("evaluate", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("gold", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path),
              help="Write an HTML report with the worst pages side by side.")  # fmt: skip
@engine_option
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
@json_option
def command(gold: Path, report: Path | None, engine: Engine, workers: int, as_json: bool) -> None:
    """Score the cleaner on your own pages: GOLD holds NAME.html (or NAME.dump, plain text) and NAME.txt.

    NAME.txt is the article's text as it should be, without the headline; where each page has a folder of
    its own it may be called expected.txt. Precision, recall and F1 are over words, a page at a time, then
    averaged, also by language.

    \b
    Examples:
        pressmark evaluate my-gold/
        pressmark evaluate my-gold/ --report report.html
    """
    if report is not None:
        write_page(report, "")  # told before the work, not after it
    pages, alone = _pages(gold)
    if not pages:
        raise click.UsageError(
            f"{gold} holds no pages with gold; put NAME.html and NAME.txt beside each other."
        )
    if alone:
        err.print(f"passed over, since no gold stands beside them: {alone} of {alone + len(pages)} pages")
    judged, asked = _judged(pages, gold, workers, engine)
    if report is not None:
        write_page(report, evaluation_report(judged, f"pressmark on {gold.resolve().name}"))
    summary = total([page.score for page in judged])
    languages = by_language((page.language, page.score) for page in judged)
    if as_json:
        rows = [
            {"name": page.name, "language": page.language, **msgspec.to_builtins(page.score)}
            | ({"error": page.problem} if page.problem else {})
            for page in judged
        ]
        out.print_json(
            json.dumps(
                {
                    **msgspec.to_builtins(summary),
                    "trafilatura_asked": asked,
                    "languages": msgspec.to_builtins(languages),
                    "scores": rows,
                }
            )
        )
    else:
        _print(str(gold), summary, languages, judged)
        out.print(Text(asked_sentence(asked, len(judged)), style="dim"))
        if report is not None:
            out.print(Text(f"Wrote {report}: open it in a browser."))
    raise SystemExit(1 if any(page.problem for page in judged) else 0)


def _print(title: str, summary: Total, languages: dict[str, Total], judged: Sequence[Judged]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("language")
    for name in ("pages", "precision", "recall", "F1", "F1 ≥ 0.99"):
        table.add_column(name, justify="right")
    rows = languages.items() if len(languages) > 1 else ()
    for language, means in [*rows, ("all" if rows else next(iter(languages)), summary)]:
        if rows and means is summary:
            table.add_section()
        figures = (means.precision, means.recall, means.f1, means.near_perfect)
        table.add_row(language, str(means.pages), *(f"{figure:.4f}" for figure in figures))
    out.print(table)
    wrong = sorted((p for p in judged if p.score.f1 < 1), key=lambda page: (page.score.f1, page.name))
    if not wrong:
        out.print("Every page reads exactly as its gold.")
        return
    out.print("The worst pages:")
    for page in wrong[:WORST]:
        out.print(
            Text(
                f"  {page.score.f1:.3f}  {printable(page.name)}  {printable(page.problem)}".rstrip(),
                style="dim",
            )
        )


def _pages(folder: Path) -> tuple[list[tuple[Path, str]], int]:
    """The pages of a gold folder, each with its gold text; how many stand there without."""
    found: list[tuple[Path, str]] = []
    alone = 0
    for page in sorted(p for p in folder.rglob("*") if p.suffix in PAGE_SUFFIXES):
        golds = [path for path in (page.with_suffix(".txt"), page.with_name(GOLD_OF_FOLDER)) if path.exists()]
        if golds:
            found.append((page, _gold(golds[0])))
        else:
            alone += 1
    return found, alone


def _gold(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise click.UsageError(f"{path} cannot be read ({reason}); mend or delete it.") from error


def _judged(
    pages: Sequence[tuple[Path, str]], folder: Path, workers: int, engine: Engine
) -> tuple[list[Judged], int]:
    judged: list[Judged] = []
    golds = dict(pages)
    asked = 0

    def captures() -> Iterator[Capture]:
        for page, gold in pages:
            for found in captures_in([page], now=now):
                if isinstance(found, ReadProblem):
                    judged.append(_judge(page, folder, gold, "", found.sentence))
                else:
                    yield found

    with WorkerPool(workers, engine=engine) as pool, progress("evaluating", len(pages)) as advance:
        for capture, cleaned in pool.map(captures()):
            page = Path(capture.source_path)
            failure = cleaned.reason if isinstance(cleaned, PageFailure) else ""
            text = cleaned.text if isinstance(cleaned, Article) else ""
            asked += isinstance(cleaned, Article) and cleaned.referee_asked
            judged.append(_judge(page, folder, golds[page], text, failure))
            advance(PageResult(page.name, "", "failed" if failure else "new"))
    return judged, asked


def _judge(page: Path, folder: Path, gold: str, text: str, problem: str) -> Judged:
    result = score(text, gold) if not problem else Score(0.0, 0.0, 0.0)
    return Judged(str(page.relative_to(folder)), text, gold, result, problem, language_of_gold(gold))

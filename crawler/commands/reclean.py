"""`pressmark reclean`: reload what people already have, or re-clean the archive itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
from rich.text import Text

from archive import Archive
from archive.overrides import Overrides
from archive.values import Capture, Engine
from crawler.commands.console import (
    archive_option,
    called,
    err,
    json_option,
    open_archive,
    out,
    progress,
    summary_row,
    warc_size_option,
)
from crawler.commands.pages import TABLE_PAGES, print_outcome
from crawler.commands.plain import encoding_option, engine_option, now, printable
from crawler.engine import PageResult, Summary, keep_all
from crawler.reload import STANDARD_INPUT, ReadProblem, captures_in
from pipelines import WorkerPool
from pipelines.overrides import judged_by_people


@click.command("reclean", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--all", "everything", is_flag=True, help="Clean every capture of the archive again, offline.")
@encoding_option
@engine_option
@click.option("--workers", type=click.IntRange(1), help="Worker processes. [default: one a processor]")
@warc_size_option
@archive_option
@json_option
def command(
    paths: tuple[Path, ...],
    everything: bool,
    encoding: str | None,
    engine: Engine,
    workers: int | None,
    warc_size: int,
    root: Path,
    as_json: bool,
) -> None:
    """Reload dumps, saved HTML, JSON Lines, WARC or WACZ into the archive, cleaned; - is standard input.

    Files are told apart by their content. What is there already is not stored twice; a run that was
    interrupted goes on when the same command is given again.

    \b
    Examples:
        pressmark reclean seeds/
        pressmark reclean crawl-2023.warc.gz pages.jsonl saved-pages/
        pressmark reclean --encoding cp1252 old-dumps/
        pressmark reclean --all
        pressmark reclean --all --engine trafilatura
    """
    if bool(paths) == everything:
        raise click.UsageError(
            "Name files or folders to reload, or give --all to re-clean the archive itself."
        )
    _require_input(paths, root)
    overrides = _overrides(root)
    with (
        open_archive(root, warc_size=warc_size) as archive,
        WorkerPool(workers, engine=engine, overrides=overrides.of) as pool,
    ):
        run = archive.begin_run("reclean " + (" ".join(map(str, paths)) or "--all"))
        pages: list[PageResult] = []
        judged: set[str] = set()
        with progress("cleaning") as advance:

            def page_done(result: PageResult) -> None:
                advance(result)
                judged.update(judged_by_people(result.article) if overrides else ())
                if len(pages) < TABLE_PAGES:
                    pages.append(result)

            summary = keep_all(
                archive, _found(archive, paths, encoding), pool, on_page=page_done, again=everything
            )
        if everything:
            archive.bring_up_to_date()
        archive.finish_run(run, summary.counts())
    for sentence in overrides.unused(judged) if everything else ():
        err.print(Text(sentence, style="yellow"))
    _report(summary, pages, root, as_json)
    raise SystemExit(summary.exit_code)


def _overrides(root: Path) -> Overrides:
    """What people said of blocks; what is wrong in their file is told, and the rest is obeyed."""
    overrides = Overrides.read(root)
    for sentence in overrides.problems:
        err.print(Text(sentence, style="yellow"))
    return overrides


def _require_input(paths: tuple[Path, ...], root: Path) -> None:
    """No archive is made for an input that is not there."""
    if not paths and not (root / "articles.db").exists() and not (root / "warc").is_dir():
        raise click.UsageError(
            f"There is no archive in {root} to clean again; fill one with `{called()} reclean PATH`,"
            " or give --archive."
        )
    if paths and not any(path == STANDARD_INPUT or os.path.exists(path) for path in paths):
        names = ", ".join(printable(str(path)) for path in paths)
        raise click.UsageError(f"There is no such file or folder: {names}; check the path.")


def _found(
    archive: Archive, paths: tuple[Path, ...], encoding: str | None
) -> Iterator[Capture | ReadProblem]:
    """What a kill left without a row comes first; then what was asked for."""
    yield from _with_problems(archive, archive.orphans())
    if paths:
        yield from captures_in(paths, now=now, encoding=encoding)
    else:
        yield from _with_problems(archive, archive.captures())


def _with_problems(archive: Archive, captures: Iterator[Capture]) -> Iterator[Capture | ReadProblem]:
    """The captures, and each of the archive's records that cannot be read any more."""
    told = len(archive.unreadable)
    for capture in chain(captures, [None]):
        for problem in archive.unreadable[told:]:
            place = f"{problem.path}, byte {problem.offset:,}: "
            yield ReadProblem(
                path=f"{problem.path}@{problem.offset}", sentence=problem.reason.removeprefix(place)
            )
        told = len(archive.unreadable)
        if capture is not None:
            yield capture


def _report(summary: Summary, pages: list[PageResult], root: Path, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(summary_row(summary)))
    else:
        print_outcome(summary, pages, root)

"""`pressmark clean`: pages in, articles out, without an archive."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from archive.values import Article, Capture, Engine
from crawler.commands.plain import asked_sentence, encoding_option, engine_option, now, printable
from crawler.engine import PageResult
from crawler.reload import ReadProblem, capture_of_row
from crawler.reload.rows import RowError
from pipelines import FORMATS, PageFailure, WorkerPool, formatted

FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command("clean", epilog="Exit code: 0 all pages went through, 1 some failed, 2 wrong usage.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--input", "source", type=FILE, help="Batch form: JSON Lines of `id`, `url`, `html` or `text`.")
@click.option("--output", "target", type=FILE, default="-", help="Where the articles go. [default: stdout]")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default=None,
              help="What an article is written as. [default: jsonl for --input, else text]")  # fmt: skip
@click.option("--memory", type=click.Choice(["off"]), default="off", show_default=True,
              help="Whether other pages of the site teach the cleaner: not yet, so only `off`.")  # fmt: skip
@click.option("--url", default="", help="The page's URL, where the page does not tell it.")
@encoding_option
@engine_option
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
def command(
    paths: tuple[Path, ...], source: Path | None, target: Path, form: str | None, memory: str, url: str,
    encoding: str | None, engine: Engine, workers: int,
) -> None:  # fmt: skip
    """Clean pages and write the articles; nothing is stored.

    The batch form (--input) writes one line for each input line, in the same order; a page that fails gets
    a line with `error`.

    \b
    Examples:
        pressmark clean page.html
        curl -s https://example.org/story | pressmark clean - --format json
        pressmark clean seeds/ --format markdown
        pressmark clean --input pages.jsonl --output articles.jsonl
    """
    del memory  # `off` is all there is
    if bool(paths) == (source is not None):
        raise click.UsageError("Name pages to clean (or - for standard input), or give --input FILE.")
    with WorkerPool(workers, engine=engine) as pool, _written(target) as stream:
        if source is not None:
            tally = _batch(source, stream, pool, form or "jsonl")
        else:
            tally = _pages(_read(paths, url, encoding), stream, pool, form or "text")
    if tally.cleaned > 1:
        _tell(asked_sentence(tally.asked, tally.cleaned), dim=True)
    raise SystemExit(1 if tally.failed else 0)


class Tally(msgspec.Struct):
    """Pages that failed, pages cleaned, and those of them on which trafilatura was asked."""

    failed: int = 0
    cleaned: int = 0
    asked: int = 0

    def add(self, article: Article) -> None:
        self.cleaned += 1
        self.asked += article.referee_asked


def _batch(source: Path, stream: IO[str], pool: WorkerPool, form: str) -> Tally:
    """One line out for each line in, in order."""
    if form not in ("jsonl", "json"):
        form_names = ", ".join(name for name in sorted(FORMATS) if name not in ("text", "markdown"))
        if form in ("text", "markdown"):
            raise click.UsageError(f"The batch form writes JSON Lines; choose --format from: {form_names}.")
    tally = Tally()
    given: dict[str, dict[str, Any]] = {}
    problems: dict[str, str] = {}

    def captures(lines: Iterable[bytes]) -> Iterator[Capture]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            place = str(number)
            given[place], capture = _row(line, place)
            if isinstance(capture, str):
                problems[place] = capture
                capture = Capture(url="", fetched_at=now(), body=b"", source="jsonl", source_path=place)
            yield capture

    with _lines(source) as lines, _progress() as advance:
        for capture, cleaned in pool.map(captures(lines)):
            row = given.pop(capture.source_path)
            problem = problems.pop(capture.source_path, None)
            if problem is None and isinstance(cleaned, PageFailure):
                problem = cleaned.reason
            if problem is not None:
                tally.failed += 1
                record: dict[str, Any] = {**row, "error": problem}
            else:
                assert isinstance(cleaned, Article)
                tally.add(cleaned)
                # First and last: the input's `id` stands before another tool's own `id`, which is null.
                record = {**row, **formatted(cleaned, form), **row}
                record["url"] = row["url"] or cleaned.url or None
            stream.write(_json(record) + "\n")
            advance(PageResult(str(row["id"] or ""), "", "failed" if problem else "new"))
    return tally


def _row(line: bytes, place: str) -> tuple[dict[str, Any], Capture | str]:
    """What the output line repeats of the input (`id`, `url`), and the page or why there is none."""
    kept: dict[str, Any] = {"id": None, "url": None}
    try:
        row = _read_json(line)
        if isinstance(row, dict):
            kept = {"id": row.get("id"), "url": row.get("url")}
        return kept, capture_of_row(row, source_path=place, now=now())
    except RowError as error:
        return kept, str(error)
    except (ValueError, RecursionError) as error:
        return kept, f"line {place} is no JSON ({error}); mend or delete it"


def _pages(found: Iterable[Capture | ReadProblem], stream: IO[str], pool: WorkerPool, form: str) -> Tally:
    tally = Tally()

    def captures() -> Iterator[Capture]:
        for item in found:
            if isinstance(item, ReadProblem):
                tally.failed += 1
                _tell(f"failed: {printable(str(item))}", fg="red")
            else:
                yield item

    for number, (capture, cleaned) in enumerate(pool.map(captures())):
        if isinstance(cleaned, PageFailure):
            tally.failed += 1
            _tell(f"failed: {printable(capture.source_path)}: {cleaned.reason}", fg="red")
            continue
        tally.add(cleaned)
        stream.write(
            ("\n\n" if number and form in ("text", "markdown") else "") + _written_form(cleaned, form) + "\n"
        )
    return tally


def _written_form(article: Article, form: str) -> str:
    if form == "text":
        return "\n\n".join(part for part in (article.headline, article.text) if part)
    if form == "markdown":
        return "\n\n".join(
            part for part in (article.headline and f"# {article.headline}", article.markdown) if part
        )
    return _json(formatted(article, form), indent=None if form == "jsonl" else 2)


def _tell(sentence: str, **style: Any) -> None:
    click.secho(sentence, err=True, **style)


def _progress() -> AbstractContextManager[Callable[[PageResult], None]]:
    if not sys.stderr.isatty():
        return nullcontext(lambda result: None)
    from crawler.commands.console import progress

    return progress("cleaning")


def _read_json(line: bytes) -> object:
    """msgspec reads a page in two thirds of json's time; what it refuses (lone surrogates), json may read."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return json.loads(line.decode("utf-8", "surrogateescape"))


def _json(value: object, indent: int | None = None) -> str:
    """JSON in UTF-8's characters; escaped where an `id` of the input holds a lone surrogate."""
    try:
        if indent is None:
            return msgspec.json.encode(value).decode()
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        text.encode("utf-8")
    except (UnicodeEncodeError, OverflowError):
        return json.dumps(value, indent=indent)
    return text


def _read(paths: tuple[Path, ...], url: str, encoding: str | None) -> Iterator[Capture | ReadProblem]:
    from crawler.reload import captures_in

    for item in captures_in(paths, now=now, encoding=encoding):
        yield _at(item, url) if isinstance(item, Capture) and url and not item.url else item


def _at(capture: Capture, url: str) -> Capture:
    return msgspec.structs.replace(capture, url=url)


@contextmanager
def _lines(source: Path) -> Iterator[Iterable[bytes]]:
    if str(source) == "-":
        yield _without_mark(sys.stdin.buffer)
        return
    try:
        stream = source.open("rb")
    except OSError as error:
        raise click.UsageError(f"{source} cannot be read ({error.strerror}); check the path.") from error
    with stream:
        yield _without_mark(stream)


def _without_mark(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a UTF-8 file, less the byte order mark that Windows programs begin it with."""
    for number, line in enumerate(lines):
        yield line.removeprefix(codecs.BOM_UTF8) if not number else line


@contextmanager
def _written(target: Path) -> Iterator[IO[str]]:
    if str(target) == "-":
        yield sys.stdout
        return
    try:
        stream = target.open("w", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(
            f"{target} cannot be written ({error.strerror}); choose another --output."
        ) from error
    with stream:
        yield stream

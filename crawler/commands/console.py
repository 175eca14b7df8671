"""What the commands share with the person in front of them: the archive option, errors, progress, tables."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from archive import Archive
from crawler.commands.plain import now, printable
from crawler.engine import PageResult, Summary


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Who read our output has left (`| head`): rich would end with exit code 1; `main` has the say."""
        raise


out = _Screen(highlight=False)
err = _Screen(stderr=True, highlight=False)

DEFAULT_ARCHIVE = "news-archive"
#: Below this many columns tables break every word: plain lines read better.
NARROW = 60
Command = TypeVar("Command", bound=Callable[..., Any])


def software() -> str:
    return f"pressmark/{version('pressmark')}"


sites_option = click.option(
    "--sites", "sites_file", type=click.Path(path_type=Path, dir_okay=False), default="sites.toml",
    show_default=True, help="The list of sites.",
)  # fmt: skip


def archive_option(command: Command) -> Command:
    """`--archive DIR`, else $PRESSMARK_ARCHIVE, else ./news-archive."""
    return click.option(
        "--archive",
        "root",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="PRESSMARK_ARCHIVE",
        default=DEFAULT_ARCHIVE,
        show_default=True,
        show_envvar=True,
        help="The archive's folder.",
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")(command)


def allow_private_option(command: Command) -> Command:
    return click.option(
        "--allow-private", is_flag=True, help="Also fetch from private addresses (an intranet, a test)."
    )(command)


def contact_option(command: Command) -> Command:
    return click.option(
        "--contact",
        default="",
        # No `envvar`: sites.toml goes before the environment, and only the crawl knows what stands there.
        help="Whom a site's owner can write to: an e-mail address or a URL, for the user agent."
        " [default: contact in sites.toml, else $PRESSMARK_CONTACT]",
    )(command)


class _Size(click.ParamType):  # type: ignore[type-arg]  # generic in new versions of click only
    """A number of bytes, as people write it: `1GB`, `200 MB`, `500000`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,12}) ?([kmg]?)b?", value.strip().lower())
        if found is None or not int(found[1]):
            self.fail(f"{value!r} is no size; write it as in 200MB or 1GB.", param, ctx)
        thousands = " kmg".index(found[2] or " ")
        return int(found[1]) * int(1000**thousands)


def warc_size_option(command: Command) -> Command:
    """`--warc-size SIZE`, in bytes."""
    return click.option(
        "--warc-size",
        type=_Size(),
        default="1GB",
        show_default=True,
        help="About how large a WARC file gets before the next one is begun.",
    )(command)


def open_archive(root: Path, *, warc_size: int | None = None) -> Archive:
    """The archive for writing; what recovery found after a kill is told on standard error."""
    archive = Archive.open(root, software=software(), clock=now, max_file_bytes=warc_size)
    for sentence in archive.recovery.sentences():
        err.print(Text(f"recovered: {sentence}", style="yellow"))
    return archive


def called() -> str:
    """The program as it was called here, to be copied from a hint: `pressmark`, or where it stands."""
    program = Path(sys.argv[0])
    if not program.name.startswith("pressmark"):
        return "pressmark"  # by another program, or a test
    on_path = shutil.which(program.name)
    if on_path is not None and program.exists() and os.path.samefile(on_path, program):
        return program.name
    near = os.path.relpath(program)
    return shlex.quote(str(program.absolute()) if near.startswith("..") else near)


def article_number(words: str) -> int | None:
    """The article's number that the user gave; None where it is none, or none that SQLite can hold."""
    return int(words) if words.isdecimal() and len(words) < 19 else None


def shortened(words: str, limit: int = 80) -> str:
    """What the user typed, for a message of one line."""
    words = printable(words)
    return words if len(words) <= limit else words[: limit - 1] + "…"


def write_page(path: Path, html: str) -> None:
    """Write a file that the user named. Raises UsageError with a sentence where that cannot be done."""
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(
            f"{path} cannot be written ({error.strerror or error}); choose another file."
        ) from error


def print_indented(text: Text, indent: str, first: str | None = None) -> None:
    """Print `text`, every line behind `indent`; the first one behind `first`, if that is given."""
    width = max(20, out.width - len(indent))
    for n, line in enumerate(text.wrap(out, width)):
        line.rstrip()
        out.print(Text(first if n == 0 and first is not None else indent) + line, soft_wrap=True)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[PageResult], None]]:
    """A bar on a terminal, nothing in a pipe. Yields the function to call for each page."""
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[name]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=total, name="")

        def page_done(result: PageResult) -> None:
            name = printable(os.path.basename(result.name) or result.url)[-40:]
            bar.update(task, advance=1, name=name)

        yield page_done


@contextmanager
def byte_progress(
    what: str, total: int
) -> Iterator[tuple[Callable[[str, int], None], Callable[[str], None]]]:
    """A bar of bytes on a terminal, nothing in a pipe.

    Yields two functions: one to be told a file's name and the bytes read so far, one to be told what comes
    when all are read.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("[dim]{task.fields[name]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=total or None, name="")

        def bytes_done(name: str, count: int) -> None:
            bar.update(task, completed=count, name=printable(os.path.basename(name))[-40:])

        def next_step(name: str) -> None:
            bar.update(task, name=name)

        yield bytes_done, next_step


def summary_table(summary: Summary) -> Table:
    """Pages read, articles new, updated, unchanged, not articles (by kind), failed."""
    table = Table(title="Summary", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("pages", justify="right")
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(summary.kinds.items()))
    rows = (
        ("pages read", summary.pages, ""),
        ("articles new", summary.outcomes["new"], "green"),
        ("articles updated", summary.outcomes["updated"], "green"),
        ("unchanged", summary.outcomes["unchanged"], ""),
        ("not articles" + (f" ({kinds})" if kinds else ""), summary.outcomes["not_article"], "yellow"),
        ("taken down before", summary.outcomes["taken_down"], ""),
        ("reserved by their owners", summary.outcomes["reserved"], ""),
        ("failed", summary.outcomes["failed"], "red"),
        ("trafilatura asked", summary.asked, ""),
    )
    for name, number, style in rows:
        if name in ("taken down before", "reserved by their owners") and not number:
            continue
        table.add_row(name, str(number), style=style if number else "")
    return table


def summary_row(summary: Summary) -> dict[str, Any]:
    """The same for machines."""
    failures = [{"page": name, "reason": sentence} for name, sentence in summary.failures]
    return {
        **summary.counts(),
        "trafilatura_asked": summary.asked,
        "not_articles": dict(summary.kinds),
        "consent_walls": dict(summary.consent),
        "failures": failures,
    }


def print_failures(summary: Summary, limit: int = 20) -> None:
    for name, sentence in summary.failures[:limit]:
        err.print(Text(f"failed: {printable(name)}: {printable(sentence)}", style="red"))
    if len(summary.failures) > limit:
        err.print(f"… and {len(summary.failures) - limit} more failures")

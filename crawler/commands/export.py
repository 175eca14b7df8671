"""`pressmark export`: a part of the archive, or all of it, as a file that other tools open."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import click
import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from archive.exporting import (
    FORMATS,
    Format,
    Key,
    Maker,
    Selection,
    export,
    export_name,
    load_key,
    make_key,
    put_in_place,
    site_named,
)
from crawler.commands.console import archive_option, err, json_option, out, software
from crawler.commands.plain import now


class _Day(click.ParamType):  # type: ignore[type-arg]  # generic in newer click only
    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date: write 2026-01-31, or 2026-01-31T18:00.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Site(click.ParamType):  # type: ignore[type-arg]  # as above
    name = "host"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return site_named(value)


@click.command("export", epilog="Exit code: 0 done, 2 wrong usage or nothing to export.")
@click.argument("format", type=click.Choice(list(FORMATS)))
@click.option("-o", "--output", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
              help="The file to write; - is standard output. [default: the archive's name]")  # fmt: skip
@click.option("--site", "sites", type=_Site(), multiple=True, metavar="HOST",
              help="Only this site, by its host or a URL; may be repeated.")  # fmt: skip
@click.option("--since", type=_Day(), help="Only what was fetched since this day or time (UTC).")
@click.option("--until", type=_Day(), help="Only what was fetched before it.")
@click.option("--article", "articles", type=click.IntRange(1, 2**63 - 1), multiple=True, metavar="N",
              help="Only this article; may be repeated.")  # fmt: skip
@click.option("--all-versions", is_flag=True, help="wet: every version of a text, not only the newest.")
@click.option("--text", "with_text", is_flag=True, help="wacz: list the pages with their clean text.")
@click.option("--title", help="wacz: what it is called. [default: the archive's name]")
@click.option("--sign", "key_file", type=click.Path(dir_okay=False, path_type=Path), metavar="KEY.pem",
              help="wacz: sign it with this private key (P-384).")  # fmt: skip
@click.option("--new-key", is_flag=True, help="Make the key of --sign first.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@archive_option
@json_option
def command(
    format: Format,
    output: Path | None,
    sites: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    articles: tuple[int, ...],
    all_versions: bool,
    with_text: bool,
    title: str | None,
    key_file: Path | None,
    new_key: bool,
    force: bool,
    root: Path,
    as_json: bool,
) -> None:
    """Write the archive, or a part of it, as one file: WACZ, WARC, WET (clean text) or CDXJ (index).

    Records are copied byte for byte. What a takedown withdrew is never exported.

    \b
    Examples:
        pressmark export wacz --site example.org --since 2026-01-01
        pressmark export warc --article 3 -o evidence.warc.gz
        pressmark export wacz --sign me.pem --new-key
        pressmark export cdxj -o - | head
    """
    if new_key and key_file is None:
        raise click.UsageError("--new-key says how --sign gets its key: name the file with --sign KEY.pem.")
    if key_file is not None and format != "wacz":
        raise click.UsageError("Only a WACZ can be signed: `pressmark export wacz --sign KEY.pem`.")
    target = output or Path(export_name(root, format))
    if key_file is not None and key_file.absolute() == target.absolute():
        raise click.UsageError(f"{target} cannot be both the key and the WACZ: choose another --output.")
    selection = Selection(sites=sites, since=since, until=until, articles=articles)
    maker = Maker(
        software=software(),
        at=now(),
        record_id=f"<urn:uuid:{uuid.uuid4()}>",
        title=title or root.resolve().name,
    )
    with _written(target, force) as file, _key(key_file, new_key) as key, _bar() as advance:
        done = export(
            root, format, file, target.name, selection, maker,
            all_versions=all_versions, with_text=with_text, key=key, progress=advance,
        )  # fmt: skip
    if str(target) == "-":
        return
    if as_json:
        out.print_json(json.dumps({"file": str(target), **msgspec.to_builtins(done)}))
        return
    what = "lines" if format == "cdxj" else "records"
    listed = f", {done.articles:,} articles listed" if format == "wacz" else ""
    out.print(f"{target}: {done.records:,} {what}{listed}, {done.size:,} bytes.", soft_wrap=True)
    if format == "wacz":
        out.print(
            "[dim]Open it in replayweb.page, or with `wayback` after `wb-manager add`.[/dim]", soft_wrap=True
        )


@contextmanager
def _key(path: Path | None, new: bool) -> Iterator[Key | None]:
    """The key to sign with; a new one does not outlive an export that comes to nothing."""
    if path is None:
        yield None
        return
    key = make_key(path) if new else load_key(path)
    try:
        yield key
    except BaseException:
        if new:
            path.unlink(missing_ok=True)
        raise


@contextmanager
def _written(target: Path, force: bool) -> Iterator[IO[bytes]]:
    """A file that gets its name when it is whole. Raises UsageError where it cannot be written."""
    if str(target) == "-":
        yield sys.stdout.buffer
        return
    if target.exists() and not force:
        raise click.UsageError(f"{target} is there already: choose another with --output, or give --force.")
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise click.UsageError(
            f"{target} cannot be written ({error.strerror}): choose another file."
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield cast(IO[bytes], file)
            put_in_place(file, temporary, target)
    except OSError as error:
        raise click.UsageError(
            f"{target} could not be written ({error.strerror or error}): free space, or choose another."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn("[bold]exporting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("exporting", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

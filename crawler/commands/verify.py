"""`pressmark verify`: whether an archive, or any WARC file, is what it claims."""

from __future__ import annotations

import json
import zipfile
from itertools import groupby
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from archive.exporting import signature_of
from archive.verify import Fault, Report, size_of, verify, verify_files
from crawler.commands.console import NARROW, archive_option, byte_progress, json_option, out
from crawler.commands.plain import printable

#: What WARC and ARC files are called; of a folder these are read.
SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".arc.zst", ".wacz")
#: Of each check so many faults are shown; `--json` has more.
SHOWN = 20


@click.command("verify", epilog="Exit code: 0 sound, 1 faults found, 2 wrong usage.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@archive_option
@json_option
def command(files: tuple[Path, ...], root: Path, as_json: bool) -> None:
    """Check the archive, or WARC, ARC and WACZ FILES of any maker: every byte is read, nothing is changed.

    \b
    Examples:
        pressmark verify
        pressmark verify --archive old-archive --json
        pressmark verify crawl-2023.warc.gz more-warcs/ evidence.wacz
    """
    paths = _warcs(files)
    total = sum(path.stat().st_size for path in paths) if files else size_of(root)
    with byte_progress("reading", total) as (on_bytes, on_check):
        if files:
            report = verify_files(paths, on_bytes=on_bytes)
        else:
            report = verify(root, on_bytes=on_bytes, on_check=on_check)
    signatures = {str(path): said for path in paths if (said := _signature(path))}
    if as_json:
        told = {"signatures": signatures} if signatures else {}
        out.print_json(json.dumps({**json.loads(report.to_json()), **told}))
    else:
        _print(report)
        for name, said in signatures.items():
            out.print(Text(printable(f"{name}: {said}")), soft_wrap=True)
    raise SystemExit(0 if report.sound else 1)


def _warcs(files: tuple[Path, ...]) -> list[Path]:
    """The files that were named, and those below folders."""
    found: list[Path] = []
    for path in files:
        if not path.is_dir():
            found.append(path)
            continue
        below = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file())
        if not below:
            raise click.UsageError(
                f"There is no WARC, ARC or WACZ file in {printable(str(path))}; check the path."
            )
        found += below
    return found


def _signature(path: Path) -> str | None:
    return signature_of(path) if zipfile.is_zipfile(path) else None


def _print(report: Report) -> None:
    if out.width < NARROW:
        for check in report.checks:
            out.print(f"{check.name}: {check.checked:,} checked, {check.faults:,} faults", soft_wrap=True)
    else:
        table = Table(title="What was checked", title_justify="left")
        table.add_column("check")
        table.add_column("promise")
        table.add_column("checked", justify="right")
        table.add_column("faults", justify="right")
        for check in report.checks:
            style = "red" if check.faults else ""
            table.add_row(check.name, check.promise, f"{check.checked:,}", f"{check.faults:,}", style=style)
        out.print(table)
    for check in report.checks:
        told = [fault for fault in report.faults if fault.check == check.name][:SHOWN]
        _print_faults(told)
        if check.faults > len(told):
            out.print(
                f"… and {check.faults - len(told):,} more of {check.name} (more with --json)", soft_wrap=True
            )
    faults = sum(check.faults for check in report.checks)
    verdict = "sound" if report.sound else f"{faults:,} fault{'s' * (faults > 1)}"
    files = f"{report.files:,} file{'s' * (report.files != 1)}"
    out.print(
        f"{verdict}: {files}, {report.records:,} records, {report.bytes:,} bytes read",
        style="green" if report.sound else "red",
        soft_wrap=True,
    )


def _print_faults(faults: list[Fault]) -> None:
    for advice, group in groupby(faults, key=lambda fault: fault.advice):
        for fault in group:
            out.print(Text(printable(fault.sentence), style="red"), soft_wrap=True)
        out.print(Text(f"  try: {advice}", style="dim"), soft_wrap=True)

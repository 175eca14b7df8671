"""The four exports: which records, into which file. Written beside and renamed: whole, or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from archive import cdxj, records
from archive.catalogue import connect_read_only
from archive.errors import ArchiveError
from archive.exporting.gathering import Gathered, Place, SortedLines, with_requests
from archive.exporting.selection import Selection, derived_places, pages, raw_places
from archive.exporting.signing import Key
from archive.exporting.wacz import Wacz
from archive.index import CaptureIndex
from archive.values import Value
from archive.warcfiles import sync_folder

DATABASE = "articles.db"

Format = Literal["wacz", "warc", "wet", "cdxj"]
#: Each format, and how the names of its files end.
FORMATS: dict[Format, str] = {"wacz": ".wacz", "warc": ".warc.gz", "wet": ".warc.wet.gz", "cdxj": ".cdxj"}

#: Called with records done and records in all.
Progress = Callable[[int, int], None]


class Exported(Value, frozen=True, kw_only=True):
    """What an export holds: records copied (lines, of an index), articles listed (of a WACZ), bytes."""

    records: int
    articles: int
    size: int


class Maker(Value, frozen=True, kw_only=True):
    """Who exports, when, and what it is to be called."""

    software: str
    at: datetime
    record_id: str
    title: str


def export_name(root: Path, format: Format) -> str:
    """The name of an export that the user gave none."""
    return (root.resolve().name or "news-archive") + FORMATS[format]


def put_in_place(file: IO[bytes], temporary: Path, target: Path) -> None:
    """Give `file`, which is called `temporary`, its name when it is on disk; the name survives a power loss.

    Raises OSError.
    """
    file.flush()
    os.fsync(file.fileno())
    temporary.replace(target)
    sync_folder(target.parent)


def export(
    root: Path,
    format: Format,
    out: IO[bytes],
    name: str,
    selection: Selection,
    maker: Maker,
    *,
    all_versions: bool = False,
    with_text: bool = False,
    key: Key | None = None,
    progress: Progress = lambda done, total: None,
) -> Exported:
    """Write the selected part of the archive at `root` to `out`, whose file is called `name`.

    `out` may be a pipe. Raises ArchiveError where there is no archive, where nothing is selected, or where a
    record, or of `cdxj` the index, cannot be read.
    """
    if not (root / DATABASE).is_file():
        raise ArchiveError(f"There is no archive in {root}: name one with --archive.")
    db = connect_read_only(root / DATABASE)
    try:
        places = (
            derived_places(db, selection, all_versions=all_versions)
            if format == "wet"
            else raw_places(db, selection)
        )
        if not places:
            raise ArchiveError(f"Nothing in {root} fits ({selection.words()}): there is nothing to export.")
        if format == "cdxj":
            return _index(root, places, out, selection)
        if format == "wacz":
            return _wacz(root, db, out, places, selection, maker, with_text, key, progress)
        gathered = _gather(root, places, out, name, selection, maker, progress)
        return Exported(records=gathered.records, articles=0, size=gathered.size)
    finally:
        db.close()


def _gather(
    root: Path,
    places: list[Place],
    out: IO[bytes],
    name: str,
    selection: Selection,
    maker: Maker,
    progress: Progress,
    lines: SortedLines | None = None,
) -> Gathered:
    first = records.warcinfo(
        maker.record_id,
        maker.at,
        name,
        {
            "software": maker.software,
            "format": "WARC File Format 1.1",
            "conformsTo": records.CONFORMS_TO,
            "isPartOf": root.resolve().name,
            "description": f"exported: {selection.words()}",
        },
    )
    gathered = Gathered(out, name, first, lines)
    for done, (member, record) in enumerate(with_requests(root, places), start=1):
        gathered.add(member, record)
        progress(done, len(places))
    return gathered


_REMADE = "the next command that writes to the archive makes it again from the WARC files"


def _stands_in(places: list[Place], file: str, offset: int) -> bool:
    """Whether the sorted `places` have one that begins there."""
    at = bisect_left(places, (file, offset, 0))
    return at < len(places) and places[at][:2] == (file, offset)


def _index(root: Path, places: list[Place], out: IO[bytes], selection: Selection) -> Exported:
    """The lines of the archive's index, with bare file names as other tools expect them."""
    index = CaptureIndex(root)
    if not index.is_whole():
        raise ArchiveError(f"The index of {root} is gone or not whole: {_REMADE}.")
    count = size = 0
    for line in index.lines():
        try:
            file, offset, _ = cdxj.place_of(line)
        except ValueError as error:
            raise ArchiveError(
                f"The index of {root} has a line that cannot be read: delete the folder `indexes`; {_REMADE}."
            ) from error
        if selection.is_all or _stands_in(places, file, offset):
            told = cdxj.renamed(line, file.rsplit("/", 1)[-1])
            out.write(told)
            count, size = count + 1, size + len(told)
    return Exported(records=count, articles=0, size=size)


def _wacz(
    root: Path,
    db: sqlite3.Connection,
    out: IO[bytes],
    places: list[Place],
    selection: Selection,
    maker: Maker,
    with_text: bool,
    key: Key | None,
    progress: Progress,
) -> Exported:
    name = (root.resolve().name or "news-archive") + FORMATS["warc"]
    with contextlib.ExitStack() as spools:
        # A zip is written back and forth, which a pipe does not let it be.
        spool = out if out.seekable() else spools.enter_context(tempfile.TemporaryFile())
        start = spool.tell()
        lines = spools.enter_context(contextlib.closing(SortedLines()))
        with tempfile.TemporaryFile() as warc:
            gathered = _gather(root, places, warc, name, selection, maker, progress, lines)
            warc.seek(0)
            wacz = Wacz(spool, maker.at)
            wacz.add_file(f"archive/{name}", warc)
        wacz.add_index(lines)
        listed = wacz.add_pages(pages(db, selection), with_text=with_text)
        wacz.finish(
            title=maker.title,
            description=f"Exported from {root.resolve().name}: {selection.words()}.",
            software=maker.software,
            key=key,
        )
        size = spool.tell() - start
        if spool is not out:
            spool.seek(0)
            shutil.copyfileobj(spool, out, 1 << 20)
    return Exported(records=gathered.records, articles=listed, size=size)

"""What is told of WARC files beside the rows of their records: the capture index, and which bytes a file has.

Told after the records are on disk and their rows committed; whatever a crash leaves untold is read from the
files themselves when the archive is next opened.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from archive import cdxj, failpoints, file_rows, manifest, rows
from archive.index import CaptureIndex, lines_of_file
from archive.records import RecordBytes
from archive.values import RecordRef
from archive.warcfiles import FinishedFile, finished, sync_folder, warc_files

#: The copy of a file that is to take the file's place, once the rows know its offsets.
REWRITTEN = ".rewritten"


class Register:
    """Keeps `indexes/`, the table `warc_files` and `manifests/` for the one writer of an archive."""

    def __init__(
        self, root: Path, db: sqlite3.Connection, index: CaptureIndex, clock: Callable[[], datetime]
    ) -> None:
        self._root = root
        self._db = db
        self._index = index
        self._clock = clock
        self._lines: list[bytes] = []
        self._files: list[FinishedFile] = []
        self._open: tuple[str, str] | None = None
        self.run_id: int | None = None

    def appended(self, record: RecordBytes, ref: RecordRef) -> None:
        """A record was appended to its file."""
        line = cdxj.line_of(record.data, ref)
        if line is not None:
            self._lines.append(line)

    def forget(self) -> None:
        """Records were taken back before they were written down."""
        self._lines.clear()

    def finished(self, file: FinishedFile) -> None:
        """A file got its final name."""
        self._files.append(file)

    def write(self, open_file: tuple[str, str] | None) -> None:
        """Write down what was told, the file in which records now go included."""
        self._index.add(self._lines)
        self._lines.clear()
        if open_file != self._open:
            self._index.tell_open([open_file] if open_file else [])
            self._open = open_file
        if self._files:
            failpoints.reached("before-register")
            with rows.transaction(self._db):
                file_rows.write_files(self._db, self._files, self._clock(), self.run_id)
            self._files.clear()

    def close(self) -> None:
        """Write the manifest of the files that none tells of yet."""
        files = file_rows.files_to_tell(self._db)
        if files:
            run = rows.run_of(self._db, self.run_id) if self.run_id is not None else {}
            path = manifest.write(self._root, files, self._clock(), run)
            with rows.transaction(self._db):
                file_rows.told(self._db, path.name)

    def catch_up(self, recovered: Sequence[str]) -> None:
        """Tell of the files that were finished and not told of: before a crash, or by an older pressmark."""
        known = file_rows.known_files(self._db) - set(recovered)
        files = {
            path.relative_to(self._root).as_posix(): path
            for folder in ("warc", "wet")
            for path in warc_files(self._root, folder, unfinished=False)
        }
        self._index.tell_open([])
        anew = not self._index.is_whole()  # new, thrown away, or broken
        if anew:
            known = {name for name in known if name.startswith("wet/")}
        untold = {name: path for name, path in files.items() if name not in known}
        if not anew:
            gone = {name for name in recovered if name not in files}  # nothing was in it
            self._index.forget_files(gone | {name for name in untold if name.startswith("warc/")})
        elif untold:
            self._index.begin_anew()
        for name, path in untold.items():
            if name.startswith("warc/"):
                withdrawn = file_rows.withdrawn_in(self._db, name)
                lines = lines_of_file(path, name)
                self._index.add(line for line in lines if cdxj.place_of(line)[1] not in withdrawn)
            self._files.append(finished(self._root, name))
        if anew and untold:
            self._index.made()
        self.write(None)

    def finish_rewriting(self) -> None:
        """Let shorter copies take the place of their files, where the rows know them already."""
        due = file_rows.files_being_rewritten(self._db)
        for name in due:
            path = self._root / name
            copy = path.with_name(path.name + REWRITTEN)
            if copy.exists():
                os.replace(copy, path)
                sync_folder(path.parent)
            failpoints.reached("rewritten")
            if name.startswith("warc/"):
                self._index.replace_file(name, lines_of_file(path, name))
            now = finished(self._root, name)
            with rows.transaction(self._db):
                file_rows.write_files(self._db, [now], self._clock(), self.run_id)
                file_rows.rewriting_done(self._db, name)
        for folder in ("warc", "wet"):  # a copy that no row knows: the crash came before them
            for stray in (self._root / folder).glob(f"*/*/*{REWRITTEN}"):
                stray.unlink()

"""The index of an archive's captures on disk: `indexes/NNNNNN.cdxj`, kept current while records are written.

Each batch of records becomes a small sorted file; a file that is not much larger than the one after it is
merged with it, so that there are few of them and each line is written a few times only (a log-structured
merge, O'Neil et al. 1996). A crash leaves at worst a line twice, which the next merge folds. All of it is
made again from the WARC files when the archive is next opened for writing without an index, or with one that
is marked (`indexes/remake`), since a line of it could not be read or its making was cut short.

`indexes/paths.tsv` names the file that is still being written: its lines carry the name it will have.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from archive import cdxj
from archive.members import Member, members
from archive.values import RecordRef
from archive.warcfiles import sync_folder

FOLDER = "indexes"
PATHS = "paths.tsv"
#: Says that the index is not whole and is to be made again.
REMAKE = "remake"

#: A file is merged with the one after it unless it is this many times as large.
_GROWTH = 3
#: Bisection ends, and reading begins, this near to a line.
_NEAR = 4096


class CaptureIndex:
    """The index of the archive at `root`; one writer at a time, which holds the archive's lock."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / FOLDER

    def add(self, lines: Iterable[bytes]) -> None:
        """Put lines into the index; in any order."""
        new = sorted(set(lines))
        if not new:
            return
        self._write(new, _number(self._files()[-1:]) + 1)
        self._merge()

    def lines(self, start: bytes = b"", end: bytes | None = None) -> Iterator[bytes]:
        """Every line from `start` up to before `end`, in order, each once."""
        for line, _ in groupby(heapq.merge(*(_read(path, start) for path in self._files()))):
            if end is not None and line >= end:
                return
            yield line

    def change(self, edit: Callable[[bytes], bytes | None]) -> int:
        """Rewrite what `edit` changes (None: the line goes); how many lines that were.

        `edit` is asked twice of a line, and raises ValueError for one that cannot be read: that one goes too,
        and the index is made again when the archive is next opened. Each file is replaced at once: a reader
        sees it before or after. Held in memory are only the lines that come out changed.
        """
        changed = 0
        unreadable = False

        def edited(line: bytes) -> bytes | None:
            nonlocal unreadable
            try:
                return edit(line)
            except ValueError:
                unreadable = True
                return None

        for path in self._files():
            here, moved = 0, set[bytes]()
            for line in _read(path):
                new = edited(line)
                if new != line:
                    here += 1
                    moved |= {new} if new is not None else set()
            if unreadable:
                self._mark()
            if here:
                kept = (line for line in _read(path) if edited(line) == line)
                self._write((line for line, _ in groupby(heapq.merge(kept, sorted(moved)))), _number([path]))
                changed += here
        return changed

    def replace_file(self, name: str, lines: Iterable[bytes]) -> None:
        """Say anew which captures the WARC file `name` holds."""
        self.forget_files({name})
        self.add(lines)

    def forget_files(self, names: Collection[str]) -> None:
        """Drop the lines of the WARC files `names`, in one pass over the index."""
        if names:
            self.change(lambda line: None if cdxj.place_of(line)[0] in names else line)

    def tell_open(self, names: Iterable[tuple[str, str]]) -> None:
        """Say where the files that are still being written stand: pairs of final name and present name."""
        told = "".join(f"{name}\t./{name}\t./{present}\n" for name, present in sorted(names))
        path = self._folder / PATHS
        if path.exists() or told:
            self._folder.mkdir(exist_ok=True)
            _replace(path, [told.encode()])

    def begin_anew(self) -> None:
        """Forget everything, to be told anew; `is_whole` is False until `made` is called."""
        self._mark()
        for path in self._files():
            path.unlink()

    def made(self) -> None:
        """Everything was told anew."""
        (self._folder / REMAKE).unlink(missing_ok=True)

    def is_whole(self) -> bool:
        """Whether there is an index, and nothing says that it must be made again."""
        return bool(self._files()) and not (self._folder / REMAKE).exists()

    def _mark(self) -> None:
        self._folder.mkdir(exist_ok=True)
        (self._folder / REMAKE).touch()
        sync_folder(self._folder)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.cdxj"))

    def _write(self, lines: Iterable[bytes], number: int) -> None:
        self._folder.mkdir(exist_ok=True)
        _replace(self._folder / f"{number:06d}.cdxj", lines)

    def _merge(self) -> None:
        files = self._files()
        while len(files) > 1 and files[-2].stat().st_size < _GROWTH * files[-1].stat().st_size:
            one, other = files[-2:]
            merged = (line for line, _ in groupby(heapq.merge(_read(one), _read(other))))
            # The later name: a crash between the two steps leaves the earlier file's lines twice, not lost.
            self._write(merged, _number([other]))
            one.unlink()
            files = self._files()


def lines_of_file(path: Path, name: str) -> list[bytes]:
    """The index lines of a WARC file of ours, read from the file itself; damaged members are passed over."""
    found = []
    with open(path, "rb") as file:
        for member in members(file):
            if isinstance(member, Member):
                ref = RecordRef(file=name, offset=member.offset, length=member.length, record_id="")
                line = cdxj.line_of(member.data, ref)
                if line is not None:
                    found.append(line)
    return found


def _read(path: Path, start: bytes = b"") -> Iterator[bytes]:
    """The lines of a sorted file from `start` on, found by bisection."""
    with open(path, "rb") as file:
        # `low` is always where a line begins.
        low, high = 0, os.fstat(file.fileno()).st_size if start else 0
        while high - low > _NEAR:
            middle = (low + high) // 2
            file.seek(middle)
            file.readline()
            begins = file.tell()
            line = file.readline()
            if line and line < start:
                low = begins
            else:
                high = middle
        file.seek(low)
        # A line without its end was cut short; merged with others it would spoil the one behind it.
        yield from (line for line in file if line >= start and line.endswith(b"\n"))


def _number(files: list[Path]) -> int:
    return int(files[0].stem) if files else 0


def _replace(path: Path, lines: Iterable[bytes]) -> None:
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)

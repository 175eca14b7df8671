"""Appending to WARC files: names, the `.open` suffix, whole records or nothing, and what is safe on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archive import failpoints
from archive.errors import NotStored
from archive.members import Member, compress, members
from archive.records import RecordBytes
from archive.values import RecordRef, Value

OPEN_SUFFIX = ".open"
_CHUNK = 1 << 20
#: About 1 GB a file (docs/warc.md); the file in which a batch ends may be a batch longer.
MAX_FILE_BYTES = 1_000_000_000


class FinishedFile(Value, frozen=True, kw_only=True):
    """A WARC file that nothing is written to any more: its name under the root, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


class WarcSeries:
    """One series of files in `root`/`folder`, written record by record, one file at a time.

    A file is made when its first record comes, is named `….open` while it is written and loses that
    suffix in `close`. An append stands on disk whole or not at all: after an error the file is cut back.

    Each append is handed to the kernel at once, so nothing is lost with the process; `sync` makes it survive
    the machine. After an error that leaves open what is on the disk (a failed sync, a file that could not be
    cut back) every method raises: the next opening of the archive looks, and recovers.
    """

    def __init__(
        self,
        root: Path,
        folder: str,
        suffix: str,
        *,
        prefix: str,
        host: str,
        clock: Callable[[], datetime],
        first_record: Callable[[str], RecordBytes],
        failpoint: str,
        on_append: Callable[[RecordBytes, RecordRef], None] = lambda record, ref: None,
        on_close: Callable[[FinishedFile], None] = lambda file: None,
    ) -> None:
        self._root = root
        self._folder = folder
        self._suffix = suffix
        self._prefix = prefix
        self._host = re.sub(r"[^A-Za-z0-9.]", "_", host) or "localhost"
        self._clock = clock
        self._first_record = first_record
        self._failpoint = failpoint
        self._on_append = on_append
        self._on_close = on_close
        self._sha256 = hashlib.sha256()
        self._serial = 0
        self._file: str | None = None
        self._fd = -1
        self.size = 0
        self._synced = 0
        self._trouble: NotStored | None = None

    def append(self, records: Sequence[RecordBytes]) -> list[RecordRef]:
        """Write `records` after one another in one go; where each now stands."""
        self._require_no_trouble()
        if self._file is None:
            self._start()
        assert self._file is not None
        members = [compress(record.data) for record in records]
        at = self.size
        refs = []
        for record, member in zip(records, members, strict=True):
            refs.append(
                RecordRef(
                    file=self._file,
                    offset=at,
                    length=len(member),
                    record_id=record.record_id,
                    payload_digest=record.payload_digest,
                )
            )
            at += len(member)
        self._write(b"".join(members))
        failpoints.reached(f"{self._failpoint}-written")
        for record, ref in zip(records, refs, strict=True):
            self._on_append(record, ref)
        return refs

    def rewind(self, size: int) -> None:
        """Take back what was appended behind `size`; nothing may point to it. Harmless between files."""
        if self._file is None or self.size <= size:
            return
        with open(self._root / (self._file + OPEN_SUFFIX), "rb") as file:
            if not size:  # the file was begun meanwhile: its warcinfo stays
                first = next(members(file), None)
                size = first.length if isinstance(first, Member) else 0
            file.seek(0)
            self._sha256 = hashlib.sha256(file.read(size))
        os.ftruncate(self._fd, size)
        os.lseek(self._fd, size, os.SEEK_SET)
        self.size = size
        self._synced = min(self._synced, size)

    def sync(self) -> None:
        """Have what was appended survive a power loss."""
        self._require_no_trouble()
        if self._file is None or self._synced == self.size:
            return
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            # Asked again, the kernel may say that all is well: it tells of lost pages once (fsync(2)).
            self._trouble = NotStored(self._file, error)
            raise self._trouble from error
        self._synced = self.size

    def _require_no_trouble(self) -> None:
        if self._trouble is not None:
            raise self._trouble

    def close(self) -> None:
        """Finish the file: synced, renamed, its name in the folder synced as well."""
        if self._file is None:
            return
        self.sync()
        failpoints.reached("before-rename")
        final = self._root / self._file
        try:
            os.rename(final.with_name(final.name + OPEN_SUFFIX), final)
            sync_folder(final.parent)
        except OSError as error:
            self._trouble = NotStored(self._file, error)
            raise self._trouble from error
        done = FinishedFile(name=self._file, size=self.size, sha256=self._sha256.hexdigest())
        self.abandon()
        self._on_close(done)

    def abandon(self) -> None:
        """Let go of the file as it is; the next opening of the archive recovers it."""
        if self._fd >= 0:
            os.close(self._fd)
        self._file, self._fd, self.size, self._synced = None, -1, 0, 0

    def _start(self) -> None:
        now = self._clock()
        folder = self._root / self._folder / f"{now:%Y}" / f"{now:%m}"
        try:
            _make_folder(folder, self._root)
        except OSError as error:
            raise NotStored(str(folder), error) from error
        while True:
            name = f"{self._prefix}-{now:%Y%m%d%H%M%S}-{self._serial:05d}-{self._host}{self._suffix}"
            self._serial += 1
            if not (folder / name).exists() and not (folder / (name + OPEN_SUFFIX)).exists():
                break
        path = folder / (name + OPEN_SUFFIX)
        try:
            # O_EXCL: a name is never taken twice, so nothing is ever appended after a torn tail.
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise NotStored(str(path), error) from error
        self._file = (folder / name).relative_to(self._root).as_posix()
        self.size = 0
        self._sha256 = hashlib.sha256()
        try:
            self._write(compress(self._first_record(name).data))
            sync_folder(folder)
        except OSError as error:
            self._take_back(path)
            raise NotStored(str(path), error) from error
        except NotStored:
            self._take_back(path)
            raise

    def _take_back(self, path: Path) -> None:
        """A file could not be begun: there is to be none, or records would follow that lack its warcinfo."""
        self.abandon()
        with contextlib.suppress(OSError):
            path.unlink()

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        before = self.size
        if failpoints.due(f"{self._failpoint}-torn"):
            os.write(self._fd, data[: len(data) // 2])
            failpoints.die()
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            told = NotStored(self._file, error)  # the first error is the one to tell
            try:
                os.ftruncate(self._fd, before)
                os.lseek(self._fd, before, os.SEEK_SET)
            except OSError:
                self._trouble = told
            raise told from error
        self.size = before + len(data)
        self._sha256.update(data)

    @property
    def open_file(self) -> tuple[str, str] | None:
        """The name that the file being written will have, and the one it has; None between files."""
        return None if self._file is None else (self._file, self._file + OPEN_SUFFIX)


def open_warc(root: Path, file: str) -> BinaryIO:
    """Open a WARC file of the archive by the name a row holds, also while it is still being written."""
    try:
        return open(root / file, "rb")
    except FileNotFoundError as error:
        try:
            return open(root / (file + OPEN_SUFFIX), "rb")
        except FileNotFoundError:
            raise error from None  # it names the file as the row does


def has_warc(root: Path, file: str) -> bool:
    """Whether a WARC file is in the archive by the name a row holds, finished or not."""
    return (root / file).exists() or (root / (file + OPEN_SUFFIX)).exists()


def warc_files(root: Path, folder: str, *, unfinished: bool) -> list[Path]:
    """The WARC files in `root`/`folder` in order of name: the finished ones, or those named `.open`."""
    pattern = "*.gz" + OPEN_SUFFIX if unfinished else "*.gz"
    return sorted((root / folder).glob(f"*/*/{pattern}"))


def finished(root: Path, name: str) -> FinishedFile:
    """Size and SHA-256 of the file `name`, read from the disk."""
    digest, size = hashlib.sha256(), 0
    with open(root / name, "rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return FinishedFile(name=name, size=size, sha256=digest.hexdigest())


def _make_folder(folder: Path, root: Path) -> None:
    """Make `folder` below `root`, and its name and those above it survive a power loss."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    while folder != root:
        folder = folder.parent
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make names in `folder` survive a power loss."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

"""Records of many files copied into one, byte for byte, with what an index must know of it."""

from __future__ import annotations

import heapq
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

from archive import cdxj
from archive.errors import ArchiveError
from archive.members import Member, compress, members
from archive.reading import parse_record
from archive.records import RecordBytes
from archive.values import RecordRef
from archive.warcfiles import open_warc

Place = tuple[str, int, int]


def with_requests(root: Path, places: Iterable[Place]) -> Iterator[tuple[bytes, bytes]]:
    """Each record at `places`, and the request that brought it: as it stands, and unpacked.

    Places of one file must follow one another. Raises ArchiveError for a record that cannot be read.
    """
    for name, of_file in itertools.groupby(places, key=lambda place: place[0]):
        try:
            with open_warc(root, name) as file:
                for _, offset, length in of_file:
                    yield from _pair(file, name, offset, length)
        except OSError as error:
            raise ArchiveError(
                f"{name} cannot be read ({error.strerror or error}): `pressmark verify` says what is missing."
            ) from error


def _pair(file: BinaryIO, name: str, offset: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    following = members(file, offset)
    first = next(following, None)
    if not isinstance(first, Member) or first.length != length:
        raise ArchiveError(
            f"{name}, byte {offset:,}: the record cannot be read: `pressmark verify` tells what is broken."
        )
    yield _raw(file, first), first.data
    second = next(following, None)
    if isinstance(second, Member) and is_request_of(second, first):
        yield _raw(file, second), second.data


def is_request_of(member: Member, answer: Member) -> bool:
    """Whether a record is the request that brought the response or revisit `answer`."""
    if b"WARC-Type: request" not in member.data[:200]:
        return False
    asked, answered = (parse_record(one.data, one.offset) for one in (member, answer))
    return asked.fields.get("warc-concurrent-to") == answered.record_id


def _raw(file: BinaryIO, member: Member) -> bytes:
    file.seek(member.offset)
    return file.read(member.length)


#: So many lines are sorted in memory; of a line of 350 bytes that is some 20 MB.
_LINES_HELD = 50_000


class SortedLines:
    """Lines sorted on disk: any number comes in, in any order, and goes out sorted, once."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._runs: list[IO[bytes]] = []

    def add(self, line: bytes) -> None:
        self._held.append(line)
        if len(self._held) >= _LINES_HELD:
            self._runs.append(tempfile.TemporaryFile())  # noqa: SIM115 - until `close`
            self._runs[-1].writelines(sorted(self._held))
            self._held.clear()

    def __iter__(self) -> Iterator[bytes]:
        for run in self._runs:
            run.seek(0)
        yield from heapq.merge(*self._runs, sorted(self._held))

    def close(self) -> None:
        """Let the disk have its room again."""
        for run in self._runs:
            run.close()
        self._runs.clear()


class Gathered:
    """A WARC file being put together in `out`; `lines` are told those of its index, under the name `name`."""

    def __init__(
        self, out: IO[bytes], name: str, first: RecordBytes, lines: SortedLines | None = None
    ) -> None:
        self._out = out
        self._lines = lines
        self._name = name
        self.size = 0
        self.records = 0
        self._write(compress(first.data))

    def add(self, member: bytes, record: bytes) -> None:
        """Append a gzip member that holds `record`."""
        if self._lines is not None:
            ref = RecordRef(file=self._name, offset=self.size, length=len(member), record_id="")
            line = cdxj.line_of(record, ref)
            if line is not None:
                self._lines.add(line)
        self._write(member)
        self.records += 1

    def _write(self, member: bytes) -> None:
        self._out.write(member)
        self.size += len(member)

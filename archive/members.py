"""Gzip members: where one WARC record begins and ends on disk, and where the next one does after damage.

Neither warcio nor gzip goes on after a damaged member; here reading takes up again at the next header.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from zlib_ng import zlib_ng

#: Start of a gzip member with the one compression method there is (RFC 1952, section 2.3.1).
MAGIC = b"\x1f\x8b\x08"
#: What a record begins with, in WARC and in ARC (its URL record line: URL, IP address, 14-digit date).
RECORD_START = re.compile(rb"WARC/\d\.\d+\r?\n|filedesc:|\w[\w+.-]*:\S* [\d.:a-fA-F]+ \d{14} ")
#: A header line, or a whole header, beyond this is no header: reading stops rather than filling memory.
MAX_HEADER_BYTES = 1 << 20

_CHUNK = 1 << 16
_DeflateError: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub says: an instance

#: A quarter of the time of zlib's level 9, warcio's choice, for members 2 % larger (decision 0007).
_LEVEL = 5
#: Where a body is judged: this many bytes at its start, in its middle and at its end.
_SAMPLE = 1024
#: What shrinks by less is packed already (gzip, brotli, JPEG, ZIP). Base64, the densest text there is,
#: shrinks to 75 %.
_SHRINKS_TO = 0.95


class DamagedMember(Exception):
    """The member at `offset` cannot be unpacked to its end; the sentence says why."""

    def __init__(self, offset: int, reason: str) -> None:
        self.offset = offset
        super().__init__(reason)


def compress(record: bytes) -> bytes:
    """`record` as one gzip member; the same bytes give the same member.

    A body that is packed already is stored in it as it is, behind the deflated head: a twentieth of the time,
    and smaller than when deflated again.
    """
    body = _body_at(record)
    deflate = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, 31)
    if not _is_packed(record, body):
        return deflate.compress(record) + deflate.flush()
    # A flushed stream ends at a whole byte, and a DEFLATE stream may go on in blocks of any kind
    # (RFC 1951, section 3.2.3): the level is changed in between, which zlib's deflateParams would do.
    head = deflate.compress(record[:body]) + deflate.flush(zlib_ng.Z_SYNC_FLUSH)
    stored = zlib_ng.compressobj(0, zlib_ng.DEFLATED, -15)
    trailer = struct.pack("<LL", zlib_ng.crc32(record), len(record) & 0xFFFFFFFF)
    return head + stored.compress(memoryview(record)[body:]) + stored.flush() + trailer


def _body_at(record: bytes) -> int:
    """Where the body begins behind a record's head and, where there is one, the HTTP head."""
    block = record.find(b"\r\n\r\n") + 4
    if record.startswith(b"HTTP/", block):
        block = record.find(b"\r\n\r\n", block) + 4
    return block


def _is_packed(record: bytes, body: int) -> bool:
    """Whether deflating what begins at `body` would be in vain: tried out, since headers are often wrong."""
    size = len(record) - body
    if size < 3 * _SAMPLE:
        return False
    middle = body + size // 2
    samples = record[body : body + _SAMPLE] + record[middle : middle + _SAMPLE] + record[-_SAMPLE:]
    return len(zlib_ng.compress(samples, 1)) > _SHRINKS_TO * len(samples)


class Lines:
    """A byte stream with `read`, `readline` and `tell` that holds one piece of its source at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._told = 0
        self._header_left = MAX_HEADER_BYTES

    def _more(self) -> bytes:
        """The next piece, or b"" at the end."""
        raise NotImplementedError

    def _fill(self) -> bool:
        if self._at < len(self._buffer):
            return True
        self._buffer, self._at = self._more(), 0
        return bool(self._buffer)

    def tell(self) -> int:
        """Bytes given out so far."""
        return self._told

    def begin_header(self) -> None:
        """A record starts: its header may again have MAX_HEADER_BYTES."""
        self._header_left = MAX_HEADER_BYTES

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        pieces: list[bytes] = []
        while size > 0 and self._fill():
            piece = self._buffer[self._at : self._at + size]
            self._at += len(piece)
            self._told += len(piece)
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = None) -> bytes:
        """One line of a header. Raises ValueError when the header is longer than MAX_HEADER_BYTES."""
        pieces: list[bytes] = []
        while self._fill():
            end = self._buffer.find(b"\n", self._at) + 1 or len(self._buffer)
            piece = self._buffer[self._at : end]
            self._at = end
            self._told += len(piece)
            self._header_left -= len(piece)
            if self._header_left < 0:
                raise ValueError(f"its header is longer than {MAX_HEADER_BYTES:,} bytes")
            pieces.append(piece)
            if piece.endswith(b"\n"):
                break
        return b"".join(pieces)

    def skip(self, size: int) -> int:
        """Pass over `size` bytes without holding them; returns how many there were."""
        skipped = 0
        while skipped < size and (piece := self.read(min(_CHUNK, size - skipped))):
            skipped += len(piece)
        return skipped

    def skip_to_end(self) -> None:
        """Pass over everything that is left."""
        while self.read(_CHUNK):
            pass


class MemberStream(Lines):
    """The unpacked bytes of the gzip member at `offset` of a seekable file.

    `end` is the offset behind the member, once read to its end. Raises DamagedMember at damage.
    """

    def __init__(self, file: BinaryIO, offset: int) -> None:
        super().__init__()
        self._file = file
        self._offset = offset
        self._position = offset
        self._inflate = zlib_ng.decompressobj(31)
        self._pending = b""

    @property
    def end(self) -> int:
        assert self._inflate.eof
        return self._position - len(self._inflate.unused_data)

    def _more(self) -> bytes:
        while not self._inflate.eof:
            if not self._pending:
                self._file.seek(self._position)
                self._pending = self._file.read(_CHUNK)
                self._position += len(self._pending)
                if not self._pending:
                    raise DamagedMember(self._offset, "breaks off in the middle")
            try:
                piece = self._inflate.decompress(self._pending, _CHUNK)
            except _DeflateError as error:
                raise DamagedMember(self._offset, f"cannot be unpacked ({error})") from None
            self._pending = self._inflate.unconsumed_tail
            if piece:
                return piece
        return b""

    def read_all(self) -> bytes:
        """The whole member (of a file of ours: records of others have no bound)."""
        pieces = []
        while piece := self.read(_CHUNK):
            pieces.append(piece)
        return b"".join(pieces)


class BytesStream(Lines):
    """The bytes of a member that is unpacked already."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._buffer = data

    def _more(self) -> bytes:
        return b""


class PlainStream(Lines):
    """The bytes of an uncompressed file from `offset` on."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        super().__init__()
        file.seek(offset)
        self._file = file
        self._told = offset

    def _more(self) -> bytes:
        return self._file.read(_CHUNK)


class Member(msgspec.Struct, frozen=True):
    """A whole gzip member: its place in the file and its unpacked bytes."""

    offset: int
    length: int
    data: bytes


def members(file: BinaryIO, start: int = 0) -> Iterator[Member | DamagedMember]:
    """Every member from `start` on, whole in memory (for files of our own), damage as it is met."""
    offset = start
    while _has_byte(file, offset):
        stream = MemberStream(file, offset)
        try:
            data = stream.read_all()
        except DamagedMember as damage:
            yield damage
            following = next_member(file, offset + 1)
            if following is None:
                return
            offset = following
            continue
        yield Member(offset, stream.end - offset, data)
        offset = stream.end


def _has_byte(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    return bool(file.read(1))


def next_member(file: BinaryIO, start: int) -> int | None:
    """The offset of the first member at or after `start` that begins with a record, or None."""
    for at in positions(file, MAGIC, start):
        file.seek(at)
        try:
            beginning = zlib_ng.decompressobj(31).decompress(file.read(4096), 512)
        except _DeflateError:
            continue  # the three bytes stand inside other data
        if RECORD_START.match(beginning):
            return at
    return None


def positions(file: BinaryIO, needle: bytes, start: int) -> Iterator[int]:
    """Every offset at or after `start` where `needle` stands."""
    at = start
    while True:
        file.seek(at)
        window = file.read(_CHUNK * 16)
        found = window.find(needle)
        while found >= 0:
            yield at + found
            found = window.find(needle, found + 1)
        if len(window) < _CHUNK * 16:
            return
        at += len(window) - len(needle) + 1

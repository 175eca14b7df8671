"""Gzip members and zstd frames: where one record begins and ends on disk, and the next one after damage.

Neither warcio nor gzip goes on after a damaged member; here reading takes up again at the next header.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO, cast

import msgspec
import zstandard
from zlib_ng import zlib_ng

from archive.payload import DeflateError

#: Start of a gzip member with the one compression method there is (RFC 1952, section 2.3.1).
MAGIC = b"\x1f\x8b\x08"
#: Start of a zstd frame, and of the skippable one that holds a file's dictionary (RFC 8878, section 3.1;
#: IIPC's draft on Zstandard compression of WARC files, section 3).
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
#: Dictionaries in use have some 100 KB to 1 MB.
MAX_DICTIONARY = 1 << 24
#: What `zstd -d` takes without further options; it is what one open frame may hold in memory.
_ZSTD_WINDOW = 1 << 27
#: What a record begins with, in WARC and in ARC (its URL record line: URL, IP address, 14-digit date).
RECORD_START = re.compile(rb"WARC/\d\.\d+\r?\n|filedesc:|\w[\w+.-]*:[^\n]{0,4000}? [\d.:a-fA-F]+ \d{14} ")
_RECORD_LINE = re.compile(rb"\n(?:" + RECORD_START.pattern + rb")")
#: A header line, or a whole header, beyond this is no header: reading stops rather than filling memory.
MAX_HEADER_BYTES = 1 << 20

_CHUNK = 1 << 16
#: What is held of an unpacked record at a time; most pages fit.
_PIECE = 1 << 18
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

    def read_head(self) -> list[bytes]:
        """What stands up to a blank line, which is passed over, or to the end. Raises as `readline`."""
        end = self._buffer.find(b"\r\n\r\n", self._at)
        if end >= 0:  # the whole head is at hand, as nearly always
            head = self._buffer[self._at : end]
            size = end + 4 - self._at
            if head[:2] != b"\r\n" and b"\n\n" not in head and size <= self._header_left:
                self._at += size
                self._told += size
                self._header_left -= size
                return [head]
        lines = []
        while (line := self.readline()) and line.strip():
            lines.append(line)
        return lines

    def piece(self, size: int) -> bytes:
        """Between one byte and `size`, whatever is at hand; b"" at the end."""
        if size <= 0 or not self._fill():
            return b""
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        self._told += len(piece)
        return piece

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


class PackedStream(Lines):
    """The unpacked bytes of one gzip member or zstd frame of a seekable file.

    `end` is the offset behind it, once read to its end. Raises DamagedMember at damage.
    """

    def __init__(self, file: BinaryIO, offset: int) -> None:
        super().__init__()
        self._file = file
        self._offset = offset
        self._position = offset

    @property
    def end(self) -> int:
        raise NotImplementedError

    @property
    def ahead(self) -> bytes:
        """What was read of the file behind `end`; to be handed to the opening of the next one."""
        return b""

    def read_all(self) -> bytes:
        """The whole of it (of a file of ours: records of others have no bound)."""
        pieces = []
        while piece := self.read(_CHUNK):
            pieces.append(piece)
        return b"".join(pieces)


class MemberStream(PackedStream):
    """A gzip member; `ahead` is what was read of the file from `offset` on already."""

    def __init__(self, file: BinaryIO, offset: int, ahead: bytes = b"") -> None:
        super().__init__(file, offset)
        self._inflate = zlib_ng.decompressobj(31)
        self._pending = ahead
        self._position += len(ahead)

    @property
    def end(self) -> int:
        assert self._inflate.eof
        return self._position - len(self._inflate.unused_data)

    @property
    def ahead(self) -> bytes:
        return self._inflate.unused_data

    def _more(self) -> bytes:
        while not self._inflate.eof:
            if not self._pending:
                self._file.seek(self._position)
                self._pending = self._file.read(_CHUNK)
                self._position += len(self._pending)
                if not self._pending:
                    raise DamagedMember(self._offset, "breaks off in the middle")
            try:
                piece = self._inflate.decompress(self._pending, _PIECE)
            except DeflateError as error:
                raise DamagedMember(self._offset, f"cannot be unpacked ({error})") from None
            self._pending = self._inflate.unconsumed_tail
            if piece:
                return piece
        return b""


class FrameStream(PackedStream):
    """A zstd frame, unpacked with the dictionary of its file where there is one."""

    def __init__(
        self, file: BinaryIO, offset: int, dictionary: zstandard.ZstdCompressionDict | None = None
    ) -> None:
        super().__init__(file, offset)
        self._end = frame_end(file, offset)
        unpack = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_ZSTD_WINDOW)
        source = cast(BinaryIO, Stretch(file, offset, self._end))  # `read` is all it needs
        self._reader = unpack.stream_reader(source, read_size=_CHUNK)

    @property
    def end(self) -> int:
        return self._end

    def _more(self) -> bytes:
        try:
            return self._reader.read(_CHUNK)
        except zstandard.ZstdError as error:
            raise DamagedMember(self._offset, f"cannot be unpacked ({error})") from None


class Stretch:
    """The bytes of a file between two offsets as a file of its own, wherever others seek in it meanwhile."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file, self._start, self._at, self._end = file, start, start, end

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; without it, all that are left."""
        left = max(0, self._end - self._at)
        self._file.seek(self._at)
        piece = self._file.read(left if size < 0 else min(size, left))
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file, from the stretch's start."""
        self._at = (self._start, self._at, self._end)[whence] + offset
        return self._at - self._start

    def tell(self) -> int:
        """Where `read` goes on, from the stretch's start."""
        return self._at - self._start


def frame_end(file: BinaryIO, offset: int) -> int:
    """The offset behind the zstd frame at `offset`, told by its blocks' sizes (RFC 8878, section 3.1.1).

    Raises DamagedMember where no whole frame stands there.
    """
    file.seek(offset)
    head = file.read(5)
    if len(head) < 5 or not head.startswith(ZSTD_MAGIC):
        raise DamagedMember(offset, "does not begin as a frame does" if head else "breaks off in the middle")
    flags = head[4]
    single = flags >> 5 & 1
    at = offset + 5 + (1 - single) + (0, 1, 2, 4)[flags & 3] + (single, 2, 4, 8)[flags >> 6]
    is_last = False
    while not is_last:
        file.seek(at)
        block = int.from_bytes(file.read(3).ljust(3, b"\6"), "little")
        is_last, kind, size = bool(block & 1), block >> 1 & 3, block >> 3
        if kind == 3:  # reserved; also what was put for bytes that are not there
            raise DamagedMember(offset, "is damaged or breaks off")
        at += 3 + (1 if kind == 1 else size)
    at += 4 * (flags >> 2 & 1)
    if at > file.seek(0, 2):
        raise DamagedMember(offset, "breaks off in the middle")
    return at


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


class GzipFile:
    """A file of gzip members."""

    word = "gzip member"
    #: Each member ends with a checksum of what it holds (RFC 1952, section 2.3.1).
    checked = True

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.start = 0

    def open(self, offset: int, ahead: bytes = b"") -> PackedStream:
        """The member at `offset`, of which `ahead` was read already."""
        return MemberStream(self._file, offset, ahead)

    def next(self, start: int) -> int | None:
        """The offset of the first member at or after `start` that begins with a record, or None."""
        return next_member(self._file, start)


class ZstdFile:
    """A file of zstd frames, a dictionary before them or not. Raises DamagedMember where that is damaged."""

    word = "zstd frame"
    #: A frame's checksum is optional (RFC 8878, section 3.1.1.1.1.5).
    checked = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.start, self._dictionary = _dictionary(file)

    def open(self, offset: int, ahead: bytes = b"") -> PackedStream:
        """The frame at `offset`."""
        return FrameStream(self._file, offset, self._dictionary)

    def next(self, start: int) -> int | None:
        """The offset of the first frame at or after `start` that begins with a record, or None."""
        for at in positions(self._file, ZSTD_MAGIC, start):
            try:
                beginning = self.open(at).read(4096)
            except DamagedMember:
                continue
            if RECORD_START.match(beginning):
                return at
        return None


def _dictionary(file: BinaryIO) -> tuple[int, zstandard.ZstdCompressionDict | None]:
    """Where the records' frames begin, and the dictionary that stands before them."""
    file.seek(0)
    head = file.read(8)
    if not head.startswith(DICTIONARY_MAGIC):
        return 0, None
    size = int.from_bytes(head[4:], "little")
    if size > MAX_DICTIONARY:
        raise DamagedMember(0, f"claims a dictionary of {size:,} bytes")
    data = file.read(size)
    if len(data) < size:
        raise DamagedMember(0, "breaks off in its dictionary")
    if data.startswith(ZSTD_MAGIC):
        data = FrameStream(file, 8).read(MAX_DICTIONARY + 1)
    if len(data) > MAX_DICTIONARY:
        raise DamagedMember(0, f"holds a dictionary of more than {MAX_DICTIONARY:,} bytes")
    try:
        return 8 + size, zstandard.ZstdCompressionDict(data)
    except zstandard.ZstdError as error:
        raise DamagedMember(0, f"holds a dictionary that cannot be read ({error})") from None


def members(file: BinaryIO, start: int = 0) -> Iterator[Member | DamagedMember]:
    """Every member from `start` on, whole in memory (for files of our own), damage as it is met."""
    offset = start
    ahead = b""
    while ahead or _has_byte(file, offset):
        stream = MemberStream(file, offset, ahead)
        try:
            data = stream.read_all()
        except DamagedMember as damage:
            yield damage
            following = next_member(file, offset + 1)
            if following is None:
                return
            offset, ahead = following, b""
            continue
        yield Member(offset, stream.end - offset, data)
        offset, ahead = stream.end, stream.ahead


def _has_byte(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    return bool(file.read(1))


def next_member(file: BinaryIO, start: int) -> int | None:
    """The offset of the first member at or after `start` that begins with a record, or None."""
    for at in positions(file, MAGIC, start):
        file.seek(at)
        try:
            beginning = zlib_ng.decompressobj(31).decompress(file.read(8192), 4096)
        except DeflateError:
            continue  # the three bytes stand inside other data
        if RECORD_START.match(beginning):
            return at
    return None


def is_gzip_behind(file: BinaryIO) -> bool:
    """Whether a file that begins with neither magic nor record holds gzip members further on (damage)."""
    file.seek(0)
    return RECORD_START.match(file.read(4096)) is None and next_member(file, 1) is not None


def next_record(file: BinaryIO, start: int) -> int | None:
    """The offset of the first line behind `start` of an uncompressed file that begins a record, or None."""
    at = start
    while True:
        file.seek(at)
        window = file.read(_CHUNK * 16)
        found = _RECORD_LINE.search(window)
        if found is not None:
            return at + found.start() + 1
        if len(window) < _CHUNK * 16:
            return None
        at += len(window) - _CHUNK  # a line that begins a record is shorter


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

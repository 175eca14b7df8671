"""One pass over a WARC or ARC file: every record framed, hashed and held against WARC's rules, nothing kept.

Stricter than `archive.reading`, which takes what it can get: here each byte must be where WARC has it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from archive import fields as rules
from archive import payload
from archive.digests import claimed_digest, sha1_label
from archive.faults import Fault, Tally
from archive.heads import Head, read_head
from archive.ledger import Ledger
from archive.members import (
    DICTIONARY_MAGIC,
    MAGIC,
    RECORD_START,
    ZSTD_MAGIC,
    DamagedMember,
    GzipFile,
    Lines,
    PlainStream,
    ZstdFile,
    is_gzip_behind,
    next_record,
)
from archive.reading import MAX_BLOCK
from archive.records import NOT_MODIFIED, ROLE

#: The checks that are made while a file is read, in the order of the table.
FILES, FRAMING, FIELDS, BLOCKS, PAYLOADS = "files", "framing", "fields", "block digests", "payload digests"
#: What the checks promise.
PROMISES = {
    FILES: "files are closed and end with a whole record",
    FRAMING: "records stand whole, one behind the other, nothing between",
    FIELDS: "records have the fields that WARC requires, none that it forbids",
    BLOCKS: "blocks match their digests",
    PAYLOADS: "payloads match their digests",
}

COPY = "put the file back from a copy; without one, what can be read of it stays readable"
RECOVER = "any command that writes to the archive closes it and sets the torn end aside, such as `reclean`"
CUT = "get the file again from where it came; all whole records before the cut are readable"
WRITER = "the program that wrote the file is at fault; pressmark and most readers can read the record"
CHANGED = "the record was changed after it was written: put the file back from a copy"

#: A block's HTTP head beyond this is none.
_MAX_HTTP_HEAD = 1 << 20
#: Blank space and strange bytes before a record are looked at so far.
_LOOK = 4096
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_RECORD_END = b"\r\n\r\n"


class _Seen(msgspec.Struct):
    """One record as it went by."""

    offset: int
    head: Head
    fields: dict[str, str]
    #: SHA-1 of the block; of conversions only.
    block: bytes | None = None
    #: Checks whose digest the record contradicts.
    contradicts: list[str] = msgspec.field(default_factory=list)

    @property
    def record_type(self) -> str:
        return self.fields.get("warc-type", "")

    @property
    def name(self) -> str:
        """The record, in a message."""
        what = self.fields.get("warc-target-uri") or self.fields.get("warc-record-id") or "no URI"
        return f"the {self.record_type} record of {what[:200]}"


class Scanner:
    """Reads files into a ledger and a tally."""

    def __init__(
        self,
        ledger: Ledger,
        tally: Tally,
        *,
        own: bool,
        on_bytes: Callable[[str, int], None] = lambda name, count: None,
    ) -> None:
        self._ledger = ledger
        self._tally = tally
        self._own = own
        self._on_bytes = on_bytes
        self.files = 0
        self.records = 0
        self.bytes = 0
        self._name = ""
        self._number = 0
        self._first = True
        self._unfinished = False

    def scan(self, path: Path, name: str, *, unfinished: bool = False) -> None:
        """Read the file at `path`, called `name` in rows and messages. Raises OSError."""
        self._name, self._unfinished, self._first = name, unfinished, True
        self._number = self._ledger.file(name, unfinished=unfinished)
        self.files += 1
        self._tally.looked(FILES)
        if unfinished:
            self._tally.found([self._fault(FILES, None, "was not closed", RECOVER)])
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            before = self.bytes
            self._read(file)
        self.bytes = before + size
        self._on_bytes(name, self.bytes)

    def _read(self, file: BinaryIO) -> None:
        file.seek(0)
        beginning = file.read(16)
        if not beginning:
            self._tally.found([self._fault(FILES, 0, "the file is empty", COPY)])
        elif beginning.startswith((ZSTD_MAGIC, DICTIONARY_MAGIC)):
            try:
                packed = ZstdFile(file)
            except DamagedMember as damage:
                self._tally.found([self._fault(FRAMING, 0, f"a zstd file that {damage}", COPY)])
                return
            self._packed(file, packed)
        elif _begins(beginning, MAGIC) or is_gzip_behind(file):
            self._packed(file, GzipFile(file))
        else:
            self._plain(file)

    # Packed files -----------------------------------------------------------------------------------

    def _packed(self, file: BinaryIO, packed: GzipFile | ZstdFile) -> None:
        offset: int | None = packed.start
        size = file.seek(0, 2)
        before = self.bytes
        ahead = b""
        while offset is not None and offset < size:
            seen: list[_Seen] = []
            try:
                stream = packed.open(offset, ahead)
                count, faults = self._member(stream, offset, seen, packed.word)
            except DamagedMember as damage:
                following = packed.next(offset + 1)
                self._damaged(
                    file, offset, size if following is None else following, size, packed.word, damage
                )
                offset, ahead = following, b""
                continue
            length = stream.end - offset
            self._tally.found(faults)
            self._keep(seen, length)
            if count > 1:
                reason = f"a {packed.word} holds {count:,} records: tools that read by offset find the first"
                self._tally.found([self._fault(FRAMING, offset, reason, WRITER)])
            offset, ahead = stream.end, stream.ahead
            self.bytes = before + offset
            self._on_bytes(self._name, self.bytes)

    def _member(self, stream: Lines, offset: int, seen: list[_Seen], word: str) -> tuple[int, list[Fault]]:
        """Read one member to its end. What is found counts once its checksum was seen to be right."""
        count = 0
        faults: list[Fault] = []
        for record in self._records(stream, offset):
            if isinstance(record, Fault):
                faults.append(record)
                continue
            count += 1
            seen.append(record)
            if len(seen) > 1000:  # a whole file in one member: its records are not held
                self._keep(seen, 0)
        stream.skip_to_end()
        if not count and not faults:
            faults.append(self._fault(FRAMING, offset, f"a {word} holds no record", COPY))
        return count, faults

    def _damaged(
        self, file: BinaryIO, start: int, end: int, size: int, word: str, damage: DamagedMember
    ) -> None:
        self._ledger.damage(self._number, start, end)
        self._tally.looked(FRAMING)
        self._first = False
        file.seek(start)
        beginning = file.read(_LOOK)
        passed = f"{end - start:,} bytes passed over"
        if not beginning.strip(b"\0"):
            what = f"zeros where a {word} should begin; {passed}"
            fault = self._fault(FRAMING, start, what, COPY)
        elif not _begins(beginning, MAGIC) and not _begins(beginning, ZSTD_MAGIC):
            what = f"bytes that are no {word} ({beginning[:12]!r}); {passed}"
            fault = self._fault(FRAMING, start, what, COPY)
        elif end == size and "breaks off" in str(damage):
            advice = RECOVER if self._unfinished else COPY if self._own else CUT
            what = f"the file was cut: its last {word} breaks off after {end - start:,} bytes"
            fault = self._fault(FILES, start, what, advice)
        else:
            fault = self._fault(FRAMING, start, f"a {word} {damage}: bytes were changed; {passed}", COPY)
        self._tally.found([fault])

    # Plain files ------------------------------------------------------------------------------------

    def _plain(self, file: BinaryIO) -> None:
        offset: int | None = 0
        size = file.seek(0, 2)
        before = self.bytes
        while offset is not None and offset < size:
            stream = PlainStream(file, offset)
            start = offset
            faulty = False
            for record in self._records(stream, None):
                if isinstance(record, Fault):
                    faulty = True
                    start = max(start, record.offset or 0)
                    if record.check == FRAMING and record.advice == CUT:
                        following = next_record(file, start + 1)
                        if following is None:
                            record = msgspec.structs.replace(record, check=FILES)
                    self._tally.found([record])
                else:
                    self._keep([record], stream.tell() - record.offset)
                    start = record.offset
                    self.bytes = before + stream.tell()
                    self._on_bytes(self._name, self.bytes)
            if not faulty:
                if self._first:
                    self._tally.found([self._fault(FRAMING, 0, "the file holds no record", COPY)])
                return
            offset = next_record(file, start + 1)
            self._ledger.damage(self._number, start, size if offset is None else offset)

    # Records ----------------------------------------------------------------------------------------

    def _records(self, stream: Lines, member: int | None) -> Iterator[_Seen | Fault]:
        """The records of a stream, up to a fault behind which none can be found. Raises DamagedMember."""
        go_on, is_first, is_arc = True, True, False
        while go_on:
            stream.begin_header()
            start = stream.tell() if member is None else member
            try:
                line, blank = _first_line(stream)
            except ValueError as error:
                yield self._fault(FRAMING, start, str(error), COPY)
                return
            if blank and not is_arc and (line or not is_first):
                reason = f"{blank:,} CR and LF that belong to no record"
                yield self._fault(FRAMING, start, reason, WRITER)
            if not line:
                return
            if member is None:
                start = stream.tell() - len(line)
            if RECORD_START.match(line) is None:
                yield self._fault(FRAMING, start, f"bytes that begin no record ({line[:40]!r})", COPY)
                return
            is_first, is_arc = False, not line.startswith(b"WARC/")
            go_on = yield from self._record(stream, line, start, is_whole=member is None)

    def _record(
        self, stream: Lines, line: bytes, start: int, *, is_whole: bool
    ) -> Generator[_Seen | Fault, None, bool]:
        """One record; whether the next can be found behind it. `is_whole`: the stream is the whole file."""
        try:
            head = read_head(stream, line)
        except ValueError as error:
            yield self._fault(FRAMING, start, str(error), COPY)
            return False
        seen = _Seen(start, head, head.by_name())
        told = seen.fields.get("content-length", "")
        if re.fullmatch(r"[0-9]{1,15}", told) is None:
            yield self._fault(FRAMING, start, f"{seen.name} gives {told[:40]!r} as Content-Length", COPY)
            return False
        length = int(told)
        held = self._hash(stream, length, seen)
        end = _RECORD_END if head.version == "ARC" else stream.read(4)
        if held == length and end == _RECORD_END:
            yield seen
            return True
        seen.contradicts.clear()  # its length is wrong, or it was cut: of course it does
        if is_whole and (held < length or (_RECORD_END.startswith(end) and not stream.piece(1))):
            reason = f"{seen.name} breaks off after {held:,} of {length:,} bytes"
            if held == length:
                reason = f"{seen.name} breaks off behind its block"
            yield self._fault(FRAMING, start, reason, CUT)
            return False
        if held < length:
            reason = f"{seen.name} has Content-Length {length:,}, but only {held:,} bytes are there"
        else:
            behind = repr(end) if end else "nothing"
            reason = f"{seen.name} has Content-Length {length:,}; then comes {behind}, not two line ends"
        yield self._fault(FRAMING, start, reason, WRITER)
        yield seen
        return not end.strip(b"\r\n")  # else the rest of its block stands there

    def _hash(self, stream: Lines, length: int, seen: _Seen) -> int:
        """Pass the block by, its digests compared; how many of its bytes were there."""
        block_claim = claimed_digest(seen.fields.get("warc-block-digest", ""))
        payload_claim = claimed_digest(seen.fields.get("warc-payload-digest", ""))
        if seen.record_type == "revisit":
            payload_claim = None  # of a payload that stands elsewhere
        block = _hasher(block_claim)
        body = _hasher(payload_claim)
        left = length
        chunked = False
        if body is not None and _is_http(seen.fields):
            head, rest = _http_head(stream, length)
            left -= len(head) + len(rest)
            chunked = b"chunked" in head.lower()
            if chunked and length <= MAX_BLOCK:
                more = stream.read(left)  # few servers do; archives rarely keep it
                left -= len(more)
                rest += more
            if block is not None:
                block.update(head)
                block.update(rest)
            body.update(rest)
            if chunked and payload_claim is not None and body.digest() != payload_claim[1]:
                body = _hasher(payload_claim)
                assert body is not None
                body.update(payload.without_transfer_coding(((b"Transfer-Encoding", b"chunked"),), rest))
        text = hashlib.sha1(usedforsecurity=False) if seen.record_type == "conversion" else None
        updates = [one.update for one in (block, body, text) if one is not None]
        while left and (piece := stream.piece(left)):
            left -= len(piece)
            for update in updates:
                update(piece)
        seen.block = text.digest() if text is not None else None
        for check, one, claim in ((BLOCKS, block, block_claim), (PAYLOADS, body, payload_claim)):
            if one is not None and claim is not None:
                self._tally.looked(check)
                if one.digest() != claim[1]:
                    seen.contradicts.append(check)
        return length - left

    def _keep(self, seen: list[_Seen], length: int) -> None:
        """Judge records that went by whole, and enter them in the ledger."""
        for record in seen:
            self.records += 1
            self._tally.looked(FRAMING)
            self._tally.found(self._judge(record))
            fields = record.fields
            self._ledger.record(
                self._number, record.offset, length, fields.get("warc-record-id"), record.record_type,
                fields.get("warc-refers-to"), fields.get("warc-concurrent-to"), fields.get("warc-target-uri"),
                fields.get("warc-date"), fields.get("warc-payload-digest"),
                sha1_label(record.block) if record.block else None, ROLE.lower() in fields,
                fields.get("warc-profile") == NOT_MODIFIED,
            )  # fmt: skip
            self._first = False
        seen.clear()

    def _judge(self, record: _Seen) -> Iterator[Fault]:
        if record.head.version != "ARC":
            self._tally.looked(FIELDS)
            for clause in rules.faults(record.head, record.fields):
                yield self._fault(FIELDS, record.offset, f"{record.name}: {clause}", WRITER)
        for check in record.contradicts:
            which = "block" if check == BLOCKS else "payload"
            # wget and old warcio give the block of a revisit the digest of something else.
            advice = WRITER if record.record_type == "revisit" and not self._own else CHANGED
            reason = f"the {which} of {record.name} is not what its digest says"
            yield self._fault(check, record.offset, reason, advice)
        if self._own and self._first != (record.record_type == "warcinfo"):
            wrong = "does not begin with a warcinfo record" if self._first else "has a second warcinfo record"
            yield self._fault(FRAMING, record.offset, f"the file {wrong}", COPY)

    def _fault(self, check: str, offset: int | None, reason: str, advice: str) -> Fault:
        where = self._name if offset is None else f"{self._name}, byte {offset:,}"
        return Fault(
            check=check, sentence=f"{where}: {reason}.", advice=advice, file=self._name, offset=offset
        )


def _begins(data: bytes, magic: bytes) -> bool:
    """Whether `data` begins with `magic`, or is its beginning and was cut."""
    return data[: len(magic)] == magic[: len(data)]


def _hasher(claim: tuple[str, bytes] | None) -> hashlib._Hash | None:
    return hashlib.new(claim[0], usedforsecurity=False) if claim else None


def _first_line(stream: Lines) -> tuple[bytes, int]:
    """The next line that is not blank, and how many bytes of line ends stood before it."""
    blank = 0
    while (line := stream.readline()) and not line.strip(b"\r\n"):
        blank += len(line)
    return line, blank


def _is_http(fields: Mapping[str, str]) -> bool:
    """Whether the payload is the body in an HTTP message; else it is the whole block."""
    if fields.get("warc-type") not in ("response", "request"):
        return False
    return fields.get("content-type", "").lower().replace(" ", "").startswith("application/http")


def _http_head(stream: Lines, length: int) -> tuple[bytes, bytes]:
    """The head of an HTTP message with its blank line, and what was read of the body with it."""
    block = b""
    while len(block) < min(length, _MAX_HTTP_HEAD) and (piece := stream.piece(length - len(block))):
        block += piece
        if (end := _BLANK_LINE.search(block)) is not None:
            return block[: end.end()], block[end.end() :]
    return block, b""

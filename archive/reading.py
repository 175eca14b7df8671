"""Reading WARC, ARC and WACZ files of any maker as captures: leniently, bounded, past any damage."""

from __future__ import annotations

import contextlib
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
from warcio.recordloader import ArcWarcRecordLoader  # type: ignore[import-untyped]  # warcio has no types

from archive import payload
from archive.digests import payload_digest
from archive.errors import ArchiveError
from archive.members import (
    MAGIC,
    RECORD_START,
    BytesStream,
    DamagedMember,
    Lines,
    MemberStream,
    PlainStream,
    next_member,
    positions,
)
from archive.records import ROLE, SOURCE, SOURCE_PATH, hints_of
from archive.values import Capture, Exchange, RecordRef, Source, Value
from archive.warcfiles import open_warc

#: A record's block may be a body of the largest size and its HTTP header.
MAX_BLOCK = payload.MAX_BODY + 1_000_000
#: A WACZ holds its WARCs stored or barely compressed again; a member that claims more is a bomb.
MAX_ZIP_RATIO = 100

#: Bytes of a block that its own, too short Content-Length may leave behind it.
_STRAY_BYTES = 16

#: What zipfile raises: for damage its own and its decompressors' errors, NotImplementedError for a
#: compression it does not know, RuntimeError for encryption.
_ZIP_ERRORS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class RecordProblem(Value, frozen=True, kw_only=True):
    """A record, or a stretch of a file, that could not be read. `sentence` names the file and the offset."""

    path: str
    offset: int
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.path}, byte {self.offset:,}: {self.reason}."


class RawRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record as it stands: its fields (lower-case names) and its block."""

    offset: int
    fields: dict[str, str]
    block: bytes

    @property
    def record_type(self) -> str:
        return self.fields.get("warc-type", "")

    @property
    def record_id(self) -> str:
        return self.fields.get("warc-record-id", "")


class _BadRecord(Exception):
    """One record cannot be read; its file goes on behind it, as far as the stream is whole."""

    def __init__(self, offset: int, reason: str) -> None:
        self.offset = offset
        super().__init__(reason)


def read_warc(
    source: str | Path | BinaryIO, *, name: str = "", origin: Source = "warc"
) -> Iterator[Capture | RecordProblem]:
    """The pages of a WARC or ARC file, gzipped or not, in file order.

    A `response` becomes a capture with its exchange and a decoded body, a `resource` or `conversion` one
    without exchange; requests, revisits, metadata and records that are no pages are passed over. Hints that
    pressmark wrote beside a page come back with it; how the page came to that other archive does not, since
    to this one it comes out of a WARC. Whatever cannot be read becomes a RecordProblem, and reading goes on
    behind it: no record raises. A stream that cannot seek is copied to a temporary file first. `name` stands
    in problems and `source_path`.
    """
    with _opened(source) as file:
        path = name or (str(source) if isinstance(source, (str, Path)) else "-")
        for record in read_records(file, path):
            if isinstance(record, RecordProblem):
                yield record
                continue
            try:
                capture = to_capture(record, origin=origin, path=path)
            except (_BadRecord, payload.PayloadError) as problem:
                yield _problem(path, record, str(problem))
                continue
            if capture is not None:
                yield capture


def read_wacz(path: str | Path) -> Iterator[Capture | RecordProblem]:
    """The pages of the WARC files in a WACZ, as `read_warc` gives them. Nothing is unpacked by its name."""
    try:
        with zipfile.ZipFile(path) as wacz:
            found = False
            for entry in wacz.infolist():
                if re.fullmatch(r"archive/.+\.w?arc(\.gz)?", entry.filename) is None:
                    continue
                found = True
                yield from _read_entry(wacz, entry, f"{path}!{entry.filename}")
            if not found:
                yield RecordProblem(path=str(path), offset=0, reason="holds no WARC file under archive/")
    except _ZIP_ERRORS as error:
        yield RecordProblem(path=str(path), offset=0, reason=f"is no WACZ that can be opened ({error})")


def _read_entry(
    wacz: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str
) -> Iterator[Capture | RecordProblem]:
    if entry.file_size > MAX_ZIP_RATIO * max(entry.compress_size, 1024):
        yield RecordProblem(path=name, offset=0, reason=f"claims to unpack to {entry.file_size:,} bytes")
        return
    with tempfile.TemporaryFile() as unpacked:
        problem = None
        try:
            with wacz.open(entry) as packed:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
        except _ZIP_ERRORS as error:
            problem = RecordProblem(
                path=name, offset=unpacked.tell(), reason=f"is damaged in the WACZ ({error})"
            )
        if unpacked.tell():
            yield from read_warc(cast(BinaryIO, unpacked), name=name, origin="wacz")
        if problem is not None:
            yield problem


def read_records(file: BinaryIO, path: str) -> Iterator[RawRecord | RecordProblem]:
    """Every record of a seekable file as it stands, problems in their place."""
    file.seek(0)
    beginning = file.read(16)
    if not beginning:
        yield RecordProblem(path=path, offset=0, reason="the file is empty")
    elif beginning.startswith(_ZSTD_MAGIC):
        yield RecordProblem(path=path, offset=0, reason="is a zstd-compressed WARC: unpack it first (unzstd)")
    elif beginning.startswith(MAGIC):
        yield from _gzipped_records(file, path)
    else:
        yield from _plain_records(file, path)


@contextlib.contextmanager
def _opened(source: str | Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, (str, Path)):
        with open(source, "rb") as file:
            yield file
    elif source.seekable():
        yield source
    else:
        with tempfile.TemporaryFile() as spooled:
            shutil.copyfileobj(source, spooled, 1 << 20)
            yield cast(BinaryIO, spooled)


def _gzipped_records(file: BinaryIO, path: str) -> Iterator[RawRecord | RecordProblem]:
    offset: int | None = 0
    while offset is not None:
        file.seek(offset)
        if not file.read(1):
            return
        stream = MemberStream(file, offset)
        held: RawRecord | RecordProblem | None = None
        try:
            # A record is given out once its member is known to be whole (its checksum stands at the end);
            # where one member holds a whole file, once the record after it was reached.
            try:
                for record in _stream_records(stream, path, offset):
                    if held is not None:
                        yield held
                    held = record
            except _BadRecord as bad:
                yield from [held] if held is not None else []
                held = RecordProblem(path=path, offset=bad.offset, reason=str(bad))
            stream.skip_to_end()
        except DamagedMember as damage:
            following = next_member(file, offset + 1)
            until = file.seek(0, 2) if following is None else following
            reason = f"a gzip member {damage}; {until - offset:,} bytes passed over"
            yield RecordProblem(path=path, offset=offset, reason=reason)
            offset = following
            continue
        if held is not None:
            yield held
        offset = stream.end


def _plain_records(file: BinaryIO, path: str) -> Iterator[RawRecord | RecordProblem]:
    offset: int | None = 0
    while offset is not None:
        try:
            for record in _stream_records(PlainStream(file, offset), path, None):
                if isinstance(record, RawRecord) and not _block_is_intact(record):
                    yield _problem(path, record, "its block does not match its digest")
                else:
                    yield record
            return
        except _BadRecord as bad:
            yield RecordProblem(path=path, offset=bad.offset, reason=str(bad))
            offset = next((at + 1 for at in positions(file, b"\nWARC/", bad.offset + 1)), None)


def _stream_records(
    stream: Lines, path: str, member: int | None, limit: int = MAX_BLOCK
) -> Iterator[RawRecord | RecordProblem]:
    """The records of one stream. Raises _BadRecord where it cannot be read further, DamagedMember at damage.

    `member` is the offset of the gzip member the stream is, or None for a plain file, whose records stand
    at the stream's own offsets.
    """
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=True)
    is_first = True
    while (found := _first_line(stream, is_first)) is not None:
        start, line = found
        offset = start if member is None else member
        fields, length = _read_header(stream, loader, line, offset)
        is_first = False
        if length > limit:
            passed = stream.skip(length)
            if passed < length and member is None:
                raise _BadRecord(offset, f"the record breaks off after {passed:,} of {length:,} bytes")
            reason = f"a record of {passed:,} bytes is over the limit of {limit:,}"
            yield RecordProblem(path=path, offset=offset, reason=reason)
            continue
        block = stream.read(length)
        if len(block) < length:
            if member is None:
                raise _BadRecord(offset, f"the record breaks off after {len(block):,} of {length:,} bytes")
            # The member is whole, so its Content-Length is wrong (some writers count one too many).
            block = block.removesuffix(b"\r\n\r\n")
        yield RawRecord(offset=offset, fields=fields, block=block)


def _first_line(stream: Lines, is_first: bool) -> tuple[int, bytes] | None:
    """Offset and first line of the next record, line ends and a few stray bytes before it passed over."""
    stream.begin_header()
    while True:
        start = stream.tell()
        try:
            line = stream.readline()
        except ValueError as error:
            raise _BadRecord(start, str(error)) from None
        if not line:
            return None
        if RECORD_START.match(line):
            return start, line
        # After a record whose Content-Length is a byte or two short, the rest of its block stands here.
        if line.strip() and (is_first or len(line) > _STRAY_BYTES):
            raise _BadRecord(start, f"no WARC or ARC record begins with {line[:40]!r}")


def _read_header(
    stream: Lines, loader: ArcWarcRecordLoader, line: bytes, offset: int
) -> tuple[dict[str, str], int]:
    try:
        parsed = loader.parse_record_stream(stream, line, no_record_parse=True)
    except DamagedMember:
        raise
    except Exception as error:  # noqa: BLE001 - the per-record boundary: warcio raises many kinds on junk
        reason = str(error).strip() or type(error).__name__
        raise _BadRecord(offset, f"its header cannot be read ({reason})") from None
    # WARC 1.1 forbids repeating the fields we read; of repeated ones the first stands.
    fields = {name.lower(): value for name, value in reversed(parsed.rec_headers.headers)}
    if not re.fullmatch(r"\d{1,15}", fields.get("content-length", "").strip()) or parsed.length is None:
        raise _BadRecord(offset, "its header gives no usable Content-Length")
    return fields, parsed.length


def _block_is_intact(record: RawRecord) -> bool:
    """False when a SHA-1 block digest contradicts the block; other digests are not judged."""
    claimed = record.fields.get("warc-block-digest", "").lower()
    if re.fullmatch(r"sha1:[a-z2-7]{32}", claimed):
        return claimed == payload_digest(record.block).lower()
    return True


def to_capture(record: RawRecord, *, origin: Source, path: str) -> Capture | None:
    """The page in a foreign `record`, or None where it is none. Raises PayloadError or _BadRecord."""
    if record.record_type not in ("response", "resource", "conversion") or is_support(record):
        return None
    url = _target(record)
    if record.record_type != "response":
        return Capture(
            url="" if url.startswith("urn:sha1:") else url,
            fetched_at=record_date(record),
            body=record.block,
            content_type=record.fields.get("content-type", ""),
            source=origin,
            source_path=path,
            hints=hints_of(record.fields),
        )
    if not url.lower().startswith(("http://", "https://")):
        return None  # dns:, whois: and the like
    message = payload.parse_response(record.block)
    entity = payload.without_transfer_coding(message.headers, message.body)
    exchange = Exchange(
        url=url,
        status=message.status,
        reason=message.reason,
        protocol=message.protocol,
        response_headers=message.headers,
        response_body=entity,
        ip_address=record.fields.get("warc-ip-address"),
        fetched_at=record_date(record),
        truncated=record.fields.get("warc-truncated"),
    )
    return Capture(
        url=url,
        fetched_at=exchange.fetched_at,
        body=payload.decoded(message.headers, entity),
        content_type=payload.first_header(message.headers, b"content-type"),
        status=message.status,
        source=origin,
        source_path=path,
        hints=hints_of(record.fields),
        exchange=exchange,
    )


def parse_record(data: bytes, offset: int) -> RawRecord:
    """The one record in the unpacked member `data` of a file of ours. Raises ValueError if there is none."""
    try:
        for record in _stream_records(BytesStream(data), "", offset, limit=len(data)):
            if isinstance(record, RawRecord):
                return record
    except _BadRecord as bad:
        raise ValueError(str(bad)) from None
    raise ValueError("holds no record")


def read_own(root: Path, ref: RecordRef) -> RawRecord:
    """The record of the archive that `ref` points at. Raises ArchiveError where it does not stand there."""
    try:
        with open_warc(root, ref.file) as file:
            record = parse_record(MemberStream(file, ref.offset).read_all(), ref.offset)
    except FileNotFoundError:
        raise ArchiveError(
            f"{ref.file}, byte {ref.offset:,}: the file is not in {root} any more; put it back from a copy."
        ) from None
    except (OSError, ValueError, DamagedMember) as error:
        raise ArchiveError(f"{ref.file}, byte {ref.offset:,}: the record cannot be read ({error}).") from None
    if record.record_id != ref.record_id:
        raise ArchiveError(
            f"{ref.file}, byte {ref.offset:,}: the record is {record.record_id}, not {ref.record_id}."
        )
    return record


def own_body(record: RawRecord) -> bytes:
    """What a parser reads of one of our `response` or `resource` records. Raises PayloadError."""
    if record.record_type == "resource":
        return record.block
    message = payload.parse_response(record.block)
    return payload.decoded(message.headers, message.body)


def own_capture(record: RawRecord, body: bytes) -> Capture:
    """One of our raw records as the capture it was stored from, `body` being what `own_body` gave."""
    url = _target(record)
    status, content_type = None, record.fields.get("content-type", "")
    if record.record_type != "resource":
        message = payload.parse_response(record.block)
        status, content_type = message.status, payload.first_header(message.headers, b"content-type")
    return Capture(
        url="" if url.startswith("urn:sha1:") else url,
        fetched_at=record_date(record),
        body=body,
        content_type=content_type,
        status=status,
        source=msgspec.convert(record.fields.get(SOURCE.lower(), "crawl"), Source),
        source_path=record.fields.get(SOURCE_PATH.lower(), ""),
        hints=hints_of(record.fields),
    )


def is_support(record: RawRecord) -> bool:
    """Whether one of our records is an exchange that is no page (robots.txt, a feed, a redirect)."""
    return ROLE.lower() in record.fields


def _target(record: RawRecord) -> str:
    # Wget 1.19 put the URI into angle brackets.
    return record.fields.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")


def record_date(record: RawRecord) -> datetime:
    """WARC-Date, which WARC 1.1 (section 5.4) lets be as short as a year, in UTC."""
    text = record.fields.get("warc-date", "").strip()
    found = re.fullmatch(
        r"(\d{4})-?(\d\d)?-?(\d\d)?(?:[T ]?(\d\d):?(\d\d):?(\d\d)?(?:[.,](\d{1,9}))?)?(?:Z|\+00:?00)?", text
    )
    if found is None:
        raise _BadRecord(record.offset, f"its WARC-Date {text[:40]!r} cannot be read")
    year, month, day, hour, minute, second, fraction = (group or "" for group in found.groups())
    try:
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            min(int(second or 0), 59), int(fraction[:6].ljust(6, "0")), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        raise _BadRecord(record.offset, f"its WARC-Date {text[:40]!r} is no date") from None


def _problem(path: str, record: RawRecord, reason: str) -> RecordProblem:
    uri = record.fields.get("warc-target-uri", "")[:200]
    return RecordProblem(
        path=path, offset=record.offset, reason=f"the record of {uri or record.record_id}: {reason}"
    )

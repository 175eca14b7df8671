"""Reading WARC, ARC and WACZ files of any maker as captures: leniently, bounded, past any damage."""

from __future__ import annotations

import contextlib
import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from archive import payload
from archive.digests import claimed_digest, contradicts
from archive.errors import ArchiveError
from archive.heads import read_head
from archive.members import (
    DICTIONARY_MAGIC,
    MAGIC,
    RECORD_START,
    ZSTD_MAGIC,
    BytesStream,
    DamagedMember,
    GzipFile,
    Lines,
    MemberStream,
    PlainStream,
    Stretch,
    ZstdFile,
    is_gzip_behind,
    next_record,
)
from archive.originals import Originals, Place, Waiting
from archive.records import RENDERED_BY, ROLE, SOURCE, SOURCE_PATH, hints_of, rights_of
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
ZIP_ERRORS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError, EOFError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip

#: Of WARC-Date all but the year may be missing, dashes and colons, too; a zone other than Z should not be.
_DATE = re.compile(
    r"(\d{4})-?(\d\d)?-?(\d\d)?(?:[T ]?(\d\d):?(\d\d):?(\d\d)?(?:[.,](\d{1,9}))?)?(?:Z|([+-]\d\d):?(\d\d))?"
)
#: Of resources and conversions these are pages; `metadata:` (wget's log), `urn:X-wpull:log`, `urn:view:`,
#: `urn:pageinfo:` (browsertrix), `dns:`, `screenshot:` (warcprox) and others' inventions are not.
_PAGE_URI = re.compile(r"(?:https?|file):|urn:sha1:|$", re.IGNORECASE)


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
    source: str | Path | BinaryIO,
    *,
    name: str = "",
    origin: Source = "warc",
    originals: Originals | None = None,
) -> Iterator[Capture | RecordProblem]:
    """The pages of a WARC or ARC file, packed with gzip or zstd or not at all, in file order.

    A `response` becomes a capture with its exchange and a decoded body, a `resource` or `conversion` one
    without exchange; requests, metadata and records that are no pages are passed over. Hints that pressmark
    wrote beside a page come back with it; how the page came to that other archive does not, since to this one
    it comes out of a WARC.

    A `revisit` of a page becomes a capture, too: its own head with the body of the record whose payload it
    repeats, if that one is among the responses read so far, here and in other files read with the same
    `originals`. Otherwise it waits for `settle`, which whoever gave `originals` calls at the end. A revisit
    that says 'not modified' is passed over: there is nothing new in it.

    Whatever cannot be read becomes a RecordProblem, and reading goes on behind it: no record raises. A stream
    that cannot seek is copied to a temporary file first. `name` stands in problems and `source_path`.
    """
    with _opened(source) as file:
        path = name or (str(source) if isinstance(source, (str, Path)) else "-")
        with contextlib.nullcontext(originals) if originals is not None else Originals() as found:
            found.reads(
                partial(_opened, source) if isinstance(source, (str, Path)) else partial(_as_is, file)
            )
            yield from _captures(file, path, origin, found)
            if originals is None:
                yield from settle(found)


def _captures(
    file: BinaryIO, path: str, origin: Source, originals: Originals
) -> Iterator[Capture | RecordProblem]:
    for record in read_records(file, path):
        if isinstance(record, RecordProblem):
            yield record
            continue
        try:
            if record.record_type == "revisit":
                found = _revisit(Waiting(record.offset, path, origin, record.fields, record.block), originals)
                if found is not None:
                    yield found
                continue
            capture = to_capture(record, origin=origin, path=path)
        except (_BadRecord, payload.PayloadError) as problem:
            yield _problem(path, record, str(problem))
            continue
        if capture is not None:
            if record.record_type == "response":
                originals.add(record.offset, record.fields)
            yield capture


def settle(originals: Originals) -> Iterator[Capture | RecordProblem]:
    """The revisits that waited for a file read after theirs; those whose page is in none are problems."""
    for waiting in originals.waiting():
        record = RawRecord(offset=waiting.offset, fields=waiting.fields, block=waiting.block)
        try:
            found = _revisit(waiting, originals)
        except (_BadRecord, payload.PayloadError) as problem:
            yield _problem(waiting.path, record, str(problem))
            continue
        if found is not None:
            yield found
        else:
            when = record.fields.get("warc-refers-to-date", "an earlier visit")
            reason = (
                f"it repeats the page of {when}, which is in none of the files read:"
                " name the file that holds it as well"
            )
            yield _problem(waiting.path, record, reason)


def _may_be_page(revisit: RawRecord) -> bool:
    """False of pictures, scripts and styles: that they were seen again says nothing of a page."""
    try:
        headers = payload.parse_response(revisit.block).headers
    except payload.PayloadError:
        return True
    kind = payload.first_header(headers, b"content-type").lower()
    return not kind or "html" in kind or kind.startswith(("text/plain", "application/xml", "text/xml"))


def _revisit(waiting: Waiting, originals: Originals) -> Capture | None:
    """The page that a revisit saw again; None where it is none, or not read yet: then it was put to wait."""
    fields = waiting.fields
    record = RawRecord(offset=waiting.offset, fields=fields, block=waiting.block)
    if "not-modified" in fields.get("warc-profile", "") or is_support(record):
        return None
    if not _target(record).lower().startswith(("http://", "https://")) or not _may_be_page(record):
        return None
    wanted = fields.get("warc-payload-digest", "")
    found = (_response_at(place, wanted) for place in originals.find(fields))
    original = next((response for response in found if response is not None), None)
    if original is None:
        if not waiting.again:
            originals.wait(waiting)
        return None
    held = payload.parse_response(original.block)
    try:
        seen = payload.parse_response(record.block)
    except payload.PayloadError:
        seen = held  # no head was kept of this visit
    body = payload.without_transfer_coding(held.headers, held.body)
    exchange = _exchange(record, seen, body, truncated=original.fields.get("warc-truncated"))
    return _page(record, exchange, payload.decoded(held.headers, body), waiting.origin, waiting.path)


def _response_at(place: Place, wanted: str) -> RawRecord | None:
    """The response with the payload digest `wanted` (if that is told) at a place that was read once."""
    try:
        with place.open() as file:
            position = file.tell()
            try:
                for record in read_records(file, "", start=place.offset):
                    if isinstance(record, RecordProblem) or record.offset != place.offset:
                        return None
                    # One member may hold several records, and its offset stands for all of them.
                    digest = record.fields.get("warc-payload-digest", wanted)
                    if record.record_type == "response" and (not wanted or digest.lower() == wanted.lower()):
                        return record
            finally:
                file.seek(position)  # it may be the file that is being read
    except (OSError, ValueError):  # moved, deleted or closed since
        pass
    return None


def read_wacz(path: str | Path, *, originals: Originals | None = None) -> Iterator[Capture | RecordProblem]:
    """The pages of the WARC files in a WACZ, as `read_warc` gives them. Nothing is unpacked by its name."""
    if originals is None:
        with Originals() as own:
            yield from read_wacz(path, originals=own)
            yield from settle(own)
        return
    try:
        with zipfile.ZipFile(path) as wacz:
            found = False
            for entry in wacz.infolist():
                if re.fullmatch(r"archive/.+\.w?arc(\.gz|\.zst)?", entry.filename) is None:
                    continue
                found = True
                originals.reads(partial(_entry_file, str(path), entry.filename))
                yield from _read_entry(wacz, entry, f"{path}!{entry.filename}", originals)
            if not found:
                yield RecordProblem(path=str(path), offset=0, reason="holds no WARC file under archive/")
    except ZIP_ERRORS as error:
        yield RecordProblem(path=str(path), offset=0, reason=f"is no WACZ that can be opened ({error})")


@contextlib.contextmanager
def _entry_file(path: str, name: str) -> Iterator[BinaryIO]:
    """A file of a WACZ once more, for a revisit that repeats one of its records.

    Where it is stored as it is, which WACZ asks for, nothing is copied. Raises OSError: it cannot be had.
    """
    try:
        with zipfile.ZipFile(path) as wacz, open(path, "rb") as file, tempfile.TemporaryFile() as unpacked:
            entry = wacz.getinfo(name)
            if entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1:
                # APPNOTE.TXT, section 4.3.7: 30 bytes, name, extra field, data.
                file.seek(entry.header_offset + 26)
                start = entry.header_offset + 30 + sum(struct.unpack("<HH", file.read(4)))
                yield cast(BinaryIO, Stretch(file, start, start + entry.file_size))
                return
            with wacz.open(entry) as packed:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
            yield cast(BinaryIO, unpacked)
    except (*ZIP_ERRORS, KeyError, struct.error) as error:
        raise OSError(str(error)) from error


def _read_entry(
    wacz: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, originals: Originals
) -> Iterator[Capture | RecordProblem]:
    if entry.file_size > MAX_ZIP_RATIO * max(entry.compress_size, 1024):
        yield RecordProblem(path=name, offset=0, reason=f"claims to unpack to {entry.file_size:,} bytes")
        return
    with tempfile.TemporaryFile() as unpacked:
        problem = None
        try:
            with wacz.open(entry) as packed:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
        except ZIP_ERRORS as error:
            problem = RecordProblem(
                path=name, offset=unpacked.tell(), reason=f"is damaged in the WACZ ({error})"
            )
        if unpacked.tell():
            yield from _captures(cast(BinaryIO, unpacked), name, "wacz", originals)
        if problem is not None:
            yield problem


def read_records(file: BinaryIO, path: str, start: int = 0) -> Iterator[RawRecord | RecordProblem]:
    """Every record of a seekable file from `start` on as it stands, problems in their place."""
    file.seek(0)
    beginning = file.read(16)
    if not beginning:
        yield RecordProblem(path=path, offset=0, reason="the file is empty")
    elif beginning.startswith((ZSTD_MAGIC, DICTIONARY_MAGIC)):
        try:
            packed = ZstdFile(file)
        except DamagedMember as damage:
            yield RecordProblem(path=path, offset=0, reason=f"a zstd file that {damage}")
            return
        yield from _packed_records(file, packed, path, start or packed.start)
    elif beginning.startswith(MAGIC) or is_gzip_behind(file):
        yield from _packed_records(file, GzipFile(file), path, start)
    else:
        yield from _plain_records(file, path, start)


def _as_is(file: BinaryIO) -> contextlib.AbstractContextManager[BinaryIO]:
    return contextlib.nullcontext(file)


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


def _packed_records(
    file: BinaryIO, packed: GzipFile | ZstdFile, path: str, start: int
) -> Iterator[RawRecord | RecordProblem]:
    offset: int | None = start
    while offset is not None:
        file.seek(offset)
        if not file.read(1):
            return
        held: RawRecord | RecordProblem | None = None
        try:
            stream = packed.open(offset)
            # A record is given out once its member is known to be whole (its checksum stands at the end);
            # where one member holds a whole file, once the record after it was reached.
            try:
                for record in _stream_records(stream, path, offset):
                    if held is not None:
                        yield held
                    held = record if packed.checked else _if_intact(record, path)
            except _BadRecord as bad:
                yield from [held] if held is not None else []
                held = RecordProblem(path=path, offset=bad.offset, reason=str(bad))
            stream.skip_to_end()
        except DamagedMember as damage:
            following = packed.next(offset + 1)
            until = file.seek(0, 2) if following is None else following
            reason = f"a {packed.word} {damage}; {until - offset:,} bytes passed over"
            yield RecordProblem(path=path, offset=offset, reason=reason)
            offset = following
            continue
        if held is not None:
            yield held
        offset = stream.end


def _plain_records(file: BinaryIO, path: str, start: int) -> Iterator[RawRecord | RecordProblem]:
    offset: int | None = start
    while offset is not None:
        try:
            for record in _stream_records(PlainStream(file, offset), path, None):
                yield _if_intact(record, path)
            return
        except _BadRecord as bad:
            yield RecordProblem(path=path, offset=bad.offset, reason=str(bad))
            offset = next_record(file, bad.offset + 1)


def _if_intact(record: RawRecord | RecordProblem, path: str) -> RawRecord | RecordProblem:
    """`record`, or a problem where nothing but its digest guards its block, and that contradicts it.

    Not of a revisit: wget and others give its block the digest of the whole answer, or of nothing. Where the
    payload is what its own digest says, a wrong block digest is the writer's fault.
    """
    if isinstance(record, RecordProblem) or record.record_type == "revisit":
        return record
    if not contradicts(record.fields.get("warc-block-digest", ""), record.block):
        return record
    claimed = record.fields.get("warc-payload-digest", "")
    if record.record_type == "response" and claimed_digest(claimed):
        with contextlib.suppress(payload.PayloadError):
            message = payload.parse_response(record.block)
            bodies = message.body, payload.without_transfer_coding(message.headers, message.body)
            if not all(contradicts(claimed, body) for body in bodies):
                return record
    return _problem(path, record, "its block does not match its digest")


def _stream_records(
    stream: Lines, path: str, member: int | None, limit: int = MAX_BLOCK
) -> Iterator[RawRecord | RecordProblem]:
    """The records of one stream. Raises _BadRecord where it cannot be read further, DamagedMember at damage.

    `member` is the offset of the gzip member the stream is, or None for a plain file, whose records stand
    at the stream's own offsets.
    """
    is_first = True
    while (found := _first_line(stream, is_first)) is not None:
        start, line = found
        offset = start if member is None else member
        fields, length = _read_head(stream, line, offset)
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


def _read_head(stream: Lines, line: bytes, offset: int) -> tuple[dict[str, str], int]:
    try:
        # WARC 1.1 forbids repeating the fields we read; of repeated ones the first stands.
        fields = read_head(stream, line).by_name()
    except ValueError as error:
        raise _BadRecord(offset, f"its header cannot be read ({error})") from None
    length = fields.get("content-length", "").strip()
    if not re.fullmatch(r"[0-9]{1,15}", length):
        raise _BadRecord(offset, "its header gives no usable Content-Length")
    return fields, int(length)


def to_capture(record: RawRecord, *, origin: Source, path: str) -> Capture | None:
    """The page in a foreign `record`, or None where it is none. Raises PayloadError or _BadRecord."""
    if record.record_type not in ("response", "resource", "conversion") or is_support(record):
        return None
    url = _target(record)
    if record.record_type != "response":
        if _PAGE_URI.match(url) is None:
            return None
        return Capture(
            url="" if url.startswith("urn:sha1:") else url,
            fetched_at=record_date(record),
            body=record.block,
            content_type=record.fields.get("content-type", ""),
            source=origin,
            source_path=path,
            hints=hints_of(record.fields),
            rights=rights_of(record.fields),
        )
    if not url.lower().startswith(("http://", "https://")):
        return None  # dns:, whois: and the like
    message = payload.parse_response(record.block)
    entity = payload.without_transfer_coding(message.headers, message.body)
    exchange = _exchange(record, message, entity, truncated=record.fields.get("warc-truncated"))
    return _page(record, exchange, payload.decoded(message.headers, entity), origin, path)


def _exchange(
    record: RawRecord, message: payload.HttpMessage, entity: bytes, *, truncated: str | None
) -> Exchange:
    return Exchange(
        url=_target(record),
        status=message.status,
        reason=message.reason,
        protocol=message.protocol,
        response_headers=message.headers,
        response_body=entity,
        ip_address=record.fields.get("warc-ip-address"),
        fetched_at=record_date(record),
        truncated=truncated,
    )


def _page(record: RawRecord, exchange: Exchange, body: bytes, origin: Source, path: str) -> Capture:
    return Capture(
        url=exchange.url,
        fetched_at=exchange.fetched_at,
        body=body,
        content_type=payload.first_header(exchange.response_headers, b"content-type"),
        status=exchange.status,
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
    """What a parser reads of one of our raw records that is no revisit. Raises PayloadError."""
    if record.record_type in ("resource", "conversion"):
        return record.block
    message = payload.parse_response(record.block)
    return payload.decoded(message.headers, message.body)


def own_capture(record: RawRecord, body: bytes) -> Capture:
    """One of our raw records as the capture it was stored from, `body` being what `own_body` gave."""
    url = _target(record)
    status, content_type = None, record.fields.get("content-type", "")
    if record.record_type == "conversion":
        status = 200  # only such answers are rendered
    elif record.record_type != "resource":
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
        rendered_by=record.fields.get(RENDERED_BY.lower(), ""),
        hints=hints_of(record.fields),
        rights=rights_of(record.fields),
    )


def is_support(record: RawRecord) -> bool:
    """Whether one of our records is an exchange that is no page (robots.txt, a feed, a redirect)."""
    return ROLE.lower() in record.fields


def _target(record: RawRecord) -> str:
    # Wget 1.19 put the URI into angle brackets.
    uri = record.fields.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">")
    return uri.replace(" ", "%20")  # as warcio and pywb read it


def record_date(record: RawRecord) -> datetime:
    """WARC-Date, which WARC 1.1 (section 5.4) lets be as short as a year, in UTC."""
    text = record.fields.get("warc-date", "").strip()
    found = _DATE.fullmatch(text.upper())
    if found is None:
        raise _BadRecord(record.offset, f"its WARC-Date {text[:40]!r} cannot be read")
    year, month, day, hour, minute, second, fraction, east, east_minutes = (g or "" for g in found.groups())
    try:
        # Always UTC, says WARC; some writers put the local time and its distance.
        zone = timezone(timedelta(hours=int(east), minutes=int(east[0] + east_minutes))) if east else UTC
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
            min(int(second or 0), 59), int(fraction[:6].ljust(6, "0")), tzinfo=zone,
        ).astimezone(UTC)  # fmt: skip
    except (ValueError, OverflowError):
        raise _BadRecord(record.offset, f"its WARC-Date {text[:40]!r} is no date") from None


def _problem(path: str, record: RawRecord, reason: str) -> RecordProblem:
    uri = _target(record)[:200]
    return RecordProblem(
        path=path, offset=record.offset, reason=f"the record of {uri or record.record_id}: {reason}"
    )

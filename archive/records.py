"""WARC 1.1 records as bytes, from values: pure, no clock, no disk.

warcio lays the records out. What it would change of what came over the wire (it percent-encodes header
values that are not ASCII) is handed to it as finished bytes.

Beside WARC's own fields a raw record carries what a later reading needs and WARC has no field for:
`Pressmark-Source` (how the page reached us; absent: crawled), `Pressmark-Source-Path`, `Pressmark-Hints`
(JSON, metadata that came beside the page), `Pressmark-Requested-URI` (the address that was asked for, where
redirects led to this one), `Pressmark-Rendered-By` on conversions that a browser made of a page (the page is
that; its answer is in the response they refer to) and `Pressmark-Role` on exchanges that are no pages, with
what they were for (robots.txt, a feed, a redirect). WARC 1.1, section 4, lets readers skip fields they do not
know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import cast, get_args
from urllib.parse import urlsplit

import msgspec
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]  # warcio has no types
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]  # same
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]  # same

from archive.digests import payload_digest, storable
from archive.languages import three_letter
from archive.payload import PayloadError, parse_response
from archive.values import Capture, Exchange, Hints, Rights, Role

#: WARC 1.1, sections 6.7.2 and 6.7.3.
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
#: What a crawl's `response` and `request` records do not show as it went over the wire (docs/warc.md).
NOT_AS_SENT = (
    "heads and bodies as sent, but chunks are put together: Transfer-Encoding is replaced by Content-Length;"
    " not kept: chunk extensions, trailers, answers before the final one (1xx), the TLS handshake"
)
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"

SOURCE, SOURCE_PATH, HINTS, ROLE, REQUESTED, ROBOTS, RIGHTS, RENDERED_BY = (
    "Pressmark-Source",
    "Pressmark-Source-Path",
    "Pressmark-Hints",
    "Pressmark-Role",
    "Pressmark-Requested-URI",
    "Pressmark-Robots",
    "Pressmark-Rights",
    "Pressmark-Rendered-By",
)

#: Hints come from foreign files: a field of them never makes a record's header larger than this.
_MAX_HINT_CHARACTERS = 1_000
_MAX_HINT_AUTHORS = 50
_MAX_STATEMENTS = 30
#: What these come to at most as JSON: twelve characters (a surrogate pair's escapes) for each, and the frame.
_MAX_HINTS_JSON = 12 * _MAX_HINT_CHARACTERS * (_MAX_HINT_AUTHORS + 3) + 1_000
#: Of any other field that is taken over from elsewhere.
_MAX_FIELD_CHARACTERS = 4_000

_Fields = list[tuple[str, str]]


class RecordBytes(msgspec.Struct, frozen=True, kw_only=True):
    """One whole record, not compressed, and what a row says of it."""

    record_id: str
    record_type: str
    payload_digest: str | None
    data: bytes


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """The stored record whose payload a revisit repeats."""

    record_id: str
    url: str
    fetched_at: datetime
    payload_digest: str


def warc_date(moment: datetime) -> str:
    """`moment` in UTC as WARC 1.1 writes it, with microseconds only where there are some."""
    moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds") + "Z"


def warcinfo(record_id: str, date: datetime, filename: str, fields: Mapping[str, str]) -> RecordBytes:
    """The first record of a file: who wrote it, with what, in which format."""
    block = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields.items() if value)
    head = _head("warcinfo", record_id, date, None)
    head.append(("WARC-Filename", _one_line(filename)))
    return _record(head, None, block.encode("utf-8", "replace"), "application/warc-fields", payload=False)


def response(
    record_id: str, uri: str, exchange: Exchange, extra: Iterable[tuple[str, str]] = ()
) -> RecordBytes:
    """The response as it came, content coding kept, transfer coding removed (docs/warc.md)."""
    head = _exchange_head("response", record_id, uri, exchange)
    if exchange.truncated:
        head.append(("WARC-Truncated", _one_line(exchange.truncated)))
    head.extend(extra)
    return _record(
        head, _response_head(exchange), exchange.response_body, "application/http; msgtype=response"
    )


def revisit(
    record_id: str, uri: str, exchange: Exchange, original: Original, extra: Iterable[tuple[str, str]] = ()
) -> RecordBytes:
    """The response's own head, its payload left out because `original` holds it.

    Its profile says how that is known: the payload came and was the same, or the server answered 304.
    """
    head = _exchange_head("revisit", record_id, uri, exchange)
    head += [
        ("WARC-Profile", NOT_MODIFIED if exchange.not_modified else IDENTICAL_PAYLOAD),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", warc_date(original.fetched_at)),
        ("WARC-Payload-Digest", original.payload_digest),
    ]
    if not exchange.not_modified:
        # 'shall be used for any identical-digest truncation' (WARC 1.1, section 6.7.2).
        head.append(("WARC-Truncated", "length"))
    head.extend(extra)
    made = _record(head, _response_head(exchange), b"", "application/http; msgtype=response", payload=False)
    return msgspec.structs.replace(made, payload_digest=original.payload_digest)


def request(record_id: str, uri: str, exchange: Exchange, concurrent_to: str) -> RecordBytes:
    """The request that brought the response `concurrent_to`."""
    head = _exchange_head("request", record_id, uri, exchange)
    head.append(("WARC-Concurrent-To", concurrent_to))
    block_head = exchange.request_head or _request_head(uri, exchange)
    return _record(head, block_head, exchange.request_body, "application/http; msgtype=request")


def resource(
    record_id: str, uri: str, capture: Capture, extra: Iterable[tuple[str, str]] = ()
) -> RecordBytes:
    """A dump page: its own bytes, never dressed up as a response that nobody saw."""
    head = _head("resource", record_id, capture.fetched_at, uri)
    head.extend(extra)
    return _record(head, None, capture.body, _one_line(capture.content_type) or "application/octet-stream")


def metadata(record_id: str, uri: str, date: datetime, refers_to: str, body: bytes) -> RecordBytes:
    """What was read off a page, as JSON, referring to the raw record."""
    head = _head("metadata", record_id, date, uri)
    head.append(("WARC-Refers-To", refers_to))
    return _record(head, None, body, "application/json")


def conversion(
    record_id: str, uri: str, date: datetime, refers_to: str, text: str, language: str | None
) -> RecordBytes:
    """The clean text of the raw record `refers_to`.

    Concurrent-To, IP-Address, Refers-To-Target-URI and Refers-To-Date are not allowed here.
    """
    head = _head("conversion", record_id, date, uri)
    head.append(("WARC-Refers-To", refers_to))
    code = three_letter(language)
    if code:
        head.append(("WARC-Identified-Content-Language", code))
    return _record(head, None, text.encode("utf-8"), "text/plain; charset=utf-8")


def rendered(
    record_id: str, uri: str, capture: Capture, refers_to: str, extra: Iterable[tuple[str, str]] = ()
) -> RecordBytes:
    """The document that a browser made of the response `refers_to`: its content in another form (WARC 1.1,
    section 6.8), made here, and the page as a reader sees it.
    """
    head = _head("conversion", record_id, capture.fetched_at, uri)
    head += [("WARC-Refers-To", refers_to), (RENDERED_BY, _one_line(capture.rendered_by)), *extra]
    return _record(head, None, capture.body, "text/html; charset=utf-8")


def is_rendered(fields: Mapping[str, str]) -> bool:
    """Whether a record (fields under lower-case names) is such a document."""
    return fields.get("warc-type") == "conversion" and RENDERED_BY.lower() in fields


def capture_fields(capture: Capture) -> _Fields:
    """The fields by which a raw record can be read back as the capture it was."""
    fields: _Fields = [] if capture.source == "crawl" else [(SOURCE, capture.source)]
    if capture.source_path:
        fields.append((SOURCE_PATH, _one_line(capture.source_path)))
    if capture.requested_url and capture.requested_url != capture.url:
        fields.append((REQUESTED, _one_line(capture.requested_url)))
    if capture.hints is not None:
        hints = msgspec.to_builtins(_bounded(capture.hints))
        fields.append((HINTS, json.dumps(hints, ensure_ascii=True, separators=(",", ":"))))
    if capture.rights is not None:
        rights = _bounded_rights(capture.rights)
        if rights.robots:
            fields.append((ROBOTS, _one_line(rights.robots)))
        if rights.statements:
            fields.append((RIGHTS, json.dumps(rights.statements, ensure_ascii=True, separators=(",", ":"))))
    return fields


def role_fields(role: Role) -> _Fields:
    """The field by which an exchange is told that is no page."""
    return [(ROLE, role)]


def role_of(fields: Mapping[str, str]) -> Role | None:
    """What an exchange was for, from a record's fields (lower-case names); None for that of a page."""
    told = fields.get(ROLE.lower())
    if told is None:
        return None
    return cast(Role, told) if told in get_args(Role) else "other"


def hints_of(fields: Mapping[str, str]) -> Hints | None:
    """The hints in a record's fields (lower-case names), bounded; None where there are none to be read.

    Whoever wrote the file may have written anything there: it is used in the form we write, or not at all.
    """
    told = fields.get(HINTS.lower())
    if told is None or len(told) > _MAX_HINTS_JSON:
        return None
    try:
        return _bounded(msgspec.json.decode(told.encode("utf-8"), type=Hints))
    except (ValueError, RecursionError):  # msgspec's errors and lone surrogates are ValueErrors
        return None


def rights_of(fields: Mapping[str, str]) -> Rights | None:
    """The rights in a record's fields (lower-case names), bounded; None where nothing is told."""
    robots, told = fields.get(ROBOTS.lower(), ""), fields.get(RIGHTS.lower(), "")
    statements: tuple[str, ...] = ()
    if told and len(told) <= _MAX_HINTS_JSON:
        try:
            statements = msgspec.json.decode(told.encode("utf-8"), type=tuple[str, ...])
        except (ValueError, RecursionError):
            statements = ()
    rights = _bounded_rights(Rights(robots=robots, statements=statements))
    return rights if rights.robots or rights.statements else None


def _bounded_rights(rights: Rights) -> Rights:
    return Rights(
        robots=storable(_one_line(rights.robots[:_MAX_HINT_CHARACTERS])),
        statements=tuple(storable(one[:_MAX_HINT_CHARACTERS]) for one in rights.statements[:_MAX_STATEMENTS]),
    )


def _bounded(hints: Hints) -> Hints:
    def cut(value: str) -> str:
        return storable(value[:_MAX_HINT_CHARACTERS])

    return Hints(
        headline=None if hints.headline is None else cut(hints.headline),
        authors=tuple(cut(author) for author in hints.authors[:_MAX_HINT_AUTHORS]),
        date_published=None if hints.date_published is None else cut(hints.date_published),
        language=None if hints.language is None else cut(hints.language),
    )


def _head(record_type: str, record_id: str, date: datetime, uri: str | None) -> _Fields:
    head = [("WARC-Type", record_type), ("WARC-Record-ID", record_id), ("WARC-Date", warc_date(date))]
    if uri is not None:
        head.append(("WARC-Target-URI", uri))
    return head


def _exchange_head(record_type: str, record_id: str, uri: str, exchange: Exchange) -> _Fields:
    head = _head(record_type, record_id, exchange.fetched_at, uri)
    if exchange.ip_address:
        head.append(("WARC-IP-Address", _one_line(exchange.ip_address)))
    # IIPC's proposals (iipc/warc-specifications, issues 42 and 86), in use by browsertrix and others; the
    # first field is repeated for each protocol of the stack. HTTP/1.x in the open is in the status line.
    if exchange.tls_version or _http_version(exchange.protocol) != exchange.protocol.upper():
        head.append(("WARC-Protocol", _one_line(exchange.protocol).lower()))
    if exchange.tls_version:
        head.append(("WARC-Protocol", _one_line(exchange.tls_version)))
    if exchange.cipher_suite:
        head.append(("WARC-Cipher-Suite", _one_line(exchange.cipher_suite)))
    return head


def _request_head(uri: str, exchange: Exchange) -> bytes:
    parts = urlsplit(uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = f"{_token(exchange.method)} {target} {_http_version(exchange.protocol)}\r\n"
    return line.encode("latin-1", "replace") + _header_lines(exchange.request_headers) + b"\r\n"


def _http_version(protocol: str) -> str:
    return protocol.upper() if protocol.upper() in ("HTTP/1.0", "HTTP/1.1") else "HTTP/1.1"


def _response_head(exchange: Exchange) -> bytes:
    """As it came where that is known, but for the transfer coding; else laid out from its parts."""
    if exchange.response_head:
        lines = re.findall(rb"[^\n]*\n", exchange.response_head)
        raw = b"".join(_unframed(lines, len(exchange.response_body)))
        if _is_readable(raw, exchange.status):
            return raw
    reason = _one_line(exchange.reason).encode("latin-1", "replace")
    line = f"{_http_version(exchange.protocol)} {exchange.status:03d} ".encode("ascii") + reason
    headers = exchange.response_headers
    if any(name.strip().lower() == b"transfer-encoding" for name, _ in headers):
        headers = _without_transfer_encoding(headers, len(exchange.response_body))
    return line + b"\r\n" + _header_lines(headers) + b"\r\n"


def _is_readable(head: bytes, status: int) -> bool:
    """Whether a head as it came can be told from a body again by whoever reads the record."""
    try:
        message = parse_response(head + b"body")
    except PayloadError:
        return False
    return message.status == status and message.body == b"body"


def _unframed(lines: Sequence[bytes], length: int) -> Iterable[bytes]:
    """The lines of a head, of the same message sent in one piece (RFC 9112, section 7.1.3, last step)."""
    named = [(_field_name(line), line) for line in lines]
    if not any(name == b"transfer-encoding" for name, _ in named[1:]):
        return lines
    kept: list[bytes] = []
    dropping = placed = False
    for number, (name, line) in enumerate(named):
        if line[:1] not in (b" ", b"\t"):  # a folded line shares the fate of the one before
            dropping = number > 0 and name in (b"transfer-encoding", b"content-length")
            if name == b"transfer-encoding" and dropping and not placed:
                kept.append(b"Content-Length: %d\r\n" % length)
                placed = True
        if not dropping:
            kept.append(line)
    return kept


def _field_name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _without_transfer_encoding(
    headers: tuple[tuple[bytes, bytes], ...], length: int
) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of the same message sent in one piece (RFC 9112, section 7.1.3, last step)."""
    kept: list[tuple[bytes, bytes]] = []
    placed = False
    for name, value in headers:
        plain = name.strip().lower()
        if plain == b"transfer-encoding":
            if not placed:
                kept.append((b"Content-Length", str(length).encode("ascii")))
                placed = True
        elif plain != b"content-length":
            kept.append((name, value))
    return tuple(kept)


def _header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(_plain(name) + b": " + _plain(value) + b"\r\n" for name, value in headers)


def _plain(part: bytes) -> bytes:
    """RFC 9110, section 5.5: CR, LF and NUL in a field are dangerous; each becomes a space."""
    return re.sub(rb"[\r\n\0]", b" ", part)


def _one_line(value: str) -> str:
    """`value` for a WARC field: one line, valid UTF-8, of bounded length."""
    line = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", value[:_MAX_FIELD_CHARACTERS])
    return line.encode("utf-8", "replace").decode("utf-8").strip()


def _token(method: str) -> str:
    return re.sub(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]", "", method) or "GET"


class _HttpHead(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """The head of an HTTP message as finished bytes: warcio writes them as they are."""

    def __init__(self, raw: bytes) -> None:
        super().__init__("", [("", "")])
        self.headers_buff = raw

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """The bytes came over the wire: there is nothing to compute."""


def _record(
    head: _Fields, http_head: bytes | None, body: bytes, content_type: str, *, payload: bool = True
) -> RecordBytes:
    """Lay out one record; `payload=False` where WARC 1.1 knows no digest of its own payload."""
    digest = payload_digest(body) if payload else None
    fields = [*head]
    if digest:
        fields.append(("WARC-Payload-Digest", digest))
    fields.append(("WARC-Block-Digest", payload_digest((http_head or b"") + body)))
    record = ArcWarcRecord(
        "warc",
        head[0][1],
        StatusAndHeaders("", fields, protocol="WARC/1.1"),
        BytesIO(body),
        _HttpHead(http_head) if http_head is not None else None,
        content_type,
        len(body),
        payload_length=len(body),
    )
    out = BytesIO()
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(record)
    return RecordBytes(
        record_id=head[1][1], record_type=head[0][1], payload_digest=digest, data=out.getvalue()
    )

"""From the bytes of an HTTP message to the bytes a parser reads: framing and content codings undone.

Everything here takes hostile bytes and is bounded in what it gives back and in what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec
from zlib_ng import zlib_ng

try:
    import brotli  # type: ignore[import-untyped]  # has no types
except ImportError:  # an optional extra: pages in that coding are then reported, not guessed
    brotli = None
try:
    import zstandard
except ImportError:
    zstandard = None  # type: ignore[assignment]  # same

#: Largest decoded body we hand to a parser: the cap of the crawl (DOWNLOAD_MAXSIZE).
MAX_BODY = 20_000_000
#: Codings on top of one another; real servers send one, rarely two (a proxy that compresses again).
MAX_CODINGS = 3
#: RFC 9659: a zstd content coding must be readable with a window of 8 MB.
_ZSTD_WINDOW = 8 * 1024 * 1024

#: What unpacking raises at damage.
DeflateError: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its stub says: an instance

Headers = tuple[tuple[bytes, bytes], ...]


class PayloadError(Exception):
    """The body cannot be had; the sentence says why."""


class HttpMessage(msgspec.Struct, frozen=True):
    """A parsed response. `body` is as it stood after the blank line, framing included."""

    protocol: str
    status: int
    reason: str
    headers: Headers
    body: bytes


def parse_response(block: bytes) -> HttpMessage:
    """Split a response into status line, headers and body; lenient in line ends, strict in nothing else.

    Raises PayloadError where the first line is no status line.
    """
    head, body = _split_head(block)
    lines = head.replace(b"\r\n", b"\n").split(b"\n")
    status_line = re.match(rb"(HTTP/\d(?:\.\d)?|ICY)\s+(\d{3})\b[ \t]?(.*)", lines[0].strip(), re.DOTALL)
    if status_line is None:
        raise PayloadError(f"begins with {lines[0][:40]!r}, which is no HTTP status line")
    headers: list[tuple[bytes, bytes]] = []
    for line in lines[1:]:
        if line[:1] in (b" ", b"\t") and headers:  # obsolete line folding, RFC 9112 section 5.2
            name, value = headers[-1]
            headers[-1] = (name, value + b" " + line.strip())
            continue
        name, colon, value = line.partition(b":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return HttpMessage(
        protocol=status_line[1].decode("ascii"),
        status=int(status_line[2]),
        reason=status_line[3].decode("latin-1").strip(),
        headers=tuple(headers),
        body=body,
    )


def _split_head(block: bytes) -> tuple[bytes, bytes]:
    end = re.search(rb"\r?\n\r?\n", block)
    return (block[: end.start()], block[end.end() :]) if end else (block.rstrip(b"\r\n"), b"")


def header_values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """Every value of header `name`, in order, lists split at commas, lower case."""
    found = (value.decode("latin-1").lower() for key, value in headers if key.lower() == name)
    return [token.strip() for value in found for token in value.split(",") if token.strip()]


def first_header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The first value of header `name` as it stands, or ""."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def without_transfer_coding(headers: Headers, body: bytes) -> bytes:
    """`body` with chunked framing removed.

    Many archives keep the header but store the body without its framing, and some servers send broken
    framing: a body that is not chunked comes back whole, one that breaks off midway as far as it went.
    """
    if "chunked" not in header_values(headers, b"transfer-encoding"):
        return body
    chunks: list[bytes] = []
    at = 0
    while line := re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]*)?\r?\n").match(body, at):
        size = int(line[1], 16)
        if size == 0:
            return b"".join(chunks)
        chunks.append(body[line.end() : line.end() + size])
        at = line.end() + size
        if body[at : at + 2] == b"\r\n":
            at += 2
        elif body[at : at + 1] == b"\n":
            at += 1
        elif at < len(body):
            return body if len(chunks) == 1 else b"".join(chunks)
    return b"".join(chunks) if chunks else body


def decoded(headers: Headers, body: bytes, *, limit: int = MAX_BODY) -> bytes:
    """`body` with its content codings undone.

    A body that is not in the coding its header claims comes back as it is (servers lie about it more
    often than they send broken streams). Raises PayloadError over `limit` bytes, for a coding we cannot
    read, and for more than MAX_CODINGS of them.
    """
    codings = [c for c in header_values(headers, b"content-encoding") if c in _CODINGS or c in _NOT_READABLE]
    if len(codings) > MAX_CODINGS:
        raise PayloadError(f"its body was encoded {len(codings)} times over")
    for coding in reversed(codings):
        if coding not in _CODINGS:
            raise PayloadError(
                f"its body is in the coding {coding}, which needs the package {_NOT_READABLE[coding]}"
            )
        body = _CODINGS[coding](body, limit)
    if len(body) > limit:
        raise PayloadError(f"its body has more than {limit:,} bytes")
    return body


def _too_large(limit: int) -> PayloadError:
    return PayloadError(f"its body unpacks to more than {limit:,} bytes")


def _gunzip(body: bytes, limit: int) -> bytes:
    if body[:2] != b"\x1f\x8b":
        return body
    return _inflate(body, limit, 31)


def _deflate(body: bytes, limit: int) -> bytes:
    # "deflate" is zlib's format (RFC 9110, 8.4.1.2), but some servers send the bare stream.
    zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
    return _inflate(body, limit, 15 if zlib_header else -15)


def _inflate(body: bytes, limit: int, window: int) -> bytes:
    out: list[bytes] = []
    size = 0
    rest = body
    while rest:
        inflate = zlib_ng.decompressobj(window)
        try:
            piece = inflate.decompress(rest, limit + 1 - size)
        except DeflateError:
            # Nothing readable: not in this coding. Something: a stream that broke off.
            return b"".join(out) if out else _readable_part(body, limit, window)
        out.append(piece)
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        # gzip allows several members after one another (RFC 1952, 2.2); other trailing bytes are junk.
        rest = inflate.unused_data if inflate.unused_data[:2] == b"\x1f\x8b" and window == 31 else b""
    return b"".join(out)


def _readable_part(body: bytes, limit: int, window: int) -> bytes:
    """What a damaged stream gives before the damage, or `body` itself where that is nothing."""
    inflate = zlib_ng.decompressobj(window)
    out = b""
    for at in range(0, len(body), 512):
        try:
            out += inflate.decompress(body[at : at + 512], limit + 1 - len(out))
        except DeflateError:
            break
        if len(out) > limit:
            raise _too_large(limit)
    return out or body


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    out: list[bytes] = []
    size = 0
    try:
        piece = stream.process(body, output_buffer_limit=limit + 1)
        while piece:
            out.append(piece)
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            piece = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=limit + 1 - size)
    except brotli.error:
        return b"".join(out) or body
    return b"".join(out) if out or stream.is_finished() else body


def _unzstd(body: bytes, limit: int) -> bytes:
    if body[:4] != b"\x28\xb5\x2f\xfd":
        return body
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    out = b""
    try:
        with decompressor.stream_reader(body, read_across_frames=True) as stream:
            while len(out) <= limit and (piece := stream.read(min(1 << 20, limit + 1 - len(out)))):
                out += piece
    except zstandard.ZstdError:
        out = out or body
    if len(out) > limit:
        raise _too_large(limit)
    return out


#: The codings we undo. Any other token (`identity`, `none`, `utf-8`: all met in the wild) is no coding.
_CODINGS: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _deflate}
_NOT_READABLE = {"br": "brotli", "zstd": "zstandard"}
if brotli is not None:
    _CODINGS["br"] = _unbrotli
if zstandard is not None:
    _CODINGS["zstd"] = _unzstd

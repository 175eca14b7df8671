"""Answers as servers put them on the wire, a resource for each form that HTTP/1 lets them have."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

from tests.newsroom.server import answer
from tests.newsroom.trouble import article, conditional, encoded, endless, redirect, stall

if TYPE_CHECKING:
    from tests.newsroom.server import Resource, Wire


def raw(head: bytes, body: bytes = b"", *, close: bool = False) -> Resource:
    """Sends these bytes: the head without its blank line, then the body."""

    def serve(wire: Wire) -> None:
        wire.close = close
        wire.send(head + b"\r\n\r\n" + body)

    return serve


def sized(title: str, head: bytes, more: int = 0) -> Resource:
    """A head and an article, with the article's length (and `more`) stated."""
    body = article(title)
    return raw(head + b"\r\nContent-Length: %d" % (len(body) + more), body, close=bool(more))


def in_chunks(body: bytes, *, size: int = 300, trailer: bytes = b"") -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return chunks + b"0\r\n" + trailer + b"\r\n"


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8"
CHUNKED = OK + b"\r\nTransfer-Encoding: chunked"
_DEFLATE = zlib.compressobj(wbits=-15)

#: By path. What the path's words say is what is special about the answer.
WIRE: dict[str, Resource] = {
    "/plain": answer(body=article("Plain")),
    # Framing.
    "/chunked": raw(CHUNKED, in_chunks(article("Chunked"))),
    "/chunked/trailer": raw(
        CHUNKED + b"\r\nTrailer: X-Sum", in_chunks(article("Trailer"), trailer=b"X-Sum: 1\r\nX-Two: 2\r\n")
    ),
    "/chunked/gzip": raw(
        CHUNKED + b"\r\nContent-Encoding: gzip", in_chunks(gzip.compress(article("Chunked gzip")))
    ),
    "/chunked/odd-header": raw(
        OK + b"\r\ntransfer-ENCODING:   chunked \r\nX-After: yes", in_chunks(article("Odd header"))
    ),
    "/chunked/and-length": raw(CHUNKED + b"\r\nContent-Length: 7", in_chunks(article("And length"))),
    "/http-1.0": raw(
        b"HTTP/1.0 200 Fine\r\nContent-Type: text/html", article("Old protocol"), close=True
    ),
    "/http-1.0/length": sized("Old with length", b"HTTP/1.0 200 OK\r\nContent-Type: text/html"),
    "/no-length": raw(OK + b"\r\nConnection: close", article("No length"), close=True),
    # Content codings.
    "/gzip": encoded("Gzip", "gzip", gzip.compress),
    "/x-gzip": encoded("X-Gzip", "x-gzip", gzip.compress),
    "/br": encoded("Brotli", "br", brotli.compress),
    "/zstd": encoded("Zstandard", "zstd", zstandard.compress),
    "/deflate": encoded("Deflate", "deflate", zlib.compress),
    "/deflate/raw": encoded("Raw deflate", "deflate", lambda b: _DEFLATE.compress(b) + _DEFLATE.flush()),
    "/nested": encoded("Nested", "gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    "/identity": encoded("Identity", "identity", bytes),
    "/lying-gzip": encoded("Lying gzip", "gzip", bytes),
    # Heads.
    "/reason/none": sized("No reason", b"HTTP/1.1 200\r\nContent-Type: text/html"),
    "/reason/space": sized("Space for a reason", b"HTTP/1.1 200 \r\nContent-Type: text/html"),
    "/reason/latin-1": sized("Latin-1 reason", b"HTTP/1.1 200 Jolly g\xf6od\r\nContent-Type: text/html"),
    "/head/repeated": sized("Repeated", OK + b"\r\nSet-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2; Path=/"),
    "/head/case": sized("Case", b"HTTP/1.1 200 OK\r\ncONTENT-tYPE: text/html\r\netag: W/\"1\"\r\nX_Y: z"),
    "/head/empty": sized("Empty", OK + b"\r\nX-Empty:\r\nX-Blank:   \r\nX-Last: "),
    "/head/spaces": sized("Spaces", OK + b"\r\nX-None:x\r\nX-Many:  \t x \t \r\nX-Space : before the colon"),
    "/head/folded": sized("Folded", OK + b"\r\nX-Folded: one\r\n\ttwo\r\n   three\r\nX-Next: y"),
    "/head/no-colon": sized("No colon", OK + b"\r\nthis line has no colon\r\nX-Next: y"),
    "/head/line-feeds": raw(
        b"HTTP/1.1 200 OK\nContent-Type: text/html\nX-Mixed: y\r\nConnection: close\n",
        article("Line feeds"), close=True,
    ),
    "/head/bytes": sized("Bytes", OK + b"\r\nX-Latin: caf\xe9\r\nX-UTF-8: \xc3\xa9\r\nX-Tab: a\tb\r\nX:\x01"),
    "/head/long": sized("Long", OK + b"\r\nX-Long: " + b"x" * 40_000),
    "/head/hostile": sized("Hostile", OK + b"\r\nReferrer-Policy: sys.exit\r\nWARC-Type: warcinfo"),
    "/head/names": sized("Names", OK + b"\r\n: no name\r\nX Y: two words\r\nX(1): round\r\nX-\xe9: byte"),
    # Statuses.
    "/204": raw(b"HTTP/1.1 204 No Content\r\nX: y"),
    "/empty": answer(),
    "/304": raw(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"'),
    "/404": answer(404, b"<h1>No such page</h1>", reason="Not Found"),
    "/410": answer(410, b"", reason="Gone"),
    "/503": answer(503, b"<h1>Later</h1>", reason="Service Unavailable"),
    "/302": redirect("/plain"),
    "/301/empty": raw(b"HTTP/1.1 301 Moved Permanently\r\nLocation: /plain\r\nContent-Length: 0"),
    "/etag": conditional(article("With etag")),
    # Addresses.
    "/query": lambda wire: answer(body=article(wire.served.path))(wire),
    # Cut.
    "/cut/length": endless,
    "/cut/time": stall,
    "/cut/disconnect": sized("Disconnect", OK, 99),
    "/cut/chunk": raw(CHUNKED, in_chunks(article("Cut chunk"))[:-40], close=True),
    "/cut/bad-chunk": raw(
        CHUNKED, in_chunks(article("Bad chunk")).removesuffix(b"0\r\n\r\n") + b"zzz\r\nwhat is this\r\n",
        close=True,
    ),
    "/cut/short-length": sized("Short length", OK, -50),
}  # fmt: skip

#: Odd queries: as they are asked for, as they go over the wire (escaped as browsers do), as WARC-Target-URI
#: has them (where a stray per cent sign may not stand).
QUERIES = (
    ("?a=1&a=2", "?a=1&a=2", "?a=1&a=2"),
    ("?q=caf\xe9+au%20lait", "?q=caf%C3%A9+au%20lait", "?q=caf%C3%A9+au%20lait"),
    ("?x=[1|2]&y={}", "?x=%5B1%7C2%5D&y=%7B%7D", "?x=%5B1%7C2%5D&y=%7B%7D"),
    ("?a;b=c/d?e:f@g", "?a;b=c/d?e:f@g", "?a;b=c/d?e:f@g"),
    ("?=&&=", "?=&&=", "?=&&="),
    ("?%zz%&%2f", "?%zz%&%2f", "?%25zz%25&%2f"),
)

#: Before each of these come answers that are none.
INTERIM: dict[str, Resource] = {
    "/interim/100": sized("After 100", b"HTTP/1.1 100 Continue\r\n\r\n" + OK),
    "/interim/103": raw(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
        b"HTTP/1.1 103 Early Hints\r\nLink: </b.css>; rel=preload\r\n\r\n" + CHUNKED,
        in_chunks(article("After 103")),
    ),
}

"""The site that misbehaves: one small resource for each thing that servers do to a crawler."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

from tests.newsroom.server import answer

if TYPE_CHECKING:
    from tests.newsroom.server import Newsroom, Resource, Wire

HTML = "text/html; charset=utf-8"


def article(title: str) -> bytes:
    """A small page that is an article, different for each title."""
    paragraphs = "".join(
        f"<p>{title}, part {n}: the harbour office published its figures for the week, and the crane on the "
        f"north quay, which had been out of order since the storm, was reported to lift again.</p>"
        for n in range(1, 5)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def encoded(title: str, coding: str, pack: Callable[[bytes], bytes]) -> Resource:
    return answer(body=pack(article(title)), headers=(("Content-Encoding", coding),))


def redirect(target: str, status: int = 302) -> Resource:
    return answer(status, b"<a>moved</a>", reason="Found", headers=(("Location", target),))


def chunked(wire: Wire) -> None:
    """Chunks of odd sizes, one with an extension, and a trailer."""
    body = article("Chunked")
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    for start, size in ((0, 1), (1, 7), (8, len(body))):
        piece = body[start : start + size]
        wire.send(b"%x;why=not\r\n%s\r\n" % (len(piece), piece))
    wire.send(b"0\r\nX-Trailer: yes\r\n\r\n")


def early_close(wire: Wire) -> None:
    """Announces more than it sends, and hangs up."""
    body = article("Early close")
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (len(body) + 99))
    wire.send(body)
    wire.close = True


def no_last_chunk(wire: Wire) -> None:
    """Hangs up before the chunk that would end the body."""
    body = article("No last chunk")
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    wire.send(b"%x\r\n%s\r\n" % (len(body), body))
    wire.close = True


def bad_chunk(wire: Wire) -> None:
    """A chunk's size that is no number, after a good chunk."""
    body = article("Bad chunk")
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    wire.send(b"%x\r\n%s\r\n" % (len(body), body))
    wire.send(b"zzz\r\nwhat is this\r\n")
    wire.close = True


def http_1_0(wire: Wire) -> None:
    """No length, no chunks: the body ends with the connection."""
    wire.send(b"HTTP/1.0 200 Fine\r\nContent-Type: text/html\r\n\r\n" + article("Old protocol"))
    wire.close = True


def strange_headers(wire: Wire) -> None:
    """Repeated, Latin-1, folded, without colon, hostile; odd case; a reason phrase of its own."""
    body = article("Strange headers")
    wire.send(
        b"HTTP/1.1 200 Jolly g\xf6od\r\n"
        b"content-TYPE: text/html; charset=utf-8\r\n"
        b"Set-Cookie: a=1\r\nX-Place: caf\xe9\r\nSet-Cookie: b=2; Path=/\r\n"
        b"X-Folded: one\r\n  two\r\n"
        b"this line has no colon\r\n"
        b"Referrer-Policy: sys.exit\r\n"
        b"X-Empty:\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )


def endless(wire: Wire) -> None:
    """A body without end, as fast as it is read."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + article("Endless"))
    while not wire.stopped.is_set():
        wire.send(b"<p>and on and on and on</p>\n" * 1000)


def trickle(wire: Wire) -> None:
    """A body that comes byte by byte and never ends."""
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + article("Trickle"))
    while not wire.stopped.wait(0.05):
        wire.send(b".")


def stall(wire: Wire) -> None:
    """Half a body, and then nothing."""
    body = article("Stall")
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (2 * len(body)))
    wire.send(body)
    wire.stopped.wait()
    wire.close = True


def silent(wire: Wire) -> None:
    """Takes the request and never answers."""
    wire.stopped.wait()
    wire.close = True


def hang_up(wire: Wire) -> None:
    """Closes the connection without a word."""
    wire.close = True


def in_turn(*answers: Resource) -> Resource:
    """Another answer each time; the last one for ever."""
    turns: Iterator[Resource] = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda wire: next(turns)(wire)


def conditional(
    body: bytes, *, etag: str = '"v1"', modified: str = "", kind: str = HTML, coding: str = ""
) -> Resource:
    """200 with validators, 304 to whoever brings one of them back."""
    validators = (("ETag", etag), ("Last-Modified", modified))
    told = tuple((name, value) for name, value in validators if value)
    whole = answer(
        body=body, kind=kind, headers=(*told, *((("Content-Encoding", coding),) if coding else ()))
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in told)

    def serve(wire: Wire) -> bytes | None:
        asked = {value.decode("latin-1") for _, value in wire.served.request_headers}
        if asked & {value for _, value in told}:
            return f"HTTP/1.1 304 Not Modified\r\n{lines}\r\n".encode("latin-1")
        return whole(wire)

    return serve


CONSENT = (
    b'<!doctype html><html lang="en"><head><title>Before you continue</title></head><body><main>'
    b"<h1>Before you continue</h1><p>We and our 612 partners store and access information on your device, "
    b"such as cookies, and process personal data.</p><p>Click Accept all to agree, or Manage options to "
    b"choose. You can change your mind at any time in the privacy settings.</p><button>Accept all</button>"
    b"<button>Reject all</button><button>Manage options</button></main></body></html>"
)
SOFT_404 = (
    b'<!doctype html><html lang="en"><head><title>Page not found</title></head><body><h1>Page not found</h1>'
    b"<p>Sorry, the page you were looking for does not exist or has moved.</p></body></html>"
)


def trouble(newsroom: Newsroom) -> dict[str, Resource]:
    """Every resource of the misbehaving site, by path."""
    here = newsroom.origin("trouble")
    deflate = zlib.compressobj(wbits=-15)
    return {
        "/plain": answer(body=article("Plain")),
        "/chain": redirect("/chain/2", 301),
        "/chain/2": redirect(f"{here}/chain/3", 307),
        "/chain/3": redirect("/plain"),
        "/loop": redirect("/loop/back"),
        "/loop/back": redirect("/loop"),
        "/to-file": redirect("file:///etc/passwd"),
        "/to-data": redirect("data:text/html,hello"),
        "/to-ftp": redirect("ftp://127.0.0.1/x"),
        "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
        "/chunked": chunked,
        "/gzip": encoded("Gzip", "gzip", gzip.compress),
        "/br": encoded("Brotli", "br", brotli.compress),
        "/zstd": encoded("Zstandard", "zstd", zstandard.compress),
        "/deflate": encoded("Deflate", "deflate", lambda body: deflate.compress(body) + deflate.flush()),
        "/lying-gzip": encoded("Lying gzip", "gzip", bytes),
        "/bomb": answer(body=gzip.compress(bytes(64 << 20), 9), headers=(("Content-Encoding", "gzip"),)),
        "/early-close": early_close,
        "/no-last-chunk": no_last_chunk,
        "/bad-chunk": bad_chunk,
        "/breaks-once": in_turn(early_close, answer(body=article("Breaks once"))),
        "/http-1-0": http_1_0,
        "/strange-headers": strange_headers,
        "/long-header": answer(body=article("Long header"), headers=(("X-Long", "x" * 200_000),)),
        "/huge-header": answer(body=article("Huge header"), headers=(("X-Huge", "x" * 3_000_000),)),
        "/etag": conditional(article("With etag")),
        "/always-304": lambda wire: b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n',
        "/no-content": lambda wire: b"HTTP/1.1 204 No Content\r\n\r\n",
        "/empty": answer(),
        "/soft-404": answer(body=SOFT_404),
        "/gone": answer(410, b"<h1>Gone</h1>", reason="Gone"),
        "/error": answer(500, b"<h1>Internal error</h1>", reason="Internal Server Error"),
        "/flaky": in_turn(answer(500, b"busy", reason="Oh Dear"), answer(body=article("Flaky"))),
        "/too-many": in_turn(
            answer(429, b"slow down", reason="Too Many Requests", headers=(("Retry-After", "1"),)),
            answer(body=article("Too many")),
        ),
        "/come-back-tomorrow": answer(
            429, b"slow down", reason="Too Many Requests", headers=(("Retry-After", "86400"),)
        ),
        "/endless": endless,
        "/trickle": trickle,
        "/stall": stall,
        "/silent": silent,
        "/hang-up": hang_up,
        "/consent": answer(body=CONSENT),
        "/pdf": answer(body=b"%PDF-1.7 not really", kind="application/pdf"),
        "/private/plain": answer(body=article("Private")),
    }

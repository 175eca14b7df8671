"""The loopback news site: real sockets, each byte under control, and a log of what was asked and answered.

Each site has a port of its own (robots.txt belongs to a host and port). Sites may be looked at and changed
while they run: `newsroom.robots["tidewater"] = answer(500)`.
"""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

PAGES = Path(__file__).parent / "pages"
SITES = {
    "tidewater": "Tidewater Courier",
    "fieldpost": "Fieldpost",
    "loomletter": "The Loom Letter",
    "anaportal": "AnaPortal",
}
#: Where each site announces its feed.
FEEDS = {"tidewater": "/feed/", "fieldpost": "/atom.xml", "loomletter": "/feed/", "anaportal": "/rss"}


@dataclass
class SavedPage:
    """One page of `pages/` and what it says."""

    name: str
    html: bytes
    expected: dict[str, Any]

    @property
    def site(self) -> str:
        return str(self.expected["site"])

    @property
    def path(self) -> str:
        return str(self.expected["path"])


def saved_pages() -> list[SavedPage]:
    """All pages of the newsroom, by name."""
    return [
        SavedPage(
            folder.name,
            (folder / "page.html").read_bytes(),
            json.loads((folder / "expected.json").read_text(encoding="utf-8")),
        )
        for folder in sorted(PAGES.iterdir())
        if folder.is_dir()
    ]


@dataclass
class Served:
    """One request as it came and its answer as it went, for tests to compare with what was recorded."""

    site: str
    request: bytes
    sent: bytearray = field(default_factory=bytearray)

    @property
    def path(self) -> str:
        return self.request.split(b" ", 2)[1].decode("latin-1")

    @property
    def request_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        lines = self.request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        return tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))

    @property
    def head(self) -> bytes:
        return bytes(self.sent).partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """What followed the head, chunks and all."""
        return bytes(self.sent).partition(b"\r\n\r\n")[2]


class Wire:
    """The server's end of one connection, while it answers one request."""

    def __init__(self, handler: _Handler, served: Served) -> None:
        self.served = served
        self.close = False
        self._out = handler.wfile
        self.stopped = handler.server.newsroom.stopped

    def send(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()
        self.served.sent += data


#: Answers one request: gives the whole answer, or sends it piecemeal and sets `wire.close`.
Resource = Callable[[Wire], bytes | None]


def answer(
    status: int = 200,
    body: bytes = b"",
    *,
    kind: str = "text/html; charset=utf-8",
    reason: str = "OK",
    headers: tuple[tuple[str, str], ...] = (),
) -> Resource:
    """A plain answer with its length stated."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    whole = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    return lambda wire: whole


class Newsroom:
    """The running sites. Use as a context manager; leaves no thread and no socket behind.

    `more` names further sites, which hold nothing yet; those in `tls` are served encrypted.
    """

    def __init__(self, more: Iterable[str] = (), tls: Mapping[str, ssl.SSLContext] | None = None) -> None:
        self.tls = dict(tls or {})
        self.stopped = threading.Event()
        self.log: list[Served] = []
        #: What each site answers to /robots.txt.
        self.robots: dict[str, Resource] = {}
        #: Each site's other resources by path.
        self.resources: dict[str, dict[str, Resource]] = {
            name: {} for name in (*SITES, "trouble", *more, *self.tls)
        }
        self._servers: dict[str, _Server] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Newsroom:
        from tests.newsroom.trouble import trouble

        for site in self.resources:
            server = self._servers[site] = _Server(self, site)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            self._threads.append(thread)
            self.robots[site] = answer(body=b"User-agent: *\nDisallow: /private/\n", kind="text/plain")
        for site, title in SITES.items():
            self._publish(site, title)
        self.resources["trouble"] |= trouble(self)
        return self

    def __exit__(self, *error: object) -> None:
        self.stopped.set()
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def origin(self, site: str) -> str:
        """`http://127.0.0.1:PORT` of a site."""
        scheme = "https" if site in self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._servers[site].server_address[1]}"

    def pages(self, site: str) -> list[SavedPage]:
        """The articles of a site, with its running origin put in for the saved one."""
        old, new = f"https://{site}.example", self.origin(site)
        pages = []
        for page in saved_pages():
            if page.site == site:
                expected = json.loads(json.dumps(page.expected).replace(old, new))
                pages.append(SavedPage(page.name, page.html.replace(old.encode(), new.encode()), expected))
        return pages

    def asked(self, site: str, path: str | None = None) -> list[Served]:
        """The requests that a site got, or those for one path."""
        return [served for served in self.log if served.site == site and path in (None, served.path)]

    def sites_toml(self, *sites: str) -> str:
        """A sites.toml for some of the sites, feeds named."""
        return "\n".join(
            f'[[site]]\nname = "{SITES.get(site, site)}"\nurl = "{self.origin(site)}/"\n'
            f'feeds = ["{self.origin(site)}{FEEDS.get(site, "/feed")}"]\n'
            for site in sites
        )

    def feed_of(self, site: str, *paths: str) -> str:
        """Publish a feed on a site that lists these paths; its URL."""
        links: list[Entry] = [(self.origin(site) + path, path.strip("/"), None) for path in paths]
        self.resources[site]["/feed"] = answer(body=rss(site, links), kind="application/rss+xml")
        return self.origin(site) + "/feed"

    def resource(self, site: str, path: str) -> Resource:
        if path == "/robots.txt":
            return self.robots[site]
        found = self.resources[site].get(path) or self.resources[site].get(path.partition("?")[0])
        return found or answer(
            404, b"<html><title>Not found</title><h1>Not found</h1></html>", reason="Not Found"
        )

    def _publish(self, site: str, title: str) -> None:
        pages = self.pages(site)
        here = self.resources[site]
        for page in pages:
            here[page.path] = answer(body=page.html)
        kind = "application/atom+xml" if site == "fieldpost" else "application/rss+xml"
        links = "".join(f'<li><a href="{p.path}">{escape(p.expected["headline"])}</a></li>' for p in pages)
        here["/"] = answer(
            body=f'<!doctype html><html><head><meta charset="utf-8"><title>{title} | Home</title>'
            f'<link rel="alternate" type="{kind}" title="{title}" href="{FEEDS[site]}">'
            f'<link rel="alternate" type="{kind}" title="Comments" href="/comments/feed/">'
            f"</head><body><h1>{title}</h1><ul>{links}</ul></body></html>".encode()
        )
        entries = [
            (self.origin(site) + p.path, p.expected["headline"], p.expected["published"]) for p in pages
        ]
        write = atom if site == "fieldpost" else rss
        here[FEEDS[site]] = answer(body=write(title, entries), kind=kind)


Entry = tuple[str, str, str | None]


def rss(title: str, entries: list[Entry]) -> bytes:
    """An RSS 2.0 feed of (URL, headline, ISO date) entries."""
    items = "".join(
        f"<item><title>{escape(headline)}</title><link>{escape(url)}</link>{_pub_date(date)}</item>"
        for url, headline, date in entries
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{escape(title)}</title>'
        f"{items}</channel></rss>"
    ).encode()


def _pub_date(date: str | None) -> str:
    return f"<pubDate>{format_datetime(datetime.fromisoformat(date))}</pubDate>" if date else ""


def atom(title: str, entries: list[Entry]) -> bytes:
    """An Atom feed of the same."""
    items = "".join(
        f'<entry><title>{escape(headline)}</title><link href="{escape(url)}"/><id>{escape(url)}</id>'
        f"<updated>{date}</updated></entry>"
        for url, headline, date in entries
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{escape(title)}</title>{items}</feed>"
    ).encode()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True

    def __init__(self, newsroom: Newsroom, site: str) -> None:
        self.newsroom, self.site = newsroom, site
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        context = self.newsroom.tls.get(self.site)
        if context is not None:  # the handshake is made by the thread that reads
            connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address


class _Handler(socketserver.StreamRequestHandler):
    """Answers the requests of one connection, one after another, until either side closes it."""

    server: _Server

    def handle(self) -> None:
        # The other side may hang up whenever it likes, also without ending TLS.
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for request in self._requests():
                served = Served(self.server.site, request)
                self.server.newsroom.log.append(served)
                wire = Wire(self, served)
                whole = self.server.newsroom.resource(self.server.site, unquote(served.path))(wire)
                if whole is not None:
                    wire.send(whole)
                if wire.close:
                    return

    def _requests(self) -> Iterator[bytes]:
        request = b""
        while not self.server.newsroom.stopped.is_set():
            if not select.select([self.connection], [], [], 0.05)[0]:
                continue
            data = self.connection.recv(65536)
            if not data:
                return
            request += data
            head, blank, body = request.partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^content-length: *(\d+)", head)
            if blank and len(body) >= (int(length[1]) if length else 0):
                yield request
                request = b""

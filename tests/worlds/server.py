"""Answers for all sites of a world, each at its own address, at the simulated time it is told; keeps a log.

As a module it is a process: the world's plan as JSON in its argument, simulated times on standard input (one
a line; `ok` is answered when it is that time), the port first on standard output. Each request is a line of
the log, as JSON: LOGGED.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TextIO
from xml.sax.saxutils import escape

from tests.worlds import pages
from tests.worlds.plan import DAY, HOUR, SECTIONS, START, Article, Site, world

#: Columns of the log. `arrived` and `answered`: monotonic seconds; `now`: simulated time; `what`: `robots`,
#: `source`, `article`, `wall`, `other`; `article`, `revision`: which was asked for, and in which state shown.
LOGGED = (
    "host", "address", "peer", "arrived", "answered", "now", "path", "status", "what", "article", "revision",
    "agent", "conditional", "rest",
)  # fmt: skip
#: For how long a site that is asked for too much wants to be left alone, and how often it says so.
REST, REST_EVERY = 45 * 60.0, 5 * HOUR
NOT_FOUND = "Page not found"


@dataclass
class Answer:
    """What is sent. `status` 0: the connection is dropped."""

    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    what: str = "other"
    article: int | None = None
    revision: int | None = None


def iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).isoformat()


class Newsstand:
    """One site as it answers: a path and a time in, an answer out."""

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        self.origin = f"http://{site.host}:{port}"
        self._rests_until = 0.0
        self._rested_at = START - REST_EVERY + site.number % 5 * HOUR + HOUR
        self._asked = 0

    def answer(self, path: str, now: float) -> Answer:
        """The answer to a GET of a path (with its query)."""
        site = self.site
        bare = path.partition("?")[0]
        self._asked += 1
        if site.is_down(now):
            return Answer(0 if self._asked % 2 else 500, b"<h1>Internal Server Error</h1>")
        if site.traits.trouble == "busy" and (answer := self._too_much(now)):
            return answer
        if bare == "/robots.txt":
            return Answer(body=self._robots(now).encode(), kind="text/plain", what="robots")
        article = site.by_path.get(bare)
        if article is not None and article.published <= now:
            return self._article(article, bare, now)
        source = self._sources(now).get(bare)
        if source is not None:
            return source()
        return self._not_found(bare, now)

    def _too_much(self, now: float) -> Answer | None:
        if now >= self._rested_at + REST_EVERY:
            self._rested_at, self._rests_until = now, now + REST
        if now >= self._rests_until:
            return None
        rest = str(int(self._rests_until - now))
        return Answer(429, b"<h1>Too many requests</h1>", headers={"Retry-After": rest}, what="wall")

    def _robots(self, now: float) -> str:
        traits = self.site.traits
        lines = ["User-agent: *", "Disallow: /login", "Disallow: /search"]
        lines += ["Disallow: /sport"] if traits.forbids else []
        lines += [f"Crawl-delay: {traits.delay}"] if traits.delay else []
        lists = traits.lists.split("+")
        lines += [f"Sitemap: {self.origin}{path}" for name, path in _SITEMAPS.items() if name in lists]
        return "\n".join(lines) + "\n"

    # Articles -----------------------------------------------------------------------------------------

    def _article(self, article: Article, path: str, now: float) -> Answer:
        site = self.site
        wall = site.traits.wall
        if wall == "consent":
            return Answer(body=pages.consent(self._look(now)).encode(), what="wall")
        if wall == "bot" and site.turn[0] <= now < site.turn[1]:
            check = pages.notice(
                self._look(now),
                "Just a moment...",
                "Checking your browser before accessing the site. Please enable JavaScript and cookies to"
                " continue. Verify you are human by completing the action below.",
            )
            return Answer(body=check.encode(), what="wall")
        if article.deleted_at <= now:
            return self._not_found(path, now)
        current = site.path(article, now)
        if path != current:
            return Answer(301, headers={"Location": self.origin + current}, what="redirect")
        revision = article.revision(now)
        body = pages.article(self._look(now), self._shown(article, revision, now)).encode()
        changed = max((at for at in article.edits if at <= now), default=article.published)
        answer = Answer(body=body, what="article", article=article.number, revision=revision)
        return self._validated(answer, changed)

    def _shown(self, article: Article, revision: int, now: float) -> pages.Shown:
        site = self.site
        text = site.paragraphs(article, revision)
        # A site whose answers cannot be asked for by date or tag shows something else each time.
        noisy = not site.validators
        others = [one for one in site.out(now if noisy else article.published) if one is not article]
        first = int(now // 600) % max(len(others), 1) if noisy else 0
        teasers = [self._teaser(one, now) for one in (others[first:] + others[:first])[:6]]
        changed = max((at for at in article.edits if at <= now), default=article.published)
        return pages.Shown(
            url=self.origin + site.path(article, now),
            headline=site.headline(article),
            author=site.author(article),
            published=iso(article.published),
            modified=iso(now if site.traits.lie in ("now", "bumped") else changed),
            paragraphs=text[:4] if site.traits.wall == "paywall" else text,
            section=article.section,
            related=teasers,
            noise=f"{int(now / 60) % 9973} readers, {self._asked} comments" if noisy else "",
            is_dated=site.number % 5 != 4,
            is_teaser=site.traits.wall == "paywall",
        )

    def _teaser(self, article: Article, now: float) -> pages.Teaser:
        return pages.Teaser(self.site.path(article, now), self.site.headline(article), iso(article.published))

    def _not_found(self, path: str, now: float) -> Answer:
        text = "The page that you are looking for does not exist or has been removed. Try our home page."
        body = pages.notice(self._look(now), NOT_FOUND, text).encode()
        # A soft one looks like any other page.
        soft = self.site.traits.wall == "soft" and path in self.site.by_path
        return Answer(200 if soft else 404, body, what="wall")

    def _look(self, now: float) -> pages.Look:
        site = self.site
        redesigned = site.is_redesigned(now)
        kinds = {
            "rss": "application/rss+xml",
            "atom": "application/atom+xml",
            "json": "application/feed+json",
        }
        name = site.traits.lists.split("+")[0]
        feeds = [(kinds[name], self.feed_path(now))] if name in kinds else []
        return pages.Look(
            site.name, site.template + redesigned, has_json_ld=site.number % 3 != 0, feeds=feeds
        )

    # Lists --------------------------------------------------------------------------------------------

    def feed_path(self, now: float) -> str:
        """Where its feed stands now."""
        name = self.site.traits.lists.split("+")[0]
        return "/rss/all" if self.site.is_redesigned(now) else _FEEDS.get(name, "/feed")

    def _sources(self, now: float) -> dict[str, Callable[[], Answer]]:
        site, lists = self.site, self.site.traits.lists.split("+")
        listed = site.traits.listed
        found: dict[str, Callable[[], Answer]] = {
            "/": lambda: self._listing("Home", site.out(now)[:listed], now),
        }
        for section in SECTIONS:
            own = [article for article in site.out(now) if article.section == section]
            found[f"/{section}"] = (
                lambda own=own, section=section: self._listing(  # type: ignore[misc]
                    section.title(), own[:listed], now
                )
            )
        if lists[0] in _FEEDS:
            write = {"rss": self._rss, "atom": self._atom, "json": self._json}[lists[0]]
            found[self.feed_path(now)] = lambda: write(site.out(now)[:listed], now)
            if site.is_redesigned(now) and site.traits.trouble == "moved":
                moved = Answer(301, headers={"Location": self.origin + self.feed_path(now)}, what="redirect")
                found[_FEEDS[lists[0]]] = lambda: moved
        if "news" in lists:
            fresh = [article for article in site.out(now) if article.published > now - 2 * DAY]
            found["/news-sitemap.xml"] = lambda: self._urlset(fresh, now, is_news=True)
        if "urlset" in lists:
            found["/sitemap.xml"] = lambda: self._urlset(site.out(now), now)
        if "index" in lists:
            found |= self._daily(now)
        return found

    def _daily(self, now: float) -> dict[str, Callable[[], Answer]]:
        days: dict[str, list[Article]] = {}
        for article in self.site.out(now):
            days.setdefault(iso(article.published)[:10], []).append(article)
        inner = "".join(
            f"<sitemap><loc>{self.origin}/sitemaps/{day}.xml.gz</loc>"
            f"<lastmod>{iso(max(self._changed(one, now) for one in own))}</lastmod></sitemap>"
            for day, own in days.items()
        )
        body = f"<sitemapindex>{inner}</sitemapindex>".encode()
        found: dict[str, Callable[[], Answer]] = {
            "/sitemap-index.xml": lambda: self._validated(
                Answer(body=body, kind="application/xml", what="source"), None
            )
        }
        for day, own in days.items():
            found[f"/sitemaps/{day}.xml.gz"] = lambda own=own: self._packed(self._urlset(own, now))  # type: ignore[misc]
        return found

    def _packed(self, answer: Answer) -> Answer:
        answer.body, answer.kind = gzip.compress(answer.body, mtime=0), "application/gzip"
        return answer

    def _changed(self, article: Article, now: float) -> float:
        return max((at for at in article.edits if at <= now), default=article.published)

    def _date(self, article: Article, now: float) -> float:
        """What lists say when an article was published."""
        if (
            self.site.traits.lie == "dates"
        ):  # none is right: a day too early, tomorrow, or at the last full hour
            return (article.published - DAY, now + DAY, now // HOUR * HOUR)[article.number % 3]
        return article.published

    def _url(self, article: Article, now: float) -> str:
        url = self.origin + self.site.path(article, now)
        if self.site.traits.lie == "utm":
            return f"{url}?utm_source=rss&utm_campaign=c{int(now // 60)}&fbclid=x{self._asked}"
        return url

    def _listing(self, title: str, articles: list[Article], now: float) -> Answer:
        body = pages.listing(self._look(now), title, [self._teaser(one, now) for one in articles])
        return self._validated(Answer(body=body.encode(), what="source"), None)

    def _rss(self, articles: list[Article], now: float) -> Answer:
        items = "".join(
            f"<item><title>{escape(self.site.headline(one))}</title>"
            f"<link>{escape(self._url(one, now))}</link>"
            f"<pubDate>{format_datetime(datetime.fromtimestamp(self._date(one, now), UTC))}</pubDate></item>"
            for one in articles
        )
        inner = f"<channel><title>{self.site.name}</title>{items}</channel>"
        body = f'<?xml version="1.0"?><rss version="2.0">{inner}</rss>'
        return self._validated(Answer(body=body.encode(), kind="application/rss+xml", what="source"), None)

    def _atom(self, articles: list[Article], now: float) -> Answer:
        bumped = self.site.traits.lie == "bumped"
        items = "".join(
            f"<entry><title>{escape(self.site.headline(one))}</title><id>{one.number}</id>"
            f'<link href="{escape(self._url(one, now))}"/><published>{iso(one.published)}</published>'
            f"<updated>{iso(now // HOUR * HOUR if bumped else self._changed(one, now))}</updated></entry>"
            for one in articles
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{self.site.name}</title>{items}</feed>'
        return self._validated(Answer(body=body.encode(), kind="application/atom+xml", what="source"), None)

    def _json(self, articles: list[Article], now: float) -> Answer:
        items = [
            {"id": str(one.number), "url": self._url(one, now), "title": self.site.headline(one),
             "date_published": iso(one.published)}
            for one in articles
        ]  # fmt: skip
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.site.name,
            "items": items,
        }
        body = json.dumps(feed).encode()
        return self._validated(Answer(body=body, kind="application/feed+json", what="source"), None)

    def _urlset(self, articles: list[Article], now: float, *, is_news: bool = False) -> Answer:
        def entry(one: Article) -> str:
            said = now if self.site.traits.lie == "now" else self._changed(one, now)
            news = (
                f"<news:news><news:publication_date>{iso(one.published)}</news:publication_date>"
                f"<news:title>{escape(self.site.headline(one))}</news:title></news:news>"
            )
            own = news if is_news else f"<lastmod>{iso(said)}</lastmod>"
            return f"<url><loc>{escape(self._url(one, now))}</loc>{own}</url>"

        body = (
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
            f"{''.join(map(entry, articles))}</urlset>"
        )
        return self._validated(Answer(body=body.encode(), kind="application/xml", what="source"), None)

    def _validated(self, answer: Answer, changed: float | None) -> Answer:
        """With the validators that the site gives; lists have no date of their own."""
        if self.site.validators == "etag":
            answer.headers["ETag"] = f'"{hashlib.sha1(answer.body).hexdigest()[:16]}"'
        elif self.site.validators == "modified" and changed is not None:
            answer.headers["Last-Modified"] = format_datetime(
                datetime.fromtimestamp(int(changed), UTC), usegmt=True
            )
        return answer


_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
_FEEDS = {"rss": "/feed", "atom": "/atom.xml", "json": "/feed.json"}
_SITEMAPS = {"news": "/news-sitemap.xml", "urlset": "/sitemap.xml", "index": "/sitemap-index.xml"}


# The sockets ------------------------------------------------------------------------------------------


class Stands:
    """All sites by host name, the time, and the log."""

    def __init__(self, sites: list[Site], log: TextIO) -> None:
        self.sites = sites
        self.by_host: dict[str, Newsstand] = {}
        self.now = 0.0
        self._log = log

    def open(self, port: int) -> None:
        self.by_host = {site.host: Newsstand(site, port) for site in self.sites}

    def write(self, row: tuple[Any, ...]) -> None:
        self._log.write(json.dumps(row) + "\n")


class _Connection(asyncio.Protocol):
    def __init__(self, stands: Stands) -> None:
        self._stands = stands

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            arrived = time.monotonic()
            lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
            }
            path = lines[0].split(" ")[1]
            stand = self._stands.by_host.get(headers.get("host", "").partition(":")[0])
            answer = Answer(404) if stand is None else stand.answer(path, self._stands.now)
            if _is_confirmed(headers, answer):
                answer.status, answer.body = 304, b""
            takes = 0.0 if stand is None else stand.site.traits.takes
            if takes:
                asyncio.get_running_loop().call_later(takes, self._send, path, headers, answer, arrived)
            else:
                self._send(path, headers, answer, arrived)

    def _send(self, path: str, headers: dict[str, str], answer: Answer, arrived: float) -> None:
        if answer.status == 0:
            self._transport.abort()
        else:
            lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'OK')}"]
            lines += [f"{name}: {value}" for name, value in answer.headers.items()]
            if answer.status != 304:
                lines += [f"Content-Type: {answer.kind}", f"Content-Length: {len(answer.body)}"]
            self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body)
        own, peer = self._transport.get_extra_info("sockname"), self._transport.get_extra_info("peername")
        conditional = "if-none-match" in headers or "if-modified-since" in headers
        rest = float(answer.headers.get("Retry-After", 0))
        self._stands.write(
            (headers.get("host", "").partition(":")[0], own[0], peer[1], arrived, time.monotonic(),
             self._stands.now, path, answer.status, answer.what, answer.article, answer.revision,
             headers.get("user-agent", ""), conditional, rest)
        )  # fmt: skip


_REASONS = {301: "Moved Permanently", 304: "Not Modified", 404: "Not Found", 429: "Too Many Requests"}


def _is_confirmed(headers: dict[str, str], answer: Answer) -> bool:
    """Whether a conditional request asks for what did not change (RFC 9110, 13.2.2)."""
    if answer.status != 200:
        return False
    if "if-none-match" in headers:
        return answer.headers.get("ETag") == headers["if-none-match"]
    since = headers.get("if-modified-since")
    return since is not None and answer.headers.get("Last-Modified") == since


async def _serve(stands: Stands) -> None:
    loop = asyncio.get_running_loop()
    addresses = list(dict.fromkeys(site.address for site in stands.sites))
    first = await loop.create_server(lambda: _Connection(stands), addresses[0], 0)
    port = first.sockets[0].getsockname()[1]
    servers = [
        first,
        *[await loop.create_server(lambda: _Connection(stands), one, port) for one in addresses[1:]],
    ]
    stands.open(port)
    print(port, flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        stands.now = float(line)
        print("ok", flush=True)
    for server in servers:
        server.close()


def main() -> None:
    given = json.loads(sys.argv[1])
    log = Path(given.pop("log"))
    with log.open("w", encoding="utf-8") as file:
        asyncio.run(_serve(Stands(world(**given), file)))


if __name__ == "__main__":
    main()

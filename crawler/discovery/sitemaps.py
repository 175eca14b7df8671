"""Sitemaps: where they lie, what one lists, and in which order an index is read. Pure: bytes in, values out.

Read are the protocol's `urlset` and `sitemapindex` (sitemaps.org), plain or gzipped, lists of URLs as text,
and Google's news extension; the extensions for images and videos are passed over. Whatever the bytes hold,
reading ends: what is unpacked, entries, sitemaps of one site and depth of indexes are bounded, no entity is
expanded, no file or address is opened.
"""

from __future__ import annotations

import io
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urljoin

from lxml import etree
from msgspec.structs import replace

from archive.url_keys import url_key
from archive.values import Hints, Value
from crawler.discovery.feeds import web_url

#: The protocol's own limits (sitemaps.org, 'Using Sitemap index files'): 50 MB unpacked, 50,000 entries.
MAX_SITEMAP_BYTES = 50 << 20
MAX_ENTRIES = 50_000
#: Of one site, in one reading: a newsroom with a sitemap a day for 30 years has 11,000, and nobody needs all
#: at once.
MAX_SITEMAPS = 500
#: The protocol knows indexes of sitemaps only; newsrooms put indexes into indexes (by year, by month).
MAX_DEPTH = 3
#: Where sitemaps lie when robots.txt names none, in the order in which they are tried: news first.
USUAL_SITEMAPS = (
    "news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemaps/news.xml", "googlenews.xml",
    "sitemap_index.xml", "sitemap.xml", "sitemap-index.xml", "sitemapindex.xml", "wp-sitemap.xml",
    "sitemaps/sitemap.xml",
    "sitemap.xml.gz", "sitemap.txt",
)  # fmt: skip
#: Dates in the future by no more than this are clocks that differ; others are slips.
SLACK = timedelta(days=1)
#: Sitemaps that are written when they are asked for give every page the hour of the asking.
STAMPED = timedelta(minutes=5)

_PARTS = {"image", "video"}
_LINE = re.compile(r"https?://\S+\Z", re.I)
_DATE = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?\Z")
#: A date in a sitemap's name: year, year and month, or all three.
_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d|19\d\d)(?:[-_/]?(0[1-9]|1[0-2])(?:[-_/]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)


class SitemapEntry(Value, frozen=True, kw_only=True):
    """One address that a sitemap lists. `hints`: what the news extension says: headline, date, language."""

    url: str
    modified: datetime | None = None
    hints: Hints = Hints()
    is_news: bool = False


class Sitemap(Value, frozen=True, kw_only=True):
    """What a sitemap lists, in its order, each URL once. In an `index` the entries are sitemaps.

    `cut`: there was more than may be read, or the rest was beyond repair.
    """

    kind: Literal["pages", "index"]
    entries: tuple[SitemapEntry, ...] = ()
    cut: bool = False

    @property
    def is_news(self) -> bool:
        """Whether it is of Google's news kind: the articles of the last two days."""
        return any(entry.is_news for entry in self.entries)


def robots_sitemaps(robots: bytes, url: str) -> list[str]:
    """The sitemaps that a robots.txt names (RFC 9309, 2.2.4), absolute, in order, each once."""
    found: dict[str, None] = {}
    for line in robots[: 500 << 10].decode("utf-8-sig", "replace").splitlines():  # RFC 9309, 2.5: 500 KiB
        name, colon, value = line.partition("#")[0].partition(":")
        if colon and name.strip().lower() in {"sitemap", "site-map"}:
            target = web_url(value.strip(), url)
            if target:
                found[target] = None
    return list(found)[:MAX_SITEMAPS]


def usual_sitemaps(url: str) -> list[str]:
    """Where the sitemaps of a site may be when its robots.txt names none."""
    root = urljoin(url, "/")
    return [urljoin(root, place) for place in USUAL_SITEMAPS]


def read_sitemap(body: bytes, url: str, *, fetched_at: datetime | None = None) -> Sitemap | None:
    """What a sitemap lists; None when the bytes are none (a feed, a page). Broken XML is read as far as it
    goes.

    With `fetched_at`, dates of the future are left out, and so are all dates of a sitemap that stamps every
    page with the moment of asking.
    """
    plain, cut = unpacked(body)
    start = plain[:1000].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    found = _read_xml(plain, url) if start.startswith(b"<") or b"<" in start[:10] else _read_text(plain, url)
    if found is None:
        return None
    return _dated(replace(found, cut=True) if cut else found, fetched_at)


def unpacked(body: bytes, most: int = MAX_SITEMAP_BYTES) -> tuple[bytes, bool]:
    """`body` with gzip undone as often as it was done, no more than `most` bytes of it; and whether that cut
    it.

    A server may send a .gz file as gzip-encoded, so that unpacking once leaves a gzip file. What is broken is
    read as far as it goes.
    """
    cut = False
    for _ in range(2):
        if not body.startswith(b"\x1f\x8b"):
            break
        unpacker = zlib.decompressobj(wbits=31)
        try:
            out = unpacker.decompress(body, most + 1)
        except zlib.error:
            return b"", True
        cut = cut or not unpacker.eof or bool(unpacker.unconsumed_tail)
        body = out
    return body[:most], cut or len(body) > most


def _read_text(body: bytes, url: str) -> Sitemap | None:
    """A list of addresses, one a line; None when another line than an address is in it."""
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not lines or not all(_LINE.match(line) for line in lines[:100]):
        return None
    entries: dict[str, SitemapEntry] = {}
    for line in lines[:MAX_ENTRIES]:
        target = web_url(line, url) if _LINE.match(line) else None
        if target:
            entries[target] = SitemapEntry(url=target)
    return Sitemap(kind="pages", entries=tuple(entries.values()), cut=len(lines) > MAX_ENTRIES)


def _read_xml(body: bytes, url: str) -> Sitemap | None:
    # Each of these is said, not left to defaults: iterparse read external entities by default in lxml before
    # 6.1 (CVE-2026-41066), and `huge_tree` would lift libxml2's bounds on depth and entities.
    events = etree.iterparse(
        io.BytesIO(body),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    kind: Literal["pages", "index"] | None = None
    entries: dict[str, SitemapEntry] = {}
    cut = False
    try:
        for event, element in events:
            name = _name(element.tag)
            if event == "start":
                if kind is None and name in {"urlset", "sitemapindex"}:
                    kind = "index" if name == "sitemapindex" else "pages"
                elif kind is None and name in {"rss", "feed", "RDF", "html", "opml"}:
                    return None
                continue
            if name not in {"url", "sitemap"} or kind is None:
                continue
            entry = _entry(element, url)
            element.clear()
            if (parent := element.getparent()) is not None:
                while element.getprevious() is not None:
                    del parent[0]
            if entry is not None and len(entries) < MAX_ENTRIES:
                entries.setdefault(entry.url, entry)
            elif entry is not None:
                cut = True
                break
    except etree.XMLSyntaxError:
        cut = True
    return Sitemap(kind=kind, entries=tuple(entries.values()), cut=cut) if kind is not None else None


def _name(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _entry(element: etree._Element, base: str) -> SitemapEntry | None:
    """One `url` or `sitemap`: only its own children count, so that an image's `loc` is not taken for the
    page's.
    """
    own = {_name(child.tag): child for child in element if _family(child.tag) not in _PARTS}
    target = web_url(_text(own.get("loc"))[:4000], base)
    if target is None:
        return None
    news = own.get("news")
    said = {_name(child.tag): _text(child) for child in news.iter()} if news is not None else {}
    published = _moment(said.get("publication_date", ""))
    return SitemapEntry(
        url=target,
        modified=_moment(_text(own.get("lastmod"))),
        is_news=news is not None,
        hints=Hints(
            headline=" ".join(said.get("title", "")[:1000].split()) or None,
            date_published=published.isoformat() if published else None,
            language=said.get("language", "").strip().lower()[:12] or None,
        ),
    )


def _family(tag: object) -> str:
    """`image`, `video` for elements of those extensions (by their namespace's address), else ""."""
    if not isinstance(tag, str) or "}" not in tag:
        return str(tag).partition(":")[0] if isinstance(tag, str) and ":" in tag else ""
    namespace = tag[1:].partition("}")[0]
    return next((part for part in _PARTS if f"sitemap-{part}" in namespace), "")


def _text(element: etree._Element | None) -> str:
    return "".join(map(str, element.itertext())).strip() if element is not None else ""


def _moment(text: str) -> datetime | None:
    """A W3C date (also only a year, month or day), with a zone: UTC where none is named."""
    text = text.strip()
    try:
        if day := _DATE.match(text):
            return datetime(int(day[1]), int(day[2] or 1), int(day[3] or 1), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(moment.tzinfo or UTC)
    except (ValueError, OverflowError):
        return None


def _dated(found: Sitemap, fetched_at: datetime | None) -> Sitemap:
    if fetched_at is None:
        return found
    dates = [entry.modified for entry in found.entries if entry.modified is not None]
    stamped = len(dates) > 3 and min(dates) > fetched_at - STAMPED
    entries = []
    for entry in found.entries:
        hints = entry.hints
        if hints.date_published and datetime.fromisoformat(hints.date_published) > fetched_at + SLACK:
            hints = replace(hints, date_published=None)
        is_slip = entry.modified is not None and entry.modified > fetched_at + SLACK
        modified = None if stamped or is_slip else entry.modified
        entries.append(replace(entry, modified=modified, hints=hints))
    return replace(found, entries=tuple(entries))


class SitemapWalk(Value, frozen=True, kw_only=True):
    """Which sitemaps of a site were read and which are to come. Loops, depth and number are bounded.

    `waiting` is in the order of reading: news sitemaps, then those changed last, then those of the latest
    month in their name. With `since`, sitemaps that hold nothing later are left out. Refused ones stand in
    `refused` with a reason.
    """

    waiting: tuple[tuple[str, int], ...] = ()
    seen: frozenset[str] = frozenset()
    since: datetime | None = None
    refused: tuple[tuple[str, str], ...] = ()

    @classmethod
    def begun(cls, urls: list[str], since: datetime | None = None) -> SitemapWalk:
        """A walk that begins at these sitemaps (those of robots.txt, or the usual places)."""
        once = {url_key(url): url for url in reversed(urls)}
        first = tuple((url, 0) for url in urls if once[url_key(url)] == url)[:MAX_SITEMAPS]
        return cls(waiting=first, seen=frozenset(url_key(url) for url, _ in first), since=since)

    @property
    def next_url(self) -> str | None:
        """The sitemap to read next, None at the end."""
        return self.waiting[0][0] if self.waiting else None

    def after(self, sitemap: Sitemap | None) -> SitemapWalk:
        """The walk after `next_url` was read (None: it could not be)."""
        (_, depth), *rest = self.waiting
        if sitemap is None or sitemap.kind != "index":
            return replace(self, waiting=tuple(rest))
        seen, refused = set(self.seen), list(self.refused)
        more: list[tuple[str, int]] = []
        for entry in sorted(sitemap.entries, key=_urgency, reverse=True):
            key = url_key(entry.url)
            why = self._objection(entry, depth + 1, key in seen, len(seen))
            if why:
                refused.append((entry.url, why))
                continue
            seen.add(key)
            more.append((entry.url, depth + 1))
        return replace(
            self, waiting=(*more, *rest), seen=frozenset(seen), refused=tuple(refused[:MAX_SITEMAPS])
        )

    def _objection(self, entry: SitemapEntry, depth: int, is_seen: bool, number: int) -> str:
        if is_seen:
            return "it was read already"
        if depth > MAX_DEPTH:
            return f"it stands deeper than {MAX_DEPTH} indexes"
        if number >= MAX_SITEMAPS:
            return f"{MAX_SITEMAPS} sitemaps are enough"
        if self.since is not None and (end := latest(entry)) is not None and end < self.since:
            return f"it holds nothing after {end:%Y-%m-%d}"
        return ""


def _urgency(entry: SitemapEntry) -> tuple[bool, float, float]:
    named = _latest_by_name(entry.url)
    return (
        "news" in entry.url.rpartition("/")[2].lower(),
        entry.modified.timestamp() if entry.modified else 0.0,
        named.timestamp() if named else 0.0,
    )


def latest(entry: SitemapEntry) -> datetime | None:
    """The latest time of which a sitemap can hold something: its own date, else the month in its name."""
    return entry.modified or _latest_by_name(entry.url)


def _latest_by_name(url: str) -> datetime | None:
    """The end of the last year, month or day that a sitemap's name holds (`sitemap-2024-05.xml`)."""
    dates = _IN_NAME.findall(url.partition("://")[2].partition("/")[2])
    if not dates:
        return None
    year, month, day = (int(part) if part else 0 for part in dates[-1])
    try:
        if day:
            return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
        return datetime(year + (month == 12 or not month), month % 12 + 1 if month else 1, 1, tzinfo=UTC)
    except ValueError:
        return None

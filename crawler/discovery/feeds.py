"""Feeds: which ones a page announces, and what a feed lists (RSS, Atom, JSON Feed). Pure: bytes in, values
out.

What a feed says of an article (headline, authors, date) goes along as hints; the page's own words win.
"""

from __future__ import annotations

import calendar
import io
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser  # type: ignore[import-untyped]  # it ships no types
from msgspec.structs import replace
from selectolax.lexbor import LexborHTMLParser
from w3lib.url import safe_url_string

from archive.values import Hints, Value

#: Types under which a page may announce a feed (RFC 4287; the RSS board's autodiscovery; RSS 1.0 is RDF; JSON
#: Feed 1.1, and 1.0, which had no type of its own).
FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml",
        "application/feed+json", "application/json",
    }
)  # fmt: skip
#: Announced as feeds, but not of articles: WordPress announces the comments of the site and of each post, and
#: its own interface as JSON.
NOT_ARTICLES = ("/comments/feed", "/comments/default", "feed=comments-rss2", "/feed/comments", "/wp-json")
#: Where feeds lie when a page announces none, in the order in which they are tried: WordPress, then what
#: static generators, Drupal, Hugo, Ghost, Blogger and older newsrooms use.
USUAL_PLACES = (
    "feed/",
    "rss.xml",
    "atom.xml",
    "rss",
    "feed.xml",
    "index.xml",
    "rss/",
    "feeds/posts/default",
    "feed.json",
)
#: What home pages put into their titles beside the site's name, in some languages.
HOME_WORDS = frozenset(
    {
        "home", "homepage", "page", "welcome", "start", "startseite", "willkommen", "accueil", "bienvenue",
        "inicio", "portada", "início", "inicial", "pagina", "principale", "hjem", "forside", "etusivu",
        "strona", "główna", "главная", "головна", "ana", "sayfa", "anasayfa", "beranda", "الرئيسية", "הבית",
        "خانه", "होम", "ホーム", "トップページ", "首页", "首頁", "홈",
    }
)  # fmt: skip
#: A feed of more entries than this, all changed at one moment or in the minutes before it was asked for,
#: tells when it was made, and not when they were changed.
MANY = 3
STAMPED = timedelta(minutes=5)
#: A feed is read up to here; beyond it the entries that were complete are used.
MAX_FEED_BYTES = 5 << 20
#: More entries than any newsroom puts into a feed; a list of a million is an attack.
MAX_ENTRIES = 1000


_ADDRESS = re.compile(r"[(<]?[^\s()<>]+@[^\s()<>]+[)>]?")


class FeedEntry(Value, frozen=True, kw_only=True):
    """One article that a feed lists: an absolute http(s) URL, and what the feed says of it.

    `modified`: when the feed says that it was changed; None where that says no more than its date.
    """

    url: str
    hints: Hints
    modified: datetime | None = None


class Feed(Value, frozen=True, kw_only=True):
    """What a feed says: its title and its entries in order, each URL once."""

    title: str
    entries: tuple[FeedEntry, ...]


def discover_feeds(page: bytes | str, url: str) -> list[str]:
    """URLs of the article feeds that a page announces (`link rel=alternate`), in page order, each once."""
    tree = LexborHTMLParser(page)
    base = tree.css_first("base[href]")
    root = urljoin(url, (base.attributes.get("href") or "").strip()) if base is not None else url
    found: dict[str, None] = {}
    for link in tree.css("link[href][type]"):
        rel = (link.attributes.get("rel") or "").lower().split()
        kind = (link.attributes.get("type") or "").lower().partition(";")[0].strip()
        if "alternate" not in rel or "stylesheet" in rel or kind not in FEED_TYPES:
            continue
        target = web_url((link.attributes.get("href") or "").strip(), root)
        if target and not any(cue in target for cue in NOT_ARTICLES):
            found[target] = None
    return list(found)


def usual_places(url: str) -> list[str]:
    """Where the feed of a site may be when the page announces none: below the page, then below the root."""
    below = url if url.endswith("/") else url + "/"
    root = urljoin(url, "/")
    return list(dict.fromkeys(urljoin(base, place) for base in (below, root) for place in USUAL_PLACES))


def site_name(page: bytes | str, url: str) -> str:
    """What a home page calls its site: og:site_name, else the shortest part of the title, else the host."""
    tree = LexborHTMLParser(page)
    named = tree.css_first('meta[property="og:site_name"][content]')
    name = " ".join((named.attributes.get("content") or "").split()) if named is not None else ""
    if not name:
        title = tree.css_first("title")
        parts = _title_parts(title.text() if title is not None else "")
        name = min(
            (part for part in parts if not HOME_WORDS.issuperset(part.casefold().split())),
            key=len,
            default="",
        )
    return _printable(name) or (urlsplit(url).hostname or url)


def _title_parts(title: str) -> list[str]:
    line = " ".join(title.split())
    for separator in (" | ", " – ", " — ", " - ", " :: ", ": ", " » ", " · "):
        line = line.replace(separator, "\n")
    return [part.strip() for part in line.split("\n") if part.strip()]


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:200].strip()


def read_feed(
    body: bytes, url: str, content_type: str = "", *, fetched_at: datetime | None = None
) -> Feed | None:
    """What an RSS, Atom or JSON feed lists; None when the bytes are no feed.

    Dates more than a day after `fetched_at` are slips, and are left out.
    Broken XML is read as far as it goes. Nothing outside the bytes is ever read: feedparser opens a string
    as a file or URL if it looks like one, so it is given a stream; and it drops external entities.
    """
    if body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json_feed(body, url, fetched_at)
    parsed = feedparser.parse(
        io.BytesIO(body[:MAX_FEED_BYTES]),
        response_headers={"content-type": content_type, "content-location": url},
        sanitize_html=False,  # only titles, names and dates are taken, as text
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        return None
    entries: dict[str, FeedEntry] = {}
    for raw in parsed.entries[:MAX_ENTRIES]:
        target = web_url(_link_of(raw), url)
        if target and target not in entries:
            entries[target] = FeedEntry(
                url=target, hints=_hints(raw, fetched_at), modified=_when(dict(raw), "updated")
            )
    return Feed(
        title=_plain(parsed.feed.get("title", "")), entries=_believed(tuple(entries.values()), fetched_at)
    )


def _read_json_feed(body: bytes, url: str, fetched_at: datetime | None) -> Feed | None:
    """A JSON Feed, 1.0 or 1.1 (jsonfeed.org); None for other JSON. `url` of an item goes before
    `external_url`.
    """
    try:
        said = json.loads(body[:MAX_FEED_BYTES])
    except (ValueError, RecursionError):
        return None
    version, items = (said.get("version"), said.get("items")) if isinstance(said, dict) else (None, None)
    if not isinstance(version, str) or "jsonfeed.org/version/" not in version or not isinstance(items, list):
        return None
    entries: dict[str, FeedEntry] = {}
    for item in items[:MAX_ENTRIES]:
        if not isinstance(item, dict):
            continue
        links = (item.get("url"), item.get("external_url"), item.get("id"))
        # An id may be any text; only one that is an address by itself leads to the article.
        targets = [
            web_url(link, url if n < 2 else "") for n, link in enumerate(links) if isinstance(link, str)
        ]
        target = next((target for target in targets if target), None)
        if target and target not in entries:
            entries[target] = FeedEntry(
                url=target,
                hints=_json_hints(item, said, fetched_at),
                modified=_stated(str(item.get("date_modified") or "")),
            )
    return Feed(title=_plain(said.get("title")), entries=_believed(tuple(entries.values()), fetched_at))


def _believed(entries: tuple[FeedEntry, ...], fetched_at: datetime | None) -> tuple[FeedEntry, ...]:
    """The entries without times of change that tell nothing of them.

    Those of the future; all of them, where the feed gives its entries the moment at which it was made: the
    moment of asking, or one and the same for all (Atom's `updated` must be there, RFC 4287, 4.1.2, and many
    programs have no better one to give).
    """
    times = [entry.modified for entry in entries if entry.modified is not None]
    stamped = len(times) > MANY and (
        len(set(times)) == 1 or (fetched_at is not None and min(times) > fetched_at - STAMPED)
    )
    return tuple(
        replace(entry, modified=None) if stamped or not _may_be(entry, fetched_at) else entry
        for entry in entries
    )


def _may_be(entry: FeedEntry, fetched_at: datetime | None) -> bool:
    """Whether a time of change is one: not of tomorrow, not before the article was published."""
    if entry.modified is None or (
        fetched_at is not None and entry.modified > fetched_at + timedelta(hours=1)
    ):
        return False
    published = entry.hints.date_published
    return published is None or entry.modified >= datetime.fromisoformat(published)


def _json_hints(item: dict[str, Any], feed: dict[str, Any], fetched_at: datetime | None) -> Hints:
    authors = item.get("authors") or [item.get("author")]
    date = _stated(str(item.get("date_published") or ""))
    if date is not None and fetched_at is not None and date > fetched_at + timedelta(days=1):
        date = None
    language = item.get("language") or feed.get("language")
    names = (
        [_plain(one.get("name")) for one in authors if isinstance(one, dict)]
        if isinstance(authors, list)
        else []
    )
    return Hints(
        headline=_plain(item.get("title")) or None,
        authors=tuple(dict.fromkeys(name for name in names if name)),
        date_published=date.isoformat() if date else None,
        language=language[:12] if isinstance(language, str) else None,
    )


def web_url(link: str, base: str) -> str | None:
    """`link` as an absolute http(s) URL as it goes over the wire, without fragment; None for anything else.

    Escaped as browsers escape it, and as Scrapy does: so that the address asked for is the one looked up.
    """
    try:
        parts = urlsplit(urljoin(base, link.strip()))
        if parts.scheme not in {"http", "https"} or not parts.hostname or not link.strip():
            return None
        if "@" in parts.netloc:  # a name and password in a link are a trick or a secret; neither is ours
            return None
        _ = parts.port  # raises ValueError for a port that is no number
        return str(safe_url_string(parts._replace(path=parts.path or "/", fragment="").geturl()))
    except ValueError:
        return None


def _link_of(entry: Any) -> str:
    """An entry's article: its alternate link, FeedBurner's original, or a permanent guid."""
    original = entry.get("feedburner_origlink")
    return str(original or entry.get("link") or (entry.get("id") if entry.get("guidislink") else "") or "")


def _hints(entry: Any, fetched_at: datetime | None) -> Hints:
    date = _date(entry)
    if date is not None and fetched_at is not None and date > fetched_at + timedelta(days=1):
        date = None
    return Hints(
        headline=_plain(entry.get("title")) or None,
        authors=_authors(entry),
        date_published=date.isoformat() if date else None,
    )


def _authors(entry: Any) -> tuple[str, ...]:
    """Names of authors, without mail addresses.

    RSS puts an address and a name into one field (`desk@a.example (Jo Doe)`), which feedparser cuts in the
    wrong place when the top-level domain is longer than four letters: that field is read here.
    """
    people = [person for person in entry.get("authors") or () if isinstance(person, dict)]
    names = [person.get("name") for person in people]
    if len(people) <= 1 and "@" in str(entry.get("author", "")):
        names = [_ADDRESS.sub(" ", str(entry["author"])).strip(" ()<>,")]
    return tuple(dict.fromkeys(name for name in map(_plain, names) if name))


def _date(entry: Any) -> datetime | None:
    """The entry's date in the feed's own zone where it names one, else in UTC."""
    stored = dict(entry)  # feedparser's own mapping makes up `updated` where there is none
    return _when(stored, "published") or _when(stored, "updated")


def _when(stored: dict[str, Any], key: str) -> datetime | None:
    parsed = stored.get(f"{key}_parsed")
    if parsed is None:
        return None
    try:
        stated = _stated(str(stored.get(key, "")).strip())
        read = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return stated if stated == read else read


def _stated(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo is not None else None
    return None


def _plain(text: Any) -> str:
    """A title or a name as plain text: markup that feeds put there is taken out."""
    line = str(text or "")[:2000]
    if "<" in line or "&" in line:
        root = LexborHTMLParser(line).root
        line = root.text() if root is not None else ""
    return " ".join(line.split())

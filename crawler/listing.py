"""What a source lists, whatever kind it is: the answer to a look. Pure: bytes in, values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from archive.agenda import Source
from archive.values import Hints
from crawler.agenda import Answer, Child, Listed
from crawler.backfill import read_cdx
from crawler.discovery import discover_feeds, read_feed
from crawler.discovery.links import NOTHING_LEARNED, article_links, section_links
from crawler.discovery.shapes import CUES, FILES, UrlShapes, probability, url_cues
from crawler.discovery.sitemaps import Sitemap, SitemapEntry, SitemapWalk, latest, read_sitemap
from crawler.discovery.traps import trap_reason

#: How far back sitemaps are read that are not asked for older times (`--since`).
RECENT = timedelta(days=3)
#: Sitemaps of an index that are read where neither dates nor names tell which are of the last days.
UNDATED_CHILDREN = 2
#: Below this chance by its address alone, an entry of a sitemap is no article: a section, an author, a help
#: page. Of 62 news articles' addresses in bench/links.py 61 have .5 and more.
LEAST_CHANCE = 0.3
#: Of a link to a section that becomes a source: in the navigation and one part deep, or by its name.
LEAST_SECTION = 1.0


def read_source(
    source: Source,
    body: bytes,
    url: str,
    content_type: str,
    *,
    now: datetime,
    since: datetime | None = None,
    is_first: bool = False,
    shapes: UrlShapes = NOTHING_LEARNED,
    watches_sections: bool = False,
) -> tuple[Answer, str]:
    """What a source's body says, and what is wrong with it, "" where nothing is.

    `since`: sitemaps are read back to then, else `RECENT`. At a first look (`is_first`) what stands in a
    sitemap without a date is only noted: it may be the whole site. `shapes`: what the site's known addresses
    look like. With `watches_sections` the sections that a page names become sources beside it.
    """
    if source.kind == "feed":
        return _feed(body, url, content_type, now)
    if source.kind == "sitemap":
        return _sitemap(source, body, url, now, since, is_first, shapes)
    if source.kind == "home" and (feeds := discover_feeds(body, url)):
        # The first is the site's own; the others are parts or doubles of it.
        return Answer(status=200, children=(Child(url=feeds[0], kind="feed"),)), ""
    if source.kind == "wayback":
        return _wayback(body, url, now, shapes)
    answer, problem = _links(source, body, url, now, shapes)
    if watches_sections:
        children = tuple(
            Child(url=one.url, kind="section")
            for one in section_links(body, url, shapes)
            if one.weight >= LEAST_SECTION
        )
        answer = replace(answer, children=children, trouble=None if children else answer.trouble)
    return answer, "" if answer.children else problem


def _wayback(body: bytes, url: str, now: datetime, shapes: UrlShapes) -> tuple[Answer, str]:
    found = read_cdx(body, url)
    if found is None:
        return Answer(status=200, trouble="unreadable"), "this is no answer of a capture index"
    captures, following = found
    listed = tuple(
        Listed(url=one.address, page_url=one.url, modified=one.at.timestamp())
        for one in captures
        if not (FILES.search(one.url) or trap_reason(one.url, now.date()))
        and _chance(one.url, shapes) >= LEAST_CHANCE
    )
    # An answer without captures is the last one, whatever it says.
    children = (Child(url=following, kind="wayback"),) if following and captures else ()
    return Answer(status=200, listed=listed, children=children, is_quiet=True), ""


def _feed(body: bytes, url: str, content_type: str, now: datetime) -> tuple[Answer, str]:
    feed = read_feed(body, url, content_type, fetched_at=now)
    if feed is None:
        return Answer(status=200, trouble="unreadable"), "this is neither RSS nor Atom"
    listed = tuple(
        Listed(
            url=entry.url,
            hints=entry.hints,
            published=_published(entry.hints),
            modified=_seconds(entry.modified),
        )
        for entry in feed.entries
    )
    return Answer(status=200, listed=listed, title=feed.title), ""


def links_of(body: bytes, url: str, now: datetime, shapes: UrlShapes) -> tuple[Listed, ...]:
    """The articles that a page links to."""
    links = [link for link in article_links(body, url, shapes) if link.is_article]
    return tuple(Listed(url=link.url) for link in links if not trap_reason(link.url, now.date()))


def _links(source: Source, body: bytes, url: str, now: datetime, shapes: UrlShapes) -> tuple[Answer, str]:
    listed = links_of(body, url, now, shapes)
    if listed:
        return Answer(status=200, listed=listed), ""
    announces = "announces no feed and " if source.kind == "home" else ""
    return Answer(status=200, trouble="unreadable"), f"the page {announces}links to no article"


def _sitemap(
    source: Source,
    body: bytes,
    url: str,
    now: datetime,
    since: datetime | None,
    is_first: bool,
    shapes: UrlShapes,
) -> tuple[Answer, str]:
    sitemap = read_sitemap(body, url, fetched_at=now)
    if sitemap is None:
        return Answer(status=200, trouble="unreadable"), "this is no sitemap"
    start = since or now - RECENT
    if sitemap.kind == "index":
        return Answer(status=200, children=_children(sitemap, url, start, since), is_index=True), ""
    recent = now - RECENT
    dated = [entry for entry in sitemap.entries if _reaches(entry, min(start, recent))]
    wanted = [entry for entry in dated if _may_be_article(entry, now, shapes)]
    listed = tuple(_listed(entry, is_first) for entry in wanted if _reaches(entry, start))
    is_quiet = not any(_reaches(entry, recent) for entry in wanted)
    return Answer(status=200, listed=listed, is_quiet=is_quiet), ""


def _children(sitemap: Sitemap, url: str, start: datetime, since: datetime | None) -> tuple[Child, ...]:
    """The sitemaps of an index that may hold something later than `start`, the most urgent first."""
    waiting = [address for address, _ in SitemapWalk.begun([url], start).after(sitemap).waiting]
    entries = {entry.url: entry for entry in sitemap.entries}
    dated = [address for address in waiting if latest(entries[address]) is not None or "news" in address]
    undated = [address for address in waiting if address not in dated]
    chosen = dated + (undated if since else undated[:UNDATED_CHILDREN])
    return tuple(
        Child(url=address, kind="sitemap", modified=_seconds(entries[address].modified)) for address in chosen
    )


def _may_be_article(entry: SitemapEntry, now: datetime, shapes: UrlShapes) -> bool:
    if FILES.search(entry.url) or trap_reason(entry.url, now.date()):
        return False
    return entry.is_news or _chance(entry.url, shapes) >= LEAST_CHANCE


def _reaches(entry: SitemapEntry, start: datetime) -> bool:
    """Whether an entry is of `start` or later, or does not say of when it is."""
    published = _published(entry.hints)
    dates = [at for at in (published, _seconds(entry.modified)) if at is not None]
    return not dates or max(dates) >= start.timestamp()


def _chance(url: str, shapes: UrlShapes) -> float:
    """That an address is an article's. Of a form that the site never had nothing is held against it: a new
    form of addresses is how a redesign begins.
    """
    cues = [CUES[name] for name in url_cues(url)]
    learned = shapes.known_cue(url)
    return probability(cue.weight for cue in (*cues, *([learned] if learned else ())))


def _listed(entry: SitemapEntry, is_first: bool) -> Listed:
    published, modified = _published(entry.hints), _seconds(entry.modified)
    is_wanted = not is_first or published is not None or modified is not None
    return Listed(
        url=entry.url, hints=entry.hints, published=published, modified=modified, is_wanted=is_wanted
    )


def _published(hints: Hints) -> float | None:
    if not hints.date_published:
        return None
    try:
        moment = datetime.fromisoformat(hints.date_published)
    except ValueError:
        return None
    return _seconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()

"""What a source that was found for a site is worth: how much it lists, how new, why it is no good. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from archive.url_keys import url_key
from archive.values import Value
from crawler.discovery.feeds import read_feed
from crawler.discovery.links import article_links
from crawler.discovery.sitemaps import SitemapWalk, latest, read_sitemap

Kind = Literal["feed", "sitemap", "section"]

#: A source whose newest date is older than this is dead; a small blog may rest for a year.
STALE = timedelta(days=731)
#: Links to articles that make a page one that lists them.
LEAST_LINKS = 3


class FoundSource(Value, frozen=True, kw_only=True):
    """A feed, sitemap or section page that was looked at.

    `where`: who named it, in words. `parts`: sitemaps of an index, of which `child` is the most urgent.
    `trouble`: why it is not to be used, "" for a good one.
    """

    kind: Kind
    url: str
    where: str
    articles: int = 0
    parts: int = 0
    newest: datetime | None = None
    trouble: str = ""
    child: str = ""
    #: Folded addresses of what a feed lists.
    keys: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """The same in a line: `announced by the page; 30 articles, newest 2026-11-25`."""
        counts = [f"{self.parts} sitemaps" if self.parts else "", f"{self.articles} articles"]
        counts = [count for count in counts if count and not (self.parts and count == "0 articles")]
        newest = f"newest {self.newest:%Y-%m-%d}" if self.newest is not None else ""
        return f"{self.where}; " + ", ".join(filter(None, [*counts, newest]))


def judged(
    kind: Kind, url: str, where: str, status: int, body: bytes, content_type: str, now: datetime
) -> FoundSource:
    """What a server's answer makes of a place where a source may be."""
    found = FoundSource(kind=kind, url=url, where=where)
    if status != 200:
        return replace(found, trouble=f"it answers HTTP {status}")
    if kind == "feed":
        return _feed(found, body, content_type, now)
    return _sitemap(found, body, now) if kind == "sitemap" else _section(found, body)


def _feed(found: FoundSource, body: bytes, content_type: str, now: datetime) -> FoundSource:
    feed = read_feed(body, found.url, content_type, fetched_at=now)
    if feed is None:
        return replace(found, trouble="it is no feed")
    if not feed.entries:
        return replace(found, trouble="it is empty")
    dates = [
        datetime.fromisoformat(entry.hints.date_published)
        for entry in feed.entries
        if entry.hints.date_published
    ]
    keys = frozenset(url_key(entry.url) for entry in feed.entries)
    return _aged(replace(found, articles=len(feed.entries), newest=max(dates, default=None), keys=keys), now)


def _sitemap(found: FoundSource, body: bytes, now: datetime) -> FoundSource:
    sitemap = read_sitemap(body, found.url, fetched_at=now)
    if sitemap is None:
        return replace(found, trouble="it is no sitemap")
    if not sitemap.entries:
        return replace(found, trouble="it is empty")
    if sitemap.kind == "index":
        walk = SitemapWalk.begun([found.url]).after(sitemap)
        dates = [end for entry in sitemap.entries if (end := latest(entry)) is not None]
        newest = min(max(dates), now) if dates else None  # the month in a name ends in the future
        return _aged(
            replace(found, parts=len(sitemap.entries), newest=newest, child=walk.next_url or ""), now
        )
    dates = [entry.modified for entry in sitemap.entries if entry.modified is not None]
    dates += [
        datetime.fromisoformat(entry.hints.date_published)
        for entry in sitemap.entries
        if entry.hints.date_published
    ]
    return _aged(replace(found, articles=len(sitemap.entries), newest=max(dates, default=None)), now)


def _section(found: FoundSource, body: bytes) -> FoundSource:
    articles = sum(link.is_article for link in article_links(body, found.url))
    trouble = "" if articles >= LEAST_LINKS else f"it links to {articles or 'no'} articles"
    return replace(found, articles=articles, trouble=trouble)


def _aged(found: FoundSource, now: datetime) -> FoundSource:
    if found.newest is not None and now - found.newest > STALE:
        return replace(found, trouble=f"it lists nothing since {found.newest:%Y-%m-%d}")
    return found


def completed(index: FoundSource, child: FoundSource) -> FoundSource:
    """An index, with what its most urgent sitemap tells of articles and dates."""
    if child.trouble:
        return index
    dates = [at for at in (index.newest, child.newest) if at is not None]
    return replace(index, articles=child.articles, newest=max(dates, default=None), trouble=child.trouble)


def without_doubles(sources: list[FoundSource]) -> list[FoundSource]:
    """The same, feeds that list nothing that another one does not marked as doubles: the earlier one stays,
    unless the later one lists more.
    """
    good = sorted((one for one in sources if not one.trouble and one.keys), key=lambda one: -len(one.keys))
    doubles: dict[str, str] = {}
    for rank, one in enumerate(good):
        for other in good[:rank]:
            if other.url not in doubles and one.keys <= other.keys:
                doubles[one.url] = other.url
                break
    return [
        replace(one, trouble=f"it lists nothing that {doubles[one.url]} does not")
        if one.url in doubles
        else one
        for one in sources
    ]

"""Between a feed reader's list (OPML) and sites.toml: feeds grouped into sites, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from urllib.parse import urljoin, urlsplit

from archive.url_keys import url_key
from crawler.discovery.opml import OpmlFeed
from crawler.sites import Site, host_key

#: Hosts that serve the feeds of many sites: there a feed tells nothing of the site it is of.
SHARED_HOSTS = frozenset({"feeds.feedburner.com", "feedproxy.google.com", "feeds2.feedburner.com", "rss.app"})


def sites_of(feeds: Iterable[OpmlFeed]) -> list[Site]:
    """Feeds as sites, one for each host, in the list's order; each feed once, by its folded address."""
    groups: dict[str, list[OpmlFeed]] = {}
    seen: set[str] = set()
    for feed in feeds:
        key = url_key(feed.feed_url)
        if key not in seen:
            seen.add(key)
            groups.setdefault(_group(feed), []).append(feed)
    return [_site(members) for members in groups.values()]


def _group(feed: OpmlFeed) -> str:
    host = host_key(feed.site_url or feed.feed_url)
    return feed.feed_url if host in SHARED_HOSTS else host


def _site(feeds: list[OpmlFeed]) -> Site:
    pages = [feed.site_url for feed in feeds if feed.site_url]
    first = feeds[0].feed_url
    is_shared = urlsplit(first).hostname in SHARED_HOSTS
    url = min(pages, key=len) if pages else first if is_shared else urljoin(first, "/")
    titles = [feed.title for feed in feeds if feed.title]
    name = " ".join(_common([title.split() for title in titles]))
    name = name.strip(" -–—|:·»/,(")
    return Site(name=name or host_key(url), url=url, feeds=tuple(feed.feed_url for feed in feeds))


def _common(titles: list[list[str]]) -> list[str]:
    """The words with which all titles begin."""
    columns = zip(*titles, strict=False)
    return [column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)]


def feeds_of(sites: Iterable[Site]) -> list[OpmlFeed]:
    """The feeds of sites, each under its site's name, as `sites_of` reads them back."""
    return [
        OpmlFeed(title=site.name, feed_url=url, site_url=site.url) for site in sites for url in site.feeds
    ]

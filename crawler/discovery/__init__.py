"""What a site offers to read: feeds, sitemaps, sections, links. Pure: bytes in, values out, all bounded.

The names of `feeds` are here as well, where spiders look for them; the other modules go by their own names.
"""

from crawler.discovery.feeds import (
    FEED_TYPES,
    HOME_WORDS,
    MAX_ENTRIES,
    MAX_FEED_BYTES,
    NOT_ARTICLES,
    USUAL_PLACES,
    Feed,
    FeedEntry,
    discover_feeds,
    read_feed,
    site_name,
    usual_places,
    web_url,
)

__all__ = [
    "FEED_TYPES",
    "HOME_WORDS",
    "MAX_ENTRIES",
    "MAX_FEED_BYTES",
    "NOT_ARTICLES",
    "USUAL_PLACES",
    "Feed",
    "FeedEntry",
    "discover_feeds",
    "read_feed",
    "site_name",
    "usual_places",
    "web_url",
]

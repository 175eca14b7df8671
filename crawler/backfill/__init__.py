"""What was published before anybody crawled: from other people's archives, as sources like any other.

`wayback` reads a capture index (CDX server) and addresses of captures (Memento, RFC 7089); `ccnews` the
listings of Common Crawl's news crawl. Both are pure; `remote` opens a file on the web, `job` keeps its pages.
"""

from crawler.backfill.ccnews import Listing, files_of, listings
from crawler.backfill.wayback import cdx_query, memento_of, original_of, read_cdx

__all__ = ["Listing", "cdx_query", "files_of", "listings", "memento_of", "original_of", "read_cdx"]

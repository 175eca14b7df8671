"""Common Crawl's news crawl: a listing of WARC files for each month, and the time in each file's name.

There is no index of its pages: files (about 1 GB each) are read from end to end for the pages of some hosts.
"""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import UTC, date, datetime, timedelta

from archive.values import Value

BASE = "https://data.commoncrawl.org"
_NAME = re.compile(r"crawl-data/CC-NEWS/\d{4}/\d{2}/CC-NEWS-(\d{14})-\d{5}\.warc\.gz")
#: A listing has some 500 lines of 70 bytes.
MAX_LISTING_BYTES = 4 << 20


class Listing(Value, frozen=True, kw_only=True):
    """One month's list of files."""

    month: date
    address: str


def listings(since: date, until: date, base: str = BASE) -> list[Listing]:
    """The listings of all months from `since` to `until`, both included, the newest first."""
    found, month = [], until.replace(day=1)
    while month >= since.replace(day=1):
        found.append(Listing(month=month, address=f"{base}/crawl-data/CC-NEWS/{month:%Y/%m}/warc.paths.gz"))
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def files_of(body: bytes, since: datetime, until: datetime, base: str = BASE) -> list[str]:
    """Addresses of the files in a listing that were begun from `since` to `until`, the newest first.

    Raises ValueError for a body that is no listing.
    """
    try:
        text = zlib.decompressobj(31).decompress(body, MAX_LISTING_BYTES).decode("ascii")
    except (zlib.error, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise ValueError(f"this is no gzipped list of paths ({error})") from error
    found = []
    for line in text.split():
        name = _NAME.fullmatch(line)
        if name is None:
            continue
        begun = datetime.strptime(name[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if since <= begun <= until:
            found.append((begun, f"{base}/{line}"))
    return [address for _, address in sorted(found, reverse=True)]

"""Files on the web, read from end to end: for Common Crawl's, which are too large for a crawler's memory."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import BinaryIO, cast

from archive.reading import read_warc
from archive.values import Capture
from crawler import plain_http
from crawler.backfill.ccnews import MAX_LISTING_BYTES
from crawler.errors import CrawlerError
from crawler.reload import ReadProblem

#: For an answer to begin, and between two pieces of it.
TIMEOUT_SECONDS = 60.0


def opened(address: str, user_agent: str) -> BinaryIO:
    """The body at an address, as a stream. Raises CrawlerError in a sentence."""
    if not address.startswith(("http://", "https://")):
        raise CrawlerError(f"{address} is no http or https address")
    request = urllib.request.Request(address, headers={"User-Agent": user_agent})  # noqa: S310 - checked above
    try:
        return cast(BinaryIO, plain_http.opened(request, TIMEOUT_SECONDS))
    except urllib.error.HTTPError as error:
        raise CrawlerError(f"{address} answers HTTP {error.code}") from error
    except (OSError, HTTPException) as error:
        raise CrawlerError(f"{address} cannot be read ({error}); try later") from error


def listing(address: str, user_agent: str) -> bytes:
    """A month's listing, packed as it is."""
    with opened(address, user_agent) as stream:
        try:
            return stream.read(MAX_LISTING_BYTES)
        except (OSError, HTTPException) as error:
            raise CrawlerError(f"{address} broke off ({error}); try later") from error


def pages_in(address: str, user_agent: str, hosts: frozenset[str]) -> Iterator[Capture | ReadProblem]:
    """The pages of these hosts in a WARC file on the web, and what of it could not be read."""
    from urllib.parse import urlsplit

    with opened(address, user_agent) as stream:
        try:
            for found in read_warc(stream, name=address, origin="ccnews"):
                if not isinstance(found, Capture):
                    yield ReadProblem(path=f"{found.path}@{found.offset}", sentence=found.reason)
                elif (urlsplit(found.url).hostname or "").removeprefix("www.") in hosts:
                    yield found
        except (OSError, HTTPException) as error:
            raise CrawlerError(f"{address} broke off ({error}); give the same command again") from error

"""Hosts that asked to be left alone for a while, and refusing requests to them until then."""

from __future__ import annotations

from time import monotonic
from weakref import WeakKeyDictionary, ref

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import HostResting
from crawler.keep import keeper_of


class Resting:
    """The hosts that asked a crawl for rest, and those that its archive remembers."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = ref(crawler)  # which holds this: see `_of_crawls`
        self._until: dict[str, float] = {}

    def rest(self, request: Request, seconds: float) -> None:
        """Leave the host that was asked alone for so long."""
        self._until[urlparse_cached(request).netloc] = monotonic() + seconds

    def refuse(self, request: Request) -> None:
        """Raise HostResting where the request's host is to be left alone now.

        Asked when a request sets out and again when its turn comes: the host may have asked meanwhile.
        """
        host = urlparse_cached(request).netloc
        wait = self._until.get(host, 0.0) - monotonic()
        crawler = self._crawler()
        keeper = keeper_of(crawler) if crawler is not None else None
        if keeper is not None:
            wait = max(wait, keeper.agenda.rest_left(request.url))
        if wait > 0:
            raise HostResting(request.url, host, wait)


_of_crawls: WeakKeyDictionary[Crawler, Resting] = WeakKeyDictionary()


def resting_of(crawler: Crawler) -> Resting:
    """The hosts of a crawl that rest; the same for whoever asks."""
    return _of_crawls.setdefault(crawler, Resting(crawler))

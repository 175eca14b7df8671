"""Sites at one address share a slot: one request at a time, and one delay, for the machine behind them.

Scrapy has a slot for each host name, so that twenty blogs of one small server would be asked twenty times at
once. The slot is named after the host's lowest address, which stays the same when a resolver turns its list.
(Large networks put thousands of sites behind few addresses; `PRESSMARK_SLOTS = "host"` is for them.)
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from crawler.addresses import addresses_of
from crawler.errors import CrawlerError
from crawler.politeness import SLOT

logger = logging.getLogger(__name__)

KINDS = ("address", "host")


class SharedSlots:
    """Downloader middleware, the first: gives each request its slot, redirected ones and retries too."""

    def __init__(self, crawler: Crawler) -> None:
        kind = crawler.settings["PRESSMARK_SLOTS"]
        if kind not in KINDS:
            raise CrawlerError(f"PRESSMARK_SLOTS: {kind!r} is none; known are {', '.join(KINDS)}")
        self._by_address = kind == "address"
        #: Hosts with a pace of their own in the settings.
        self._own = frozenset(crawler.settings.getdict("DOWNLOAD_SLOTS"))
        #: The slot of each host, for the whole crawl: its delay and its turn are kept there.
        self._known: dict[str, asyncio.Task[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SharedSlots:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        # A redirect copies the meta of the request before it, which may have gone to another host.
        request.meta[SLOT] = host
        if self._by_address and host and host not in self._own and not request.meta.get("proxy"):
            request.meta[SLOT] = await self._slot(host)

    async def _slot(self, host: str) -> str:
        if host not in self._known:
            self._known[host] = asyncio.ensure_future(_lowest(host))
        return await asyncio.shield(self._known[host])


async def _lowest(host: str) -> str:
    from twisted.internet import reactor

    try:
        found = await deferred_to_future(Deferred.fromCoroutine(addresses_of(reactor, host)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the download will meet it and tell
        logger.debug("%s could not be resolved: %s", host, error)
        return host
    return lowest(found) or host


def lowest(addresses: list[str]) -> str:
    """The lowest of some IP addresses, IPv4 before IPv6; "" for none."""
    parsed = []
    for address in addresses:
        try:
            parsed.append(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            continue
    return str(min(parsed, key=lambda ip: (ip.version, int(ip)))) if parsed else ""

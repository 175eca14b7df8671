"""Manners: how long to wait between two requests to one site.

Scrapy waits per slot (`crawler.middlewares.slots` puts sites at one address into one). AutoThrottle follows
the site's speed; ours never goes below what robots.txt asks for (`Crawl-delay`, `Request-rate`: Scrapy
parses, but does not apply them), and slows down when the site says so (429 or 503, with or without
`Retry-After`).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

logger = logging.getLogger(__name__)

#: `request.meta` key: Scrapy's, for the slot in which a request waits for its turn.
SLOT = "download_slot"

#: Answers by which a site says that it is too much (RFC 6585, 4; RFC 9110, 15.6.4).
TOO_MUCH = frozenset({429, 503})
#: A site that asks us to wait longer than this is left alone instead (`crawler.resting`).
PATIENCE_SECONDS = 120.0
#: A delay that a person running a crawl will want to know of.
NOTABLE_SECONDS = 30.0
#: A host that asks for more between two requests has a slot of its own: others at its address (of a large
#: network, thousands) did not ask for it.
SHARED_SECONDS = 10.0
#: And for more than this, it is not waited for: one request, then the host is left alone so long.
WAITED_SECONDS = 120.0


def retry_after_seconds(value: bytes | None, now: datetime | None = None) -> float | None:
    """`Retry-After` (RFC 9110, 10.2.3) in seconds, never negative; None when absent or unreadable."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:10]), 10**9))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def asked_delay(parser: Any, agent: str) -> float | None:
    """Seconds between requests that a robots.txt asks of `agent`; None when it asks for nothing.

    `parser` is Scrapy's wrapper around Protego. The longer of `Crawl-delay` and `Request-rate` counts.
    """
    rules = getattr(parser, "rp", None)
    if rules is None:
        return None
    delays = [rules.crawl_delay(agent)]
    rate = rules.request_rate(agent)
    if rate is not None and rate.requests:
        delays.append(rate.seconds / rate.requests)
    stated = [float(delay) for delay in delays if delay is not None and float(delay) >= 0]
    return max(stated, default=None)


class PoliteThrottle(AutoThrottle):
    """AutoThrottle with a floor for each host, and a back-off. In force only with AUTOTHROTTLE_ENABLED."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: Any, request: Request) -> None:
        delay = asked_delay(robotparser, self._agent)
        if delay is None:
            return
        host = urlparse_cached(request).hostname or ""
        if delay > WAITED_SECONDS:  # `RobotsRules` sees to it
            return
        if delay >= NOTABLE_SECONDS:
            logger.info(
                "%s asks for %g seconds between requests; its pages will take their time", host, delay
            )
        downloader = self._downloader
        key = host if delay > SHARED_SECONDS else request.meta.get(SLOT) or host
        # Hosts that share a slot share the longest delay that one of them asks for.
        before = downloader.per_slot_settings.get(key, {}).get("delay", 0.0)
        floor = max(delay, self.mindelay, before)
        # Also for slots made later: Scrapy forgets an idle one after a minute. Jitter would halve the delay.
        downloader.per_slot_settings[key] = {"concurrency": 1, "delay": floor, "jitter": 0.0}
        slot = downloader.slots.get(key)
        if slot is not None:
            slot.concurrency, slot.jitter = 1, 0.0
            slot.delay = max(slot.delay, floor)

    def _response_downloaded(self, response: Response, request: Request, spider: Any) -> None:
        super()._response_downloaded(response, request, spider)
        key = request.meta.get(SLOT, "")
        slot = self._downloader.slots.get(key)
        if slot is None:
            return
        if response.status in TOO_MUCH:
            asked = retry_after_seconds(response.headers.get("Retry-After")) or 0.0
            # Who asks for longer is left alone (`crawler.resting`): what waits in line is refused, not held.
            asked = asked if asked <= PATIENCE_SECONDS else 0.0
            slot.delay = max(min(2 * slot.delay, self.maxdelay), asked)
        floor = self._downloader.per_slot_settings.get(key, {}).get("delay", 0.0)
        slot.delay = max(slot.delay, floor)

    @property
    def _downloader(self) -> Any:
        assert self.crawler.engine is not None
        return self.crawler.engine.downloader

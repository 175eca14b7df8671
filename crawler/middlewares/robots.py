"""robots.txt, read as RFC 9309 says, also where Scrapy reads it more loosely.

| the site's answer | verdict | RFC 9309 |
|---|---|---|
| 2xx | its rules | 2.3.1.1 |
| redirect | followed; the rules found count for this host | 2.3.1.2 |
| 4xx but 429, or a redirect without end | everything allowed: there are no rules | 2.3.1.3 |
| 5xx, 429, no answer, private address | nothing allowed: the rules are not known | 2.3.1.4 |

At most 512 KiB are read (2.5 asks for 500 KiB at least). A verdict holds for one crawl.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from archive.values import Value
from crawler.errors import AddressRefused, CrawlerError, HostResting, RobotsForbids, RobotsRefused
from crawler.middlewares.record import ROLE
from crawler.politeness import TOO_MUCH, retry_after_seconds

logger = logging.getLogger(__name__)

MAX_ROBOTS_BYTES = 512 << 10
ROBOTS_TIMEOUT_SECONDS = 30


class Verdict(Value, frozen=True, kw_only=True):
    """What is known of one host's rules: a parser, or why there is none. Neither: everything is allowed."""

    parser: RobotParser | None = None
    trouble: Exception | None = None


def meaning(status: int) -> str:
    """What a final status of robots.txt means: `rules`, `allowed` (no rules) or `unknown` (nothing goes)."""
    if 200 <= status < 300:
        return "rules"
    if 300 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS:
        return "allowed"
    return "unknown"


class RobotsRules(RobotsTxtMiddleware):
    """Lets a request pass only if robots.txt does.

    Raises RobotsForbids when the rules say no, RobotsRefused when they cannot be had, AddressRefused when the
    host stands at a private address.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        #: By scheme, host and port; a task, so that requests that come meanwhile wait for the same answer.
        self._verdicts: dict[str, asyncio.Task[Verdict]] = {}

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # no spider argument
        if request.meta.get("dont_obey_robotstxt"):
            return
        verdict = await self._verdict(request)
        if isinstance(verdict.trouble, AddressRefused):
            raise verdict.trouble
        if isinstance(verdict.trouble, HostResting):  # the whole host rests, not its robots.txt
            raise HostResting(request.url, verdict.trouble.host, verdict.trouble.wait_seconds)
        if verdict.trouble is not None:
            self._stats.inc_value("robotstxt/unknown")
            why = str(verdict.trouble).rstrip(".")
            raise RobotsRefused(request.url, f"robots.txt could not be read ({why}); try later")
        agent = self._robotstxt_useragent or self._default_useragent
        if verdict.parser is not None and not verdict.parser.allowed(request.url, agent):
            self._stats.inc_value("robotstxt/forbidden")
            raise RobotsForbids(request.url)

    async def _verdict(self, request: Request) -> Verdict:
        parts = urlparse_cached(request)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._verdicts:
            self._verdicts[host] = asyncio.ensure_future(self._ask(f"{host}/robots.txt", request))
        return await asyncio.shield(self._verdicts[host])

    async def _ask(self, url: str, request: Request) -> Verdict:
        robots = Request(
            url,
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={
                ROLE: "robots",
                "dont_obey_robotstxt": True,
                "download_maxsize": MAX_ROBOTS_BYTES,
                "download_timeout": ROBOTS_TIMEOUT_SECONDS,
            },
        )
        self._stats.inc_value("robotstxt/request_count")
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(robots)
        except CrawlerError as error:
            return Verdict(trouble=error)
        except IgnoreRequest:  # redirected more often than we follow
            return Verdict()
        except Exception as error:  # noqa: BLE001 - whatever kept us from the rules, they are not known
            logger.info("robots.txt of %s could not be read: %s", url, error)
            return Verdict(trouble=error)
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        return await self._read(response, request)

    async def _read(self, response: Response, request: Request) -> Verdict:
        answer = meaning(response.status)
        wait = retry_after_seconds(response.headers.get("Retry-After"))
        if response.status in TOO_MUCH and wait is not None:
            host = urlparse_cached(request).netloc
            return Verdict(trouble=HostResting(response.url, host, wait))
        if answer == "unknown":
            return Verdict(trouble=CrawlerError(f"HTTP {response.status}"))
        if answer == "allowed":
            return Verdict()
        parser = build_from_crawler(self._parserimpl, self.crawler, response.body[:MAX_ROBOTS_BYTES])
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return Verdict(parser=parser)

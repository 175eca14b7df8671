"""robots.txt, read as RFC 9309 says, also where Scrapy reads it more loosely; and what else a host reserves.

| the site's answer | verdict | RFC 9309 |
|---|---|---|
| 2xx | its rules | 2.3.1.1 |
| redirect | followed; the rules found count for this host | 2.3.1.2 |
| 4xx but 429, or a redirect without end | everything allowed: there are no rules | 2.3.1.3 |
| 5xx, 429, no answer | the rules last read, for 30 days; else nothing allowed | 2.3.1.4, 2.4 |
| private address | nothing allowed | |

At most 512 KiB are read (2.5 asks for 500 KiB at least). What was read is kept in the archive and holds for
24 hours (2.4), so that a crawl every few minutes does not ask for it each time.

Beside it, `/.well-known/tdmrep.json` is asked for once a day. What both say of the use of pages goes into
`request.meta` (`RIGHTS`), for the page's capture.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from msgspec.structs import replace
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from archive.agenda import Host, HostNote, HostRests
from archive.values import Value
from crawler.errors import AddressRefused, CrawlerError, HostResting, RobotsForbids, RobotsRefused
from crawler.keep import keeper_of
from crawler.middlewares.record import ROLE
from crawler.politeness import (
    SHARED_SECONDS,
    SLOT,
    TOO_MUCH,
    WAITED_SECONDS,
    asked_delay,
    retry_after_seconds,
)
from crawler.rights import TdmRule, in_robots, read_tdmrep, verdict_of
from crawler.rights.tdmrep import PLACE
from crawler.scheduling.values import DAY

logger = logging.getLogger(__name__)

MAX_ROBOTS_BYTES = 512 << 10
ROBOTS_TIMEOUT_SECONDS = 30
#: For so long the rules that were read hold; and, of a site that does not tell them any more (RFC 9309, 2.4).
FRESH_SECONDS = DAY
STALE_SECONDS = 30 * DAY

#: `request.meta` key: the `HostRights` of the request's host.
RIGHTS = "pressmark_rights"


class Verdict(Value, frozen=True, kw_only=True):
    """What is known of one host's rules: a parser, or why there is none. Neither: everything is allowed."""

    parser: RobotParser | None = None
    trouble: Exception | None = None
    #: Why everything is allowed, where it is.
    why: str = ""
    statements: tuple[str, ...] = ()
    tdm: tuple[TdmRule, ...] = ()
    #: Seconds between requests that the rules ask for.
    delay: float = 0.0


class HostRights(Value, frozen=True, kw_only=True):
    """What a host says of one request: by which rule it may be fetched, and of the use of its pages."""

    robots: str = ""
    statements: tuple[str, ...] = ()
    tdm: tuple[TdmRule, ...] = ()


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
        #: When hosts were last asked that want more than WAITED_SECONDS between requests.
        self._asked_at: dict[str, float] = {}

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # no spider argument
        request.meta.pop(RIGHTS, None)  # a redirect copies that of another host
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
            raise RobotsRefused(
                request.url, f"robots.txt could not be read ({why}); try later"
            ) from verdict.trouble
        rule = f"allowed: {verdict.why}"
        if verdict.parser is not None:
            is_allowed, rule = verdict_of(verdict.parser, request.url, self._agent)
            if not is_allowed:
                self._stats.inc_value("robotstxt/forbidden")
                raise RobotsForbids(request.url, rule)
        await self._keep_pace(request, verdict.delay)
        request.meta[RIGHTS] = HostRights(robots=rule, statements=verdict.statements, tdm=verdict.tdm)

    async def _keep_pace(self, request: Request, delay: float) -> None:
        """See to delays that no slot can be kept waiting for, or not one that others share."""
        parts = urlparse_cached(request)
        if delay > SHARED_SECONDS:
            request.meta[SLOT] = parts.hostname or ""
        if delay <= WAITED_SECONDS:
            return
        origin, now = f"{parts.scheme}://{parts.netloc}", self._now()
        wait = self._asked_at.get(origin, -delay) + delay - now
        if wait > 0:
            raise HostResting(request.url, parts.netloc, wait)
        self._asked_at[origin] = now
        keeper = keeper_of(self.crawler)
        if keeper is not None:
            rest = HostRests(origin=f"{origin}/", until=now + delay, was_asked=True)
            await keeper.do(lambda archive: archive.note(rest))

    @property
    def _agent(self) -> str:
        return str(self._robotstxt_useragent or self._default_useragent)

    async def _verdict(self, request: Request) -> Verdict:
        parts = urlparse_cached(request)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._verdicts:
            self._verdicts[origin] = asyncio.ensure_future(self._decide(origin, request))
        return await asyncio.shield(self._verdicts[origin])

    async def _decide(self, origin: str, request: Request) -> Verdict:
        """The verdict of one host for this crawl: from what is remembered, asked again where that is old."""
        keeper = keeper_of(self.crawler)
        known = None
        if keeper is not None:
            known = await keeper.do(lambda archive: archive.host(origin))
        known, now = known or Host(origin=origin), self._now()
        asked = known
        if not _is_within(known.robots_at, now, FRESH_SECONDS):
            asked, trouble = await self._ask(known, now)
            is_stale = not _is_within(known.robots_at, now, STALE_SECONDS)
            if trouble is not None and (is_stale or isinstance(trouble, AddressRefused | HostResting)):
                return Verdict(trouble=trouble)
        verdict = await self._read(asked, request)
        if self.crawler.settings.getbool("PRESSMARK_TDMREP") and keeper is not None:
            asked = await self._ask_rights(asked, verdict, now)
        if asked != known and keeper is not None:
            await keeper.do(lambda archive: archive.note(HostNote(host=asked)))
        return replace(verdict, tdm=read_tdmrep((asked.rights or "").encode()))

    def _now(self) -> float:
        keeper = keeper_of(self.crawler)
        return 0.0 if keeper is None else keeper.agenda.clock()

    async def _ask(self, known: Host, now: float) -> tuple[Host, Exception | None]:
        """What a host answers when it is asked for robots.txt, or what kept us from knowing."""
        self._stats.inc_value("robotstxt/request_count")
        url = f"{known.origin}/robots.txt"
        try:
            response = await self._fetch(url, "robots")
        except CrawlerError as error:
            return known, error
        except IgnoreRequest:  # redirected more often than we follow
            return replace(known, robots_at=now, robots_status=HTTPStatus.FOUND, robots=None), None
        except Exception as error:  # noqa: BLE001 - whatever kept us from the rules, they are not known
            logger.info("robots.txt of %s could not be read: %s", url, error)
            return known, error
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        answer = meaning(response.status)
        wait = retry_after_seconds(response.headers.get("Retry-After"))
        if response.status in TOO_MUCH and wait is not None:
            return known, HostResting(url, known.origin.partition("//")[2], wait)
        if answer == "unknown":
            return known, CrawlerError(f"HTTP {response.status}")
        text = response.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace") if answer == "rules" else None
        return replace(known, robots_at=now, robots_status=response.status, robots=text), None

    async def _fetch(self, url: str, role: str) -> Response:
        request = Request(
            url,
            priority=self.DOWNLOAD_PRIORITY,
            callback=NO_CALLBACK,
            meta={
                ROLE: role,
                "dont_obey_robotstxt": True,
                "download_maxsize": MAX_ROBOTS_BYTES,
                "download_timeout": ROBOTS_TIMEOUT_SECONDS,
            },
        )
        assert self.crawler.engine is not None
        return await self.crawler.engine.download_async(request)

    async def _read(self, host: Host, request: Request) -> Verdict:
        if host.robots is None:
            return Verdict(why=f"there is no robots.txt (HTTP {host.robots_status})")
        parser = build_from_crawler(self._parserimpl, self.crawler, host.robots.encode())
        await self.crawler.signals.send_catch_log_async(
            signal=signals.robots_parsed, robotparser=parser, request=request
        )
        return Verdict(
            parser=parser,
            statements=in_robots(host.robots, self._agent),
            delay=asked_delay(parser, self._agent) or 0.0,
        )

    async def _ask_rights(self, host: Host, verdict: Verdict, now: float) -> Host:
        """Whether the host has a tdmrep.json, asked for once a day where robots.txt lets us."""
        if _is_within(host.rights_at, now, FRESH_SECONDS):
            return host
        url = host.origin + PLACE
        if verdict.parser is not None and not verdict.parser.allowed(url, self._agent):
            return replace(host, rights_at=now, rights=None)
        try:
            response = await self._fetch(url, "rights")
        except Exception as error:  # noqa: BLE001 - what it reserves is not known; pages are fetched all the same
            logger.info("%s could not be read: %s", url, error)
            return host
        if meaning(response.status) == "unknown":
            return host
        body = response.body if response.status == HTTPStatus.OK else b""
        text = body.decode("utf-8", "replace") if read_tdmrep(body) else None
        return replace(host, rights_at=now, rights=text)


def _is_within(at: float | None, now: float, seconds: float) -> bool:
    """Whether something was read in the last so many seconds; what was read in the future was not."""
    return at is not None and -1 <= now - at <= seconds

"""What every spider of ours does with a page: ask for it, turn the answer into a capture, count a failure."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from twisted.python.failure import Failure

from archive.values import Article, Capture, Exchange, Hints, Rights
from crawler.agenda import REST
from crawler.backfill import memento_of
from crawler.capture import EXCHANGE
from crawler.engine import PageResult
from crawler.errors import CrawlerError, HostResting, RobotsForbids, RobotsRefused
from crawler.failures import failure_of
from crawler.keep import Keeper, cleaner_in, keeper_of
from crawler.middlewares.record import PAGE, ROLE, is_redirect
from crawler.middlewares.robots import RIGHTS, HostRights
from crawler.middlewares.unpack import BOMB_FLAG
from crawler.politeness import TOO_MUCH, retry_after_seconds
from crawler.rendering import Part, PartAnswer, Renderer, RenderFailed, RenderOptions
from crawler.rights import checked_respect, in_headers, in_page, keeps_out, rule_for, settled
from crawler.scheduling.pages import Fate
from crawler.sites import Site, checked_contact
from crawler.told import tell_errors_in_a_sentence
from pipelines.items import PageItem

logger = logging.getLogger(__name__)

#: `request.meta` key: the page is to be rendered by a browser.
RENDER = "pressmark_render"
#: Of what a page's scripts ask for: bytes and seconds of one answer.
PART_BYTES, PART_SECONDS = 10_000_000, 30.0
#: Redirects of it that are followed, on its own host.
PART_REDIRECTS = 5
#: `request.meta` key: without the cookies and headers that sites.toml has for its site.
NOT_OWN = "pressmark_not_own"

#: `request.meta` key: for which statements of its owner a page is not kept; None: as the settings say.
RESPECT = "pressmark_respect"

NOBODY = (
    "The user agent names nobody whom a site's owner could write to:"
    ' give --contact, or write contact = "…" into sites.toml.'
)


def _contact(settings: BaseSettings, of_spider: str) -> str:
    """The contact of the command line, else the spider's (sites.toml), else the project's (environment).

    Raises CrawlerError for one that may not stand in the user agent.
    """
    set_to = str(settings["PRESSMARK_CONTACT"] or "")
    on_command_line = (settings.getpriority("PRESSMARK_CONTACT") or 0) >= SETTINGS_PRIORITIES["cmdline"]
    contact = set_to if set_to and on_command_line else of_spider or set_to
    return checked_contact(contact) if contact else ""


class PageSpider(Spider):
    """Base of the spiders that fetch pages. Knows whom to name in the user agent."""

    #: Pages that robots.txt forbids: the site's wish, told apart from failures.
    forbidden: list[str]
    #: Statements of owners for which pages are not kept (`crawler.rights.policy`).
    respected: tuple[str, ...] = ()
    _renderer: Renderer | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        tell_errors_in_a_sentence()
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.forbidden = []
        settings = crawler.settings
        spider.respected = checked_respect(settings.getlist("PRESSMARK_RESPECT"))
        contact = _contact(settings, spider.contact())
        if contact:
            settings.set("PRESSMARK_CONTACT", contact, priority="cmdline")
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")
        else:
            print(NOBODY, file=sys.stderr)  # not logged: it is said to a person, before the crawl
        crawler.signals.connect(spider._dropped, signal=signals.request_dropped)
        crawler.signals.connect(spider._end_browser, signal=signals.spider_closed)
        return spider

    def contact(self) -> str:
        """The contact that the spider's own input names, or ""."""
        return ""

    def own_sites(self) -> tuple[Site, ...]:
        """The sites that are sent cookies or headers of their own."""
        return ()

    @property
    def keeper(self) -> Keeper:
        keeper = keeper_of(self.crawler)
        assert keeper is not None, "crawler.keep.KeepRaw is missing from ITEM_PIPELINES"
        return keeper

    def page_request(
        self,
        url: str,
        hints: Hints | None = None,
        *,
        respect: tuple[str, ...] | None = None,
        render: bool = False,
    ) -> Request:
        """A request for one page; its answer becomes a `PageItem`, whatever it is.

        `respect`: for which statements of its owner it is not kept; None: as the settings say. With `render`
        a browser reads the answer, and the page is the document that it makes of it.
        """
        return Request(
            url,
            callback=self.parse_page,
            errback=self.failed,
            meta={PAGE: True, RESPECT: respect, RENDER: render},
            cb_kwargs={"hints": hints, "asked": url},
        )

    async def parse_page(
        self, response: Response, hints: Hints | None, asked: str
    ) -> AsyncIterator[PageItem]:
        if is_redirect(response):  # Scrapy follows all others; the redirect itself is stored
            where = (response.headers.get("Location") or b"").decode("latin-1")[:200]
            reason = f"redirects to {where!r}, which is no http or https address"
            self.keeper.agenda.later.append((asked, "failed"))
            self.keeper.tell(PageResult(asked, response.url, "failed", reason))
            return
        memento = (
            memento_of(response.url) if response.status == 200 and asked.startswith(self._archives) else None
        )
        if memento is None and asked.startswith(self._archives):
            await self._no_memento(response, asked)
            return
        rights = self._rights(response, response.meta)
        reserved = self.reserved(response, response.meta, rights.statements)
        if reserved is not None:
            await self._leave(response.url, asked, reserved)
        elif memento is not None:
            at, url = memento
            yield PageItem(
                Capture(
                    url=url, requested_url=asked, fetched_at=at, body=response.body,
                    content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"), status=200,
                    source="wayback", source_path=response.url, hints=hints, rights=rights,
                )
            )  # fmt: skip
        elif BOMB_FLAG in response.flags:
            capture = capture_of(response, asked, hints, rights)
            yield PageItem(capture, article=_bomb(response, cleaner_in(self.settings)))
        elif response.meta.get(RENDER) and _can_be_rendered(response):
            item = await self._rendered(response, capture_of(response, asked, hints, rights))
            agent = self.settings["ROBOTSTXT_USER_AGENT"]
            made = in_page(item.capture.body, agent) if item.capture.rendered_by else ()
            # A script may say what the page it came in did not.
            reserved = self.reserved(response, response.meta, made)
            if reserved is not None:
                await self._leave(response.url, asked, reserved)
                return
            if made:
                said = replace(rights, statements=settled(rights.statements, made))
                item.capture = replace(item.capture, rights=said)
            yield item
        else:
            yield PageItem(capture_of(response, asked, hints, rights))

    def reserved(
        self, response: Response, meta: Mapping[str, Any], statements: tuple[str, ...] | None = None
    ) -> str | None:
        """The statement for which nothing of a page is kept; None: it may be kept, or is no page.

        `statements`: what is said of it; None: what the response says.
        """
        if not meta.get(PAGE):
            return None
        respect = meta.get(RESPECT)
        chosen: tuple[str, ...] = self.respected if respect is None else respect
        if not chosen:
            return None
        if statements is None:
            statements = self._rights(response, meta).statements
        return keeps_out(chosen, statements)

    def _rights(self, response: Response, meta: Mapping[str, Any]) -> Rights:
        """What was said of a page's use; what a web archive says of its own is not said of the page."""
        agent = self.settings["ROBOTSTXT_USER_AGENT"]
        if response.url.startswith(self._archives):
            return archived_rights(response, agent)
        return rights_of(response, meta, agent)

    @property
    def _archives(self) -> str:
        """How addresses of captures in a web archive begin."""
        return f"{self.settings['PRESSMARK_WAYBACK_BASE']}/web/"

    async def _no_memento(self, response: Response, asked: str) -> None:
        """A web archive did not give the capture that its index names."""
        keeper, status = self.keeper, response.status
        wait = retry_after_seconds(response.headers.get("Retry-After")) or REST if status in TOO_MUCH else 0.0
        fate: Fate = "resting" if wait else "failed"
        await keeper.do(lambda archive: keeper.agenda.missed(archive, asked, fate, wait))
        keeper.tell(PageResult(asked, response.url, "failed", f"the web archive answers HTTP {status}"))

    async def _leave(self, url: str, asked: str, statement: str) -> None:
        """Keep nothing of a page whose owner says so: neither its record nor its text."""
        keeper, why = self.keeper, f"its owner says {statement}, which is respected"
        await keeper.do(lambda archive: keeper.agenda.missed(archive, asked, "reserved", why=why))
        keeper.tell(PageResult(asked, url, "reserved", why))

    # Rendering ----------------------------------------------------------------------------------------

    async def _rendered(self, response: Response, capture: Capture) -> PageItem:
        """The page as a browser makes it; where it cannot, the page as it came, with the reason."""
        if self._renderer is None:
            options = RenderOptions(
                seconds=self.settings.getfloat("PRESSMARK_RENDER_SECONDS"),
                sandbox=self.settings.getbool("PRESSMARK_RENDER_SANDBOX"),
            )
            self._renderer = Renderer(
                self._fetch_part, user_agent=self.settings["USER_AGENT"], options=options
            )
        answer = PartAnswer(status=response.status, headers=_headers(response), body=response.body)
        try:
            done = await self._renderer.render(response.url, answer)
        except RenderFailed as failed:
            return PageItem(capture, note=f"it could not be rendered: {failed.reason}")
        page = replace(
            capture, body=done.html, content_type="text/html; charset=utf-8", rendered_by=done.browser,
            fetched_at=datetime.now(UTC),
        )  # fmt: skip
        return PageItem(page)

    async def _fetch_part(self, part: Part) -> PartAnswer | None:
        """What a page's script asks for: robots.txt, delays, refused addresses and the record hold for it."""
        try:
            request = Request(
                part.url, method=part.method, headers=dict(part.headers), body=part.body,
                callback=NO_CALLBACK, dont_filter=True,
                meta={
                    ROLE: "part", "dont_retry": True, "download_maxsize": PART_BYTES,
                    "download_timeout": PART_SECONDS, "dont_redirect": True, NOT_OWN: True,
                },
            )  # fmt: skip
            assert self.crawler.engine is not None
            response = await self.crawler.engine.download_async(request)
            for _ in range(PART_REDIRECTS):
                onward = _onward(response, request)
                if onward is None:
                    break
                request = onward
                response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever it was: the script does not get it
            logger.info("not given to a page's script: %s: %s", part.url[:200], sentence(error, part.url))
            return None
        if is_redirect(response):
            logger.info("not given to a page's script: %s: it leads elsewhere", part.url[:200])
            return None
        return PartAnswer(status=response.status, headers=_headers(response), body=response.body)

    async def _end_browser(self) -> None:
        if self._renderer is not None:
            await self._renderer.close()

    def _dropped(self, request: Request) -> None:
        """Scrapy drops a request for a page that was asked for before: silently, so that a loop is too."""
        if request.meta.get(PAGE) and request.url in request.meta.get("redirect_urls", ()):
            asked = request.cb_kwargs["asked"]
            self.keeper.agenda.later.append((asked, "loops"))
            self.keeper.tell(PageResult(asked, request.url, "failed", "redirects in a circle"))
        elif request.meta.get(PAGE) and request.meta.get("redirect_urls"):
            # It led to a page that is fetched by its own address.
            self.keeper.agenda.later.append((request.cb_kwargs["asked"], "twin"))

    async def _note_missed(self, asked: str, error: BaseException | None) -> None:
        keeper = self.keeper
        wait = error.wait_seconds if isinstance(error, HostResting) else 0.0
        fate: Fate = (
            "resting"
            if isinstance(error, HostResting)
            else "forbidden"
            if isinstance(error, RobotsForbids)
            else "loops"
            if _loops(error)
            else "failed"
        )
        rule = getattr(error, "rule", "").removeprefix("forbidden: ")
        why = f"robots.txt forbids it ({rule})" if rule else ""
        failure = failure_of(error)
        await keeper.do(
            lambda archive: keeper.agenda.missed(archive, asked, fate, wait, why=why, failure=failure)
        )

    async def failed(self, failure: Failure) -> None:
        """Count a page that could not be fetched, with the reason."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        url = request.cb_kwargs.get("asked") or request.url
        error = failure.value
        await self._note_missed(url, error)
        if isinstance(error, RobotsForbids):
            self.forbidden.append(url)
            logger.info("%s", error)
            return
        self.keeper.tell(PageResult(url, request.url, "failed", sentence(error, url)))


def _loops(error: BaseException | None) -> bool:
    """Whether a request was redirected more often than we follow: Scrapy says so in these words only."""
    return type(error) is IgnoreRequest and str(error) == "max redirections reached"


#: What Scrapy's errors mean to somebody who does not know Scrapy. The first that fits.
_MEANINGS: tuple[tuple[type[BaseException], str], ...] = (
    (CannotResolveHostError, "its host name is not known; check the address"),
    (DownloadConnectionRefusedError, "its server refuses connections; try later"),
    (DownloadTimeoutError, "its server did not answer in time; try later"),
    (DownloadFailedError, "the connection broke off before the answer's headers were complete; try later"),
    (UnsupportedURLSchemeError, "it is no http or https address"),
    (NotSupported, "it is no http or https address"),
    (IgnoreRequest, "{error}"),  # Scrapy's middlewares say why: too many redirects
)


def sentence(error: BaseException | None, url: str = "") -> str:
    """What kept a page from being fetched, in a sentence that is read beside `url` and does not repeat it."""
    if isinstance(error, RobotsRefused | HostResting) and error.url == url:
        return error.reason
    if isinstance(error, CrawlerError):
        return str(error)
    text = " ".join(str(error).split())[:300] or type(error).__name__
    meaning = next((words for kind, words in _MEANINGS if isinstance(error, kind)), "{error}")
    return f"could not be fetched: {meaning.format(error=text)}"


def _onward(response: Response, request: Request) -> Request | None:
    """The request to follow a redirect of what a script asked for.

    None where there is none, or where it leads to another host: the browser would take that host's answer as
    the first one's.
    """
    if not is_redirect(response) or request.method not in ("GET", "HEAD"):
        return None
    where = urljoin(response.url, (response.headers.get("Location") or b"").decode("latin-1"))
    if urlsplit(where)[:2] != urlsplit(request.url)[:2]:
        return None
    return request.replace(url=where)


def _can_be_rendered(response: Response) -> bool:
    kind = (response.headers.get("Content-Type") or b"").partition(b";")[0].strip().lower()
    return response.status == 200 and kind in (b"", b"text/html", b"application/xhtml+xml")


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    """Headers for the browser, repeated ones joined (RFC 9110, 5.3); cookies are not for it."""
    return tuple(
        (name.decode("latin-1"), ", ".join(value.decode("latin-1") for value in values))
        for name, values in response.headers.items()
        if name.lower() != b"set-cookie"
    )


def _bomb(response: Response, cleaner: str) -> Article:
    return Article(
        url=response.url,
        kind="error",
        kind_reason="the body is a decompression bomb",
        cleaner=cleaner,
    )


def rights_of(response: Response, meta: Mapping[str, Any], agent: str) -> Rights:
    """What stood about the use of a page: in robots.txt, the host's tdmrep.json, its headers and its head."""
    host: HostRights = meta.get(RIGHTS) or HostRights()
    parts = urlsplit(response.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [(name, value) for name, values in response.headers.items() for value in values]
    return Rights(
        robots=host.robots,
        statements=settled(
            host.statements,
            rule_for(host.tdm, path),
            in_headers(headers, agent),
            in_page(response.body, agent),
        ),
    )


def archived_rights(response: Response, agent: str) -> Rights:
    """What a page that comes out of a web archive said of its use.

    What its server sent stands in headers that begin with `X-Archive-Orig-`. Its robots.txt is not known.
    """
    before = b"x-archive-orig-"
    headers = [
        (name[len(before) :], value)
        for name, values in response.headers.items()
        if name.lower().startswith(before)
        for value in values
    ]
    return Rights(statements=settled(in_headers(headers, agent), in_page(response.body, agent)))


def capture_of(
    response: Response, asked: str, hints: Hints | None = None, rights: Rights | None = None
) -> Capture:
    """One response as a capture, with its exchange, which is not stored yet."""
    exchange: Exchange | None = response.meta.get(EXCHANGE)
    content_type = response.headers.get("Content-Type") or b""
    return Capture(
        url=response.url,
        requested_url=asked,
        fetched_at=exchange.fetched_at if exchange is not None else datetime.now(UTC),
        body=response.body,
        content_type=content_type.decode("latin-1"),
        status=response.status,
        source="crawl",
        hints=hints,
        rights=rights,
        exchange=exchange,
    )

"""Pages that are made by scripts: a browser reads the answer that we recorded, and gives back the document.

The browser has no network. The page is the recorded answer; what its scripts ask for is fetched by us,
through the same door as everything else (`Fetch`): robots.txt, delays, refused addresses, limits and the
record hold for it. Pictures, films, fonts, frames, downloads, sockets, other windows and other pages are not
given at all, style sheets are empty. Why not scrapy-playwright: docs/decisions/0010-rendering.md.

The only module that knows playwright, an optional part: `pip install 'pressmark[render]'`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.values import Value
from crawler.errors import CrawlerError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Playwright, Route

#: Where a browser is looked for; else the one that playwright brought along.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A proxy where nobody answers (port 9, 'discard'), for addresses of this machine too: whatever finds a way
#: around the interception of requests leads there.
NOWHERE = {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
    "--disable-gpu", "--no-first-run", "--js-flags=--max-old-space-size=512",
)  # fmt: skip
#: What is asked for on behalf of a page's scripts; a style sheet is given empty, since scripts wait for it.
FETCHED = frozenset({"script", "xhr", "fetch"})
#: Of an answer's headers those that speak of a body that is undone by now.
_UNDONE = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
#: Of a script's request those that are not ours to send: who we are is not for the page to say.
_NOT_SENT = frozenset(
    {
        "user-agent",
        "cookie",
        "host",
        "connection",
        "accept-encoding",
        "content-length",
        "referer",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "upgrade-insecure-requests",
    }
)
_POLL_SECONDS = 0.25
#: A page that answers no question for so long is one whose scripts never end.
_ANSWER_SECONDS = 5.0
#: So many times what is given to it at most: a page whose scripts ask for more is left.
_FLOOD = 20


class RenderOptions(Value, frozen=True, kw_only=True):
    """Budgets of one page."""

    #: All told, and of these for the page to come to rest after it was read.
    seconds: float = 60.0
    rest_seconds: float = 20.0
    #: A page is at rest when nothing is being fetched and its text stays the same for so long.
    quiet_seconds: float = 1.0
    #: Requests of its scripts, and bytes of the answers.
    requests: int = 60
    size_bytes: int = 20_000_000
    #: Of the document, in characters.
    document: int = 20_000_000
    sandbox: bool = True


class Part(Value, frozen=True, kw_only=True):
    """What a page's script asks for."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""


class PartAnswer(Value, frozen=True, kw_only=True):
    """What it gets: the body with every encoding undone."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Rendered(Value, frozen=True, kw_only=True):
    """The document as scripts left it, and by whom it was made (`Chromium 130.0`)."""

    html: bytes
    browser: str
    requests: int = 0


#: Fetches a part; None for one that may not be had.
Fetch = Callable[[Part], Awaitable[PartAnswer | None]]


class RenderFailed(CrawlerError):
    """A page could not be rendered; the reason is a clause."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"{url} could not be rendered: {reason}")


def program() -> str | None:
    """The browser on this machine: $PRESSMARK_CHROMIUM, else one on the PATH."""
    named = os.environ.get("PRESSMARK_CHROMIUM")
    return next((found for name in (named, *PROGRAMS) if name and (found := shutil.which(name))), None)


def check_installed() -> None:
    """Raises CrawlerError where the optional part is missing."""
    try:
        import playwright.async_api  # noqa: F401 - it is there or not
    except ImportError as error:
        raise CrawlerError(
            "a site has `render = true`, and the browser's part is not installed:"
            " pip install 'pressmark[render]', and Chromium (or name it in PRESSMARK_CHROMIUM)"
        ) from error


class Renderer:
    """One browser, one page at a time. Started with the first page; `close` ends it."""

    def __init__(self, fetch: Fetch, *, user_agent: str, options: RenderOptions | None = None) -> None:
        self._fetch = fetch
        self._user_agent = user_agent
        self._options = options or RenderOptions()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._turn = asyncio.Lock()
        #: Scripts that pages of one site share, asked for once.
        self._shared: dict[str, PartAnswer] = {}
        self._shared_bytes = 0

    async def render(self, url: str, answer: PartAnswer) -> Rendered:
        """The document that a browser makes of a page's answer. Raises RenderFailed, in bounded time."""
        async with self._turn:
            visit = _Visit(url, answer, self._options, self._part)
            try:
                browser = await asyncio.wait_for(self._started(), 60)
                return await asyncio.wait_for(
                    visit.document(browser, self._user_agent), self._options.seconds
                )
            except TimeoutError:
                await self._kill()
                reason = f"its scripts did not end within {self._options.seconds:.0f} seconds"
                raise RenderFailed(url, reason) from None
            except RenderFailed:
                await self._kill()
                raise
            except Exception as error:  # whatever the browser stumbled over: the next page gets a new one
                await self._kill()
                raise RenderFailed(url, " ".join(str(error).split())[:300]) from error

    async def close(self) -> None:
        """End the browser. Harmless when done twice."""
        await self._kill()
        if self._playwright is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._playwright.stop(), 10)
        self._playwright = None

    async def _started(self) -> Browser:
        if self._browser is not None and self._browser.is_connected():
            return self._browser
        from playwright.async_api import async_playwright

        if self._playwright is None:
            self._playwright = await async_playwright().start()
        # Chromium cannot have its sandbox as root; see PRESSMARK_RENDER_SANDBOX.
        sandbox = self._options.sandbox and getattr(os, "geteuid", lambda: 1)() != 0
        path = program()
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=path, args=list(_ARGUMENTS), chromium_sandbox=sandbox, handle_sigint=False,
                handle_sigterm=False, handle_sighup=False, proxy=NOWHERE,  # type: ignore[arg-type]  # a TypedDict
            )  # fmt: skip
        except Exception as error:
            why = " ".join(str(error).split())[:200]
            advice = (
                "install Chromium, or name it in PRESSMARK_CHROMIUM"
                if path is None
                else "where it may not have its sandbox, set PRESSMARK_RENDER_SANDBOX to False"
            )
            raise CrawlerError(f"the browser could not be started ({why}); {advice}") from error
        return self._browser

    async def _kill(self) -> None:
        browser, self._browser = self._browser, None
        if browser is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(browser.close(), 10)

    async def _part(self, part: Part, kind: str) -> PartAnswer | None:
        if part.url in self._shared and part.method == "GET":
            return self._shared[part.url]
        found = await self._fetch(part)
        if found is not None and kind == "script" and found.status == 200:
            self._shared_bytes += len(found.body)
            if self._shared_bytes > 100_000_000:
                self._shared.clear()
                self._shared_bytes = len(found.body)
            self._shared[part.url] = found
        return found


class _Visit:
    """One page in the browser."""

    def __init__(
        self,
        url: str,
        answer: PartAnswer,
        options: RenderOptions,
        part: Callable[[Part, str], Awaitable[PartAnswer | None]],
    ) -> None:
        self._url, self._answer, self._options, self._part = url, answer, options, part
        self._is_given = False
        self._open = 0
        self._asked = 0
        self._bytes = 0
        self._changed_at = time.monotonic()
        self._crashed = asyncio.Event()
        self._wished = 0
        self._flood = asyncio.Event()

    async def document(self, browser: Browser, user_agent: str) -> Rendered:
        context = await browser.new_context(
            user_agent=user_agent, service_workers="block", accept_downloads=False, permissions=[]
        )
        try:
            await context.route("**/*", self._routed)
            await context.route_web_socket("**/*", lambda socket: None)  # never connected to its server
            page = await context.new_page()
            context.on("page", lambda other: asyncio.ensure_future(_closed(other)))
            page.on("crash", lambda _: self._crashed.set())
            page.on("dialog", lambda dialog: asyncio.ensure_future(_dismissed(dialog)))
            await page.goto(self._url, wait_until="commit", timeout=self._options.seconds * 1000)
            await self._rest(page)
            html = await self._asked_of(page, _DOCUMENT, self._options.document)
            if html is None:
                limit = self._options.document
                raise RenderFailed(self._url, f"the document is longer than {limit:,} characters")
            return Rendered(
                html=html.encode("utf-8", "replace"),
                browser=f"Chromium {browser.version}",
                requests=self._asked,
            )
        finally:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(context.close(), 5)

    async def _rest(self, page: Page) -> None:
        """Wait until nothing is fetched and the text stays the same, or until that has taken too long.

        Time in which we fetch for it is not held against a page: our delays are not its doing.
        """
        end = time.monotonic() + self._options.rest_seconds
        last = time.monotonic() + 0.7 * self._options.seconds
        length = -1
        while time.monotonic() < min(end, last):
            if self._open:
                end = time.monotonic() + self._options.rest_seconds
            now = await self._asked_of(page, _LENGTH, None)
            if now != length or self._open:
                length, self._changed_at = now, time.monotonic()
            elif length >= 0 and time.monotonic() - self._changed_at >= self._options.quiet_seconds:
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def _asked_of(self, page: Page, script: str, value: Any) -> Any:
        question = asyncio.ensure_future(page.evaluate(script, value))
        ends = {asyncio.ensure_future(event.wait()) for event in (self._crashed, self._flood)}
        done, _ = await asyncio.wait(
            {question, *ends}, timeout=_ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for end in ends:
            end.cancel()
        if question in done and not self._flood.is_set():
            return question.result()
        question.cancel()
        raise RenderFailed(self._url, self._why())

    def _why(self) -> str:
        if self._crashed.is_set():
            return "it is more than its tab can hold"
        if self._flood.is_set():
            return f"its scripts ask for more than {_FLOOD * self._options.requests:,} things"
        return "its scripts do not end"

    async def _routed(self, route: Route) -> None:
        """Decide what a request of the browser gets: the page, a part, nothing."""
        self._wished += 1
        if self._wished > _FLOOD * self._options.requests:
            self._flood.set()
        self._open += 1
        try:
            with contextlib.suppress(Exception):  # the page may be gone by now
                await self._give(route)
        finally:
            self._open -= 1

    async def _give(self, route: Route) -> None:
        request = route.request
        kind = request.resource_type
        if request.is_navigation_request():
            if self._is_given or request.frame.parent_frame is not None:
                # A frame, another page, the same again. Any other error would put a page of its own there.
                return await route.abort("aborted")
            self._is_given = True
            return await _fulfilled(route, self._answer)
        if kind == "stylesheet":
            return await route.fulfill(status=200, content_type="text/css", body=b"")
        if kind not in FETCHED or not self._may_ask(request.method, request.url):
            return await route.abort("blockedbyclient")
        self._asked += 1
        headers = {name: value for name, value in request.headers.items() if name not in _NOT_SENT}
        part = Part(
            url=request.url, method=request.method, headers=headers, body=request.post_data_buffer or b""
        )
        found = await self._part(part, kind)
        if found is None:
            return await route.abort("blockedbyclient")
        self._bytes += len(found.body)
        return await _fulfilled(route, found)

    def _may_ask(self, method: str, url: str) -> bool:
        """Within the budgets; and something is sent (POST) to the page's own host only."""
        if self._asked >= self._options.requests or self._bytes > self._options.size_bytes:
            return False
        own = urlsplit(url).netloc == urlsplit(self._url).netloc
        return urlsplit(url).scheme in ("http", "https") and (method == "GET" or (method == "POST" and own))


#: The document with its type, null where it is longer than may be.
_DOCUMENT = """most => {
  const type = document.doctype ? `<!DOCTYPE ${document.doctype.name}>\\n` : '';
  if (!document.documentElement) return type;
  if (document.documentElement.textContent.length > most) return null;
  const html = document.documentElement.outerHTML;
  return html.length > most ? null : type + html;
}"""
#: Of its text; -1 while it is still being read.
_LENGTH = "() => document.readyState == 'loading' ? -1 : document.documentElement.textContent.length"


async def _fulfilled(route: Route, answer: PartAnswer) -> None:
    headers = {name: value for name, value in answer.headers if name.lower() not in _UNDONE}
    await route.fulfill(status=answer.status, headers=headers, body=answer.body)


async def _closed(page: Page) -> None:
    with contextlib.suppress(Exception):
        await page.close()


async def _dismissed(dialog: Any) -> None:
    with contextlib.suppress(Exception):
        await dialog.dismiss()

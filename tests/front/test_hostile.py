"""A hostile newsroom: nothing that its pages say runs, leads away or breaks a page, in a real browser.

The archive is that of `crawled`: each text that any page shows holds script, markup, control characters,
direction overrides and letters without end; one article has ten megabytes.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.front import crawled, sample
from tests.front.conftest import running
from tests.front.test_serving import HOUSE
from tests.front.test_serving import SERVE as PROGRAM

SERVE = (sys.executable, "-c", PROGRAM)

PHONE, DESK = 390, 1280
FIRST = len(sample.SAMPLES)  # one of the samples is a version of another
EVIL, LARGE = FIRST, FIRST + 1

#: Pages of our own: no script at all, and nothing sticks out.
READING = {
    "front": "/",
    "search": "/search?q=canaries",
    "search for markup": "/search?q=" + quote(crawled.PAYLOADS[1]),
    "search with hostile filters": "/search?q=x&site=" + quote(crawled.EVIL) + "&from=" + quote(crawled.EVIL),
    "search on the site": f"/search?site={crawled.HOST}",
    "article": f"/article/{EVIL}",
    "account": f"/article/{EVIL}?account=1",
    "old version": f"/article/{EVIL}?version=1",
    "account of the old version": f"/article/{EVIL}?version=1&account=1",
    "differences": f"/article/{EVIL}/diff",
    "changes": "/changes",
    "ten megabytes": f"/article/{LARGE}",
    "account of ten megabytes": f"/article/{LARGE}?account=1",
    "sites": "/sites",
    "site by host": f"/site/{crawled.HOST}",
    "site by name": "/site/" + quote(crawled.NAME, safe=""),
    "no such site": "/site/" + quote(crawled.PAYLOADS[0], safe=""),
}
#: Datasette's own: they bring their scripts, and must not run others.
TABLES = {
    "database": "/articles",
    "articles": "/articles/articles?_sort_desc=id",
    "row": f"/articles/articles/{EVIL}",
    "versions": f"/articles/versions?article_id={EVIL}",
    "account": f"/articles/account?article_id={EVIL}",
    "captures": f"/articles/captures?site={crawled.HOST}",
    "sites": "/articles/sites",
    "feeds": f"/articles/feeds?site={crawled.HOST}",
    "judgements": "/articles/judgements",
    "memory": "/articles/site_memory",
    "query": "/articles/newest",
    "facets": "/articles/articles?_facet=headline&_facet=section",
    "SQL": "/articles?sql=select+headline,+section+from+articles+order+by+id+desc",
}


@pytest.fixture(params=[PHONE, DESK])
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def crawled_visitor(crawled_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=crawled_address, timeout=120) as client:
        yield client


class Watch:
    """What a page tried while it was open."""

    def __init__(self, page: Page, address: str) -> None:
        self.said: list[str] = []
        page.on("dialog", lambda dialog: self._dialog(dialog))
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("popup", lambda popup: self.said.append(f"popup: {popup.url}"))
        page.on("request", lambda request: self._request(request.url, address))

    def _dialog(self, dialog: object) -> None:
        self.said.append(f"dialog: {dialog}")
        dialog.dismiss()  # type: ignore[attr-defined]

    def _console(self, kind: str, text: str) -> None:
        # A status of 404 is told as an error, too, and a date field that is given no date warns. What is
        # looked for is a policy that had to stop something.
        if kind in {"error", "warning"} and "status of 4" not in text and "required format" not in text:
            self.said.append(f"{kind}: {text}")

    def _request(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:image")):
            self.said.append(f"asks {url[:200]}")


#: All that a script, a link or a frame could come in by.
INTRUDERS = """() => ({
    ran: typeof window.pwned !== 'undefined',
    scripts: [...document.scripts].map(one => one.textContent).filter(text => text.includes('pwned')).length,
    frames: document.querySelectorAll('iframe, object, embed').length,
    handlers: [...document.querySelectorAll('*')].filter(one => [...one.attributes].some(
        attribute => /^on/i.test(attribute.name) && attribute.value.includes('pwned'))).length,
    links: [...document.querySelectorAll('[href], [src], [action]')].map(one =>
        one.getAttribute('href') || one.getAttribute('src') || one.getAttribute('action') || '')
        .filter(url => /^[\\s\\0-\\x20]*(javascript|vbscript|data:text)/i.test(url)),
    title: document.title,
})"""

#: Controls and overrides of direction, as they would stand in a page's text.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def visited(window: Page, address: str, path: str) -> Watch:
    watch = Watch(window, address)
    answer = window.goto(address + path, timeout=120_000)
    assert answer is not None
    assert answer.status < 500
    found = window.evaluate(INTRUDERS)
    assert (found["ran"], found["scripts"], found["frames"], found["handlers"]) == (False, 0, 0, 0)
    assert found["links"] == []
    return watch


@pytest.mark.parametrize("name", READING)
def test_a_reading_page_of_hostile_texts_runs_nothing_and_stays_whole(
    window: Page, crawled_address: str, name: str
) -> None:
    watch = visited(window, crawled_address, READING[name])
    wide, room = window.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room
    assert window.locator("footer a", has_text="Tables and SQL").count() == 1  # the page goes on to its end
    assert window.locator("script").count() == 0
    assert not UNSEEN.search(window.inner_text("body"))
    assert watch.said == []


@pytest.mark.parametrize("name", TABLES)
def test_datasettes_own_tables_of_hostile_texts_run_nothing(
    browser: Browser, crawled_address: str, name: str
) -> None:
    context = browser.new_context(viewport={"width": DESK, "height": 844})
    watch = visited(context.new_page(), crawled_address, TABLES[name])
    context.close()
    assert watch.said == []


@pytest.mark.parametrize("path", [*READING.values(), *TABLES.values()])
def test_every_page_has_a_policy_and_is_kept_from_robots(crawled_visitor: httpx.Client, path: str) -> None:
    headers = crawled_visitor.get(path).headers
    policy = headers["content-security-policy"]
    assert ("script-src 'none'" in policy) == (path in READING.values()), policy
    for said in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert said in policy
    assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"
    assert headers["x-content-type-options"] == "nosniff"


def test_links_of_hostile_feeds_and_articles_are_dead_letters(browser: Browser, crawled_address: str) -> None:
    page = browser.new_page()
    for path in (f"/site/{crawled.HOST}", f"/article/{EVIL}"):
        page.goto(crawled_address + path)
        assert page.get_by_text("javascript:window.pwned=1//https", exact=False).count() >= 1, "it is shown"
        assert page.locator("a", has_text="javascript:window.pwned=1//https").count() == 0, "it leads nowhere"
    page.close()


def test_nothing_can_be_written_without_a_token(tmp_path: Path) -> None:
    crawled.build(tmp_path)
    paths = [
        *READING.values(), f"/article/{EVIL}/say", "/-/pressmark-edit",
        "/articles/articles/-/insert", "/articles/articles/-/drop", "/articles/-/create", "/-/messages",
        f"/articles/articles/{EVIL}/-/update", f"/articles/articles/{EVIL}/-/delete",
    ]  # fmt: skip
    bodies = (
        {"json": {"rows": [{"id": 1, "headline": "mine"}]}},
        {
            "data": {
                "say": "keep",
                "digest": "0",
                "label": "keep",
                "scope": "site",
                "site": "x",
                "token": "guessed",
            }
        },
    )
    answers: dict[str, int] = {}
    log: list[str] = []
    # Not plain Datasette, which logs each visitor's mistake as a traceback.
    with (
        running([*SERVE, str(tmp_path), "0"], HOUSE, sign="Serving", log=log),
        httpx.Client(base_url=log[0].split()[1], timeout=120) as visitor,
    ):
        visitor.get("/")
        before = written(tmp_path)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in paths:
                for rank, body in enumerate(bodies):
                    answers[f"{method} {path} {rank}"] = visitor.request(method, path, **body).status_code  # type: ignore[arg-type]
        assert written(tmp_path) == before
    assert {name: status for name, status in answers.items() if status >= 500} == {}


def written(root: Path) -> dict[str, str]:
    """Digests of all files but those by which SQLite's readers agree (-shm)."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm") and "__pycache__" not in path.parts
    }

"""A visitor's walk through the archive in a real browser, and what axe-core says of each page.

Search → article → the whole page with its cuts → what changed → the replay link → the site, at desktop and
phone width, in light and dark. axe-core is the copy in the package `axe-playwright-python`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from archive import Archive
from archive.front import write_front
from tests.front import crawled, sample
from tests.front.conftest import datasette_over

PHONE, DESK = 390, 1280
REPLAY = "http://127.0.0.1:8099/news"
FERRY, BUDGET = 1, 1 + sample.SAMPLES.index(sample.FIRST_WORDING)

PATHS = {
    "front": "/",
    "search": "/search?q=ferry",
    "search of nothing": "/search",
    "no hit": "/search?q=nothingatall",
    "broken query": "/search?q=%22ferry+AND",
    "article": f"/article/{FERRY}",
    "account": f"/article/{FERRY}?account=1",
    "article with versions": f"/article/{BUDGET}",
    "right to left": "/article/3",
    "differences": f"/article/{BUDGET}/diff",
    "changes": "/changes",
    "sites": "/sites",
    "site": "/site/The%20Harbour%20Post",
    "hostile site": f"/site/{crawled.HOST}",
    "old version": f"/article/{BUDGET}?version=1",
    "filters": "/search?q=bulletin&site=bulletin.example&from=2024-03-05&sort=newest",
    "changed headlines": "/changes?only=headlines",
    "no site": "/site/(no%20site)",
    "hostile account": f"/article/{len(sample.SAMPLES)}?account=1",
    "hostile differences": f"/article/{len(sample.SAMPLES)}/diff",
    "not there": "/article/99999",
    "refused": "/search.atom?q=%22",
    "no page": "/nothing/here",
    "forbidden": "/-/pressmark-edit?token=guessed",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An archive as crawls leave it, whose owner told Datasette where pywb replays it."""
    root = tmp_path_factory.mktemp("walked-archive")
    crawled.build(root)
    told = f"plugins:\n  pressmark_pages:\n    replay: {REPLAY}\n"
    for name in ("metadata.yaml", "datasette.yaml"):
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(told)
    with datasette_over(root) as address:
        yield address


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An archive into which nothing was put yet."""
    root = tmp_path_factory.mktemp("empty-archive")
    with Archive.open(root, software="pressmark sample", clock=lambda: sample.START):
        pass
    write_front(root)
    with datasette_over(root) as address:
        yield address


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(params=[(width, scheme) for width in (PHONE, DESK) for scheme in SCHEMES], ids=str)
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def test_a_visitor_walks_from_a_search_to_the_site(window: Page, address: str) -> None:
    window.goto(address)
    window.fill("#ask", "budget")
    window.press("#ask", "Enter")
    assert "Budget" in window.inner_text(".hits")

    window.click(".hits h3 a")
    assert window.inner_text("h1") == "Budget passes after recount"
    assert "two to one" in window.inner_text(".prose")

    window.click("nav.switch a:not([aria-current])")
    assert window.locator("del", has_text="Share this").is_visible()
    assert "share" in window.inner_text(".cut .why")
    window.click("nav.switch a:not([aria-current])")

    window.click("a[href*='/diff']")
    assert window.locator("ins", has_text="passed").count() >= 1
    assert window.locator("del", has_text="failed").count() >= 1
    window.go_back()

    replay = window.locator("a[href^='" + REPLAY + "']")
    assert re.fullmatch(
        re.escape(REPLAY) + r"/\d{14}/https://gazette\.example/budget", replay.get_attribute("href") or ""
    )

    window.click("header nav a:has-text('Sites')")
    assert window.get_attribute("header nav a[aria-current]", "href") == "/sites"
    window.click("text=Gazette")
    assert window.inner_text("h1") == "Gazette"
    assert "about 1 a month" in window.inner_text("main")
    window.click("text=1 article")
    assert "Budget passes" in window.inner_text(".hits")


@pytest.mark.parametrize("name", PATHS)
def test_axe_finds_nothing_serious_at_any_width_in_light_and_dark(
    browser: Browser, address: str, name: str
) -> None:
    page = browser.new_page()
    page.goto(address + PATHS[name])
    assert_axe_is_content(page)
    page.close()


def assert_axe_is_content(page: Page) -> None:
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 844})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert serious(page) == [], (width, scheme)


def serious(page: Page) -> list[str]:
    """What axe-core holds to be serious or critical, by rules of WCAG 2.2 A and AA and of good practice."""
    script = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    found: dict[str, Any] = page.evaluate("axe.run()")
    assert found["passes"], "axe looked at nothing"
    return [
        f"{one['id']}: {node['target']} {node['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("path", ["/", "/search", "/sites", "/changes"])
def test_an_empty_archive_says_so_to_everybody(browser: Browser, empty: str, path: str) -> None:
    page = browser.new_page()
    page.goto(empty + path)
    assert re.search(
        r"There is no (article|site) in this archive yet|No change was seen yet", page.inner_text("main")
    )
    assert_axe_is_content(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK
    page.close()


@pytest.mark.parametrize("fault", ["<img src='x.png'>", "<p style='color:#bbb'>pale</p>", "<input>"])
def test_axe_would_find_a_fault(browser: Browser, fault: str) -> None:
    page = browser.new_page()
    page.set_content(f"<html lang=en><title>t</title><main><h1>h</h1>{fault}</main>")
    assert serious(page) != []
    page.close()


@pytest.mark.parametrize("name", PATHS)
def test_headings_go_down_by_steps_and_the_page_has_one_title(
    browser: Browser, address: str, name: str
) -> None:
    page = browser.new_page()
    page.goto(address + PATHS[name])
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "all => all.map(one => Number(one.tagName[1]))"
    )
    landmarks = page.eval_on_selector_all("main", "all => all.length")
    page.close()
    assert landmarks == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert levels.count(1) <= 1


@pytest.mark.parametrize("name", PATHS)
def test_a_page_does_not_move_while_it_loads(browser: Browser, address: str, name: str) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 844})
    context.add_init_script(
        """window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(
        entry => { window.moved += entry.value })).observe({type: 'layout-shift', buffered: true})"""
    )
    page = context.new_page()
    page.goto(address + PATHS[name], wait_until="networkidle")
    moved = page.evaluate("window.moved")
    context.close()
    assert (
        moved < 0.01
    )  # 'good' is below 0.1 (https://web.dev/articles/cls); nothing here has a reason to move


def test_all_can_be_reached_by_keyboard(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": DESK, "height": 844})
    page.goto(address + PATHS["site"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.goto(address + PATHS["site"])
    focusable = page.locator("a[href], button, input:not([type=hidden]), select, summary").count()
    reached: set[str] = set()
    for _ in range(focusable):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    page.close()
    assert len(reached) == focusable


def test_a_machine_of_ci_without_a_browser_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import conftest

    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("PRESSMARK_CHROMIUM", raising=False)
    with pytest.raises(pytest.fail.Exception, match="no Chromium found"):
        next(conftest.browser.__wrapped__())  # type: ignore[attr-defined]

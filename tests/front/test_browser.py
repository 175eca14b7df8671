"""The pages in a real browser: no script runs, nothing overflows, all is readable without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

PHONE, DESK = 390, 1280
PATHS = (
    "/",
    "/search?q=truce",
    "/article/1",
    "/article/1?account=1",
    "/article/2",
    "/article/2?account=1",
    "/article/3",
)


@pytest.fixture(params=[PHONE, DESK])
def window(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 844})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_no_script_of_a_page_runs_and_nothing_overflows(window: Page, address: str, path: str) -> None:
    asked: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    window.goto(address + path)
    assert window.title() != "pwned"
    assert window.evaluate("document.documentElement.scrollWidth") <= window.viewport_size["width"]  # type: ignore[index]
    assert all(url.startswith(address) for url in asked)


def test_lines_of_an_article_are_of_reading_length(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": DESK, "height": 844})
    page.goto(address + "/article/1")
    # A line of N digits is as wide as N `ch`.
    width = page.evaluate(
        """() => { const prose = document.querySelector('.prose'), ruler = document.createElement('span');
        ruler.textContent = '0'.repeat(100); ruler.style.whiteSpace = 'nowrap'; prose.append(ruler);
        return prose.clientWidth / (ruler.getBoundingClientRect().width / 100) }"""
    )
    page.close()
    assert 55 <= width <= 75


def test_a_visitor_without_javascript_searches_reads_and_sees_the_cuts(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.fill("input[type=search]", "ferry")
    page.press("input[type=search]", "Enter")
    page.click("h3 a")
    assert "River ferry returns" in page.inner_text("h1")
    page.click("text=The whole page")
    assert page.locator("del", has_text="Sign up for our morning letter").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(address + "/article/1?account=1")
    for selector in (".prose p", ".byline", ".why", "del", ".chip", "h1", ".switch a"):
        assert contrast(page, selector) >= 4.5, selector  # WCAG 2.2, success criterion 1.4.3
    context.close()


def contrast(page: Page, selector: str) -> float:
    """Contrast of the first such element against the page's background, as WCAG 2.2 defines it."""
    colours = page.evaluate(
        """selector => [
            getComputedStyle(document.querySelector(selector)).color,
            getComputedStyle(document.body).backgroundColor,
        ].map(colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number))""",
        selector,
    )
    lighter, darker = sorted((luminance(colour) for colour in colours), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: list[float]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""The reports as a reader opens them: one file, no script, nothing fetched, nothing cut off on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from crawler.reports import evaluation_report, picture_of_cuts
from crawler.reports.rendering import Judged
from pipelines.evaluation import score
from pipelines.explaining import explain_job
from pipelines.workers import PageJob
from tests.pipelines.test_html_clean import PARAGRAPHS

HOSTILE = "<img src=x onerror=alert(1)>&amp;</style><script>alert(2)</script>\u202e" + "W" * 300
PAGE = f"""<html><head><title>{HOSTILE.replace("<", "&lt;")}</title></head><body class="a&quot;><b>">
<nav>{HOSTILE.replace("<", "&lt;")}</nav><article><h1>{HOSTILE.replace("<", "&lt;")}</h1>
{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}<p>{HOSTILE.replace("<", "&lt;")}</p>
</article></body></html>"""


def reports() -> dict[str, str]:
    article = explain_job(PageJob(body=PAGE.encode(), url=""))
    judged = [
        Judged(HOSTILE, HOSTILE + PARAGRAPHS[0], PARAGRAPHS[1], score(HOSTILE, PARAGRAPHS[1]), language="en"),
        Judged("b.html", "", "", score("", ""), HOSTILE),
    ]
    return {"cuts": picture_of_cuts(article, HOSTILE), "evaluation": evaluation_report(judged, HOSTILE)}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    paths = {name: folder / f"{name}.html" for name in ("cuts", "evaluation")}
    for name, html in reports().items():
        paths[name].write_text(html, encoding="utf-8")
    return paths


@pytest.mark.parametrize("name", ["cuts", "evaluation"])
def test_a_report_is_one_file_that_escapes_every_text(name: str) -> None:
    html = reports()[name]
    assert "<script" not in html
    assert "<img" not in html
    assert not re.findall(r'(?:src|href)\s*=\s*(?!"#)', html.replace("img src=x", ""))
    assert "default-src 'none'" in html


@pytest.mark.parametrize("width", [1100, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["cuts", "evaluation"])
def test_a_report_fits_the_screen_in_either_light(
    browser: Browser, files: dict[str, Path], name: str, scheme: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail("a script ran"))
    page.goto(files[name].as_uri())
    assert asked == [files[name].as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert (_light(ink) > _light(paper)) == (scheme == "dark")
    page.close()


def test_the_picture_of_cuts_says_what_weighed(browser: Browser, files: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(files["cuts"].as_uri())
    block = page.locator(".block.body", has_text=PARAGRAPHS[0])
    said = block.locator(".weights li").all_inner_texts()
    assert len(said) == 3
    assert all(re.fullmatch(r".+: .+ → towards (kept|cut)", line.strip()) for line in said)
    page.close()


def _light(colour: str) -> int:
    return sum(map(int, re.findall(r"\d+", colour)[:3]))

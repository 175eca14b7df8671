"""What follows from a fetch of a page: its fate, and how long it is asked for."""

from __future__ import annotations

import pytest

from archive.agenda import Page
from crawler.scheduling import ArticleOptions
from crawler.scheduling.pages import Fate, after_fetch, fate_of, had

PAGE = Page(key="https://x.example/a", url="https://x.example/a", source="", found_at=0.0, born_at=0.0)
DAY = 86400.0


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ((200, "new"), "article"),
        ((200, "updated"), "changed"),
        ((200, "unchanged"), "same"),
        ((304, "unchanged", "article", "live blog: entries"), "same"),
        ((200, "unchanged", "consent", "asks for consent"), "walled"),
        ((200, "unchanged", "error", "soft 404: says ‘Not found’"), "gone"),
        ((200, "unchanged", "index", "twenty titles"), "other"),
        ((200, "not_article", "paywall", "the text that is known ends at a wall here"), "walled"),
        ((200, "not_article", "error", "soft 404: the address leads to the site's front page"), "gone"),
        ((200, "not_article", "error", "bot check: holds a mark"), "walled"),
        ((200, "not_article", "other", "login: asks for a password"), "other"),
        ((200, "failed", "error", ""), "other"),
        ((404, "not_article", "error", "HTTP 404 Not Found"), "gone"),
        ((503, "not_article", "error", "HTTP 503"), "failed"),
        ((None, "new"), "article"),
    ],
)
def test_what_an_answer_means(answer: tuple[int | None, str], fate: Fate) -> None:
    assert fate_of(*answer) == fate


@pytest.mark.parametrize("fate", ["failed", "gone", "walled", "forbidden", "loops"])
@pytest.mark.parametrize("is_known", [False, True])
def test_whatever_keeps_a_page_from_being_had_it_is_not_asked_for_for_ever(
    fate: Fate, is_known: bool
) -> None:
    page = had(PAGE, 0.0, ArticleOptions()) if is_known else PAGE
    at, tries = 1.0, 0
    while tries < 200:
        page = after_fetch(page, at, fate, ArticleOptions(), status=200)
        tries += 1
        assert page.due_reason
        if page.due_at is None:
            break
        assert page.due_at > at
        at = page.due_at
    assert page.due_at is None
    assert tries <= (60 if is_known else 10)
    assert at < 60 * DAY

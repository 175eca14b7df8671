"""What a page is and who may read it: the rules' edges, the learned judge, responses."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pytest

from archive.values import KINDS, PAGE_FORMS, Capture, page_form
from pipelines import clean
from pipelines.html_blocks import parse
from pipelines.html_clean import evidence_of
from pipelines.pagekind import Found, learned, locked_words
from pipelines.pagekind.learned import CLASSES
from pipelines.pagekind.measures import measures
from pipelines.pagekind.walls import led_home
from pipelines.responses import no_page

#: The trained file. A new training changes it, and docs/kinds.md with its figures.
DIGEST = "240cba45491dacbb1a0ffea176aaef4926b9afa6af2f497a99dd9eb06d4813e6"
PARAS = [
    "The last paper mill of the valley closed on Friday, ninety years after it had opened its doors.",
    "Its owner said that orders had fallen by half since spring, and that power had become too dear.",
    "Some two hundred people worked there, most of them from the villages along the river.",
    "The town now wants to turn the halls into flats, but first the ground must be cleaned.",
    "“We knew it would come,” said a worker who had spent thirty years at the machines.",
    "The region's council will talk about help for those who lost their jobs on Tuesday.",
]
#: What makes the same paragraphs others: a cleaner keeps what is said twice once.
TIMES = (
    "As is known, ",
    "In the year before it was said here that ",
    "A letter of 1911 tells that ",
    "Elsewhere too, ",
)
URL = "https://news.example/2025/03/paper-mill-closes.html"


def news(*, paras: int = 6, times: int = 1, stated: str = "", after: str = "", head: str = "") -> str:
    data = f'{{"@type":"NewsArticle","headline":"Paper mill closes","datePublished":"2025-03-14"{stated}}}'
    body = "".join(
        f"<p>{TIMES[n]}{text[0].lower()}{text[1:]}</p>" for n in range(times) for text in PARAS[:paras]
    )
    return (
        f'<html lang="en"><head><title>Paper mill closes</title>{head}'
        f'<script type="application/ld+json">{data}</script>'
        f"</head><body><article><h1>Paper mill closes</h1><div>{body}</div></article>{after}</body></html>"
    )


NOT_FREE = ',"isAccessibleForFree":%s'
WALL = '<div class="offer"><p>Subscribe to continue reading this article.</p></div>'


@pytest.mark.parametrize(
    "value", ["false", '"False"', '"http://schema.org/False"', "0", "[false]", '{"@value":"false"}']
)
def test_a_text_that_is_not_free_and_is_there_in_full_is_metered(value: str) -> None:
    article = clean(news(times=4, stated=NOT_FREE % value), url=URL)
    assert (article.kind, article.access, article.kind_reason) == ("article", "metered", "")


@pytest.mark.parametrize("value", ["true", '"True"', '"https://schema.org/True"', "1"])
def test_a_text_that_is_said_to_be_free_is_free(value: str) -> None:
    assert clean(news(stated=NOT_FREE % value), url=URL).access == "free"


def test_a_text_that_breaks_off_at_a_wall_is_a_teaser() -> None:
    article = clean(news(paras=5, times=2, stated=NOT_FREE % "false", after=WALL), url=URL)
    assert (article.kind, article.access, page_form(article.kind_reason)) == (
        "article",
        "paywalled",
        "teaser",
    )


def test_hardly_any_text_before_a_wall_is_a_paywall() -> None:
    article = clean(news(paras=2, after=WALL), url=URL)
    assert (article.kind, article.access) == ("paywall", "paywalled")


def test_an_offer_below_a_whole_free_text_is_no_wall() -> None:
    article = clean(news(times=4, after=WALL), url=URL)
    assert (article.kind, article.access) == ("article", "free")


def test_an_empty_locked_part_is_believed_and_a_shown_one_is_not() -> None:
    part = ',"hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":"%s"}'
    empty = news(times=2, stated=NOT_FREE % "false" + part % ".locked", after='<div class="locked"></div>')
    shown = news(times=2, stated=NOT_FREE % "false" + part % "article")
    assert clean(empty, url=URL).access == "paywalled"
    assert clean(shown, url=URL).access == "metered"


@pytest.mark.parametrize("selector", ["..::", "div[", "*:has(", "a" * 400, ""])
def test_a_selector_that_is_none_is_passed_over(selector: str) -> None:
    assert not locked_words(parse("<p class=a>one two</p>"), [selector])


def test_words_of_locked_parts_are_counted() -> None:
    assert locked_words(parse("<p class=a>one two</p><p class=b>three</p>"), [".a", ".b"]) == 3
    assert locked_words(parse("<p class=a>one two</p>"), []) is None


@pytest.mark.parametrize(
    ("asked", "got", "told"),
    [
        ("https://a.example/2019/05/story", "https://a.example/", True),
        ("https://a.example/2019/05/story", "https://www.a.example/de/", True),
        ("https://a.example/a-story-of-the-town", "https://a.example/index.html", True),
        ("https://a.example/", "https://a.example/de/", False),
        ("https://a.example/news", "https://a.example/", False),
        ("https://a.example/2019/05/story", "https://a.example/2019/05/story-2", False),
        ("https://a.example/2019/05/story", "https://a.example/?p=88", False),
        ("", "https://a.example/", False),
        ("https://[bad", "https://a.example/", False),
    ],
)
def test_a_redirect_from_a_page_to_the_front_page_is_told(asked: str, got: str, told: bool) -> None:
    assert led_home(asked, got) is told


def test_a_story_about_walls_and_errors_is_an_article() -> None:
    page = news(times=2).replace(
        "Paper mill closes", "404: why pages are not found, and robots check whether you are human"
    )
    assert clean(page, url=URL).kind == "article"


def test_a_form_that_asks_for_a_password_does_not_make_an_article_a_log_in() -> None:
    form = '<form><input type="password" name="p"><button>Sign in</button></form>'
    assert clean(news(after=form), url=URL).kind == "article"


def test_a_guard_script_on_an_ordinary_page_is_no_bot_check() -> None:
    script = '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    assert clean(news(paras=2, head=script), url=URL).kind == "article"


def test_a_front_page_is_an_index_unless_it_says_that_it_is_an_article() -> None:
    plain = f"<html><body><h1>Paper mill closes</h1>{''.join(f'<p>{p}</p>' for p in PARAS)}</body></html>"
    assert clean(plain, url="https://news.example/").kind == "index"
    assert clean(news(), url="https://news.example/").kind == "article"
    assert clean(plain).kind == "article"
    assert clean(plain, url="https://news.example/br").kind == "article"


def answer(status: int, body: bytes = b"<p>no", content_type: str = "text/html") -> tuple[str, str]:
    told = no_page(
        Capture(url=URL, fetched_at=datetime(2025, 3, 14, tzinfo=UTC), body=body,
                content_type=content_type, status=status, source="crawl"),
        "c",
    )  # fmt: skip
    assert told is not None
    return told.kind, told.kind_reason


def test_a_status_says_what_it_can() -> None:
    assert answer(404) == ("error", "HTTP 404 Not Found")
    assert answer(402) == ("paywall", "HTTP 402 Payment Required")
    assert answer(401) == ("other", "login: HTTP 401 Unauthorized")
    assert answer(403) == ("error", "HTTP 403 Forbidden")
    kind, reason = answer(403, b'<script src="/cdn-cgi/challenge-platform/h/b/x"></script>')
    assert (kind, page_form(reason)) == ("error", "bot check")


def test_the_words_for_forms_name_kinds_that_there_are() -> None:
    assert all(set(kinds) <= set(KINDS) for kinds in PAGE_FORMS.values())
    assert page_form("login: says ‘Sign in’") == "login"
    assert page_form("says: nothing") == ""


# The learned judge


def test_the_shipped_model_is_the_one_whose_figures_are_published() -> None:
    shipped = (files("pipelines.pagekind") / "kinds.bin").read_bytes()
    assert hashlib.sha256(shipped).hexdigest() == DIGEST
    assert len(shipped) < 500_000


def test_the_model_was_made_for_the_measures_that_are_taken() -> None:
    names = tuple(measures(evidence_of(news(), url=URL)))
    assert learned.shipped().features == (*names, *(f"names of {name}" for name in CLASSES))


def test_chances_are_the_same_each_time_and_sum_to_one() -> None:
    page = evidence_of(news(), url=URL)
    first = learned.shipped().chances(page)
    assert abs(float(first.sum()) - 1) < 1e-4
    assert np.array_equal(first, learned.shipped().chances(page))


def test_a_page_is_no_article_only_where_the_model_is_sure() -> None:
    def said(**chances: float) -> Found | None:
        return learned.ruling(np.array([chances.get(name, 0.0) for name in CLASSES], dtype=np.float32))

    assert said(article=0.5, service=0.3, index=0.2) is None
    listed, thread = said(article=0.3, index=0.6, forum=0.1), said(article=0.3, forum=0.7)
    assert listed is not None
    assert listed.kind == "index"
    assert thread is not None
    assert page_form(thread.reason) == "forum"


def test_measures_of_an_empty_page_are_numbers() -> None:
    assert all(np.isfinite(value) for value in measures(evidence_of("<html></html>")).values())

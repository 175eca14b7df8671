"""Addresses without end are told from those that lead somewhere."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.traps import TrapOptions, TrapWatch, trap_reason

TODAY = date(2026, 5, 4)
SITE = "https://press.example"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/events/2031/05/", "2031-05, which has not come yet"),
        ("/calendar/2026-06", "has not come yet"),
        ("/calendar?year=2027&month=1", "has not come yet"),
        ("/events?tribe-bar-date=2026-09-01", "has not come yet"),
        ("/archive/2019/03/07/", "2019-03, which is long ago"),
        ("/archive/20190307", "long ago"),
        ("/news/sport/news/sport/news/sport/", "'news/sport' repeats"),
        ("/a/a/a/b", "'a' repeats"),
        ("/tag/x/y/tag/z/tag/v/tag/w", "'tag' repeats"),
        ("/redirect/http://press.example/a", "an address stands in its path"),
        ("/l?" + "&".join(f"f{n}={n}" for n in range(9)), "more than 8 parameters"),
        ("/" + "/".join("abcdefghijklmno"), "15 parts"),
        ("/" + "x" * 1200, "characters long"),
    ],
)
def test_traps_are_named(path: str, words: str) -> None:
    assert words in trap_reason(SITE + path, TODAY)


@pytest.mark.parametrize(
    "path",
    [
        "/", "/news/", "/2019/03/07/ferry-returns-to-port", "/ferry-returns-to-port/2019/03/07",
        "/archive/2026/04/", "/archive/2026/05/04/", "/news?page=2", "/1927", "/world/a/b/c",
        "/story.php?id=2031", "/news/2026/05/news/news-5/",
        "/politics/2031-budget-plans-are-out/", "/article/20190307/ferry-returns-to-port",
    ],
)  # fmt: skip
def test_articles_of_any_age_and_lists_of_these_days_are_no_traps(path: str) -> None:
    assert trap_reason(SITE + path, TODAY) == ""


def test_a_calendar_is_followed_a_little_and_no_further() -> None:
    watch, day, followed = TrapWatch(TODAY), TODAY, 0
    while not watch.objection(f"{SITE}/calendar/{day:%Y/%m/%d}/") and followed < 5000:
        day, followed = day + timedelta(days=1), followed + 1
    assert followed == 8


def test_filters_upon_filters_end() -> None:
    watch = TrapWatch(TODAY)
    names = [f"filter{n}" for n in range(12)]
    followed = 0
    for n in range(1, 1 << 12):
        chosen = [name for bit, name in enumerate(names) if n >> bit & 1]
        followed += not watch.objection(f"{SITE}/list?" + "&".join(f"{name}=1" for name in chosen))
    assert followed <= TrapOptions().combinations
    assert "combined in more than 30 ways" in watch.objection(f"{SITE}/list?x=1&y=2")


def test_endless_pagination_uses_up_its_own_budget_and_no_other() -> None:
    watch = TrapWatch(TODAY)
    followed = sum(not watch.objection(f"{SITE}/list?page={n}") for n in range(1000))
    assert followed == TrapOptions().of_a_path
    paths = sum(not watch.objection(f"{SITE}/tags/{n}") for n in range(100, 1100))
    assert paths == TrapOptions().of_a_form
    assert watch.objection(f"{SITE}/politics/") == ""


def test_articles_use_up_no_budget_and_a_known_address_gets_the_same_answer() -> None:
    watch = TrapWatch(TODAY, TrapOptions(of_a_form=5))
    for n in range(1000):
        assert watch.objection(f"{SITE}/2026/05/a-story-of-number-{n}/", is_article=True) == ""
    lists = [f"{SITE}/tags/{n}" for n in range(8)]
    first = [watch.objection(url) for url in lists]
    assert [bool(why) for why in first] == [False] * 5 + [True] * 3
    assert [watch.objection(url + "/?utm_source=x") for url in lists] == first


def test_there_is_an_end_in_all() -> None:
    watch = TrapWatch(TODAY, TrapOptions(in_all=100))
    followed = sum(not watch.objection(f"{SITE}/s{n % 40}x/{'w/' * (n % 3)}z{n}") for n in range(1000))
    assert followed <= 100


@given(
    st.text()
    | st.lists(st.sampled_from(["a", "2031", "05", "-", "?year=9", "%", "//", "http:"])).map("/".join)
)
def test_nothing_breaks_the_watch(path: str) -> None:
    url = "https://press.example/" + path
    watch = TrapWatch(TODAY)
    assert watch.objection(url) == watch.objection(url) == TrapWatch(TODAY).objection(url)

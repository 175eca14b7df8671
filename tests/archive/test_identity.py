"""Which article a page is: one article at many addresses, many pages under one address, texts of nobody."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive import Archive, Catalogue, check
from archive.url_keys import url_key
from archive.values import Block
from tests.archive.sample import article, crawled, keep, open_archive, replaced, rows

SITE = "https://press.example"
FERRY = f"{SITE}/local/ferry-returns-to-the-old-port"
TEXT = (
    "The ferry to the islands sails again from Monday, the harbour office said, after the crane on the north"
    " quay was mended and the last of the sand was dredged from the channel."
)
OTHER = (
    "Voters in the two northern districts will choose a new council in June, and eleven parties have put up"
    " lists, among them three that have never stood before anywhere in the country."
)
#: Forms of one address, by the ways in which sites serve an article under several.
TWINS = (
    FERRY + "?utm_source=feed&fbclid=IwAR0",
    FERRY.replace("https://", "http://"),
    FERRY.replace("//press", "//www.press"),
    FERRY.replace("//press", "//m.press"),
    FERRY + "/amp/",
    FERRY + "/",
    FERRY + "#comments",
)


def page(archive: Archive, url: str, text: str = TEXT, hours: float = 0, **fields: object) -> str:
    body = f"{url} {text} {hours}".encode()
    return keep(archive, crawled(body, url, hours), text, **({"headline": "Ferry returns"} | fields))


def led(archive: Archive, asked: str, url: str, text: str, hours: float, **fields: object) -> str:
    """A page that another address led to."""
    capture = replaced(crawled(f"{asked} {text}".encode(), url, hours), requested_url=asked)
    return keep(archive, capture, text, **({"headline": "Ferry returns"} | fields))


def articles(root: Path) -> list[tuple[str, str, int]]:
    return rows(root, "select identity, text, version from articles order by id")


# One article at many addresses ----------------------------------------------------------------------


def test_one_article_at_many_urls_is_one_article_and_each_url_keeps_its_captures(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        outcomes = [page(archive, url, hours=n) for n, url in enumerate((FERRY, *TWINS))]
    assert outcomes == ["new"] + ["unchanged"] * len(TWINS)
    assert articles(tmp_path) == [(FERRY, TEXT, 1)]
    kept = rows(tmp_path, "select url, article_id from captures order by id")
    assert kept == [(url, 1) for url in (FERRY, *TWINS)]
    assert check(tmp_path) == []


def test_an_article_is_found_and_taken_down_by_any_form_of_its_address(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, TWINS[0], canonical_url=FERRY)
        archive.commit()
        with Catalogue.open(tmp_path) as catalogue:
            assert {found.id for url in TWINS if (found := catalogue.article_at(url))} == {1}
        assert archive.take_down(TWINS[4], "asked").articles == 1
        assert archive.is_taken_down(FERRY)
    assert articles(tmp_path) == []


def test_a_redirect_leads_to_the_one_article(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY) == "new"
        assert led(archive, f"{SITE}/s/4711", FERRY, TEXT, 1) == "unchanged"
    requested = rows(tmp_path, "select requested_url, article_id from captures order by id")
    assert requested == [("", 1), (f"{SITE}/s/4711", 1)]


def test_a_canonical_url_that_is_told_later_folds_what_stood_apart(tmp_path: Path) -> None:
    print_url = f"{SITE}/drucken/88123"
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY) == "new"
        assert page(archive, print_url, TEXT + " It was late.", 1, headline="Ferry comes back") == "new"
        assert page(archive, print_url, TEXT + " It was late.", 2, canonical_url=FERRY) == "updated"
    assert [identity for identity, _, _ in articles(tmp_path)] == [FERRY]
    assert rows(tmp_path, "select number, headline from versions order by number") == [
        (1, "Ferry returns"), (2, "Ferry comes back"), (3, "Ferry returns"),
    ]  # fmt: skip
    assert rows(tmp_path, "select distinct article_id from captures") == [(1,)]
    assert check(tmp_path) == []


def test_a_page_that_loses_its_canonical_url_stays_with_its_article(tmp_path: Path) -> None:
    mine = f"{SITE}/artikel/88123"
    with open_archive(tmp_path) as archive:
        assert page(archive, mine, canonical_url=FERRY) == "new"
        assert page(archive, mine, TEXT + " It was late.", 1) == "updated"
        assert page(archive, FERRY, TEXT + " It was late.", 2) == "unchanged"
    assert articles(tmp_path) == [(FERRY, TEXT + " It was late.", 2)]


# Canonical URLs that lie ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "canonical",
    [f"{SITE}/", f"{SITE}/local", FERRY, "https://other.example/x", f"{SITE}/index.html"],
    ids=["front page", "section, on every page", "another article", "another host", "index file"],
)
def test_a_canonical_url_that_lies_merges_nothing(tmp_path: Path, canonical: str) -> None:
    """Two pages that name one address and have neither headline nor text in common are two articles."""
    vote = f"{SITE}/politics/council-vote-in-june"
    with open_archive(tmp_path) as archive:
        for hours in (0, 3):
            page(archive, FERRY, hours=hours, canonical_url=canonical)
            page(archive, vote, OTHER, hours + 1, canonical_url=canonical, headline="Council vote in June")
    assert [(text, version) for _, text, version in articles(tmp_path)] == [(TEXT, 1), (OTHER, 1)]
    assert rows(tmp_path, "select article_id from captures order by id") == [(1,), (2,), (1,), (2,)]
    assert check(tmp_path) == []


def test_an_address_belongs_to_its_own_page_and_not_to_one_that_claimed_it_before(tmp_path: Path) -> None:
    vote = f"{SITE}/politics/council-vote-in-june"
    with open_archive(tmp_path) as archive:
        assert page(archive, vote, OTHER, canonical_url=FERRY, headline="Council vote in June") == "new"
        assert page(archive, FERRY, hours=1) == "new"
        assert (
            page(archive, vote, OTHER, 2, canonical_url=FERRY, headline="Council vote in June") == "unchanged"
        )
    assert [(identity, text) for identity, text, _ in articles(tmp_path)] == [(vote, OTHER), (FERRY, TEXT)]
    assert check(tmp_path) == []


def test_what_an_older_pressmark_merged_by_a_lie_is_parted_when_the_archive_is_cleaned_again(
    tmp_path: Path,
) -> None:
    vote = f"{SITE}/politics/council-vote-in-june"
    with open_archive(tmp_path) as archive:
        page(archive, FERRY)
        page(archive, vote, OTHER, 1, headline="Council vote in June")
    with sqlite3.connect(tmp_path / "articles.db") as db:  # as the weaker identity had it
        db.execute("update versions set article_id = 1, number = 2 where article_id = 2")
        db.execute("update captures set article_id = 1")
        db.execute("update articles set identity = ?, version = 2 where id = 1", (f"{SITE}/local",))
        db.execute("delete from articles where id = 2")
    db.close()
    with open_archive(tmp_path) as archive:
        for capture in archive.captures():
            text, headline = (
                (TEXT, "Ferry returns") if capture.url == FERRY else (OTHER, "Council vote in June")
            )
            told = article(text, headline=headline, canonical_url=f"{SITE}/local", cleaner="cleaner 2")
            archive.keep(capture, told)
    assert sorted((text, version) for _, text, version in articles(tmp_path)) == [(TEXT, 1), (OTHER, 1)]
    assert check(tmp_path) == []


URLS = st.sampled_from((FERRY, *TWINS, f"{SITE}/politics/council-vote-in-june", f"{SITE}/a/1", f"{SITE}/a/2"))
PAGES = st.lists(
    st.tuples(
        URLS, st.sampled_from([None, FERRY, f"{SITE}/", f"{SITE}/a/1"]), st.sampled_from([TEXT, OTHER])
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Archive, Iterator[int]]]:
    """One archive for all examples, each with a site of its own: to open one takes longer than to fill it."""
    root = tmp_path_factory.mktemp("claims")
    with open_archive(root) as archive:
        yield root, archive, itertools.count()
    assert check(root) == []


@settings(max_examples=25, deadline=None)
@given(pages=PAGES)
def test_whatever_pages_claim_no_text_is_lost_and_what_differs_stays_apart(
    claimed: tuple[Path, Archive, Iterator[int]], pages: Sequence[tuple[str, str | None, str]]
) -> None:
    root, archive, numbers = claimed
    host = f"press{next(numbers)}.example"
    headlines = {TEXT: "Ferry returns", OTHER: "Council vote in June"}
    for hours, (url, canonical, text) in enumerate(pages):
        own, told = (address and address.replace("press.example", host) for address in (url, canonical))
        day = "2024-05-02"  # or the same text under three numbers would be nobody's
        page(
            archive, own or "", text, hours, canonical_url=told, headline=headlines[text], date_published=day
        )
    archive.commit()
    of_site = "from captures join articles on articles.id = article_id where articles.url like ?"
    kept = rows(root, f"select captures.url, article_id {of_site}", f"%{host}%")
    versions = rows(
        root,
        "select article_id, versions.text from versions join articles on articles.id = article_id"
        " where articles.url like ?",
        f"%{host}%",
    )
    assert {text for _, text in versions} == {text for _, _, text in pages}
    keys = {url_key(url) for url, _ in kept}
    if not any(canonical for _, canonical, _ in pages):  # one form of an address: one article
        assert all(len({number for url, number in kept if url_key(url) == key}) == 1 for key in keys)
    if len({(url_key(url), text) for url, _, text in pages}) == len(keys):  # no address changed its text
        assert len(set(versions)) == len({number for number, _ in versions})


# The same text at many addresses --------------------------------------------------------------------

LOST = (
    "We are sorry. What you are looking for has moved to another shelf of our house or was lent to somebody"
    " else. Have a look at what our readers read most today, or write to the desk."
)
DEAD = [
    f"{SITE}/{path}" for path in ("sport/cup-final-tonight", "2019/mayor-resigns", "tv/old-movies-we-love")
]


def test_a_page_that_stands_at_three_addresses_with_nothing_in_common_is_no_article(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, FERRY)
        outcomes = [page(archive, url, LOST, n, headline="Sorry") for n, url in enumerate(DEAD, 1)]
        more = page(archive, f"{SITE}/x/brand-new-dead-link", LOST + " Now.", 5, headline="Sorry")
    assert outcomes == ["new", "new", "not_article"]
    assert more == "not_article"
    assert [text for _, text, _ in articles(tmp_path)] == [TEXT]
    kinds = rows(tmp_path, "select kind, kind_reason, article_id from captures where id > 1 order by id")
    reason = "soft 404: the same page stands at 3 addresses that have nothing in common"
    assert kinds == [("error", reason, None)] * 4
    assert check(tmp_path) == []


def test_a_known_article_whose_address_shows_such_a_page_later_keeps_its_text(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate(DEAD):
            page(
                archive,
                url,
                f"{TEXT} This was number {hours} of them all.",
                hours,
                headline=f"Headline {hours}",
            )
        for hours, url in enumerate(DEAD, 10):
            page(archive, url, LOST, hours, headline="Sorry")
    assert [(text[-20:], version) for _, text, version in articles(tmp_path)] == [
        (f"umber {n} of them all.", 1) for n in range(3)
    ]
    assert rows(tmp_path, "select headline from articles order by id") == [
        (f"Headline {n}",) for n in range(3)
    ]
    assert rows(tmp_path, "select count(*) from captures where kind = 'error'") == [(3,)]
    assert check(tmp_path) == []


def test_cleaned_again_such_pages_stay_what_they_are_and_articles_keep_their_numbers(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate(DEAD):
            page(archive, url, LOST, hours, headline="Sorry")
        page(archive, FERRY, hours=9)
    before = rows(tmp_path, "select id, identity from articles")
    with open_archive(tmp_path) as archive:
        for capture in archive.captures():
            is_lost = capture.url != FERRY
            text, headline = (LOST, "Sorry") if is_lost else (TEXT, "Ferry returns")
            outcome = archive.keep(capture, article(text, headline=headline, cleaner="cleaner 2"))
            assert outcome == ("not_article" if is_lost else "unchanged")
    assert rows(tmp_path, "select id, identity from articles") == before
    assert check(tmp_path) == []


def test_a_cleaner_that_knows_better_makes_articles_of_them(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate(DEAD):
            page(archive, url, LOST, hours, headline=("Cup final", "Mayor resigns", "Old movies")[hours])
    assert articles(tmp_path) == []
    with open_archive(tmp_path) as archive:
        for number, capture in enumerate(archive.captures()):
            text = f"{OTHER} District {number} votes {'first ' * number} and is the {number}th to do so."
            assert (
                archive.keep(capture, article(text, headline=f"District {number}", cleaner="cleaner 2"))
                == "new"
            )
    assert len(articles(tmp_path)) == 3
    assert check(tmp_path) == []


def test_the_same_text_under_other_headlines_everywhere_is_a_wall_of_words(tmp_path: Path) -> None:
    names = ("Cup final tonight", "Mayor resigns", "Old movies we love")
    with open_archive(tmp_path) as archive:
        outcomes = [
            page(archive, url, LOST, n, headline=name)
            for n, (url, name) in enumerate(zip(DEAD, names, strict=True))
        ]
    assert outcomes == ["new", "new", "not_article"]
    reason = "the same text stands at 3 addresses of the site, under 3 headlines"
    assert rows(tmp_path, "select distinct kind, kind_reason from captures") == [("error", reason)]


WIRE = " ".join(f"{TEXT} {OTHER} This is paragraph {n}." for n in range(3))
NAMES = ("Cup final tonight", "Mayor resigns", "Old movies we love")


def test_a_wire_text_under_other_headlines_is_the_article_that_was_kept_first(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, FERRY, hours=0)
        outcomes = [
            page(archive, url, WIRE, n, headline=name)
            for n, (url, name) in enumerate(zip(DEAD, NAMES, strict=True), 1)
        ]
        outcomes += [page(archive, DEAD[1], WIRE, 5, headline=NAMES[1])]
        outcomes += [page(archive, f"{SITE}/x/cheap-flights-south", WIRE, 6, headline="Cheap flights")]
        outcomes += [page(archive, DEAD[0], WIRE, 7, headline=NAMES[0])]
    assert outcomes == ["new", "new", *["unchanged"] * 4]
    assert [text for _, text, _ in articles(tmp_path)] == [TEXT, WIRE]
    assert rows(tmp_path, "select headline, version from articles where id = 2") == [(NAMES[0], 1)]
    kept = rows(tmp_path, "select distinct kind, article_id from captures where id > 1")
    assert kept == [("article", 2)]
    assert check(tmp_path) == []
    with open_archive(tmp_path) as archive:
        for capture in archive.captures():
            if capture.url != FERRY:
                name = dict(zip(DEAD, NAMES, strict=True)).get(capture.url, "Cheap flights")
                archive.keep(capture, article(WIRE, headline=name, cleaner="cleaner 2"))
    assert rows(tmp_path, "select headline, version from articles where id = 2") == [(NAMES[0], 1)]
    assert len(articles(tmp_path)) == 2
    assert check(tmp_path) == []


def test_an_article_of_its_own_comes_back_where_a_long_wall_stood(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for n, (url, name) in enumerate(zip(DEAD, NAMES, strict=True)):
            page(archive, url, WIRE, n, headline=name)
        outcomes = [
            page(archive, url, " ".join(f"{word}{n}" for word in LOST.split()), n, headline=name)
            for n, (url, name) in enumerate(zip(DEAD, NAMES, strict=True), 10)
        ]
    assert outcomes == ["updated", "new", "new"]
    assert check(tmp_path) == []


def test_a_long_page_at_three_addresses_stays_at_the_first(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        outcomes = [page(archive, url, WIRE, n, headline="渡輪重返港口") for n, url in enumerate(DEAD)]
        outcomes.append(page(archive, DEAD[0], WIRE, 5, headline="渡輪重返港口"))
        outcomes.append(page(archive, DEAD[0], WIRE + " More.", 6, headline="渡輪重返港口"))
    assert outcomes == ["new", "new", "not_article", "unchanged", "updated"]
    assert articles(tmp_path) == [(DEAD[0], WIRE + " More.", 2)]
    assert check(tmp_path) == []


def test_an_undated_article_at_addresses_of_numbers_is_one(tmp_path: Path) -> None:
    urls = [f"{SITE}/{path}" for path in ("nord/812345", "sued/812399", "ost/812411")]
    with open_archive(tmp_path) as archive:
        assert [page(archive, url, hours=n) for n, url in enumerate(urls)] == [
            "new",
            "unchanged",
            "unchanged",
        ]
        assert page(archive, urls[1], OTHER, 5, headline="Council vote in June") == "new"
    assert articles(tmp_path) == [(urls[0], TEXT, 1), (urls[1], OTHER, 1)]
    assert check(tmp_path) == []


@pytest.mark.parametrize(("days", "outcome"), [((89, 178), "not_article"), ((91,), "new")])
def test_a_verdict_on_a_text_holds_for_90_days_after_it_was_seen_last(
    tmp_path: Path, days: Sequence[int], outcome: str
) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate(DEAD):
            page(archive, url, LOST, hours, headline="Sorry")
        made = [
            page(archive, f"{SITE}/x/{n}-brand-new-link", LOST, 24 * day, headline="Sorry")
            for n, day in enumerate(days)
        ]
    assert made == [outcome] * len(days)
    assert check(tmp_path) == []


def test_a_verdict_that_is_too_old_is_found_anew(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        outcomes = [
            page(archive, url, LOST, hours, headline="Sorry")
            for start in (0, 24 * 200)
            for hours, url in enumerate(DEAD, start)
        ]
    assert outcomes == ["new", "new", "not_article"] * 2
    assert articles(tmp_path) == []
    assert rows(tmp_path, "select count(*) from common_texts") == [(1,)]


def test_an_article_that_a_site_shows_in_place_of_lost_pages_stays_at_its_own_address(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, DEAD[0], headline="Ferry returns to port")
        page(archive, FERRY, hours=1, headline="Ferry returns to port")
        page(archive, DEAD[1], hours=2, headline="Ferry returns to port")
    assert articles(tmp_path) == [(FERRY, TEXT, 1)]
    assert rows(tmp_path, "select url, kind from captures order by id") == [
        (DEAD[0], "error"), (FERRY, "article"), (DEAD[1], "error"),
    ]  # fmt: skip
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    ("urls", "days"),
    [
        ([FERRY, FERRY.replace("local", "travel"), FERRY.replace("local", "top")], [""] * 3),
        ([f"{SITE}/a/10001", f"{SITE}/b/20002", f"{SITE}/c/30003"], ["2024-05-02"] * 3),
        ([FERRY + "-id4711", f"{SITE}/news/4711"], ["", ""]),
    ],
    ids=["same slug in three sections", "numbers, same day", "same number"],
)
def test_one_article_in_several_sections_is_one(tmp_path: Path, urls: list[str], days: list[str]) -> None:
    with open_archive(tmp_path) as archive:
        outcomes = [
            page(archive, url, hours=n, date_published=day or None)
            for n, (url, day) in enumerate(zip(urls, days, strict=True))
        ]
        edited = page(archive, urls[-1], TEXT + " It was late.", 20, date_published=days[0] or None)
    assert outcomes == ["new"] + ["unchanged"] * (len(urls) - 1)
    assert edited == "updated"
    assert articles(tmp_path) == [(url_key(urls[0]), TEXT + " It was late.", 2)]
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    ("urls", "days", "headlines"),
    [
        ([f"{SITE}/2024/05/0{n}/weather-for-the-coast" for n in (1, 2, 3)], [""] * 3, ["Weather"] * 3),
        ([f"{SITE}/w/{n}0001" for n in (1, 2, 3)], [f"2024-05-0{n}" for n in (1, 2, 3)], ["Weather"] * 3),
        (DEAD[:2], ["", ""], ["Weather"] * 2),
        ([f"https://{n}.example/{n * 3}-{n}" for n in "abc"], [""] * 3, ["Weather"] * 3),
    ],
    ids=["dated addresses", "dated pages", "only two", "three sites"],
)
def test_what_comes_again_and_again_is_left_alone(
    tmp_path: Path, urls: list[str], days: list[str], headlines: list[str]
) -> None:
    with open_archive(tmp_path) as archive:
        for n, (url, day, headline) in enumerate(zip(urls, days, headlines, strict=True)):
            assert page(archive, url, hours=n, date_published=day or None, headline=headline) == "new"
    assert len(articles(tmp_path)) == len(urls)


def test_short_texts_are_the_same_by_chance(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for n, url in enumerate(DEAD):
            assert page(archive, url, "The match is over.", n, headline="Result") == "new"


def test_dead_addresses_that_all_lead_to_one_page_are_soft_404s_and_the_page_stays(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, headline="Ferry returns to port") == "new"
        outcomes = [
            led(archive, url, FERRY, TEXT, hours, headline="Ferry returns to port")
            for hours, url in enumerate(DEAD, 1)
        ]
    assert outcomes == ["unchanged", "unchanged", "not_article"]
    reason = "soft 404: 3 addresses that have nothing to do with this page lead to it"
    assert rows(tmp_path, "select kind, kind_reason, article_id from captures order by id") == [
        ("article", "", 1), *[("error", reason, None)] * 3,
    ]  # fmt: skip
    assert articles(tmp_path) == [(FERRY, TEXT, 1)]
    assert check(tmp_path) == []


LIVE = f"{SITE}/live/weather-emergency"
MERGED = [f"{SITE}/{s}" for s in ("storm-lara-latest", "schools-close-today", "trains-cancelled-north")]


def test_a_live_page_that_only_old_addresses_lead_to_stays_with_all_its_versions(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        outcomes = [
            led(archive, asked, LIVE, f"{TEXT} Edition {n}.", n, headline="Weather emergency: all updates")
            for n, asked in enumerate(MERGED)
        ]
    assert outcomes == ["new", "updated", "updated"]
    assert articles(tmp_path) == [(LIVE, f"{TEXT} Edition 2.", 3)]
    assert check(tmp_path) == []


def test_old_addresses_that_tell_nothing_new_are_withdrawn_and_their_page_stays(tmp_path: Path) -> None:
    name = "Weather emergency: all updates"
    with open_archive(tmp_path) as archive:
        outcomes = [led(archive, asked, LIVE, TEXT, n, headline=name) for n, asked in enumerate(MERGED)]
    assert outcomes == ["new", "unchanged", "not_article"]
    kinds = [("article", 1), ("error", None), ("error", None)]
    assert rows(tmp_path, "select kind, article_id from captures order by id") == kinds
    assert check(tmp_path) == []
    with open_archive(tmp_path) as archive:
        for capture in archive.captures():
            archive.keep(capture, article(TEXT, headline=name, cleaner="cleaner 2"))
        assert led(archive, f"{SITE}/cheap-flights-south", LIVE, TEXT, 5, headline=name) == "not_article"
        assert page(archive, LIVE, TEXT, 6, headline=name) == "unchanged"
    assert rows(tmp_path, "select kind, article_id from captures where id < 4 order by id") == kinds
    assert articles(tmp_path) == [(LIVE, TEXT, 1)]
    assert check(tmp_path) == []


def test_a_page_that_only_dead_addresses_lead_to_is_no_article(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate(DEAD, 1):
            led(archive, url, f"{SITE}/sorry", LOST, hours, headline="Sorry")
    assert articles(tmp_path) == []
    assert rows(tmp_path, "select distinct kind from captures") == [("error",)]
    assert check(tmp_path) == []


def heading(url: str) -> str:
    """A headline of the address's own words: a wire text has one in each place."""
    return url.rpartition("/")[2].partition("?")[0].replace("-", " ")


HEADLINES = {TEXT: "Ferry returns", OTHER: "Council vote in June", LOST: "Sorry"}
MIXED = st.lists(
    st.tuples(
        st.sampled_from((FERRY, TWINS[0], f"{SITE}/s/1", *DEAD)),
        st.sampled_from([None, FERRY, DEAD[0]]),
        st.sampled_from([TEXT, OTHER, LOST, LOST, WIRE]),
        st.sampled_from(
            ["", f"{SITE}/old/story-of-long-ago", f"{SITE}/old/cheap-flights", f"{SITE}/x/y-and-z"]
        ),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=12, deadline=None)
@given(pages=MIXED)
@example(pages=[(url, None, WIRE, "") for url in (*DEAD, DEAD[1], FERRY, DEAD[0])])
@example(
    pages=[(FERRY, None, text, f"{SITE}/{s}") for text in (TEXT, WIRE) for s in ("a-b-c", "x-y-z", "k-l-m")]
)
@example(pages=[(url, FERRY, WIRE, "") for url in (*DEAD, DEAD[1], FERRY, DEAD[0])])
def test_whether_pages_wait_in_a_batch_makes_no_difference(
    claimed: tuple[Path, Archive, Iterator[int]], pages: Sequence[tuple[str, str | None, str, str]]
) -> None:
    root, archive, numbers = claimed
    found = []
    for commits in (False, True):
        host = f"batch{next(numbers)}.example"
        outcomes = []
        for hours, (url, canonical, text, asked) in enumerate(pages):
            own, told, first = (a and a.replace("press.example", host) for a in (url, canonical, asked))
            outcomes.append(
                led(
                    archive,
                    first or "",
                    own or "",
                    text,
                    hours,
                    canonical_url=told,
                    headline=HEADLINES.get(text) or heading(url),
                )
            )
            if commits:
                archive.commit()
        archive.commit()
        made = rows(
            root,
            """select replace(captures.url, ?1, ''), captures.kind, captures.kind_reason, articles.text,
                      articles.version, replace(articles.identity, ?1, '')
               from captures left join articles on articles.id = article_id
               where captures.site = ?1 order by captures.id""",
            host,
        )
        # Who lost an address to its own page, and has lost its own to another, is named by number.
        found.append((outcomes, [(*row[:-1], (row[-1] or "").partition("#")[0]) for row in made]))
    assert found[0] == found[1]


# Walls and versions ---------------------------------------------------------------------------------

WHOLE = f"{TEXT} {OTHER} {TEXT.replace('ferry', 'boat')}"
TEASER = WHOLE[:200]


def walled(text: str) -> tuple[Block, ...]:
    lines = (("body", text), ("ad", "Subscribe to continue reading"), ("nav", "Home News Sport"))
    return tuple(
        Block(position=n, text=line, label=label, reason="") for n, (label, line) in enumerate(lines, 1)
    )


def test_a_known_text_that_ends_at_a_wall_later_is_a_capture_and_no_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, WHOLE) == "new"
        assert page(archive, FERRY, TEASER, 1, access="paywalled", kind_reason="teaser: …") == "not_article"
        assert page(archive, FERRY, TEASER + "…", 2, blocks=walled(TEASER)) == "not_article"
        assert page(archive, FERRY, WHOLE, 3) == "unchanged"
    assert articles(tmp_path) == [(FERRY, WHOLE, 1)]
    assert rows(tmp_path, "select access from articles") == [("free",)]
    assert [kind for (kind,) in rows(tmp_path, "select kind from captures order by id")] == [
        "article", "paywall", "paywall", "article",
    ]  # fmt: skip
    assert check(tmp_path) == []


def test_a_teaser_that_comes_whole_later_is_a_version_with_a_change_of_access(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, TEASER, access="paywalled") == "new"
        assert page(archive, FERRY, WHOLE, 1) == "updated"
        assert page(archive, FERRY, TEASER, 2, access="paywalled") == "not_article"
    assert articles(tmp_path) == [(FERRY, WHOLE, 2)]
    assert rows(tmp_path, "select access from articles") == [("free",)]
    assert rows(tmp_path, "select access_before, access from changes") == [("paywalled", "free")]


def test_a_newsroom_may_shorten_its_text(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, FERRY, WHOLE)
        assert page(archive, FERRY, WHOLE[: int(len(WHOLE) * 0.8)], 1) == "updated"
        assert page(archive, FERRY, OTHER, 2, headline="Ferry: a correction") == "updated"


def test_a_text_that_its_newsroom_cuts_to_its_beginning_is_a_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, WHOLE) == "new"
        assert page(archive, FERRY, TEXT, 24) == "updated"
    assert articles(tmp_path) == [(FERRY, TEXT, 2)]


def test_walls_that_a_newer_cleaner_reads_become_articles_and_articles_it_knows_for_walls_go(
    tmp_path: Path,
) -> None:
    with open_archive(tmp_path) as archive:
        page(archive, FERRY, "", kind="consent", kind_reason="asks for consent")
        page(archive, DEAD[0], LOST, 1, headline="Accept all?")
    with open_archive(tmp_path) as archive:
        for capture in archive.captures():
            told = (
                article(TEXT, headline="Ferry returns", cleaner="cleaner 2")
                if capture.url == FERRY
                else article("", kind="consent", kind_reason="asks for consent", cleaner="cleaner 2")
            )
            archive.keep(capture, told)
    assert articles(tmp_path) == [(FERRY, TEXT, 1)]
    assert rows(tmp_path, "select kind from captures order by id") == [("article",), ("consent",)]
    assert check(tmp_path) == []


def test_a_toll_that_rises_with_its_time_is_a_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, TEXT + "\nStand 12.30 Uhr: 3 Tote") == "new"
        assert page(archive, FERRY, TEXT + "\nStand 13 Uhr: 3 Tote", 1) == "unchanged"
        assert page(archive, FERRY, TEXT + "\nStand 14 Uhr: 45 Tote", 2) == "updated"


def test_noise_makes_no_version(tmp_path: Path) -> None:
    quoted = f"“The ferry sails,” she said – and didn't smile.\n\n{TEXT}"
    noisy = (
        f'"The\u00a0ferry sails," she said—and didn’t smi\u00adle.\n\n12 comments\n\n{TEXT}'
        "\n\nUpdated 5 minutes ago"
    )
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, quoted, headline="Ferry “returns”") == "new"
        assert page(archive, FERRY, noisy, 1, headline='Ferry "returns"') == "unchanged"
    assert articles(tmp_path) == [(FERRY, quoted, 1)]


def test_a_page_whose_text_was_kept_elsewhere_only_is_an_article_of_its_own_when_those_go(
    tmp_path: Path,
) -> None:
    """The first address has the last one's number: it would be its twin, had it not been withdrawn."""
    paths = (
        "12345678",
        "council-votes-for-a-school",
        "museum-opens-new-wing",
        "ferry-returns-to-port-12345678",
    )
    with open_archive(tmp_path) as archive:
        for n, path in enumerate(paths):
            outcome = page(archive, f"{SITE}/{path}", hours=n, headline="Ferry returns to port")
            archive.commit()
            assert outcome == "new"
    assert articles(tmp_path) == [(f"{SITE}/{paths[-1]}", TEXT, 1)]
    assert rows(tmp_path, "select kind from captures order by id") == [("error",)] * 3 + [("article",)]
    assert check(tmp_path) == []


# Archives from before -------------------------------------------------------------------------------


def old_archive(root: Path, pages: Sequence[tuple[str, str, str, str]]) -> None:
    """An archive as it was before identities were folded: (identity, URL, headline, text), an hour apart."""
    with open_archive(root) as archive:
        for n, (_, _, headline, text) in enumerate(pages):
            page(archive, f"{SITE}/moved/{n}{n}{n}", text, n, headline=headline)
        archive.commit()
    with sqlite3.connect(root / "articles.db") as db:
        for n, (identity, url, _, _) in enumerate(pages, 1):
            db.execute("update articles set identity = ?, url = ? where id = ?", (identity, url, n))
            db.execute("update captures set url = ? where id = ?", (url, n))
        for name in ("wording", "access"):
            db.execute("drop index if exists versions_text_digest")
            db.execute("drop index if exists versions_headline")
            db.execute("drop index if exists captures_requested")
            db.execute("drop table if exists common_texts")
            db.execute("drop view if exists changes")
            db.execute(f"alter table versions drop column {name}")
        db.execute(
            """create view changes as select articles.id as article_id, versions.number, versions.seen_at,
               articles.site, versions.headline, before.headline as headline_before, versions.change,
               articles.url from versions join versions as before on before.article_id = versions.article_id
               and before.number = versions.number - 1 join articles on articles.id = versions.article_id
               where before.cleaner = versions.cleaner"""
        )
        db.execute("delete from _sqlite_migrations where name = '0008_identity'")
    db.close()


def test_an_old_archive_gets_folded_identities_and_one_row_for_one_article(tmp_path: Path) -> None:
    old_archive(
        tmp_path,
        [
            (FERRY + "?utm_source=a", FERRY + "?utm_source=a", "Ferry returns", TEXT),
            (f"{SITE}/local", f"{SITE}/council-vote", "Council vote", OTHER),
            (FERRY, FERRY, "Ferry returns", TEXT + " It was late."),
            (f"{SITE}/local/", f"{SITE}/lost-and-found", "Sorry", LOST),
            (TWINS[1], TWINS[1], "Ferry returns", TEXT + " It was late."),
        ],
    )
    with open_archive(tmp_path):
        pass
    assert articles(tmp_path) == [
        (FERRY, TEXT + " It was late.", 2),
        (f"{SITE}/local", OTHER, 1),
        (f"{SITE}/lost-and-found", LOST, 1),
    ]
    assert rows(tmp_path, "select article_id from captures order by id") == [(1,), (2,), (1,), (4,), (1,)]
    assert rows(tmp_path, "select article_id, number, change is null from versions order by 1, 2") == [
        (1, 1, 1), (1, 2, 0), (2, 1, 1), (4, 1, 1),
    ]  # fmt: skip
    # The test has put other addresses into the rows than are in the records; nothing else is wrong.
    assert [problem for problem in check(tmp_path) if not problem.endswith("do not agree: URL.")] == []
    with Catalogue.open(tmp_path) as catalogue:
        assert [hit.id for hit in catalogue.search("late")] == [1]


def test_wordings_of_an_old_archive_are_known_so_that_nothing_is_a_version_twice(tmp_path: Path) -> None:
    old_archive(tmp_path, [(FERRY, FERRY, "Ferry returns", TEXT)])
    with open_archive(tmp_path) as archive:
        assert page(archive, FERRY, TEXT.replace("harbour", "harb\u00adour"), 30) == "unchanged"


def test_the_table_of_common_texts_holds_no_text(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate(DEAD):
            page(archive, url, LOST, hours, headline="Sorry")
    ((row,),) = rows(
        tmp_path, "select json_array(site, text_digest, headline_digest, sketch) from common_texts"
    )
    assert "shelf" not in row
    assert len(json.loads(json.loads(row)[3])) <= 64

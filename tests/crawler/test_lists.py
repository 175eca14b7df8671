"""Lists in crawls: odd addresses learned from the archive, sections watched, whole sites without traps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from archive.url_keys import url_key
from crawler.discovery.following import Following, is_paging
from crawler.discovery.shapes import ENOUGH, UrlShapes, family_of
from crawler.discovery.traps import TrapOptions
from tests.crawler.test_due import HOUR, ONCE, SITE, Rounds
from tests.killing import Zygote
from tests.newsroom import Newsroom
from tests.newsroom.server import Resource, Wire, answer
from tests.newsroom.trouble import article

HERE = "https://press.example"


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote() as started:
        yield started


@pytest.fixture
def rounds(zygote: Zygote, tmp_path: Path) -> Iterator[Rounds]:
    with Newsroom(more=[SITE]) as newsroom:
        yield Rounds(zygote, newsroom, tmp_path)


# Shapes -----------------------------------------------------------------------------------------------


def test_a_family_tells_articles_from_lists_of_the_same_shape() -> None:
    articles = [f"{HERE}/a/{name}" for name in ("harbour", "bridge", "mayor", "ferry")]
    shapes = UrlShapes().learned(articles, [f"{HERE}/tag/{name}" for name in ("harbour", "boats", "coast")])
    said = {path: shapes.known_cue(HERE + path) for path in ("/a/storm", "/tag/storm")}
    assert said["/a/storm"] is not None
    assert said["/a/storm"].weight > 2
    assert said["/a/storm"].words == "made like 4 of 4 known articles' addresses"
    assert said["/tag/storm"] is not None
    assert said["/tag/storm"].weight < -1.5


def test_a_new_form_of_address_is_held_against_a_link_but_is_nothing_known() -> None:
    shapes = UrlShapes().learned([f"{HERE}/2026/01/{n:02}/a-ferry-line-for-the-north" for n in range(1, 20)])
    assert sum(shapes.articles.values()) >= ENOUGH
    assert shapes.known_cue(f"{HERE}/?p=17") is None
    cue = shapes.cue(f"{HERE}/?p=17")
    assert cue is not None
    assert cue.weight < 0


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/a/Zx81kq", "a:w/code"),
        ("/p?id=12", ":w?id"),
        ("/2026/01/x", ":Y/n/w"),
        ("/Sport/news", "sport:w/w"),
    ],
)
def test_a_family_keeps_the_first_word_of_a_path(path: str, family: str) -> None:
    assert family_of(HERE + path) == family


# A site with odd addresses, listed only on its home page ---------------------------------------------


def home(teasers: dict[str, str], plain: dict[str, str]) -> bytes:
    """Teasers stand in headings; the plain list is one of short texts, as of a ticker."""
    heads = "".join(
        f'<article><h2><a href="{path}">{text}</a></h2></article>' for path, text in teasers.items()
    )
    items = "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in plain.items())
    return (
        "<!doctype html><html><head><title>Harbour</title></head><body>"
        '<nav><a href="/a/team">Team</a><a href="/login">Login</a></nav>'
        f"<main>{heads}<ul class='ticker'>{items}</ul></main></body></html>"
    ).encode()


NAMES = ("Zx81kq", "Qb72mw", "Kd19ze", "Pw55ta", "Hh30ru")
LATER = ("Vc93xo", "Ny47li")


def test_odd_addresses_are_found_by_their_place_and_then_by_their_likeness(rounds: Rounds) -> None:
    first = {f"/a/{name}": f"Harbour office publishes figures, part {name}" for name in NAMES}
    ticker = {f"/a/{name}": "Crane lifts" for name in LATER}
    for path in (*first, *ticker):
        rounds.serve(path, article(path))
    rounds.serve("/a/team", b"<html><title>Team</title><p>Us.</p></html>")
    rounds.sites()
    rounds.serve("/", home(first, ticker))
    # The texts are too short and no heading is around them: nothing says yet that they are articles.
    assert rounds.crawl(settings=ONCE, due=False) == sorted(["/", *first])
    assert rounds.rows("select count(*) from articles") == [(len(first),)]
    # Their addresses are made like those of the articles that are known by now.
    assert rounds.crawl(settings=ONCE, due=False) == sorted(["/", *ticker])
    assert rounds.rows("select count(*) from articles") == [(len(first) + len(ticker),)]


def test_an_undated_sitemap_is_judged_by_what_is_known_of_the_site(rounds: Rounds) -> None:
    origin = rounds.newsroom.origin(SITE)

    def sitemap(*paths: str) -> None:
        inner = "".join(f"<url><loc>{origin}{path}</loc></url>" for path in paths)
        rounds.serve("/sitemap.xml", f"<urlset>{inner}</urlset>".encode(), "application/xml")

    words = ("harbour", "bridge", "mayor", "ferry", "storm")
    for word in (*words, "crane", "tide"):
        rounds.serve(f"/a/{word}", article(word))
    sitemap("/a/harbour")
    rounds.feed(*(f"/a/{word}" for word in words), age=HOUR)
    rounds.sites(feeds=["/feed"], sitemaps=["/sitemap.xml"])
    rounds.crawl(settings=ONCE, due=False)
    sitemap("/a/harbour", "/a/crane", "/a/tide", "/tag/crane", "/team")
    assert rounds.crawl(settings=ONCE, due=False) == ["/a/crane", "/a/tide", "/feed", "/sitemap.xml"]


# Sections that are watched ----------------------------------------------------------------------------


def listing(*paths: str, menu: tuple[str, ...] = (), more: str = "") -> bytes:
    links = "".join(
        f'<article><h2><a href="{path}">Council votes on the new ferry line</a></h2></article>'
        for path in paths
    )
    names = "".join(f'<a href="/{name}">{name.title()}</a>' for name in menu)
    return f"<html><body><nav>{names}</nav><main>{links}{more}</main></body></html>".encode()


def story(number: int) -> str:
    return f"/2026/01/{number % 28 + 1:02}/council-votes-on-the-new-ferry-line-{number}"


def test_sections_of_a_home_page_become_sources_where_nothing_else_is_named(rounds: Rounds) -> None:
    menu = ("politics", "sport", "login")
    rounds.serve("/", listing(story(1), menu=menu))
    rounds.serve("/politics", listing(story(2), menu=menu))
    rounds.serve("/sport", listing(story(3), menu=menu))
    for number in (1, 2, 3):
        rounds.serve(story(number), article(story(number)))
    rounds.sites()
    assert rounds.crawl(settings=ONCE) == sorted(["/", "/politics", "/sport", *map(story, (1, 2, 3))])
    found = rounds.rows("select replace(url, rtrim(url, '/abcdefghijklmnopqrstuvwxyz'), ''), kind from feeds")
    assert {kind for path, kind in found if path.endswith(("politics", "sport"))} == {"section"}
    assert len(found) == 3
    rounds.clock += 26 * HOUR
    assert {"/politics", "/sport"} <= set(rounds.crawl(settings=ONCE))


def test_sections_are_not_watched_beside_a_feed_or_sitemap(rounds: Rounds) -> None:
    rounds.serve("/", listing(story(1), menu=("politics", "sport")))
    rounds.serve(story(1), article("One"))
    rounds.feed(story(1), age=HOUR)
    rounds.sites(feeds=["/feed"], sections=["/"])
    assert rounds.crawl(settings=ONCE) == sorted(["/", "/feed", story(1)])


# Whole sites ------------------------------------------------------------------------------------------


def calendar(wire: Wire) -> bytes | None:
    """A calendar that links to the next month, for ever, and to no article."""
    year, month = map(int, wire.served.path.removeprefix("/calendar/").split("/"))
    year, month = year + month // 12, month % 12 + 1
    body = f'<html><a href="/calendar/{year}/{month}">next month</a></html>'.encode()
    return answer(body=body)(wire)


def endless_pages(wire: Wire) -> bytes | None:
    """A list whose last page is followed by others, which repeat it."""
    number = int(wire.served.path.partition("page=")[2] or 1)
    more = f'<a rel="next" href="/politics?page={number + 1}">Older</a>'
    return answer(body=listing(story(min(number, 3) + 10), more=more))(wire)


def test_a_whole_site_is_followed_from_list_to_list_and_traps_end(rounds: Rounds) -> None:
    today = date.today()
    start = f"/calendar/{today.year}/{today.month}"
    own: dict[str, Resource] = rounds.newsroom.resources[SITE]
    rounds.serve("/", listing(story(1), menu=("politics", "topics/sea", "login", f"{start[1:]}")))
    rounds.serve("/topics/sea", listing(story(2)))
    own["/politics"] = endless_pages
    year, month = today.year, today.month
    for _ in range(600):
        own[f"/calendar/{year}/{month}"] = calendar
        year, month = year + month // 12, month % 12 + 1
    for number in (1, 2, 11, 12, 13):
        rounds.serve(story(number), article(story(number)))
    rounds.feed(story(1), age=HOUR)
    asked = rounds.crawl(settings=ONCE, due=False, whole_site=True)
    assert {story(number) for number in (1, 2, 11, 12, 13)} <= set(asked)
    assert len([path for path in asked if path.startswith("/calendar")]) <= 2
    # Page 4 shows what page 3 did: what follows it is not asked for.
    assert sorted(path for path in asked if path.startswith("/politics?")) == [
        f"/politics?page={number}" for number in (2, 3, 4)
    ]
    assert "/login" not in asked
    assert len(asked) == len(set(asked))
    assert rounds.rows("select count(*) from feeds") == [(1,)]  # lists that were followed are no sources


def test_a_whole_site_is_left_alone_unless_asked_for(rounds: Rounds) -> None:
    rounds.serve("/", listing(story(1), menu=("topics/sea",)))
    rounds.serve("/topics/sea", listing(story(2)))
    rounds.serve(story(1), article("One"))
    rounds.serve(story(2), article("Two"))
    rounds.sites(sections=["/"])
    assert "/topics/sea" not in rounds.crawl(settings=ONCE, due=False)
    with (rounds.folder / "sites.toml").open("a", encoding="utf-8") as file:
        file.write("follow = true\n")
    assert {"/topics/sea", story(2)} <= set(rounds.crawl(settings=ONCE, due=False))


def test_budgets_of_a_form_of_list_are_kept() -> None:
    following = Following(date(2026, 1, 1), TrapOptions(of_a_form=5))
    page = "".join(f'<a href="/tag/word{chr(97 + n)}">tag</a>' for n in range(20)).encode()
    assert len(following.lists(page, HERE + "/", [HERE + "/a-story"])) == 5
    assert sum(following.refused.values()) == 15


@pytest.mark.parametrize("path", ["/politics?page=2", "/politics/page/2/", "/x?a=1&offset=20", "/seite-3"])
def test_further_pages_of_a_list_are_known_by_their_address(path: str) -> None:
    assert is_paging(HERE + path)
    assert not is_paging(HERE + story(3))
    assert url_key(HERE + path) != url_key(HERE + "/politics")

"""Links of home and section pages: articles told from the rest, and sections found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.links import MAX_LINKS, article_links, articles_among, section_links
from crawler.discovery.shapes import ENOUGH, MAX_SHAPES, UrlShapes, kind_of, shape_of, url_cues

HOME = "https://www.press.example/"

#: A home page as newsrooms make them: menu, teasers, a list of what is most read, a footer.
PAGE = """<html><body>
<header><a href="/"><img alt="The Press"></a><nav><ul>
 <li><a href="/politics/">Politics</a></li><li><a href="/sport/">Sport</a></li>
 <li><a href="/local">Around here</a></li><li><a href="/newsletters">Newsletters</a></li>
 <li><a href="/login?next=/">Sign in</a></li><li><a href="https://shop.press.example/">Shop</a></li>
</ul></nav></header>
<main>
 <article class="teaser big">
  <h2><a href="/2026/05/04/ferry-returns-to-port-after-nine-years/">Ferry returns to port after
   nine years</a></h2><time>4 May</time>
  <p>It docked at noon. <a href="/2026/05/04/ferry-returns-to-port-after-nine-years/#comments">12</a></p>
  <a rel="tag" href="/tag/ferries/">Ferries</a> <a rel="author" href="/people/jo-doe/">Jo Doe</a></article>
 <article class="teaser"><a href="/2026/05/04/salt-works/">
  <h3>Old salt works at Dunmarrow reopen with a single pan</h3></a></article>
 <article class="teaser"><a href="/2026/05/03/vote/?utm_source=home"><img alt=""></a>
  <h3><a href="http://press.example/2026/05/03/vote">Council
   votes on the bridge, again</a></h3></article>
 <div class="more"><a href="/page/2/">Older news</a></div>
</main>
<aside><h4>Most read</h4><ol>
 <li><a href="/2026/05/01/why-the-lights-went-out/">Why the lights went out</a></li></ol></aside>
<footer><a href="/about/">About us</a><a href="/privacy-policy/">Privacy</a>
 <a href="/2026/media-kit.pdf">Media kit for our many friends in trade</a>
 <a href="mailto:desk@press.example">Write to us</a>
 <a href="https://other.example/2026/05/04/their-long-story-of-the-day/">Their
 long story of the day</a></footer></body></html>"""

ARTICLES = [
    "https://www.press.example/2026/05/04/ferry-returns-to-port-after-nine-years/",
    "https://www.press.example/2026/05/04/salt-works/",
    "https://www.press.example/2026/05/03/vote/?utm_source=home",
    "https://www.press.example/2026/05/01/why-the-lights-went-out/",
]


def test_the_articles_of_a_home_page_are_found_each_once_and_nothing_else() -> None:
    links = article_links(PAGE, HOME)
    assert [link.url for link in links if link.is_article] == ARTICLES
    vote = next(link for link in links if "vote" in link.url)
    assert vote.text == "Council votes on the bridge, again"
    assert not any("other.example" in link.url or link.url.endswith(".pdf") for link in links)


def test_each_link_says_why() -> None:
    reasons = {link.url.removeprefix(HOME): link.reason for link in article_links(PAGE, HOME)}
    assert reasons["2026/05/04/salt-works/"] == "a date in its path; in a heading"
    assert reasons["about/"] == "a word for pages that are no articles; in the navigation or the footer"
    assert "marked as a tag or an author" in reasons["tag/ferries/"]


def test_the_sections_are_found_in_the_navigation() -> None:
    sections = section_links(PAGE, HOME)
    assert [(section.url.removeprefix(HOME), section.name) for section in sections] == [
        ("politics/", "Politics"), ("sport/", "Sport"), ("local", "Around here"),
    ]  # fmt: skip
    assert sections[0].reason == "the name of a section; in the navigation"
    assert len(section_links(PAGE, HOME, most=2)) == 2


@pytest.mark.parametrize(
    ("path", "cues"),
    [
        ("/", ["front"]),
        ("/2026/05/04/ferry-returns-to-port/", ["date", "slug"]),
        ("/world/ferry-returns-to-port-after-nine-years-12345678", ["long slug", "number"]),
        ("/news/articles/c4gw9e2x1y3o", ["id"]),
        ("/artikel/12345678.html", ["number", "page end"]),
        ("/article.php?id=4711", ["asked id", "page end"]),
        ("/?p=4711", ["asked id"]),
        ("/2026/05/", ["only date"]),
        ("/politics/", ["section"]),
        ("/tag/ferries", ["index word", "short"]),
        ("/search?q=ferry&page=2", ["listing", "index word", "short"]),
        ("/2026/05/04/ferry.jpg", ["file"]),
        ("/nachrichten/f%C3%A4hre-kehrt-nach-neun-jahren-in-den-hafen-zur%C3%BCck", ["long slug"]),
    ],
)
def test_what_an_address_says(path: str, cues: list[str]) -> None:
    found = [cue for cue in url_cues("https://press.example" + path) if cue != "short" or "short" in cues]
    assert set(cues) <= set(found)
    assert not set(found) - set(cues) - {"date", "short", "id"}


def test_shapes_leave_out_what_is_the_article_s_own() -> None:
    shapes = [
        ("/2026/05/04/ferry-returns-to-port/", "Y/n/n/slug"),
        ("/2025/12/31/vote-on-the-bridge-again/?utm_source=x", "Y/n/n/slug"),
        ("/sport/football/c4gw9e2x1y3o", "w/w/id"), ("/a.php?id=12&lang=en", "w.php?id"), ("/", ""),
    ]  # fmt: skip
    assert [shape_of("https://press.example" + path) for path, _ in shapes] == [shape for _, shape in shapes]
    parts = ("may", "2026-05-04", "20260504", "123456", "07", "slug-of-four-words-991234")
    assert [kind_of(part) for part in parts] == ["n", "D", "D", "N", "n", "slugN"]


def test_a_site_s_own_articles_teach_what_no_general_rule_knows() -> None:
    """One-word addresses say nothing by themselves; here they are what articles look like."""
    page = "".join(
        f'<li><a href="/{where}">{text}</a>'
        for where, text in (("x/ferry", "Ferry"), ("x/salt", "Salt"), ("q/vote", "Vote"))
    )
    assert articles_among(article_links(page, HOME)) == []
    known = UrlShapes().learned(
        articles=[f"{HOME}x/{word}" for word in ("bridge", "storm", "harvest") * 20],
        others=[f"{HOME}{word}/2026/" for word in ("sport", "politics", "culture") * 10],
    )
    assert known.cue(f"{HOME}x/ferry").weight > 2  # type: ignore[union-attr]
    better = article_links(page, HOME, known)
    assert all(new.score > old.score for new, old in zip(better, article_links(page, HOME), strict=True))


def test_an_address_unlike_any_of_a_well_known_site_is_doubted() -> None:
    known = UrlShapes().learned(articles=[f"{HOME}story/{n}" for n in range(100000, 100000 + ENOUGH)])
    strange = known.cue(f"{HOME}some-long-slug-of-an-advertisement")
    assert strange is not None
    assert strange.weight < 0
    few = UrlShapes().learned(articles=[f"{HOME}story/100001"])
    assert few.cue(f"{HOME}some-long-slug-of-an-advertisement") is None
    assert UrlShapes().cue(HOME) is None


def test_what_is_learned_is_bounded_and_adds_up() -> None:
    one = UrlShapes().learned(articles=[f"{HOME}a/b?p{n}=1" for n in range(500)])
    assert len(one.articles) == MAX_SHAPES
    half = UrlShapes().learned([f"{HOME}a/1"], [f"{HOME}b"]).learned([f"{HOME}c/2"])
    assert half == UrlShapes().learned([f"{HOME}a/1", f"{HOME}c/2"], [f"{HOME}b"])


def test_links_are_resolved_against_the_base_and_stay_on_the_site() -> None:
    page = (
        '<base href="https://m.press.example/world/"><a href="story-of-five-words">A story of five words</a>'
        '<a href="https://evil.example/story-of-five-words">A story of five words</a><a href="#top">Up</a>'
    )
    assert [link.url for link in article_links(page, HOME)] == [
        "https://m.press.example/world/story-of-five-words", "https://m.press.example/world/",
    ]  # fmt: skip


def test_headlines_without_spaces_are_headlines() -> None:
    page = '<main><a href="/20260504/k10013">九年ぶりにフェリーが港に戻り住民が歓迎</a></main>'
    link = article_links(page, HOME)[0]
    assert link.is_article
    assert "a text as long as a headline" in link.reason


def test_endless_and_deep_pages_are_bounded() -> None:
    many = "".join(
        f'<a href="/2026/05/04/story-of-number-{n}/">Story {n}</a>' for n in range(MAX_LINKS + 500)
    )
    assert len(article_links(many, HOME)) == MAX_LINKS
    deep = (
        "<div class=nav>" * 20_000 + '<a href="/2026/05/04/a-story-of-some-words/">A story of some words</a>'
    )
    assert len(article_links(deep, HOME)) == 1


@given(
    st.binary(max_size=300)
    | st.text(max_size=300)
    | st.text(max_size=60).map(lambda t: f'<a href="{t}">{t}</a>' * 3)
)
def test_no_page_breaks_the_reading(page: bytes | str) -> None:
    for link in article_links(page, HOME):
        assert 0 < link.score < 1
        assert link.reason
    section_links(page, HOME)


@given(st.text(max_size=60))
def test_no_address_breaks_the_shapes(path: str) -> None:
    url = "https://press.example/" + path
    assert shape_of(url) == shape_of(url + "#x") if "#" not in path else True
    url_cues(url)
    UrlShapes().learned([url]).cue(url)

"""Which of the headlines that a page states is the article's, where they differ."""

from __future__ import annotations

import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipelines.metadata import read_metadata
from pipelines.metadata.headlines import spells

URL = "https://www.planet.example/city/b7"


def headline(html: str, url: str = URL) -> tuple[str | None, str | None]:
    found = read_metadata(LexborHTMLParser(html), url=url, html=html)
    return found.headline, found.sources.get("headline")


def page(
    *h1s: str, og: str = "", ld: str = "", title: str = "", kind: str = "NewsArticle", **metas: str
) -> str:
    node = {"@context": "https://schema.org", "@type": kind, "headline": ld}
    return (
        (f"<title>{title}</title>" if title else "")
        + (f'<meta property="og:title" content="{og}">' if og else "")
        + "".join(f'<meta name="{name}" content="{text}">' for name, text in metas.items())
        + (f'<script type="application/ld+json">{json.dumps(node)}</script>' if ld else "")
        + "".join(f"<h1>{h1}</h1>" for h1 in h1s)
    )


OPENS = "Bridge over the river opens to traffic"
AT_LAST = "Ten years late: the city has its bridge"


def test_open_graph_is_the_newsroom_s_wording_on_news_pages() -> None:
    assert headline(page(OPENS, og=AT_LAST, ld=OPENS, title=OPENS)) == (AT_LAST, "meta:og:title")


def test_open_graph_is_not_taken_where_the_title_takes_its_part() -> None:
    assert headline(page(OPENS, og=AT_LAST, ld=OPENS, title=AT_LAST)) == (OPENS, "h1")


def test_elsewhere_the_h1_is_the_headline() -> None:
    assert headline(page(OPENS, og=AT_LAST, title=AT_LAST)) == (OPENS, "h1")
    assert headline(page(OPENS, og=AT_LAST, ld=OPENS, kind="Article")) == (OPENS, "h1")


def test_the_address_decides_between_h1_and_open_graph() -> None:
    slug = "https://www.planet.example/city/ten-years-late-the-city-has-its-bridge-1.16990729"
    html = page(OPENS, og=AT_LAST, ld=OPENS, kind="Article")
    assert headline(html, slug) == (AT_LAST, "meta:og:title")
    both = page(f"{AT_LAST} at last", og=AT_LAST, kind="Article")
    assert headline(both, slug) == (f"{AT_LAST} at last", "h1")


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        ("/2024/05/ten-years-late-the-city-has-its-bridge/", True),
        ("/ten-years-late-the-city-has-its-bridge-article24075843.html", True),
        ("/Ten_Years_Late_The_City_Has_Its_Bridge,b7.html", True),
        ("/ten-years-late-the-city-has/37938e79", True),
        ("/ten-years-late-the-mayor-has-its-bridge", False),
        ("/ten-years-late-the-city-has-its-bridge-and-the-mayor", False),
        ("/ten-years-late", False),
        ("/12345/67890/", False),
        ("", False),
    ],
)
def test_an_address_spells_a_headline_by_its_words_and_no_others(path: str, spelled: bool) -> None:
    assert spells(f"https://www.planet.example{path}", AT_LAST) is spelled


@pytest.mark.parametrize(
    "path",
    [
        "/strasse-fuer-alle-groesser-und-schoener",
        "/strasse-fur-alle-grosser-und-schoner",
        "/straße-für-alle-größer-und-schöner",
        "/stra%C3%9Fe-f%C3%BCr-alle-gr%C3%B6%C3%9Fer-und-sch%C3%B6ner",
    ],
)
def test_addresses_spell_umlauts_in_several_ways(path: str) -> None:
    assert spells(f"https://www.planet.example{path}", "Straße für alle: „größer“ und schöner")


def test_an_address_that_is_none_spells_nothing() -> None:
    assert not spells("http://[planet/ten-years-late-the-city-has-its-bridge", AT_LAST)


def test_of_several_h1_one_that_is_like_nothing_stated_is_no_headline() -> None:
    html = page("Log in", "Choose", "City", og=f"The {OPENS} in the city", title=OPENS)
    assert headline(html) == (f"The {OPENS} in the city", "meta:og:title")


def test_the_first_h1_is_a_headline_though_it_is_like_nothing_stated() -> None:
    html = page("Here they drive at long last", "More of it", og=AT_LAST, ld=AT_LAST, kind="Article")
    assert headline(page("Here they drive at long last", og=AT_LAST))[1] == "h1"
    assert headline(html)[0] == AT_LAST  # two `h1` are used for other things


def test_an_h1_that_says_something_else_and_less_is_a_banner() -> None:
    assert headline(page("Start your bridge today", og=AT_LAST, title=AT_LAST)) == (AT_LAST, "meta:og:title")
    assert headline(page("The city has its bridge", og=AT_LAST, title=AT_LAST))[1] == "h1"


def test_a_short_h1_that_the_title_does_not_know_yields_to_the_title() -> None:
    assert headline(page("Original text", title=OPENS)) == (OPENS, "title")
    assert headline(page("Bridge opens", title=OPENS)) == ("Bridge opens", "h1")


def test_without_an_h1_the_headline_for_analytics_is_freer_of_additions() -> None:
    parsely = {"parsely-title": OPENS}
    assert headline(page(og=f"{OPENS} [photos]", title=OPENS, **parsely)) == (OPENS, "meta:parsely-title")
    assert headline(page(og=AT_LAST, **{"parsely-title": "Ten years late …"})) == (AT_LAST, "meta:og:title")


def test_headlines_in_scripts_without_spaces_are_compared_by_their_signs() -> None:
    html = page("新しい橋", "橋が開通", og="市の新しい橋が開通、十年遅れ", title="ニュース")
    assert headline(html) == ("新しい橋", "h1")


def test_a_name_of_a_site_as_long_as_a_headline_is_none() -> None:
    html = page("Bridge opens - to everyone", ld="Bridge opens - to everyone")
    named = f'<meta property="og:site_name" content="{OPENS}, the mayor opens it himself to everyone">'
    assert headline(named + html)[0] == "Bridge opens - to everyone"


def test_a_headline_that_was_cut_inside_a_word_is_taken_whole() -> None:
    whole = "Council reviews the tram depot in a session that lasted until midnight"
    assert headline(page(whole, og=whole[:44], kind="Article")) == (whole, "h1")
    # Where it ends between words, it may be the newsroom's shorter wording.
    assert headline(page(whole, og=whole[:30], ld=whole, title="x"))[0] == whole[:30]
    # Two places state the whole, and none but Open Graph its beginning.
    assert headline(page("The Courier", whole, og=whole[:30], title=whole))[0] == whole

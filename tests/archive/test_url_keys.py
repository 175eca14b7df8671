"""One key for the many URLs of one page, and different keys for different pages."""

from __future__ import annotations

from itertools import combinations
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.url_keys import MAX_URL, PageAddresses, article_key, url_key

PAGE = "https://press.example/2024/ferry-returns?id=7&page=2"

TWINS = {
    "scheme, www, port": ["http://www.press.example:80/a", "https://press.example:443/a", "HTTPS://PRESS.example/a"],
    "device hosts": ["https://m.press.example/a", "https://www.mobile.press.example/a", "https://amp.press.example/a"],
    "slash and fragment": ["https://press.example/a/", "https://press.example/a", "https://press.example//a/#comments"],
    "index files": ["https://press.example/", "https://press.example", "http://www.press.example/index.html"],
    "AMP paths": [
        "https://press.example/news/ferry/amp/", "https://press.example/amp/news/ferry", "https://press.example/news/ferry",
        "https://press.example/news/ferry/amp.html", "https://press.example/news/ferry.amp?amp=1",
        "https://press-example.cdn.ampproject.org/c/s/press.example/news/ferry/amp",
        "https://www.google.com/amp/s/www.press.example/news/ferry/",
        "https://www.google.co.uk/amp/press.example/news/ferry?outputType=amp",
    ],
    "AMP files": ["https://press.example/ferry.amp.html", "https://press.example/ferry.html"],
    "tracking": [
        PAGE, PAGE + "&utm_source=x&utm_id=y", PAGE + "&fbclid=IwAR0a&gclid=1", PAGE + "&ref=rss&source=x",
        "https://press.example/2024/ferry-returns?page=2&&amp;id=7&", PAGE + "&_ga=2.1&xtor=RSS-1#xtor=3",
        PAGE + "&amp;utm_id=4",
    ],
    "sessions": [
        "https://press.example/a;jsessionid=8A1B?sid=9f8a7b6c5d4e3f2a1b0c&PHPSESSID=x", "https://press.example/a",
        "https://press.example/(S(lit3py55t21z5v55vlm25s55))/a",
    ],
    "escapes": [
        "https://press.example/F%c3%a4hre?q=a+b", "https://press.example/Fähre?q=a%20b",
        "https://press.example/%46%C3%A4hre?q=a%20b",
    ],
    "names in other scripts": ["https://zeitung-süd.example/a", "https://xn--zeitung-sd-ieb.example/a"],
    "dots": ["https://press.example/a/./b/../c", "https://press.example/a/c"],
}  # fmt: skip

#: Pairwise different pages. Real sites number, page and spell their articles in all of these ways.
DIFFERENT = [
    "https://press.example/", "https://press.example/a", "https://press.example/A", "https://press.example/a/2",
    "https://press.example/a?page=2", "https://press.example/a?page=3", "https://press.example/?p=17",
    "https://press.example/?p=18", "https://press.example/article.php?id=17", "https://press.example/article.php?id=18",
    "https://press.example/article.php?sid=17&aid=4", "https://press.example/article.php?sid=17&aid=5",
    "https://press.example/news?cid=8001", "https://press.example/news?cid=8002", "https://press.example/story?ref=8801",
    "https://press.example/story?ref=8802", "https://press.example/a.html", "https://press.example/index.php/a",
    "https://news.press.example/a", "https://press.example:8080/a", "https://press.example/amplifier",
    "https://press.example/mobile/phones", "https://press.example/phones", "https://press.example/#!/story/1",
    "https://press.example/#!/story/2", "https://press.example/a?lang=de", "https://press.example/a?token=spring",
    "https://m.co.uk/a", "https://amp.com/a", "https://press.example/a%2Fb", "https://press.example/a/b",
    "https://press.example/print", "https://press.example/amp/x/print",
]  # fmt: skip

part = st.text("abcmpAMP019./-_~%;:@()+ü話\\", max_size=12) | st.sampled_from(
    ["amp", "index.html", "..", "", "a.amp", "amp.html", ".amp", "(S(abcdefghijkl))", "c/s/a.example"]
)
names = st.sampled_from(["id", "utm_x", "ref", "amp", "sid", "page", "", "a;b", "%61"]) | part
hosts = st.sampled_from(
    [
        "press.example",
        "www.m.Press.example",
        "x.cdn.ampproject.org",
        "google.com",
        "[::1]",
        "amp.co.uk",
        "ü.example",
    ]
)
urls = st.builds(
    lambda scheme, host, port, path, query, fragment: (
        f"{scheme}://{host}{port}/{'/'.join(path)}?{'&'.join('='.join(p) for p in query)}#{fragment}"
    ),
    st.sampled_from(["http", "https", "HTTP"]),
    hosts,
    st.sampled_from(["", ":80", ":8080", ":x"]),
    st.lists(part, max_size=6),
    st.lists(st.tuples(names, part), max_size=5),
    st.sampled_from(["", "top", "!/a"]),
)


@pytest.mark.parametrize("why", TWINS)
def test_twins_have_one_key(why: str) -> None:
    assert len({url_key(url) for url in TWINS[why]}) == 1


def test_different_pages_have_different_keys() -> None:
    for one, other in combinations(DIFFERENT, 2):
        assert url_key(one) != url_key(other), (one, other)


@given(st.text() | st.text().map("https://".__add__) | urls)
@example("https://www.google.com/amp/s/www.google.com/amp/s/press.example/amp/amp/index.html")
@example("https://press.example/%25%36%31mp")
@example("http://\ud800")
def test_a_key_is_its_own_key_and_none_is_refused(url: str) -> None:
    key = url_key(url)
    assert url_key(key) == key


@given(urls)
def test_a_key_of_a_web_address_is_a_plain_web_address(url: str) -> None:
    key = url_key(url)
    if key != url:
        assert key.startswith("https://")
        assert key.isascii()
        assert urlsplit(key).hostname


@given(urls, st.permutations(["utm_source=a", "fbclid=b", "id=3", "z=4"]), st.sampled_from(["http", "https"]))
def test_tracking_and_order_of_parameters_never_matter(url: str, pairs: list[str], scheme: str) -> None:
    bare = url.partition("://")[2].partition("?")[0].replace(":x", "")
    assert url_key(f"{scheme}://{bare}?{'&'.join(pairs)}") == url_key(f"https://{bare}?id=3&z=4")


@given(
    st.integers(1),
    st.integers(1),
    st.sampled_from(["id", "p", "ref", "cid", "sid", "story", "page", "article"]),
)
def test_numbers_always_tell_two_articles_apart(one: int, other: int, name: str) -> None:
    same = url_key(f"https://press.example/a?{name}={one}") == url_key(
        f"https://press.example/a?{name}={other}"
    )
    assert same == (one == other)


@given(st.text(max_size=20), st.text(max_size=20))
def test_escaped_segments_stay_apart(one: str, other: str) -> None:
    a, b = (f"https://press.example/x-{quote(name, safe='')}-y" for name in (one, other))
    assert (url_key(a) == url_key(b)) == (one == other)


def test_what_is_no_web_address_or_endless_is_its_own_key() -> None:
    endless = "https://press.example/" + "a/" * MAX_URL + "?utm_source=x"
    for url in ("urn:sha1:X", "", "mailto:desk@press.example", "press.example/a", "http://[broken", endless):
        assert url_key(url) == url


def test_an_article_has_the_key_of_the_canonical_url_that_can_be_believed() -> None:
    asked = "https://m.press.example/x?utm_source=feed"
    amp = "https://press.example/2024/ferry/amp/"
    stated = "http://www.press.example/2024/ferry"
    assert article_key(asked, stated) == article_key(amp, None) == url_key(stated)
    assert article_key(asked, "https://other.example/2024/ferry") == url_key(asked)
    page = PageAddresses(requested=asked, final=amp, canonical=stated)
    assert page.article_key == url_key(stated)
    assert page.keys == (url_key(stated), url_key(asked))

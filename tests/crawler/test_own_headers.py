"""What sites.toml has a site sent: checked when read, sent to that site alone, recorded as sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values import Article
from crawler.commands.pages import print_consent
from crawler.engine import PageResult, Summary
from crawler.errors import SitesError
from crawler.own_headers import REFUSED, is_of_site, why_no_cookie, why_no_header
from crawler.sites import read_sites
from tests.crawler.crawling import crawl
from tests.crawler.records import of_path, raw_records
from tests.newsroom import Newsroom, answer
from tests.newsroom.server import Resource, Wire
from tests.newsroom.trouble import article, redirect

COOKIE = b"privacy=refused; lang=en"
WALL = (
    b'<!doctype html><html lang="en"><head><title>Your privacy</title></head><body>'
    b"<h1>We value your privacy</h1><p>We and our 812 partners store and access information on a device, such"
    b" as cookies, and process personal data. With your consent we may use precise geolocation data.</p>"
    b"<button>Accept all cookies</button>"
    b"<button>Manage options</button></body></html>"
)


def walled(title: str) -> Resource:
    """A page behind a consent wall, which opens for readers who come with the refusal."""

    def resource(wire: Wire) -> bytes | None:
        sent = dict(wire.served.request_headers).get(b"Cookie", b"")
        return answer(body=article(title) if sent == COOKIE else WALL)(wire)

    return resource


def sites_toml(folder: Path, newsroom: Newsroom, more: str) -> Path:
    path = folder / "sites.toml"
    path.write_text(newsroom.sites_toml("walled") + more + newsroom.sites_toml("other"), encoding="utf-8")
    return path


def headers_of(newsroom: Newsroom, site: str, name: bytes) -> set[bytes | None]:
    return {dict(served.request_headers).get(name) for served in newsroom.asked(site)}


def test_a_site_is_sent_what_the_file_says_and_no_other_site_is_also_not_behind_a_redirect(
    tmp_path: Path,
) -> None:
    with Newsroom(more=["walled", "other"]) as newsroom:
        here, there = newsroom.origin("walled"), newsroom.origin("other")
        newsroom.resources["walled"] |= {
            "/story": walled("Behind the wall"),
            "/away": redirect(there + "/landed"),
        }
        newsroom.resources["other"] |= {
            "/landed": answer(body=article("Landed")),
            "/back": redirect(here + "/story?again=1"),
        }
        newsroom.feed_of("walled", "/story", "/away")
        newsroom.feed_of("other", "/back")
        before = crawl(tmp_path / "before", sites=str(sites_toml(tmp_path, newsroom, "")))
        assert before.summary["kinds"] == {"consent": 2}
        assert headers_of(newsroom, "walled", b"Cookie") == {None}  # nothing is sent that nobody asked for
        newsroom.log.clear()
        own = (
            'cookies = {privacy = "refused", lang = "en"}\nheaders = {Accept = "text/html", X-Reader = "1"}\n'
        )
        after = crawl(tmp_path / "after", sites=str(sites_toml(tmp_path, newsroom, own)))
        # The story stands at two addresses, and is one article.
        assert after.outcomes == {"new": 2, "unchanged": 1}
        assert headers_of(newsroom, "walled", b"Cookie") == {COOKIE}
        assert headers_of(newsroom, "walled", b"X-Reader") == {b"1"}
        assert headers_of(newsroom, "walled", b"Accept") == {b"text/html"}
        for name in (b"Cookie", b"X-Reader"):
            assert headers_of(newsroom, "other", name) == {None}
        assert b"text/html" not in headers_of(newsroom, "other", b"Accept")
        assert None not in headers_of(newsroom, "other", b"Accept")
        (request,) = of_path(raw_records(tmp_path / "after"), "/story", "request")
        assert b"Cookie: " + COOKIE + b"\r\n" in request.block
        # A single page is fetched as the file says, too.
        newsroom.log.clear()
        added = crawl(tmp_path / "added", urls=[here + "/story"], sites=str(tmp_path / "sites.toml"))
        assert added.outcomes == {"new": 1}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            'headers = {Host = "x.example"}',
            "`headers`: the header Host may not be set: it belongs",
        ),
        ('headers = {user-agent = "Mozilla"}', "the header user-agent may not be set: who asks is told by"),
        (
            'headers = {Content-Length = "1"}',
            "the header Content-Length may not be set: a request",
        ),
        ('headers = {Authorization = "Basic eA=="}', "a password must not be"),
        ('headers = {If-None-Match = "x"}', "the header If-None-Match may not be set"),
        ('headers = {Cookie = "a=b"}', 'write cookies = {name = "value"} instead'),
        ('headers = {"X Y" = "1"}', "'X Y' is no name of a header"),
        (
            'headers = {X-A = "a\\r\\nHost: b"}',
            "the value of X-A must be a text in quotes, of plain",
        ),
        ("headers = {X-A = 1}", "the value of X-A must be a text in quotes"),
        ('headers = {X-A = "1", x-a = "2"}', "`headers` names one header twice"),
        ('headers = "X-A: 1"', '`headers` must be names with their values: headers = {name = "value"}'),
        (
            'cookies = {a = "b; c=d"}',
            "the value of the cookie a must be a text in quotes, of plain",
        ),
        ('cookies = {"a b" = "c"}', "'a b' is no name of a cookie"),
        ("cookies = {a = true}", "the value of the cookie a must be a text in quotes"),
    ],
)
def test_what_may_not_be_sent_is_refused_with_its_line(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(f'[[site]]\nurl = "https://press.example/"\n{line}\n', encoding="utf-8")
    with pytest.raises(SitesError) as error:
        read_sites(path)
    assert sentence in str(error.value)
    assert "line 3" in str(error.value)


def test_every_refused_header_is_refused_in_any_case() -> None:
    for name in REFUSED:
        assert "may not be set" in why_no_header(name + ("x" if name.endswith("-") else ""), "v")
        assert "may not be set" in why_no_header((name + ("x" if name.endswith("-") else "")).upper(), "v")
    assert why_no_header("Accept-Language", "de, en;q=0.5") == ""
    assert why_no_header("Sec-GPC", "1") == ""
    assert why_no_header("DNT", "1") == ""


@given(st.text(), st.text())
def test_nothing_passes_that_could_end_a_header(name: str, value: str) -> None:
    for check in (why_no_header, why_no_cookie):
        if not check(name, value):
            assert not set("\r\n\0") & set(name + value)
            assert (name + value).isascii()


@pytest.mark.parametrize(
    ("url", "site", "is_of"),
    [
        ("https://press.example/a", "https://press.example/", True),
        ("https://www.press.example/a", "https://press.example/", True),
        ("https://press.example/a", "https://www.press.example/", True),
        ("https://press.example/a", "http://press.example/", True),
        ("http://press.example/a", "https://press.example/", False),
        ("https://news.press.example/a", "https://press.example/", False),
        ("https://press.example.evil.example/a", "https://press.example/", False),
        ("https://evilpress.example/a", "https://press.example/", False),
        ("https://press.example:8443/a", "https://press.example/", False),
        ("https://press.example@evil.example/a", "https://press.example/", False),
        ("https://[broken", "https://press.example/", False),
        ("ftp://press.example/", "http://press.example/", False),
    ],
)
def test_a_site_is_its_host_and_its_port(url: str, site: str, is_of: bool) -> None:
    assert is_of_site(url, site) is is_of


def test_the_summary_names_sites_with_consent_walls_and_what_to_write(
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = Summary()
    page = Article(kind="consent", kind_reason="asks")
    for number in range(3):
        url = f"https://www.press.example/{number}"
        summary.add(PageResult(url, url, "not_article", "asks", page))
    print_consent(summary)
    said = " ".join(capsys.readouterr().out.split())
    assert "Consent walls instead of pages: press.example (3). Nothing was accepted." in said
    assert "cookies = {name = " in said
    print_consent(Summary())
    assert capsys.readouterr().out == ""

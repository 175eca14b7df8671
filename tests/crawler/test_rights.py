"""What owners say of their pages: read from every place, recorded, and obeyed where that is asked for."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.robotstxt import ProtegoRobotParser

from crawler.errors import CrawlerError, SitesError
from crawler.rights import (
    checked_respect,
    in_headers,
    in_page,
    in_robots,
    keeps_out,
    read_tdmrep,
    rule_for,
    settled,
    verdict_of,
)
from crawler.rights.statements import MAX_STATEMENTS, MAX_VALUE
from crawler.rights.tdmrep import fits
from crawler.sites import read_sites
from tests.archive.sample import rows
from tests.crawler.crawling import crawl
from tests.newsroom import Newsroom, answer

#: Of a crawl that asks hosts for their tdmrep.json, as crawls do.
ASKED = {"PRESSMARK_TDMREP": True}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        (b"X-Robots-Tag", b"noarchive, nofollow", ("noarchive",)),
        (b"x-robots-tag", b"none", ("noindex",)),
        (b"X-Robots-Tag", b"googlebot: noarchive", ()),
        (b"X-Robots-Tag", b"pressmark: noarchive, noai", ("noarchive", "noai")),
        (b"X-Robots-Tag", b"unavailable_after: 25 Jun 2026 15:00:00 PST", ()),
        (b"tdm-reservation", b"1", ("tdm-reservation=1",)),
        (b"tdm-reservation", b"yes", ()),
        (b"TDM-Policy", b"https://x.example/policy.json", ("tdm-policy=https://x.example/policy.json",)),
        (b"TDM-Policy", b"javascript:alert(1)", ()),
        (
            b"Link",
            b'</a.css>; rel=preload, <https://x.example/l.xml>; rel="license"; type="application/rsl+xml"',
            ("license=https://x.example/l.xml",),
        ),
        (b"Link", b'<https://x.example/by>; rel="license"', ()),
        (b"Content-Signal", b"search=yes, ai-train=no", ("search=yes", "ai-train=no")),
        (b"Content-Usage", b"train-ai=n", ("train-ai=n",)),
        (b"Server", b"noarchive", ()),
    ],
)
def test_headers(name: bytes, value: bytes, found: tuple[str, ...]) -> None:
    assert in_headers([(name, value)], "pressmark") == found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (b'<meta name="robots" content="noarchive">', ("noarchive",)),
        (b"<META CONTENT='max-snippet:-1, NOARCHIVE' NAME=robots>", ("noarchive",)),
        (b'<meta name="pressmark" content="noai"><meta name="gptbot" content="noindex">', ("noai",)),
        (b'<!-- <meta name="robots" content="noarchive"> -->', ()),
        (b'<body><meta name="robots" content="noarchive">', ()),
        (b'<meta name="tdm-reservation" content="1">', ("tdm-reservation=1",)),
        (b'<link rel="license" type="application/rsl+xml" href="/l.xml">', ("license=/l.xml",)),
        (b'<script type="application/rsl+xml"><rsl/></script>', ("license=inline",)),
        ('<meta name="robots" content="noindex">'.encode("utf-16"), ("noindex",)),
        (b'<meta name="description" content="noarchive">', ()),
        (b'<meta name="robots" content="noindex noarchive">', ("noindex", "noarchive")),
        (b"<script>var a = '<body>'</script><meta name=robots content=noai>", ("noai",)),
        (b"<style>" + b"a{}" * 60_000 + b"</style><meta name=robots content=noai>", ("noai",)),
        (b"<link rel=preload href=a>" * 900 + b"<meta name=robots content=noai>", ("noai",)),
    ],
)
def test_head_of_a_page(html: bytes, found: tuple[str, ...]) -> None:
    assert in_page(html, "pressmark") == found


def test_robots_txt_speaks_for_our_group_and_licences_for_all() -> None:
    text = """License: https://x.example/license.xml
User-agent: *
Content-Signal: search=yes, ai-train=no
Allow: /
User-agent: OtherBot
User-agent: Pressmark
Content-Signal: ai-train=yes   # for us
Content-Usage: /drafts train-ai=n
"""
    assert in_robots(text, "pressmark") == ("license=https://x.example/license.xml", "ai-train=yes")
    assert in_robots(text, "elsebot") == (
        "license=https://x.example/license.xml", "search=yes", "ai-train=no",
    )  # fmt: skip


def test_a_byte_order_mark_before_robots_txt_changes_nothing() -> None:
    assert in_robots("\ufeffUser-agent: other\nContent-Signal: ai-train=no\n", "pressmark") == ()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://x.example/news/a", "allowed: Allow: /news/ (User-agent: *)"),
        ("https://x.example/private/a", "forbidden: Disallow: /private (User-agent: *)"),
        ("https://x.example/other", "allowed: no rule of User-agent: * fits"),
    ],
)
def test_the_rule_is_named_that_decides(url: str, words: str) -> None:
    text = b"User-agent: *\nDisallow: /private\nAllow: /news/\n"
    parser = ProtegoRobotParser(text, None)
    assert verdict_of(parser, url, "pressmark") == (words.startswith("allowed"), words)
    assert verdict_of(ProtegoRobotParser(b"", None), url, "pressmark")[0]


@given(
    path=st.text(alphabet="ab/.", max_size=12).map(lambda path: "/" + path),
    pattern=st.text(alphabet="ab/.*$", max_size=8).map(lambda pattern: "/" + pattern.replace("$", "")),
    to_end=st.booleans(),
)
def test_patterns_fit_as_in_robots_txt(path: str, pattern: str, to_end: bool) -> None:
    whole = pattern + ("$" if to_end else "")
    text = f"User-agent: *\nDisallow: {whole}\n".encode()
    parser = ProtegoRobotParser(text, None)
    assert fits(whole, path) is not parser.allowed(f"https://x.example{path}", "pressmark")


def test_tdmrep_the_longest_location_counts() -> None:
    rules = read_tdmrep(
        json.dumps(
            [
                {"location": "/", "tdm-reservation": 1, "tdm-policy": "https://x.example/p.json"},
                {"location": "/free/", "tdm-reservation": 0},
                {"location": "/free/", "tdm-reservation": "perhaps"},
                "nonsense",
            ]
        ).encode()
    )
    assert rule_for(rules, "/news") == ("tdm-reservation=1", "tdm-policy=https://x.example/p.json")
    assert rule_for(rules, "/free/a") == ("tdm-reservation=0",)
    assert read_tdmrep(b"<html>Not found</html>") == read_tdmrep(b"[" * 100_000) == ()


def test_the_place_nearer_to_the_page_counts() -> None:
    assert settled(("tdm-reservation=1", "ai-train=no"), ("tdm-reservation=0",), ()) == (
        "tdm-reservation=0", "ai-train=no",
    )  # fmt: skip


@given(st.binary(max_size=400))
def test_no_page_breaks_us(body: bytes) -> None:
    for said in (in_page(body, "pressmark"), in_headers([(b"Link", body), (b"X-Robots-Tag", body)], "p")):
        assert len(said) <= MAX_STATEMENTS
        assert all(one.isprintable() and len(one) <= MAX_VALUE for one in said)


@pytest.mark.parametrize(
    "body",
    [b"<meta " * 20_000, b"<meta '" * 20_000, b'<meta "' * 20_000, b"<!--" * 30_000, b"<link a=" * 20_000],
)
def test_hostile_heads_say_nothing(body: bytes) -> None:
    assert in_page(body, "pressmark") == ()


def test_policy() -> None:
    assert keeps_out((), ("noarchive",)) is None
    assert keeps_out(("noarchive",), ("noindex", "nocache")) == "nocache"
    assert keeps_out(("license",), ("license=https://x.example/l.xml",)) == "license=https://x.example/l.xml"
    assert keeps_out(("ai-train",), ("ai-train=yes",)) is None
    with pytest.raises(CrawlerError, match="means nothing; known are noarchive"):
        checked_respect(["no-archive"])


def test_sites_toml_says_what_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "sites.toml"
    path.write_text(
        'respect = ["noarchive"]\n[[site]]\nurl = "https://a.example/"\n'
        '[[site]]\nurl = "https://b.example/"\nrespect = []\n'
    )
    assert [site.respect for site in read_sites(path).sites] == [("noarchive",), ()]
    path.write_text('[[site]]\nurl = "https://a.example/"\nrespect = ["nonsense"]\n')
    with pytest.raises(SitesError, match=r"line 3.*'nonsense'"):
        read_sites(path)


def test_a_crawl_records_what_was_said_and_keeps_out_what_is_respected(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with Newsroom() as newsroom:
        site = newsroom.pages("tidewater")[0].site
        first, second, *_ = newsroom.pages(site)
        here = newsroom.resources[site]
        here[first.path] = answer(body=first.html, headers=(("X-Robots-Tag", "noarchive"),))
        newsroom.robots[site] = answer(
            body=b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n", kind="text/plain"
        )
        here["/.well-known/tdmrep.json"] = answer(
            body=b'[{"location": "/", "tdm-reservation": 1}]', kind="application/json"
        )
        sites = tmp_path / "sites.toml"
        sites.write_text('respect = ["noarchive"]\n' + newsroom.sites_toml(site))
        done = crawl(archive, sites=str(sites), settings=ASKED)
        assert done.outcomes["reserved"] == 1, done.log
        kept = dict(rows(archive, "select url, robots || ' ' || rights from captures"))
        assert newsroom.origin(site) + first.path not in kept
        assert kept[newsroom.origin(site) + second.path] == (
            'allowed: Allow: / (User-agent: *) ["ai-train=no", "tdm-reservation=1"]'
        )
        (row,) = rows(archive, "select state, due_at, due_reason from queue where state = 'given_up'")
        assert row == ("given_up", None, "its owner says noarchive, which is respected")
        again = crawl(archive, sites=str(sites), settings=ASKED)
        assert again.outcomes == {}
        assert len(newsroom.asked(site, first.path)) == 1
        # Both files hold for a day: two crawls, one request each.
        assert len(newsroom.asked(site, "/robots.txt")) == 1
        assert len(newsroom.asked(site, "/.well-known/tdmrep.json")) == 1
        crawl(archive, sites=str(sites), settings=ASKED | {"PRESSMARK_CLOCK_OFFSET": 2 * 86400})
        assert len(newsroom.asked(site, "/robots.txt")) == 2
    # What the rows say stands in the raw records too: a lost database brings it back.
    before = rows(archive, "select record_id, robots, rights from captures order by record_id")
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (archive / name).unlink(missing_ok=True)
    crawl(archive, urls=["http://127.0.0.1:9/"])
    assert before == rows(archive, "select record_id, robots, rights from captures order by record_id")


def test_what_is_respected_holds_for_single_pages_and_for_answers_before_another_try(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with Newsroom(more=["private"]) as newsroom:
        page = newsroom.pages("tidewater")[0].html
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Robots-Tag: noarchive\r\n"
        cut = head + b"Content-Length: %d\r\n\r\n" % (len(page) + 1000) + page

        def broken(wire: Any) -> bytes:
            wire.close = True
            return cut

        newsroom.resources["private"] |= {
            "/whole": answer(body=page, headers=(("X-Robots-Tag", "noarchive"),)), "/broken": broken,
        }  # fmt: skip
        origin = newsroom.origin("private")
        sites = tmp_path / "sites.toml"
        sites.write_text(f'[[site]]\nurl = "{origin}/"\nrespect = ["noarchive"]\n')
        done = crawl(archive, urls=[f"{origin}/whole", f"{origin}/broken"], sites=str(sites))
        assert done.outcomes == {"reserved": 2}, done.log
        assert rows(archive, "select url from captures") == []
        assert rows(archive, "select distinct role from exchanges") == [("robots",)]


def test_rules_last_read_hold_while_a_server_does_not_tell_them(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with Newsroom(more=["fickle"]) as newsroom:
        origin = newsroom.origin("fickle")
        page = newsroom.pages("tidewater")[0].html
        newsroom.resources["fickle"] |= {path: answer(body=page) for path in ("/a", "/b", "/private/c")}
        crawl(archive, urls=[f"{origin}/a"])
        newsroom.robots["fickle"] = answer(503, reason="Service Unavailable")
        quick = {"RETRY_TIMES": 0, "PRESSMARK_CLOCK_OFFSET": 5 * 86400}
        done = crawl(archive, urls=[f"{origin}/b", f"{origin}/private/c"], settings=quick)
        assert sum(done.outcomes.values()) == 1, done.log
        assert not newsroom.asked("fickle", "/private/c")
        assert len(newsroom.asked("fickle", "/b")) == 1
        late = {"RETRY_TIMES": 0, "PRESSMARK_CLOCK_OFFSET": 40 * 86400}
        done = crawl(archive, urls=[f"{origin}/a"], settings=late)
        assert "robots.txt could not be read (HTTP 503)" in done.sentence(f"{origin}/a")


def test_rest_that_was_asked_for_holds_in_the_next_crawl(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with Newsroom(more=["busy"]) as newsroom:
        origin = newsroom.origin("busy")
        newsroom.resources["busy"]["/a"] = answer(
            503, reason="Service Unavailable", headers=(("Retry-After", "3600"),)
        )
        crawl(archive, urls=[f"{origin}/a"])
        assert len(newsroom.asked("busy", "/a")) == 1
        done = crawl(archive, urls=[f"{origin}/a"])
        assert "asked to be left alone" in done.sentence(f"{origin}/a")
        assert len(newsroom.asked("busy", "/a")) == 1
        crawl(archive, urls=[f"{origin}/a"], settings={"PRESSMARK_CLOCK_OFFSET": 3700})
        assert len(newsroom.asked("busy", "/a")) == 2


def test_sites_at_one_address_are_asked_one_after_the_other(tmp_path: Path) -> None:
    """127.0.0.1 and localhost: two names of one server, two sites with a delay each; and one slot."""
    with Newsroom(more=["one"]) as newsroom:
        origin = newsroom.origin("one")
        other = origin.replace("127.0.0.1", "localhost")
        at: list[tuple[float, float]] = []

        def slow(wire: object) -> bytes:
            began = time.monotonic()
            time.sleep(0.15)
            at.append((began, time.monotonic()))
            return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nOK"

        newsroom.resources["one"] |= {f"/{n}": slow for n in range(6)}
        urls = [f"{host}/{n}" for n in range(3) for host in (origin, other)]
        one_at_a_time = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1}
        crawl(tmp_path / "archive", urls=urls, settings=one_at_a_time)
        assert len(at) == 6
        assert all(end <= began for (_, end), (began, _) in pairwise(at))
        at.clear()
        by_name = one_at_a_time | {"PRESSMARK_SLOTS": "host"}
        crawl(tmp_path / "other", urls=urls, settings=by_name)
        assert any(end > began for (_, end), (began, _) in pairwise(sorted(at)))

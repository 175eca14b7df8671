"""Feeds: announced by pages, read from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from crawler.discovery import (
    MAX_ENTRIES,
    discover_feeds,
    read_feed,
    site_name,
    usual_places,
    web_url,
)
from tests.newsroom import saved_pages
from tests.newsroom.server import FEEDS, Entry, SavedPage, atom, rss

HERE = "https://news.example/world/"


@pytest.mark.parametrize("page", saved_pages(), ids=lambda page: page.name)
def test_announced_feed_is_found_and_that_of_comments_is_not(page: SavedPage) -> None:
    assert discover_feeds(page.html, page.expected["url"]) == [
        f"https://{page.site}.example" + FEEDS[page.site]
    ]


def test_announcements_are_resolved_against_the_base_and_listed_once() -> None:
    page = (
        '<base href="https://cdn.example/a/"><link rel="alternate stylesheet" type="text/xml" href="x.xsl">'
        '<link rel=ALTERNATE type="application/rss+xml; charset=utf-8" href=" rss.xml ">'
        '<link rel="alternate" type="application/rss+xml" href="rss.xml#top">'
        '<link rel="alternate" type="application/atom+xml" href="javascript:alert(1)">'
        '<link rel="alternate" type="application/json+oembed" href="o.json">'
    )
    assert discover_feeds(page, HERE) == ["https://cdn.example/a/rss.xml"]


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_page_breaks_discovery(page: bytes | str) -> None:
    assert discover_feeds(page, HERE) == []
    assert site_name(page, HERE)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ('<meta property="og:site_name" content=" The  Post "><title>x</title>', "The Post"),
        ("<title>Tidewater Courier | Home</title>", "Tidewater Courier"),
        ("<title>News, sport and weather from the coast - The Courier</title>", "The Courier"),
        ("<title>Startseite</title>", "news.example"),
        ("", "news.example"),
        ("<title>A\u202eB\x00</title>", "AB"),
    ],
)
def test_site_is_called_what_its_home_page_calls_it(page: str, name: str) -> None:
    assert site_name(page, HERE).strip("\ufffd") == name


def test_usual_places_are_below_the_page_and_below_the_root() -> None:
    places = usual_places("https://news.example/world")
    assert places[0] == "https://news.example/world/feed/"
    assert "https://news.example/rss.xml" in places
    assert len(places) == len(set(places))


@pytest.mark.parametrize("write", [rss, atom])
def test_feed_gives_urls_with_headline_and_date_in_the_feeds_zone(write: object) -> None:
    assert callable(write)
    body = write("Post", [(HERE + "a", "Ships & harbours", "2025-03-14T09:20:00+01:00")])
    feed = read_feed(body, HERE)
    assert feed is not None
    (entry,) = feed.entries
    assert (feed.title, entry.url) == ("Post", HERE + "a")
    assert entry.hints.headline == "Ships & harbours"
    assert entry.hints.date_published == "2025-03-14T09:20:00+01:00"


def item(inside: str) -> bytes:
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>'
        f"<item>{inside}</item></channel></rss>"
    ).encode()


def test_markup_in_titles_is_taken_out() -> None:
    feed = read_feed(
        item(
            "<title>&lt;b&gt;Bold&lt;/b&gt; &amp;amp; <![CDATA[<script>x</script>]]>plain</title>"
            "<link>/a</link>"
        ),
        HERE,
    )
    assert feed is not None
    assert "<" not in str(feed.entries[0].hints.headline)


@pytest.mark.parametrize("date", ["yesterday", "Fri, 99 Mar 2025 09:20:00 GMT", "0000-00-00", ""])
def test_unreadable_date_is_none(date: str) -> None:
    feed = read_feed(item(f"<link>/a</link><pubDate>{date}</pubDate>"), HERE)
    assert feed is not None
    assert feed.entries[0].hints.date_published is None


def test_date_of_tomorrow_is_kept_and_one_of_next_year_is_not() -> None:
    now = datetime(2025, 3, 14, 9, 0, tzinfo=UTC)
    entries: list[Entry] = [
        (f"{HERE}{day}", "x", f"{day}T09:00:00+00:00") for day in ("2025-03-15", "2026-03-14")
    ]
    feed = read_feed(rss("T", entries), HERE, fetched_at=now)
    assert feed is not None
    assert [entry.hints.date_published for entry in feed.entries] == ["2025-03-15T09:00:00+00:00", None]


@pytest.mark.parametrize(
    ("field", "authors"),
    [
        ("<author>desk@news.example</author>", ()),
        ("<author>desk@news.example (Jo Doe)</author>", ("Jo Doe",)),
        ("<author>Jo Doe &lt;jo@news.example&gt;</author>", ("Jo Doe",)),
        ("<dc:creator>Jo Doe</dc:creator>", ("Jo Doe",)),
        ("<dc:creator>Jo Doe</dc:creator><dc:creator>Al Roe</dc:creator>", ("Jo Doe", "Al Roe")),
        ("", ()),
    ],
)
def test_authors_are_names_without_addresses(field: str, authors: tuple[str, ...]) -> None:
    feed = read_feed(item(f"<link>/a</link>{field}"), HERE)
    assert feed is not None
    assert feed.entries[0].hints.authors == authors


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "javascript:x", "data:,x", "http://", "http://[", "http://a:b@c/", ""]
)
def test_link_out_of_the_web_is_no_entry(link: str) -> None:
    feed = read_feed(item(f"<link>{link}</link><title>x</title>"), HERE)
    assert feed is not None
    assert feed.entries == ()


def test_feed_reads_nothing_but_its_bytes(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read", encoding="utf-8")
    outside = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    feed = read_feed(outside + item("<link>/a</link><title>&x;</title>"), HERE)
    assert "do not read" not in repr(feed)
    assert read_feed(str(secret).encode(), HERE) is None  # a path is no feed, and is not opened either
    assert read_feed(secret.as_uri().encode(), HERE) is None


def test_entities_within_entities_do_not_explode() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<!DOCTYPE r [<!ENTITY l0 "ha">{levels}]>'.encode()
    feed = read_feed(laughs + item("<link>/a</link><title>&l11;</title>"), HERE)
    assert len(repr(feed)) < 100_000


def test_endless_feed_is_bounded() -> None:
    entries: list[Entry] = [(f"{HERE}{n}", "x", None) for n in range(MAX_ENTRIES + 50)]
    feed = read_feed(rss("T", entries), HERE)
    assert feed is not None
    assert len(feed.entries) == MAX_ENTRIES


def test_feed_that_is_cut_gives_what_was_whole() -> None:
    body = rss("T", [(HERE + "a", "A", None), (HERE + "b", "B", None)])
    feed = read_feed(body[: body.index(b"/b") - 10], HERE)
    assert feed is not None
    assert [entry.url for entry in feed.entries] == [HERE + "a"]


@pytest.mark.parametrize("body", [b"", b"<html><body><p>Hello</p></body></html>", b"\x00\xff" * 50, b"{}"])
def test_what_is_no_feed_is_none(body: bytes) -> None:
    assert read_feed(body, HERE, "text/html") is None


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    feed = read_feed(b"<rss version='2.0'><channel><item><link>/a</link>" + body, HERE)
    assert feed is None or all(entry.url.startswith("http") for entry in feed.entries)


@given(st.text(max_size=80))
def test_web_url_is_absolute_http_or_none(link: str) -> None:
    address = web_url(link, HERE)
    assert address is None or address.startswith(("http://", "https://"))
    assert address is None or Request(address).url == address  # Scrapy asks for this very address


@pytest.mark.parametrize("link", ["http://a.example", "http://a.example/#x", "http://a.example/"])
def test_host_alone_has_a_path(link: str) -> None:
    assert web_url(link, "") == "http://a.example/"


JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "The <b>Press</b>",
 "language": "en-GB", "items": [
  {"id": "1", "url": "https://news.example/a#x", "title": "A &amp; B",
   "date_published": "2026-05-04T10:00:00+02:00",
   "authors": [{"name": "Jo Doe"}, {"name": "Ann Lee"}, {"url": "x"}, 3]},
  {"id": "https://news.example/b", "author": {"name": "Jo Doe"}, "language": "cy",
   "date_published": "2036-01-01T00:00Z"},
  {"id": "tag:3", "url": "", "external_url": "https://other.example/c", "content_text": "x"},
  {"id": "a", "url": 3}, {"id": "https://news.example/a"}, "x", null, {"url": "javascript:alert(1)"}]}"""


def test_json_feeds_of_both_versions() -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    for body in (JSON_FEED, "\ufeff" + JSON_FEED.replace("version/1.1", "version/1")):
        feed = read_feed(body.encode(), HERE, "application/json", fetched_at=now)
        assert feed is not None
        assert feed.title == "The Press"
        said = [
            (e.url, h.headline, h.authors, h.date_published, h.language)
            for e in feed.entries
            for h in [e.hints]
        ]
        assert said == [
            ("https://news.example/a", "A & B", ("Jo Doe", "Ann Lee"), "2026-05-04T10:00:00+02:00", "en-GB"),
            ("https://news.example/b", None, ("Jo Doe",), None, "cy"),
            ("https://other.example/c", None, (), None, "en-GB"),
        ]


@pytest.mark.parametrize(
    "body",
    ["{", "{}", '{"version": "https://jsonfeed.org/version/1.1"}', '{"version": 1, "items": []}', "{" * 5000,
     '{"version": "1.0", "items": [{"url": "https://news.example/a"}]}', '{"a":' * 100_000],
)  # fmt: skip
def test_other_json_is_no_feed(body: str) -> None:
    assert read_feed(body.encode(), HERE) is None


def test_announced_json_feeds_are_found_and_wordpress_s_own_interface_is_not() -> None:
    page = (
        '<link rel=alternate type="application/feed+json" href="/feed.json">'
        '<link rel=alternate type="application/json" href="https://news.example/wp-json/wp/v2/pages/2">'
    )
    assert discover_feeds(page, HERE) == ["https://news.example/feed.json"]


NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def changed(body: bytes, now: datetime = NOW) -> list[str | None]:
    feed = read_feed(body, HERE, fetched_at=now)
    assert feed is not None
    return [entry.modified.isoformat() if entry.modified else None for entry in feed.entries]


def atom_of(*entries: tuple[str, str]) -> bytes:
    inner = "".join(
        f'<entry><title>x</title><link href="{HERE}{n}"/><published>{published}</published>'
        f"<updated>{updated}</updated></entry>"
        for n, (published, updated) in enumerate(entries)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{inner}</feed>'.encode()


def test_each_form_of_feed_says_when_an_article_was_changed() -> None:
    assert changed(atom_of(("2026-03-14T08:00:00Z", "2026-03-14T09:30:00+01:00"))) == [
        "2026-03-14T09:30:00+01:00"
    ]
    rss_item = item(
        "<link>/a</link><pubDate>Sat, 14 Mar 2026 08:00:00 GMT</pubDate>"
        '<m:modified xmlns:m="http://purl.org/dc/terms/">2026-03-14T10:00:00Z</m:modified>'
    )
    assert changed(rss_item) == ["2026-03-14T10:00:00+00:00"]
    said = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "/a",'
        b' "date_published": "2026-03-14T08:00:00Z", "date_modified": "2026-03-14T10:00:00Z"}]}'
    )
    assert changed(said) == ["2026-03-14T10:00:00+00:00"]
    assert changed(item("<link>/a</link><pubDate>Sat, 14 Mar 2026 08:00:00 GMT</pubDate>")) == [None]


@pytest.mark.parametrize("moment", ["2026-03-15T12:00:00Z", "2026-03-14T07:00:00Z"])
def test_a_change_of_tomorrow_or_before_publication_is_none(moment: str) -> None:
    assert changed(atom_of(("2026-03-14T08:00:00Z", moment))) == [None]


def test_a_feed_that_stamps_its_entries_says_of_none_that_it_was_changed() -> None:
    old = [f"2026-03-1{n}T08:00:00Z" for n in range(4)]
    assert changed(atom_of(*((date, "2026-03-14T11:58:30Z") for date in old))) == [None] * 4
    assert changed(atom_of(*((date, "2026-03-14T03:00:00Z") for date in old))) == [None] * 4
    minutes = [f"2026-03-14T11:5{n + 6}:00Z" for n in range(4)]
    assert changed(atom_of(*zip(old, minutes, strict=True))) == [None] * 4
    edited = [*old[:3], "2026-03-14T11:58:00Z"]
    assert changed(atom_of(*zip(old, edited, strict=True)))[3] == "2026-03-14T11:58:00+00:00"

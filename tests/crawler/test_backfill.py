"""Older news out of other people's archives: a capture index with replay, and files of a news crawl."""

from __future__ import annotations

import contextlib
import gzip
import json
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import check
from crawler.backfill import cdx_query, files_of, listings, memento_of, original_of, read_cdx
from crawler.errors import CrawlerError
from crawler.spiders.news import NewsSpider
from tests.archive.sample import rows as stored
from tests.crawler.crawling import crawl
from tests.newsroom import Newsroom, answer

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def test_the_index_is_asked_for_the_host_from_a_day_on() -> None:
    address = cdx_query("https://www.courier.example/news/", SINCE)
    assert address.startswith(
        "https://web.archive.org/cdx/search/cdx?url=courier.example%2F%2A&from=20240101"
    )


def test_an_answer_of_the_index_names_captures_and_the_next_page() -> None:
    rows = [
        ["timestamp", "original"],
        ["20240105120000", "http://courier.example:80/2024/a-ferry-returns/"],
        ["2024", "https://courier.example/b"],
        ["20249999999999", "https://courier.example/c"],
        ["20240105120000", "ftp://courier.example/d"],
        [],
        ["example,courier)/b 20240106"],
    ]
    found = read_cdx(json.dumps(rows).encode(), "https://web.archive.org/cdx/search/cdx?url=x&resumeKey=old")
    assert found is not None
    captures, following = found
    assert [one.address for one in captures] == [
        "https://web.archive.org/web/20240105120000id_/http://courier.example/2024/a-ferry-returns/",
        "https://web.archive.org/web/2024id_/https://courier.example/b",
    ]
    assert following == (
        "https://web.archive.org/cdx/search/cdx?url=x&resumeKey=example%2Ccourier%29/b%2020240106"
    )
    assert read_cdx(b"[]", "https://web.archive.org/cdx") == ([], "")
    assert read_cdx(b"<html>busy", "https://web.archive.org/cdx") is None
    assert read_cdx(b'{"a": 1}', "https://web.archive.org/cdx") is None


@given(st.binary(max_size=200))
def test_no_answer_breaks_us(body: bytes) -> None:
    read_cdx(body, "https://web.archive.org/cdx")
    with contextlib.suppress(ValueError):
        assert files_of(body, SINCE, SINCE) == []


def test_what_is_no_listing_is_told() -> None:
    with pytest.raises(ValueError, match="no gzipped list"):
        files_of(b"<html>Access denied", SINCE, SINCE)


@pytest.mark.parametrize(
    ("address", "at", "original"),
    [
        (
            "https://web.archive.org/web/20240105120000id_/https://courier.example/a?b=1",
            datetime(2024, 1, 5, 12, tzinfo=UTC),
            "https://courier.example/a?b=1",
        ),
        ("https://web.archive.org/web/2024/http:/courier.example/", datetime(2024, 1, 1, tzinfo=UTC),
         "http://courier.example/"),
    ],
)  # fmt: skip
def test_the_address_of_a_capture_tells_page_and_time(address: str, at: datetime, original: str) -> None:
    assert memento_of(address) == (at, original)
    assert original_of(original) == original


def test_listings_by_month_and_files_by_time() -> None:
    found = listings(date(2025, 11, 20), date(2026, 1, 3))
    assert [one.month for one in found] == [date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1)]
    assert found[0].address.endswith("/crawl-data/CC-NEWS/2026/01/warc.paths.gz")
    body = gzip.compress(
        b"crawl-data/CC-NEWS/2026/01/CC-NEWS-20260101010203-00001.warc.gz\n"
        b"crawl-data/CC-NEWS/2026/01/CC-NEWS-20260102010203-00002.warc.gz\n"
        b"https://elsewhere.example/CC-NEWS-20260102010203-00002.warc.gz\n../../etc/passwd\n"
    )
    since, until = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    assert files_of(body, since, until, "https://base.example") == [
        "https://base.example/crawl-data/CC-NEWS/2026/01/CC-NEWS-20260102010203-00002.warc.gz"
    ]


def test_a_day_must_be_named(tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text('[[site]]\nurl = "https://courier.example/"\n')
    with pytest.raises(CrawlerError, match="Name a day"):
        NewsSpider(sites=str(tmp_path / "sites.toml"), origins="wayback")


def test_pages_out_of_a_web_archive_are_kept_at_their_own_address_and_time(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with Newsroom(more=["wayback"]) as newsroom:
        base = newsroom.origin("wayback")
        pages = newsroom.pages("tidewater")
        own = newsroom.origin("tidewater")
        here = newsroom.resources["wayback"]
        rows: list[list[str]] = [["timestamp", "original"]]
        for day, page in enumerate(pages, 1):
            # The page as it was: its host is gone by now.
            rows.append([f"202503{day:02}080000", f"http://old.example{page.path}"])
            html = page.html.replace(own.encode(), b"http://old.example")
            here[f"/web/{rows[-1][0]}id_/{rows[-1][1]}"] = answer(body=html)
        rows.append(["20250320080000", "http://old.example/2025/a-page-that-the-archive-lost/"])
        rows.append(["20250320080000", "http://old.example/logo.png"])
        first = [*rows[:3], [], ["there is more"]]
        second = [rows[0], *rows[3:]]
        asked: list[str] = []

        def index(wire: Any) -> bytes:
            asked.append(wire.served.path)
            body = json.dumps(second if "resumeKey=there%20is" in wire.served.path else first).encode()
            made = answer(body=body, kind="application/json")(wire)
            assert made is not None
            return made

        here["/cdx/search/cdx"] = index
        sites = tmp_path / "sites.toml"
        sites.write_text('[[site]]\nname = "Old"\nurl = "http://127.0.0.1:9/"\n')
        given = {"sites": str(sites), "since": "2025-01-01", "origins": ["wayback"]}
        settings = {"PRESSMARK_WAYBACK_BASE": base, "RETRY_TIMES": 0}
        done = crawl(archive, settings=settings, **given)
        assert done.outcomes["new"] == len(pages), done.log
        assert any("the web archive answers HTTP 404" in why for _, why in done.summary["failures"])
        assert len(asked) == 2
        kept = stored(
            archive, "select url, fetched_at, source, record_type from captures order by fetched_at"
        )
        assert kept[0] == (
            f"http://old.example{pages[0].path}", "2025-03-01T08:00:00+00:00", "wayback", "resource",
        )  # fmt: skip
        assert {row[2] for row in kept} == {"wayback"}
        assert stored(archive, "select distinct due_at from queue where state = 'done'") == [(None,)]
        assert check(archive) == []
        # A second time: the index is asked again, no page that was had.
        before = len(newsroom.log)
        crawl(archive, settings=settings, **given)
        again = [served.path for served in newsroom.log[before:] if served.path.startswith("/web/")]
        assert again == ["/web/20250320080000id_/http://old.example/2025/a-page-that-the-archive-lost/"] or (
            again == []
        )


def _response(url: str, html: bytes) -> bytes:
    """A WARC response record, as Common Crawl's crawler writes it."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\n"
        f"WARC-Date: 2026-01-05T10:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def test_files_of_a_news_crawl_are_read_for_the_sites_pages(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with Newsroom(more=["commons"]) as newsroom:
        base = newsroom.origin("commons")
        pages = newsroom.pages("tidewater")
        packed = b"".join(
            gzip.compress(_response(f"https://{host}{page.path}", page.html))
            for host in ("www.old.example", "other.example")
            for page in pages
        )
        name = "crawl-data/CC-NEWS/2026/01/CC-NEWS-20260105093000-00001.warc.gz"
        here = newsroom.resources["commons"]
        here[f"/{name}"] = answer(body=packed, kind="application/octet-stream")
        here["/crawl-data/CC-NEWS/2026/01/warc.paths.gz"] = answer(body=gzip.compress(name.encode()))
        sites = tmp_path / "sites.toml"
        sites.write_text('[[site]]\nname = "Old"\nurl = "https://old.example/"\nfeeds = []\n')
        given = {"sites": str(sites), "since": "2026-01-01", "origins": ["ccnews"]}
        settings = {"PRESSMARK_CCNEWS_BASE": base, "RETRY_TIMES": 0}
        done = crawl(archive, settings=settings, **given)
        assert done.outcomes["new"] == len(pages), (done.error, done.log)
        assert {row[0] for row in stored(archive, "select site from articles")} == {"old.example"}
        assert {row[0] for row in stored(archive, "select source from captures")} == {"ccnews"}
        assert check(archive) == []
        crawl(archive, settings=settings, **given)
        assert len(newsroom.asked("commons", f"/{name}")) == 1

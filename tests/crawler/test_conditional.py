"""What was fetched before is asked for with its validators; a 304 changes nothing but what is sent."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive import check
from archive.records import NOT_MODIFIED
from tests.archive import sample
from tests.crawler.crawling import Crawled, crawl
from tests.crawler.records import Record, of_path, raw_records
from tests.newsroom import Newsroom, answer
from tests.newsroom.server import Served, rss
from tests.newsroom.trouble import article, conditional, in_turn, redirect

LONG_AGO = "Thu, 02 May 2024 06:00:00 GMT"
LIE = b'HTTP/1.1 304 Not Modified\r\nETag: "v2"\r\n\r\n'
PAGES = {
    "/tagged": conditional(article("Tagged")),
    "/weak": conditional(article("Weak"), etag='W/"v1"'),
    "/dated": conditional(article("Dated"), etag="", modified=LONG_AGO),
    "/packed": conditional(gzip.compress(article("Packed")), coding="gzip"),
    "/liar": in_turn(
        answer(body=article("Liar"), headers=(("ETag", '"v1"'),)),
        lambda wire: LIE,
        answer(body=article("Liar, again"), headers=(("ETag", '"v2"'),)),
    ),
    "/deaf": answer(body=article("Deaf"), headers=(("ETag", '"v1"'),)),
    "/moves": in_turn(answer(body=article("Moves"), headers=(("ETag", '"v1"'),)), redirect("/moved")),
    "/moved": answer(body=article("Moved")),
    "/breaks": answer(500, b"no", reason="Oh no", headers=(("ETag", '"v1"'),)),
}
FED = ("/first", "/second", "/private/third")


@dataclass
class Twice:
    newsroom: Newsroom
    archive: Path
    pages: tuple[Crawled, Crawled]
    feeds: tuple[Crawled, Crawled]
    records: list[Record]

    def outcome(self, path: str) -> str:
        """What became of a page in the second crawl."""
        url = self.newsroom.origin("trouble") + path
        return str({name: outcome for name, outcome, _ in self.pages[1].summary["pages"]}[url])

    def asked(self, path: str) -> list[Served]:
        return self.newsroom.asked("trouble", path)

    def conditions(self, path: str) -> list[dict[bytes, bytes]]:
        """What each request for a path named of an earlier answer."""
        names = (b"If-None-Match", b"If-Modified-Since")
        return [
            {name: value for name, value in served.request_headers if name in names}
            for served in self.asked(path)
        ]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    """Some pages, then a feed of which one page was left for later; each crawled twice."""
    folder = tmp_path_factory.mktemp("conditional")
    with Newsroom() as newsroom:
        here = newsroom.origin("trouble")
        newsroom.robots["trouble"] = conditional(b"User-agent: *\nDisallow: /private/\n", kind="text/plain")
        own = newsroom.resources["trouble"]
        own |= PAGES | {path: answer(body=article(path)) for path in FED}
        own["/feed"] = conditional(
            rss("Trouble", [(here + path, path, None) for path in FED]), kind="application/rss+xml"
        )
        (folder / "sites.toml").write_text(newsroom.sites_toml("trouble"), encoding="utf-8")
        urls = [here + path for path in PAGES if path != "/moved"]

        def pages(day: int) -> Crawled:
            settings = {"RETRY_TIMES": 0, "PRESSMARK_CLOCK_OFFSET": day * 90_000}
            return crawl(folder / "archive", urls=urls, settings=settings)

        def feed(day: int, limit: int) -> Crawled:
            settings = {"PRESSMARK_CLOCK_OFFSET": day * 90_000}
            return crawl(folder / "archive", sites=str(folder / "sites.toml"), limit=limit, settings=settings)

        # More than a day apart: so long robots.txt holds.
        crawled = (pages(0), pages(1)), (feed(2, 1), feed(3, 3))
        for each in (*crawled[0], *crawled[1]):
            assert not each.error, each.error + each.log
        yield Twice(newsroom, folder / "archive", *crawled, raw_records(folder / "archive"))


@pytest.mark.parametrize("path", ["/tagged", "/weak", "/dated", "/packed"])
def test_a_page_that_did_not_change_is_a_304_and_unchanged(twice: Twice, path: str) -> None:
    first, second = twice.conditions(path)
    assert (first, second) == (
        {},
        {b"If-Modified-Since": LONG_AGO.encode()}
        if path == "/dated"
        else {b"If-None-Match": b'W/"v1"' if path == "/weak" else b'"v1"'},
    )
    assert twice.outcome(path) == "unchanged"
    (revisit,) = of_path(twice.records, path, "revisit")
    (original,) = of_path(twice.records, path, "response")
    assert revisit.fields["WARC-Profile"] == NOT_MODIFIED
    assert revisit.fields["WARC-Refers-To"] == original.fields["WARC-Record-ID"]
    assert revisit.fields["WARC-Payload-Digest"] == original.fields["WARC-Payload-Digest"]
    assert revisit.block == bytes(twice.asked(path)[1].sent)
    assert of_path(twice.records, path, "request")[1].block == twice.asked(path)[1].request


def test_a_304_of_another_etag_is_stored_and_the_page_asked_for_again(twice: Twice) -> None:
    assert twice.conditions("/liar") == [{}, {b"If-None-Match": b'"v1"'}, {}]
    assert [record.block.split(b" ")[1] for record in of_path(twice.records, "/liar")] == [
        b"200",
        b"304",
        b"200",
    ]
    assert twice.outcome("/liar") == "updated"
    roles = sample.rows(twice.archive, "select role from exchanges where url like '%/liar'")
    assert roles == [("retry",)]


def test_a_server_that_sends_the_same_again_makes_a_revisit_of_the_same_payload(twice: Twice) -> None:
    assert twice.outcome("/deaf") == "unchanged"
    (revisit,) = of_path(twice.records, "/deaf", "revisit")
    assert revisit.fields["WARC-Profile"] != NOT_MODIFIED


def test_a_condition_is_not_carried_to_where_a_redirect_leads(twice: Twice) -> None:
    assert twice.conditions("/moves") == [{}, {b"If-None-Match": b'"v1"'}]
    assert twice.conditions("/moved") == [{}]


def test_an_error_is_no_answer_to_compare_with(twice: Twice) -> None:
    assert twice.conditions("/breaks") == [{}, {}]


def test_a_feed_that_did_not_change_still_lists_what_was_left_for_later(twice: Twice) -> None:
    assert [crawled.outcomes for crawled in twice.feeds] == [{"new": 1}, {"new": 1}]
    assert [len(twice.asked(path)) for path in FED] == [1, 1, 0]
    assert [list(condition) for condition in twice.conditions("/feed")] == [[], [b"If-None-Match"]]


def test_rules_that_did_not_change_are_obeyed(twice: Twice) -> None:
    assert twice.conditions("/robots.txt")[1:] == [{b"If-None-Match": b'"v1"'}] * 3
    assert twice.feeds[1].summary["forbidden"] == 1
    assert not twice.asked("/private/third")


def test_every_exchange_has_a_row_with_its_role(twice: Twice) -> None:
    counted = sample.rows(
        twice.archive, "select role, status, record_type, count(*) from exchanges group by 1, 2, 3"
    )
    assert sorted(counted) == [
        ("feed", 200, "response", 1),
        ("feed", 304, "revisit", 1),
        ("redirect", 302, "response", 1),
        ("retry", 304, "response", 1),
        ("robots", 200, "response", 1),
        ("robots", 304, "revisit", 3),
    ]
    assert check(twice.archive) == []
    sample.warcio_check(*sample.warcs(twice.archive))

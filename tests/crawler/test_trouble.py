"""What servers do to a crawler, and what is promised then. One crawl of everything; each test is a claim."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crawler.crawling import Crawled, crawl
from tests.crawler.records import Record, of_path, raw_records
from tests.newsroom import Newsroom

#: Not asked for in the big crawl: where others lead to, and what makes the crawler leave the host alone.
APART = {"/chain/2", "/chain/3", "/loop/back", "/come-back-tomorrow"}
MAX_BODY = 1_000_000


@dataclass
class Aftermath:
    newsroom: Newsroom
    crawled: Crawled
    records: list[Record]
    captures: dict[str, tuple[str, str, int]]

    def outcome(self, path: str) -> str:
        """What became of a page, by the path that was asked for."""
        url = self.newsroom.origin("trouble") + path
        outcomes = {name: outcome for name, outcome, _ in self.crawled.summary["pages"]}
        return str(outcomes[url])

    def sentence(self, path: str) -> str:
        return self.crawled.sentence(self.newsroom.origin("trouble") + path)

    def response(self, path: str) -> Record:
        return of_path(self.records, path)[-1]

    def kind(self, path: str) -> str:
        return self.captures[self.newsroom.origin("trouble") + path][0]

    def reason(self, path: str) -> str:
        return self.captures[self.newsroom.origin("trouble") + path][1]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    archive = tmp_path_factory.mktemp("trouble") / "archive"
    with Newsroom() as newsroom:
        here = newsroom.origin("trouble")
        urls = [here + path for path in newsroom.resources["trouble"] if path not in APART]
        crawled = crawl(archive, urls=urls, settings={"DOWNLOAD_TIMEOUT": 2, "DOWNLOAD_MAXSIZE": MAX_BODY})
        assert not crawled.error, crawled.error + crawled.log
        with sqlite3.connect(archive / "articles.db") as db:
            rows = db.execute("select url, kind, kind_reason, status from captures").fetchall()
        db.close()
        captures = {url: (kind, reason or "", status) for url, kind, reason, status in rows}
        yield Aftermath(newsroom, crawled, raw_records(archive), captures)


PLAIN_ANSWERS = (
    "/plain",
    "/gzip",
    "/br",
    "/zstd",
    "/deflate",
    "/lying-gzip",
    "/etag",
    "/long-header",
    "/strange-headers",
    "/gone",
)


@pytest.mark.parametrize("path", PLAIN_ANSWERS)
def test_request_and_response_are_kept_byte_for_byte(after: Aftermath, path: str) -> None:
    served = after.newsroom.asked("trouble", path)[-1]
    assert after.response(path).block == bytes(served.sent)
    (request,) = of_path(after.records, path, "request")[-1:]
    assert request.block == served.request


def test_ip_address_is_that_of_the_connection(after: Aftermath) -> None:
    assert after.response("/plain").fields["WARC-IP-Address"] == "127.0.0.1"


def test_chunks_are_undone_in_body_and_headers(after: Aftermath) -> None:
    block = after.response("/chunked").block
    assert b"transfer-encoding" not in block.lower()
    assert block.endswith(b"</html>")
    assert b"why=not" not in block


@pytest.mark.parametrize(
    "path", ["/chunked", "/gzip", "/br", "/zstd", "/deflate", "/lying-gzip", "/http-1-0", "/strange-headers"]
)
def test_encodings_and_protocols_do_not_lose_the_article(after: Aftermath, path: str) -> None:
    assert after.outcome(path) == "new"


def test_old_protocol_is_kept_as_it_was(after: Aftermath) -> None:
    assert after.response("/http-1-0").block.startswith(b"HTTP/1.0 200 Fine\r\n")
    assert "WARC-Truncated" not in after.response("/http-1-0").fields


@pytest.mark.parametrize("path", ["/early-close", "/no-last-chunk", "/bad-chunk"])
def test_body_that_breaks_off_is_tried_again_then_kept_and_marked(after: Aftermath, path: str) -> None:
    attempts = of_path(after.records, path)
    assert len(attempts) == len(after.newsroom.asked("trouble", path)) == 3
    assert {attempt.fields["WARC-Truncated"] for attempt in attempts} == {"disconnect"}
    assert after.outcome(path) == "new"


def test_second_attempt_that_is_whole_is_the_one_taken(after: Aftermath) -> None:
    broken, whole = of_path(after.records, "/breaks-once")
    assert broken.fields["WARC-Truncated"] == "disconnect"
    assert "WARC-Truncated" not in whole.fields
    assert after.outcome("/breaks-once") == "new"


def test_endless_body_is_cut_at_the_limit_and_kept(after: Aftermath) -> None:
    record = after.response("/endless")
    assert record.fields["WARC-Truncated"] == "length"
    assert len(record.block.partition(b"\r\n\r\n")[2]) == MAX_BODY


@pytest.mark.parametrize("path", ["/trickle", "/stall"])
def test_slow_body_is_cut_in_time_and_what_came_is_kept(after: Aftermath, path: str) -> None:
    assert after.response(path).fields["WARC-Truncated"] == "time"
    assert after.outcome(path) == "new"


def test_bomb_is_kept_packed_and_is_no_article(after: Aftermath) -> None:
    served = after.newsroom.asked("trouble", "/bomb")[-1]
    assert after.response("/bomb").block == bytes(served.sent)
    assert after.kind("/bomb") == "error"
    assert "bomb" in after.reason("/bomb")


@pytest.mark.parametrize("path", ["/always-304", "/no-content", "/empty"])
def test_answer_without_a_body_is_no_article(after: Aftermath, path: str) -> None:
    assert after.kind(path) == "error"
    assert after.outcome(path) == "not_article"


def test_file_that_is_no_page_is_kept_raw(after: Aftermath) -> None:
    assert after.kind("/pdf") == "other"
    assert after.response("/pdf").block.endswith(b"%PDF-1.7 not really")


@pytest.mark.parametrize(("path", "reason"), [("/error", "HTTP 500"), ("/gone", "HTTP 410")])
def test_error_page_is_an_outcome(after: Aftermath, path: str, reason: str) -> None:
    assert after.kind(path) == "error"
    assert reason in after.reason(path)


def test_error_is_tried_again_and_each_attempt_recorded(after: Aftermath) -> None:
    assert len(of_path(after.records, "/error")) == 3
    first, second = of_path(after.records, "/flaky")
    assert first.block.startswith(b"HTTP/1.1 500 Oh Dear\r\n")
    assert second.block.startswith(b"HTTP/1.1 200 OK\r\n")
    assert after.outcome("/flaky") == "new"


def test_too_many_requests_is_tried_again(after: Aftermath) -> None:
    assert after.outcome("/too-many") == "new"


def test_redirect_hops_are_records_in_order(after: Aftermath) -> None:
    hops = [r for r in after.records if r.kind == "response" and r.path.startswith("/chain")]
    statuses = {hop.path: hop.block.split(b" ")[1] for hop in hops}
    assert statuses == {"/chain": b"301", "/chain/2": b"307", "/chain/3": b"302"}


def test_redirects_in_a_circle_end(after: Aftermath) -> None:
    assert "circle" in after.sentence("/loop")


@pytest.mark.parametrize("path", ["/to-file", "/to-data", "/to-ftp"])
def test_redirect_out_of_the_web_is_refused(after: Aftermath, path: str) -> None:
    assert "no http or https address" in after.sentence(path)
    assert after.response(path).block.startswith(b"HTTP/1.1 302 ")


def test_redirect_to_cloud_metadata_is_refused_even_where_private_addresses_are_allowed(
    after: Aftermath,
) -> None:
    assert after.sentence("/to-metadata").startswith("refused to connect to 169.254.169.254: ")
    assert not [record for record in after.records if "169.254" in record.url]


@pytest.mark.parametrize("path", ["/hang-up", "/silent", "/huge-header"])
def test_server_without_an_answer_is_a_counted_failure(after: Aftermath, path: str) -> None:
    assert after.sentence(path).startswith("could not be fetched: ")
    assert not of_path(after.records, path)


def test_forbidden_page_is_not_asked_for_and_is_no_failure(after: Aftermath) -> None:
    assert not after.newsroom.asked("trouble", "/private/plain")
    assert after.crawled.summary["forbidden"] == 1


def test_robots_txt_is_a_record(after: Aftermath) -> None:
    (record,) = of_path(after.records, "/robots.txt")
    assert b"Disallow: /private/" in record.block


def test_every_page_has_an_outcome(after: Aftermath) -> None:
    told = {
        name.removeprefix(after.newsroom.origin("trouble")) for name, _, _ in after.crawled.summary["pages"]
    }
    # The chain leads to a page that was asked for itself.
    assert set(after.newsroom.resources["trouble"]) - APART - told == {"/chain", "/private/plain"}


def test_no_cookie_and_no_referer_is_ever_sent(after: Aftermath) -> None:
    names = {name.lower() for served in after.newsroom.log for name, _ in served.request_headers}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding"}


def test_user_agent_names_us_and_a_contact(after: Aftermath) -> None:
    agents = {dict(served.request_headers)[b"User-Agent"] for served in after.newsroom.log}
    (agent,) = agents
    assert agent.startswith(b"pressmark/")
    assert agent.endswith(b" (+desk@newsroom.example)")


def test_host_that_asks_for_a_long_rest_is_left_alone(newsroom: Newsroom, tmp_path: Path) -> None:
    here = newsroom.origin("trouble")
    one_by_one = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "CONCURRENT_REQUESTS": 1}
    crawled = crawl(
        tmp_path / "archive", urls=[here + "/come-back-tomorrow", here + "/plain"], settings=one_by_one
    )
    said = crawled.sentence(here + "/plain")
    assert "left alone" in said
    assert here not in said  # it is told beside its URL
    assert len(newsroom.asked("trouble", "/come-back-tomorrow")) == 1
    assert not newsroom.asked("trouble", "/plain")

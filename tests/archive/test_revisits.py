"""Revisits: a payload is stored once, whoever sent it; and a 304 is kept as what it is."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from archive import Archive, Catalogue, check
from archive.records import IDENTICAL_PAYLOAD, NOT_MODIFIED
from archive.store import MIN_REVISIT_BYTES
from archive.values import Capture, Exchange
from tests.archive import sample
from tests.archive.sample import CLEANER, article, at, crawled, dump, exchange, keep, open_archive, rows

HERE, THERE = "https://press.example/ferry", "https://press.example/ferry?ref=home"
ELSEWHERE = "https://press.example/ferry?id=2"
BODY = b"<p>" + b"The ferry sails again at eight. " * 20
FEED = "https://press.example/feed"
ETAG = ((b"Content-Type", b"text/html"), (b"ETag", b'"v1"'))


def revisits(root: Path) -> list[dict[str, str]]:
    """The fields of every revisit record."""
    found = []
    for path in sorted(root.glob("warc/**/*.gz")):
        for member in sample.members_of(path):
            if b"WARC-Type: revisit\r\n" in member:
                head = member.partition(b"\r\n\r\n")[0].decode()
                found.append(dict(line.split(": ", 1) for line in head.split("\r\n")[1:]))
    return found


def sound(root: Path) -> None:
    assert check(root) == []
    sample.warcio_check(*sample.warcs(root))


# Rows of what is no page ------------------------------------------------------------------------------


def test_an_exchange_that_is_no_page_has_a_row_with_what_it_was_for(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        run = archive.begin_run("crawl")
        ref = archive.write_exchange(exchange(b"User-agent: *", "https://press.example/robots.txt"), "robots")
        archive.write_exchange(exchange(b"moved", HERE, status=301), "redirect")
        archive.write_exchange(exchange(b"half", FEED, truncated="disconnect"), "retry")
    assert rows(tmp_path, "select url, role, status, truncated, record_type, run_id from exchanges") == [
        ("https://press.example/robots.txt", "robots", 200, None, "response", run),
        (HERE, "redirect", 301, None, "response", run),
        (FEED, "retry", 200, "disconnect", "response", run),
    ]
    place = "select warc_file, warc_offset, warc_length, record_id, payload_digest from exchanges limit 1"
    assert rows(tmp_path, place) == [(ref.file, ref.offset, ref.length, ref.record_id, ref.payload_digest)]
    assert rows(tmp_path, "select count(*) from captures") == [(0,)]
    sound(tmp_path)


def left_open(root: Path) -> None:
    """Names as a kill leaves them, and no row of what is in the files."""
    for path in sample.warcs(root):
        path.rename(path.with_name(path.name + ".open"))
    for table in ("exchanges", "captures"):
        sample.change_rows(root, f"delete from {table}")


def test_recovery_gives_every_record_the_row_it_had(tmp_path: Path) -> None:
    columns = """url, fetched_at, status, content_type, truncated, record_type, warc_file, warc_offset,
                 warc_length, record_id, payload_digest"""
    with open_archive(tmp_path) as archive:
        archive.write_exchange(exchange(BODY, FEED, response_headers=ETAG), "feed")
        archive.commit()
        known = archive.validators(FEED)
        assert known is not None
        archive.write_exchange(not_modified(known.record_id, FEED, 1), "feed")
        archive.write_exchange(exchange(b"half", FEED, 2, truncated="time"), "retry")
        archive.store_raw(crawled(BODY, HERE, 3))
        archive.store_raw(crawled(b"<p>cut", HERE, 4, truncated="length"))
    of_pages = rows(tmp_path, f"select {columns} from captures order by id")
    of_others = rows(tmp_path, f"select {columns}, role from exchanges order by id")
    left_open(tmp_path)
    with open_archive(tmp_path) as archive:
        assert archive.recovery.orphans == 2, "only pages are to be cleaned"
    assert rows(tmp_path, f"select {columns} from captures order by id") == of_pages
    assert rows(tmp_path, f"select {columns}, role from exchanges order by id") == of_others
    sound(tmp_path)


def test_a_row_of_an_exchange_whose_record_is_gone_is_dropped(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.write_exchange(exchange(b"first", FEED), "feed")
        archive.write_exchange(exchange(b"second", FEED, 1), "feed")
    raw = sample.raw_file(tmp_path)
    data = raw.read_bytes()
    raw.rename(raw.with_name(raw.name + ".open"))
    raw.with_name(raw.name + ".open").write_bytes(data[: sample.member_offsets(data)[3] + 9])
    with open_archive(tmp_path) as archive:
        assert len(archive.recovery.rows_lost) == 1
    assert rows(tmp_path, "select fetched_at from exchanges") == [("2024-05-02T08:00:00+00:00",)]
    sound(tmp_path)


# The same payload -------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["in one batch", "in another batch", "in another run"])
@pytest.mark.parametrize("kinds", ["pp", "pe", "ep", "ee"])
def test_a_payload_is_stored_once_at_whatever_url_page_or_not(tmp_path: Path, kinds: str, when: str) -> None:
    archive = open_archive(tmp_path)
    for number, (kind, url) in enumerate(zip(kinds, (HERE, THERE), strict=True)):
        if kind == "p":
            keep(archive, crawled(BODY, url, number), "The ferry.")
        else:
            archive.write_exchange(exchange(BODY, url, number), "feed")
        if when == "in another batch":
            archive.commit()
        elif when == "in another run":
            archive.close()
            archive = open_archive(tmp_path)
    archive.close()
    (revisit,) = revisits(tmp_path)
    (original,) = rows(
        tmp_path,
        """select record_id, payload_digest from captures where record_type = 'response'
           union all select record_id, payload_digest from exchanges where record_type = 'response'""",
    )
    assert {
        name: revisit[name] for name in revisit if name.startswith(("WARC-Ref", "WARC-Pro", "WARC-Tr"))
    } == {
        "WARC-Profile": IDENTICAL_PAYLOAD,
        "WARC-Refers-To": original[0],
        "WARC-Refers-To-Target-URI": HERE,
        "WARC-Refers-To-Date": "2024-05-02T08:00:00Z",
        "WARC-Truncated": "length",
    }
    assert revisit["WARC-Payload-Digest"] == original[1]
    assert revisit["WARC-Target-URI"] == THERE
    sound(tmp_path)


def test_a_page_whose_payload_stands_under_another_url_or_in_a_feed_is_read_back_whole(
    tmp_path: Path,
) -> None:
    packed = gzip.compress(BODY * 9, mtime=0) + bytes(MIN_REVISIT_BYTES)
    with open_archive(tmp_path) as archive:
        archive.write_exchange(exchange(packed, FEED), "feed")
        headers = ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"))
        archive.store_raw(crawled(packed, THERE, 1, response_headers=headers))
    with open_archive(tmp_path) as archive:
        (page,) = archive.orphans()
        assert (page.url, page.body, page.status) == (THERE, BODY * 9, 200), "unpacked as its own head says"
        assert archive.keep(page, article("The ferry.")) == "new"
    with Catalogue.open(tmp_path) as catalogue:
        found = catalogue.capture_at(THERE)
        assert found is not None
        assert found.body == BODY * 9
    sound(tmp_path)


def test_a_page_at_another_url_is_an_article_of_its_own_although_its_payload_is_known(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, crawled(BODY, HERE), "The ferry.") == "new"
        again = crawled(BODY, ELSEWHERE, 1)
        assert not archive.is_current(again, CLEANER)
        assert keep(archive, again, "The ferry.") == "new"
    assert rows(tmp_path, "select url, record_type from captures") == [
        (HERE, "response"),
        (ELSEWHERE, "revisit"),
    ]
    assert rows(tmp_path, "select count(*) from articles") == [(2,)]
    sound(tmp_path)


def test_a_payload_of_the_same_url_is_preferred_and_a_revisit_is_never_referred_to(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, url in enumerate((HERE, THERE, THERE, HERE)):
            archive.store_raw(crawled(BODY, url, hours))
    assert [fields["WARC-Refers-To-Target-URI"] for fields in revisits(tmp_path)] == [HERE] * 3
    sound(tmp_path)


def test_what_is_empty_cut_small_or_a_dump_is_stored_as_it_came(tmp_path: Path) -> None:
    small = b"x" * (MIN_REVISIT_BYTES - 1)
    with open_archive(tmp_path) as archive:
        for number, url in enumerate((HERE, THERE)):
            archive.store_raw(crawled(b"", url, number))
            archive.store_raw(crawled(small, url, number + 2))
            archive.write_exchange(exchange(small, url, number + 4), "robots")
            archive.store_raw(crawled(BODY, url, number + 6, truncated="length"))
        archive.store_raw(dump(BODY * 2, HERE))
        archive.store_raw(crawled(BODY * 2, THERE, 8))
    assert revisits(tmp_path) == []
    sound(tmp_path)


def test_a_body_that_was_cut_is_no_original_for_a_whole_one_nor_its_revisit(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, truncated in enumerate(("disconnect", None, "disconnect", None)):
            archive.store_raw(crawled(BODY, HERE, hours, truncated=truncated))
    assert rows(tmp_path, "select record_type, truncated from captures order by id") == [
        ("response", "disconnect"),
        ("response", None),
        ("response", "disconnect"),
        ("revisit", None),
    ]
    sound(tmp_path)


def test_a_payload_whose_file_is_gone_is_stored_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(BODY, HERE))
    sample.raw_file(tmp_path).unlink()
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(BODY, THERE, 1))
    assert revisits(tmp_path) == []


def test_what_comes_out_of_a_foreign_warc_is_stored_once_too(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(BODY, HERE, source="warc"))
        archive.store_raw(crawled(BODY, THERE, 1, source="warc"))
    assert rows(tmp_path, "select record_type from captures") == [("response",), ("revisit",)]
    sound(tmp_path)


# 304 --------------------------------------------------------------------------------------------------


def not_modified(record_id: str, url: str, hours: float) -> Exchange:
    return exchange(
        b"", url, hours, status=304, reason="Not Modified", response_headers=((b"ETag", b'"v1"'),),
        not_modified=record_id,
    )  # fmt: skip


def confirmed(archive: Archive, url: str, hours: float) -> Capture:
    """A page that a server answered with 304, as the crawler hands it over: with the stored body."""
    known = archive.validators(url)
    assert known is not None
    stored = archive.answer(known.record_id)
    assert stored is not None
    made = not_modified(known.record_id, url, hours)
    page: Capture = sample.replaced(
        crawled(stored.body, url, hours), status=stored.status, exchange=made, content_type="text/html"
    )
    return page


def test_a_page_answered_with_304_is_a_revisit_and_unchanged(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        first = archive.store_raw(crawled(BODY, HERE, response_headers=ETAG))
        archive.keep(first, article("The ferry."))
        archive.commit()
        again = confirmed(archive, HERE, 2)
        assert archive.is_current(again, CLEANER)
        assert not archive.is_current(again, "cleaner 2")
        archive.store_raw(again)
    (revisit,) = revisits(tmp_path)
    assert first.record is not None
    assert revisit["WARC-Profile"] == NOT_MODIFIED
    assert revisit["WARC-Refers-To"] == first.record.record_id
    assert revisit["WARC-Refers-To-Target-URI"] == HERE
    assert revisit["WARC-Refers-To-Date"] == "2024-05-02T08:00:00Z"
    assert revisit["WARC-Payload-Digest"] == first.record.payload_digest
    assert "WARC-Truncated" not in revisit
    assert rows(tmp_path, "select status, record_type, kind, article_id from captures order by id") == [
        (200, "response", "article", 1),
        (304, "revisit", "article", 1),
    ]
    assert rows(tmp_path, "select last_seen from articles") == [("2024-05-02T10:00:00+00:00",)]
    sound(tmp_path)


def test_a_304_is_read_back_as_the_page_that_it_confirmed(tmp_path: Path) -> None:
    packed = gzip.compress(BODY, mtime=0)
    headers = (*ETAG, (b"Content-Encoding", b"gzip"))
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(packed, HERE, response_headers=headers))
        archive.commit()
        archive.store_raw(confirmed(archive, HERE, 1))
        read = list(archive.captures())
    assert [(page.body, page.status, page.content_type, page.fetched_at) for page in read] == [
        (BODY, 200, "text/html", at(0)),
        (BODY, 200, "text/html", at(1)),
    ]


def test_a_304_to_what_is_a_revisit_itself_refers_to_the_record_with_the_payload(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(BODY, THERE))
        archive.store_raw(crawled(BODY, HERE, 1, response_headers=ETAG))
        archive.commit()
        archive.store_raw(confirmed(archive, HERE, 2))
    assert [fields["WARC-Refers-To-Target-URI"] for fields in revisits(tmp_path)] == [THERE, THERE]
    assert revisits(tmp_path)[1]["WARC-Profile"] == NOT_MODIFIED
    sound(tmp_path)


def test_a_304_to_nothing_that_is_stored_is_an_answer_of_its_own(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.write_exchange(not_modified("<urn:uuid:unknown>", HERE, 0))
    assert rows(tmp_path, "select status, record_type from exchanges") == [(304, "response")]
    sound(tmp_path)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ({}, ('"v2"', "")),
        ({"truncated": "time"}, None),
        ({"status": 500}, ('"v1"', "")),
        ({"response_headers": ((b"Last-Modified", b"Thu, 02 May 2024 06:00:00 GMT"),)},
         ("", "Thu, 02 May 2024 06:00:00 GMT")),
        ({"response_headers": ()}, None),
    ],
)  # fmt: skip
def test_validators_are_those_of_the_last_whole_answer(
    tmp_path: Path, last: dict[str, object], expected: tuple[str, str] | None
) -> None:
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(BODY, HERE, response_headers=ETAG))
        made = {"response_headers": ((b"ETag", b'"v2"'),), **last}
        archive.write_exchange(exchange(BODY + b"2", HERE, 1, **made), "feed")
        archive.commit()
        known = archive.validators(HERE)
        assert (known and (known.etag, known.last_modified)) == expected
        assert archive.validators(THERE) is None


def test_validators_of_a_record_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(BODY, HERE, response_headers=ETAG))
    raw = sample.raw_file(tmp_path)
    data = bytearray(raw.read_bytes())
    data[sample.member_offsets(bytes(data))[1] + 60] ^= 255
    raw.write_bytes(data)
    with open_archive(tmp_path) as archive:
        assert archive.validators(HERE) is None

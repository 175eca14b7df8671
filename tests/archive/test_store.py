"""Keeping pages: what becomes of them in WARC and SQLite, through the face only."""

from __future__ import annotations

import gzip
import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import Archive, ArchiveBusy, ArchiveError, Catalogue, check, payload_digest
from archive.values import Block, Capture, Hints
from tests.archive import sample
from tests.archive.sample import CLEANER, article, at, crawled, dump, exchange, keep, open_archive, rows

FERRY = "https://press.example/ferry"


def test_a_dump_page_and_a_fetched_page_become_articles_with_sound_files(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, dump(b"A dump page."), "A dump page.") == "new"
        assert keep(archive, crawled(b"<p>Ferry."), "Ferry.") == "new"
    assert check(tmp_path) == []
    sample.warcio_check(*sample.warcs(tmp_path))
    assert [
        (url, source, kind) for url, source, kind in rows(tmp_path, "select url, source, kind from captures")
    ] == [
        ("urn:sha1:" + payload_digest(b"A dump page.")[5:], "dump", "article"),
        (FERRY, "crawl", "article"),
    ]


def test_files_are_named_by_month_time_serial_and_host(tmp_path: Path) -> None:
    with open_archive(tmp_path, host="reading room/1") as archive:
        keep(archive, dump(b"x"), "x")
        assert [p.name for p in tmp_path.glob("warc/2024/05/*")] == [
            "pressmark-20240502080000-00000-reading_room_1.warc.gz.open"
        ]
    assert [p.relative_to(tmp_path).as_posix() for p in sample.warcs(tmp_path)] == [
        "warc/2024/05/pressmark-20240502080000-00000-reading_room_1.warc.gz",
        "wet/2024/05/pressmark-20240502080000-00000-reading_room_1.warc.wet.gz",
    ]


def test_a_file_is_ended_when_it_is_full_and_no_name_is_taken_twice(tmp_path: Path) -> None:
    for number in range(3):
        with open_archive(tmp_path, max_file_bytes=1) as archive:
            for page in range(2):
                keep(archive, dump(b"page %d %d" % (number, page)), f"text {number} {page}")
                archive.commit()
    assert len(list(tmp_path.glob("warc/2024/05/*.warc.gz"))) == 6
    assert check(tmp_path) == []


def test_every_record_is_a_gzip_member_of_its_own_and_warcinfo_comes_first(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"one"), "one")
        keep(archive, crawled(b"two"), "two")
    raw, derived = (
        [member.split(b"\r\n")[1].partition(b": ")[2] for member in sample.members_of(path)]
        for path in sample.warcs(tmp_path)
    )
    assert raw == [b"warcinfo", b"resource", b"response", b"request"]
    assert derived == [b"warcinfo", b"metadata", b"conversion", b"metadata", b"conversion"]


def test_the_warcinfo_says_who_wrote_the_file_and_how(tmp_path: Path) -> None:
    with open_archive(tmp_path / "news-archive", new_uuid=sample.counted_ids()) as archive:
        keep(archive, dump(b"x"), "x")
    warcinfo = sample.members_of(sample.raw_file(tmp_path / "news-archive"))[0].decode()
    assert warcinfo.partition("\r\n\r\n")[2] == (
        "software: pressmark/test\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        "robots: classic\r\n"
        "isPartOf: news-archive\r\n"
        "operator: A. Librarian\r\n"
        "http-header-user-agent: pressmark-test (+https://press.example/bot)\r\n"
        "pressmark-capture: heads and bodies as sent, but chunks are put together: Transfer-Encoding is"
        " replaced by Content-Length; not kept: chunk extensions, trailers, answers before the final one"
        " (1xx), the TLS handshake\r\n"
        "\r\n\r\n"
    )


def test_the_same_input_with_the_same_clock_and_ids_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        with open_archive(tmp_path / name / "a", new_uuid=sample.counted_ids()) as archive:
            keep(archive, dump(b"one"), "one")
            keep(archive, crawled(b"two"), "two")
    one, other = (sample.warcs(tmp_path / name / "a") for name in ("one", "other"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_an_archive_opened_and_closed_has_no_empty_files(tmp_path: Path) -> None:
    with open_archive(tmp_path):
        pass
    assert sample.warcs(tmp_path) == []


# The same again -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reopened", [False, True])
def test_the_same_dump_again_adds_no_article_no_record_and_no_row(tmp_path: Path, reopened: bool) -> None:
    archive = open_archive(tmp_path)
    page = dump(b"The same page.")
    assert keep(archive, page, "The same page.") == "new"
    if reopened:
        archive.close()
        archive = open_archive(tmp_path)
    before = [path.read_bytes() for path in sample.warcs(tmp_path)]
    again = sample.replaced(page, source_path="elsewhere/copy.txt", fetched_at=at(5))
    assert archive.is_current(again, CLEANER)
    assert keep(archive, again, "The same page.") == "unchanged"
    archive.close()
    assert rows(tmp_path, "select count(*), max(version) from articles") == [(1, 1)]
    assert rows(tmp_path, "select source_path from captures") == [("dumps/page.txt",)]
    if reopened:
        assert [path.read_bytes() for path in sample.warcs(tmp_path)] == before
    else:
        assert [len(sample.members_of(path)) for path in sample.warcs(tmp_path)] == [2, 3]


def test_an_exchange_of_the_same_moment_is_the_one_that_is_there(tmp_path: Path) -> None:
    from_file = sample.replaced(crawled(b"<p>x"), source="warc", source_path="old.warc.gz")
    for _ in range(2):
        with open_archive(tmp_path) as archive:
            keep(archive, from_file, "x")
            assert archive.is_current(from_file, CLEANER)
    assert rows(tmp_path, "select record_type, source from captures") == [("response", "warc")]


def test_a_page_is_current_only_for_the_cleaner_that_cleaned_it(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        page = dump(b"x")
        assert not archive.is_current(page, CLEANER)
        stored = archive.store_raw(page)
        assert not archive.is_current(stored, CLEANER)
        archive.keep(stored, article("x"))
        assert archive.is_current(page, CLEANER)
        assert archive.is_current(stored, CLEANER)
        archive.commit()
        assert archive.is_current(stored, CLEANER)
        assert not archive.is_current(page, "cleaner 2")
        assert not archive.is_current(dump(b"x", "https://press.example/other"), CLEANER)


# Revisits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("commit", [False, True])
def test_a_payload_fetched_again_becomes_a_revisit_of_the_first(tmp_path: Path, commit: bool) -> None:
    with open_archive(tmp_path, new_uuid=sample.counted_ids()) as archive:
        first = archive.store_raw(crawled(b"<p>Ferry."))
        assert archive.keep(first, article("Ferry.")) == "new"
        if commit:
            archive.commit()
        again = archive.store_raw(crawled(b"<p>Ferry.", hours=2))
        assert archive.keep(again, article("Ferry.")) == "unchanged"
        other = archive.store_raw(crawled(b"<p>Ferry.", FERRY + "?print=1", hours=3))
        archive.fail(other, "only to have its row")
    assert check(tmp_path) == []
    sample.warcio_check(*sample.warcs(tmp_path))
    assert rows(tmp_path, "select record_type from captures order by id") == [
        ("response",),
        ("revisit",),
        ("response",),
    ]
    assert rows(tmp_path, "select version, first_seen, last_seen from articles") == [
        (1, "2024-05-02T08:00:00+00:00", "2024-05-02T10:00:00+00:00")
    ]
    assert first.record is not None
    revisit = next(m for m in sample.members_of(sample.raw_file(tmp_path)) if b"WARC-Type: revisit" in m)
    assert f"WARC-Refers-To: {first.record.record_id}\r\n".encode() in revisit
    assert b"<p>Ferry." not in revisit


def test_a_revisit_is_read_back_with_the_body_of_its_original(tmp_path: Path) -> None:
    body = gzip.compress("<p>Fähre.".encode(), mtime=0)
    headers = ((b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"))
    with open_archive(tmp_path) as archive:
        for hours in (0, 1):
            keep(archive, crawled(body, hours=hours, response_headers=headers), "Fähre.")
        read = list(archive.captures())
    assert [(c.body, c.fetched_at, c.content_type, c.status) for c in read] == [
        ("<p>Fähre.".encode(), at(0), "text/html", 200),
        ("<p>Fähre.".encode(), at(1), "text/html", 200),
    ]


def test_an_unchanged_page_may_be_stored_without_being_cleaned_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"<p>a"), "a")
        again = crawled(b"<p>a", hours=3)
        assert archive.is_current(again, CLEANER)
        archive.store_raw(again)
        assert list(archive.orphans()) == []
    assert rows(tmp_path, "select kind, article_id from captures") == [("article", 1)] * 2
    assert rows(tmp_path, "select last_seen from articles") == [("2024-05-02T11:00:00+00:00",)]
    assert check(tmp_path) == []


def test_a_page_taken_back_to_an_earlier_payload_is_not_current_and_makes_a_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, text in enumerate("aba"):
            page = crawled(b"<p>" + text.encode(), hours=hours)
            assert not archive.is_current(page, CLEANER)
            keep(archive, page, text)
    assert rows(tmp_path, "select number, text from versions order by number") == [
        (1, "a"),
        (2, "b"),
        (3, "a"),
    ]
    assert rows(tmp_path, "select text, version from articles") == [("a", 3)]
    assert check(tmp_path) == []


# Outcomes -------------------------------------------------------------------------------------------


def test_another_text_is_a_version_with_its_share_of_changed_words(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, crawled(b"1"), "one two three four") == "new"
        assert keep(archive, crawled(b"2", hours=1), "one two three four") == "unchanged"
        assert keep(archive, crawled(b"3", hours=2), "one two three five", headline="New") == "updated"
    assert rows(tmp_path, "select number, text, change from versions order by number") == [
        (1, "one two three four", None),
        (2, "one two three five", 0.25),
    ]
    assert rows(tmp_path, "select headline, text, version from articles") == [
        ("New", "one two three five", 2)
    ]
    assert rows(tmp_path, "select number, headline, headline_before, change from changes") == [
        (2, "New", "A headline", 0.25)
    ]
    assert rows(tmp_path, "select count(*) from captures where article_id = 1") == [(3,)]
    assert check(tmp_path) == []


def test_a_new_headline_over_the_same_text_is_a_version_of_its_own(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, crawled(b"1"), "The text.", headline="Dam holds") == "new"
        assert keep(archive, crawled(b"2", hours=1), "The text.", headline="Dam breaks") == "updated"
    assert rows(tmp_path, "select number, headline, change from versions order by number") == [
        (1, "Dam holds", None),
        (2, "Dam breaks", 0.0),
    ]
    assert rows(tmp_path, "select headline_before, headline from changes") == [("Dam holds", "Dam breaks")]


def test_an_older_capture_loaded_later_becomes_the_first_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"2", hours=5), "second text")
        keep(archive, crawled(b"1", hours=1), "first text")
    assert rows(tmp_path, "select number, text from versions order by number") == [
        (1, "first text"),
        (2, "second text"),
    ]
    assert rows(tmp_path, "select text, first_seen, last_seen from articles") == [
        ("second text", "2024-05-02T09:00:00+00:00", "2024-05-02T13:00:00+00:00")
    ]
    assert rows(tmp_path, "select version, count(*) from removed group by version") == [(1, 1), (2, 1)]
    assert check(tmp_path) == []


def test_a_page_that_is_no_article_keeps_only_its_capture(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        outcome = keep(archive, crawled(b"<p>Accept"), "", kind="consent", kind_reason="asks for consent")
        assert outcome == "not_article"
        assert archive.is_current(crawled(b"<p>Accept"), CLEANER)
    assert rows(tmp_path, "select kind, kind_reason, article_id from captures") == [
        ("consent", "asks for consent", None)
    ]
    assert rows(tmp_path, "select count(*) from articles") == [(0,)]
    assert [path.parts[-4] for path in sample.warcs(tmp_path)] == ["warc"]
    assert check(tmp_path) == []


def test_a_page_that_could_not_be_cleaned_is_stored_and_counted_and_tried_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        archive.fail(dump(b"deep"), "nested too deep")
        assert list(archive.orphans()) == []
        assert not archive.is_current(dump(b"deep"), CLEANER)
    with Catalogue.open(tmp_path) as catalogue:
        assert catalogue.counts()["failed"] == 1
    with open_archive(tmp_path) as archive:
        assert keep(archive, dump(b"deep"), "deep") == "new"
    assert rows(tmp_path, "select kind, kind_reason, cleaner from captures") == [("article", "", CLEANER)]
    assert check(tmp_path) == []


def test_a_page_stored_but_never_cleaned_is_given_out_again_as_it_was(tmp_path: Path) -> None:
    page = dump(
        b"later",
        FERRY,
        hints=Hints(headline="Fähre\x85", authors=("A",)),
        source="jsonl",
        source_path="ü.jsonl",
    )
    with open_archive(tmp_path) as archive:
        archive.store_raw(page)
    with open_archive(tmp_path) as archive:
        (orphan,) = archive.orphans()
        assert sample.replaced(orphan, record=None) == page
        assert archive.keep(orphan, article("later")) == "new"
        assert list(archive.orphans()) == []
    assert check(tmp_path) == []


def test_a_stored_page_that_cannot_be_unpacked_fails_once_and_holds_nothing_up(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(21_000_000))
    headers = ((b"Content-Encoding", b"gzip"),)
    with open_archive(tmp_path) as archive:
        archive.store_raw(crawled(bomb, response_headers=headers))
        archive.store_raw(dump(b"good"))
    with open_archive(tmp_path) as archive:
        assert [capture.body for capture in archive.orphans()] == [b"good"]
        assert [problem.path for problem in archive.unreadable] == [
            sample.raw_file(tmp_path).relative_to(tmp_path).as_posix()
        ]
    ((kind, reason),) = rows(tmp_path, "select kind, kind_reason from captures where cleaner = ''")
    assert kind == "error"
    assert "its body unpacks to more than 20,000,000 bytes" in reason
    with open_archive(tmp_path) as archive:
        assert [capture.body for capture in archive.orphans()] == [b"good"]
        assert archive.unreadable == []


def test_a_url_and_fields_of_any_length_make_a_readable_record(tmp_path: Path) -> None:
    long = "x" * 2_000_000
    pages = [
        dump(b"1", "https://press.example/" + "y" * 64_000),
        dump(b"2", "https://press.example/" + long, source_path=long, content_type=long),
    ]
    with open_archive(tmp_path) as archive:
        for page in pages:
            keep(archive, page, page.body.decode())
        assert [capture.body for capture in archive.captures()] == [b"1", b"2"]
    assert check(tmp_path) == []
    assert rows(tmp_path, "select length(url) from captures") == [(64_022,), (len("urn:sha1:") + 32,)]


def test_rows_are_written_after_some_seconds_even_if_the_clock_is_set_back(tmp_path: Path) -> None:
    now = [at(1)]
    with open_archive(tmp_path, clock=lambda: now[0]) as archive:
        for seconds in (6, -3600):
            keep(archive, dump(b"%d" % seconds), f"{seconds}")
            before = rows(tmp_path, "select count(*) from captures")
            now[0] += timedelta(seconds=seconds)
            keep(archive, dump(b"after %d" % seconds), "after")
            assert rows(tmp_path, "select count(*) from captures") > before


def test_an_article_with_no_text_has_a_valid_record(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, crawled(b""), "") == "new"
    sample.warcio_check(*sample.warcs(tmp_path))
    assert check(tmp_path) == []


def test_the_account_is_kept_by_version_and_each_block_once(tmp_path: Path) -> None:
    blocks = (
        Block(position=1, text="Home News Sport", label="nav", reason="links only", score=0.9),
        Block(position=2, text="Text.", label="body", reason="a paragraph"),
        Block(position=3, text="Home News Sport", label="nav", reason="again", score=float("nan")),
        Block(position=4, text="By Zoë", label="byline", reason="begins with By"),
    )
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"1"), "Text.", blocks=blocks)
        keep(archive, dump(b"2"), "Text. 2")
    assert rows(
        tmp_path, "select article_id, position, label, reason, score, text from account order by 1, 2"
    ) == [
        (1, 1, "nav", "links only", 0.9, "Home News Sport"),
        (1, 3, "nav", "again", 0.0, "Home News Sport"),
        (1, 4, "byline", "begins with By", 1.0, "By Zoë"),
        (2, 1, "nav", "links only", 0.9, "Home News Sport"),
    ]
    assert rows(tmp_path, "select count(*) from blocks") == [(2,)]


def test_captures_are_given_out_in_the_order_in_which_they_were_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.store._PAGE", 2)
    order = [3, 1, 1.5, 0, 2, 1.5, 4]
    with open_archive(tmp_path) as archive:
        for number, hours in enumerate(order):
            archive.store_raw(crawled(b"%d" % number, hours=hours))
        for given_out in (archive.orphans(), archive.captures()):
            assert [capture.body for capture in given_out] == [b"3", b"1", b"2", b"5", b"4", b"0", b"6"]


# Cleaned again --------------------------------------------------------------------------------------


def again(archive: Archive, texts: dict[bytes, str], **fields: object) -> list[str]:
    return [
        archive.keep(capture, article(texts[capture.body], cleaner="cleaner 2", **fields))
        for capture in archive.captures()
    ]


def test_a_newer_cleaner_replaces_texts_in_place_and_makes_no_version(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1"), "one two menu")
        keep(archive, crawled(b"2", hours=1), "one two three menu")
        keep(archive, dump(b"3"), "other")
    with open_archive(tmp_path) as archive:
        texts = {b"1": "one two", b"2": "one two three", b"3": "other"}
        assert again(archive, texts, blocks=()) == ["updated", "unchanged", "updated"]
        assert again(archive, texts, blocks=()) == ["unchanged"] * 3
    assert rows(tmp_path, "select article_id, number, text, change, cleaner from versions order by 1, 2") == [
        (1, 1, "one two", None, "cleaner 2"),
        (1, 2, "one two three", 0.2, "cleaner 2"),
        (2, 1, "other", None, "cleaner 2"),
    ]
    assert rows(tmp_path, "select id, text, headline from articles order by id") == [
        (1, "one two three", "A headline"),
        (2, "other", "A headline"),
    ]
    assert rows(tmp_path, "select count(*) from removed") == [(0,)]
    assert rows(tmp_path, "select count(*) from blocks") == [(0,)]
    assert check(tmp_path) == []


def test_versions_that_only_the_old_cleaner_told_apart_become_one(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1"), "text and menu")
        keep(archive, crawled(b"2", hours=1), "text and other menu")
    with open_archive(tmp_path) as archive:
        again(archive, {b"1": "text", b"2": "text"})
    assert rows(tmp_path, "select version, text from articles") == [(1, "text")]
    assert rows(tmp_path, "select count(*), count(distinct article_id) from captures") == [(2, 1)]
    assert check(tmp_path) == []


def test_an_article_that_a_newer_cleaner_knows_for_none_goes(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1"), "accept cookies")
        keep(archive, dump(b"2"), "an article")
    with open_archive(tmp_path) as archive:
        outcomes = again(archive, {b"1": "", b"2": "an article"}, kind="consent")
        assert outcomes == ["not_article", "not_article"]
    assert rows(tmp_path, "select count(*) from articles") == [(0,)]
    assert rows(tmp_path, "select count(*) from articles_fts where articles_fts match 'cookies'") == [(0,)]
    assert check(tmp_path) == []


def test_one_of_several_versions_that_is_no_article_any_more_leaves_the_others(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for hours, text in enumerate(["first", "second", "third"]):
            keep(archive, crawled(text.encode(), hours=hours), text)
    with open_archive(tmp_path) as archive:
        for capture in archive.captures():
            kind = "paywall" if capture.body == b"third" else "article"
            archive.keep(capture, article(capture.body.decode(), kind=kind, cleaner="cleaner 2"))
    assert rows(tmp_path, "select text, version, cleaner from articles") == [("second", 2, "cleaner 2")]
    assert check(tmp_path) == []


def test_an_identity_found_by_a_newer_cleaner_keeps_the_articles_id(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1", FERRY + "?ref=home"), "text")
        keep(archive, crawled(b"2", FERRY + "?ref=mail"), "text")
    with open_archive(tmp_path) as archive:
        again(archive, {b"1": "text", b"2": "text"}, canonical_url=FERRY)
    assert rows(tmp_path, "select id, identity, version from articles") == [(1, FERRY, 1)]
    assert rows(tmp_path, "select article_id from captures") == [(1,), (1,)]
    assert check(tmp_path) == []


# Identity -------------------------------------------------------------------------------------------


def test_two_urls_with_one_canonical_url_on_their_site_are_one_article(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        assert keep(archive, crawled(b"1", FERRY + "?utm_source=x"), "text", canonical_url=FERRY) == "new"
        assert (
            keep(archive, crawled(b"2", "https://m.press.example/ferry", 1), "text", canonical_url=FERRY)
            == "unchanged"
        )
    assert rows(tmp_path, "select url, canonical_url, identity from articles") == [
        (FERRY + "?utm_source=x", FERRY, FERRY)
    ]


def test_dump_pages_without_url_are_articles_of_their_own(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        for number in range(3):
            for url in ("", "n/a"):
                keep(archive, dump(b"page %d %s" % (number, url.encode()), url), f"text {number}")
    assert rows(tmp_path, "select count(*) from articles") == [(6,)]


# Beside pages ---------------------------------------------------------------------------------------


def test_an_exchange_that_is_no_page_is_no_capture(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        ref = archive.write_exchange(exchange(b"User-agent: *", "https://press.example/robots.txt"))
        assert ref.file.startswith("warc/2024/05/")
    with open_archive(tmp_path) as archive:
        assert list(archive.orphans()) == []
    assert rows(tmp_path, "select count(*) from captures") == [(0,)]
    assert check(tmp_path) == []
    sample.warcio_check(*sample.warcs(tmp_path))


def test_runs_are_noted_with_what_they_counted(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        run = archive.begin_run("reclean seeds/")
        keep(archive, dump(b"x"), "x")
        archive.finish_run(run, {"new": 1, "failed": 0})
        unfinished = archive.begin_run("crawl")
    assert rows(tmp_path, "select id, command, software, finished_at is null, counts from runs") == [
        (run, "reclean seeds/", "pressmark/test", 0, '{"new": 1, "failed": 0}'),
        (unfinished, "crawl", "pressmark/test", 1, None),
    ]
    assert rows(tmp_path, "select run_id from captures") == [(run,)]


def test_a_site_is_its_host_in_every_table_and_a_page_that_knows_none_has_the_name_it_gives(
    tmp_path: Path,
) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1", "https://www.press.example/a"), "1", site="The Press")
        keep(archive, crawled(b"2", "https://press.example/b"), "2", site=None)
        keep(archive, dump(b"3"), "3", site="The Press")
        keep(archive, crawled(b"4", "https://press.example/c"), "4", site=None, kind="index")
    assert rows(tmp_path, "select source, kind, site from captures order by site, kind, url desc") == [
        ("dump", "article", "The Press"),
        ("crawl", "article", "press.example"),
        ("crawl", "article", "press.example"),
        ("crawl", "index", "press.example"),
    ]
    assert rows(tmp_path, "select site from articles order by text") == [
        ("press.example",),
        ("press.example",),
        ("The Press",),
    ]
    assert rows(tmp_path, "select site, articles from site_health order by site") == [
        ("The Press", 1),
        ("press.example", 2),
    ]
    assert rows(tmp_path, "select site, name from sites order by site") == [
        ("The Press", "The Press"),
        ("press.example", "The Press"),
    ]


def test_a_site_that_nobody_names_is_called_by_its_host(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1", "https://www.press.example/a"), "1", site=None)
    assert rows(tmp_path, "select site, name from sites") == [("press.example", "press.example")]


def test_sites_are_noted_with_when_they_were_seen(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, crawled(b"1", hours=2), "1")
        keep(archive, crawled(b"2", "https://press.example/b", hours=1), "2")
    assert rows(tmp_path, "select site, first_seen, last_seen from sites") == [
        ("press.example", "2024-05-02T09:00:00+00:00", "2024-05-02T10:00:00+00:00")
    ]


def test_a_second_writer_is_refused_and_told_who_holds_the_archive(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        with pytest.raises(
            ArchiveBusy, match=rf"is being written by process {os.getpid()} on \S+ \(.+\): wait"
        ):
            open_archive(tmp_path)
        assert keep(archive, dump(b"x"), "x") == "new"
    open_archive(tmp_path).close()


def test_a_reader_may_read_while_the_writer_writes_and_needs_no_lock(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"x"), "some words")
        archive.commit()
        with Catalogue.open(tmp_path) as catalogue:
            assert len(catalogue.search("words")) == 1
            found = catalogue.capture_of(1)
            assert found is not None
            assert found.body == b"x"


def test_no_lock_on_the_database_is_held_between_commits(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"x"), "x")
        other = sqlite3.connect(tmp_path / "articles.db", timeout=0)
        other.execute("insert into tombstones (url, removed_at, reason) values ('u', 'now', 'r')")
        other.commit()
        other.close()


def test_a_database_that_another_program_holds_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.rows.BUSY_TIMEOUT_SECONDS", 0.01)
    with open_archive(tmp_path) as archive:
        keep(archive, dump(b"x"), "x")
        other = sqlite3.connect(tmp_path / "articles.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(ArchiveError, match=r"articles\.db could not be written \(database is locked\)"):
            archive.commit()
        other.execute("rollback")
        other.close()
        archive.commit()
        assert rows(tmp_path, "select text from articles") == [("x",)]
    assert check(tmp_path) == []


def test_what_was_kept_before_an_exception_stays_kept(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def run() -> None:
        with open_archive(tmp_path) as archive:
            keep(archive, dump(b"x"), "x")
            raise Interrupted

    with pytest.raises(Interrupted):
        run()
    assert rows(tmp_path, "select text from articles") == [("x",)]
    assert check(tmp_path) == []


def test_a_page_without_its_record_is_refused(tmp_path: Path) -> None:
    refused = pytest.raises(ArchiveError, match=r"dumps/page\.txt has no raw record: call store_raw first\.")
    with open_archive(tmp_path) as archive, refused:
        archive.keep(dump(b"x"), article("x"))


def test_a_folder_with_another_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "articles.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArchiveError, match=r"articles\.db cannot be opened as a database"):
        open_archive(tmp_path)
    assert (tmp_path / "articles.db").read_bytes().startswith(b"not a database")


# Odd text -------------------------------------------------------------------------------------------

ODD = st.text(st.characters(codec=None), max_size=60)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ODD, headline=ODD, removed=ODD, reason=ODD, url=ODD, path=ODD)
def test_any_text_can_be_kept_and_comes_back_well_formed(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    headline: str,
    removed: str,
    reason: str,
    url: str,
    path: str,
) -> None:
    root = tmp_path_factory.mktemp("odd")
    blocks = (Block(position=1, text=removed, label="ad", reason=reason, tag=headline[:5]),)
    page = dump(b"body", url, source_path=path, content_type=reason)
    with open_archive(root) as archive:
        stored = archive.store_raw(page)
        odd = article(
            text, headline=headline, authors=(headline,), blocks=blocks, section=removed, language=path
        )
        assert archive.keep(stored, odd) == "new"
        assert archive.is_current(page, CLEANER)
        assert [capture.body for capture in archive.captures()] == [b"body"]
    assert check(root) == []
    with Catalogue.open(root) as catalogue:
        (found,) = catalogue.articles()
        (cut,) = catalogue.account(found.id)
        assert catalogue.article_at(stored.url) == found
    well_formed = (
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
    )
    assert found.text == well_formed
    for stored_text in (found.headline or "", found.authors[0], cut.text, cut.reason, found.section or ""):
        stored_text.encode("utf-8")
        assert "\0" not in stored_text


@settings(max_examples=25, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_body_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    root = tmp_path_factory.mktemp("bytes")
    pages: list[Capture] = [dump(body), crawled(body)]
    with open_archive(root) as archive:
        for page in pages:
            archive.store_raw(page)
        assert [capture.body for capture in archive.captures()] == [body, body]
    assert check(root) == []


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        ArchiveError, match=r"cannot be opened for writing \(Not a directory\): .*--archive\."
    ):
        open_archive(tmp_path / "file" / "archive")

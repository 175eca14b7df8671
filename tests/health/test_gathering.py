"""What is read of an archive: by sources and hosts, beside a writer, and nothing is written."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, Catalogue
from archive.agenda import FetchFailed, Page, PageNote, Source, SourceNote
from archive.health import Health, Report, Watched, examine
from archive.values import Article
from tests.archive.sample import START, article, at, crawled, open_archive, rows

NOW = at(24 * 30).timestamp()
PRESS = Watched(name="The Press", url="https://press.example/", roots=("https://press.example/feed",))


def source(url: str, **fields: Any) -> SourceNote:
    defaults: dict[str, Any] = {
        "kind": "feed", "name": "The Press", "found_at": START.timestamp(), "due_at": NOW + 60,
        "due_reason": "1.0 articles expected", "checked_at": NOW - 60, "status": 200,
    }  # fmt: skip
    return SourceNote(source=Source(url=url, **(defaults | fields)))


def fetch(archive: Archive, url: str, hours: float, named_by: str, **fields: Any) -> None:
    """A page that a source listed and that was had at once."""
    body = f"<p>{url} {hours}</p>".encode()
    capture = archive.store_raw(crawled(body, url, hours))
    made: Article = article(f"Text of {url}, told at length", **fields)
    archive.keep(capture, made)
    assert capture.record is not None
    page = Page(
        key=url, url=url, source=named_by, found_at=at(hours).timestamp(), born_at=at(hours).timestamp(),
        state="done",
    )  # fmt: skip
    archive.note(PageNote(page=page, record_id=capture.record.record_id))


FEED = "https://press.example/feed"


def filled(root: Path, *, sources: tuple[str, ...] = (FEED,), every: float = 12.0) -> Archive:
    archive = open_archive(root)
    for url in sources:
        archive.note(source(url))
    for n in range(int(24 * 30 // every)):
        url = sources[n % len(sources)]
        fetch(archive, f"https://press.example/{n}", n * every, url)
    archive.commit()
    return archive


def report(root: Path, *watched: Watched) -> Report:
    with Catalogue.open(root) as catalogue:
        return catalogue.health(NOW, watched or None)


def test_a_site_of_the_list_is_found_by_its_sources(tmp_path: Path) -> None:
    filled(tmp_path).close()
    (health,) = report(tmp_path, PRESS).sites
    assert (health.name, health.state, health.articles) == ("The Press", "well", 60)
    assert health.rhythm is not None
    assert health.rhythm.per_day == pytest.approx(2.0, rel=0.1)
    assert sum(health.week) == 13
    assert health.last_new_at == at(59 * 12).timestamp()
    assert (health.next_look_at, health.next_look_reason) == (NOW + 60, "1.0 articles expected")


def test_a_site_that_no_list_names_is_told_apart(tmp_path: Path) -> None:
    filled(tmp_path).close()
    other = Watched(name="Elsewhere", url="https://else.example/", roots=("https://else.example/feed",))
    states = {health.name: health.state for health in report(tmp_path, other).sites}
    assert states == {"Elsewhere": "unknown", "The Press": "unlisted"}


def test_without_a_list_all_that_was_crawled_is_watched(tmp_path: Path) -> None:
    filled(tmp_path).close()
    (health,) = report(tmp_path).sites
    assert (health.name, health.state) == ("press.example", "well")


def test_sources_that_a_source_named_belong_to_the_site(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    archive.note(
        source("https://cdn.example/news.xml", kind="sitemap", found_in="https://press.example/feed")
    )
    fetch(archive, "https://live.press.example/1", 1, "https://cdn.example/news.xml")
    archive.close()
    health = report(tmp_path, PRESS).sites[0]
    assert [one.kind for one in health.sources] == ["feed", "sitemap"]
    assert set(health.hosts) == {"press.example", "cdn.example", "live.press.example"}
    assert health.articles == 61


def test_sites_on_one_host_are_told_apart_by_who_listed_a_page(tmp_path: Path) -> None:
    sport, city = "https://press.example/sport.xml", "https://press.example/city.xml"
    archive = filled(tmp_path, sources=(sport, city))
    for n in range(12):
        capture = archive.store_raw(
            crawled(f"<p>{n}</p>".encode(), f"https://press.example/w{n}", 709 + n / 2)
        )
        wall = Article(kind="consent", kind_reason="asks for consent", cleaner="cleaner 1")
        archive.keep(capture, wall)
        assert capture.record is not None
        page = Page(key=f"w{n}", url=capture.url, source=city, found_at=NOW, born_at=NOW, state="done")
        archive.note(PageNote(page=page, record_id=capture.record.record_id))
    archive.close()
    one, two = report(
        tmp_path, Watched(name="Sport", roots=(sport,)), Watched(name="City", roots=(city,))
    ).sites  # fmt: skip
    assert (one.articles, one.walls_share) == (30, 0.0)
    assert (two.articles, [finding.what for finding in two.findings]) == (30, ["walls"])


def test_an_article_at_two_addresses_came_once(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    page = Page(
        key="twin", url="https://press.example/amp/59", source=FEED, found_at=NOW, born_at=NOW,
        state="done", article_id=60,
    )  # fmt: skip
    archive.note(PageNote(page=page))
    archive.close()
    assert report(tmp_path, PRESS).sites[0].articles == 60


def test_failures_are_counted_by_site_day_and_class_without_addresses(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        for n in range(3):
            archive.note(FetchFailed(url="https://www.press.example/secret", at=NOW - n, failure="dns"))
        archive.note(FetchFailed(url="https://press.example/secret", at=NOW - 86400, failure="timeout"))
    assert rows(tmp_path, "select site, day, class, times from failures order by day") == [
        ("press.example", "2024-05-31", "timeout", 1),
        ("press.example", "2024-06-01", "dns", 3),
    ]
    assert report(tmp_path, PRESS).sites[0].failures == {"dns": 3, "timeout": 1}


def test_old_failures_are_forgotten(tmp_path: Path) -> None:
    with filled(tmp_path) as archive:
        archive.note(FetchFailed(url="https://press.example/", at=NOW - 100 * 86400, failure="dns"))
        archive.note(FetchFailed(url="https://press.example/", at=NOW, failure="dns"))
    assert rows(tmp_path, "select count(*) from failures") == [(1,)]


def test_what_cleaning_said_stands_with_the_capture(tmp_path: Path) -> None:
    with open_archive(tmp_path) as archive:
        fetch(archive, "https://press.example/1", 0, "", confidence=0.912, date_published="2024-05-02")
    assert rows(tmp_path, "select words, cut_share, confidence, fields from captures") == [
        (6, 0.2419, 0.912, "headline authors date_published language"),
    ]


def test_health_is_read_beside_a_writer_and_writes_nothing(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    try:
        before = rows(tmp_path, "select count(*), max(id) from captures")
        healths: tuple[Health, ...] = report(tmp_path, PRESS).sites
        assert healths[0].state == "well"
        assert rows(tmp_path, "select count(*), max(id) from captures") == before
        fetch(archive, "https://press.example/late", 719, "https://press.example/feed")
    finally:
        archive.close()
    assert report(tmp_path, PRESS).sites[0].articles == 61


def test_a_file_that_is_gone_or_cut_is_an_alarm(tmp_path: Path) -> None:
    filled(tmp_path).close()
    (name,) = next(iter(rows(tmp_path, "select name from warc_files where name like 'warc/%'")))
    (tmp_path / name).write_bytes(b"cut")
    (finding,) = [one for one in report(tmp_path, PRESS).findings if one.what == "files"]
    assert finding.level == "alarm"
    assert name in finding.sentence


def test_every_question_has_an_index(tmp_path: Path) -> None:
    """None walks through all pages, captures, articles or exchanges (those to be cleaned are few)."""
    filled(tmp_path).close()
    asked: list[str] = []
    with closing(sqlite3.connect(tmp_path / "articles.db")) as db:
        db.set_trace_callback(asked.append)
        examine(db, NOW, [PRESS, Watched(name="Sport", url="https://press.example/sport", roots=())])
        db.set_trace_callback(None)
        selects = [sql for sql in asked if sql.lstrip().startswith("select")]
        plans = [row[3] for sql in selects for row in db.execute(f"explain query plan {sql}")]
    assert len(selects) > 10
    scans = [plan for plan in plans if re.match(r"SCAN (captures|queue|articles|exchanges)\b", plan)]
    assert [plan for plan in scans if "captures_not_cleaned" not in plan] == []

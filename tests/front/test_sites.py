"""`/sites` and `/site/NAME`: figures of the rows, verdicts of the last crawl."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from archive import Archive, Catalogue
from archive.front.plugins.pressmark_front import overrides
from archive.front.plugins.pressmark_front.drawing import columns, share, sparkline
from archive.front.plugins.pressmark_front.sites import ago, entries, list_notes, quality, reasons
from archive.health import Watched
from tests.front import crawled, sample
from tests.front.conftest import datasette_over

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def visitor(crawled_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=crawled_address, timeout=30) as client:
        yield client


def page(visitor: httpx.Client, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.text[:500]
    return " ".join(answer.text.split())


# -- the list


def test_the_list_shows_every_site_once_those_with_alarms_first(visitor: httpx.Client) -> None:
    html = page(visitor, "/sites")
    named = ["The Harbour Post", "Evil", "Gazette", "bulletin.example", "hostile.example", "sahifa.example"]
    places = [html.index(f"<bdi>{name}") for name in named]
    assert places == sorted(places)
    assert "<b>6</b> sites" in html
    assert html.count('class="who"') == 6
    assert "nothing new for 5 days, though it answers" in html
    assert "the last crawl did not end by itself" in html
    assert "judged 3 hours ago" in html
    assert "authors 50% · dates 50%" in html


def test_an_archive_that_was_never_crawled_shows_its_figures_alone(
    visitor: httpx.Client, tmp_path: Path
) -> None:
    sample.build(tmp_path)
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as plain:
        html = page(plain, "/sites")
        assert "No crawl has judged these sites yet" in html
        assert "<b>5</b> sites" in html
        one = page(plain, "/site/harbour-post.example")
        assert "2 articles" in one
        assert "alarm" not in one


def test_what_was_judged_long_ago_is_told_to_be_old(tmp_path: Path) -> None:
    crawled.build(tmp_path)
    with crawled.connected(tmp_path) as db:
        db.execute(
            "update judgements set judged_at = ?", (crawled.text(datetime.now(UTC) - timedelta(days=3)),)
        )
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        assert "No crawl since" in page(visitor, "/sites")
        assert "No crawl since" in page(visitor, "/site/Gazette")


def test_more_sites_than_a_page_holds_are_turned_to(tmp_path: Path) -> None:
    sample.build(tmp_path)
    with crawled.connected(tmp_path) as db:
        db.executemany("insert into sites (site) values (?)", [(f"s{n:03}.example",) for n in range(60)])
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        first, second = page(visitor, "/sites"), page(visitor, "/sites?page=2")
        assert (first.count('class="who"'), second.count('class="who"')) == (50, 15)
        assert 'href="/sites?page=2"' in first
        assert "Nothing further" in page(visitor, "/sites?page=99")


# -- one site


def test_a_site_shows_its_health_sources_rights_and_what_was_learned(visitor: httpx.Client) -> None:
    html = page(visitor, "/site/The%20Harbour%20Post")
    for said in (
        "nothing new for 5 days",
        "about 4 a day, weekdays",
        "published on 1 May 2024",
        "River ferry returns after eleven years",
        "next look in 5 hours: <bdi>it brings four articles a day",
        "retired 9 days ago: <bdi>HTTP 404 for a month",
        "failure 7 in a row",
        "<code>noarchive</code> <small>on 2 pages",
        "robots.txt with rules (HTTP 200",
        "<code>main &gt; article.story</code>, learned from 30 pages; the last 2 did not fit",
        "Also read on the quay</bdi>” stood on 41 pages: clutter (related)",
        'href="/search?site=harbour-post.example"',
        'href="/articles/captures?site__exact=harbour-post.example&kind=article"',
    ):
        assert said in html, said


def test_a_site_tells_what_people_said_of_its_blocks_and_where_that_is_edited(tmp_path: Path) -> None:
    sample.build(tmp_path)
    on_all = overrides.entry_lines(
        "cut", "site", "www.Gazette.example", "Sign <b>up</b> now", day="2026-11-25"
    )
    taken_back = overrides.entry_lines("cut", "site", "gazette.example", "Never mind")
    elsewhere = overrides.entry_lines("cut", "site", "other.example", "Not of this site")
    for lines in (on_all, taken_back, taken_back.replace('"cut"', '"leave"'), elsewhere):
        overrides.append(tmp_path, lines)
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        html = page(visitor, "/site/gazette.example")
    section = html.partition("What people said of its blocks")[2].partition("</section>")[0]
    assert "Sign &lt;b&gt;up&lt;/b&gt; now</bdi>”: cut on all its pages" in section
    assert "said 25 November 2026" in section
    assert "overrides.toml" in section
    assert "Never mind" not in section
    assert "Not of this site" not in section


def test_charts_of_a_site_end_with_its_last_day_and_say_their_numbers(visitor: httpx.Client) -> None:
    html = page(visitor, "/site/harbour-post.example")
    assert "4 Mar 2024" in html
    assert "2 May 2024" in html
    assert "<title>2024-05-01: 1 articles</title>" in html
    assert "<title>2024-05-01: 3 failures</title>" in html
    assert '<th scope="row">2024-05-01</th><td>0</td><td>0</td><td>3</td>' in html


def test_a_site_is_found_by_its_name_and_by_its_host(visitor: httpx.Client) -> None:
    assert page(visitor, "/site/Gazette") == page(visitor, "/site/gazette.example")
    assert "2 articles" in page(visitor, "/site/" + quote(crawled.NAME, safe=""))


def test_a_site_that_is_not_there_is_a_sentence(visitor: httpx.Client) -> None:
    assert "There is no such site" in page(visitor, "/site/nowhere.example", 404)
    assert "There is no such site" in page(visitor, "/site/%3Cscript%3E", 404)


def test_dumps_of_no_known_site_have_a_page(tmp_path: Path) -> None:
    with Archive.open(tmp_path, software="pressmark sample") as archive:
        article, capture = sample.kept(sample.UNDATED), sample.capture(sample.UNDATED, 0)
        archive.keep(archive.store_raw(capture), article)
    from archive.front import write_front

    with crawled.connected(tmp_path) as db:
        db.execute("update articles set site = null, first_seen = ?", (crawled.text(datetime.now(UTC)),))
        db.execute("delete from sites")
    write_front(tmp_path)
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        listed, html = page(visitor, "/sites"), page(visitor, "/site/%28no%20site%29")
        assert 'href="/site/%28no%20site%29"' in listed
        assert "<b>1</b> in 60 days" in listed
        assert "1 article<" in html
        assert "1 without a date" in html
        assert "hosts:" not in html


# -- what a crawl notes


def test_what_was_judged_is_noted_in_the_place_of_what_was_noted_before(tmp_path: Path) -> None:
    with Archive.open(tmp_path, software="pressmark sample") as archive:
        archive.keep(archive.store_raw(sample.capture(sample.FERRY, 0)), sample.kept(sample.FERRY))
    watched = [Watched(name="The Harbour Post", url="https://harbour-post.example/")]
    for moment in (NOW, NOW + timedelta(hours=1)):
        with Catalogue.open(tmp_path) as catalogue:
            report = catalogue.health(moment.timestamp(), watched)
        with Archive.open(tmp_path, software="pressmark sample") as archive:
            archive.note_health(report)
    db = sqlite3.connect(tmp_path / "articles.db")
    rows = db.execute(
        "select site, hosts, state, findings, judged_at from judgements order by site"
    ).fetchall()
    db.close()
    assert [row[0] for row in rows] == ["", "The Harbour Post"]
    _, hosts, state, findings, judged_at = rows[1]
    assert json.loads(hosts) == ["harbour-post.example"]
    assert (state, judged_at) == (report.sites[0].state, "2026-11-25T13:00:00+00:00")
    assert [one["sentence"] for one in json.loads(findings)] == [
        one.sentence for one in report.sites[0].findings
    ]
    assert json.loads(findings)[0]["finding"] == "not_crawled"


# -- the parts


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"), (-59, "just now"), (60, "1 minute ago"), (-60 * 25, "in 25 minutes"),
        (3600 * 3, "3 hours ago"), (86400 * 29, "29 days ago"), (86400 * 31, "1 month ago"),
        (86400 * 800, "2 years ago"),
    ],
)  # fmt: skip
def test_times_are_told_in_words(seconds: int, words: str) -> None:
    assert ago(crawled.text(NOW - timedelta(seconds=seconds)), NOW) == words


@pytest.mark.parametrize("value", [None, "", "soon", "<script>", "2024-13-45"])
def test_what_is_no_time_is_told_as_none(value: object) -> None:
    assert ago(value, NOW) == ""


def test_a_host_of_two_judged_sites_is_listed_with_both_and_not_once_more() -> None:
    judged = [
        {"site": name, "hosts": ["a.example"], "state": "well", "findings": []} for name in ("News", "Sport")
    ]
    sites = [{"site": "a.example", "name": None}, {"site": "b.example", "name": None}]
    assert [one["name"] for one in entries(judged, sites, nameless=False)] == ["News", "Sport", "b.example"]


def test_quality_counts_fields_of_articles_and_tells_expected_ones_that_none_has() -> None:
    row = {"kind": "article", "confidence": 0.5, "words": 10, "cut_share": 0.25}
    rows = [
        {**row, "fields": "headline section"}, {**row, "fields": "headline", "confidence": 1.0},
        {**dict.fromkeys(row), "kind": "error", "fields": None},
    ]  # fmt: skip
    found = quality(rows)
    shares = [(name, part) for name, part, _ in found["fields"]]
    assert shares == [("headline", 1.0), ("authors", 0.0), ("date", 0.0), ("section", 0.5)]
    assert (found["pages"], found["articles"], found["doubtful"], found["confidence"]) == (3, 2, 1, 0.75)


def test_reasons_of_pages_that_were_none_are_counted() -> None:
    rows = [{"kind": "error", "kind_reason": "HTTP 404"}] * 3 + [{"kind": "article", "kind_reason": None}]
    assert reasons(rows) == [("error", "HTTP 404", 3)]


def test_notes_of_a_site_tell_only_what_there_is() -> None:
    newest = {
        "pages": 50,
        "failed": 5,
        "walls": 0,
        "empty": 1,
        "told": 40,
        "authors": 20,
        "date_published": 40,
    }
    assert list_notes(newest) == ["10% failed", "2% empty pages", "authors 50%", "dates 100%"]
    assert list_notes({"pages": 0, "told": 0}) == []


def test_drawings_hold_no_markup_of_their_names_and_stay_in_their_frame() -> None:
    evil = '"><script>'
    drawn = columns(evil, [evil, "b"], [("article", evil, [3, 0])])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert 'width="100.0"' in share(7.0)
    assert 'height="100"' not in sparkline([0, 0])
    assert sparkline([]).startswith("<svg")

"""Searches as a visitor asks for them: page, feed, CSV and JSON."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import Archive
from archive.front import write_front
from archive.front.plugins.pressmark_front.search import timestamp
from archive.values import Article
from tests.front import sample
from tests.front.conftest import datasette_over
from tests.front.test_query import QUESTIONS

ATOM = "{http://www.w3.org/2005/Atom}"


def page(visitor: httpx.Client, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def links(html: str) -> list[str]:
    return [path.replace("&amp;", "&") for path in re.findall(r'href="(/[^"]*)"', html)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUESTIONS, st.sampled_from(["", ".json", ".csv"]))
def test_no_question_breaks_the_page_or_its_forms(visitor: httpx.Client, question: str, form: str) -> None:
    asked = question.encode("utf-8", "replace").decode()
    assert visitor.get(f"/search{form}", params={"q": asked}).status_code == 200
    assert visitor.get("/search.atom", params={"q": asked}).status_code in {200, 400}


def test_filters_stand_as_chips_that_lead_to_the_search_without_them(visitor: httpx.Client) -> None:
    html = page(visitor, "/search?q=tide+site:bulletin.example&from=2024-03-02&to=2024-03-03&sort=newest")
    assert "6 articles for" in html
    chips = re.findall(r'<li><a href="([^"]+)" title="Search without this filter">', html)
    assert [chip.replace("&amp;", "&") for chip in chips] == [
        "/search?q=tide&from=2024-03-02&to=2024-03-03&sort=newest",
        "/search?q=tide&site=bulletin.example&to=2024-03-03&sort=newest",
        "/search?q=tide&site=bulletin.example&from=2024-03-02&sort=newest",
    ]
    assert 'value="bulletin.example"' in html


def test_bars_lead_to_the_search_within_their_days(visitor: httpx.Client) -> None:
    html = page(visitor, "/search?q=tide")
    figure = html[html.index('<figure class="chart">') : html.index("</figure>")]
    assert "<title" in figure
    assert "<desc" in figure
    assert "/search?q=tide&from=2024-03-01&to=2024-03-01" in links(figure)
    assert figure.count('<th scope="row">') == 28  # the same as a table
    narrowed = page(visitor, "/search?q=tide&from=2024-03-01&to=2024-03-01")
    assert "3 articles for" in narrowed


def test_a_typo_gets_a_line_that_says_what_was_searched(visitor: httpx.Client) -> None:
    html = page(visitor, "/search?q=(ferry+OR+nosuch:x")
    assert "A bracket is never closed" in html
    assert "There is no field “nosuch”" in html
    assert "Searched for: " in html
    assert "One article" in html


def test_values_of_filters_are_offered_with_their_counts(visitor: httpx.Client) -> None:
    html = page(visitor, "/search")
    assert '<a href="/search?site=bulletin.example">bulletin.example</a> <small>70</small>' in html
    assert '<a href="/search?language=ar">ar</a> <small>1</small>' in html


def test_a_search_as_json_tells_what_was_asked_and_pages_on(visitor: httpx.Client) -> None:
    first = visitor.get("/search.json?q=tide+site:bulletin.example&sort=newest&size=40").json()
    assert first["asked"] == {"q": "tide", "site": ["bulletin.example"]}
    assert (first["total"], first["sort"], first["read_as"]) == (70, "newest", '"tide"')
    assert first["articles"][0]["snippet"].startswith("[Tide] tables")
    second = visitor.get(first["next"]).json()
    assert second["next"] is None
    numbers = [article["id"] for answer in (first, second) for article in answer["articles"]]
    assert len(set(numbers)) == 70
    assert "text" not in first["articles"][0]
    whole = visitor.get("/search.json?q=ferry&text=1").json()["articles"][0]
    assert whole["text"] == sample.FERRY.text
    assert whole["authors"] == ["Ada Quill", "Bo Marsh"]
    assert visitor.get(whole["page"]).status_code == 200


def test_a_search_as_csv_holds_each_hit_once(visitor: httpx.Client) -> None:
    answer = visitor.get("/search.csv?q=tide")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len({row["id"] for row in rows}) == 70
    part = visitor.get("/search.csv?q=tide&size=30&page=2")
    assert part.headers["link"] == '</search.csv?q=tide&sort=newest&size=30&page=3>; rel="next"'


def test_a_search_as_a_feed_is_whole_and_newest_first(visitor: httpx.Client) -> None:
    answer = visitor.get("/search.atom?site=bulletin.example&site=harbour-post.example&sort=oldest")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    published = [entry.findtext(f"{ATOM}published") for entry in feed.iter(f"{ATOM}entry")]
    assert len(published) == 50
    assert published == sorted((day or "" for day in published), reverse=True)
    numbers = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(numbers)) == 50
    assert all(entry.findtext(f"{ATOM}updated") for entry in feed.iter(f"{ATOM}entry"))
    assert all(entry.find(f"{ATOM}author/{ATOM}name") is not None for entry in feed.iter(f"{ATOM}entry"))


def test_a_feed_of_a_question_that_asks_nothing_is_refused(visitor: httpx.Client) -> None:
    assert "never closed" in page(visitor, '/search.atom?q="', status=400)


def test_a_hostile_article_stays_text_in_a_feed(visitor: httpx.Client) -> None:
    feed = ElementTree.fromstring(visitor.get("/search.atom?site=hostile.example").content)
    (entry,) = feed.iter(f"{ATOM}entry")
    assert "<script>" in (entry.findtext(f"{ATOM}title") or "")
    assert {link.get("href", "").partition(":")[0] for link in entry.iter(f"{ATOM}link")} <= {"http", "https"}
    assert all(part.tag.startswith(ATOM) for part in entry.iter())


def test_a_spreadsheet_runs_no_formula_of_a_page(tmp_path: Path) -> None:
    with Archive.open(tmp_path, software="sample", clock=lambda: sample.START) as archive:
        article = Article(
            url="https://a.example/1", headline="=HYPERLINK(1)", text="a -1\n\nb", authors=("@sum",)
        )
        archive.keep(archive.store_raw(sample.capture(article, 0)), sample.kept(article))
    write_front(tmp_path)
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        (row,) = csv.DictReader(io.StringIO(visitor.get("/search.csv?text=1").text.removeprefix("\ufeff")))
        assert (row["headline"], row["authors"], row["text"]) == ("'=HYPERLINK(1)", "'@sum", "a -1\n\nb")


def test_times_are_told_as_feeds_want_them() -> None:
    told = {
        "2024-05-01T09:30:00+02:00": "2024-05-01T07:30:00Z",
        "2024-05-01": "2024-05-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00": "",
        "soon": "",
        None: "",
    }
    assert {value: timestamp(value) for value in told} == told


@pytest.mark.parametrize("form", ["atom", "csv", "json"])
def test_forms_are_guarded_like_pages(visitor: httpx.Client, form: str) -> None:
    headers = visitor.get(f"/search.{form}?q=ferry").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "noindex" in headers["x-robots-tag"]


def test_the_front_page_tells_how_the_sources_are(tmp_path: Path) -> None:
    sample.build(tmp_path)
    db = sqlite3.connect(tmp_path / "articles.db")
    db.executemany(
        "insert into feeds (site, url, failures, due_at, retired_at) values ('gazette.example', ?, ?, ?, ?)",
        [
            ("https://gazette.example/a", 0, "2999-01-01T00:00:00", None),
            ("https://gazette.example/b", 3, "2024-01-01T00:00:00", None),
            ("https://gazette.example/c", 9, None, "2024-01-01T00:00:00"),
        ],
    )
    db.commit()
    db.close()
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        html = page(visitor, "/")
    assert "<span>3 sources, 1 failing, 1 overdue by a day or more, 1 retired</span>" in html


def test_the_front_page_charts_its_last_days_by_site(visitor: httpx.Client) -> None:
    html = page(visitor, "/")
    figure = html[html.index('<figure class="chart">') : html.index("</figure>")]
    assert "/search?from=2024-05-01&to=2024-05-01" in links(figure)
    assert '<th scope="col">harbour-post.example</th>' in figure
    assert "28 March 2024" not in figure
    assert "1 March 2024 – 1 May 2024" in html

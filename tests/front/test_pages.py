"""The pages as a visitor of plain `datasette news-archive/` gets them."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import httpx
import pytest

from archive import Archive
from archive.front import write_front
from archive.front.configuration import configuration_files
from archive.front.description import QUERIES, TABLES
from archive.values import Article, Capture
from tests.front import sample
from tests.front.conftest import datasette_over


def number(root: Path, article: Article) -> int:
    db = sqlite3.connect(root / "articles.db")
    try:
        return int(db.execute("select id from articles where url = ?", [article.url]).fetchone()[0])
    finally:
        db.close()


def page(visitor: httpx.Client, path: str, status: int = 200) -> str:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


@pytest.fixture
def ferry(archive_root: Path) -> str:
    return f"/article/{number(archive_root, sample.FERRY)}"


@pytest.fixture
def hostile(archive_root: Path) -> str:
    return f"/article/{number(archive_root, sample.HOSTILE)}"


@pytest.fixture
def budget(archive_root: Path) -> str:
    return f"/article/{number(archive_root, sample.SECOND_WORDING)}"


# -- the front page


def test_the_front_page_shows_days_sites_and_the_size(visitor: httpx.Client) -> None:
    html = page(visitor, "/")
    assert html.index("1 May 2024") < html.index("30 April 2024") < html.index("28 March 2024")
    assert "Wednesday," in html
    assert "<b>75</b> articles" in html
    assert "<b>5</b> sites" in html
    assert '<a href="/search?site=harbour-post.example">' in html
    assert "A notice that tells no day" in html


def test_turning_the_front_page_shows_each_dated_article_once(visitor: httpx.Client) -> None:
    seen: list[str] = []
    path = "/"
    while path:
        html = page(visitor, path)
        dated = html.partition("Without a date")[0]
        seen += re.findall(r'href="/article/(\d+)"', dated)
        turn = re.search(r'<p class="turn"><a href="([^"]+)"', html)
        path = turn.group(1).replace("&amp;", "&") if turn else ""
    assert len(seen) == len(set(seen)) == 74


def test_a_broken_place_to_turn_to_is_the_first_page(visitor: httpx.Client) -> None:
    assert "1 May 2024" in page(visitor, "/?before=2024~x")


# -- search


def test_search_finds_marks_and_counts(visitor: httpx.Client) -> None:
    html = page(visitor, "/search?q=ferry")
    assert "<mark>ferry</mark>" in html
    assert "One article" in html
    assert "River <mark>ferry</mark> returns" in html


def test_pages_of_no_known_site_stand_under_no_site_and_can_be_searched(tmp_path: Path) -> None:
    texts = {"": "A dump of a ferry", "https://a.example/1": "A ferry"}
    with Archive.open(tmp_path, software="pressmark sample") as archive:
        for url, text in texts.items():
            capture = Capture(url=url, fetched_at=sample.START, body=text.encode(), source="dump")
            archive.keep(archive.store_raw(capture), sample.kept(Article(headline=text, text=text)))
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as visitor:
        front = page(visitor, "/")
        assert re.search(r'href="/search\?site=%28no%20site%29">\(no site\) <small>1<', front)
        found = page(visitor, "/search?q=ferry")
        assert '<a href="/search?q=ferry&amp;site=%28no+site%29">(no site)</a> <small>1<' in found
        narrowed = page(visitor, "/search?q=ferry&site=%28no+site%29")
        assert 'One article for <q dir="auto">ferry</q>' in narrowed
        assert "on (no site)" in narrowed
        assert "A dump of a" in narrowed
        assert "(no site)" in page(visitor, "/article/1")
        assert "A dump of a" not in page(visitor, "/search?q=ferry&site=a.example")


def test_search_narrows_by_site_and_day(visitor: httpx.Client) -> None:
    assert "70 articles" in page(visitor, "/search?q=tide")
    assert "No article" in page(visitor, "/search?q=tide&site=harbour-post.example")
    assert "2 articles" in page(visitor, "/search?site=harbour-post.example")
    assert "6 articles" in page(visitor, "/search?q=tide&from=2024-03-01&to=2024-03-02")
    assert "One article" in page(visitor, "/search?q=council&from=2024-05-01&to=2024-05-01")


def test_search_pages_show_each_hit_once(visitor: httpx.Client) -> None:
    seen: list[str] = []
    path = "/search?q=tide&sort=newest"
    while path:
        html = page(visitor, path)
        seen += re.findall(r'<h3[^>]*><a href="/article/(\d+)"', html)
        turn = re.search(r'href="([^"]+)" rel="next"', html)
        path = turn.group(1).replace("&amp;", "&") if turn else ""
    assert len(seen) == len(set(seen)) == 70


QUESTIONS = (
    '"', "covid-19", "U.S.", "AND", "NEAR(", "(", "*", "^", "headline:", "a OR", "don't", "{", "nosuch:x",
    "---", "\x00", "x" * 5000, "'; drop table articles; --", "a\nb", "%", "\ufdd0",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_is_an_error(visitor: httpx.Client, question: str) -> None:
    answer = visitor.get("/search", params={"q": question})
    assert answer.status_code == 200
    assert "Search" in answer.text


def test_what_is_no_expression_is_read_as_words_and_said_so(visitor: httpx.Client) -> None:
    html = page(visitor, '/search?q=tide-tables+"')
    assert "A quotation mark is never closed" in html
    assert "70 articles" in html


def test_a_broken_date_is_named_and_left_out(visitor: httpx.Client) -> None:
    html = page(visitor, "/search?q=ferry&from=1+May")
    assert "“1 May” is no date" in html
    assert "One article" in html


def test_a_question_is_shown_as_letters(visitor: httpx.Client) -> None:
    html = page(visitor, '/search?q=<script>alert(1)</script>&site="><script>')
    assert "<script" not in html


def test_diacritics_do_not_matter(visitor: httpx.Client) -> None:
    assert "<mark>ferry</mark>" in page(visitor, "/search?q=férry")


# -- the article


def test_an_article_is_set_for_reading(visitor: httpx.Client, ferry: str) -> None:
    html = page(visitor, ferry)
    assert '<h1 dir="auto">River ferry returns after eleven years</h1>' in html
    assert "Ada Quill, Bo Marsh" in html
    assert "1 May 2024, 09:30 UTC+02:00" in html
    assert "from json-ld" in html
    assert "<h2>What it costs</h2>" in html
    assert "<li>Adults: 2.00</li>" in html
    assert '<a href="https://council.example/minutes"' in html
    assert "Additional reporting by Cy Reed" in html
    assert "The council voted for the crossing" in html


def test_an_article_tells_where_its_raw_record_lies(
    visitor: httpx.Client, ferry: str, archive_root: Path
) -> None:
    db = sqlite3.connect(archive_root / "articles.db")
    file, offset, digest = db.execute(
        "select warc_file, warc_offset, payload_digest from captures where url = ?", [sample.FERRY.url]
    ).fetchone()
    db.close()
    html = page(visitor, ferry)
    assert file in html
    assert f"at offset {offset:,}" in html
    assert digest in html


def test_the_account_shows_the_page_as_it_stood(visitor: httpx.Client, ferry: str) -> None:
    html = page(visitor, ferry + "?account=1").partition('class="prose whole"')[2]
    places = [
        html.index(words)
        for words in (
            "Home Town Sport", "River ferry returns", "By Ada Quill", "will run again",
            "The old landing stage", "What it costs", "nine", "Adults", "Children", "Sign up for",
            "We have missed", "Additional reporting", "Also read", "412 partners",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert "<del>Sign up for our morning letter</del>" in html
    assert "asks to sign up" in html
    assert "0.90" in html
    assert "<del>The crossing" not in html


def test_an_older_version_can_be_read(visitor: httpx.Client, budget: str) -> None:
    latest = page(visitor, budget)
    assert "passed after the votes" in latest
    assert 'href="' + budget + '?version=1"' in latest
    first = page(visitor, budget + "?version=1")
    assert "failed by one vote" in first
    assert "version 1 of 2" in first
    assert "<span>13 words</span>" in latest
    assert "words</span>" not in first  # that count is the latest version's
    assert "failed by one vote" in page(visitor, budget + "?version=1&account=1")


@pytest.mark.parametrize("path", ["/article/999999", "/article/999999999999999999", "/article/1?version=77"])
def test_what_is_not_there_is_said_on_a_page(visitor: httpx.Client, path: str) -> None:
    assert '<p class="message">' in page(visitor, path, status=404)


# -- hostile pages


@pytest.mark.parametrize("view", ["", "?account=1"])
def test_a_hostile_article_stays_letters(visitor: httpx.Client, hostile: str, view: str) -> None:
    html = page(visitor, hostile + view)
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r"""(?:href|src)=["']?\s*(?:javascript|data|vbscript):""", html)
    assert "\u202e" not in html
    assert "\x07" not in html


def test_lists_show_a_hostile_article_as_letters(visitor: httpx.Client) -> None:
    for path in ("/", "/search?q=truce", "/articles/articles?site=hostile.example", "/articles/newest"):
        html = page(visitor, path)
        assert "pwned" in html
        assert "<script>document.title" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize("path", ["/", "/search?q=ferry", "/article/1", "/article/999999"])
def test_reading_pages_allow_no_script_and_load_nothing_from_elsewhere(
    visitor: httpx.Client, path: str
) -> None:
    answer = visitor.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script|<style|<[^>]*\s(?:style|on\w+)=", answer.text)
    assert not re.search(r"""(?:src|<link[^>]+href)=["'](?:https?:)?//""", answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/articles",
        "/articles/articles",
        "/articles.json",
        "/static/pressmark.css",
        "/nothing",
        "/robots.txt",
    ],
)
def test_every_answer_is_guarded(visitor: httpx.Client, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "noindex" in headers["x-robots-tag"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_robots_are_kept_out(visitor: httpx.Client) -> None:
    assert page(visitor, "/robots.txt") == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/%2f..", "/\\evil.example/"])
def test_no_path_leads_elsewhere(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(httpx.URL(str(visitor.base_url).rstrip("/") + path))
    assert not answer.headers.get("location", "").startswith(("//", "/\\", "http"))


def test_a_trace_is_not_given_away(visitor: httpx.Client) -> None:
    assert "_trace" not in visitor.get("/articles.json?_trace=1").json()


def test_long_sql_is_stopped(visitor: httpx.Client) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
    answer = visitor.get("/articles.json", params={"sql": endless})
    assert answer.status_code == 400
    assert "took too long" in answer.text


# -- Datasette's own pages


@pytest.mark.parametrize("name", QUERIES)
def test_each_ready_made_query_runs(visitor: httpx.Client, name: str) -> None:
    answer = visitor.get(f"/articles/{name}.json?_shape=array&author=Quill").json()
    assert isinstance(answer, list), answer


def test_ready_made_queries_that_take_a_site_narrow_by_it(visitor: httpx.Client) -> None:
    taking = [name for name, query in QUERIES.items() if ":site" in query.sql]
    assert len(taking) >= 8
    for name in taking:
        rows = visitor.get(f"/articles/{name}.json?_shape=array&site=bulletin.example").json()
        assert isinstance(rows, list)
        assert {row["site"] for row in rows if "site" in row} <= {"bulletin.example"}, name


@pytest.mark.parametrize("name", QUERIES)
def test_each_ready_made_query_is_documented(name: str) -> None:
    told = (Path(__file__).parents[2] / "docs/queries.md").read_text("utf-8")
    assert f"| [`{name}`]" in told or f"| `{name}` |" in told


def test_the_ready_made_queries_find_what_they_promise(visitor: httpx.Client) -> None:
    def rows(name: str, **asked: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = visitor.get(
            f"/articles/{name}.json", params={"_shape": "array", **asked}
        ).json()
        return found

    assert [row["author"] for row in rows("by_author", author="quill")] == ["Ada Quill"]
    assert {"before": "Budget fails", "after": "Budget passes after recount"}.items() <= rows(
        "headline_changes"
    )[0].items()
    assert [row["headline"] for row in rows("undated")] == ["A notice that tells no day"]
    assert {row["label"] for row in rows("cut_by_label")} >= {"newsletter", "cookie", "related"}
    assert rows("doubtful_cuts")[0]["score"] == 0.5


def test_tables_facets_and_json_stay_as_datasette_has_them(visitor: httpx.Client) -> None:
    html = page(visitor, "/articles/articles?_facet=site")
    assert TABLES["articles"].columns["date_published"] in html.replace("&#39;", "'")
    assert visitor.get("/articles/articles.json?_shape=array&_size=1").json()[0]["headline"]


def test_rows_lead_to_their_page(visitor: httpx.Client, ferry: str) -> None:
    row = page(visitor, "/articles/articles/" + ferry.rpartition("/")[2])
    assert f'<a href="{ferry}">Read this article as a page</a>' in row
    assert f'<a href="{ferry}">' in page(visitor, "/articles/newest?author=Quill")


def test_settings_are_in_force(visitor: httpx.Client) -> None:
    settings = visitor.get("/-/settings.json").json()
    assert settings["suggest_facets"] is False
    assert settings["sql_time_limit_ms"] == 3000


# -- what surrounds them


def test_every_table_and_column_is_described(archive_root: Path) -> None:
    db = sqlite3.connect(archive_root / "articles.db")
    names = [
        str(name)
        for (name,) in db.execute(
            "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
            " and name not like 'articles_fts_%' and name not like '\\_%' escape '\\'"
        )
    ]
    missing = [name for name in names if name not in TABLES]
    for name in names:
        columns = {str(row[1]) for row in db.execute(f"pragma table_info([{name}])")}
        told = set(TABLES[name].columns) if name in TABLES else set()
        missing += [f"{name}.{column}" for column in sorted(columns - told)]
        missing += [f"{name}.{column} is not there" for column in sorted(told - columns)]
    db.close()
    assert not missing


def test_an_empty_archive_says_so(tmp_path: Path) -> None:
    write_front(tmp_path)
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert "holds nothing yet" in page(client, "/", status=404)
        assert "holds nothing yet" in page(client, "/search?q=x", status=404)


def test_a_database_that_cannot_answer_says_what_to_do(tmp_path: Path) -> None:
    write_front(tmp_path)
    db = sqlite3.connect(tmp_path / "articles.db")
    db.execute("create table other (id)")
    db.close()
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        assert "Open the archive once with pressmark" in page(client, "/", status=503)


def test_permissions_that_the_reader_sets_hold_for_the_pages(tmp_path: Path) -> None:
    sample.build(tmp_path)
    closed = configuration_files()["metadata.yaml"] + b"allow: false\n"
    (tmp_path / "metadata.yaml").write_bytes(closed)
    with datasette_over(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        for path in ("/", "/search?q=ferry", "/article/1", "/articles"):
            assert client.get(path).status_code == 403

"""The way of a crawl, end to end on loopback: feeds, pages, archive; and what a second crawl does."""

from __future__ import annotations

import gzip
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.crawling import QUICK, Crawled, crawl, crawl_and_kill, python
from tests.crawler.records import of_path, raw_records
from tests.newsroom import Newsroom, answer
from tests.newsroom.server import SITES, Entry, Resource, SavedPage, Wire, atom, rss
from tests.newsroom.trouble import article, redirect

#: Pages that may have been answered, but not yet stored, when a crawl is killed.
ON_THE_WAY = 8


def rows(archive: Path, query: str) -> list[dict[str, Any]]:
    db = sqlite3.connect(archive / "articles.db")
    db.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in db.execute(query)]
    finally:
        db.close()


@dataclass
class FourSites:
    newsroom: Newsroom
    archive: Path
    first: Crawled
    second: Crawled
    pages: list[SavedPage]
    asked_by_first: int


@pytest.fixture(scope="module")
def four_sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FourSites]:
    """The four sites, crawled twice."""
    folder = tmp_path_factory.mktemp("four")
    with Newsroom() as newsroom:
        (folder / "sites.toml").write_text(newsroom.sites_toml(*SITES), encoding="utf-8")
        sites = str(folder / "sites.toml")
        first = crawl(folder / "archive", sites=sites)
        assert not first.error, first.error + first.log
        asked = len(newsroom.log)
        second = crawl(folder / "archive", sites=sites)
        assert not second.error, second.error + second.log
        pages = [page for site in SITES for page in newsroom.pages(site)]
        yield FourSites(newsroom, folder / "archive", first, second, pages, asked)


def test_every_article_of_every_feed_is_kept_once(four_sites: FourSites) -> None:
    assert four_sites.first.outcomes == {"new": len(four_sites.pages)}
    assert four_sites.first.summary["feeds_read"] == len(SITES)
    kept = rows(four_sites.archive, "select url from articles")
    assert sorted(row["url"] for row in kept) == sorted(page.expected["url"] for page in four_sites.pages)


def test_headlines_are_those_of_the_pages(four_sites: FourSites) -> None:
    kept = {
        row["url"]: row["headline"] for row in rows(four_sites.archive, "select url, headline from articles")
    }
    assert kept == {page.expected["url"]: page.expected["headline"] for page in four_sites.pages}


def test_second_crawl_fetches_no_article_twice(four_sites: FourSites) -> None:
    assert four_sites.second.outcomes == {}
    again = [served.path for served in four_sites.newsroom.log[four_sites.asked_by_first :]]
    assert set(again) <= {"/robots.txt", "/feed/", "/atom.xml", "/rss"}


def test_each_host_is_asked_for_its_robots_txt_first_and_once(four_sites: FourSites) -> None:
    first = four_sites.newsroom.log[: four_sites.asked_by_first]
    for site in SITES:
        paths = [served.path for served in first if served.site == site]
        assert paths[0] == "/robots.txt"
        assert paths.count("/robots.txt") == 1


def test_all_that_the_server_sent_is_in_the_archive(four_sites: FourSites) -> None:
    """Byte for byte, but what was there already: a feed that did not change."""
    sent = {bytes(served.sent) for served in four_sites.newsroom.log}
    kept = {record.block for record in raw_records(four_sites.archive) if record.kind == "response"}
    assert sent == kept


def test_a_feeds_date_is_a_hint_where_the_page_has_none(newsroom: Newsroom, tmp_path: Path) -> None:
    site = newsroom.origin("trouble")
    feed = rss("Trouble", [(site + "/plain", "Plain", "2025-05-05T07:00:00+02:00")])
    newsroom.resources["trouble"]["/feed"] = answer(body=feed, kind="application/rss+xml")
    (tmp_path / "sites.toml").write_text(newsroom.sites_toml("trouble"), encoding="utf-8")
    crawl(tmp_path / "archive", sites=str(tmp_path / "sites.toml"))
    (kept,) = rows(tmp_path / "archive", "select date_published from articles")
    assert kept["date_published"] == "2025-05-05T07:00:00+02:00"


def test_a_page_that_led_elsewhere_is_not_asked_for_again(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.feed_of("trouble", "/chain")
    (tmp_path / "sites.toml").write_text(newsroom.sites_toml("trouble"), encoding="utf-8")
    for _ in range(2):
        crawl(tmp_path / "archive", sites=str(tmp_path / "sites.toml"))
    assert len(newsroom.asked("trouble", "/chain")) == len(newsroom.asked("trouble", "/plain")) == 1


def test_an_error_is_asked_for_again_by_the_next_crawl(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.feed_of("trouble", "/gone")
    (tmp_path / "sites.toml").write_text(newsroom.sites_toml("trouble"), encoding="utf-8")
    for _ in range(2):
        crawl(tmp_path / "archive", sites=str(tmp_path / "sites.toml"))
    assert len(newsroom.asked("trouble", "/gone")) == 2


def test_a_single_page_that_did_not_change_is_a_revisit_and_no_second_article(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    url = newsroom.origin("trouble") + "/plain"
    first = crawl(tmp_path / "archive", urls=[url])
    second = crawl(tmp_path / "archive", urls=[url])
    assert (first.outcomes, second.outcomes) == ({"new": 1}, {"unchanged": 1})
    records = raw_records(tmp_path / "archive")
    assert len(of_path(records, "/plain", "response")) == len(of_path(records, "/plain", "revisit")) == 1
    assert len(rows(tmp_path / "archive", "select 1 from articles")) == 1


def test_a_page_that_changed_is_a_second_version(newsroom: Newsroom, tmp_path: Path) -> None:
    url = newsroom.origin("trouble") + "/plain"
    crawl(tmp_path / "archive", urls=[url])
    changed = article("Plain").replace(b"north quay", b"south quay")
    newsroom.resources["trouble"]["/plain"] = answer(body=changed)
    assert crawl(tmp_path / "archive", urls=[url]).outcomes == {"updated": 1}
    assert len(rows(tmp_path / "archive", "select 1 from versions")) == 2


def test_a_site_without_feeds_is_asked_for_those_it_announces(newsroom: Newsroom, tmp_path: Path) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text(f'[[site]]\nurl = "{newsroom.origin("fieldpost")}/"\n', encoding="utf-8")
    assert crawl(tmp_path / "archive", sites=str(sites)).outcomes == {"new": 2}


def test_a_limit_leaves_the_rest_for_the_next_crawl(newsroom: Newsroom, tmp_path: Path) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text(newsroom.sites_toml("tidewater"), encoding="utf-8")
    done = [crawl(tmp_path / "archive", sites=str(sites), limit=1).outcomes for _ in range(3)]
    assert done == [{"new": 1}, {"new": 1}, {}]


def test_only_the_chosen_sites_are_asked(newsroom: Newsroom, tmp_path: Path) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text(newsroom.sites_toml("tidewater", "anaportal"), encoding="utf-8")
    crawl(tmp_path / "archive", sites=str(sites), only=["anaportal"])
    assert {served.site for served in newsroom.log} == {"anaportal"}


#: What a host answers to /robots.txt, and whether its page may be fetched then.
ROBOTS = {
    "missing": (answer(404, b"none", reason="Not Found"), True),
    "withheld": (answer(403, b"no", reason="Forbidden"), True),
    "broken": (answer(500, b"oops", reason="Internal Server Error"), False),
    "busy": (answer(429, b"slow", reason="Too Many Requests"), False),
    "no to us": (answer(body=b"User-agent: pressmark\nDisallow: /\n", kind="text/plain"), False),
    "no to others": (answer(body=b"User-agent: other\nDisallow: /\n", kind="text/plain"), True),
    "huge": (answer(body=b"User-agent: *\nDisallow: /page\nAllow: /\n" + b"#" * 2_000_000), False),
    "garbage": (answer(body=b"\xff\xfe\x00nonsense\xc3\x28", kind="text/plain; charset=utf-16"), True),
    "circle": (redirect("/robots.txt"), True),
    "elsewhere": (redirect("/rules"), False),
}


@pytest.fixture(scope="module")
def robots_crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Crawled]]:
    with Newsroom(more=ROBOTS) as newsroom:
        for site, (verdict, _) in ROBOTS.items():
            newsroom.robots[site] = verdict
            newsroom.resources[site]["/page"] = answer(body=b"%PDF-1.7", kind="application/pdf")
        rules = answer(body=b"User-agent: *\nDisallow: /page\n", kind="text/plain")
        newsroom.resources["elsewhere"]["/rules"] = rules
        urls = [newsroom.origin(site) + "/page" for site in ROBOTS]
        crawled = crawl(tmp_path_factory.mktemp("robots") / "archive", urls=urls)
        assert not crawled.error, crawled.error + crawled.log
        yield newsroom, crawled


@pytest.mark.parametrize("site", ROBOTS)
def test_robots_txt_is_obeyed_as_rfc_9309_says(robots_crawl: tuple[Newsroom, Crawled], site: str) -> None:
    newsroom, _ = robots_crawl
    assert bool(newsroom.asked(site, "/page")) is ROBOTS[site][1]


def test_rules_that_cannot_be_read_are_failures_and_rules_that_forbid_are_not(
    robots_crawl: tuple[Newsroom, Crawled],
) -> None:
    newsroom, crawled = robots_crawl
    failed = {url for url, _ in crawled.summary["failures"]}
    assert failed == {newsroom.origin(site) + "/page" for site in ("broken", "busy")}
    assert crawled.summary["forbidden"] == len(["no to us", "huge", "elsewhere"])


def test_private_addresses_are_refused_unless_allowed(newsroom: Newsroom, tmp_path: Path) -> None:
    port = newsroom.origin("trouble").rpartition(":")[2]
    urls = [f"http://{host}:{port}/plain" for host in ("127.0.0.1", "localhost", "[::ffff:7f00:1]", "127.1")]
    crawled = crawl(tmp_path / "archive", urls=urls, allow_private=False)
    assert not newsroom.log
    assert len(crawled.summary["failures"]) == len(urls)
    for url in urls:
        assert crawled.sentence(url).startswith("refused to connect to ")
        assert "--allow-private" in crawled.sentence(url)
    assert "127.0.0.1" in crawled.sentence(urls[1])


def test_a_crawl_that_was_killed_is_finished_by_the_next(newsroom: Newsroom, tmp_path: Path) -> None:
    half_way = threading.Event()

    def resource(number: int) -> Resource:
        page = answer(body=article(f"Page {number}"))

        def serve(wire: Wire) -> bytes | None:
            if number == 20:
                half_way.set()
            return page(wire)

        return serve

    paths = [f"/page/{number}" for number in range(40)]
    newsroom.resources["trouble"] |= {path: resource(number) for number, path in enumerate(paths)}
    newsroom.feed_of("trouble", *paths)
    sites = tmp_path / "sites.toml"
    sites.write_text(newsroom.sites_toml("trouble"), encoding="utf-8")
    crawl_and_kill(tmp_path / "archive", half_way, sites=str(sites))
    crawled = crawl(tmp_path / "archive", sites=str(sites))
    assert not crawled.error, crawled.error + crawled.log
    kept = rows(tmp_path / "archive", "select url from articles order by url")
    assert [row["url"] for row in kept] == sorted(newsroom.origin("trouble") + path for path in paths)
    stored = [record.path for record in raw_records(tmp_path / "archive") if record.kind == "response"]
    pages = [path for path in stored if path.startswith("/page/")]
    assert sorted(pages) == sorted(paths)
    asked = [len(newsroom.asked("trouble", path)) for path in paths]
    assert max(asked) <= 2
    assert sum(count - 1 for count in asked) <= int(QUICK["CONCURRENT_REQUESTS_PER_DOMAIN"]) + ON_THE_WAY


def test_archive_in_use_is_one_sentence(newsroom: Newsroom, tmp_path: Path) -> None:
    from archive import Archive

    with Archive.open(tmp_path / "archive", software="test"):
        crawled = crawl(tmp_path / "archive", urls=[newsroom.origin("trouble") + "/plain"])
    assert crawled.error.startswith("ArchiveBusy: ")
    assert not newsroom.asked("trouble", "/plain")


def test_wrong_input_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    assert "no such file" in crawl(tmp_path / "archive", sites=str(tmp_path / "none.toml")).error
    assert "is no http or https address" in crawl(tmp_path / "archive", urls=["ftp://x.example/"]).error
    assert not (tmp_path / "archive").exists()


def asking(folder: Path, *, given: str = "", file: str = "", environment: str = "", crawler: str = "") -> str:
    """The user agent with which a crawl would ask, or what keeps it from asking; and what is on stderr."""
    (folder / "sites.toml").write_text(
        (f"contact = '{file}'\n" if file else "") + "[[site]]\nurl = 'https://courier.example/'\n"
    )
    script = (
        "import sys\n"
        "from crawler.crawl import CrawlOptions, run_crawl\n"
        "from crawler.errors import CrawlerError\n"
        "from crawler import keep\n"
        "async def opened(self):\n"
        "    print(self._crawler.settings['USER_AGENT'])\n"
        "    raise CrawlerError('stop here')\n"
        "keep.Keeper.open = opened\n"
        "try:\n"
        f"    run_crawl(CrawlOptions(contact={given!r}, {crawler}))\n"
        "except CrawlerError as error:\n"
        "    print(error)\n"
    )
    run = python("-c", script, cwd=folder, environment={"PRESSMARK_CONTACT": environment})
    return run.stdout.replace("stop here\n", "") + run.stderr.partition("Traceback")[0]


@pytest.mark.parametrize("crawler", ["", "urls=('https://courier.example/1',)"])
def test_the_contact_is_the_command_lines_then_the_files_then_the_environments(
    tmp_path: Path, crawler: str
) -> None:
    three = {"given": "a@x.example", "file": "b@x.example", "environment": "c@x.example"}
    for contact in ("a@x.example", "b@x.example", "c@x.example"):
        assert f"(+{contact})" in asking(tmp_path, crawler=crawler, **three)
        three.pop(next(iter(three)))


def test_a_page_whose_robots_txt_cannot_be_had_is_told_with_its_url_once(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/"  # tcpmux: nobody listens there
    said = crawl(tmp_path / "archive", urls=[url], settings={"RETRY_TIMES": 0}).sentence(url)
    assert said.startswith("robots.txt could not be read (")
    assert said.endswith("refused); try later")
    assert url not in said


def test_nobody_to_write_to_is_one_sentence_on_stderr(tmp_path: Path) -> None:
    user_agent, *told = asking(tmp_path).splitlines()
    assert "(+" not in user_agent
    assert [line for line in told if "nobody" in line] == [
        "The user agent names nobody whom a site's owner could write to:"
        ' give --contact, or write contact = "…" into sites.toml.'
    ]


@pytest.mark.parametrize("where", ["given", "environment"])
def test_a_contact_that_is_none_is_refused_in_a_sentence(tmp_path: Path, where: str) -> None:
    (sentence,) = asking(tmp_path, **{where: "bad contact (x)"}).splitlines()
    assert sentence.startswith("the contact 'bad contact (x)' ")
    assert "an e-mail address or a URL" in sentence


def test_scrapy_crawl_news_works_as_in_any_project(newsroom: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text(newsroom.sites_toml("loomletter"), encoding="utf-8")
    run = python(
        "-m", "scrapy", "crawl", "news",
        "-a", f"sites={tmp_path / 'sites.toml'}", "-o", str(tmp_path / "a.jsonl"),
        "-s", f"PRESSMARK_ARCHIVE={tmp_path / 'archive'}", "-s", "PRESSMARK_ALLOW_PRIVATE=1",
        "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "PRESSMARK_PROCESSES=1",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["headline"] for line in lines} == {
        page.expected["headline"] for page in newsroom.pages("loomletter")
    }
    assert all(line["outcome"] == "new" and line["removed"] for line in lines)
    assert len(rows(tmp_path / "archive", "select 1 from articles")) == 2


def test_scrapy_crawl_reload_reads_files(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_bytes(article("Reloaded"))
    (tmp_path / "pages" / "b.txt").write_bytes(b"")
    run = python(
        "-m", "scrapy", "crawl", "reload", "-a", f"path={tmp_path / 'pages'}",
        "-s", f"PRESSMARK_ARCHIVE={tmp_path / 'archive'}", "-s", "PRESSMARK_PROCESSES=1",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    (kept,) = rows(tmp_path / "archive", "select headline from articles")
    assert kept["headline"] == "Reloaded"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["reload"], "nothing to reload; name a file or folder: -a path=seeds/"),
        (["article"], "nothing to fetch; name a page: -a url=https://…"),
        (
            ["article", "-a", "url=https://a.example", "-a", "render=a.example"],
            "what is rendered stands in sites.toml",
        ),
        (["article", "-a", "url=nowhere"], "'nowhere' is no http or https address; write it in full, with"),
        (
            ["news", "-a", "sites=none.toml"],
            "none.toml: no such file; make it with `pressmark sites add URL`",
        ),
        (["news", "-a", "sites={folder}/sites.toml", "-a", "limit=few"], "limit='few' is no number of pages"),
    ],
)
def test_a_slip_in_scrapys_arguments_is_one_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "sites.toml").write_text("[[site]]\nurl = 'https://courier.example/'\n", encoding="utf-8")
    run = python(
        "-m", "scrapy", "crawl", *(word.format(folder=tmp_path) for word in arguments),
        "-s", f"PRESSMARK_ARCHIVE={tmp_path / 'archive'}", "-s", "LOG_LEVEL=WARNING",
    )  # fmt: skip
    assert run.returncode == 1
    assert sentence in run.stderr
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "archive").exists()


def test_find_site_writes_down_what_a_home_page_announces(newsroom: Newsroom) -> None:
    found = find(newsroom.origin("tidewater"))
    assert {name: value for name, value in found.items() if value and name != "sources"} == {
        "name": "Tidewater Courier",
        "url": newsroom.origin("tidewater") + "/",
        "feeds": [newsroom.origin("tidewater") + "/feed/"],
    }


def test_find_site_writes_down_the_sitemaps_that_robots_txt_names(newsroom: Newsroom) -> None:
    here = newsroom.origin("tidewater")
    newsroom.robots["tidewater"] = answer(body=f"Sitemap: {here}/deep/news.xml\n".encode(), kind="text/plain")
    body = f"<urlset><url><loc>{here}/a</loc></url></urlset>".encode()
    newsroom.resources["tidewater"]["/deep/news.xml"] = answer(body=body, kind="application/xml")
    assert find(here)["sitemaps"] == [f"{here}/deep/news.xml"]


def test_find_site_takes_the_page_itself_where_there_is_neither_feed_nor_sitemap(newsroom: Newsroom) -> None:
    heads = "".join(
        f'<h2><a href="/2026/01/0{n}/council-votes-on-ferry-line-{n}">Council votes, ferry {n}</a></h2>'
        for n in range(1, 6)
    )
    newsroom.resources["trouble"]["/"] = answer(body=f"<html><title>T</title>{heads}</html>".encode())
    found = find(newsroom.origin("trouble"))
    assert (found["feeds"], found["sections"]) == ([], [newsroom.origin("trouble") + "/"])


def test_find_site_looks_in_the_usual_places(newsroom: Newsroom) -> None:
    home = newsroom.resources["trouble"]
    home["/"] = answer(body=b"<html><title>Trouble</title><p>Hello</p></html>")
    home["/rss"] = answer(body=rss("T", [("/plain", "Plain", None)]), kind="application/rss+xml")
    assert find(newsroom.origin("trouble"))["feeds"] == [newsroom.origin("trouble") + "/rss"]


def test_find_site_tells_of_each_source_what_it_lists_and_what_is_wrong_with_it(newsroom: Newsroom) -> None:
    here, own = newsroom.origin("trouble"), newsroom.resources["trouble"]
    links = "".join(
        f'<link rel="alternate" type="application/{kind}" href="{path}">'
        for kind, path in (
            ("rss+xml", "/all"), ("atom+xml", "/twin"), ("rss+xml", "/gone"), ("rss+xml", "/old"),
            ("feed+json", "/json"), ("rss+xml", "/empty"),
        )
    )  # fmt: skip
    entries: list[Entry] = [(f"{here}/{n}", f"Story {n}", "2025-04-18T08:00:00+00:00") for n in range(5)]
    own["/"] = answer(body=f"<html><title>Trouble</title>{links}</html>".encode())
    own["/all"] = answer(body=rss("All", entries), kind="application/rss+xml")
    own["/twin"] = answer(body=atom("All", [*entries[:3]]), kind="application/atom+xml")
    own["/old"] = answer(body=rss("Old", [(f"{here}/o", "Old", "2019-03-01T08:00:00+00:00")]))
    own["/empty"] = answer(body=rss("Empty", []))
    said = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "/j"}]}
    own["/json"] = answer(body=json.dumps(said).encode(), kind="application/feed+json")
    newsroom.robots["trouble"] = answer(
        body=f"Sitemap: {here}/index.xml.gz\nSitemap: {here}/dead.xml\n".encode(), kind="text/plain"
    )
    index = "".join(
        f"<sitemap><loc>{here}/sitemap-{month}.xml</loc></sitemap>" for month in ("2025-03", "2025-04")
    )
    own["/index.xml.gz"] = answer(body=gzip.compress(f"<sitemapindex>{index}</sitemapindex>".encode()))
    month = "".join(f"<url><loc>{here}/m{n}</loc><lastmod>2025-04-1{n}</lastmod></url>" for n in range(7))
    own["/sitemap-2025-04.xml"] = answer(body=f"<urlset>{month}</urlset>".encode())
    found = find(here)
    assert found["feeds"] == [f"{here}/all", f"{here}/json"]
    assert found["sitemaps"] == [f"{here}/index.xml.gz"]
    trouble = {source["url"].removeprefix(here): source["trouble"] for source in found["sources"]}
    assert trouble == {
        "/all": "", "/json": "", "/index.xml.gz": "",
        "/twin": f"it lists nothing that {here}/all does not",
        "/gone": "it answers HTTP 410", "/dead.xml": "it answers HTTP 404",
        "/old": "it lists nothing since 2019-03-01",
        "/empty": "it is empty",
    }  # fmt: skip
    (counted,) = [source for source in found["sources"] if source["url"].endswith(".gz")]
    assert (counted["parts"], counted["articles"], counted["where"]) == (2, 7, "named by robots.txt")
    assert counted["newest"].startswith("2025-04-")


def test_find_site_takes_an_announced_feed_that_holds_nothing_yet(newsroom: Newsroom) -> None:
    here, own = newsroom.origin("trouble"), newsroom.resources["trouble"]
    own["/"] = answer(
        body=b"<html><link rel=alternate type=application/rss+xml href=/empty><h1>Soon</h1></html>"
    )
    own["/empty"] = answer(body=rss("Soon", []), kind="application/rss+xml")
    assert find(here)["feeds"] == [f"{here}/empty"]


def test_find_site_reads_the_sections_that_it_writes_down(newsroom: Newsroom) -> None:
    here, own = newsroom.origin("trouble"), newsroom.resources["trouble"]

    def heads(section: str, number: int) -> str:
        return "".join(
            f'<h2><a href="/2026/01/0{n}/{section}-votes-on-ferry-line-{n}">Council votes, ferry {n}</a></h2>'
            for n in range(1, number + 1)
        )

    menu = '<nav><a href="/politics">Politics</a><a href="/sport">Sport</a><a href="/world">World</a></nav>'
    own["/"] = answer(body=f"<html><title>T</title>{menu}{heads('council', 5)}</html>".encode())
    own["/politics"] = answer(body=f"<html>{menu}{heads('house', 4)}</html>".encode())
    own["/sport"] = answer(body=f"<html>{menu}{heads('club', 1)}</html>".encode())
    found = find(here)
    assert found["sections"] == [f"{here}/", f"{here}/politics"]
    trouble = {source["url"].removeprefix(here): source["trouble"] for source in found["sources"]}
    assert trouble["/sport"] == "it links to 1 articles"
    assert trouble["/world"] == "it answers HTTP 404"


def test_find_site_refuses_a_site_whose_only_feed_is_dead(newsroom: Newsroom) -> None:
    error = find(newsroom.origin("tidewater"), datetime(2028, 1, 1, tzinfo=UTC))["error"]
    assert "/feed/: it lists nothing since 2025-04-02" in error


def test_find_site_says_why_there_is_none(newsroom: Newsroom) -> None:
    assert find(newsroom.origin("trouble"))["error"].startswith("no feed found for ")
    assert "HTTP 404" in find(newsroom.origin("trouble"))["error"]


#: Shortly after the newsroom's pages were published.
THEN = datetime(2025, 4, 20, tzinfo=UTC)


def find(url: str, clock: datetime = THEN) -> dict[str, Any]:
    """`crawler.crawl.look_for_sources` in a process of its own: the site's fields, and `sources`."""
    script = (
        "import json, sys, msgspec\n"
        "from crawler.crawl import look_for_sources\n"
        "from crawler.errors import CrawlerError\n"
        "from tests.crawler.crawling import QUICK\n"
        "try:\n"
        "    settings = {**QUICK, 'PRESSMARK_CLOCK_OFFSET': float(sys.argv[2])}\n"
        "    found = look_for_sources(sys.argv[1], allow_private=True, settings=settings)\n"
        "    found = msgspec.to_builtins(msgspec.structs.asdict(found.site) | {'sources': found.sources})\n"
        "except CrawlerError as error:\n"
        "    found = {'error': str(error)}\n"
        "json.dump(found, sys.stdout)\n"
    )
    run = python("-c", script, url, str(clock.timestamp() - time.time()))
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found

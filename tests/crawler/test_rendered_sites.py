"""Sites whose pages are made by scripts, crawled: both forms are kept, told apart, and read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, check
from archive.exporting import Maker, Selection, export
from crawler.rendering import program
from tests.archive.sample import rows
from tests.crawler.crawling import Crawled, crawl, python
from tests.crawler.records import raw_records
from tests.newsroom import Newsroom, answer
from tests.newsroom.server import Resource, rss

pytestmark = pytest.mark.skipif(
    program() is None and not os.environ.get("CI"), reason="no Chromium found: name it in PRESSMARK_CHROMIUM"
)
SITE = "scripted"
#: The page of every article, byte for byte the same: what it says comes by script.
SHELL = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Scripted Gazette</title>
<script src="/bundle.js" defer></script></head><body><div id="root"></div>
<noscript>You need to enable JavaScript to run this app.</noscript></body></html>"""
BUNDLE = b"""
const secret = fetch('http://169.254.169.254/latest/meta-data/').then(() => 'open', () => 'refused');
fetch('/private/list').catch(() => 0);
fetch('/api' + location.pathname).then(r => r.json()).then(async d => {
  document.title = d.headline;
  const p = d.paragraphs.map(t => '<p>' + t + '</p>').join('');
  const foot = '<footer>' + await secret + '</footer>';
  root.innerHTML = '<article><h1>' + d.headline + '</h1>' + p + '</article>' + foot;
});
"""


def story(name: str, more: str = "") -> Resource:
    paragraphs = [
        f"{name}, part {n}: the harbour office published its figures for the week, and the crane on the north"
        f" quay, which had been out of order since the storm, was reported to lift again. {more}"
        for n in range(1, 5)
    ]
    said = {"headline": f"{name} reported by the harbour office", "paragraphs": paragraphs}
    return answer(body=json.dumps(said).encode(), kind="application/json")


@dataclass
class Scripted:
    newsroom: Newsroom
    folder: Path

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def sites(self, *lines: str) -> str:
        text = self.newsroom.sites_toml(SITE) + "".join(f"{line}\n" for line in lines)
        (self.folder / "sites.toml").write_text(text, encoding="utf-8")
        return str(self.folder / "sites.toml")

    def crawl(self, *lines: str, **options: Any) -> Crawled:
        done = crawl(self.archive, sites=self.sites(*lines), **options)
        assert not done.error, done.error + done.log
        return done


def publish(newsroom: Newsroom, *names: str) -> None:
    own = newsroom.resources[SITE]
    own["/bundle.js"] = answer(body=BUNDLE, kind="text/javascript")
    entries: list[tuple[str, str, str | None]] = []
    for name in names:
        own[f"/story/{name}"], own[f"/api/story/{name}"] = answer(body=SHELL), story(name)
        entries.append((f"{newsroom.origin(SITE)}/story/{name}", name, None))
    own["/feed"] = answer(body=rss("Scripted", entries), kind="application/rss+xml")


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Scripted]:
    with Newsroom(more=[SITE]) as newsroom:
        publish(newsroom, "One", "Two")
        yield Scripted(newsroom, tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """The site crawled: first without a browser, then with one."""
    folder = tmp_path_factory.mktemp("scripted")
    with Newsroom(more=[SITE]) as newsroom:
        publish(newsroom, "One", "Two")
        site = Scripted(newsroom, folder)
        plain = site.crawl()
        assert plain.summary["kinds"] == {"other": 2}
        host = newsroom.origin(SITE).removeprefix("http://")
        assert plain.summary["needs_javascript"] == {host: 2}
        newsroom.log.clear()
        done = site.crawl("render = true")
        assert done.outcomes == {"new": 2}, done.log
        assert done.summary["needs_javascript"] == {}
        yield site


def test_the_article_is_read_from_the_document_that_scripts_made(kept: Scripted) -> None:
    found = rows(kept.archive, "select headline, text from articles order by 1")
    assert [headline for headline, _ in found] == [
        f"{name} reported by the harbour office" for name in ("One", "Two")
    ]
    assert all("crane on the north quay" in text and "JavaScript" not in text for _, text in found)


def test_answer_and_document_are_both_kept_and_told_apart(kept: Scripted) -> None:
    captures = rows(
        kept.archive,
        "select url, record_type, status, content_type, record_id from captures where kind = 'article'",
    )
    assert {row[1:4] for row in captures} == {("conversion", 200, "text/html; charset=utf-8")}
    records = {record.fields["WARC-Record-ID"]: record for record in raw_records(kept.archive)}
    answers = dict(rows(kept.archive, "select record_id, url from exchanges where role = 'rendered'"))
    assert len(answers) == 2
    for url, _, _, _, record_id in captures:
        document = records[record_id]
        assert b"harbour office" in document.block
        assert document.fields["Pressmark-Rendered-By"].startswith("Chromium ")
        assert answers[document.fields["WARC-Refers-To"]] == url
        raw = records[document.fields["WARC-Refers-To"]]
        assert raw.kind in ("response", "revisit")
        assert b"harbour office" not in raw.block


def test_each_page_and_shared_script_was_asked_for_once_and_all_of_it_is_recorded(kept: Scripted) -> None:
    asked = sorted(served.path for served in kept.newsroom.asked(SITE))
    assert asked == [
        "/api/story/One", "/api/story/Two", "/bundle.js", "/feed", "/story/One", "/story/Two",
    ]  # fmt: skip
    parts = rows(kept.archive, "select url from exchanges where role = 'part' order by 1")
    assert [url.rpartition("/")[2] for (url,) in parts] == ["One", "Two", "bundle.js"]


def test_what_is_refused_to_us_is_refused_to_scripts(kept: Scripted) -> None:
    """robots.txt forbids /private/, and link-local addresses are never asked, whatever a page wants."""
    documents = [record.block for record in raw_records(kept.archive) if record.kind == "conversion"]
    assert len(documents) == 2
    assert all(b"<footer>refused</footer>" in block for block in documents)
    assert kept.newsroom.asked(SITE, "/private/list") == []


def test_verify_finds_nothing_wrong(kept: Scripted) -> None:
    assert check(kept.archive) == []


def test_rows_are_made_again_from_the_raw_files(kept: Scripted, tmp_path: Path) -> None:
    shutil.copytree(kept.archive, tmp_path / "copy")
    query = "select url, record_type, status, fetched_at, payload_digest from captures order by 1, 4"
    before = rows(tmp_path / "copy", query)
    for name in ("articles.db", "articles.db-wal", "articles.db-shm"):
        (tmp_path / "copy" / name).unlink(missing_ok=True)
    with Archive.open(tmp_path / "copy", software="test") as archive:
        bodies = {capture.url: capture.body for capture in archive.orphans() if capture.rendered_by}
    assert rows(tmp_path / "copy", query) == before
    assert len(bodies) == 2
    assert all(b"harbour office" in body for body in bodies.values())


def test_cleaning_again_reads_the_document(kept: Scripted, tmp_path: Path) -> None:
    shutil.copytree(kept.archive, tmp_path / "copy")
    run = python(
        "-c", "from crawler.commands import main; main()", "reclean", "--all", "--engine", "trafilatura",
        "--archive", str(tmp_path / "copy"), "--json",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = rows(tmp_path / "copy", "select text, cleaner from articles")
    assert len(found) == 2
    assert all("crane on the north quay" in text and "trafilatura" in cleaner for text, cleaner in found)


def test_an_article_s_export_holds_its_document_and_the_answer_it_was_made_of(
    kept: Scripted, tmp_path: Path
) -> None:
    ((number, url),) = rows(kept.archive, "select id, url from articles where url like '%One'")
    maker = Maker(software="test", at=datetime.now(UTC), record_id="<urn:uuid:1>", title="One")
    with open(tmp_path / "one.warc.gz", "wb") as out:
        export(kept.archive, "warc", out, "one.warc.gz", Selection(articles=(number,)), maker)
    (tmp_path / "warc").mkdir()
    (tmp_path / "one.warc.gz").rename(tmp_path / "warc" / "one.warc.gz")
    (document,) = [record for record in raw_records(tmp_path) if record.kind == "conversion"]
    refers_to = document.fields["WARC-Refers-To"]
    assert document.url == url
    assert [r.url for r in raw_records(tmp_path) if r.fields["WARC-Record-ID"] == refers_to] == [url]


def test_a_takedown_takes_document_answer_and_parts_and_leaves_the_other_article(
    kept: Scripted, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept.archive, copy)
    ((url,),) = rows(copy, "select url from articles where url like '%One'")
    with Archive.open(copy, software="test") as archive:
        archive.take_down(url, "asked", purge=True)
    assert rows(copy, "select count(*) from articles") == [(1,)]
    assert rows(copy, "select count(*) from exchanges where role = 'rendered'") == [(1,)]
    assert rows(copy, "select count(*) from exchanges where role = 'part'") == [(2,)]
    assert all(b"One, part 1" not in record.block for record in raw_records(copy))
    assert check(copy) == []
    with Archive.open(copy, software="test") as archive:
        assert {capture.url for capture in archive.captures() if capture.rendered_by} == {
            url.replace("One", "Two")
        }


def test_the_same_answer_with_another_text_is_a_version(scripted: Scripted) -> None:
    scripted.crawl("render = true")
    scripted.newsroom.resources[SITE]["/api/story/One"] = story("One", "The bridge was closed all day.")
    again = scripted.crawl("render = true", revisit=True)
    assert again.outcomes == {"updated": 1, "unchanged": 1}
    assert rows(scripted.archive, "select url like '%One', version from articles order by 1") == [
        (0, 1),
        (1, 2),
    ]


def test_a_page_that_cannot_be_rendered_is_told_with_the_reason_and_the_next_one_comes(
    scripted: Scripted,
) -> None:
    own = scripted.newsroom.resources[SITE]
    own["/story/One"] = answer(body=SHELL.replace(b'src="/bundle.js" defer>', b">while (true) {}"))
    settings = {"PRESSMARK_RENDER_SECONDS": 25}
    done = scripted.crawl("render = true", settings=settings)
    assert done.outcomes == {"new": 1, "failed": 1}
    url = scripted.newsroom.origin(SITE) + "/story/One"
    assert done.sentence(url).startswith("it could not be rendered: its scripts d")
    assert rows(scripted.archive, "select record_type, kind_reason from captures where kind = 'error'") == [
        ("response", done.sentence(url))
    ]
    ((state, due),) = rows(scripted.archive, "select state, due_at from queue where url like '%One'")
    assert state == "done"
    assert due is not None  # it is tried again


def test_pages_of_a_rendered_site_are_fetched_one_by_one(scripted: Scripted) -> None:
    """So that what a page's scripts ask for does not stand behind all other pages of the site."""
    scripted.crawl("render = true")
    paths = [served.path for served in scripted.newsroom.asked(SITE) if "/story/" in served.path]
    assert paths in (
        ["/story/One", "/api/story/One", "/story/Two", "/api/story/Two"],
        ["/story/Two", "/api/story/Two", "/story/One", "/api/story/One"],
    )


def test_single_pages_of_a_rendered_site_are_rendered_too(scripted: Scripted) -> None:
    url = scripted.newsroom.origin(SITE) + "/story/Two"
    done = scripted.crawl("render = true", urls=[url])
    assert done.outcomes == {"new": 1}

"""Sites of two systems that nobody here wrote, from their bare address to versions and deletions."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import check
from crawler.sites import read_sites
from tests.crawler.crawling import Crawled, crawl, python
from tests.foreign.systems import Nikola, Pelican, Post, System
from tests.worlds import prose

NOW = datetime.now(UTC).replace(microsecond=0)


def post(number: int, date: datetime) -> Post:
    """A post of some paragraphs, the same for the same number."""
    rng = random.Random(number)
    title = prose.headline(rng)
    return Post(
        slug=f"{prose.slug(title)}-{number}", title=title, date=date,
        category=("Politics", "Harbour", "Sport")[number % 3], paragraphs=prose.paragraphs(rng),
    )  # fmt: skip


class Told:
    """A site's life: found, crawled, then a new post, an edit and a deletion, each crawled as cron would."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system, self.archive, self.sites = system, folder / "archive", folder / "sites.toml"
        self.first = [post(number, NOW - timedelta(hours=7 * number)) for number in range(1, 13)]
        system.posts = list(self.first)
        system.publish()
        found = python(
            "-c", "from crawler.commands import main; main()", "sites", "add", system.origin + "/",
            "--sites", str(self.sites), "--allow-private", "--contact", "desk@newsroom.example",
        )  # fmt: skip
        assert found.returncode == 0, found.stdout + found.stderr
        self.asked = len(system.paths)
        # To the start of the site: by its sitemap, or from page to page of its lists.
        self.begun = self.crawl(since=(NOW - timedelta(days=30)).date().isoformat(), whole_site=True)
        self.before = self.articles()
        # A day later: one new post, one with another text, one gone.
        self.new = post(99, NOW - timedelta(minutes=1))  # a date to come would keep it from being published
        edited, gone = self.first[1], self.first[2]
        self.edited, self.gone = edited, gone
        rng = random.Random(4711)
        edited.paragraphs = [*edited.paragraphs[:-1], prose.sentences(rng, 4)]
        system.posts = [self.new, *(one for one in self.first if one is not gone)]
        system.publish()
        self.later = [self.crawl(due=True, hours=hours) for hours in (26, 60)]

    def crawl(self, *, hours: float = 0, **options: Any) -> Crawled:
        done = crawl(
            self.archive, sites=str(self.sites), settings={"PRESSMARK_CLOCK_OFFSET": hours * 3600}, **options
        )
        assert not done.error, done.error
        return done

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.archive / "articles.db")) as db:
            return db.execute(query).fetchall()

    def articles(self) -> dict[str, str]:
        return dict(self.rows("select url, headline from articles"))


@pytest.fixture(scope="module", params=[Pelican, Nikola])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp(request.param.__name__.lower())
    with request.param(folder / "site") as system:
        yield Told(system, folder)


def test_its_sources_are_found_from_its_bare_address(told: Told) -> None:
    (site,) = read_sites(told.sites).sites
    assert site.feeds
    assert told.asked < 40


def test_every_post_is_an_article_and_nothing_else_is(told: Told) -> None:
    """Pages of pages, categories, tags, archives and authors are none."""
    assert told.before == {told.system.address(one): one.title for one in told.first}


def test_texts_are_the_posts(told: Told) -> None:
    texts = dict(told.rows("select url, text from articles"))
    for one in told.first[3:]:
        kept = texts[told.system.address(one)]
        assert [" ".join(part.split()) for part in kept.split("\n\n")][-len(one.paragraphs) :] == [
            " ".join(part.split()) for part in one.paragraphs
        ]


def test_a_new_post_is_found_when_it_is_due(told: Told) -> None:
    assert told.system.address(told.new) in told.articles()
    assert told.later[0].outcomes["new"] == 1


def test_an_edit_becomes_a_version_and_nothing_else_does(told: Told) -> None:
    address = told.system.address(told.edited)
    versions = told.rows("select url, version from articles where version > 1")
    assert versions == [(address, 2)]


def test_what_is_deleted_is_kept_and_known_to_be_gone(told: Told) -> None:
    address = told.system.address(told.gone)
    assert address in told.articles()
    assert told.rows(f"select state from queue where url = '{address}'") == [("gone",)]


def test_nothing_is_fetched_without_need(told: Told) -> None:
    """What did not change answers 304; robots.txt is asked for once a day."""
    assert sum(path == "/robots.txt" for path, _ in told.system.paths) <= 5
    assert any(status == 304 for _, status in told.system.paths)
    assert check(told.archive) == []

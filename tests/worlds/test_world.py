"""A small world, crawled for a simulated day from bare addresses: what is found, and how politely.

`bench/world.py` does the same with 200 sites.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from tests.crawler.crawling import _environment
from tests.worlds import judge
from tests.worlds.plan import START, Site, world
from tests.worlds.rounds import CONTACT, ROOT, Options

#: One of each kind that does something of its own; the others differ in how much they publish.
KINDS = (
    "daily, RSS", "daily, Atom", "regional, JSON Feed", "news sitemap", "index of daily sitemaps",
    "sections only", "lists 10 of 40 a day", "lies: changed now", "lies: wrong dates", "lies: bumped",
    "lies: changing addresses", "consent wall", "paywall", "soft 404", "redesign, feed gone",
    "asks for rest", "robots.txt forbids a section", "robots.txt asks for a delay",
    "two behind one address", "two behind one address",
)  # fmt: skip


@dataclass
class Crawled:
    """The world, the servers' log, the judgement."""

    sites: list[Site]
    log: list[judge.Request]
    verdict: judge.Verdict
    told: dict[str, Any]

    def of(self, kind: str) -> list[Site]:
        return [site for site in self.sites if site.kind == kind]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("world")
    options = Options(
        folder=str(folder), sites=len(KINDS), hours=12, scale=0.6, grid=600, after=26, rest=3 * 3600,
        only=KINDS, told=str(folder / "told.json"),
    )  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-m", "tests.worlds.rounds", json.dumps(asdict(options))],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    log = judge.read_log(folder / "log.jsonl")
    verdict = judge.judge(log, folder / "archive", options.plan, options.hours, told["discovered_at"])
    return Crawled(options.plan, log, verdict, told)


def test_each_site_is_found_from_its_bare_address(crawled: Crawled) -> None:
    assert [host for host, sources in crawled.told["found"].items() if not sources] == []


def test_ninety_nine_of_a_hundred_articles_are_found(crawled: Crawled) -> None:
    whole = crawled.verdict.whole
    assert whole.listed > 250
    assert whole.share() >= 0.99, crawled.verdict.missed


def test_no_rule_of_robots_txt_no_delay_and_no_rest_is_broken(crawled: Crawled) -> None:
    found = judge.offences(crawled.log, crawled.sites)
    assert len(found) == 6
    assert [said for broken in found.values() for said in broken] == []


def test_what_was_to_be_kept_was_put_to_the_test(crawled: Crawled) -> None:
    rows = {site.host: [row for row in crawled.log if row.host == site.host] for site in crawled.sites}
    (forbids,), (delays,), (busy,) = (
        crawled.of(kind)
        for kind in ("robots.txt forbids a section", "robots.txt asks for a delay", "asks for rest")
    )
    assert any(article.section == "sport" for article in forbids.out(START))
    assert sum(row.what == "article" for row in rows[delays.host]) > 10
    assert any(row.status == 429 for row in rows[busy.host])


def test_no_wall_and_no_error_is_kept_as_an_article(crawled: Crawled) -> None:
    assert any(row.what == "wall" and row.status == 200 for row in crawled.log)
    assert crawled.verdict.walls_kept == []


def test_noise_makes_no_versions_and_edits_do(crawled: Crawled) -> None:
    assert crawled.verdict.noise_versions == []
    happened, seen, versions = crawled.verdict.edits
    assert happened > 10
    assert versions == seen > happened / 2


def test_news_waits_less_than_the_schedule_promises_and_costs_few_requests(crawled: Crawled) -> None:
    # Sites of six articles a day: two looks an article or so, and six looks back at each (docs/crawling.md).
    whole = crawled.verdict.whole
    assert len(whole.delays) > 30
    assert judge.minutes(whole.delays, 0.5) < 90
    assert len(crawled.log) / crawled.verdict.new < 12


# The judge itself -------------------------------------------------------------------------------------


def row(site: Site, path: str, at: float, **more: Any) -> judge.Request:
    given: dict[str, Any] = {
        "host": site.host, "address": site.address, "peer": 1, "arrived": at, "answered": at + 0.01,
        "now": START, "path": path, "status": 200, "what": "other", "article": None, "revision": None,
        "agent": f"pressmark (+{CONTACT})", "conditional": False, "rest": 0.0,
    }  # fmt: skip
    return judge.Request(**(given | more))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("forbidden by robots.txt", [("/sport/match.html", 1.0, {})]),
        ("robots.txt not asked first", [("/robots.txt", 9.0, {}), ("/feed", 0.0, {})]),
        ("robots.txt not asked first", [("/feed", 90_000.0, {"now": START + 2 * judge.ROBOTS_AGE})]),
        ("two at once to a site", [("/feed", 1.0, {"answered": 2.0}), ("/a", 1.5, {})]),
        ("sooner than the delay", [(f"/{n}", 1.0 + 0.001 * n, {}) for n in range(21)]),
        ("sooner than Retry-After", [("/a", 1.0, {"status": 429, "rest": 60.0}), ("/b", 2.0, {})]),
        ("no contact named", [("/a", 1.0, {"agent": "pressmark"})]),
    ],
)
def test_the_judge_sees_each_offence(name: str, rows: list[tuple[str, float, dict[str, Any]]]) -> None:
    (site,) = world(1, 2, only=["robots.txt forbids a section"])
    asked = row(site, "/robots.txt", 0.0, what="robots")
    log = sorted([asked, *(row(site, path, at, **more) for path, at, more in rows)], key=lambda r: r.arrived)
    if ("/feed", 0.0, {}) in rows:
        log.remove(asked)
    assert judge.offences(log, [site])[name] != []
    assert judge.offences([asked, row(site, "/politics/x", 1.0)], [site])[name] == []


def test_the_judge_sees_two_sites_of_one_address_asked_at_once() -> None:
    first, second = world(2, 2, only=["two behind one address"])
    assert first.address == second.address
    log = [row(first, "/a", 1.0, answered=2.0), row(second, "/b", 1.5)]
    assert [len(said) for said in judge.at_one_address(log, [first, second], 0.0)] == [1, 0]

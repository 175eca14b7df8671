"""What is said of a site's pages, sources and queue; and what is not said of healthy ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.health.housekeeping import archive_findings
from archive.health.judging import article_findings, class_of, health_of, page_findings
from archive.health.shares import at_least, shift
from archive.health.values import (
    ARCHIVE_FINDINGS,
    DAY,
    HOUR,
    SITE_FINDINGS,
    ArchiveFacts,
    Arrival,
    FailureCount,
    Finding,
    PageFacts,
    Run,
    SiteFacts,
    SourceFacts,
)
from archive.health.wording import lasting
from tests.health.histories import KINDS as NEWSROOMS
from tests.health.histories import START, births, pages

NOW = START + 200 * DAY


def changed(page: PageFacts, **fields: Any) -> PageFacts:
    return msgspec.structs.replace(page, **fields)


def healthy_pages(seed: int = 1) -> list[PageFacts]:
    """Oldest first."""
    return list(pages(20, 30, seed))


def newest(
    history: Sequence[PageFacts], sick: Callable[[PageFacts], PageFacts], count: int
) -> list[PageFacts]:
    return [*history[:-count], *map(sick, history[-count:])][::-1]


def levels(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.what: finding.level for finding in findings}


SICK: dict[str, dict[str, Any]] = {
    "walls": {"kind": "consent", "status": 200, "form": ""},
    "empty": {"kind": "other", "status": 200, "form": "empty"},
    "gone": {"kind": "error", "status": 404, "form": ""},
    "refused": {"kind": "error", "status": 403, "form": ""},
    "busy": {"kind": "error", "status": 429, "form": ""},
    "server_errors": {"kind": "error", "status": 502, "form": ""},
    "not_cleaned": {"kind": "error", "status": 200, "form": "", "cleaner": ""},
    "broken_bodies": {"truncated": True, "kind": "article", "form": "", "status": 200},
    "no_articles": {"kind": "index", "status": 200, "form": ""},
}


@pytest.mark.parametrize("what", SICK)
def test_a_site_all_of_whose_pages_fall_ill_is_told(what: str) -> None:
    sick = newest(healthy_pages(), lambda page: changed(page, **SICK[what]), 12)
    assert class_of(sick[0]) == what
    assert levels(list(page_findings(sick)))[what] == "alarm"


def test_a_bot_check_counts_as_a_wall_whatever_its_status() -> None:
    assert (
        class_of(PageFacts(fetched_at=0, status=403, kind="error", form="bot check", cleaner="c")) == "walls"
    )


@pytest.mark.parametrize("seed", range(5))
def test_healthy_pages_raise_no_alarm(seed: int) -> None:
    history = healthy_pages(seed)
    found = [*page_findings(history[::-1]), *article_findings(history[::-1])]
    assert "alarm" not in levels(found).values()


def test_walls_that_were_always_there_are_no_news() -> None:
    def half(page: PageFacts) -> PageFacts:
        return changed(page, kind="paywall") if int(page.fetched_at) % 2 else page

    assert "walls" not in levels(list(page_findings([half(page) for page in healthy_pages()][::-1])))


def test_a_site_that_never_showed_anything_but_walls_is_told() -> None:
    walls = [changed(page, **SICK["walls"]) for page in healthy_pages()[:12]]
    assert levels(list(page_findings(walls[::-1])))["walls"] == "alarm"


def without(name: str) -> Callable[[PageFacts], PageFacts]:
    return lambda page: changed(page, fields=page.fields - {name}) if page.fields else page


def test_dates_that_are_missing_at_once_are_an_alarm_with_their_numbers() -> None:
    (finding,) = article_findings(newest(healthy_pages(), without("date_published"), 60))
    assert (finding.what, finding.level) == ("fields_missing", "alarm")
    assert "date (" in finding.sentence
    assert "now 0 %" in finding.sentence


def test_a_missing_lead_is_a_notice() -> None:
    (finding,) = article_findings(newest(healthy_pages(), without("description"), 60))
    assert (finding.what, finding.level) == ("fields_missing", "notice")


def test_articles_of_another_cleaner_are_not_compared() -> None:
    other = newest(healthy_pages(), lambda page: changed(without("authors")(page), cleaner="new"), 60)
    assert not list(article_findings(other))


def test_a_redesign_is_suspected_where_words_and_confidence_fall_together() -> None:
    def redesigned(page: PageFacts) -> PageFacts:
        if page.words is None or page.confidence is None:
            return page
        return changed(page, words=page.words // 4, confidence=page.confidence * 0.6)

    def less_sure(page: PageFacts) -> PageFacts:
        return page if page.confidence is None else changed(page, confidence=page.confidence * 0.6)

    assert levels(list(article_findings(newest(healthy_pages(), redesigned, 60)))) == {"redesign": "alarm"}
    assert levels(list(article_findings(newest(healthy_pages(), less_sure, 60)))) == {"redesign": "notice"}


# Sources ----------------------------------------------------------------------------------------------


def source(**fields: Any) -> SourceFacts:
    defaults: dict[str, Any] = {
        "id": 1, "url": "https://press.example/feed", "kind": "feed", "site": "press.example",
        "found_at": NOW - 100 * DAY, "checked_at": NOW - 600, "status": 200, "due_at": NOW + 600,
        "last_new_at": NOW - HOUR, "answered_at": None,
    }  # fmt: skip
    return SourceFacts(**(defaults | fields))


def site(*sources: SourceFacts, until: float = NOW, **fields: Any) -> SiteFacts:
    came = births(NEWSROOMS["regional, 10 a day"], 200, 1, ordinary=True)
    arrivals = tuple(Arrival(born_at=at, found_at=at + 300) for at in came if at < until)
    defaults: dict[str, Any] = {"name": "Press", "arrivals": arrivals, "articles": 900}
    return SiteFacts(sources=sources or (source(),), **(defaults | fields))


def found(facts: SiteFacts) -> dict[str, str]:
    return levels(health_of(facts, NOW, NOW - 300).findings)


def test_a_healthy_site_is_well_and_says_how_often_it_publishes() -> None:
    health = health_of(site(), NOW, NOW - 300)
    assert (health.state, health.findings) == ("well", ())
    assert health.rhythm is not None
    assert health.rhythm.words.startswith("about ")
    assert sum(health.week) > 10


def test_a_site_that_falls_silent_is_told_in_a_sentence_with_its_numbers() -> None:
    health = health_of(site(until=NOW - 5 * DAY), NOW, NOW - 300)
    (finding,) = health.findings
    assert (health.state, finding.what, finding.level) == ("alarm", "silent", "alarm")
    assert "nothing new for 5 days" in finding.sentence
    assert finding.since == health.last_new_at


def test_silence_is_not_held_against_a_site_that_nobody_looked_at() -> None:
    quiet = site(source(checked_at=NOW - 5 * DAY, due_at=NOW - 5 * DAY), until=NOW - 5 * DAY)
    assert found(quiet) == {"overdue": "alarm"}
    assert levels(health_of(quiet, NOW, NOW - 5 * DAY).findings) == {}


SOURCES: dict[str, tuple[tuple[SourceFacts, ...], dict[str, Any], dict[str, str]]] = {
    "its only source fails": (
        (source(failures=4, status=503, answered_at=NOW - DAY),), {}, {"sources_failing": "alarm"},
    ),
    "a first try fails": (
        (source(failures=1, status=None, found_at=NOW - 60, last_new_at=None),),
        {"arrivals": (), "articles": 0},
        {"sources_failing": "notice"},
    ),
    "a restart": ((source(failures=2, answered_at=NOW - HOUR),), {}, {}),
    "one of two fails": (
        (source(failures=9, status=404, answered_at=NOW - 2 * DAY), source(id=2)), {},
        {"sources_failing": "notice"},
    ),
    "all are retired": (
        (source(retired_at=NOW - 20 * DAY, retired_reason="it is gone (HTTP 404), for 3 days"),), {},
        {"sources_retired": "alarm"},
    ),
    "one was retired long ago": ((source(retired_at=NOW - 20 * DAY), source(id=2)), {}, {}),
    "one was retired lately": (
        (source(retired_at=NOW - DAY), source(id=2)), {}, {"sources_retired": "notice"},
    ),
    "never looked at": ((source(checked_at=None),), {"arrivals": ()}, {"not_crawled": "notice"}),
    "nothing in a day": (
        (source(found_at=NOW - 2 * DAY),), {"arrivals": (), "articles": 0}, {"nothing_yet": "alarm"},
    ),
    "nothing in an hour": (
        (source(found_at=NOW - HOUR),), {"arrivals": (), "articles": 0}, {"nothing_yet": "notice"},
    ),
    "pages wait": ((source(),), {"waiting": 200, "waiting_long": 80}, {"backlog": "notice"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_sources_and_queue(name: str) -> None:
    sources, fields, expected = SOURCES[name]
    assert found(site(*sources, **fields)) == expected


def test_fetches_without_an_answer_are_told_by_class() -> None:
    counts = tuple(
        FailureCount(day=NOW - DAY, failure=failure, times=times, last_at=NOW - HOUR)
        for failure, times in (("dns", 9), ("timeout", 6), ("robots_forbids", 12))
    )
    health = health_of(site(failures=counts), NOW, NOW - 300)
    assert levels(health.findings) == {"no_answer": "alarm", "robots": "alarm"}
    assert "its name is not known (DNS) (9), no answer in time (6)" in health.findings[0].sentence
    assert health.failures == {"dns": 9, "timeout": 6, "robots_forbids": 12}
    old = tuple(msgspec.structs.replace(one, last_at=NOW - 3 * DAY) for one in counts)
    assert found(site(failures=old)) == {}


def test_a_site_that_no_list_names_is_not_judged() -> None:
    health = health_of(site(until=NOW - 50 * DAY, is_listed=False), NOW, NOW)
    assert (health.state, health.findings) == ("unlisted", ())


# The archive ------------------------------------------------------------------------------------------


def runs(*ends: float | None) -> tuple[Run, ...]:
    """Crawls, the newest first; `ends`: how long ago each ended, None: it did not, and began a day ago."""
    return tuple(
        Run(started_at=NOW - DAY - n, finished_at=None)
        if end is None
        else Run(started_at=NOW - end - 10, finished_at=NOW - end)
        for n, end in enumerate(ends)
    )


CRAWLED = tuple(6 * HOUR + n * 300 for n in range(10))
ARCHIVES: dict[str, tuple[ArchiveFacts, float | None, dict[str, str]]] = {
    "nothing was ever due": (ArchiveFacts(), None, {}),
    "cron has died": (ArchiveFacts(runs=runs(*CRAWLED)), NOW - 5.5 * HOUR, {"nothing_crawls": "alarm"}),
    "nothing is due yet": (ArchiveFacts(runs=runs(*CRAWLED)), NOW + HOUR, {}),
    "it crawls at this moment": (ArchiveFacts(runs=runs(*CRAWLED), writer="crawl"), NOW - 5 * HOUR, {}),
    "crawled by hand, once": (ArchiveFacts(runs=runs(DAY)), NOW - 20 * HOUR, {}),
    "crawled by hand, long ago": (
        ArchiveFacts(runs=runs(3 * DAY)), NOW - 2.5 * DAY, {"nothing_crawls": "notice"},
    ),
    "it hangs": (
        ArchiveFacts(runs=runs(None), writer="crawl", active_at=NOW - DAY), NOW - DAY,
        {"nothing_crawls": "alarm"},
    ),
    "it works for days": (ArchiveFacts(runs=runs(None), writer="crawl", active_at=NOW - 60), NOW - DAY, {}),
    "killed once": (ArchiveFacts(runs=runs(None, 600)), NOW + HOUR, {"broken_off": "notice"}),
    "killed again and again": (
        ArchiveFacts(runs=runs(None, None, None)), NOW + HOUR, {"broken_off": "alarm"},
    ),
    "the disk is full": (ArchiveFacts(disk_free=10**9, disk_size=10**12), None, {"disk": "alarm"}),
    "the disk is small": (ArchiveFacts(disk_free=10**9, disk_size=5 * 10**9), None, {}),
    "a file is not there": (ArchiveFacts(missing_files=("warc/a.warc.gz",)), None, {"files": "alarm"}),
    "pages are not cleaned": (
        ArchiveFacts(uncleaned=3, uncleaned_since=NOW - 2 * DAY), None, {"left_uncleaned": "notice"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_archive_itself(name: str) -> None:
    facts, due_at, expected = ARCHIVES[name]
    assert levels(list(archive_findings(facts, due_at, NOW))) == expected


def test_every_finding_that_can_be_made_is_in_the_closed_list() -> None:
    told = {what for _, _, expected in SOURCES.values() for what in expected}
    told |= set(SICK) | {"silent", "fields_missing", "redesign", "no_answer", "robots", "overdue"}
    assert told == set(SITE_FINDINGS)
    assert {what for _, _, expected in ARCHIVES.values() for what in expected} == set(ARCHIVE_FINDINGS)


# Statistics -------------------------------------------------------------------------------------------


def test_fisher_by_hand() -> None:
    # All 3 hits of 6 pages among 3 of them: 1 of 20 ways.
    assert at_least(3, 3, 0, 3) == pytest.approx(1 / 20)
    assert at_least(0, 3, 3, 3) == pytest.approx(1.0)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 50), st.integers(0, 50))
def test_a_chance_is_a_chance_and_falls_with_more_hits(
    hits: int, misses: int, before: int, rest: int
) -> None:
    chance = at_least(hits, hits + misses, before, before + rest)
    assert 0 <= chance <= 1 + 1e-9
    if misses and before:
        assert at_least(hits + 1, hits + misses, before - 1, before + rest) <= chance + 1e-9


def test_ranks_by_hand() -> None:
    found = shift([1.0, 2.0], [2.0, 3.0, 4.0])
    assert found.lower == pytest.approx((3 + 2.5) / 6)
    assert (found.now, found.before) == (1.5, 3.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 minutes"), (60, "1 minute"), (7199, "120 minutes"), (7200, "2 hours"), (3 * DAY, "3 days")],
)
def test_spans_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds) == words

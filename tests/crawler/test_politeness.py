"""How long to wait between two requests."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.settings import Settings
from scrapy.spiders import Spider

from crawler.politeness import PATIENCE_SECONDS, PoliteThrottle, asked_delay, retry_after_seconds

NOW = datetime(2025, 3, 14, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"Fri, 14 Mar 2025 09:01:30 GMT", 90.0),
        (b"Fri, 14 Mar 2025 08:00:00 GMT", 0.0),
        (b"9" * 4000, 10.0**9),
        (b"-5", None),
        (b"soon", None),
        (b"1\xb2", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: bytes | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.binary(max_size=60))
def test_no_retry_after_breaks_us(value: bytes) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or seconds >= 0


def rules(text: str) -> ProtegoRobotParser:
    return ProtegoRobotParser(text.encode(), None)


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 7\n\nUser-agent: pressmark\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nRequest-rate: 1/30", 30.0),
        ("User-agent: *\nRequest-rate: 10/10\nCrawl-delay: 3", 3.0),
        ("User-agent: other\nCrawl-delay: 7", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("", None),
    ],
)
def test_delay_is_the_longest_that_robots_txt_asks_of_us(text: str, delay: float | None) -> None:
    assert asked_delay(rules(text), "pressmark") == delay


HOST = "slow.example"


@pytest.fixture
def throttle() -> PoliteThrottle:
    """A throttle over a downloader with one slot, without a network."""
    settings = {
        "AUTOTHROTTLE_ENABLED": True,
        "DOWNLOAD_DELAY": 1,
        "AUTOTHROTTLE_MAX_DELAY": 60,
        "ROBOTSTXT_USER_AGENT": "pressmark",
    }
    crawler = Crawler(Spider, Settings(settings))
    downloader = SimpleNamespace(slots={HOST: Slot(1, 1.0, 0.5)}, per_slot_settings={}, _delay=0.0)
    engine: Any = SimpleNamespace(downloader=downloader)
    crawler._engine = engine
    polite = PoliteThrottle.from_crawler(crawler)
    polite._spider_opened(Spider("test"))
    return polite


def slot(throttle: PoliteThrottle) -> Slot:
    found: Slot = throttle._downloader.slots[HOST]
    return found


def answered(throttle: PoliteThrottle, status: int = 200, **headers: str) -> None:
    request = Request(f"https://{HOST}/a", meta={"download_slot": HOST, "download_latency": 0.01})
    throttle._response_downloaded(Response(request.url, status=status, headers=headers), request, None)


def test_crawl_delay_is_the_floor_however_fast_the_site(throttle: PoliteThrottle) -> None:
    throttle._robots_parsed(rules("User-agent: *\nCrawl-delay: 9"), Request(f"https://{HOST}/robots.txt"))
    for _ in range(20):
        answered(throttle)
    assert slot(throttle).delay == 9
    assert slot(throttle).jitter == 0  # Scrapy's jitter would go down to half of it


def test_crawl_delay_outlives_the_slot(throttle: PoliteThrottle) -> None:
    throttle._robots_parsed(rules("User-agent: *\nCrawl-delay: 9"), Request(f"https://{HOST}/robots.txt"))
    assert throttle._downloader.per_slot_settings[HOST] == {"concurrency": 1, "delay": 9.0, "jitter": 0.0}


def test_short_crawl_delay_does_not_speed_us_up(throttle: PoliteThrottle) -> None:
    throttle._robots_parsed(rules("User-agent: *\nCrawl-delay: 0"), Request(f"https://{HOST}/robots.txt"))
    assert slot(throttle).delay == 1


def test_retry_after_is_waited_for(throttle: PoliteThrottle) -> None:
    answered(throttle, 429, **{"Retry-After": "45"})
    assert slot(throttle).delay == 45


def test_delay_doubles_when_it_is_too_much_and_comes_down_again(throttle: PoliteThrottle) -> None:
    answered(throttle, 503)
    assert slot(throttle).delay == 2
    for _ in range(20):
        answered(throttle)
    assert slot(throttle).delay == 1


def test_delay_stays_within_patience(throttle: PoliteThrottle) -> None:
    answered(throttle, 503, **{"Retry-After": str(int(PATIENCE_SECONDS))})
    assert slot(throttle).delay == PATIENCE_SECONDS


def test_who_asks_for_longer_holds_nothing_in_line(throttle: PoliteThrottle) -> None:
    answered(throttle, 503, **{"Retry-After": "86400"})
    assert slot(throttle).delay < PATIENCE_SECONDS

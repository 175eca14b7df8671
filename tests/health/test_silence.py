"""A silence is judged against the site's own rhythm: nights, weekends and batches are no silence."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.health.silence import is_known, is_short, rhythm_of, silence, week_of, window_of
from archive.health.values import DAY, HOUR
from tests.health.histories import KINDS, START, Kind, births

BY_THE_CLOCK = KINDS["daily, one each workday at 6"]
WEEKLY = KINDS["weekly, Thursdays"]
WIRE = KINDS["wire, 120 a day"]


def known_of(kind: Kind, days: int = 120, seed: int = 3) -> list[float]:
    return window_of(births(kind, days, seed, ordinary=True), START + days * DAY)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_expected_over_the_window_is_what_came(name: str) -> None:
    known = known_of(KINDS[name])
    week = week_of(known)
    expected = week.until(known[-1]) - week.until(known[0])
    assert expected == pytest.approx(len(known) - 1, rel=0.12)


@settings(deadline=None)
@given(st.lists(st.floats(START, START + 60 * DAY), min_size=2, unique=True), st.floats(0, 30 * DAY))
def test_expectation_grows_with_time_and_never_falls(times: list[float], step: float) -> None:
    week = week_of(sorted(times))
    start = START + 70 * DAY
    assert week.until(start + step) >= week.until(start)
    assert math.isclose(week.until(start + 7 * DAY) - week.until(start), week.before[168], rel_tol=1e-6)


def alarm_after(known: list[float], level: str = "alarm") -> float:
    """Hours of silence after the last article until it is told."""
    last = known[-1]
    return next(
        hours for hours in range(24 * 200) if silence(known, last, last + hours * HOUR).is_too_long(level)
    )


def test_a_wire_is_missed_within_hours_and_a_weekly_is_not_after_two_days() -> None:
    assert alarm_after(known_of(WIRE)) <= 12
    weekly = known_of(WEEKLY, 170)
    assert not silence(weekly, weekly[-1], weekly[-1] + 2 * DAY).is_too_long("notice")
    assert 14 * 24 <= alarm_after(weekly) <= 28 * 24


def test_a_paper_of_workdays_may_rest_over_the_weekend() -> None:
    known = known_of(BY_THE_CLOCK)
    friday = [at for at, after in pairwise(known) if after - at > 2.5 * DAY][-1]
    before = [at for at in known if at <= friday]
    assert not silence(before, friday, friday + 2.9 * DAY).is_too_long("notice")
    assert silence(before, friday, friday + 6 * DAY).is_too_long("alarm")


def test_a_night_without_news_is_no_alarm_where_nights_have_none() -> None:
    office = Kind(30, KINDS["local, 4 a day, workdays"].hours)
    known = known_of(office)
    for before, after in pairwise(known[-200:]):
        assert not silence(known, before, after).is_too_long("alarm")


def test_an_outage_in_the_past_does_not_hide_the_next() -> None:
    whole = known_of(WIRE)
    hole = [at for at in whole if not whole[900] < at < whole[900] + 3 * DAY]
    assert alarm_after(hole) <= 1.5 * alarm_after(whole)


def test_batches_count_as_one_arrival() -> None:
    single = Kind(3)
    batches = Kind(24, batch=8)
    assert alarm_after(known_of(batches)) >= 0.5 * alarm_after(known_of(single))
    assert alarm_after(known_of(batches)) >= 3 * alarm_after(known_of(Kind(24)))


def test_a_little_history_makes_no_rhythm() -> None:
    assert not is_known([START + n * HOUR for n in range(200)])  # many, in nine days
    assert not is_known([START + n * 10 * DAY for n in range(8)])  # long, but few
    assert is_known([START + n * 2 * DAY for n in range(10)])


def test_only_articles_of_the_last_weeks_are_learned_from() -> None:
    now = START + 400 * DAY
    old = [START + n * HOUR for n in range(100)]
    assert window_of([*old, now + DAY], now) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wire, 120 a day", r" a day"),
        ("local, 4 a day, workdays", "weekdays"),
        ("weekly, Thursdays", "about 4 a month"),
    ],
)
def test_a_rhythm_is_told_in_words(name: str, words: str) -> None:
    told = rhythm_of(week_of(known_of(KINDS[name], 170)))
    assert words in told.words
    assert told.per_day > 0


@pytest.mark.parametrize("name", ["wire, 120 a day", "regional, 10 a day", "weekly, Thursdays"])
def test_healthy_sites_are_seldom_called_silent(name: str) -> None:
    """A year of five healthy sites, with holidays and drift: fewer than one and a half alarms a site."""
    alarms = 0
    for seed in range(5):
        history = births(KINDS[name], 300, seed)
        for n, (before, after) in enumerate(pairwise(history)):
            if before > START + 60 * DAY and after - before > 6 * HOUR:
                known = window_of(history[max(0, n - 8000) : n + 1], after)
                long = after - before > 4 * (known[-1] - known[0]) / len(known)
                alarms += long and is_known(known) and silence(known, before, after).is_too_long("alarm")
    assert alarms <= 1.5 * 5 * 240 / 365


@settings(deadline=None)
@given(st.integers(0, 7), st.floats(0, 20 * DAY))
def test_what_is_short_is_never_too_long(kind: int, span: float) -> None:
    known = known_of(list(KINDS.values())[kind], 100)
    last = known[-1]
    if is_short(week_of(known), last, last + span):
        found = silence(known, last, last + span)
        assert not any(found.is_too_long(level) for level in ("notice", "alarm"))

"""Bars from counts: nothing is lost, and no date makes a chart absurd."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.front.plugins.pressmark_front.charts import (
    HEIGHT,
    WIDTH,
    bucket_of,
    chart,
    histogram,
    largest,
    read_days,
    unit_for,
)

COUNTS = st.dictionaries(st.dates().map(str), st.integers(1, 500), min_size=2, max_size=40)


@settings(deadline=None)
@given(COUNTS)
def test_each_article_is_in_a_bar_or_told_beside_it(counts: dict[str, int]) -> None:
    shown = histogram(counts)
    if shown is None:
        return
    assert len(shown.bars) <= 125
    in_bars = sum(bar.bucket.total for bar in shown.bars)
    assert in_bars + shown.before + shown.after == sum(counts.values())
    assert shown.most == max(bar.bucket.total for bar in shown.bars)
    for bar in shown.bars:
        assert 0 <= bar.x < bar.x + bar.width <= WIDTH
        assert all(y >= -0.01 and y + high <= HEIGHT + 0.01 for _, y, high in bar.parts)
        assert bool(bar.parts) == bool(bar.bucket.total)


@settings(deadline=None)
@given(st.dates(), st.sampled_from(["day", "week", "month", "year"]))
def test_units_follow_each_other_without_gap(day: date, unit: str) -> None:
    first, last = bucket_of(day, unit)
    assert first <= day <= last
    assert bucket_of(first, unit) == bucket_of(last, unit) == (first, last)
    if last < date.max:
        assert bucket_of(last + timedelta(days=1), unit)[0] == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("span_days", "unit"),
    [(1, "day"), (62, "day"), (63, "week"), (420, "week"), (421, "month"), (3701, "year")],
)
def test_the_unit_fits_the_span(span_days: int, unit: str) -> None:
    first = date(2001, 1, 1)
    assert unit_for(first, first + timedelta(days=span_days - 1)) == unit


def test_a_misread_date_does_not_stretch_the_chart() -> None:
    counts = {f"2024-03-{day:02}": 20 for day in range(1, 31)} | {"1970-01-01": 1, "2099-01-01": 2}
    shown = histogram(counts)
    assert shown is not None
    assert (shown.unit, len(shown.bars), shown.before, shown.after) == ("day", 30, 1, 2)


def test_a_few_days_stand_amid_two_weeks_and_a_few_hits_need_no_chart() -> None:
    shown = histogram({"2024-05-01": 3, "2024-05-03": 2})
    assert shown is not None
    assert len(shown.bars) == 14
    assert histogram({"2024-05-01": 3, "2024-05-03": 1}) is None


def test_what_is_no_day_is_left_out() -> None:
    assert read_days({"2024-02-30": 1, "": 2, "soon": 3, "2024-05-01T09:30": 4}) == {date(2024, 5, 1): 4}
    assert histogram({"2024-05-01": 7}) is None


def test_series_are_stacked_from_below() -> None:
    day = date(2024, 5, 1)
    (bar,) = chart([{day: 1}, {}, {day: 3}], day, day).bars
    assert bar.parts == ((0, 75.0, 25.0), (2, 0.0, 75.0))


def test_the_smallest_sites_share_a_name() -> None:
    counts = {"a": 1, "b": 5, "c": 3}
    assert largest(counts, 3, "others") == ["b", "c", "a"]
    assert largest(counts, 2, "others") == ["b", "others"]

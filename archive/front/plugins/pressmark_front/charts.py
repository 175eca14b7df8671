"""Small bar charts as numbers for a template: which bars there are, how high, what they are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

#: The chart's own units: the page stretches it to the width it has.
WIDTH, HEIGHT = 600.0, 100.0

#: The finest unit by which a span of so many days makes at most about 120 bars.
UNITS = (("day", 62), ("week", 420), ("month", 3700), ("year", 10**9))

#: One misread date must not stretch a chart over a century: of so many hits or more, the outermost half
#: percent at each end is told in words.
TRIMMED_FROM, TRIMMED_SHARE = 200, 0.005
#: Fewer hits are seen at a glance without a chart.
FEWEST = 5
#: No chart is longer than this, whatever dates pages claim.
MOST_YEARS = 120

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Bucket(NamedTuple):
    """A span of days and what falls into it."""

    first: date
    last: date
    label: str
    counts: tuple[int, ...]  # one for each series

    @property
    def total(self) -> int:
        return sum(self.counts)


class Bar(NamedTuple):
    """A bar of a chart: its place, its parts from below as (series, y, height), and what it stands for."""

    x: float
    width: float
    parts: tuple[tuple[int, float, float], ...]
    bucket: Bucket


class Chart(NamedTuple):
    unit: str
    bars: tuple[Bar, ...]
    most: int
    before: int = 0  # how many fell outside, earlier
    after: int = 0  # and later

    @property
    def ticks(self) -> tuple[str, ...]:
        """Labels below the chart: the first bar, one amid, the last."""
        labels = [bar.bucket.label for bar in self.bars]
        middle = labels[len(labels) // 2 : len(labels) // 2 + 1] if len(labels) > 8 else []
        return tuple(dict.fromkeys([*labels[:1], *middle, *labels[-1:]]))


def read_days(counts: Mapping[str, int]) -> dict[date, int]:
    """Counts by ISO day as counts by date; what is no date is left out."""
    found: dict[date, int] = {}
    for text, number in counts.items():
        try:
            day = date.fromisoformat(str(text or "")[:10])
        except ValueError:
            continue
        found[day] = found.get(day, 0) + number
    return found


def trimmed(days: Mapping[date, int]) -> dict[date, int]:
    """The days without outliers."""
    total = sum(days.values())
    spare = int(total * TRIMMED_SHARE) if total >= TRIMMED_FROM else 0
    ordered = sorted(days)
    first, last = _outermost(ordered, days, spare), _outermost(ordered[::-1], days, spare)
    if first is None or last is None:
        return {}
    return {day: days[day] for day in ordered if first <= day <= last}


def _outermost(ordered: Sequence[date], days: Mapping[date, int], spare: int) -> date | None:
    """The outermost day that counts: beyond it are `spare` articles at most, a year or more away."""
    seen = 0
    for day in ordered:
        seen += days[day]
        if seen > spare:
            return ordered[0] if abs((day - ordered[0]).days) < 366 else day
    return None


def unit_for(first: date, last: date) -> str:
    """By which unit a span is best counted."""
    span = (last - first).days + 1
    return next(unit for unit, most in UNITS if span <= most)


@lru_cache(maxsize=5000)  # each day of a histogram is asked for again and again, and calendars are slow
def bucket_of(day: date, unit: str) -> tuple[date, date]:
    """The first and last day of the unit that holds `day`; weeks begin on Monday."""
    if unit == "day":
        return day, day
    if unit == "week":
        first = day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
        return first, first + timedelta(days=min(6, date.max.toordinal() - first.toordinal()))
    if unit == "month":
        first = day.replace(day=1)
        following = first.replace(day=28) + timedelta(days=4) if first < date(9999, 12, 1) else date.max
        return first, following.replace(day=1) - timedelta(days=1) if following != date.max else date.max
    return date(day.year, 1, 1), date(day.year, 12, 31)


def label_of(first: date, unit: str) -> str:
    if unit == "year":
        return str(first.year)
    month = f"{_MONTHS[first.month - 1]} {first.year}"
    return month if unit == "month" else f"{first.day} {month}"


def buckets(series: Sequence[Mapping[date, int]], first: date, last: date) -> tuple[str, list[Bucket]]:
    """All units from the one of `first` to the one of `last`, empty ones too; counts by series."""
    unit = unit_for(first, last)
    counts: dict[date, list[int]] = {}
    for rank, days in enumerate(series):
        for day, number in days.items():
            if first <= day <= last:
                counts.setdefault(bucket_of(day, unit)[0], [0] * len(series))[rank] += number
    found: list[Bucket] = []
    day = first
    while True:
        begins, ends = bucket_of(day, unit)
        here = counts.get(begins, [0] * len(series))
        found.append(Bucket(begins, ends, label_of(begins, unit), tuple(here)))
        if ends >= last:
            return unit, found
        day = ends + timedelta(days=1)


def chart(
    series: Sequence[Mapping[date, int]], first: date, last: date, *, before: int = 0, after: int = 0
) -> Chart:
    """Bars of stacked series from `first` to `last`."""
    unit, found = buckets(series, first, last)
    most = max((bucket.total for bucket in found), default=0)
    step = WIDTH / len(found)
    scale = HEIGHT / (most or 1)
    bars = tuple(
        Bar(round(rank * step, 2), round(step * 0.82, 2), _stacked(bucket.counts, scale), bucket)
        for rank, bucket in enumerate(found)
    )
    return Chart(unit, bars, most, before, after)


def _stacked(counts: Sequence[int], scale: float) -> tuple[tuple[int, float, float], ...]:
    parts: list[tuple[int, float, float]] = []
    top = HEIGHT
    for rank, number in enumerate(counts):
        if number:
            # What is there at all is to be seen: a hair of one unit.
            high = max(number * scale, 1.0)
            top -= high
            parts.append((rank, round(top, 2), round(high, 2)))
    return tuple(parts)


def histogram(counts: Mapping[str, int]) -> Chart | None:
    """Hits over time from counts by ISO day; None where there is little to see."""
    told = read_days(counts)
    kept = _about_the_middle(trimmed(told))
    if len(kept) < 2 or sum(kept.values()) < FEWEST:
        return None
    first, last = _widened(min(kept), max(kept))
    before = sum(number for day, number in told.items() if day < first)
    after = sum(number for day, number in told.items() if day > last)
    return chart([kept], first, last, before=before, after=after)


def _widened(first: date, last: date) -> tuple[date, date]:
    """At least two weeks, so that two days do not make two walls."""
    missing = 14 - (last - first).days - 1
    if missing <= 0 or first.year < 2 or last.year > 9998:
        return first, last
    return first - timedelta(days=missing - missing // 2), last + timedelta(days=missing // 2)


def _about_the_middle(days: Mapping[date, int]) -> dict[date, int]:
    """The days that stand within `MOST_YEARS` about the median article."""
    half, seen, middle = sum(days.values()) / 2, 0, date.min
    for day in sorted(days):
        seen += days[day]
        if seen >= half:
            middle = day
            break
    return {day: number for day, number in days.items() if abs(day.year - middle.year) <= MOST_YEARS // 2}


def largest(counts: Mapping[str, int], most: int, rest: str) -> list[str]:
    """The names with the highest counts, and `rest` where there are others."""
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    return ordered if len(ordered) <= most else [*ordered[: most - 1], rest]

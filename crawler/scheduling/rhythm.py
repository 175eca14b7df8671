"""How often a source brings something new, by hour of day and day of week, learned from what it brought.

Articles are taken to come as a Poisson process whose rate is

    base rate  x  hour of day  x  day of week  x  level of the last hours

The base rate is a count over a time, both forgotten with the same half-life; hours and days are shares of the
count, drawn towards even ones where there are few articles (a gamma and a Dirichlet prior); the level is what
came lately over what was expected, which follows a big news day. Counts are known here, since a source lists
what is new: where only 'changed or not' is known, Cho and Garcia-Molina's estimator is the right one
(`articles.py`).

Hours are those of UTC. A newsroom's own zone is not needed: its nights show in the counts, and when clocks
change, the counts follow within the half-life.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archive.values import Value
from crawler.scheduling.values import DAY, HOUR

# The figures below were swept on simulated sites (bench/schedule.py, 60 sites, 100 days, a seed of their
# own): the cost, patience x requests + delays, is 1.04 times that of a schedule that knows each rhythm, and
# none of them moved it by more than 0.01 when halved or doubled.

#: Seconds in which a count falls to 1/e. Half-life 21 days: long enough for seven weekdays, short enough to
#: follow summer time and a newsroom that changes its ways.
MEMORY = 30 * DAY
#: The same for the level of the last hours.
LEVEL_MEMORY = 6 * HOUR
#: What is believed of a source before anything is seen of it: one article in `PRIOR_TIME`.
PRIOR_ARTICLES = 0.5
PRIOR_TIME = 3 * HOUR
#: Articles' worth of belief that all hours, and all days, are alike; and that the last hours were ordinary.
EVEN_HOURS = 4.0
EVEN_DAYS = 12.0
ORDINARY = 2.0
#: How much of an hour's articles is said to belong to the hour before and after: newsrooms are not clocks.
SPILL = 0.1
#: Bounds of the level.
LEVELS = (0.25, 8.0)

#: Beyond this, steps of an hour are not worth their time: a mean day is taken.
LONGEST_WALK = 8 * DAY

_NONE_24 = (0.0,) * 24
_NONE_7 = (0.0,) * 7


class Rhythm(Value, frozen=True, kw_only=True):
    """What is known of a source since `since`, up to `as_of` (seconds since 1970, UTC).

    `hours` and `days`: articles by hour of the day and day of the week (Monday first), faded as of
    `counted_at`. `recent` and `expected`: articles of the last hours, those that came and those that the rest
    foretold.
    """

    since: float
    as_of: float
    counted_at: float
    hours: tuple[float, ...] = _NONE_24
    days: tuple[float, ...] = _NONE_7
    recent: float = 0.0
    expected: float = 0.0

    def rates(self, start: float) -> Iterator[tuple[float, float]]:
        """(articles a second, seconds for which that holds) from `start` on, without end, hour by hour."""
        total = sum(self.hours)
        base = self.base_rate(start)
        level = self.level(start)
        hour = base * 24 / (total + EVEN_HOURS)
        day = 7 / (total + EVEN_DAYS)
        at = start
        while True:
            end = (at // HOUR + 1) * HOUR
            h = int(at // HOUR) % 24
            share = self.hours[h] * (1 - 2 * SPILL) + SPILL * (self.hours[h - 1] + self.hours[h - 23])
            of_day = self.days[(int(at // DAY) + 3) % 7]
            rate = hour * (share + EVEN_HOURS / 24) * day * (of_day + EVEN_DAYS / 7)
            yield rate * (1 + (level - 1) * math.exp(-(at - start) / LEVEL_MEMORY)), end - at
            at = end

    def base_rate(self, now: float) -> float:
        """Articles a second, over all hours: the mean of a gamma posterior with forgetting."""
        count = sum(self.hours) * math.exp(-(now - self.counted_at) / MEMORY)
        time = MEMORY * (1 - math.exp(-(now - self.since) / MEMORY))
        return (count + PRIOR_ARTICLES) / (time + PRIOR_TIME)

    def level(self, now: float) -> float:
        """How many times the ordinary rate the last hours had."""
        fade = math.exp(-(now - self.as_of) / LEVEL_MEMORY)
        level = (ORDINARY + self.recent * fade) / (ORDINARY + self.expected * fade)
        return min(max(level, LEVELS[0]), LEVELS[1])

    def expected_until(self, start: float, end: float) -> float:
        """Articles expected between two times, by base rate, hours and days."""
        if end - start > LONGEST_WALK:
            return self.base_rate(start) * (end - start)
        level = self.level(start)
        expected, at = 0.0, start
        for rate, span in self.rates(start):
            span = min(span, end - at)
            expected += rate * span / (1 + (level - 1) * math.exp(-(at - start) / LEVEL_MEMORY))
            at += span
            if at >= end:
                break
        return expected


def hour_of(at: float) -> int:
    """Hour of the day, UTC."""
    return int(at // HOUR) % 24


def weekday_of(at: float) -> int:
    """Day of the week, UTC, Monday is 0. (1970 began on a Thursday.)"""
    return (int(at // DAY) + 3) % 7


def begun(published: tuple[float, ...], now: float) -> Rhythm:
    """The rhythm that a list shows at first sight: its articles' dates tell how often they came.

    The oldest quarter is left out: pinned and forgotten pieces would stretch the time.
    """
    dates = sorted((at for at in published if now - 2 * MEMORY < at <= now), reverse=True)
    dates = dates[: math.ceil(len(dates) * 0.75)]
    if len(dates) < 2:
        return Rhythm(since=now, as_of=now, counted_at=now)
    rhythm = Rhythm(since=dates[-1], as_of=now, counted_at=now)
    # The list was cut at an article, so that one is no part of the time that follows it.
    return _counted(rhythm, [(at, math.exp(-(now - at) / MEMORY)) for at in dates[:-1]])


def grown(rhythm: Rhythm, now: float, new: int, published: tuple[float, ...] = ()) -> Rhythm:
    """The rhythm after a visit at `now` that found `new` articles since the visit before (`as_of`).

    Articles whose `published` lies in between are counted there, others where they are most likely to have
    come.
    """
    before = rhythm.as_of
    if now <= before:
        return rhythm
    fade = math.exp(-(now - before) / LEVEL_MEMORY)
    keep = math.exp(-(now - rhythm.counted_at) / MEMORY) if new else 1.0
    faded = Rhythm(
        since=rhythm.since,
        as_of=now,
        counted_at=now if new else rhythm.counted_at,
        hours=tuple([n * keep for n in rhythm.hours]) if new else rhythm.hours,
        days=tuple([n * keep for n in rhythm.days]) if new else rhythm.days,
        recent=rhythm.recent * fade + new,
        expected=rhythm.expected * fade + rhythm.expected_until(before, now),
    )
    if not new:
        return faded
    placed = [(at, 1.0) for at in published if before < at <= now][:new]
    loose = new - len(placed)
    return _counted(faded, placed + _likely(rhythm, before, now, loose) if loose else placed)


def _counted(rhythm: Rhythm, articles: list[tuple[float, float]]) -> Rhythm:
    hours, days = list(rhythm.hours), list(rhythm.days)
    for at, weight in articles:
        hours[hour_of(at)] += weight
        days[weekday_of(at)] += weight
    return Rhythm(
        since=rhythm.since,
        as_of=rhythm.as_of,
        counted_at=rhythm.counted_at,
        hours=tuple(hours),
        days=tuple(days),
        recent=rhythm.recent,
        expected=rhythm.expected,
    )


def _likely(rhythm: Rhythm, before: float, now: float, number: int) -> list[tuple[float, float]]:
    """`number` articles without dates, shared out over the hours in which they may have come, by what is
    known.

    (One step of expectation maximisation.) Of a time beyond LONGEST_WALK the last part takes them all.
    """
    start = max(before, now - LONGEST_WALK)
    shares: list[tuple[float, float]] = []
    at = start
    for rate, span in rhythm.rates(start):
        span = min(span, now - at)
        shares.append((at, rate * span))
        at += span
        if at >= now:
            break
    whole = sum(share for _, share in shares)
    return [(at, number * share / whole) for at, share in shares]

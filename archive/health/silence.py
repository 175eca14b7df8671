"""When a silence is too long: a site against its own rhythm. Pure.

**Rescaled time.** From the articles of the last weeks a rate is learned by hour of the day and day of the
week. Time is then measured in articles that were to be expected: nights and Sundays count for what they are
worth to this site. (Time rescaling: Brown et al., 'The time-rescaling theorem', Neural Computation 14(2),
2002. Of a Poisson process with that rate the gaps between articles, measured so, are exponential with mean
1.)

**How long is too long.** Newsrooms are no Poisson processes: some publish in batches, some by the clock. So
the longest gap M among the last n, in rescaled time, is the yardstick. Where gaps have an exponential tail
of whatever scale, the next one is longer than c times M with probability n B(n, c + 1), about Gamma(c + 1)
/ n^c. A year has so many gaps, and c is chosen so that by chance alone there is one such silence in `YEARS`
years. A wire of 100 a day comes to c = 1.6 and some 12 articles; a paper of one a day, which never misses,
to the floor.

Calibrated with bench/health.py: false alarms of healthy sites, and the time until a silenced one is found.
"""

from __future__ import annotations

import bisect
import math
import operator
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from archive.health.values import DAY, HOUR, Rhythm

#: Articles of so long are read; of twice and more where they are fewer than MANY.
WINDOW, LONG_WINDOW = 56 * DAY, 182 * DAY
MANY = 40
#: No more articles than this are read: of a wire of 200 a day, two weeks.
MOST = 3000
#: Below so many gaps, or so much time, a rhythm is not known yet.
FEWEST, SHORTEST = 8, 14 * DAY
#: By chance alone there is one alarm in so many years, and one notice.
YEARS = {"alarm": 4.0, "notice": 0.5}
#: Fewer articles than this are never missed: a paper that comes by the clock may skip an issue or two.
FLOOR = {"alarm": 2.5, "notice": 1.5}
#: And no silence shorter than this is too long: a stopped press, a power cut, a holiday's morning.
SHORTEST_SILENCE = {"alarm": 6 * HOUR, "notice": 3 * HOUR}
#: A gap so many times the next longest was most likely an outage; two of them are not counted among the
#: ordinary.
OUTAGE = 2.5
#: Articles so close together, in rescaled time, are one batch.
BATCH = 0.1
#: Articles' worth of belief that all hours, and all days of the week, are alike.
EVEN_HOURS, EVEN_DAYS = 12.0, 7.0
#: Share of an hour's articles that may as well belong to the hour before or after.
SPILL = 0.15
#: What is not known yet is at least told after this.
LONG_AGO = 45 * DAY


class Week(NamedTuple):
    """Articles expected by hour of the week (Monday 0:00 UTC is 0), and summed up to its beginning."""

    rates: tuple[float, ...]
    before: tuple[float, ...]

    def until(self, at: float) -> float:
        """Articles expected from the first Monday of 1970 until `at`."""
        weeks, seconds = divmod(at - _MONDAY, 7 * DAY)
        hour = int(seconds // HOUR)
        return weeks * self.before[168] + self.before[hour] + self.rates[hour] * (seconds / HOUR - hour)


#: 1970 began on a Thursday.
_MONDAY = 4 * DAY


class Silence(NamedTuple):
    """A silence in articles that were to be expected, and how many would be too many."""

    expected: float
    limits: dict[str, float]
    #: How often a year so long a silence comes by chance.
    a_year: float
    seconds: float

    def is_too_long(self, level: str) -> bool:
        return self.expected >= self.limits[level] and self.seconds >= SHORTEST_SILENCE[level]


def window_of(births: Sequence[float], now: float) -> list[float]:
    """The births that a rhythm is learned from, oldest first: of eight weeks, or of half a year if few."""
    ordered = sorted(at for at in births if now - LONG_WINDOW < at <= now)
    recent = ordered[bisect.bisect_left(ordered, now - WINDOW) :]
    return (recent if len(recent) >= MANY else ordered)[-MOST:]


def is_known(births: Sequence[float]) -> bool:
    """Whether a rhythm can be learned from these births, oldest first."""
    return len(births) > FEWEST and births[-1] - births[0] >= SHORTEST


def week_of(births: Sequence[float]) -> Week:
    """The rate by hour of the week of a site with these births (oldest first, more than one)."""
    hours, days = [0.0] * 24, [0.0] * 7
    # The first only begins the time that is counted.
    for hour, number in Counter([int((at - _MONDAY) // HOUR) for at in births[1:]]).items():
        hours[hour % 24] += number
        days[hour // 24 % 7] += number
    count = len(births) - 1
    spread = [
        hours[h] * (1 - 2 * SPILL) + SPILL * (hours[h - 1] + hours[h - 23]) + EVEN_HOURS / 24
        for h in range(24)
    ]
    # A window of some weeks and a half has one day more of some weekdays: taken by their own time.
    seen = _days_between(births[0], births[-1])
    even = count / max(sum(seen), 1.0)
    of_day = [(days[d] + EVEN_DAYS / 7) / (seen[d] + EVEN_DAYS / 7 / even) for d in range(7)]
    of_hour = [share / (count + EVEN_HOURS) for share in spread]
    rates = [of_day[d] * of_hour[h] for d in range(7) for h in range(24)]
    before = [0.0]
    for rate in rates:
        before.append(before[-1] + rate)
    return Week(tuple(rates), tuple(before))


def _days_between(start: float, end: float) -> list[float]:
    """How many days of each weekday lie between two times; parts of a day count as parts."""
    seen = [0.0] * 7
    at = start
    while at < end:
        midnight = (at // DAY + 1) * DAY
        step = min(midnight, end) - at
        seen[int((at - _MONDAY) // DAY) % 7] += step / DAY
        at += step
    return seen


def is_short(week: Week, last: float, until: float) -> bool:
    """Whether a silence is below every limit, whatever the gaps were: most are, at every look."""
    if until - last < min(SHORTEST_SILENCE.values()):
        return True
    return week.until(until) - week.until(last) < min(FLOOR.values())


def silence(births: Sequence[float], last: float, until: float, week: Week | None = None) -> Silence:
    """How the silence from `last` to `until` compares with the gaps between these births (oldest first).

    `week`: `week_of(births)`, where that is at hand.
    """
    week = week or week_of(births)
    scale = [*map(week.until, births)]
    gaps = sorted(map(operator.sub, scale[1:], scale))
    # Articles that come in one batch are one arrival.
    count = len(gaps) - bisect.bisect_right(gaps, BATCH) or 1
    longest = max(_longest_ordinary(gaps), 1.0)
    a_year = count * 365 * DAY / (births[-1] - births[0])
    expected = max(week.until(until) - week.until(last), 0.0) if until > last else 0.0
    limits = {
        level: max(longest * _factor(count, a_year, years), FLOOR[level]) for level, years in YEARS.items()
    }
    return Silence(expected, limits, a_year * _tail(expected / longest, count), max(until - last, 0.0))


def _longest_ordinary(gaps: Sequence[float]) -> float:
    """The longest of sorted gaps, up to two outages left out."""
    rank = len(gaps) - 1
    while rank >= max(len(gaps) - 2, 1) and gaps[rank] > OUTAGE * max(gaps[rank - 1], 1.0):
        rank -= 1
    return gaps[rank]


def _tail(times: float, count: int) -> float:
    """The chance that the next gap is longer than `times` the longest of `count`: n B(n, times + 1)."""
    return math.exp(math.lgamma(count + 1) + math.lgamma(times + 1) - math.lgamma(count + times + 1))


def _factor(count: int, a_year: float, years: float) -> float:
    """How many times the longest gap a silence must last to come once in so many years by chance."""
    low, high = 1.0, 8.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if a_year * years * _tail(middle, count) > 1 else (low, middle)
    return high


def rhythm_of(week: Week) -> Rhythm:
    """How often a site with this week publishes, in words."""
    per_day = week.before[168] / 7
    by_day = [week.before[24 * d + 24] - week.before[24 * d] for d in range(7)]
    often = (
        f"about {per_day:.0f} a day" if per_day >= 1.5
        else f"about {per_day * 7:.0f} a week" if per_day * 7 >= 1.5
        else f"about {per_day * 30:.0f} a month"
    )  # fmt: skip
    workdays = sum(by_day[:5]) / 5
    weekdays = ", weekdays" if sum(by_day[5:]) / 2 < 0.2 * workdays and per_day * 7 >= 3 else ""
    return Rhythm(per_day=round(per_day, 3), words=often + weekdays)

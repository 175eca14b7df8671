"""A simulated world of news sites with years of clock, to judge schedules by. Seeded: the same every time.

Each site is a source with a rhythm (articles an hour, for every hour), the articles drawn from it, and
manners: how long its list is, when it fails, whether it lies. A policy looks when it wants to; the world
counts requests, and the time from publication to discovery. Baselines: looks at a fixed interval, intervals
that shrink and grow (commoncrawl/news-crawl), a schedule that knows each rhythm, and one that knows each
article beforehand.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from crawler.scheduling import SourceOptions, SourceState, Visit, after_visit, next_look

HOUR, DAY = 3600.0, 86400.0
#: Monday, 2024-01-01, 00:00 UTC.
START = 1704067200.0

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
#: Share of a day's articles by local hour, of three kinds of newsroom.
AROUND_THE_CLOCK = [3, 2, 2, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 4, 4, 3]
DAYTIME = [1, 0, 0, 0, 0, 2, 5, 8, 9, 9, 8, 8, 7, 7, 7, 7, 7, 7, 5, 4, 3, 3, 2, 1]
OFFICE = [0, 0, 0, 0, 0, 0, 0, 1, 6, 12, 14, 12, 8, 10, 12, 10, 8, 5, 1, 0, 0, 0, 0, 0]
STRICTLY_DAY = [0, 0, 0, 0, 0, 0, 0, 6, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 6, 0, 0, 0]


@dataclass
class Site:
    """One source. `fails(now, last look)`: status (0: no answer), Retry-After."""

    kind: str
    rates: Floats
    published: list[float]
    listed: int = 30
    dated: bool = True
    lies: bool = False
    fails: Callable[[float, float], tuple[int, float | None]] = lambda now, last: (200, None)


def _works(now: float, last: float) -> tuple[int, float | None]:
    return 200, None


@dataclass
class Plan:
    """What a site is made of: its rates from 30 days before START on, and what is not as usual."""

    rates: Floats
    listed: int = 30
    dated: bool = True
    lies: bool = False
    minutes: float = 60.0
    published: list[float] | None = None
    fails: Callable[[float, float], tuple[int, float | None]] = _works


@dataclass
class Seen:
    """What a policy got from a site."""

    kind: str
    requests: int = 0
    delays: list[float] = field(default_factory=list)
    missed: int = 0
    requests_by_day: list[int] = field(default_factory=list)


class Policy(Protocol):
    """Says when to look next, after each visit."""

    def first(self, start: float) -> float: ...

    def after(self, visit: Visit) -> float: ...


class Ours:
    """What crawler.scheduling decides."""

    def __init__(self, options: SourceOptions | None = None) -> None:
        self.options = options or SourceOptions()
        self.state = SourceState()

    def first(self, start: float) -> float:
        return start

    def after(self, visit: Visit) -> float:
        self.state = after_visit(self.state, visit, self.options)
        at = next_look(self.state, self.options).at
        assert at is not None
        assert at > visit.at
        return at


class Fixed:
    def __init__(self, interval: float) -> None:
        self.interval = interval

    def first(self, start: float) -> float:
        return start

    def after(self, visit: Visit) -> float:
        return visit.at + self.interval


class GrowAndShrink:
    """StormCrawler's AdaptiveScheduler: a change shrinks the interval by `less`, none makes it grow by
    `more`.

    news-crawl's own figures: 12 hours to begin with, between 90 minutes and 90 days, less 0.2, more 0.5; a
    failure is tried again after 3 days, a 404 after 60.
    """

    def __init__(self, begin: float, least: float, most: float, less: float, more: float) -> None:
        self.interval, self.least, self.most, self.less, self.more = begin, least, most, less, more

    def first(self, start: float) -> float:
        return start

    def after(self, visit: Visit) -> float:
        if visit.failure:
            return visit.at + (60 * DAY if visit.failure == "gone" else 3 * DAY)
        factor = 1 - self.less if visit.new else 1 + self.more
        self.interval = min(max(self.interval * factor, self.least), self.most)
        return visit.at + self.interval


class RhythmKnown:
    """The rule of patience with the true rate of every hour: what learning cannot beat."""

    def __init__(self, site: Site, patience: float, shortest: float = 300.0, longest: float = DAY) -> None:
        self.rates, self.patience, self.shortest, self.longest = site.rates, patience, shortest, longest

    def first(self, start: float) -> float:
        return start

    def after(self, visit: Visit) -> float:
        at, articles, waited = visit.at, 0.0, 0.0
        last = len(self.rates) - 1
        while at < visit.at + self.longest:
            hour = int((at - START) // HOUR)
            rate = max(self.rates[min(hour, last)] / HOUR, 1e-12)
            span = (hour + 1) * HOUR + START - at
            left = self.patience - waited
            step = 2 * left / (articles + math.sqrt(articles * articles + 2 * rate * left))
            if step <= span:
                at += step
                break
            articles += rate * span
            waited += articles * span - rate * span * span / 2
            at += span
        return min(max(at, visit.at + self.shortest), visit.at + self.longest)


def run(site: Site, policy: Policy, days: int, settle: int = 0) -> Seen:
    """What a policy sees of a site, from the day `settle` on (before it, it may learn uncounted)."""
    seen = Seen(site.kind, requests_by_day=[0] * days)
    published, end, counted_from = site.published, START + days * DAY, START + settle * DAY
    now, last, known = policy.first(START), -math.inf, 0
    while now < end:
        day = int((now - START) // DAY)
        seen.requests_by_day[day] += 1
        seen.requests += now >= counted_from
        status, rest = site.fails(now, last)
        last = now
        if status != 200:
            now = policy.after(Visit(at=now, status=status or None, retry_after=rest))
            continue
        there = bisect_right(published, now)
        fresh = published[max(known, there - site.listed) : there]
        first = known == 0
        if not first:
            seen.missed += (there - known - len(fresh)) * (now >= counted_from)
        if not first and now >= counted_from:
            seen.delays.extend(now - at for at in fresh)
        known = max(there, 1)
        now = policy.after(
            Visit(
                at=now,
                listed=min(site.listed, there),
                new=min(site.listed, there) if site.lies else len(fresh),
                published=tuple(fresh) if site.dated else (),
            )
        )
    return seen


def fewest(site: Site, price: float, days: int, settle: int = 0) -> Seen:
    """The looks of somebody who knows every article beforehand and pays `price` seconds of delay for a
    request.

    Exact: the least of price x requests + sum of delays, by dynamic programming over the articles in order (a
    look is best placed at the last of the articles that it finds). The first 30 days of a site's past do not
    count.
    """
    times = [at for at in site.published if START + settle * DAY <= at < START + days * DAY]
    best, cut = [0.0], [0]
    for i in range(1, len(times) + 1):
        delay, least, where, j = 0.0, math.inf, i, i - 1
        while j >= 0 and delay < 6 * price:
            delay += times[i - 1] - times[j]
            if best[j] + delay + price < least:
                least, where = best[j] + delay + price, j
            j -= 1
        best.append(least)
        cut.append(where)
    seen, i = Seen(site.kind), len(times)
    while i > 0:
        seen.requests += 1
        seen.delays.extend(times[i - 1] - at for at in times[cut[i] : i])
        i = cut[i]
    return seen


# --- the sites -------------------------------------------------------------------------------------------


def hours_of(
    per_day: float, by_hour: Sequence[float], weekend: float, zone: int, days: int, past: int = 30
) -> Floats:
    """Articles an hour, from `past` days before START: by local hour, with quiet weekends, summer time from
    day 90.
    """
    hours = np.arange(-past * 24, days * 24)
    summer = (hours // 24 % 365 >= 90) & (hours // 24 % 365 < 300)
    local = hours + zone + summer
    shape = np.asarray(by_hour, float) / np.mean(by_hour)
    week = np.where(local // 24 % 7 >= 5, weekend, 1.0)
    return np.asarray(per_day / 24 * shape[local % 24] * week, float)


def at_local(
    days: int, zone: int, weekdays: set[int], hour: float, articles: float, every: int = 1
) -> Floats:
    """A batch within the hour after `hour` on some weekdays (every `every`-th week)."""
    rates = np.zeros((30 + days) * 24)
    for day in range(-30, days):
        if day % 7 in weekdays and day // 7 % every == 0:
            at = int((day + 30) * 24 + hour - zone)
            if 0 <= at < len(rates):
                rates[at] = articles
    return rates


def drawn(rng: np.random.Generator, rates: Floats, minutes: float = 60.0) -> list[float]:
    """Articles for these rates, each within the first `minutes` of its hour."""
    counts = rng.poisson(rates)
    hours = np.repeat(np.arange(len(rates)), counts)
    times = START + (hours - 30 * 24) * HOUR + rng.random(len(hours)) * minutes * 60
    return sorted(times.tolist())


def outages(rng: np.random.Generator, days: int) -> Callable[[float, float], tuple[int, float | None]]:
    """Two in a hundred looks fail; some hours down each month; five days down once a year."""
    down = [
        (START + day * DAY, length * HOUR)
        for day, length in zip(rng.random(days // 30 + 1) * days, rng.random(days // 30 + 1) * 8, strict=True)
    ]
    down += [(START + day * DAY, 5 * DAY) for day in rng.random(max(days // 365, 1)) * days]

    def fails(now: float, last: float) -> tuple[int, float | None]:
        if any(start <= now < start + length for start, length in down):
            return 0, None
        return (500, None) if rng.random() < 0.02 else (200, None)

    return fails


def strict(now: float, last: float) -> tuple[int, float | None]:
    return (429, 900.0) if now - last < 600 else (200, None)


def site(kind: str, rng: np.random.Generator, days: int) -> Site:
    """A site of one of KINDS."""
    zone = int(rng.integers(-11, 13))
    size = float(rng.uniform(0.6, 1.6))

    def steady(per_day: float, by_hour: Sequence[float], weekend: float) -> Floats:
        return hours_of(per_day * size, by_hour, weekend, zone, days)

    plan = _PLANS[kind](steady, zone, size, days, rng)
    return Site(
        kind=kind,
        rates=plan.rates[30 * 24 :],
        published=plan.published or drawn(rng, plan.rates, plan.minutes),
        listed=plan.listed,
        dated=plan.dated,
        lies=plan.lies,
        fails=plan.fails,
    )


def _stopped(rates: Floats, at: int, until: int | None = None) -> Floats:
    rates = rates.copy()
    rates[(30 + at) * 24 : None if until is None else (30 + until) * 24] = 0.0
    return rates


def _bursts(rates: Floats, size: float, rng: np.random.Generator) -> Floats:
    rates = rates.copy()
    for start in rng.integers(0, len(rates), len(rates) // 360):
        tail = np.arange(min(24, len(rates) - start))
        rates[start : start + 24] += 12 * size * np.exp(-tail / 5)
    return rates


def _halves(before: Floats, after: Floats) -> Floats:
    middle = len(before) // 2
    return np.concatenate([before[:middle], after[middle:]])


def _then(at: float, status: int) -> Callable[[float, float], tuple[int, float | None]]:
    return lambda now, last: (status if now >= START + at * DAY else 200, None)


Steady = Callable[[float, Sequence[float], float], Floats]
#: Kind of site -> its plan. Arguments: steady(per day, hours, weekend), zone, size, days, random numbers.
_PLANS: dict[str, Callable[[Steady, int, float, int, np.random.Generator], Plan]] = {
    "wire": lambda s, z, n, d, r: Plan(s(180, AROUND_THE_CLOCK, 0.7), listed=50),
    "national": lambda s, z, n, d, r: Plan(s(80, DAYTIME, 0.6), listed=40),
    "undated": lambda s, z, n, d, r: Plan(s(50, DAYTIME, 0.6), dated=False),
    "regional": lambda s, z, n, d, r: Plan(s(15, DAYTIME, 0.5)),
    "small list": lambda s, z, n, d, r: Plan(s(60, DAYTIME, 0.6), listed=10),
    "silent at night": lambda s, z, n, d, r: Plan(s(30, STRICTLY_DAY, 0.8)),
    "morning edition": lambda s, z, n, d, r: Plan(
        at_local(d, z, {0, 1, 2, 3, 4, 5}, 5, 25 * n) + s(3, DAYTIME, 0.5), minutes=15.0
    ),
    "bursty": lambda s, z, n, d, r: Plan(_bursts(s(6, DAYTIME, 0.6), n, r)),
    "press office": lambda s, z, n, d, r: Plan(s(2, OFFICE, 0.0)),
    "weekly": lambda s, z, n, d, r: Plan(at_local(d, z, {3}, 11, 12 * n) + s(0.2, OFFICE, 0.0)),
    "blog": lambda s, z, n, d, r: Plan(s(0.4, DAYTIME, 1.0)),
    "monthly": lambda s, z, n, d, r: Plan(at_local(d, z, {1}, 10, 8 * n, every=4)),
    "breaks": lambda s, z, n, d, r: Plan(s(15, DAYTIME, 0.5), fails=outages(r, d)),
    "strict": lambda s, z, n, d, r: Plan(s(80, DAYTIME, 0.6), fails=strict),
    "grows": lambda s, z, n, d, r: Plan(_halves(s(0.5, DAYTIME, 1.0), s(40, DAYTIME, 0.6))),
    "shrinks": lambda s, z, n, d, r: Plan(_halves(s(40, DAYTIME, 0.6), s(0.5, DAYTIME, 1.0))),
    "liar": lambda s, z, n, d, r: Plan(s(5, DAYTIME, 0.6), lies=True, dated=False, listed=20),
    "dies": lambda s, z, n, d, r: Plan(_stopped(s(15, DAYTIME, 0.5), d // 4)),
    "gone": lambda s, z, n, d, r: Plan(_stopped(s(15, DAYTIME, 0.5), d // 4), fails=_then(d // 4, 404)),
    "comes back": lambda s, z, n, d, r: Plan(_stopped(s(15, DAYTIME, 0.5), d // 4, d * 3 // 4)),
    "never changes": lambda s, z, n, d, r: Plan(s(0.0, DAYTIME, 1.0), published=[START - 40 * DAY]),
}
KINDS = tuple(_PLANS)
#: How many of each hundred sites are of a kind that is not once: a guess at a mixed list of news sites.
MIX = {
    "national": 2,
    "regional": 5,
    "silent at night": 2,
    "press office": 2,
    "blog": 3,
    "breaks": 2,
    "bursty": 2,
}


def world(number: int, days: int, seed: int = 1) -> Iterator[Site]:
    """`number` sites, kinds in turn (those of MIX more often), each with a zone and size of its own."""
    turn = [kind for kind in KINDS for _ in range(MIX.get(kind, 1))]
    for n in range(number):
        yield site(turn[n % len(turn)], np.random.default_rng([seed, n]), days)

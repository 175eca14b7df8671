"""Simulated sites, healthy for years: what the judges of health are measured on. Seeded: the same every time.

Articles come by hour and weekday, in batches or by the clock; with holidays, summer time, big news days,
and a level that drifts over the year. Pages are walls, errors and articles in shares that differ from day
to day; articles have fields and measures that differ from section to section.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from archive.health.values import DAY, HOUR, PageFacts

#: Monday, 2024-01-01, 00:00 UTC.
START = 1704067200.0
AROUND_THE_CLOCK = [3, 2, 2, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 4, 4, 3]
DAYTIME = [1, 0, 0, 0, 0, 2, 5, 8, 9, 9, 8, 8, 7, 7, 7, 7, 7, 7, 5, 4, 3, 3, 2, 1]
OFFICE = [0, 0, 0, 0, 0, 0, 0, 1, 6, 12, 14, 12, 8, 10, 12, 10, 8, 5, 1, 0, 0, 0, 0, 0]
ALL_WEEK, QUIET_WEEKEND, WORKDAYS = [1.0] * 7, [1.0] * 5 + [0.4] * 2, [1.0] * 5 + [0.03] * 2


@dataclass(frozen=True)
class Kind:
    """A newsroom: articles a day, hours, weekdays, how many come at once; `clock`: one at this hour."""

    a_day: float
    hours: tuple[int, ...] = tuple(DAYTIME)
    days: tuple[float, ...] = tuple(ALL_WEEK)
    batch: int = 1
    clock: float | None = None


KINDS = {
    "wire, 120 a day": Kind(120, tuple(AROUND_THE_CLOCK)),
    "news site, 40 a day": Kind(40, days=tuple(QUIET_WEEKEND)),
    "news site in batches, 30 a day": Kind(30, days=tuple(QUIET_WEEKEND), batch=8),
    "regional, 10 a day": Kind(10, days=tuple(QUIET_WEEKEND)),
    "local, 4 a day, workdays": Kind(4, tuple(OFFICE), tuple(WORKDAYS)),
    "blog, 3 a week": Kind(3 / 7),
    "daily, one each workday at 6": Kind(1, clock=6.0, days=tuple(WORKDAYS)),
    "weekly, Thursdays": Kind(1, clock=9.0, days=(0, 0, 0, 1, 0, 0, 0)),
}


def births(kind: Kind, days: int, seed: int, *, ordinary: bool = False) -> list[float]:
    """When a healthy site of a kind published, from START on; `ordinary`: no holidays, no drift."""
    random_ = random.Random(f"{kind} {seed}")
    level, phase = random_.uniform(0.7, 1.4), random_.uniform(0, 365)
    zone = random_.choice((-8, -5, 0, 1, 2, 5, 9))
    # Ten holidays, a few of them together, on which little is published; and ten big days.
    holidays = {(random_.randrange(365) + more) % 365 for _ in range(5) for more in (0, 1)}
    big = {random_.randrange(365) for _ in range(10)}
    found: list[float] = []
    for day in range(days):
        noon = START + (day + 0.5) * DAY
        weekday = int((noon - 4 * DAY) // DAY) % 7
        much = level * kind.days[weekday]
        if not ordinary:
            much *= 1 + 0.3 * math.sin(2 * math.pi * (day - phase) / 365)
            much *= 0.2 if day % 365 in holidays else 3.0 if day % 365 in big else 1.0
        summer = HOUR if 90 <= day % 365 < 300 else 0.0
        begin = START + day * DAY - zone * HOUR - summer
        if kind.clock is not None:
            if random_.random() < min(kind.days[weekday], 0.99) * (1.0 if ordinary else min(much * 4, 1.0)):
                found.append(begin + kind.clock * HOUR + random_.gauss(0, 600))
            continue
        for hour, share in enumerate(kind.hours):
            mean = kind.a_day * much * share / sum(kind.hours) / kind.batch
            for _ in range(_poisson(random_, mean)):
                at = begin + (hour + random_.random()) * HOUR
                found += [at + random_.uniform(0, 120) for _ in range(kind.batch)]
    return sorted(at for at in found if at >= START)


def _poisson(random_: random.Random, mean: float) -> int:
    count, left = 0, random_.expovariate(1.0)
    while left < mean:
        count += 1
        left += random_.expovariate(1.0)
    return count


#: What a healthy site's pages are, beside articles: class → its share, that of a bad day.
MISHAPS = {"paywall": (0.15, 0.4), "gone": (0.02, 0.1), "video": (0.1, 0.3), "error": (0.01, 0.15)}
#: How often an ordinary page gives a field, from section to section.
COVERAGE = {
    "headline": (1.0, 1.0), "authors": (0.5, 0.95), "date_published": (0.97, 1.0), "language": (1.0, 1.0),
    "section": (0.6, 0.9), "keywords": (0.3, 0.9), "description": (0.8, 1.0), "main_image": (0.7, 1.0),
}  # fmt: skip


def pages(a_day: float, days: int, seed: int) -> Iterator[PageFacts]:
    """Pages of a healthy site, oldest first."""
    random_ = random.Random(f"pages {a_day} {seed}")
    usual = {name: random_.uniform(0, share) for name, (share, _) in MISHAPS.items()}
    sections = [
        ({name: random_.uniform(*span) for name, span in COVERAGE.items()}, random_.gauss(6.0, 0.3))
        for _ in range(4)
    ]
    for day in range(days):
        bad = random_.random() < 0.02
        of_day = {
            name: random_.uniform(0, worst) if bad else min(random_.gauss(usual[name], usual[name] / 3), 1.0)
            for name, (_, worst) in MISHAPS.items()
        }
        count = _poisson(random_, a_day)
        for at in sorted(START + (day + random_.random()) * DAY for _ in range(count)):
            mishap = next((name for name, share in of_day.items() if random_.random() < share), None)
            # Articles of one section come together: the last one's is likely the next one's.
            if random_.random() < 0.5:
                sections.append(sections.pop(0))
            yield _page(random_, at, mishap, *sections[0])


def _page(
    random_: random.Random, at: float, mishap: str | None, cover: dict[str, float], long: float
) -> PageFacts:
    if mishap is not None:
        kind, status, form = {
            "paywall": ("paywall", 200, ""), "gone": ("error", 404, ""), "video": ("other", 200, "video"),
            "error": ("error", 500, ""),
        }[mishap]  # fmt: skip
        return PageFacts(fetched_at=at, status=status, kind=kind, form=form, cleaner="c")
    return PageFacts(
        fetched_at=at, status=200, cleaner="c", words=int(math.exp(random_.gauss(long, 0.5))),
        cut_share=min(max(random_.gauss(0.4, 0.12), 0.0), 1.0),
        confidence=min(max(random_.gauss(0.93, 0.05), 0.0), 1.0),
        fields=frozenset(name for name, share in cover.items() if random_.random() < share),
    )  # fmt: skip

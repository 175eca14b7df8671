"""How often healthy sites are called sick, and how soon sick ones are found: simulated years (tests/health).

    python bench/health.py [--sites 200] [--days 365] [--json FILE]

False alarms are counted on sites that are healthy throughout: silences between two articles that would have
been told, and stretches of pages in which a share, a field or a redesign would have been. Each site learns
for eight weeks first. For the delays each site falls silent (or is walled, or redesigned) once, at a random
hour.
"""

from __future__ import annotations

import argparse
import bisect
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive.health.gathering import PAGES
from archive.health.judging import article_findings, page_findings
from archive.health.silence import SHORTEST_SILENCE, is_known, silence, week_of, window_of
from archive.health.values import DAY, HOUR, Finding, PageFacts
from tests.health.histories import KINDS, START, births, pages

LEARN = 60 * DAY


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def false_silences(history: list[float]) -> Counter[str]:
    """Alarms and notices on a healthy site. Only gaps that are long for it are judged."""
    found: Counter[str] = Counter()
    week = week_of(history)
    scale = [week.until(at) for at in history]
    gaps = sorted((after - before for before, after in pairwise(scale)), reverse=True)
    least = gaps[min(max(len(gaps) // 100, 60), len(gaps) - 1)]
    for n, (before, after) in enumerate(pairwise(history)):
        if (
            before < START + LEARN
            or scale[n + 1] - scale[n] < least
            or after - before < SHORTEST_SILENCE["notice"]
        ):
            continue
        known = window_of(history[max(0, n - 8000) : n + 1], after)
        if not is_known(known):
            continue
        judged = silence(known, before, after)
        level = next((level for level in ("alarm", "notice") if judged.is_too_long(level)), None)
        if level is not None:
            found[level] += 1
    return found


def found_after(history: list[float], stopped: float, level: str) -> float:
    """Seconds from the moment a site falls silent until that is told; looked at every quarter of an hour."""
    rest = history[: bisect.bisect_left(history, stopped)]
    last = rest[-1]
    low, high = 0, 4 * 24 * 120
    while low < high:
        middle = (low + high) // 2
        at = stopped + middle * HOUR / 4
        known = window_of(rest[-8000:], at)
        if is_known(known) and silence(known, last, at).is_too_long(level):
            high = middle
        else:
            low = middle + 1
    return low * HOUR / 4


Judge = Callable[[Sequence[PageFacts]], Iterable[Finding]]


def page_alarms(history: list[PageFacts], judge: Judge, step: int = 3) -> Counter[str]:
    """Onsets of findings on a site's pages, judged after every `step` of them."""
    found: Counter[str] = Counter()
    before: set[tuple[str, str]] = set()
    for end in range(PAGES, len(history), step):
        now = {(one.level, one.what) for one in judge(history[max(0, end - PAGES) : end][::-1])}
        found.update(level for level, _ in now - before)
        before = now
    return found


def pages_until(
    history: list[PageFacts], sick: Callable[[PageFacts], PageFacts], judge: Judge, at: int
) -> int:
    """How many sick pages come before an alarm is given, from page `at` on."""
    changed = history[:at] + [sick(page) for page in history[at:]]
    for end in range(at, len(changed)):
        if any(one.level == "alarm" for one in judge(changed[max(0, end - PAGES) : end][::-1])):
            return end - at
    return len(changed) - at


def walled(page: PageFacts) -> PageFacts:
    return PageFacts(fetched_at=page.fetched_at, status=200, kind="consent", cleaner="c")


def half_walled(page: PageFacts) -> PageFacts:
    return walled(page) if hash(page.fetched_at) % 10 < 7 else page


def undated(page: PageFacts) -> PageFacts:
    if page.fields is None:
        return page
    return msgspec.structs.replace(page, fields=page.fields - {"date_published"})


def redesigned(page: PageFacts) -> PageFacts:
    if page.words is None or page.confidence is None or page.cut_share is None:
        return page
    return msgspec.structs.replace(
        page,
        words=page.words // 3,
        confidence=page.confidence * 0.7,
        cut_share=min(page.cut_share + 0.3, 1.0),
    )


SICKNESSES: dict[str, tuple[Callable[[PageFacts], PageFacts], Judge]] = {
    "all pages walled": (walled, page_findings),
    "70 % of pages walled": (half_walled, page_findings),
    "dates gone": (undated, article_findings),
    "redesigned": (redesigned, article_findings),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--days", type=int, default=365, help="days that are judged")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the rows here")
    args = parser.parse_args()
    years = args.days / 365
    each = max(args.sites // len(KINDS), 1)
    rows: dict[str, dict[str, float]] = {}
    print(
        f"silence: {each} sites of each kind, {args.days} days\n{'':34} false a site-year   hours until told"
    )
    print(f"{'':34} alarms  notices   median      p95      max")
    total: Counter[str] = Counter()
    for name, kind in KINDS.items():
        random_ = random.Random(f"{name} {args.seed}")  # noqa: S311 - a simulation
        counts: Counter[str] = Counter()
        delays = []
        for seed in range(each):
            history = births(kind, args.days + 60, args.seed * 1000 + seed)
            counts += false_silences(history)
            stopped = START + LEARN + random_.random() * (args.days - 1) * DAY
            delays.append(found_after(history, stopped, "alarm") / HOUR)
        total += counts
        rows[name] = {
            "alarms": counts["alarm"] / each / years, "notices": counts["notice"] / each / years,
            "median_hours": quantile(delays, 0.5), "p95_hours": quantile(delays, 0.95),
            "max_hours": max(delays),
        }  # fmt: skip
        row = rows[name]
        print(
            f"{name:34} {row['alarms']:6.2f} {row['notices']:8.2f} {row['median_hours']:8.1f}"
            f" {row['p95_hours']:8.1f} {row['max_hours']:8.1f}",
            flush=True,
        )
    sites = each * len(KINDS)
    print(f"{'all':34} {total['alarm'] / sites / years:6.2f} {total['notice'] / sites / years:8.2f}")

    print("\npages: 5 and 30 a day")
    counts = Counter()
    until: dict[str, list[float]] = defaultdict(list)
    number = max(args.sites // 5, 4)
    for seed in range(number):
        a_day = 30 if seed % 2 else 5
        history = list(pages(a_day, args.days, args.seed * 1000 + seed))
        for judge in (page_findings, article_findings):
            counts += page_alarms(history, judge)
        for name, (sick, judge) in SICKNESSES.items():
            until[name].append(pages_until(history, sick, judge, len(history) // 2))
    print(f"{number} sites: false alarms a site-year {counts['alarm'] / number / years:.2f},"
          f" notices {counts['notice'] / number / years:.2f}")  # fmt: skip
    rows["pages"] = {level: counts[level] / number / years for level in ("alarm", "notice")}
    for name, found in until.items():
        rows[name] = {"median_pages": quantile(found, 0.5), "p95_pages": quantile(found, 0.95)}
        print(
            f"{name:34} told after {quantile(found, 0.5):.0f} pages (median),"
            f" {quantile(found, 0.95):.0f} (p95)"
        )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

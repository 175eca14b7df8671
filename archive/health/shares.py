"""Now against before: shares and distributions of a site's newest pages against those before them. Pure.

Shares are compared by Fisher's exact test (one-sided: so many or more among the newest), values by the
rank-sum test of Mann and Whitney: neither asks how the numbers are distributed, and outliers weigh no more
than others.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import NamedTuple


class Share(NamedTuple):
    """`hits` of `pages` now, `hits_before` of `pages_before` before."""

    hits: int
    pages: int
    hits_before: int
    pages_before: int

    @property
    def now(self) -> float:
        return self.hits / self.pages if self.pages else 0.0

    @property
    def before(self) -> float:
        return self.hits_before / self.pages_before if self.pages_before else 0.0

    @property
    def chance(self) -> float:
        """The probability of so many hits or more among the newest, if nothing had changed (Fisher)."""
        return at_least(self.hits, self.pages, self.hits_before, self.pages_before)


def at_least(hits: int, pages: int, hits_before: int, pages_before: int) -> float:
    """Upper tail of the hypergeometric distribution: `hits` or more of all hits among the `pages`."""
    total, all_hits = pages + pages_before, hits + hits_before
    whole = _log_choose(total, pages)
    terms = (
        _log_choose(all_hits, k) + _log_choose(total - all_hits, pages - k) - whole
        for k in range(hits, min(pages, all_hits) + 1)
        if 0 <= pages - k <= total - all_hits
    )
    return min(1.0, math.fsum(map(math.exp, terms)))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


class Shift(NamedTuple):
    """How values now stand to those before: medians, and the chance that one of now is the lower."""

    now: float
    before: float
    lower: float
    z: float


def shift(now: Sequence[float], before: Sequence[float]) -> Shift:
    """Compare two samples by ranks; neither may be empty. `z` is positive where those of now are lower."""
    ordered = sorted(before)
    n, m = len(now), len(ordered)
    above = sum(
        m - (bisect.bisect_left(ordered, x) + bisect.bisect_right(ordered, x)) / 2 for x in now
    )  # pairs in which the value of before is the higher, ties half
    lower = above / (n * m)
    z = (lower - 0.5) * math.sqrt(12 * n * m / (n + m + 1))
    return Shift(median(now), median(ordered), lower, z)


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

"""How well a text matches its gold: words as a multiset, precision, recall and F1 a page.

The measure of the article-extraction benchmarks that compare by words (a character of a script written
without spaces counts as a word): order does not matter, every word counts as often as it stands there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from pipelines.render import words


class Score(msgspec.Struct, frozen=True):
    """Precision, recall and their harmonic mean, each in 0..1."""

    precision: float
    recall: float
    f1: float


def score(text: str, gold: str) -> Score:
    """`text` against `gold`. Two empty texts agree; a text against an empty gold is all wrong."""
    found, wanted = Counter(words(text.lower())), Counter(words(gold.lower()))
    if not wanted:
        return Score(1.0, 1.0, 1.0) if not found else Score(0.0, 1.0, 0.0)
    if not found:
        return Score(0.0, 0.0, 0.0)
    both = (found & wanted).total()
    precision, recall = both / found.total(), both / wanted.total()
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0)


class Total(msgspec.Struct, frozen=True):
    """Means over pages; `near_perfect` is the share of pages with F1 of at least 0.99."""

    pages: int
    precision: float
    recall: float
    f1: float
    near_perfect: float


def total(scores: Sequence[Score]) -> Total:
    """The means of `scores`; all zero when there are none."""
    n = len(scores)
    if not n:
        return Total(0, 0.0, 0.0, 0.0, 0.0)
    return Total(
        n,
        sum(s.precision for s in scores) / n,
        sum(s.recall for s in scores) / n,
        sum(s.f1 for s in scores) / n,
        sum(s.f1 >= 0.99 for s in scores) / n,
    )

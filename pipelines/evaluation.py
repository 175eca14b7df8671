"""How well a text matches its gold: words as a multiset, precision, recall and F1 a page.

The measure of the article-extraction benchmarks that compare by words (a character of a script written
without spaces counts as a word): order does not matter, every word counts as often as it stands there.
Other than theirs, ours takes vowel signs with the letter before them, and Hebrew abbreviations as one word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from pipelines.render import words
from pipelines.text_metadata import language_of


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


#: Pages whose gold is too short for its language to be told.
UNKNOWN_LANGUAGE = "?"


def by_language(scores: Iterable[tuple[str, Score]]) -> dict[str, Total]:
    """The means for each language, the one with most pages first."""
    found: dict[str, list[Score]] = {}
    for language, one in scores:
        found.setdefault(language, []).append(one)
    return {
        language: total(rows) for language, rows in sorted(found.items(), key=lambda x: (-len(x[1]), x[0]))
    }


def language_of_gold(text: str) -> str:
    """ISO 639-1 code of the gold's language, `?` where it is too short to tell."""
    return language_of(text) or UNKNOWN_LANGUAGE

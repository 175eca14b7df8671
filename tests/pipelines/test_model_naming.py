"""Naming what was cut: a line's own word, its neighbours' and where the article ends."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipelines.model.lexical import Ints
from pipelines.model.naming import names

CLASSES = ("headline", "caption", "related", "nav")


def called(
    chances: list[list[float]],
    *,
    kept: str,
    said: list[int] | None = None,
    trust: float = 0.8,
    gap: int = 1,
) -> list[str]:
    """The labels of the lines marked `-` in `kept` (`+`: a paragraph that stays)."""
    lines = len(kept)
    found = names(
        np.array(chances, dtype=np.float32),
        CLASSES,
        kept=np.array([mark == "+" for mark in kept]),
        sizes=np.full(lines, 20, dtype=np.float32),
        gaps=np.full(lines, gap, dtype=np.int64),
        said=np.array(said or [-1] * lines, dtype=np.int64),
        trust=np.full(lines, trust, dtype=np.float32),
    )
    return [CLASSES[i] for i in found]


def test_a_line_that_is_nearly_a_tie_is_called_what_its_neighbours_are() -> None:
    sure, tie = [0.0, 0.05, 0.9, 0.05], [0.0, 0.05, 0.45, 0.5]
    assert called([sure, tie, sure], kept="---") == ["related"] * 3
    assert called([sure, tie, sure], kept="-+-+-") == ["related", "nav", "related"]


def test_lines_apart_lean_on_each_other_less() -> None:
    sure, lean = [0.0, 0.05, 0.9, 0.05], [0.0, 0.05, 0.3, 0.65]
    assert called([sure, lean], kept="--") == ["related", "related"]
    assert called([sure, lean], kept="--", gap=3) == ["related", "nav"]


def test_a_sure_rule_names_the_line_and_an_unsure_one_only_tips_it() -> None:
    clear = [[0.0, 0.05, 0.8, 0.15]]
    assert called(clear, kept="-", said=[3], trust=0.95) == ["nav"]
    assert called(clear, kept="-", said=[3], trust=0.3) == ["related"]


def test_below_the_article_stands_no_caption() -> None:
    doubtful = [0.1, 0.6, 0.3, 0.0]
    assert called([doubtful], kept="-+") == ["caption"]
    assert called([doubtful], kept="+-") == ["related"]


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(0, 12), st.just(4)), elements=st.floats(0, 1, width=32)),
    st.data(),
)
@settings(deadline=None, max_examples=60)
def test_each_cut_line_gets_one_class(chances: np.ndarray, data: st.DataObject) -> None:
    cut = len(chances)
    kept = np.array(data.draw(st.permutations([False] * cut + [True] * 3)))
    n = len(kept)
    found: Ints = names(
        chances,
        CLASSES,
        kept=kept,
        sizes=np.full(n, 9, dtype=np.float32),
        gaps=np.zeros(n, dtype=np.int64),
        said=np.array(data.draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n)), dtype=np.int64),
        trust=np.ones(n, dtype=np.float32),
    )
    assert len(found) == cut
    assert all(0 <= f < 4 for f in found)

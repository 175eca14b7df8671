"""The cut: the blocks that promise the best F1, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.model.decision import advised, cut, smoothed


def _floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


def test_sure_blocks_are_kept_and_clutter_is_not() -> None:
    kept, sure = cut(_floats(0.99, 0.02, 0.97), _floats(50, 5, 40))
    assert kept.tolist() == [True, False, True]
    assert sure > 0.97


def test_a_doubtful_block_lowers_the_confidence() -> None:
    _, sure = cut(_floats(0.99, 0.02), _floats(50, 50))
    _, unsure = cut(_floats(0.99, 0.5), _floats(50, 50))
    assert unsure < sure - 0.1


def test_a_page_without_words_keeps_nothing() -> None:
    kept, sure = cut(_floats(0.9), _floats(0))
    assert not kept.any()
    assert sure == 0


def test_a_block_is_drawn_towards_those_of_the_same_place() -> None:
    place = np.array([0, 0, 0, 1])
    found = smoothed(_floats(0.9, 0.9, 0.3, 0.3), place, _floats(20, 20, 20, 20), share=0.5)
    assert found[2] == pytest.approx(0.5, abs=0.01)
    assert found[3] == pytest.approx(0.3, abs=0.01)


def test_only_what_a_table_knows_for_certain_moves_a_line_of_a_dump() -> None:
    word = _floats(-0.9, -0.5, 0.95, 0.98)
    sure_cut, unsure_cut, running, dateline = advised(_floats(*[0.5] * 4), word).tolist()
    assert sure_cut < 0.3
    assert unsure_cut == running == pytest.approx(0.5)
    assert dateline > 0.7


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(0, 200)), max_size=20))
def test_no_kept_block_is_less_probable_than_one_that_was_cut(page: list[tuple[float, int]]) -> None:
    probability, sizes = _floats(*(p for p, _ in page)), _floats(*(float(s) for _, s in page))
    kept, sure = cut(probability, sizes)
    assert 0 <= sure <= 1.0001
    if kept.any() and not kept.all():
        assert probability[kept].min() >= probability[~kept].max()

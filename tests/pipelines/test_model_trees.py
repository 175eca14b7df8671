"""Trees without their library: the same leaves, the same sums, and what each feature added."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipelines.model.trees import Trees, flatten


def _leaf(value: float) -> dict[str, Any]:
    return {"leaf_value": value}


def _split(feature: int, threshold: float, left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return {
        "split_index": 0, "split_feature": feature, "threshold": threshold, "decision_type": "<=",
        "internal_value": 0.0, "left_child": left, "right_child": right,
    }  # fmt: skip


def _dump(*trees: dict[str, Any], outputs: int = 1) -> dict[str, Any]:
    return {
        "num_tree_per_iteration": outputs,
        "max_feature_idx": 1,
        "tree_info": [{"tree_structure": tree} for tree in trees],
    }


_TREE = _split(0, 0.5, _split(1, 2.0, _leaf(1.0), _leaf(2.0)), _leaf(4.0))


def _follow(node: dict[str, Any], row: np.ndarray[Any, Any]) -> float:
    while "split_index" in node:
        node = node["left_child" if row[node["split_feature"]] <= node["threshold"] else "right_child"]
    return float(node["leaf_value"])


def test_every_row_reaches_the_leaf_that_its_tests_lead_to() -> None:
    rng = np.random.default_rng(3)
    trees = [
        _split(
            int(rng.integers(2)),
            float(rng.normal()),
            _split(int(rng.integers(2)), float(rng.normal()), _leaf(float(rng.normal())), _leaf(0.5)),
            _split(int(rng.integers(2)), float(rng.normal()), _leaf(float(rng.normal())), _leaf(-0.5)),
        )
        for _ in range(20)
    ]
    model = Trees(flatten(_dump(*trees)))
    rows = rng.normal(size=(50, 2)).astype(np.float32)
    expected = [sum(_follow(tree, row) for tree in trees) for row in rows]
    assert model.raw(rows)[:, 0] == pytest.approx(expected, abs=1e-5)


def test_a_value_equal_to_the_threshold_goes_left() -> None:
    model = Trees(flatten(_dump(_TREE)))
    rows = np.array([[0.5, 2.0], [0.5, 2.1], [0.6, 0.0]], dtype=np.float32)
    assert model.raw(rows)[:, 0].tolist() == [1.0, 2.0, 4.0]


def test_classes_are_probabilities_in_the_order_of_the_trees() -> None:
    low, high = _split(0, 0.0, _leaf(0.0), _leaf(3.0)), _split(0, 0.0, _leaf(3.0), _leaf(0.0))
    model = Trees(flatten(_dump(low, high, outputs=2)))
    chances = model.classes(np.array([[1.0, 0.0], [-1.0, 0.0]], dtype=np.float32))
    assert chances.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert chances.argmax(axis=1).tolist() == [0, 1]


def test_weights_add_up_to_the_step_from_the_root_to_the_leaf() -> None:
    model = Trees(flatten(_dump(_TREE)))
    row = np.array([0.0, 3.0], dtype=np.float32)
    assert float(model.weights(row).sum()) == pytest.approx(2.0)


def test_no_rows_give_no_answers() -> None:
    model = Trees(flatten(_dump(_TREE)))
    assert model.raw(np.zeros((0, 2), dtype=np.float32)).shape == (0, 1)


def test_a_categorical_split_is_refused() -> None:
    tree = _split(0, 0.5, _leaf(0.0), _leaf(1.0)) | {"decision_type": "=="}
    with pytest.raises(ValueError, match="numerical"):
        flatten(_dump(tree))


def test_more_leaves_than_a_word_holds_are_refused() -> None:
    tree = _leaf(0.0)
    for i in range(40):
        tree = _split(0, float(i), tree, _leaf(float(i)))
    with pytest.raises(ValueError, match="41 leaves"):
        flatten(_dump(tree))

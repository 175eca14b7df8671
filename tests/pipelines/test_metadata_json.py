"""The lenient reader of JSON: what it repairs, and that nothing makes it fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.metadata.loose_json import MAX_DEPTH, read_json

REPAIRED: dict[str, list[Any]] = {
    '{"a": 1,}': [{"a": 1}],
    "[1, 2,, 3,]": [[1, 2, 3]],
    '{"a": "x\ny"}': [{"a": "x\ny"}],
    "{'a': 'it\\'s'}": [{"a": "it's"}],
    '{"a": Daniel Doe,\n "b": 2}': [{"a": "Daniel Doe", "b": 2}],
    '{a: true, "b": null}': [{"a": True, "b": None}],
    '{"a": "say "hello" now", "b": 1}': [{"a": 'say "hello" now', "b": 1}],
    '{"a": "<i class="x">y</i>", "b": 1}': [{"a": '<i class="x">y</i>', "b": 1}],
    '{"a": {"b": "cut': [{"a": {"b": "cut"}}],
    '{"a": 1} {"b": 2}': [{"a": 1}, {"b": 2}],
    '<!-- {"a": 1,} -->': [{"a": 1}],
    '//<![CDATA[\n{"a": 1}\n//]]>': [{"a": 1}],
    '/* "x" */ {"a": 1 /* one */,}': [{"a": 1}],
    "{&quot;a&quot;: &quot;b&quot;}": [{"a": "b"}],
    '{"a": "\\u0041\\x"}': [{"a": "Ax"}],
    "no json here": [],
    "": [],
}


@pytest.mark.parametrize(("text", "values"), REPAIRED.items())
def test_broken_json_is_read_as_it_was_meant(text: str, values: list[Any]) -> None:
    assert read_json(text) == values


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    )
)
def test_valid_json_is_read_exactly(value: Any) -> None:
    assert read_json(json.dumps(value)) == [value]


@given(st.text(alphabet="{}[]\",:\\/*'a1 \n&u<!-", max_size=120))
def test_any_text_is_survived(text: str) -> None:
    assert isinstance(read_json(text), list)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_nesting_is_bounded(opening: str) -> None:
    def depth(value: Any) -> int:
        inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        return 1 + max(map(depth, inner), default=0)

    found = read_json(opening * 100_000)
    assert depth(found) <= MAX_DEPTH + 3

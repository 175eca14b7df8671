"""Putting the kept blocks back between the cut ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.front.plugins.pressmark_front.asking import whole_number
from archive.front.plugins.pressmark_front.front import by_day
from archive.front.plugins.pressmark_front.whole import (
    in_page_order,
    kept_as_markdown,
    kept_blocks,
    kept_places,
    one_place_each,
)
from pipelines import clean

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))


def cut(*positions: int) -> list[dict[str, object]]:
    return [{"position": position} for position in positions]


def layout(ordered: Sequence[tuple[Mapping[str, Any] | None, str]]) -> list[object]:
    """Cut blocks as their positions, kept ones as their texts."""
    return [kept if row is None else row["position"] for row, kept in ordered]


def test_known_positions_put_every_kept_block_where_it_stood() -> None:
    assert layout(in_page_order(cut(1, 5), ["a", "b"], [3, 8])) == [1, "a", 5, "b"]


def test_without_positions_kept_blocks_fill_the_gaps_in_order() -> None:
    assert layout(in_page_order(cut(1, 2, 5), ["a", "b", "c"])) == [1, 2, "a", "b", 5, "c"]


def test_a_gap_before_the_first_cut_is_filled() -> None:
    assert layout(in_page_order(cut(3), ["a", "b", "c"])) == ["a", "b", 3, "c"]


def test_blank_lines_of_a_dump_are_no_gaps() -> None:
    assert layout(in_page_order(cut(1, 3, 9, 13), ["a", "b", "c"])) == [1, 3, "a", "b", 9, "c", 13]


@given(st.lists(st.sampled_from(["kept", "cut"]), max_size=60))
def test_an_html_page_comes_back_in_its_own_order(kinds: list[str]) -> None:
    page = [(rank, kind) for rank, kind in enumerate(kinds, 1)]
    rows = cut(*[rank for rank, kind in page if kind == "cut"])
    texts = [f"k{rank}" for rank, kind in page if kind == "kept"]
    expected = [rank if kind == "cut" else f"k{rank}" for rank, kind in page]
    positions = [rank for rank, kind in page if kind == "kept"]
    assert layout(in_page_order(rows, texts, positions)) == expected


@given(st.lists(st.integers(1, 300), unique=True).map(sorted), st.lists(st.text(min_size=1), max_size=30))
def test_nothing_is_lost_or_doubled_however_wrong_the_positions(
    positions: list[int], texts: list[str]
) -> None:
    ordered = in_page_order(cut(*positions), texts)
    assert [kept for row, kept in ordered if row is None] == texts
    assert [row["position"] for row, _ in ordered if row is not None] == positions


def test_kept_blocks_are_the_lines_as_markdown_where_both_agree() -> None:
    lines = kept_blocks("Head\n\na\n\n- x\n- y", [2, 4, 5, 6])
    assert lines == ["Head", "a", "- x", "- y"]
    assert kept_as_markdown(lines, "## Head\n\n*a*\n\n- x\n- y") == ["## Head", "*a*", "- x", "- y"]
    assert kept_as_markdown(kept_blocks("a\n\nb"), "a") == ["a", "b"]
    assert kept_blocks("") == kept_as_markdown([], "") == []


POEM = "Roses\n\n  are red\nand so on"


def test_lines_of_one_place_are_one_block_and_stand_as_they_are() -> None:
    text, places = f"Head\n\n{POEM}\n\nEnd", [1, 4, 4, 4, 7]
    blocks = kept_blocks(text, places)
    assert blocks == ["Head", POEM, "End"]
    fenced = f"```\n{POEM}\n```"
    assert kept_as_markdown(blocks, f"## Head\n\n{fenced}\n\n*End*") == ["## Head", fenced, "*End*"]
    assert kept_as_markdown(blocks, "another text") == ["Head", fenced, "End"]
    assert kept_as_markdown(blocks, f"## Head\n\n```\n{POEM}") == ["Head", fenced, "End"]  # never closed
    assert layout(in_page_order(cut(2, 5), blocks, one_place_each(places, 3))) == ["Head", 2, POEM, 5, "End"]
    # The beginning of a text has the same blocks; an older pressmark told a place for a block.
    assert kept_blocks(f"Head\n\n{POEM}", places) == ["Head", POEM]
    assert kept_blocks(text, [1, 4, 7]) == ["Head", "Roses", "  are red", "and so on", "End"]


def test_places_of_kept_lines_are_read_where_they_are_stored() -> None:
    assert kept_places({"kept_positions": "[3, 8]"}) == [3, 8]
    told: list[dict[str, object] | None] = [
        None,
        {},
        {"kept_positions": None},
        {"kept_positions": "{"},
        {"kept_positions": '["a"]'},
    ]
    assert [kept_places(version) for version in told] == [None] * 5


def test_numbers_from_outside_are_brought_into_range() -> None:
    told = {None: 1, "0": 1, "5": 5, "99": 9, "-3": 1, "٣": 1, "9" * 40: 1}
    assert {text: whole_number(text, otherwise=1, most=9) for text in told} == told


def test_articles_of_a_day_stand_by_site() -> None:
    rows = [
        {"date_published": "2024-05-01T12:00", "site": "b"},
        {"date_published": "2024-05-01", "site": "a"},
        {"date_published": "2024-04-30", "site": "c"},
    ]
    assert by_day(rows) == [("2024-05-01", [rows[1], rows[0]]), ("2024-04-30", [rows[2]])]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_the_account_of_a_dump_shows_its_blocks_in_the_order_of_the_page(seed: Path) -> None:
    page = clean(seed.read_text(encoding="utf-8"))
    removed = [{"position": cut.position, "text": cut.text} for cut in page.removed]
    positions = [block.position for block in page.blocks if block.kept]
    shown = in_page_order(removed, kept_blocks(page.text, positions), positions)
    assert [kept if row is None else row["text"] for row, kept in shown] == [b.text for b in page.blocks]

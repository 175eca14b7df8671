"""What changed between two texts: nothing is lost, nothing is made up, and no text takes for ever."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.differing import Piece, Stretch, excerpt, pieces, stretches
from archive.front.plugins.pressmark_front import differing
from archive.front.plugins.pressmark_front.diff import folded

WORDS = st.sampled_from(
    ["ferry", "council", "the", "the", "vote", "two,", "Ünder", "三", "ก", "“so”", "a\tb"]
)
PARAGRAPHS = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), max_size=8)


def text_of(found: list[Stretch], signs: str) -> list[str]:
    """One of the two texts again, as its letters."""
    said = "".join(p.text for s in found for paragraph in s.paragraphs for p in paragraph if p.sign in signs)
    return said.split()


def squeezed(paragraphs: list[str]) -> str:
    return "".join("".join(paragraphs).split())


@settings(deadline=None)
@given(PARAGRAPHS, PARAGRAPHS)
def test_both_texts_can_be_read_out_of_a_comparison(before: list[str], after: list[str]) -> None:
    found = stretches("\n\n".join(before), "\n".join(after))
    assert "".join(text_of(found, "=-")) == squeezed(before)
    assert "".join(text_of(found, "=+")) == squeezed(after)
    assert all(len(stretch.paragraphs) > 0 for stretch in found)


@settings(deadline=None)
@given(PARAGRAPHS, PARAGRAPHS, st.integers(0, 30))
def test_so_they_can_where_the_budget_does_not_reach(before: list[str], after: list[str], steps: int) -> None:
    found = stretches("\n".join(before), "\n".join(after), steps)
    assert "".join(text_of(found, "=-")) == squeezed(before)
    assert "".join(text_of(found, "=+")) == squeezed(after)


def test_a_changed_word_is_told_in_its_sentence() -> None:
    before = "One.\n\nThe council rejected the plan on Monday."
    after = "One.\n\nThe council approved the plan on Monday."
    same, changed = stretches(before, after)
    assert same == Stretch(True, [[Piece("=", "One.")]])
    assert changed == Stretch(
        False,
        [
            [
                Piece("=", "The council "), Piece("-", "rejected"), Piece("+", "approved"),
                Piece("=", " the plan on Monday."),
            ]
        ],
    )  # fmt: skip


def test_the_same_text_has_no_change_whatever_its_blank_lines() -> None:
    assert [stretch.same for stretch in stretches("a b\n\nc", "a b\nc\n")] == [True]
    assert excerpt("a b", "a b") == []


def test_sentences_that_share_two_words_only_are_told_whole() -> None:
    (changed,) = stretches("Boats were seen in the bay at noon today", "Nobody knows the price of it yet")
    assert [piece.sign for paragraph in changed.paragraphs for piece in paragraph] == ["-", "+"]


def test_a_paragraph_that_moved_is_not_told_as_new_words_within_others() -> None:
    one, two, three = "First of all the ferry", "Then the bridge came late", "And the rest is silence"
    found = stretches(f"{one}\n{two}\n{three}", f"{two}\n{three}\n{one}")
    assert [stretch.same for stretch in found] == [False, True, False]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            " ".join(f"a{n % 977}" for n in range(20_000)),
            " ".join(f"b{n % 991} a{n % 7}" for n in range(20_000)),
        ),
        ("x\n" * 20_000, "y\nx\n" * 20_000),
        ("<" * 300_000, "<" * 200_000 + ">"),
        ("三" * 30_000, "三四" * 20_000),
    ],
    ids=["words", "lines", "one long word", "characters"],
)
def test_no_comparison_takes_more_steps_than_it_may(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    class Counted(differing._Budget):
        def __setattr__(self, name: str, value: int) -> None:
            nonlocal steps
            steps += max(getattr(self, name, value) - value, 0)
            super().__setattr__(name, value)

    monkeypatch.setattr(differing, "_Budget", Counted)
    assert stretches(before, after)
    # The step that finds the budget empty is counted, too; it is as large as the edits known by then.
    assert steps < 2 * differing.STEPS


def test_a_headline_is_compared_as_one_line() -> None:
    assert pieces("Budget  fails", "Budget passes") == [
        Piece("=", "Budget "), Piece("-", "fails"), Piece("+", "passes"),
    ]  # fmt: skip
    assert pieces("", "New") == [Piece("+", "New")]


def test_an_excerpt_is_short_and_shows_the_first_changes() -> None:
    around = " ".join(f"word{n}" for n in range(80))
    found = excerpt(f"{around} old {around}\n\nlast", f"{around} new {around}\n\nvery last")
    told = "".join(piece.text for piece in found)
    assert [piece for piece in found if piece.sign == "-"] == [Piece("-", "old")]
    assert Piece("+", "new") in found
    assert len(told) < 400
    assert told.startswith("…")


def test_an_excerpt_of_a_long_new_text_is_cut() -> None:
    found = excerpt("", "\n".join(f"Paragraph {n} of words" for n in range(500)))
    assert sum(len(piece.text) for piece in found) < 500


def test_what_is_the_same_for_long_is_folded_but_for_a_paragraph_beside_each_change() -> None:
    same = [[Piece("=", str(n))] for n in range(9)]
    change = Stretch(False, [[Piece("+", "x")]])
    first, _, last = folded([Stretch(True, same), change, Stretch(True, same)])
    assert (len(first.before), len(first.folded), len(first.after)) == (0, 8, 1)
    assert (len(last.before), len(last.folded), len(last.after)) == (1, 8, 0)
    (short,) = folded([Stretch(True, same[:1])])
    assert (len(short.before), len(short.folded)) == (1, 0)

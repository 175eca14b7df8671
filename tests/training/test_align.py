"""Alignment: which blocks of a page the gold text holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.align import align, align_best, words

_GOLD = (
    "The mill closed on Friday after ninety years.\nA new life\nIts owner plans flats there, the town said."
)


def test_blocks_of_the_gold_text_are_kept_in_their_place() -> None:
    page = [
        "Home News Sport",
        "The mill closed on Friday after ninety years.",
        "Advertisement",
        "A new life",
        "Its owner plans flats there, the town said.",
        "A new shop",
    ]
    found = align(page, _GOLD)
    assert found.keep == [0, 1, 0, 1, 1, 0]
    assert found.f1 == 1.0


def test_a_short_word_is_not_scattered_into_menus() -> None:
    page = ["Friday", "The", "years", "The mill closed on Friday after ninety years.", "town"]
    assert align(page, _GOLD).keep == [0, 0, 0, 1, 0]


def test_what_stands_twice_is_kept_once_at_its_later_place() -> None:
    lead = "The mill closed on Friday after ninety years."
    page = [lead, "Its picture", lead, "A new life", "Its owner plans flats there, the town said."]
    assert align(page, _GOLD).keep == [0, 0, 1, 1, 1]


def test_a_block_that_holds_several_paragraphs_is_kept() -> None:
    assert align([_GOLD.replace("\n", " "), "More"], _GOLD).keep == [1, 0]


def test_a_block_changed_in_a_few_words_is_still_found() -> None:
    gold = "The mill closed on Friday after ninety years. Its owner plans flats there."
    page = ["The mill closed on Friday, we learned; after ninety years its owner plans flats", "Imprint"]
    assert align(page, gold).keep == [1, 0]


def test_a_line_without_words_cannot_be_told() -> None:
    assert align(["***", "The mill closed on Friday after ninety years."], _GOLD).keep[0] == -1


def test_of_two_accepted_texts_the_one_that_fits_is_taken() -> None:
    page = ["The mill closed on Friday after ninety years.", "Imprint"]
    assert align_best(page, ["Something else entirely, in other words.", page[0]]).keep == [1, 0]


def test_chinese_is_aligned_by_character() -> None:
    gold = "北京周五宣布新的计划。\n专家表示欢迎这一决定。"
    page = ["首页", "北京周五宣布新的计划。", "广告", "专家表示欢迎这一决定。"]
    assert align(page, gold).keep == [0, 1, 0, 1]


_LINES = st.lists(st.text(alphabet="abc de", min_size=1, max_size=30), max_size=12)


@given(_LINES, _LINES)
def test_any_page_and_gold_give_one_label_a_block(page: list[str], gold: list[str]) -> None:
    found = align(page, "\n".join(gold))
    assert [k == -1 for k in found.keep] == [not words(text) for text in page]
    assert 0 <= found.f1 <= 1


@given(_LINES)
def test_the_gold_text_itself_is_kept_whole(gold: list[str]) -> None:
    found = align(gold, "\n".join(gold))
    assert all(k in (1, -1) for k, text in zip(found.keep, gold, strict=True) if len(words(text)) >= 6)

"""Names and reasons of what is cut, and the parts of a page's main container."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.blocks import PageBlock, PageFacts
from pipelines.cues import forms
from pipelines.html_blocks import blocks_of, parse
from pipelines.model.decision import said_once
from pipelines.model.kinds import name_cut
from pipelines.model.lexical import tokens_of
from pipelines.model.page import Measured, measure_html

PROSE = "The board of the harbour, which met on Monday, said that the quay will be closed in the autumn. "
CLASSES = ("nav", "related", "newsletter", "caption", "other")


def _measured(html: str, **facts: str) -> tuple[list[PageBlock], dict[str, np.ndarray], Measured]:
    blocks = [block for block in blocks_of(parse(html)) if not block.subtree]
    measured = measure_html(blocks, PageFacts(form="html", **facts))  # type: ignore[arg-type] # strings all
    return blocks, measured.fixed | {"name label": np.zeros(len(blocks))}, measured


def _named(html: str) -> dict[str, tuple[str, str]]:
    blocks, columns, measured = _measured(html)
    assert measured.tree is not None
    cut = np.array([len(block.text) < 100 for block in blocks])
    chances = np.full((int(cut.sum()), len(CLASSES)), 0.2, dtype=np.float32)
    chances[:, CLASSES.index("other")] = 0.25
    tokens = measured.lexical.tokens
    found = iter(name_cut(blocks, cut, chances, CLASSES, columns, measured.tree, tokens))
    return {b.text: (*next(found),) for b, out in zip(blocks, cut, strict=True) if out}


def test_a_table_s_word_outweighs_an_unsure_model_and_is_the_reason() -> None:
    named = _named(
        f"<article><p>{PROSE * 2}</p><h3>Related articles</h3><p>Ferry strike enters third week</p></article>"
    )
    assert named["Related articles"] == ("related", "opens the section ‘Related articles’")
    assert named["Ferry strike enters third week"] == ("related", "stands under ‘Related articles’")


@given(text=st.from_regex(forms.ROLE.pattern, fullmatch=False))
def test_every_writer_s_role_begins_with_a_word_that_is_asked_first(text: str) -> None:
    assert tokens_of(text)[0].casefold() in forms.ROLE_BEGINNINGS


def test_where_nothing_else_speaks_the_model_s_word_is_said_to_be_learned() -> None:
    assert _named(f"<article><p>{PROSE * 2}</p><p>Blue, then green.</p></article>") == {
        "Blue, then green.": ("other", "learned: other")
    }


def _texts(*texts: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    sizes = np.array([len(text.split()) for text in texts], dtype=np.float32)
    return list(texts), np.ones(len(texts), dtype=bool), sizes


@pytest.mark.parametrize(
    ("first", "kept"), [(0.9, [True, True, False, False]), (0.4, [False, False, True, True])]
)
def test_of_two_copies_the_likelier_stays_whole(first: float, kept: list[bool]) -> None:
    one, two = PROSE, PROSE.replace("Monday", "Friday")
    texts, all_kept, sizes = _texts(one, two, one, two)
    # The second pair of blocks is the other way round: all of one copy goes all the same.
    probability = np.array([first, first, 0.6, 0.8 if first < 0.5 else 0.95], dtype=np.float32)
    assert said_once(texts, all_kept, probability, sizes).tolist() == kept


def test_of_three_copies_one_stays_and_short_lines_may_stand_twice() -> None:
    texts, kept, sizes = _texts(PROSE, "Step two.", PROSE, "Step two.", PROSE)
    probability = np.full(5, 0.9, dtype=np.float32)
    assert said_once(texts, kept, probability, sizes).tolist() == [False, True, False, True, True]


def test_a_box_amid_the_paragraphs_is_a_unit_of_its_own() -> None:
    blocks, columns, _ = _measured(
        f"<article><p>{PROSE * 3}</p><p>{PROSE * 3}</p>"
        f"<div class=facts><h3>Facts</h3><p>{PROSE}</p></div><p>{PROSE * 3}</p></article><p>Footer text</p>"
    )
    inside = columns["in unit (half)"].tolist()
    assert [block.tag for block in blocks] == ["p", "p", "h3", "p", "p", "p"]
    assert inside[2:4] == [0.0, 1.0]
    assert inside[-1] == -1
    share = columns["unit prose of page (half)"]
    assert share[3] < 0.15 < share[0]


def test_stated_text_pictures_and_the_headline_are_features() -> None:
    blocks, columns, _ = _measured(
        f"<article><h1>Quay to close in the autumn</h1><p>{PROSE}</p><figure><img></figure>"
        "<p>The quay on Monday. Photo: Ann Example/AFP</p></article>",
        headline="Quay to close in the autumn",
        article_body=PROSE * 4,
        page_type="NewsArticle",
    )
    assert columns["in stated text"].tolist() == [0, 1, 0]
    assert columns["pictures before"].tolist()[2] > 0
    assert columns["picture credit"].tolist() == [0, 0, 2]
    assert columns["since the headline"].tolist() == [0, 1, 2]
    assert columns["page type"].tolist() == [5, 5, 5]
    assert len(blocks) == 3

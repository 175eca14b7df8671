"""Features: what a block says and where it stands, on any input."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive import payload_digest
from pipelines.blocks import PageBlock, PageFacts, block_digest
from pipelines.model import features as ft
from pipelines.model import hints
from pipelines.model.labeller import learned, shipped
from pipelines.model.lexical import BUCKETS, CJK, bucket, lexical
from pipelines.model.markup import tree_of
from pipelines.model.memory import COLUMNS, UNKNOWN
from pipelines.model.page import Lexicons, columns_of, matrix, measure_html, measure_text
from pipelines.model.words import is_known, phrase
from pipelines.rules import RuleLabeller

_NOTHING = Lexicons(np.zeros(BUCKETS, dtype=np.float32), np.zeros(BUCKETS, dtype=np.float32))
_PARAGRAPH = "The council met on Monday, and after two hours of talk it put the matter off until the spring."


def test_words_capitals_and_sentences_are_counted() -> None:
    found = lexical(["Two Words here. And more", "HomeNews"])
    assert found.words.tolist() == [5, 1]
    assert found.caps.tolist() == [3, 1]
    assert found.sentences[0] == 1
    assert found.glued.tolist() == [0, 1]


def test_a_quotation_mark_after_the_full_stop_still_ends_a_sentence() -> None:
    plain, quoted = lexical(["It ends here.", "“It ends here.”"]).last
    assert plain == quoted


def test_chinese_characters_count_as_half_a_word_each() -> None:
    found = lexical(["北京周五"])
    assert found.words.tolist() == [2.0]
    assert found.counts[0, CJK] == 4


def test_lexicon_keys_fold_digits_and_stay_the_same_between_runs() -> None:
    one, two = lexical(["12 Comments", "340 comments"]).keys
    assert one.tolist()[3] == two.tolist()[3]
    assert bucket("^comments") == 11568


def test_the_densest_stretch_is_the_run_of_paragraphs() -> None:
    score = np.array([-5, -5, 30, 20, -5, 40, -5, -5], dtype=np.float32)
    assert ft.densest(score) == (2, 5)


def test_distances_are_counted_to_the_nearest_mark_on_each_side() -> None:
    mark = np.array([False, True, False, False])
    assert ft.since(mark).tolist() == [50, 50, 1, 2]
    assert ft.until(mark).tolist() == [1, 50, 50, 50]


def test_a_line_said_again_knows_that_it_is() -> None:
    texts = ["A line that is said twice", "Other words", "A line that is said twice"]
    lex = lexical(texts)
    found = ft.relations(texts, lex, ft.prose_score(lex))
    assert found["same ahead"].tolist() == [0, 0, 1]
    assert found["same behind"].tolist() == [1, 0, 0]


def test_the_slug_is_the_longest_segment_of_words() -> None:
    url = "https://news.example/2024/05/mill-closes-after-ninety-years-123?from=rss"
    assert ft.slug_words(url) == {"mill", "closes", "after", "ninety", "years"}
    assert ft.slug_words("https://news.example/a/1234") == frozenset()


def test_blocks_of_one_container_share_it() -> None:
    tree = tree_of([("div.a", "p"), ("div.a", "p"), ("div.b", "p")])
    assert tree.leaf[0] == tree.leaf[1] != tree.leaf[2]
    assert tree.signature.tolist() == [0, 0, 0]


def test_the_container_of_the_prose_is_told_from_the_sidebar() -> None:
    blocks = [
        PageBlock(position=1, text="Home", tag="a", path=("div.nav", "a"), link_chars=4),
        *(PageBlock(position=i, text=_PARAGRAPH, tag="p", path=("div.story", "p")) for i in range(2, 8)),
        PageBlock(position=8, text="Most read", tag="h3", path=("div.side", "h3")),
    ]
    columns = measure_html(blocks, PageFacts(form="html")).fixed
    assert columns["climb to half"][1] < columns["climb to half"][7]
    assert columns["parent prose of page"][1] > 0.9


#: What `hints` looks for in other words, one search for each.
_PLAIN_CLOCK = re.compile(r"(?<!\d)[0-2]?\d\s?[:.h]\s?[0-5]\d(?!\d)")
_PLAIN_DAY = re.compile(
    r"(?<!\d)[0-3]?\d(?:st|nd|rd|th)?[./\s-]\s?(?:\w{3,9}|[01]?\d)\.?,?[./\s-]\s?(?:19|20)?\d\d(?!\d)"
    r"|\w{3,9}\.? [0-3]?\d, (?:19|20)\d\d|(?:19|20)\d\d[-年]"
)
_DATE_PARTS = [*"1239:.h,/-年", "12", "31", "59", "2024", "1999", "٣", "st", "May", "Mai.", "3rd", "x"]
_DATE_TEXTS = st.lists(st.sampled_from([*_DATE_PARTS, " ", " "]), max_size=9).map("".join)


@given(text=_DATE_TEXTS)
@example(text="May 3, 2024")
@example(text="x12019-")
def test_dates_and_times_of_day_are_told_by_their_whole_form(text: str) -> None:
    assert hints._holds_clock(text) == (_PLAIN_CLOCK.search(text) is not None)
    assert hints._holds_day(text) == (_PLAIN_DAY.search(text) is not None)


_SEEN = {block_digest("All rights reserved"): 4, block_digest("Mill closes"): 2}


class Remembered:
    """A memory of four pages; the footer stood on all of them, and one teaser on two."""

    pages = 4

    def seen(self, digest: str) -> int:
        return _SEEN.get(digest, 0)


_SITE = [
    PageBlock(position=i, text=text, tag="p", path=("div", "p"))
    for i, text in enumerate(("Mill closes", _PARAGRAPH, "All rights reserved"), 1)
]


def test_a_site_s_memory_reaches_the_features_of_the_blocks_it_knows() -> None:
    columns = columns_of(measure_html(_SITE, PageFacts(form="html", memory=Remembered())), _NOTHING)
    assert columns["memory share"].tolist() == [0.5, 0.0, 1.0]
    assert np.expm1(columns["memory seen"]).round(4).tolist() == [2, 0, 4]
    assert np.expm1(columns["memory pages"]).round(4).tolist() == [4, 4, 4]
    without = columns_of(measure_html(_SITE, PageFacts(form="html")), _NOTHING)
    assert {column.tolist() == [UNKNOWN] * 3 for name, column in without.items() if name in COLUMNS} == {True}


def test_a_memory_knows_texts_by_the_digest_that_the_archive_s_tables_hold() -> None:
    assert block_digest("Mill closes") == payload_digest(b"Mill closes")


def test_the_memory_s_columns_are_told_in_words() -> None:
    assert [name for name in COLUMNS if not is_known(name)] == []
    assert phrase("memory share", UNKNOWN).endswith("nobody remembers")


def test_a_model_that_was_trained_without_a_memory_judges_alike_with_one() -> None:
    assert not set(COLUMNS) & set(shipped("html").features)
    facts = PageFacts(form="html")
    said = learned().judge(_SITE, PageFacts(form="html", memory=Remembered()))
    assert said == learned().judge(_SITE, facts)


_TEXT = st.text(max_size=60)
_NAME = st.sampled_from(["div", "p", "div#x.story", "span.", "", "h2.a.b>span", "li.item-3"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(_TEXT, st.lists(_NAME, max_size=5)), min_size=1, max_size=12))
def test_any_html_blocks_give_finite_features(made: list[tuple[str, list[str]]]) -> None:
    blocks = [
        PageBlock(position=i, text=text, tag="p", path=tuple(path), link_chars=len(text) // 2)
        for i, (text, path) in enumerate(made, 1)
    ]
    rows = matrix(columns_of(measure_html(blocks, PageFacts(form="html", headline="A mill")), _NOTHING))
    assert rows.shape[0] == len(blocks)
    assert np.isfinite(rows).all()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(_TEXT.filter(lambda t: bool(t.strip())), st.integers(0, 5)), min_size=1, max_size=12)
)
def test_any_lines_of_a_dump_give_finite_features(made: list[tuple[str, int]]) -> None:
    blocks = [PageBlock(position=i, text=text, gap=gap) for i, (text, gap) in enumerate(made, 1)]
    facts = PageFacts(form="text")
    rows = matrix(columns_of(measure_text(blocks, facts, RuleLabeller().label(blocks, facts)), _NOTHING))
    assert rows.shape[0] == len(blocks)
    assert np.isfinite(rows).all()


def test_lone_surrogates_and_nuls_are_measured_like_any_text() -> None:
    found = lexical(["a\ud800b", "\x00", ""])
    assert len(found.words) == 3

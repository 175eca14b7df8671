"""Why a block was kept or cut: the weights are the trees' own, and stand in words."""

from __future__ import annotations

import math

import pytest

from pipelines import clean
from pipelines.explaining import MAX_WEIGHED, TOP, Weighed, explain_job
from pipelines.model.labeller import shipped
from pipelines.model.words import is_known, phrase
from pipelines.workers import PageJob
from tests.pipelines.test_html_clean import PAGE, PARAGRAPHS


def explained(page: str) -> Weighed:
    return explain_job(PageJob(body=page.encode(), url="https://example.org/bridge"))


@pytest.mark.parametrize("form", ["html", "text"])
def test_every_feature_of_the_shipped_models_has_words(form: str) -> None:
    assert [name for name in shipped(form).features if not is_known(name)] == []


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("link share", 0.9, "links in it: 90 %"),
        ("parent link share", 0.5, "links in the container: 50 %"),
        ("words 2 before", math.log1p(17), "words 2 before: 17"),
        ("words 1 after", -1, "words 1 after: no block there"),
        ("cue start", 14, "begins like: related"),
        ("lexicon first two", -1.4, "its first two words: typical of clutter"),
        ("since heading", 50, "to the last heading above: none near"),
        ("tag", 2, "element: p"),
        ("same place before", 1, "same place as the block before: yes"),
        ("climb to half", 2, "steps out to what holds half of the running text: 2"),
        ("a feature of tomorrow", 0.25, "a feature of tomorrow: 0.25"),
    ],
)
def test_a_feature_is_told_in_words(feature: str, value: float, words: str) -> None:
    assert phrase(feature, value) == words


def test_no_feature_is_told_by_its_family_s_words_alone() -> None:
    names = shipped("html").features + shipped("text").features
    assert [name for name in names if "{" in phrase(name, 0.0)] == []


def test_explaining_changes_nothing_and_weighs_what_was_judged() -> None:
    article, plain = explained(PAGE), clean(PAGE, url="https://example.org/bridge")
    assert article.blocks == plain.blocks
    by_text = {block.text: article.weights.get(block.position, ()) for block in article.blocks}
    assert all(len(weights) == TOP for text, weights in by_text.items() if text in PARAGRAPHS)
    assert by_text["Home Sport"] == ()  # <nav>: nobody weighed it
    strengths = [abs(weight.weight) for weight in by_text[PARAGRAPHS[0]]]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] > 0


def test_a_dump_s_lines_are_weighed_by_their_numbers() -> None:
    article = explained("Bridge to be rebuilt\n\n" + "\n\n".join(PARAGRAPHS))
    assert sorted(article.weights) == [block.position for block in article.blocks] == [1, 3, 5, 7, 9]


def test_a_page_of_very_many_blocks_is_cleaned_and_not_weighed() -> None:
    article = explained(f"<p>{PARAGRAPHS[0]}</p>" * (MAX_WEIGHED + 1))
    assert article.weights == {}
    assert len(article.blocks) == MAX_WEIGHED + 1

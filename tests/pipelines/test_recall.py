"""Text that the page states but does not show."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from pipelines import clean
from pipelines.recall import LEAST_WORDS, recovered
from pipelines.scripted import scripted_text

LEAD = "The harbour board of Nordvik voted on Monday to close the old ferry quay after the summer."
REST = [
    f"Paragraph {number} says what member {number} of the board had to say of the ferry, and at what length."
    for number in range(1, 9)
]


PARTS = [{"type": "p", "content": paragraph} for paragraph in [LEAD, *REST]]


def _page(body: str, head: str = "") -> str:
    return f"<html><head><title>Quay to close</title>{head}</head><body>{body}</body></html>"


def test_a_stated_text_that_goes_on_where_the_page_stops_is_taken() -> None:
    found = recovered([(3, LEAD)], [LEAD, *REST])
    assert found is not None
    assert found.paragraphs == (LEAD, *REST)
    assert found.said_again == {3}


def test_a_stated_text_hardly_longer_than_the_shown_one_is_left_alone() -> None:
    shown = [(at, text) for at, text in enumerate([LEAD, *REST[:7]], 1)]
    assert recovered(shown, [LEAD, *REST]) is None


def test_a_stated_text_about_something_else_is_left_alone() -> None:
    other = [(1, "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich, sagt niemand hier.")]
    assert recovered(other, [LEAD, *REST]) is None


def test_a_page_that_shows_a_whole_article_is_left_alone() -> None:
    shown = [(at, f"{text} {text}") for at, text in enumerate([LEAD, *REST], 1)]
    assert recovered(shown, [LEAD, *REST] * 9) is None


@given(st.lists(st.text(max_size=40), max_size=6), st.lists(st.text(max_size=40), max_size=12))
def test_what_is_recovered_is_what_was_stated(kept: list[str], stated: list[str]) -> None:
    found = recovered(list(enumerate(kept)), stated)
    if found is not None:
        assert list(found.paragraphs) == [p for p in stated if p.strip()]
        assert found.said_again <= set(range(len(kept)))
        assert sum(len(p.split()) for p in stated) >= LEAST_WORDS / 4


@pytest.mark.parametrize(
    "script",
    [
        json.dumps({"page": {"story": {"body": "".join(f"<p>{p}</p>" for p in [LEAD, *REST])}}}),
        "window.__DATA__ = " + json.dumps({"story": {"parts": PARTS}}) + ";",
        "self.__f.push([1," + json.dumps(json.dumps({"a": [{"text": p} for p in [LEAD, *REST]]})) + "])",
    ],
)  # fmt: skip
def test_the_article_is_found_in_the_data_of_scripts(script: str) -> None:
    tree = LexborHTMLParser(_page(f"<div id=app></div><script>{script}</script>"))
    assert scripted_text(tree) == (LEAD, *REST)


def test_teasers_and_words_of_the_interface_in_scripts_are_no_article() -> None:
    data = {"related": [{"text": p} for p in REST], "i18n": {"a": " ".join(REST)}, "n": [1, None, True]}
    assert scripted_text(LexborHTMLParser(_page(f"<script>{json.dumps(data)}</script>"))) == ()


def test_data_is_found_behind_code_that_opens_brackets() -> None:
    code = "(function(){ if (a[0]) { b = {c: [1]} } })(); "
    tree = LexborHTMLParser(_page(f"<script>{code}var d = {json.dumps({'story': PARTS})};</script>"))
    assert scripted_text(tree) == (LEAD, *REST)


def test_an_empty_text_in_the_data_of_scripts_is_no_fault() -> None:
    tree = LexborHTMLParser(_page('<script>self.__f.push([1,""])' + ";" * 900 + "</script>"))
    assert scripted_text(tree) == ()


def test_hostile_scripts_are_bounded_and_never_raise() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    broken = '{"a": "' + "x " * 5_000
    tree = LexborHTMLParser(_page(f"<script>{deep}</script><script>{broken}</script><script>{{</script>"))
    assert scripted_text(tree) == ()


def test_a_page_that_shows_nothing_is_read_from_its_data() -> None:
    data = json.dumps({"article": {"paragraphs": [LEAD, *REST]}})
    article = clean(_page(f"<div id=app></div><script type=application/json>{data}</script>"), form="html")
    assert article.text.split("\n\n") == [LEAD, *REST]
    assert all("does not show" in block.reason for block in article.blocks if block.kept)


def test_a_text_cut_short_for_a_paywall_is_completed_from_json_ld() -> None:
    stated = {"@type": "NewsArticle", "headline": "Quay to close", "articleBody": "\n".join([LEAD, *REST])}
    head = f'<script type="application/ld+json">{json.dumps(stated)}</script>'
    article = clean(_page(f"<article><h1>Quay to close</h1><p>{LEAD}</p></article>", head), form="html")
    assert article.text.split("\n\n") == [LEAD, *REST]
    assert [block.label for block in article.blocks if block.text == LEAD] == ["duplicate", "body"]


def test_what_a_table_knows_and_repeats_are_cut_from_a_stated_text_too() -> None:
    also = "Also read: Ferry service to end in April"
    stated = {
        "@type": "NewsArticle",
        "headline": "Quay",
        "articleBody": "\n".join([LEAD, also, *REST, REST[0]]),
    }
    head = f'<script type="application/ld+json">{json.dumps(stated)}</script>'
    article = clean(_page(f"<article><h1>Quay</h1><p>{LEAD}</p></article>", head), form="html")
    assert article.text.split("\n\n") == [LEAD, *REST]
    assert [block.label for block in article.blocks if block.text == also] == ["related"]


def test_trafilatura_s_word_is_completed_from_the_stated_text_as_well() -> None:
    stated = {"@type": "NewsArticle", "headline": "Quay to close", "articleBody": "\n".join([LEAD, *REST])}
    head = f'<script type="application/ld+json">{json.dumps(stated)}</script>'
    page = _page(f"<article><h1>Quay to close</h1><p>{LEAD}</p></article>", head)
    assert clean(page, form="html", engine="trafilatura").text.count("Paragraph") == len(REST)

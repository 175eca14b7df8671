"""Text and Markdown that read well: nothing glued, nothing invisible, structure kept."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from archive.values import Block
from pipelines import clean
from pipelines.html_blocks import blocks_of, parse
from pipelines.model.labeller import KEPT_BY_TAG
from pipelines.render import Rendered, clean_characters, fold_line, render, words
from tests.gate import gold_pages
from tests.newsroom import saved_pages

READER = MarkdownIt("commonmark").enable("table")
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")


def rendered(html: str) -> Rendered:
    """Every block of the page kept, under the label of its element."""
    blocks = blocks_of(parse(f"<html><body><article>{html}</article></body></html>"))
    kept = [
        Block(position=b.position, text=b.text, label=KEPT_BY_TAG.get(b.tag, "body"), reason="", tag=b.tag)
        for b in blocks
    ]
    return render(kept, {b.position: b.markdown for b in blocks if b.markdown})


def read(markdown: str) -> str:
    """What a reader of the Markdown sees, as HTML."""
    return str(READER.render(markdown))


def seen(markdown: str) -> list[str]:
    """Its words."""
    html = re.sub(r"</?(?:p|li|td|th|tr|h\d|br|blockquote|pre|ul|ol|table)\b[^>]*>", " ", read(markdown))
    text = re.sub(r"<[^>]+>", "", html)
    for name, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(name, char)
    return words(text)


def said(text: str) -> list[str]:
    """The text's words without the markers of its lists, which Markdown's readers draw themselves."""
    return words(text)


def test_a_table_keeps_its_rows_and_its_header() -> None:
    head = "<tr><th>Place</th><th>Name</th></tr>"
    table = f"<table>{head}<tr><td>1</td><td><b>Ann</b> Lee</td></tr><tr><td>2</td><td>Bo</td></tr></table>"
    found = rendered(table)
    assert found.text == "Place | Name\n1 | Ann Lee\n2 | Bo"
    assert found.markdown == "| Place | Name |\n| --- | --- |\n| 1 | **Ann** Lee |\n| 2 | Bo |"
    assert read(found.markdown).count("<td>") == 4


def test_a_table_without_a_header_has_an_empty_one_and_short_rows_are_filled() -> None:
    found = rendered("<table><tr><td>a</td><td>b</td><td>c</td></tr><tr><td>d</td><td>e</td></tr></table>")
    assert found.markdown == "|  |  |  |\n| --- | --- | --- |\n| a | b | c |\n| d | e |  |"


def test_header_cells_at_the_side_are_no_header_row() -> None:
    found = rendered("<table><tr><th>Born</th><td>1950</td></tr><tr><th>Died</th><td>2020</td></tr></table>")
    assert found.markdown == "|  |  |\n| --- | --- |\n| Born | 1950 |\n| Died | 2020 |"


def test_a_table_head_is_the_header_even_of_plain_cells() -> None:
    found = rendered(
        "<table><thead><tr><td>A</td><td>B</td></tr></thead><tbody><tr><td>1</td><td>2</td></tr></table>"
    )
    assert found.markdown.startswith("| A | B |\n| --- | --- |\n| 1 | 2 |")


def test_a_caption_stays_apart_from_its_table() -> None:
    found = rendered("<table><caption>Results</caption><tr><td>a</td><td>b</td></tr></table>")
    assert found.markdown == "Results\n\n|  |  |\n| --- | --- |\n| a | b |"


def test_lists_keep_their_numbers_and_their_depth() -> None:
    found = rendered(
        "<ul><li>a<ul><li>b</li></ul></li></ul><p>Then:</p><ol><li>x<ol><li><b>x1</b></li></ol></li><li>y</li></ol>"
    )
    assert found.markdown == "- a\n   - b\n\nThen:\n\n1. x\n   1. **x1**\n2. y"
    assert found.text == "- a\n- b\n\nThen:\n\n- x\n- x1\n- y"
    html = read(found.markdown)
    assert html.count("<ol>") == html.count("<ul>") == 2


def test_an_item_deep_within_empty_lists_is_no_code() -> None:
    found = rendered("<ul><li><ul><li><ul><li>deep</li></ul></li></ul></li></ul>")
    assert found.markdown == "- deep"


@pytest.mark.parametrize(
    ("html", "text", "markdown"),
    [
        ("<p>Roomy <a href='https://x.example/'>Khan </a>, an analyst</p>", "Roomy Khan, an analyst",
         "Roomy [Khan](https://x.example/), an analyst"),
        ("<p>So it ended <b>here </b>. Then it rained.</p>", "So it ended here. Then it rained.",
         "So it ended **here**. Then it rained."),
        ("<p>La raison ? Il dit : non ; rien !</p>", "La raison ? Il dit : non ; rien !",
         "La raison ? Il dit : non ; rien !"),
        ("<p>wait ... and .5 or .NET , too</p>", "wait ... and .5 or .NET, too",
         "wait ... and .5 or .NET, too"),
        ("<pre>git add .\nx , y</pre>", "git add .\nx , y", "```\ngit add .\nx , y\n```"),
        ("<p>gesagt , قال ، نعم</p>", "gesagt, قال، نعم", "gesagt, قال، نعم"),
        ("<p>Wort\u00adtren\u00adnung und Null\u200bbreite</p>", "Worttrennung und Nullbreite",
         "Worttrennung und Nullbreite"),
        ("<p>one<b>two</b>three</p>", "onetwothree", "one**two**three"),
        ("<p>one</p><p>two</p><div>three<br>four</div>", "one\n\ntwo\n\nthree four",
         "one\n\ntwo\n\nthree four"),
        ("<blockquote><p>It <em>rains</em>.</p></blockquote>", "It rains.", "> It *rains*."),
        ("<p>A <b><i>bold</i></b> claim</p>", "A bold claim", "A ***bold*** claim"),
        ("<p><b>one</b><i>two</i></p>", "onetwo", "**one**two"),
        ("<h3>Sub <i>head</i></h3>", "Sub head", "### Sub *head*"),
    ],
)  # fmt: skip
def test_a_line_reads_as_it_should(html: str, text: str, markdown: str) -> None:
    found = rendered(html)
    assert (found.text, found.markdown) == (text, markdown)


INLINE = (
    "{}", "<b>{}</b>", "<i>{}</i>", "<a href='https://x.example/'>{}</a>", "<span>{}</span>",
    "<b><i>{}</i></b>",
)  # fmt: skip
TEXTS = (
    "rain", "snow ", " wind", "cafe\u0301", "soft\u00adhyphen", "a*b", "x_y", "[z]", "1 < 2",
    "R&amp;amp;D", "\u200bnull",
    "水", "«q»", "up \u2014 ", ",",
)  # fmt: skip
HOLDERS = (
    "<p>{}</p>", "<ul><li>{}</li></ul>", "<ol><li>{}</li></ol>", "<blockquote>{}</blockquote>", "<h2>{}</h2>",
    "<table><tr><td>{0}</td><td>w</td></tr></table>", "<div>{}</div>",
)  # fmt: skip
PIECES = st.lists(
    st.tuples(st.sampled_from(INLINE), st.sampled_from(TEXTS), st.sampled_from(["", " ", "\n"])),
    min_size=1,
    max_size=7,
)


@given(st.lists(st.tuples(st.sampled_from(HOLDERS), PIECES), min_size=1, max_size=4))
def test_markdown_says_what_the_text_says(parts: list[tuple[str, list[tuple[str, str, str]]]]) -> None:
    html = "".join(
        holder.format("".join(wrap.format(text.replace("<", "&lt;")) + gap for wrap, text, gap in pieces))
        for holder, pieces in parts
    )
    found = rendered(html)
    assert not INVISIBLE.search(found.text + found.markdown)
    assert unicodedata.is_normalized("NFC", found.text)
    assert unicodedata.is_normalized("NFC", found.markdown)
    assert "  " not in found.text
    assert not re.search(r"\w ,(?:\s|$)", found.text)
    assert seen(found.markdown) == said(found.text)


@given(st.text(max_size=60))
def test_characters_are_cleaned_once_and_for_all(text: str) -> None:
    once = clean_characters(text)
    assert clean_characters(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not INVISIBLE.search(once)
    assert fold_line(fold_line(text)) == fold_line(text)


PAGES = [(page["id"], page["html"], page["url"]) for page, _ in gold_pages("html")]
PAGES += [(page.name, page.html, page.expected["url"]) for page in saved_pages()]


@pytest.mark.parametrize(("name", "html", "url"), PAGES, ids=[name for name, _, _ in PAGES])
def test_markdown_of_a_page_says_what_its_text_says(name: str, html: str | bytes, url: str) -> None:
    article = clean(html, url=url)
    assert seen(article.markdown) == said(article.text)
    assert [part for part in article.text.split("\n\n") if part != part.strip()] == []
    assert "\n\n\n" not in article.text + article.markdown


def test_an_item_that_is_a_comma_alone_keeps_its_number_apart() -> None:
    block = Block(position=1, text=",", label="list", reason="", score=1.0, tag="li")
    assert render([block], {1: "1. ,"}).markdown == "1. ,"

"""The walk: every visible character of a page in exactly one block, in page order."""

# ruff: noqa: SIM905 - a list of names reads better as words

from __future__ import annotations

import gzip
import json
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.blocks import PageBlock
from pipelines.html_blocks import INVISIBLE_TAGS, blocks_of, depth_of, parse, safe_link
from pipelines.render import clean_characters

URL = "https://example.org/news/story"


def walked(html: str) -> list[PageBlock]:
    return blocks_of(parse(html), url=URL)


def texts(html: str) -> list[str]:
    return [block.text for block in walked(html)]


def visible_characters(html: str) -> Counter[str]:
    """All text of the page but that of elements without a rendering, by a walk of its own."""
    found: list[str] = []
    tree = LexborHTMLParser(html)
    waiting: list[LexborNode | None] = [tree.body]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        if node.tag == "-text":
            found.append(node.text_content or "")
        elif node.tag not in INVISIBLE_TAGS:
            waiting.extend(node.iter(include_text=True))
    return characters("".join(found))


def characters(text: str) -> Counter[str]:
    # The walk sets " | " between cells; composed and decomposed accents are the same.
    text = unicodedata.normalize("NFD", clean_characters(text))
    return Counter(c for c in text if not c.isspace() and c != "|")


def test_paragraphs_headings_and_items_come_in_page_order() -> None:
    html = (
        "<h1>Rain</h1><p>It <b>rained</b>.</p><ul><li>one<ul><li>two</ul></ul>"
        "<blockquote><p>Wet!</p></blockquote>"
    )
    assert [(b.tag, b.text) for b in walked(html)] == [
        ("h1", "Rain"),
        ("p", "It rained."),
        ("li", "one"),
        ("li", "two"),
        ("blockquote", "Wet!"),
    ]
    assert [b.position for b in walked(html)] == [1, 2, 3, 4, 5]


def test_bare_text_between_elements_is_a_block() -> None:
    assert texts("<div>before<p>within</p>after</div>") == ["before", "within", "after"]


def test_two_line_breaks_end_a_paragraph_and_one_does_not() -> None:
    assert texts("<p>Maple Street 4<br>Springfield<br> <br>Next paragraph</p>") == [
        "Maple Street 4 Springfield",
        "Next paragraph",
    ]


def test_one_line_break_after_a_full_sentence_ends_a_paragraph() -> None:
    sentence = (
        "The council met on Monday evening and took up the matter of the bridge over the river at length."
    )
    assert texts(f"<div>{sentence}<br>{sentence}</div>") == [sentence, sentence]


def test_a_row_of_plain_cells_is_one_block() -> None:
    assert [(b.tag, b.text) for b in walked("<table><tr><td>May<td>12 mm<tr><td>June<td>80 mm</table>")] == [
        ("tr", "May | 12 mm"),
        ("tr", "June | 80 mm"),
    ]


def test_menu_links_do_not_grow_together() -> None:
    [nav] = walked("<nav><a href=/>Home</a><a href=/n>News</a></nav>")
    assert nav.text == "Home News"
    assert nav.subtree == "nav"


@pytest.mark.parametrize(
    ("html", "label"),
    [
        ("<nav><ul><li>Home</li><li>Sport</li></ul></nav>", "nav"),
        ("<header><div>The Daily</div><div>Menu</div></header>", "nav"),
        ("<footer><p>Imprint</p><p>Contact</p></footer>", "nav"),
        ("<div role=navigation><p>Home</p><p>Sport</p></div>", "nav"),
        ("<div role=dialog class=cookie-consent><p>We use cookies</p><p>Accept</p></div>", "cookie"),
        ("<form class=newsletter-signup><p>Sign up</p><p>Your mail</p></form>", "newsletter"),
        ("<div hidden><p>Loading</p><p>Please wait</p></div>", "other"),
        ('<div style="display: none"><p>Loading</p><p>Please wait</p></div>', "other"),
        ("<div><noscript><p>Turn on</p><p>JavaScript</p></noscript></div>", "other"),
    ],
)
def test_furniture_is_one_block_with_its_label(html: str, label: str) -> None:
    [block, story] = walked(html + "<p>Story</p>")
    assert block.subtree == label
    assert "\n" in block.text
    assert story.text == "Story"
    assert not story.subtree


def test_header_and_footer_of_an_article_are_no_furniture() -> None:
    html = (
        "<article><header><h1>Rain</h1><p>A wet May</p></header><p>Text</p>"
        "<footer><p>Ann Lee</p></footer></article>"
    )
    assert [(b.text, b.subtree) for b in walked(html)] == [
        ("Rain", ""),
        ("A wet May", ""),
        ("Text", ""),
        ("Ann Lee", ""),
    ]


@pytest.mark.parametrize(
    "opening", ["<form>", "<header><main>", "<div style='display:none'>", "<div role=banner>"]
)
def test_an_article_within_furniture_stays_whole(opening: str) -> None:
    prose = (
        "The council met on Monday evening and took up the matter of the bridge over the river, at length. "
        * 3
    )
    blocks = walked(opening + f"<p>{prose}</p>" * 4)
    assert [(b.subtree, b.hidden) for b in blocks] == [("", False)] * 4


def test_a_hidden_word_amid_a_line_follows_it() -> None:
    html = '<p>See <a href="/x">the report</a><span class="sr-only">opens a window</span>, she said.</p>'
    line, hidden = walked(html)
    assert line.text == "See the report, she said."
    assert (hidden.text, hidden.hidden, hidden.subtree) == ("opens a window", True, "other")


def test_scripts_styles_and_templates_are_no_text() -> None:
    html = "<p>a<script>b</script><style>c</style><template>d</template><svg><title>e</title></svg>f</p>"
    assert texts(html) == ["a f"]


def test_streamed_segments_stand_where_their_script_puts_them() -> None:
    html = '<p>one</p><template id="P:1"></template><p>three</p><div hidden id="S:1"><p>two</p></div>'
    assert [(b.text, b.hidden) for b in walked(html)] == [("one", False), ("two", False), ("three", False)]


def test_paths_name_the_way_from_the_body() -> None:
    [block] = walked('<div id=main class="a b"><p class=lead><span class=byline>Ann Lee</span></p></div>')
    assert block.path == ("body", "div#main.a.b", "p.lead>span.byline")


def test_siblings_share_their_path_but_for_the_last_name() -> None:
    first, second = walked("<article><p><b>One</b></p><p>Two <i>words</i></p></article>")
    assert first.path[:-1] == second.path[:-1]
    assert (first.path[-1], second.path[-1]) == ("p>b", "p")


def test_link_characters_are_counted() -> None:
    [block] = walked("<p>Read <a href=/x>this one</a> now</p>")
    assert block.link_chars == len("this one")


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>plain words</p>", ""),
        ("<p>It <b>rained</b> <em>hard</em>.</p>", "It **rained** *hard*."),
        ("<p>It<b> rained </b>hard</p>", "It **rained** hard"),
        ("<p><b>one</b><b>two</b></p>", "**onetwo**"),
        ("<p><b><strong>x</strong></b> y</p>", "**x** y"),
        ("<p><b></b>x <i> </i>y</p>", ""),
        ("<p>see <a href=/a>this</a></p>", "see [this](https://example.org/a)"),
        ("<p>see <a href='javascript:alert(1)'>this</a></p>", ""),
        ("<p>see <a href='/a b)(<x>'>this</a></p>", "see [this](https://example.org/a%20b%29%28%3Cx%3E)"),
        ("<p>2 * 3 &lt;script&gt; [x] a_b</p>", r"2 \* 3 \<script\> \[x\] a\_b"),
        ("<p><b>one<br><br>two</b></p>", "**one**"),
    ],
)
def test_markdown_carries_emphasis_and_safe_links(html: str, markdown: str) -> None:
    assert walked(html)[0].markdown == markdown


@pytest.mark.parametrize("href", ["javascript:x", "data:text/html,x", "vbscript:x", "mailto:a@b", "//["])
def test_only_web_addresses_become_links(href: str) -> None:
    assert not safe_link(href, "")
    assert not safe_link(href, "https://example.org/").startswith(
        ("javascript", "data", "vbscript", "mailto")
    )


def test_text_nested_a_hundred_thousand_deep_is_found() -> None:
    assert texts("<div>" * 100_000 + "deep" + "</div>" * 100_000 + "<p>after</p>") == ["deep", "after"]


def test_depth_is_told() -> None:
    assert depth_of(parse("<div>" * 300 + "x")) > 300
    assert depth_of(parse("<p>x</p>" * 300)) < 10


def test_a_tag_with_thousands_of_attributes_costs_only_them() -> None:
    html = "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">kept</p><p>too</p>"
    assert texts(html) == ["kept", "too"]


def test_a_long_picture_in_an_attribute_is_left_alone() -> None:
    tree = parse(f'<img alt="x" src="data:image/png;base64,{"A" * 50_000}"><p>y</p>')
    image = tree.css_first("img")
    assert image is not None
    assert image.attributes["alt"] == "x"


def test_an_empty_page_has_no_blocks() -> None:
    assert walked("") == []
    assert walked("<html><head><title>x</title></head><body></body></html>") == []
    assert walked("<frameset><frame src=x></frameset>") == []


TAGS = st.sampled_from(
    "div p span b i a ul li table tr td nav footer header form button h2 section article figure figcaption"
    " select option noscript pre blockquote br img script style template svg x-card details textarea".split()
)
ATTRIBUTES = st.sampled_from(
    [
        "",
        " hidden",
        ' class="sr-only"',
        ' style="display:none"',
        ' role="dialog"',
        ' class="a b" id=c',
        " href=/x",
    ]
)
PIECES = st.one_of(
    st.builds(lambda tag, attributes: f"<{tag}{attributes}>", TAGS, ATTRIBUTES),
    st.builds(lambda tag: f"</{tag}>", TAGS),
    st.text(alphabet=st.sampled_from("abcé ñ\n\u00a0日.&<\u0301"), max_size=6),
    st.just("<!-- comment -->"),
)
PAGES = st.lists(PIECES, max_size=40).map("".join)


@given(PAGES)
def test_every_visible_character_stands_in_exactly_one_block(html: str) -> None:
    assert characters("".join(texts(html))) == visible_characters(html)


def saved_pages() -> Iterator[tuple[str, str]]:
    """Pages written for this repository; with PRESSMARK_BENCH also those of a folder of data sets."""
    for path in sorted((Path(__file__).parents[1] / "newsroom").rglob("*.html")):
        yield path.name, path.read_text(encoding="utf-8")
    if bench := os.environ.get("PRESSMARK_BENCH"):
        for path in sorted(Path(bench).glob("data/*/pages.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for page in map(json.loads, lines):
                    yield page["id"], page["html"]


def test_saved_pages_lose_no_visible_character() -> None:
    lost = [
        name for name, html in saved_pages() if characters("".join(texts(html))) != visible_characters(html)
    ]
    assert lost == []


@given(PAGES)
def test_blocks_are_numbered_folded_and_never_empty(html: str) -> None:
    for position, block in enumerate(walked(html), 1):
        assert block.position == position
        assert block.text.strip()
        assert 0 <= block.link_chars <= len(block.text)
        assert block.path
        if block.tag != "pre" and not block.subtree:
            assert block.text == " ".join(block.text.split())

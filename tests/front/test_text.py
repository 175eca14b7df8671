"""The filters that turn stored text into safe HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.front.plugins import pressmark_text as text

#: Every element a text may become; no attribute but a link's and a list's start.
PLAIN_TAGS = "p br h2 h3 h4 h5 h6 ul li blockquote pre code strong em table tr td th"
BUILT = {tag: set[str]() for tag in PLAIN_TAGS.split()} | {
    "ol": {"start"},
    "div": {"class"},
    "a": {"href", "rel"},
}


class Elements(HTMLParser):
    """What a browser would find in a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.letters = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements are nested"

    def handle_data(self, data: str) -> None:
        self.letters += data


def parsed(html: str) -> Elements:
    found = Elements()
    found.feed(str(html))  # not Markup, whose slices would be escaped again
    found.close()
    return found


#: Texts made of the pieces that Markdown and HTML are made of, where the mistakes would be.
PIECES = [
    "<script>", "</p>", "<img src=x onerror=x>", "javascript:x", "https://e.example/", "[a](", "](", ")", "[",
    "]", "**", "*", "_", "`", "```", "\n", "\n\n", "# ", "- ", "1. ", "> ", "|", "---", "\\", '"', "'", "&",
    "&lt;", "word", " ", "\u202e", "\x00", "\ufdd0", "\ufdd1", "é", "نص",
]  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(pieces)
def test_prose_builds_only_the_elements_it_knows_and_closes_them(markdown: str) -> None:
    found = parsed(text.prose(markdown))
    assert not found.open
    for tag, attributes in found.tags:
        assert attributes.keys() <= BUILT[tag]
        if tag == "a":
            assert str(attributes["href"]).startswith(("http://", "https://"))


@given(pieces)
def test_a_snippet_holds_nothing_but_letters_and_marks(snippet: str) -> None:
    found = parsed(text.marked(snippet))
    assert not found.open
    assert {tag for tag, _ in found.tags} <= {"mark"}
    assert found.letters == text.plain(snippet)


@given(st.text())
def test_plain_text_keeps_all_that_can_be_seen(value: str) -> None:
    shown = text.plain(value)
    assert [sign for sign in value if sign.isalnum()] == [sign for sign in shown if sign.isalnum()]
    assert text.plain(shown) == shown


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u2066", "\0", "\x1b", "\x7f", "\ufffe", "\ud800", "\U000e0041"]
)
def test_plain_text_has_no_sign_that_makes_it_read_otherwise(hidden: str) -> None:
    assert text.plain(f"a{hidden}b") == "ab"


def test_a_shortened_text_ends_at_a_word() -> None:
    assert text.plain("one two three four", 12) == "one two…"
    assert text.plain("x" * 50, 10) == "x" * 9 + "…"
    assert text.plain("short", 10) == "short"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x", "vbscript:x", "//evil.example/x", "/relative", "http:", "https://", "http://[bad",
        "https://a.example/\\x",
        "https://a.example/ b", "https://a.example/\u202egnp", "urn:sha1:ABC", "", None,
    ],
)  # fmt: skip
def test_only_web_addresses_become_links(address: str | None) -> None:
    assert text.web_url(address) == ""


def test_a_web_address_stays_as_it_is() -> None:
    assert text.web_url("https://www.a.example/b?c=d&e=%20#f") == "https://www.a.example/b?c=d&e=%20#f"
    assert text.host("https://www.a.example/b") == "a.example"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("# Top\n\n### Deep", "<h2>Top</h2>\n<h3>Deep</h3>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. c\n4. d", '<ol start="3"><li>c</li><li>d</li></ol>'),
        ("> said\n> so", "<blockquote><p>said<br>so</p></blockquote>"),
        ("```\n<b> *x*\n\ny\n```\nafter", "<pre>&lt;b&gt; *x*\n\ny</pre>\n<p>after</p>"),
        ("```\nnever closed", "<pre>never closed</pre>"),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            '<div class="wide"><table><tr><th>a</th><th>b</th></tr>'
            "<tr><td>1</td><td>2</td></tr></table></div>",
        ),
        (
            "**bold** *soft* _soft_ `code`",
            "<p><strong>bold</strong> <em>soft</em> <em>soft</em> <code>code</code></p>",
        ),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2*3*4</p>"),
        (r"\*not\* \[this\]", "<p>*not* [this]</p>"),
        ("[x](javascript:1)", "<p>x</p>"),
        (
            "[x](https://e.example/a_(b))",
            '<p><a href="https://e.example/a_(b)" rel="nofollow noopener noreferrer">x</a></p>',
        ),
        ("2024. Nothing", '<ol start="2024"><li>Nothing</li></ol>'),
        ("", ""),
    ],
)
def test_markdown_is_set(markdown: str, html: str) -> None:
    assert text.prose(markdown) == html


@pytest.mark.parametrize(
    "unit", ["**", "[", "[a](", "_a", "*a ", "`", "\\", "|", "> ", "- a\n", "# a\n", "```\n", "![", "a\n\n"]
)
def test_a_huge_text_of_one_construct_is_set_whole(unit: str) -> None:
    markdown = unit * (200_000 // len(unit))
    found = parsed(text.prose(markdown))
    assert not found.open
    assert found.letters.count("a") == markdown.count("a")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2023-11-27", "27 November 2023"),
        ("2023-11-27T14:05:00+05:00", "27 November 2023, 14:05 UTC+05:00"),
        ("2023-11-27T14:05:00Z", "27 November 2023, 14:05 UTC"),
        ("2023-11-27T14:05", "27 November 2023, 14:05"),
        ("yesterday", "yesterday"),
        (None, ""),
    ],
)
def test_a_moment_is_written_out_with_its_zone(value: str | None, shown: str) -> None:
    assert text.moment(value) == shown


def test_a_day_is_written_out() -> None:
    assert text.day("2023-11-27T23:59:00+05:00") == "Monday, 27 November 2023"
    assert text.day("no day") == "no day"


@pytest.mark.parametrize("broken", [None, "", "no json", "3", '{"a": 1}', "[1, null]"])
def test_names_of_a_broken_column_are_none(broken: str | None) -> None:
    assert text.names(broken) == []


def test_names_are_read_from_json() -> None:
    assert text.names('["Ada", "\\u202eBo"]') == ["Ada", "Bo"]


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("en", "en"),
        ("pt-BR", "pt-BR"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ('en" onload="x', ""),
        (None, ""),
        ("english", ""),
    ],
)
def test_a_language_is_a_tag_or_nothing(value: object, tag: str) -> None:
    assert text.language(value) == tag

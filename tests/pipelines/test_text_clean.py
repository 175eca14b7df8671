"""What holds for every dump: nothing lost, order kept, no input breaks it, time is linear."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.values import Hints
from pipelines.render import fold_line
from pipelines.text_blocks import split_dump
from pipelines.text_clean import clean_text

#: Lines of the kinds that real dumps mix, so that random dumps reach every rule.
LINES = st.sampled_from(
    """

Home › News › World
Skip to main content
By Ada Example
3 May 2024
Share
Harbour reopens after storm
Related
Most Popular
12 Comments
Leave a comment
1. First item
• An item of a list
Photo: Jane Example/Reuters
Subscribe to our newsletter
Advertisement
LONDON, 3 May 2024 (Reuters) - The harbour reopened, three days after the storm closed it.
Officials said the first ships would enter in the afternoon, and that no one had been hurt.
“We are glad to be back at work,” said the harbour master, who had slept in her office.
What happens next
We use cookies to improve your experience on this website.
Ada Example
Ada Example is a reporter at the Harbour News. She covers ships.
© 2024 Harbour News. All rights reserved.
A storm that nobody had forecast… Read More
港は金曜日に再開した。けが人はいなかったと当局は述べた。""".splitlines()
)
DUMPS = st.lists(st.one_of(LINES, st.text(max_size=80)), max_size=60).map("\n".join)


@given(DUMPS)
@settings(deadline=None)
def test_every_line_that_says_something_comes_out_exactly_once_and_in_order(dump: str) -> None:
    article = clean_text(dump)
    lines = {n: fold_line(line) for n, line in enumerate(re.split(r"\r\n?|\n", dump), 1)}
    assert [(b.position, b.text) for b in article.blocks] == [(n, line) for n, line in lines.items() if line]


@given(st.text(alphabet=st.characters(exclude_categories=())))
@settings(deadline=None)
def test_any_unicode_text_comes_out_clean(dump: str) -> None:
    text = clean_text(dump).text
    text.encode("utf-8")
    assert not re.search("[\x00\u00ad\u200b\ufeff\u202e]", text)
    assert unicodedata.is_normalized("NFC", text)


@given(DUMPS)
@settings(deadline=None)
def test_the_same_dump_gives_the_same_article(dump: str) -> None:
    assert clean_text(dump) == clean_text(dump)


@given(DUMPS)
@settings(deadline=None)
def test_each_block_has_a_reason_and_a_score_between_0_and_1(dump: str) -> None:
    assert all(block.reason and 0 <= block.score <= 1 for block in clean_text(dump).blocks)


def test_carriage_returns_count_as_line_ends() -> None:
    assert [b.position for b in split_dump("one\r\n\r\ntwo\rthree")] == [1, 3, 4]
    assert [b.gap for b in split_dump("one\r\n\r\ntwo\rthree")] == [0, 1, 0]


def test_a_line_of_invisible_characters_is_blank() -> None:
    assert [b.text for b in split_dump("one\n\u200b\u00ad\ufeff \u00a0\ntwo")] == ["one", "two"]


def test_joiners_stay_where_they_shape_letters_and_go_where_they_litter() -> None:
    assert fold_line("می\u200cخواهم") == "می\u200cخواهم"
    assert fold_line("no\u200cthing") == "nothing"


def test_work_grows_with_the_lines_not_with_their_square() -> None:
    def calls(lines: int) -> int:
        import sys

        count = 0

        def profile(frame: object, event: str, arg: object) -> None:
            nonlocal count
            count += event in {"call", "c_call"}

        dump = "\n\n".join(
            f"Paragraph {n} tells of ships that came into the harbour at last." for n in range(lines)
        )
        clean_text(dump)
        sys.setprofile(profile)
        try:
            clean_text(dump)
        finally:
            sys.setprofile(None)
        return count

    assert calls(1_200) < 3 * calls(600)


def test_hints_fill_what_the_dump_does_not_say_and_never_overrule_it() -> None:
    hints = Hints(headline="Given", authors=("Given Name",), date_published="2020-01-01", language="en")
    bare = clean_text(
        "The harbour reopened on Friday after the storm had closed it for three days.", hints=hints
    )
    assert (bare.headline, bare.authors, bare.date_published) == ("Given", ("Given Name",), "2020-01-01")
    assert bare.date_published_source == "given beside the page"
    full = clean_text(
        "Harbour reopens after storm\n\nBy Ada Example\n\nPublished 3 May 2024\n\n"
        "The harbour reopened on Friday after the storm had closed it for three days.\n\n"
        "Officials said the first ships would enter in the afternoon, weather permitting.",
        hints=hints,
    )
    assert (full.headline, full.authors, full.date_published) == (
        "Harbour reopens after storm", ("Ada Example",), "2024-05-03",
    )  # fmt: skip


def test_a_dump_of_clutter_alone_keeps_nothing() -> None:
    teasers = ["Most Popular", "Harbour reopens after the storm", "Ferry fares to rise in spring"]
    warning = (
        "WARNING: Comments that contain insults, swearing or offensive words, or that are written entirely"
        " in capital letters, are not approved."
    )
    article = clean_text("\n\n".join([*teasers, warning]))
    assert article.text == ""
    assert article.kind != "article"

"""The search language: what is typed, and what is asked for. No question is an error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.front.plugins.pressmark_front.query import Search, address, days, narrowed, read_search


@pytest.mark.parametrize(
    ("question", "match"),
    [
        ("ferry", '"ferry"'),
        ("ferry harbour", '("ferry" AND "harbour")'),
        ('"late again"', '"late again"'),
        ("“late again”", '"late again"'),
        ("council*", '"council"*'),
        ("a OR b c", '("a" OR ("b" AND "c"))'),
        ("(a OR b) c", '(("a" OR "b") AND "c")'),
        ("a NOT b", '("a" NOT "b")'),
        ("a -b c", '(("a" AND "c") NOT "b")'),
        ("a NOT (b c)", '("a" NOT ("b" AND "c"))'),
        ("NOT NOT a", '"a"'),
        ("headline:ferry", 'headline : "ferry"'),
        ('author:"Ada Quill"', 'authors : "Ada Quill"'),
        ("headline:(a b) c", '((headline : "a" AND headline : "b") AND "c")'),
        ("a -headline:b", '("a" NOT headline : "b")'),
        ("^first", '^"first"'),
        ("NEAR(a b, 5)", 'NEAR("a" "b", 5)'),
        ("covid-19 U.S. don't", '("covid-19" AND "U.S." AND "don\'t")'),
        ("https://a.example/b?c=1", '"https://a.example/b?c=1"'),
        ("12:30", '"12:30"'),
        ("ORDER NOTICE", '("ORDER" AND "NOTICE")'),
        ("and or not", '("and" AND "or" AND "not")'),
    ],
)
def test_words_are_read_without_a_note(question: str, match: str) -> None:
    assert read_search(question) == Search(question.translate({8220: '"', 8221: '"'}), match)


@pytest.mark.parametrize(
    ("question", "match", "note"),
    [
        ('ferry "', '"ferry"', "A quotation mark is never closed"),
        ("(ferry", '"ferry"', "A bracket is never closed"),
        ("ferry)", '"ferry"', "A bracket closes that was never opened"),
        ("ferry AND", '"ferry"', "AND has nothing to one side"),
        ("OR ferry", '"ferry"', "OR has nothing to one side"),
        ("ferry NOT", '"ferry"', "NOT has nothing after it"),
        ("ferry OR -bell", '"ferry"', "NOT beside OR has nothing to take from"),
        ("nosuch:x", '("nosuch" AND "x")', "There is no field “nosuch”"),
        ("fe*ry", '"fe*ry"', "the star does not stand at the end"),
        ("ferry ---", '"ferry"', "holds no letter or digit"),
        ("(" * 99 + "ferry", "", "12 deep"),
        ("x " * 99, "", "Only the first 64 words"),
        ("x" * 2000, "", "longer than 1000"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_is_searched_instead(
    question: str, match: str, note: str
) -> None:
    search = read_search(question)
    assert any(note in said for said in search.notes), search.notes
    if match:
        assert search.match == match
        assert search.notes[-1] == f"Searched for: {match}"


def test_what_must_not_match_alone_is_taken_from_all() -> None:
    assert read_search("-bell")[1:3] == ("", '"bell"')
    assert read_search("-bell -town")[1:3] == ("", '("bell" OR "town")')


@pytest.mark.parametrize(
    ("question", "words", "filters"),
    [
        ("site:a.example ferry", "ferry", {"site": ("a.example",)}),
        ("site:https://www.A.example/x", "", {"site": ("a.example",)}),
        ('site:"Al Jazeera"', "", {"site": ("Al Jazeera",)}),
        ("(site:a.example OR site:b.example) x", "x", {"site": ("a.example", "b.example")}),
        ("ferry AND lang:EN", "ferry", {"language": ("en",)}),
        ("from:2023 to:2023-02 x", "x", {"from": ("2023-01-01",), "to": ("2023-02-28",)}),
        ("on:2024-05-01", "", {"from": ("2024-05-01",), "to": ("2024-05-01",)}),
        ("has:versions access:Free", "", {"access": ("free",), "has": ("versions",)}),
        ("cluster:12 similar:34", "", {"cluster": ("12",), "similar": ("34",)}),
    ],
)
def test_filters_are_lifted_out_of_the_words(
    question: str, words: str, filters: dict[str, tuple[str, ...]]
) -> None:
    search = read_search(question)
    assert (search.words, dict(search.filters), search.notes) == (words, filters, ())
    assert read_search(words, filters) == search


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("from:yesterday", "“yesterday” is no date"),
        ("on:2023-02-30", "“2023-02-30” is no date"),
        ("access:open", "“open” is no kind of access"),
        ("has:luck", "“has:luck” is not known"),
        ("cluster:x", "“x” is no number"),
        ("-site:a.example", "a filter cannot exclude"),
        ("NOT site:a.example", "a filter cannot exclude"),
    ],
)
def test_a_filter_that_cannot_be_read_is_left_out_and_named(question: str, note: str) -> None:
    search = read_search(f"{question} ferry")
    assert not search.filters
    assert search.match == '"ferry"'
    assert any(note in said for said in search.notes)


def test_an_unknown_order_is_named() -> None:
    search = read_search("ferry", sort="sideways")
    assert search.order == "relevance"
    assert "“sideways” is no order" in search.notes[0]
    assert read_search("", sort="relevance").order == "newest"


def test_days_of_dates_months_and_years() -> None:
    told = {
        "2024": ("2024-01-01", "2024-12-31"),
        "2024-02": ("2024-02-01", "2024-02-29"),
        "2024-12": ("2024-12-01", "2024-12-31"),
        "2024-02-03T10:00": ("2024-02-03", "2024-02-03"),
        "0000": None,
        "9999": ("9999-01-01", "9999-12-31"),
        "2024-13": None,
        "24": None,
        "٢٠٢٤": None,
    }
    assert {text: days(text) for text in told} == told


#: Pieces that questions are made of, and pieces that break them.
PIECES = st.sampled_from(
    [
        "a", "ferry", "AND", "OR", "NOT", "NEAR(", "(", ")", '"', "“", "-", "*", "^", " ", " ", ":", ",", "+",
        "{", "headline:", "author:", "site:", "from:", "has:versions", "zz:", "5", "2023", "http://", "\x00",
        "é", "日本", "\u0301", "٣", "²", "\ufdd0", "\ue000", "\ud800", "'", ";", "--", "%",
    ]
)  # fmt: skip
QUESTIONS = st.lists(PIECES, max_size=24).map("".join) | st.text(st.characters(codec=None), max_size=60)


@settings(deadline=None)
@given(QUESTIONS)
def test_the_words_without_filters_are_read_the_same(question: str) -> None:
    search = read_search(question)
    again = read_search(search.words, dict(search.filters))
    assert (again.match, again.without, again.filters) == (search.match, search.without, search.filters)
    assert again.words == search.words


def test_an_address_leads_to_the_same_search() -> None:
    search = read_search("ferry site:a.example site:b.example from:2024 has:versions", sort="oldest")
    assert address(search, 2) == (
        "/search?q=ferry&site=a.example&site=b.example&from=2024-01-01&has=versions&sort=oldest&page=2"
    )
    assert address(search, form=".atom").startswith("/search.atom?q=ferry&")
    assert address(read_search("")) == "/search"
    assert narrowed(search, "site", "c.example").values("site") == ("c.example",)
    assert "site" not in dict(narrowed(search, "site").filters)


def test_of_many_beginnings_the_rest_are_words() -> None:
    search = read_search(" ".join(f"w{n}*" for n in range(10)))
    assert '"w7"*' in search.match
    assert '"w8" AND "w9"' in search.match
    assert search.notes[0].startswith("Only the first 8 beginnings")

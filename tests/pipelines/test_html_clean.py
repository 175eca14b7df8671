"""The HTML way, whole: page in, article and account out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipelines
from archive.values import Article, Engine, Hints
from pipelines import CLEANER, PageError, clean
from pipelines.extract import MAX_CHARS, MAX_TAGS, opinion
from pipelines.html_clean import MAX_BLOCKS
from tests.newsroom import saved_pages
from tests.newsroom.server import SavedPage

PARAGRAPHS = [
    "The town council met on Monday evening and agreed to rebuild the old bridge before the winter sets in.",
    "Three firms have offered to do the work, and the cheapest of them wants four million for all of it.",
    "Shopkeepers on the western bank have waited for eleven years, and some of them no longer believe in it.",
    "A footpath along the river will be closed from May; a ferry is to carry walkers across until it opens.",
]
STORY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
PAGE = f"""<!doctype html><html lang="en"><head><title>Bridge to be rebuilt | The Example</title>
<meta property="og:title" content="Bridge to be rebuilt"><meta property="og:site_name" content="The Example">
<link rel="canonical" href="https://example.org/bridge">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Bridge to be rebuilt",
"author": {{"@type": "Person", "name": "Ann Lee"}}, "datePublished": "2024-03-04T18:30:00+01:00"}}</script>
</head>
<body><nav><a href="/">Home</a><a href="/sport">Sport</a></nav>
<article><h1>Bridge to be rebuilt</h1>{STORY}
<p>The mayor called it <b>a good day</b>, as <a href="/mayor">she had</a> before the vote
was taken in the hall.</p></article><footer><p>Imprint</p><p>Contact</p></footer></body></html>"""


def moment(date: str | None) -> datetime | None:
    return datetime.fromisoformat(date) if date else None


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("page", saved_pages(), ids=lambda page: page.name)
def test_saved_pages_read_as_expected(page: SavedPage) -> None:
    article = clean(page.html, url=page.expected["url"], content_type="text/html; charset=utf-8")
    assert article.text == page.expected["text"]
    assert (article.headline, article.kind) == (page.expected["headline"], "article")
    assert moment(article.date_published) == moment(page.expected["published"])
    account = [(squeezed(removed.text), removed.label) for removed in article.removed]
    for wanted in page.expected["removed"]:
        assert any(
            squeezed(wanted["text"]) in text and label == wanted["label"] for text, label in account
        ), wanted


def test_an_article_carries_text_markdown_and_metadata() -> None:
    article = clean(PAGE, url="https://example.org/bridge?x=1")
    assert article.text.split("\n\n")[: len(PARAGRAPHS)] == PARAGRAPHS
    assert "Home" not in article.text
    assert "**a good day**, as [she had](https://example.org/mayor) before" in article.markdown
    assert article.headline == "Bridge to be rebuilt"
    assert article.authors == ("Ann Lee",)
    assert article.date_published == "2024-03-04T18:30:00+01:00"
    assert article.date_published_source
    assert article.canonical_url == "https://example.org/bridge"
    assert (article.kind, article.language, article.site) == ("article", "en", "example.org")
    assert article.cleaner == CLEANER
    assert article.word_count == len(article.text.split())


def test_the_account_names_every_cut_in_page_order() -> None:
    removed = clean(PAGE, url="https://example.org/bridge").removed
    assert [(r.label, r.text) for r in removed] == [
        ("nav", "Home Sport"),
        ("headline", "Bridge to be rebuilt"),
        ("nav", "Imprint\nContact"),
    ]
    assert [r.position for r in removed] == sorted(r.position for r in removed)
    assert all(r.reason for r in removed)


def test_kept_and_removed_together_are_the_page() -> None:
    article = clean(PAGE)
    kept = [block.text for block in article.blocks if block.kept]
    assert [b.position for b in article.blocks] == list(range(1, len(article.blocks) + 1))
    assert Counter(squeezed("".join([*kept, *(r.text for r in article.removed)]))) == Counter(
        squeezed("".join(block.text for block in article.blocks))
    )


def test_the_same_page_gives_the_same_article() -> None:
    assert [clean(PAGE) for _ in range(5)] == [clean(PAGE)] * 5  # trafilatura's own deduplication would not


def test_hints_fill_only_what_the_page_does_not_say() -> None:
    hints = Hints(headline="Other", authors=("Bo Ek",), date_published="2020-01-01", language="sv")
    stated = clean(PAGE, hints=hints)
    assert (stated.headline, stated.authors, stated.language) == ("Bridge to be rebuilt", ("Ann Lee",), "en")
    bare = clean(f"<html><body><article>{STORY}</article></body></html>", hints=hints)
    assert (bare.headline, bare.authors, bare.date_published) == ("Other", ("Bo Ek",), "2020-01-01")


def test_dates_after_the_fetch_are_not_believed() -> None:
    article = clean(PAGE, fetched_at=datetime(2024, 3, 1, tzinfo=UTC))
    assert not (article.date_published or "").startswith("2024-03-04")


def test_a_standfirst_apart_from_the_text_is_kept() -> None:
    lead = "After eleven years of waiting, the council has found a firm that will do the work."
    page = PAGE.replace(
        "<article>",
        f'<section><h1>Bridge to be rebuilt</h1><p class="standfirst">{lead}</p></section><article>',
    )
    assert clean(page).text.startswith(lead)


def test_a_page_without_text_is_no_article() -> None:
    article = clean("<html><body><nav><a href=/>Home</a></nav></body></html>")
    assert article.kind != "article"
    assert article.kind_reason
    assert article.text == ""


@pytest.mark.parametrize("declared", ["CollectionPage", "DiscussionForumPosting"])
def test_a_page_that_calls_itself_something_else_is_no_article(declared: str) -> None:
    article = clean(PAGE.replace("NewsArticle", declared))
    assert article.kind != "article"
    assert declared in article.kind_reason


def test_text_and_html_take_their_own_way_through_one_face() -> None:
    assert clean("Rain in May\n\n" + "\n\n".join(PARAGRAPHS)).blocks[0].tag == ""
    assert clean(PAGE, form="html").blocks[0].tag == "nav"


def test_a_page_that_cannot_be_read_says_so() -> None:
    with pytest.raises(PageError, match=r"https://example\.org/a is empty"):
        clean(b"", url="https://example.org/a")


def test_the_face_is_what_it_says() -> None:
    assert all(hasattr(pipelines, name) for name in pipelines.__all__)  # each is imported when asked for
    assert len(pipelines.__all__) <= 12


HOSTILE = {
    "200,000 paragraphs": "<p>short text" * 200_000,
    "100,000 links": "<p>" + '<a href="/x">y</a> ' * 100_000,
    "300,000 attributes": "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">",
    "100,000 nested": "<div>" * 100_000,
    "100,000 nested and closed": "<div>" * 100_000 + "</div>" * 100_000,
    "300 nested": "<div>" * 300,
    "100,000 hidden words": "<p>" + "a<span hidden>b</span>" * 100_000 + "</p>",
    "10,000 equal paragraphs": "<p>the same words again and again</p>" * 10_000,
    "20,000 nested menus": "<nav>x" * 20_000,
    "a class of two million characters": f'<p class="{"c " * 1_000_000}">x</p>',
    "broken JSON-LD": '<script type="application/ld+json">' + '{"a":[' * 50_000 + "</script>",
    "two million brackets": "<" * 2_000_000,
}


@pytest.mark.parametrize("attack", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_end_and_lose_no_text(attack: str) -> None:
    # Without bounds most of these keep a parser or an extractor busy for minutes.
    article = clean(f"<html><body>{attack}<article>{STORY}</article></body></html>", form="html")
    everything = squeezed("".join(block.text for block in article.blocks))
    assert all(squeezed(text) in everything for text in PARAGRAPHS)


def test_text_nested_deeper_than_256_stays_in_the_article() -> None:
    article = clean(f"<html><body>{'<div>' * 300}<article>{STORY}</article></body></html>")
    assert article.text.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "page",
    [
        "<p>x" + " " * MAX_CHARS + f"</p><article>{STORY}</article>",
        "<b></b>" * MAX_TAGS + f"<article>{STORY}</article>",
    ],
    ids=["long", "many tags"],
)
def test_a_page_too_large_for_trafilatura_is_cleaned_without_it(page: str) -> None:
    html = f"<html><body>{page}</body></html>"
    assert "trafilatura not asked" in opinion(html, ()).silent
    assert PARAGRAPHS[1] in clean(html).text


def test_beyond_the_last_block_the_rest_is_one_block_of_the_account() -> None:
    article = clean(
        "<html><body>" + "".join(f"<p>word {n}</p>" for n in range(MAX_BLOCKS + 10)) + "</body></html>"
    )
    assert len(article.blocks) == MAX_BLOCKS + 1
    assert article.blocks[-1].text.endswith(f"word {MAX_BLOCKS + 9}")
    assert not article.blocks[-1].kept


def test_scripts_in_a_headline_stay_text() -> None:
    article = clean(
        PAGE.replace("Bridge to be rebuilt", "Bridge &lt;script&gt;alert(1)&lt;/script&gt; rebuilt")
    )
    assert "<script>" not in article.markdown


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab <>/p&;\"'=div#x\n"), max_size=200))
def test_any_markup_gives_an_article_value(html: str) -> None:
    try:
        article = clean(html, form="html")
    except PageError:
        return
    assert isinstance(article, Article)


NEWS = (
    "<html><head><title>Quay to close</title></head><body><article><h1>Quay to close</h1>"
    + "".join(
        f"<p>Paragraph {n} says what member {n} of the board had to say of the old quay, and why.</p>"
        for n in range(1, 9)
    )
    + "<p>Also read: Ferry service to end in April</p><p>The board meets again in May, it said.</p>"
    + "</article></body>"
)


@pytest.mark.parametrize("engine", ["learned", "trafilatura"])
def test_what_tables_are_surest_of_and_the_headline_are_no_text_under_either_engine(engine: Engine) -> None:
    article = clean(NEWS, form="html", engine=engine)
    assert article.text.count("Paragraph") == 8
    assert "Also read" not in article.text
    assert "Quay to close" not in article.text
    said = {block.reason for block in article.blocks if block.kept}
    assert said == {
        "learned: part of the article" if engine == "learned" else "trafilatura takes it for the article"
    }


def test_a_page_without_an_article_keeps_nothing_whatever_the_referee_finds() -> None:
    article = clean(
        "<body><div><a href=/>Home</a> <a href=/n>News</a></div><p>Please log in</p>", form="html"
    )
    assert article.text == ""
    assert not clean("<html><body></body></html>", form="html").referee_asked

"""Metadata of whole pages: which source wins, what is left out, and what hostile pages cannot do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from pipelines.metadata import Metadata, read_metadata
from pipelines.metadata.plain import MAX_BODY_CHARS

URL = "https://www.planet.example/politics/2024/bridge"


def read(html: str, *, url: str = URL, fetched_at: datetime | None = None) -> Metadata:
    return read_metadata(LexborHTMLParser(html), url=url, html=html, fetched_at=fetched_at)


def json_ld(data: Any) -> str:
    return (
        f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'
    )


def meta(**contents: str) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":").replace("_dot_", ".")}" content="{content}">'
        for name, content in contents.items()
    )


ARTICLE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Bridge opens after ten years",
    "author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Organization", "name": "Reuters"}],
    "datePublished": "2024-05-03T15:47:42+02:00",
    "dateModified": "2024-05-04T08:00:00+02:00",
    "articleSection": "Politics",
    "keywords": ["bridge", "Traffic"],
    "description": "It took a while.",
    "image": {"@type": "ImageObject", "url": "/img/bridge.jpg"},
    "inLanguage": "en-GB",
    "isAccessibleForFree": False,
    "publisher": {"@type": "Organization", "name": "The Daily Planet"},
}


def test_json_ld_gives_every_field_with_its_source() -> None:
    found = read(json_ld(ARTICLE))
    assert found.headline == "Bridge opens after ten years"
    assert found.authors == ("Jane Doe",)
    assert found.organisations == ("Reuters",)
    assert found.date_published == "2024-05-03T15:47:42+02:00"
    assert found.date_modified == "2024-05-04T08:00:00+02:00"
    assert (found.section, found.keywords) == ("Politics", ("bridge", "Traffic"))
    assert found.description == "It took a while."
    assert found.main_image == "https://www.planet.example/img/bridge.jpg"
    assert (found.language, found.access, found.page_type) == ("en", "paywalled", "NewsArticle")
    assert found.site_name == "The Daily Planet"
    assert found.sources["date_published"] == "json-ld:NewsArticle.datePublished"
    assert found.sources["authors"] == "json-ld:NewsArticle.author"
    assert found.sources["access"] == "json-ld:NewsArticle.isAccessibleForFree"


REFERENCED = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "@id": "#site", "name": "The Daily Planet"},
        {"@type": "Person", "@id": "#jane", "name": "Jane Doe"},
        {k: v for k, v in ARTICLE.items() if k != "author"} | {"author": {"@id": "#jane"}},
    ],
}
BROKEN = json.dumps(ARTICLE, indent=1)
SHAPES: dict[str, str] = {
    "graph with references": json_ld(REFERENCED),
    "list": json_ld([{"@type": "BreadcrumbList"}, ARTICLE]),
    "nested under a page": json_ld({"@type": "WebPage", "mainEntity": ARTICLE}),
    "several types": json_ld(ARTICLE | {"@type": ["Article", "NewsArticle"]}),
    "types with a namespace": json_ld(ARTICLE | {"@type": "http://schema.org/NewsArticle"}),
    "second script": json_ld({"@type": "Organization", "name": "X"}) + json_ld(ARTICLE),
    "trailing comma": json_ld(BROKEN[:-1].rstrip() + ",}"),
    "raw line break": json_ld(BROKEN.replace("after ten", "after\nten")),
    "control character": json_ld(BROKEN.replace("after ten", "after\x0bten")),
    "HTML comment around": json_ld("<!-- " + BROKEN + " -->"),
    "CDATA around": json_ld("//<![CDATA[\n" + BROKEN + "\n//]]>"),
    "statement around": json_ld("window.ld = " + BROKEN + ";"),
    "escaped as HTML": json_ld(BROKEN.replace('"', "&quot;")),
    "cut off": json_ld(BROKEN[:-1]),
    "comment before a broken end": json_ld("/* data */" + BROKEN + ",,"),
}


BODIES: dict[str, tuple[Any, str | None]] = {
    "plain": ("It opened.\r\n\r\nTraffic  flows.", "It opened.\nTraffic flows."),
    "HTML": ("<p>It <b>opened</b>.</p><p class='x'>In<br/>May.</p>", "It opened.\nIn\nMay."),
    "entities": ("Q&amp;A: it&nbsp;opened &#8211; at last", "Q&A: it opened – at last"),
    "escaped HTML": ("&lt;p&gt;It&amp;#8217;s open&lt;/p&gt;&lt;p&gt;Now&lt;/p&gt;", "It’s open\nNow"),
    "a comparison is no tag": ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
    "an address keeps its ampersand": ("see /?a=1&copy=2 there", "see /?a=1&copy=2 there"),
    "what nobody sees": ("It\u00ad\u200bself.<script>x < 1; y()</script><!-- ad --> So.", "Itself. So."),
    "list": (["It opened.", {"@type": "X"}, "Traffic flows."], "It opened.\nTraffic flows."),
    "value": ({"@value": "It opened."}, "It opened."),
    "none": (None, None),
    "number": (7, None),
    "no letter": ("<p> </p>", None),
}  # fmt: skip


@pytest.mark.parametrize(("stated", "body"), BODIES.values(), ids=BODIES.keys())
def test_the_stated_body_is_plain_text_a_paragraph_a_line(stated: Any, body: str | None) -> None:
    graph = {"@graph": [{"@type": "WebPage", "name": "x"}, ARTICLE | {"articleBody": stated}]}
    found = read(json_ld(json.dumps(graph).replace("<", "\\u003c")))
    assert found.article_body == body
    assert found.sources.get("article_body") == (body and "json-ld:NewsArticle.articleBody")


def test_the_stated_body_is_the_own_article_s() -> None:
    other = {"@type": "NewsArticle", "headline": "Another", "url": "https://x.example/", "articleBody": "No."}
    listed = {"@type": "ItemList", "itemListElement": [other]}
    assert read(json_ld([listed, ARTICLE])).article_body is None
    assert read(json_ld([other, ARTICLE | {"url": URL, "articleBody": "Yes."}])).article_body == "Yes."


def test_another_form_of_the_article_may_state_the_body() -> None:
    bare = ARTICLE | {"@type": "Article", "articleBody": "It opened."}
    found = read(json_ld([ARTICLE, bare]))
    assert (found.article_body, found.sources["article_body"]) == (
        "It opened.",
        "json-ld:Article.articleBody",
    )


def test_a_stated_body_has_an_end() -> None:
    body = read(json_ld(ARTICLE | {"articleBody": "word " * 150_000})).article_body
    assert body is not None
    assert len(body) <= MAX_BODY_CHARS


@pytest.mark.parametrize("html", SHAPES.values(), ids=SHAPES.keys())
def test_json_ld_is_read_in_every_shape(html: str) -> None:
    found = read(html)
    assert found.headline == "Bridge opens after ten years"
    assert found.authors == ("Jane Doe",)
    assert found.date_published == "2024-05-03T15:47:42+02:00"


def test_an_unescaped_quote_ends_no_string() -> None:
    script = '{"@type": "NewsArticle", "headline": "Mayor: "We, too, were late" on bridge", "keywords": "a"}'
    assert read(json_ld(script)).headline == 'Mayor: "We, too, were late" on bridge'


def test_the_article_at_the_page_address_is_the_page_s_own() -> None:
    other = {"@type": "NewsArticle", "headline": "Another story", "url": "https://www.planet.example/other"}
    assert read(json_ld([other, ARTICLE | {"url": URL}])).headline == "Bridge opens after ten years"


def test_works_that_are_only_mentioned_are_passed_over() -> None:
    listed = {
        "@type": "ItemList",
        "itemListElement": [{"@type": "NewsArticle", "headline": "Elsewhere today"}],
    }
    found = read(json_ld(listed) + "<h1>Bridge opens after ten years</h1>")
    assert found.headline == "Bridge opens after ten years"
    assert found.page_type is None


OTHER_SOURCES = {
    "open graph": (
        meta(article__author="Jane Doe", article__published_time="2024-05-03T15:47:42+02:00"),
        "meta:article:published_time",
    ),
    "parsely": (
        '<meta name="parsely-author" content="Jane Doe">'
        '<meta name="parsely-pub-date" content="2024-05-03T15:47:42+02:00">',
        "meta:parsely-pub-date",
    ),
    "sailthru": (
        '<meta name="sailthru.author" content="Jane Doe">'
        '<meta name="sailthru.date" content="2024-05-03 15:47:42 +0200">',
        "meta:sailthru.date",
    ),
    "dublin core": (
        '<meta name="DC.creator" content="Jane Doe">'
        '<meta name="DC.date.issued" content="2024-05-03T15:47:42+0200">',
        "meta:dc.date.issued",
    ),
    "microdata": (
        '<article itemscope><h1 itemprop="headline">Bridge opens after ten years</h1>'
        '<span itemprop="author" itemscope>By <b itemprop="name">Jane Doe</b></span>'
        '<time itemprop="datePublished" datetime="2024-05-03T15:47:42+02:00">Friday</time></article>',
        "microdata:datepublished",
    ),
    "what the page shows": (
        '<article><h1>Bridge opens after ten years</h1><p class="byline">By Jane Doe</p>'
        '<time datetime="2024-05-03T15:47:42+02:00">Friday</time></article>',
        "time[datetime]",
    ),
}


@pytest.mark.parametrize(("html", "source"), OTHER_SOURCES.values(), ids=OTHER_SOURCES.keys())
def test_pages_without_json_ld_state_it_elsewhere(html: str, source: str) -> None:
    found = read(html)
    assert found.authors == ("Jane Doe",)
    assert found.date_published == "2024-05-03T15:47:42+02:00"
    assert found.sources["date_published"] == source


BYLINES = {
    "class": '<h1>A bridge opens</h1><div class="post-author">By Jane Doe</div>',
    "two in one class": '<h1>A bridge opens</h1><p><a class="author-name">Jane Doe</a></p>',
    "link to the author's page": '<h1>A bridge opens</h1><p>by <a href="/staff/jane-doe">Jane Doe</a></p>',
    "line without any mark": '<h1>A bridge opens</h1><div class="x1"><span>By </span><b>Jane Doe</b></div>',
    "rel": '<h1>A bridge opens</h1><a rel="author" href="/x">Jane Doe</a>',
    "label of a card": (
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Jane Doe">'
    ),
    "footer of the article": (
        '<article><h1>A bridge opens</h1><footer><a rel="author">Jane Doe</a></footer></article>'
    ),
    "name for tests": '<h1>A bridge opens</h1><p data-testid="byline-name">Jane Doe</p>',
    "id": '<h1>A bridge opens</h1><p id="author-name">Jane Doe</p>',
    "rarer class": '<h1>A bridge opens</h1><p class="writer">Jane Doe</p>',
    "class in another language": '<html lang="de"><h1>Die Brücke</h1><p class="verfasser">Jane Doe</p>',
    "class where no language is told": '<h1>A bridge opens</h1><p class="auteur">Jane Doe</p>',
    "texts split by comments": "<h1>A bridge opens</h1><p>By <!-- -->Jane<!-- --> Doe</p>",
    "name in an element of its own": (
        "<h1>A bridge opens</h1><div><div>By <i>Jane Doe</i></div><div>No more than this</div></div>"
    ),
    "link with a query": '<h1>A bridge</h1><a href="https://x.example/team/jane-doe?a=1">Jane Doe</a>',
    "wrapper named after its sidebar": (
        '<div class="sidebar-right"><h1>A bridge</h1><p class="author">Jane Doe</p></div>'
    ),
}


@pytest.mark.parametrize("html", BYLINES.values(), ids=BYLINES.keys())
def test_a_shown_byline_is_found(html: str) -> None:
    assert read(html).authors == ("Jane Doe",)


@pytest.mark.parametrize(
    "html",
    [
        '<h1>A bridge opens</h1><div class="comments"><span class="author">Jane Doe</span></div>',
        '<h1>A bridge opens</h1><aside><p class="byline">By Jane Doe</p></aside>',
        '<h1>A bridge opens</h1><div class="related-posts"><time datetime="2020-01-01">x</time>'
        '<a rel="author">Jane Doe</a></div>',
        '<h1>A bridge opens</h1><figure><figcaption class="author">Jane Doe</figcaption></figure>',
        '<h1>A bridge opens</h1><a href="/users/login/here">Member Login</a>',
    ],
)
def test_names_and_dates_of_others_are_not_the_article_s(html: str) -> None:
    found = read_metadata(LexborHTMLParser(html), url="https://planet.example/bridge", html="")
    assert found.authors == ()
    assert found.date_published is None


@pytest.mark.parametrize(
    "href", ["/author", "/author/", "/jane/author", "/author/john-roe", "/x?/author/jane"]
)
def test_links_to_others_and_to_lists_name_nobody(href: str) -> None:
    assert read(f'<h1>A bridge opens</h1><a href="{href}">Jane Doe</a>').authors == ()


def test_rarer_class_names_are_not_asked_where_an_outlet_signs() -> None:
    signed = json_ld(ARTICLE | {"author": {"@type": "Organization", "name": "Reuters"}})
    shown = '<h1>A bridge opens</h1><p class="{}">Jane Doe</p>'
    found = read(signed + shown.format("writer"))
    assert (found.authors, found.organisations) == ((), ("Reuters",))
    found = read(signed + shown.format("author"))
    assert (found.authors, found.organisations) == (("Jane Doe",), ())
    assert "organisations" not in found.sources


def test_a_person_is_looked_for_beyond_an_outlet_that_signs() -> None:
    outlet = ARTICLE | {"author": {"@type": "Organization", "name": "The Daily Planet"}}
    signed = '<h1>Bridge opens after ten years</h1><p class="byline">By Jane Doe</p>'
    assert read(json_ld(outlet) + signed).authors == ("Jane Doe",)
    alone = read(json_ld(outlet))
    assert (alone.authors, alone.organisations, alone.byline) == (
        (),
        ("The Daily Planet",),
        ("The Daily Planet",),
    )


HEADLINES = {
    "site behind a bar": (
        "<title>Bridge opens | The Daily Planet</title>" + meta(og__site_name="The Daily Planet"),
        None,
    ),
    "host behind a dash": ("<title>Bridge opens - Planet</title>", None),
    "site before": (
        "<title>The Daily Planet: Bridge opens</title>" + meta(og__site_name="The Daily Planet"),
        None,
    ),
    "section and site": (
        "<title>Bridge opens | The Daily Planet | planet.example</title>"
        + meta(og__site_name="The Daily Planet"),
        None,
    ),
    "open graph adds what the h1 has not": (
        meta(og__title="Bridge opens to traffic - Local News") + "<h1>Bridge opens to traffic</h1>",
        "Bridge opens to traffic",
    ),
    "h1 is the name of a section": (meta(og__title="Bridge opens") + "<h1>Politics</h1>", None),
    "h1 is the name of the site": ("<title>Bridge opens_Planet</title><h1>Planet</h1>", None),
    "markup in JSON-LD": (json_ld({"@type": "NewsArticle", "headline": "Bridge <em>opens</em>"}), None),
    "escaped in JSON-LD": (
        json_ld({"@type": "NewsArticle", "headline": "Tom &amp; Ann&#039;s bridge"}),
        "Tom & Ann's bridge",
    ),
    "line break in the h1": ("<h1>Bridge<br>opens</h1>", None),
    "drawing's title first": ("<body><svg><title>Logo</title></svg><title>Bridge opens</title>", None),
}


@pytest.mark.parametrize(("html", "headline"), HEADLINES.values(), ids=HEADLINES.keys())
def test_the_headline_comes_without_what_is_not_headline(html: str, headline: str | None) -> None:
    assert read(html).headline == (headline or "Bridge opens")


def test_a_headline_that_holds_a_dash_keeps_it() -> None:
    html = "<title>Bridge opens - and closes again | Planet</title>"
    assert read(html).headline == "Bridge opens - and closes again"


def test_all_stated_headlines_are_listed_once() -> None:
    html = (
        meta(og__title="Bridge opens at last")
        + "<h1>Bridge opens to traffic</h1><title>Bridge opens to traffic</title>"
    )
    assert sorted(read(html).headlines) == ["Bridge opens at last", "Bridge opens to traffic"]


def test_no_date_lies_after_the_fetch() -> None:
    fetched = datetime(2024, 5, 3, 20, 0, tzinfo=UTC)
    html = (
        json_ld(ARTICLE | {"datePublished": "2031-01-01T00:00:00Z"})
        + '<time datetime="2024-05-03">today</time>'
    )
    found = read(html, fetched_at=fetched)
    assert found.date_published == "2024-05-03"
    assert found.date_modified is None  # ARTICLE says the next morning
    assert read(html, fetched_at=None).date_published == "2031-01-01T00:00:00+00:00"


def test_a_change_before_publication_is_none() -> None:
    scheduled = ARTICLE | {"dateModified": "2024-05-02T08:00:00+02:00"}
    assert read(json_ld(scheduled)).date_modified is None


def test_a_day_is_told_more_precisely_by_another_source() -> None:
    html = json_ld(ARTICLE | {"datePublished": "2024-05-03"}) + meta(
        article__published_time="2024-05-03T15:47:42+02:00"
    )
    found = read(html)
    assert found.date_published == "2024-05-03T15:47:42+02:00"
    assert found.sources["date_published"] == "meta:article:published_time"


def test_the_date_in_the_address_serves_where_the_page_states_none() -> None:
    found = read("<p>x</p>", url="https://planet.example/2024/05/03/bridge")
    assert (found.date_published, found.sources["date_published"]) == ("2024-05-03", "url")


FILLER = "<h2>A bridge</h2>" + "<p>Words about a bridge.</p>" * 90
FILLED_URL = "https://planet.example/bridge"
LAST_RESORTS: dict[str, tuple[str, str | None, str | None]] = {
    "the only day shown": ("<div><b>Published</b> 3 May 2024</div>", "2024-05-03", "text:only"),
    "in a month that sounds like a change": ("<i>3 maj 2024</i>", "2024-05-03", "text:only"),
    "twice the same day": ("<i>3 May 2024</i> <i>03.05.2024, 17:00</i>", "2024-05-03", "text:only"),
    "before a change": ("<i>3 May 2024 - updated 4 May 2024</i>", "2024-05-03", "text:only"),
    "one of two is named a date": (
        "<i>1 June 2019</i><div class='post-date'>3 May 2024</div>", "2024-05-03", "class:date",
    ),
    "one of two stands with the article": (
        "<i>3 May 2024</i><aside>1 June 2019</aside>", "2024-05-03", "text:only",
    ),
    "in a script": (
        '<script>x={"publishedAt":"2024-05-03T07:00Z"}</script>', "2024-05-03", "script:published",
    ),
    "escaped in a script": (
        r'<script>push("{\"datePublished\":\"2024-05-03\"}")</script>', "2024-05-03", "script:published",
    ),
    "two days shown": ("<i>1 June 2019</i> <i>3 May 2024</i>", None, None),
    "two days in scripts": (
        '<script>[{"publishedAt":"2024-05-03"},{"publishedAt":"2024-05-04"}]</script>', None, None,
    ),
    "of a change": ("<i>Last updated: 3 May 2024</i>", None, None),
    "of a change, the word apart": ("<p>Aktualisiert <i>3.5.2024</i></p>", None, None),
    "of a change, by its name": ("<i>1 June 2019</i><i class='updated-date'>3 May 2024</i>", None, None),
    "within a sentence": (
        "<p>He came back to the old city on 3 May 2024, with friends and a dog.</p>", None, None,
    ),
    "unseen": ("<template>3 May 2024</template><script>'3 May 2024'</script>", None, None),
}  # fmt: skip


@pytest.mark.parametrize(("html", "day", "source"), LAST_RESORTS.values(), ids=LAST_RESORTS.keys())
def test_a_date_that_is_stated_nowhere_is_looked_for_last(
    html: str, day: str | None, source: str | None
) -> None:
    found = read(f"<body>{FILLER}{html}{FILLER}", url=FILLED_URL)
    assert (found.date_published or "")[:10] == (day or "")
    assert found.sources.get("date_published") == source


def test_what_is_shown_and_later_than_the_last_change_is_another_article_s() -> None:
    modified = meta(article__modified_time="2024-05-04T08:00:00Z")
    found = read(f"{modified}<body>{FILLER}<i>1 June 2025</i>", url=FILLED_URL)
    assert (found.date_published, found.date_modified) == (None, "2024-05-04T08:00:00+00:00")
    assert read(f"{modified}<body>{FILLER}<i>3 May 2024</i>", url=FILLED_URL).date_published == "2024-05-03"


def test_what_is_shown_last_yields_to_what_is_stated() -> None:
    stated = meta(article__published_time="2024-05-03T08:00:00+02:00")
    assert read(f"{stated}<body>{FILLER}<i>1 June 2019</i>").date_published == "2024-05-03T08:00:00+02:00"


@pytest.mark.parametrize(
    "path",
    ["/2024/05/03/bridge", "/n1/2024/0503/c1001-4.html", "/gn/2024/05-03/17.shtml", "/2024-05/03/c_1.htm",
     "/bridge-20240503.html", "/article/A2024050314320005196", "/view/AKR20240503143200051"],
)  # fmt: skip
def test_addresses_hold_dates_in_several_forms(path: str) -> None:
    found = read(FILLER, url=f"https://planet.example{path}")
    assert (found.date_published, found.sources["date_published"]) == ("2024-05-03", "url")


@pytest.mark.parametrize("path", ["/A2024139914320005196", "/2024/1399/x", "/A20240503", "/id-120240503999"])
def test_numbers_in_addresses_are_no_dates(path: str) -> None:
    assert read(FILLER, url=f"https://planet.example{path}").date_published is None


@pytest.mark.parametrize(
    ("html", "access"),
    [
        (json_ld(ARTICLE | {"isAccessibleForFree": "False"}), "paywalled"),
        (json_ld(ARTICLE | {"isAccessibleForFree": "http://schema.org/False"}), "paywalled"),
        (json_ld(ARTICLE | {"isAccessibleForFree": True}), "free"),
        (json_ld(ARTICLE) + meta(article__content_tier="metered"), "metered"),
        (meta(article__content_tier="locked"), "paywalled"),
        ("<p>nothing said</p>", "free"),
    ],
)
def test_access_is_what_the_page_declares(html: str, access: str) -> None:
    assert read(html).access == access


@pytest.mark.parametrize(
    ("html", "canonical"),
    [
        ('<link rel="canonical" href="/a/b?id=1">', "https://www.planet.example/a/b?id=1"),
        ('<link rel="canonical" href="https://www.planet.example/">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ('<base href="https://cdn.example/x/"><link rel="canonical" href="y">', "https://cdn.example/x/y"),
        (meta(og__url="https://www.planet.example/z"), "https://www.planet.example/z"),
        ('<link rel="canonical" href="http://[::1">', None),
    ],
)
def test_the_canonical_address_is_absolute_and_the_page_s_own(html: str, canonical: str | None) -> None:
    assert read(html).canonical_url == canonical


def test_images_that_are_no_web_addresses_are_left_out() -> None:
    assert read(meta(og__image="data:image/png;base64,AAAA")).main_image is None


def test_keywords_are_parted_and_each_listed_once() -> None:
    assert read('<meta name="keywords" content="Bridge, traffic; bridge,, Roads">').keywords == (
        "Bridge",
        "traffic",
        "Roads",
    )


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ('<html lang="de-AT">', "de"),
        ('<html lang="{{lang}}">' + meta(og__locale="fr_FR"), "fr"),
        ('<html><meta http-equiv="Content-Language" content="es">', "es"),
        ("<html>", None),
    ],
)
def test_the_language_is_the_one_the_page_claims(html: str, language: str | None) -> None:
    assert read(html).language == language


HOSTILE = {
    "script in the headline": "<h1>Bridge <script>alert(1)</script>opens</h1>",
    "script in JSON-LD": json_ld(
        json.dumps(ARTICLE | {"headline": "Bridge <script>alert(1)</script>opens"}).replace("</", "<\\/")
    ),
    "escaped script": json_ld(ARTICLE | {"headline": "Bridge &lt;script&gt;alert(1)&lt;/script&gt; opens"}),
    "NUL": "<h1>Bridge\x00 opens</h1>",
    "ten megabytes of JSON-LD": json_ld('{"x":"' + "y" * 10_000_000 + '"}') + "<h1>Bridge opens</h1>",
    "deep JSON-LD": json_ld("[" * 200_000) + "<h1>Bridge opens</h1>",
    "circular references": json_ld(
        {"@graph": [{"@id": "a", "@type": "NewsArticle", "headline": "Bridge opens", "author": {"@id": "a"}}]}
    ),
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_yield_plain_text(html: str) -> None:
    assert read(html).headline == "Bridge opens"


def test_lone_surrogates_do_not_get_through() -> None:
    found = read(
        json_ld('{"@type": "NewsArticle", "headline": "Bridge \\ud800opens", "author": "J\\udfffane Doe"}')
    )
    assert (found.headline, found.authors) == ("Bridge opens", ("Jane Doe",))


def test_an_empty_page_says_nothing() -> None:
    assert read("", url="") == Metadata()


def texts_of(found: Metadata) -> list[str]:
    single = (found.headline, found.description, found.section, found.site_name, found.page_type)
    lists = (*found.authors, *found.organisations, *found.keywords, *found.headlines)
    return [text for text in (*single, *lists) if text is not None]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["@type", "@id", "@graph", "name", "author", "headline", "datePublished", "image", "keywords"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(values)
@settings(max_examples=150, deadline=None)
def test_any_json_ld_is_survived_and_texts_are_clean(value: Any) -> None:
    known = {"@type": "NewsArticle", "headline": value, "author": value, "image": value, "publisher": value}
    found = read(json_ld([value, known]), url="https://planet.example/2024/05/03/x")
    for text in texts_of(found):
        assert text == text.strip()
        assert text.encode()
        assert not any(ord(character) < 32 for character in text)


@given(st.text(max_size=300), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_script_and_any_meta_content_are_survived(script: str, content: str) -> None:
    safe = content.encode(errors="replace").decode().replace('"', "")
    body = script.encode(errors="replace").decode()
    html = json_ld('{"@type":"NewsArticle","headline":' + body) + meta(
        og__title=safe, article__author=safe, article__published_time=safe, og__image=safe
    )
    found = read(html + '<link rel="canonical" href="' + safe + '"><time datetime="' + safe + '">')
    assert all(text.encode() for text in texts_of(found))


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_survived(body: bytes) -> None:
    tree = LexborHTMLParser(b"<h1>x</h1><script type='application/ld+json'>" + body)
    assert isinstance(read_metadata(tree, url="", html=""), Metadata)


def test_the_tree_is_left_as_it_was() -> None:
    html = json_ld(ARTICLE) + HOSTILE["script in the headline"] + BYLINES["class"]
    tree = LexborHTMLParser(html)
    before = tree.html
    read_metadata(tree, url=URL, html=html)
    assert tree.html == before

"""The measures of an HTML page that tell its kind: shares, counts and marks, by name, for the learned judge.

They speak of form, not of language: lengths are in words as the page's own text has them for its characters,
names of classes are the English ones that page systems use in every country. Words on the page count where a
table of many languages has them (`pipelines.cues.pages`).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from archive.values import KEPT_LABELS
from pipelines.cues import pages
from pipelines.pagekind.evidence import Evidence
from pipelines.pagekind.signs import Signs

#: Group of names of classes and ids → the names, as page systems use them.
_NAMES: Final[dict[str, frozenset[str]]] = {
    group: frozenset(names.split())
    for group, names in {
        "comments": "comment comments disqus replies reply respond commentlist",
        "forum": "forum forums thread threads topic topics postbody postprofile poster username userinfo usertext"
                 " signature message messages posts board vote votes upvote answer answers question questions"
                 " karma discussion discussions bbcode quote-author memberlist lia cooked crayons",
        "shop": "product products price prices cart basket sku buy shop variant variants swatch swatches"
                " quantity addtocart wishlist stock rating ratings store checkout woocommerce pdp money purchase",
        "grid": "card cards grid tile tiles item items list listing listings results result teaser teasers loop"
                " archive collection collections catalog catalogue category categories feed masonry facets"
                " facet filter filters plp",
        "pager": "pagination pager paging pagenumber pagenav pagenavi loadmore",
        "docs": "docs doc documentation toc highlight code api reference wiki markdown admonition sphinx"
                " docutils readme manual prose",
        "article": "article entry story single byline author dateline headline articlebody storybody postcontent"
                   " standfirst lede kicker",
        "service": "hero cta testimonial testimonials pricing feature features faq accordion elementor benefits"
                   " solutions clients partners banner wpb vc",
    }.items()
}  # fmt: skip
_GROUPS: Final = tuple(_NAMES)
_PART: Final = re.compile(r"[a-z]+")
#: An id that ends in a number: one of a series (`#post-1234`).
_NUMBERED_ID: Final = re.compile(r"#([^.#>\d]*)\d+(?=[.>]|$)")
#: Path entries looked at, from the block outwards.
_NEAR: Final = 8

#: Group of words in addresses → the words.
_PLACES: Final[dict[str, frozenset[str]]] = {
    group: frozenset(words.split())
    for group, words in {
        "forum": "forum forums thread threads t viewtopic showthread discussion discussions community"
                 " communities questions question r comments board boards answers ask discuss talk foro forumdisplay",
        "shop": "product products shop store p dp item items buy cart produkt produkte produit produits producto"
                " productos prodotto prodotti produto produtos pd prod sku",
        "index": "category categories tag tags archive archives collection collections c search browse catalog"
                 " catalogue topics section sections author authors index all list listing listings page rubrik"
                 " kategorie categoria jobs events directory results best top",
        "topic": "topic topics theme themes thema themen tema temas sujet sujets hub",
        "docs": "docs doc documentation wiki reference manual api guide guides help support learn tutorial"
                " tutorials kb man stable latest en-us",
        "service": "services service about pricing solutions contact features platform company products-services"
                   " leistungen ueber-uns",
        "article": "article articles news story stories blog post posts artikel nachrichten noticias noticia"
                   " actualites actualite opinion politics sport sports world business magazine press features",
    }.items()
}  # fmt: skip
_EXTENSION: Final = re.compile(r"\.(?:html?|php|aspx?|jsp|shtml)$")
_QUERY_KEY: Final = re.compile(r"(?:^|&)([^=&]{1,40})=")
#: Keys of a query that name a page, and such as name none.
_PAGE_KEYS: Final = frozenset(
    [
        "p",
        "id",
        "page_id",
        "topic",
        "thread",
        "t",
        "tid",
        "article",
        "articleid",
        "story",
        "aid",
        "idx",
        "no",
        "sid",
        "nid",
    ]
)
_TRACKING: Final = frozenset(
    [
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_content",
        "utm_term",
        "fbclid",
        "gclid",
        "srsltid",
        "ref",
        "cmpid",
        "ito",
    ]
)
#: Groups of types that pages give themselves → the types, folded.
_TYPES: Final[dict[str, frozenset[str]]] = {
    group: frozenset(types.split())
    for group, types in {
        "news": "newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle"
                " reviewnewsarticle liveblogposting",
        "article": "article blogposting report techarticle scholarlyarticle advertisercontentarticle",
        "og article": "og:article og:news og:blog",
        "og website": "og:website",
        "og product": "og:product og:product.item og:product.group og:og:product",
        "product": "product productgroup offer aggregateoffer individualproduct vehicle",
        "list": "itemlist collectionpage searchresultspage offercatalog mediagallery",
        "forum": "discussionforumposting qapage question answer forum socialmediaposting comment",
        "faq": "faqpage howto",
        "organisation": "organization localbusiness corporation store service professionalservice newsmediaorganization",
        "website": "website searchaction",
        "webpage": "webpage itempage aboutpage contactpage",
        "crumbs": "breadcrumblist",
        "software": "softwareapplication webapplication mobileapplication softwaresourcecode",
        "other": "recipe event jobposting book movie person profilepage course review realestatelisting place",
        "video": "videoobject",
    }.items()
}  # fmt: skip
#: A paragraph has at least so many words (a teaser has fewer, or stands alone under its title).
PARAGRAPH_WORDS: Final = 14
_LONG_WORDS: Final = 35
_ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "”", '"', "»")
_BODY: Final = frozenset(("body", "quote"))
_COUNTED_LABELS: Final = ("heading", "list", "table", "quote", "related", "nav", "comment", "share", "caption",
                          "ad", "newsletter", "byline", "date", "credit", "author_bio", "legal", "other",
                          "headline", "duplicate")  # fmt: skip


@lru_cache(maxsize=20_000)
def _groups_of(name: str) -> tuple[int, str]:
    """The groups that the names of one path entry belong to, as bits; and what a numbered id counts, or
    ""."""
    parts = frozenset(_PART.findall(name[:200].lower()))
    bits = sum(1 << bit for bit, names in enumerate(_NAMES.values()) if parts & names)
    numbered = _NUMBERED_ID.search(name[:200])
    return bits, f"{name[: numbered.start()]}{numbered[1]}" if numbered else ""


def measures(page: Evidence) -> dict[str, float]:
    """The measures by name, always the same names in the same order. Linear in the page."""
    found: dict[str, float] = {}
    _text(page, found)
    _shape(page, found)
    _words_shown(page, found)
    _stated(page, found)
    _signs(page.signs or Signs(), found)
    _address(page.url, found)
    return found


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def _text(page: Evidence, found: dict[str, float]) -> None:
    """What is kept, and what was cut, by label."""
    kept = [block for block in page.blocks if block.label in KEPT_LABELS]
    chars = sum(len(block.text) for block in kept) or 1
    scale = page.size / chars if page.size else 1 / 6
    sizes = [len(block.text) * scale for block in kept]
    bodies = [size if block.label in _BODY else 0.0 for size, block in zip(sizes, kept, strict=True)]
    run = longest = joined = 0
    for size in bodies:
        run = run + 1 if size >= PARAGRAPH_WORDS else 0
        longest = max(longest, run)
        joined += run > 1
    paragraphs = [size for size in bodies if size >= PARAGRAPH_WORDS]
    shown = sum(len(block.text) for block in page.blocks)
    whole = sum(bodies) or 1.0
    found["words"] = float(page.size)
    found["share kept"] = _share(chars, shown)
    found["blocks kept"] = float(len(kept))
    found["paragraphs"] = float(len(paragraphs))
    found["long paragraphs"] = float(sum(size >= _LONG_WORDS for size in bodies))
    found["longest paragraph"] = max(bodies, default=0.0)
    found["words a paragraph"] = _share(sum(paragraphs), len(paragraphs))
    found["paragraphs in a row"] = float(longest)
    found["share in a row"] = _share(joined, len(kept))
    found["in paragraphs"] = _share(sum(paragraphs), sum(sizes) or 1.0)
    found["whole sentences"] = _share(
        sum(size for size, block in zip(bodies, kept, strict=True) if block.text.endswith(_ENDS)), whole
    )
    counts = Counter(block.label for block in page.blocks)
    lengths: Counter[str] = Counter()
    for block in page.blocks:
        lengths[block.label] += len(block.text)
    for label in _COUNTED_LABELS:
        found[f"{label} blocks"] = float(counts[label])
        found[f"{label} share"] = _share(lengths[label], shown)
    found["headline words"] = float(len((page.headline or "").split()))
    found["headings a paragraph"] = _share(counts["heading"], len(paragraphs) + 1)
    found["items a paragraph"] = _share(counts["list"], len(paragraphs) + 1)


def _shape(page: Evidence, found: dict[str, float]) -> None:
    """Where the blocks stand: links, groups of names, blocks of the same form."""
    own = [
        (block, seen)
        for block, seen in zip(page.blocks, page.page, strict=False)
        if not seen.subtree and not seen.hidden
    ]
    chars = sum(len(seen.text) for _, seen in own) or 1
    links = linked = titles = pictured = kept_links = kept_chars = 0
    groups, shares = [0] * len(_GROUPS), [0] * len(_GROUPS)
    kept_shares = [0] * len(_GROUPS)
    shapes: Counter[tuple[str, ...]] = Counter()
    numbered: dict[str, set[str]] = {}
    kept_titles = turns = 0
    before: tuple[str, ...] = ()
    for block, seen in own:
        size = len(seen.text)
        links += seen.link_chars
        whole = seen.link_chars >= 0.9 * size
        linked += whole
        titles += whole and seen.tag in {"h2", "h3", "h4", "h5"}
        pictured += bool(seen.pictures)
        kept = block.label in KEPT_LABELS
        if kept:
            kept_links += seen.link_chars
            kept_chars += size
            kept_titles += whole and seen.tag in {"h1", "h2", "h3", "h4", "h5", "a"}
            turns += seen.path != before
            before = seen.path
        bits = 0
        for name in seen.path[-_NEAR:]:
            of_name, series = _groups_of(name)
            bits |= of_name
            if series:
                numbered.setdefault(series, set()).add(name)
        for bit in range(len(_GROUPS)):
            if bits >> bit & 1:
                groups[bit] += 1
                shares[bit] += size
                kept_shares[bit] += size * kept
        if seen.tag not in {"p", "li", "td"}:
            shapes[seen.path[-3:]] += 1
    found["blocks"] = float(len(own))
    found["link share"] = _share(links, chars)
    found["kept link share"] = _share(kept_links, kept_chars)
    found["links alone"] = float(linked)
    found["links alone share"] = _share(linked, len(own))
    found["linked titles"] = float(titles)
    found["pictured blocks"] = float(pictured)
    found["kept linked titles"] = float(kept_titles)
    found["kept turns"] = _share(turns, sum(block.label in KEPT_LABELS for block, _ in own))
    found["numbered"] = float(max(map(len, numbered.values()), default=0))
    common = shapes.most_common(3)
    found["same shape"] = float(common[0][1]) if common else 0.0
    found["same shape third"] = float(common[2][1]) if len(common) > 2 else 0.0
    found["same shape share"] = _share(sum(n for _, n in common), len(own))
    for bit, group in enumerate(_GROUPS):
        found[f"in {group}"] = float(groups[bit])
        found[f"in {group} share"] = _share(shares[bit], chars)
        found[f"kept in {group} share"] = _share(kept_shares[bit], kept_chars)


def _words_shown(page: Evidence, found: dict[str, float]) -> None:
    lines = [block.text for block in page.blocks if block.label not in {"nav", "cookie"}]
    chars = sum(map(len, lines))
    for name, hits in pages.cue_counts(lines).items():
        found[f"{name} words"] = float(hits)
        found[f"{name} words density"] = _share(hits * 1000, chars)
    kept = page.text
    found["questions density"] = _share(1000 * sum(map(kept.count, "?？؟")), len(kept))
    found["digits density"] = _share(sum(map(kept.count, "0123456789")), len(kept))
    title = (page.signs.title if page.signs else "").lower()
    found["title forum"] = float(bool(pages.FORUM_TITLE.search(title)))
    found["title shop"] = float(bool(pages.SHOP_TITLE.search(title)))


def _stated(page: Evidence, found: dict[str, float]) -> None:
    types = page.types | (page.signs.types if page.signs else frozenset())
    for group, names in _TYPES.items():
        found[f"type {group}"] = float(bool(types & names))
    found["signed"] = float(page.signed)
    found["dated"] = float(page.dated)
    found["date in data"] = float(page.date_source.startswith(("json-ld", "meta")))
    found["section"] = float(page.section)
    found["keywords"] = float(min(page.keywords, 50))
    found["description words"] = float(len(page.description.split()))
    found["stated body"] = float(page.body_chars)


def _signs(signs: Signs, found: dict[str, float]) -> None:
    for name in ("passwords", "textareas", "selects", "players", "sounds", "times", "articles", "figures", "scripts",
                 "nexts", "bodies"):  # fmt: skip
        found[name] = float(getattr(signs, name))
    found["forum system"] = float(bool(pages.FORUM_SYSTEM.search(signs.generator)))
    found["shop system"] = float(bool(pages.SHOP_SYSTEM.search(signs.generator)))
    for group, form in pages.BODY_NAMES.items():
        found[f"body {group}"] = float(any(map(form.match, signs.names)))


def _address(url: str, found: dict[str, float]) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    steps = [step for step in parts.path.lower().split("/") if step]
    last = _EXTENSION.sub("", steps[-1]) if steps else ""
    asked = {key.lower() for key in _QUERY_KEY.findall(parts.query)}
    words = frozenset(steps) | frozenset((parts.hostname or "").split(".")[:-2]) | asked
    found["known address"] = float(bool(url))
    found["steps"] = float(len(steps))
    found["home"] = float(bool(url) and not steps and not asked & _PAGE_KEYS)
    found["slug words"] = float(last.count("-") + last.count("_"))
    found["last chars"] = float(len(last))
    found["address digits"] = float(sum(map(str.isdigit, parts.path)))
    found["query"] = float(bool(asked - _TRACKING))
    for group, names in _PLACES.items():
        found[f"at {group}"] = float(bool(words & names))
        found[f"last at {group}"] = float(last in names)

"""Links of a section or home page: which lead to articles, and why it is thought so; and which lead to
sections.

Three witnesses are heard, and what each says is a cue with a weight in log-odds: the address (`shapes.py`),
what the site's known articles' addresses look like (`UrlShapes`), and the link's place in the page: in a
heading, in a unit that repeats, with a text as long as a headline; or in the navigation, the footer, a list
of tags. Pure and bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.url_keys import url_key
from archive.values import Value
from crawler.discovery.feeds import web_url
from crawler.discovery.shapes import (
    CUES,
    FILES,
    INDEX_WORDS,
    SECTION_WORDS,
    Cue,
    UrlShapes,
    probability,
    url_cues,
)

#: A page is read up to here, and no more links of it.
MAX_PAGE_BYTES = 10 << 20
MAX_LINKS = 5000
#: How far up the tree a link's place is looked for.
MAX_CLIMB = 12
#: A unit (the parents of a link, by tag and class) that is there so often with other addresses is one that
#: repeats.
REPEATS = 3

#: What a link's place says. Set by hand while looking at listing pages of one half of the sites
#: (bench/links.py).
PLACES = {
    "navigation": Cue(weight=-2.5, words="in the navigation or the footer"),
    "aside": Cue(weight=-0.5, words="beside the main part"),
    "heading": Cue(weight=1.8, words="in a heading"),
    "article": Cue(weight=0.8, words="in an article element"),
    "repeats": Cue(weight=0.5, words="in a unit that repeats"),
    "headline": Cue(weight=1.8, words="a text as long as a headline"),
    "phrase": Cue(weight=0.4, words="a text of some words"),
    "word": Cue(weight=-1.2, words="a text of a word or two"),
    "time": Cue(weight=0.5, words="a time beside it"),
    "rel": Cue(weight=-2.5, words="marked as a tag or an author"),
    "elsewhere": Cue(weight=-3.0, words="on another site"),
}
#: A site of which no article is known yet.
NOTHING_LEARNED = UrlShapes()

_NAVIGATION = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|menus|submenu|footer|breadcrumbs?|tags?|taglist|social|share|sharing|"
    r"toolbar|pagination|pager|sitemap|legal|copyright|skip|login|account|lang|languages?|masthead)(?:$|[\s_-])",
    re.I,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5"})
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1780-\u17ff]")
#: Texts that say nothing of what is behind a link: numbers, 'more', 'comments (12)'.
_MORE = re.compile(
    r"(?:(?:no\s+)?comments?|kommentare?|commentaires?|comentarios|commenti|read (?:more|on)"
    r"|continue reading|more|full story|weiterlesen|mehr(?: lesen)?|lire (?:la suite|plus)|leer más"
    r"|seguir leyendo|continua a leggere|leggi tutto|lees (?:meer|verder)|les mer|läs mer|læs mere"
    r"|czytaj (?:więcej|dalej)|читать (?:далее|дальше)|devamını oku"
    r"|続きを読む|더보기|阅读更多|繼續閱讀)?[\d\s.,:;/|»›>…()→-]*(?:none|posted|none posted)?[\s)]*\Z",
    re.I,
)


class Link(Value, frozen=True, kw_only=True):
    """One address that a page links to: its longest text, how likely it is an article, and why."""

    url: str
    text: str
    score: float
    reason: str
    #: Names of what its place says (PLACES).
    cues: tuple[str, ...] = ()

    @property
    def is_article(self) -> bool:
        """Whether it is more likely than not."""
        return self.score >= 0.5


class _Place:
    """What is known of one address on a page, over all links to it."""

    __slots__ = ("cues", "text")

    def __init__(self) -> None:
        self.cues: set[str] = set()
        self.text = ""


def article_links(page: bytes | str, url: str, shapes: UrlShapes = NOTHING_LEARNED) -> list[Link]:
    """The addresses that a page links to, in page order, each once (by key), with a score; not the page
    itself.

    Those of the page's own site only, and no files. A score is a chance between 0 and 1, by the address, the
    place, and what is known of the site (`shapes`). Raises nothing, whatever the page is.
    """
    places = _places(page, url)
    links = []
    for target, place in places.items():
        links.append(_judged(target, place, shapes))
    return links


def _judged(target: str, place: _Place, shapes: UrlShapes) -> Link:
    cues = [CUES[name] for name in url_cues(target)]
    learned = shapes.cue(target)
    if learned is not None:
        cues.append(learned)
    placed = (*sorted(place.cues), *_by_text(place.text))
    cues += [PLACES[name] for name in placed]
    score = probability(cue.weight for cue in cues)
    return Link(url=target, text=place.text, score=score, reason=_reason(cues, score), cues=placed)


def _reason(cues: list[Cue], score: float) -> str:
    """The two cues that speak most for what was decided."""
    sign = 1 if score >= 0.5 else -1
    weighty = sorted((cue for cue in cues if cue.weight * sign > 0), key=lambda cue: -abs(cue.weight))
    return "; ".join(cue.words for cue in weighty[:2]) or (
        "nothing against it" if sign > 0 else "nothing for it"
    )


def _by_text(text: str) -> list[str]:
    if not text or _MORE.match(text):
        return []
    letters = len(_CJK.findall(text))
    words = len(text.split()) + letters // 2  # scripts without spaces: about two letters a word
    return (
        ["headline"]
        if words >= 5 and len(text) >= (10 if letters else 22)
        else ["phrase"]
        if words >= 3
        else ["word"]
    )


def _places(page: bytes | str, url: str) -> dict[str, _Place]:
    tree = LexborHTMLParser(page[:MAX_PAGE_BYTES])
    base = tree.css_first("base[href]")
    root = urljoin(url, (base.attributes.get("href") or "").strip()) if base is not None else url
    here, own = url_key(url), _site(url)
    found: dict[str, tuple[str, _Place]] = {}
    units: dict[str, Counter[str]] = {}
    waiting: list[tuple[str, str]] = []
    for anchor in tree.css("a[href]")[:MAX_LINKS]:
        target = web_url(anchor.attributes.get("href") or "", root)
        if target is None or FILES.search(urlsplit(target).path):
            continue
        key = url_key(target)
        if key == here or _site(target) != own:
            continue
        _, place = found.setdefault(key, (target, _Place()))
        text = _text_of(anchor)
        if len(text) > len(place.text):
            place.text = text
        cues, unit = _climbed(anchor)
        place.cues |= cues
        units.setdefault(unit, Counter())[key] += 1
        waiting.append((key, unit))
    for key, unit in waiting:
        if len(units[unit]) >= REPEATS:
            found[key][1].cues.add("repeats")
    for _, place in found.values():
        # An article that is linked from a teaser and from a menu of what is most read is an article.
        if place.cues & {"heading", "article"} and "navigation" in place.cues:
            place.cues.discard("navigation")
    return dict(found.values())


def _text_of(anchor: LexborNode) -> str:
    text = " ".join(anchor.text(separator=" ")[:1000].split())
    if not text:
        for image in anchor.css("img[alt]")[:1]:
            text = " ".join((image.attributes.get("alt") or "")[:300].split())
    return text[:300] or " ".join(
        (anchor.attributes.get("title") or anchor.attributes.get("aria-label") or "")[:300].split()
    )


def _climbed(anchor: LexborNode) -> tuple[set[str], str]:
    """Cues of the places around a link, and the unit that it stands in: tags and classes of its next three
    parents.
    """
    cues: set[str] = set()
    rel = (anchor.attributes.get("rel") or "").lower().split()
    if {"tag", "author", "category"} & set(rel):
        cues.add("rel")
    if anchor.css_first("h1, h2, h3, h4, h5") is not None:
        cues.add("heading")
    unit: list[str] = []
    node: LexborNode | None = anchor.parent
    for step in range(MAX_CLIMB):
        if node is None or node.tag in {"body", "html", "-document"}:
            break
        attributes = node.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:300]
        tag = node.tag or ""
        if step < 3:
            unit.append(f"{tag}.{' '.join((attributes.get('class') or '').split()[:2])}")
        if tag in _HEADINGS:
            cues.add("heading")
        elif tag == "article":
            cues.add("article")
        elif tag in {"nav", "footer"} or attributes.get("role") in {"navigation", "contentinfo", "menu"}:
            cues.add("navigation")
        elif tag == "aside":
            cues.add("aside")
        elif tag not in {"main", "article"} and _NAVIGATION.search(names):
            cues.add("navigation")
        node = node.parent
    return cues, ">".join(unit)


def _site(url: str) -> str:
    return urlsplit(url_key(url)).netloc


class Section(Value, frozen=True, kw_only=True):
    """A page of the site that lists articles, most likely: its address, and what the link to it says."""

    url: str
    name: str
    reason: str
    #: 1 for one in the navigation, 2 for the name of a section, less for each further part of the path.
    weight: float = 0.0


def section_links(
    page: bytes | str, url: str, shapes: UrlShapes = NOTHING_LEARNED, most: int = 12
) -> list[Section]:
    """The site's sections that a page's navigation links to, the likeliest first, at most `most`."""
    found: list[tuple[float, Section]] = []
    for target, place in _places(page, url).items():
        weight, reason = _section_weight(target, place)
        if weight > 0 and not _judged(target, place, shapes).is_article:
            found.append((weight, Section(url=target, name=place.text, reason=reason, weight=weight)))
    found.sort(key=lambda one: -one[0])
    return [section for _, section in found[:most]]


def _section_weight(target: str, place: _Place) -> tuple[float, str]:
    parts = [part.lower() for part in urlsplit(url_key(target)).path.split("/") if part]
    if not 1 <= len(parts) <= 3 or "?" in target or any(c.isdigit() for c in parts[-1]):
        return 0.0, ""
    cues = url_cues(target)
    if "section" not in cues and ("index word" in cues or any(part in INDEX_WORDS for part in parts)):
        return 0.0, ""
    if not 0 < len(place.text) <= 30 or len(place.text.split()) > 3:
        return 0.0, ""
    weight = 0.0
    reasons: list[str] = []
    if "section" in cues or place.text.lower() in SECTION_WORDS:
        weight, reasons = weight + 2.0, [*reasons, "the name of a section"]
    if "navigation" in place.cues:
        weight, reasons = weight + 1.0, [*reasons, "in the navigation"]
    return weight - 0.4 * (len(parts) - 1), "; ".join(reasons)


def articles_among(links: Iterable[Link]) -> list[Link]:
    """Those that are more likely articles than not, the likeliest first."""
    return sorted((link for link in links if link.is_article), key=lambda link: -link.score)

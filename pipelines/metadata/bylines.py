"""Finds what a page shows about who wrote an article, for pages that say it nowhere for machines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from selectolax.lexbor import LexborNode

from pipelines.metadata.page import Page
from pipelines.metadata.plain import node_text
from pipelines.metadata.surroundings import Surroundings, shown_text

#: What a name that tells a byline holds.
_STEMS = (
    "author", "byline", "autor", "auteur", "writer", "redakt", "verfasser", "firma", "reporter", "signature",
    "journalist",
)  # fmt: skip
_KEYS = ("id", "data-testid", "data-qa")
_KEYED = ",".join(f'[{key}*="{stem}" i]' for key in _KEYS for stem in ("author", "byline"))
#: Class names, most telling first: those of a name alone, of a byline, of anything about an author.
_RANKS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?:author|byline|autor|auteur|writer)s?[-_]{0,2}(?:full-?)?(?:name|link|title-name)|name[-_]{1,2}author",
        r"^(?:by-?line|author|autor|autori|auteur|writer|reporter)s?$",
        r"by-?line|redakt|firma"
        r"|(?:post|article|entry|story|meta|news|content|detail|text)[-_]*(?:author|autor|auteur|writer)",
        r"author|autor|auteur|writer|reporter|verfasser|signature|journalist",
    )
)
#: Class names that hold one of these stems and are not a byline.
_OTHER = re.compile(
    r"bio\b|bio-|avatar|image|photo|img|pic|desc|about|social|follow|twitter|email|role|job|position|title(?!-name)"
    r"|count|box-?text|authority|authori[sz]|authentic|underwriter|icon|date|time|affirm|confirma|firmware|button|label"
    r"|prefix|-by$|bypost|comment|thumb|affiliation|tooltip|more|credit|ads|head(?:er|line)|source|signup|backlink",
    re.I,
)
#: Paths under which sites keep the pages of those who write for them.
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|autor(?:en|es|i|in|as?)?|auteurs?|autore|staff|profiles?|people|person(?:en)?|reporters?|editors?"
    r"|contributors?|journalist(?:e?s)?|writers?|by|columnists?|redakteure?|redaktion|redazione|firmas?|correspondents?"
    r"|bios?|skribent(?:er)?|forfatter|yazar|avtor|penulis|users?|experts?|team)/(?!feed|$)[^?#]{2,}",
    re.I,
)
_MAX_LINKS = 3000
#: How a byline without any mark begins. Only words that hardly begin anything else on a line of their own.
_SAYS_BY = re.compile(
    r"^(?:(?:written |posted |published |reported |words |story |text )?by|von|par|por|door|auteur|author"
    r"|autor(?:a|in|ka)?(?:/autor(?:in)?)?|av|af|autore|scritto da|автор|oleh|penulis|yazan|著者|執筆"
    r"|取材・文|作者|记者|記者|text(?=:)|texte?(?=\s?:)|texto(?=:)|текст(?=:)|文(?=[:：／]))"
    r"(?:\s*[:：／/]\s*|\s+)(?P<rest>\S.{1,100})$",
    re.I,
)
#: The beginnings of these words.
_OPENS = re.compile(
    r"\s*(?:written|posted|published|reported|words|story|text|by|von|par|por|door|aut|av|af|scritto|автор|oleh"
    r"|penulis|yazan|著者|執筆|取材|作者|记者|記者|текст|文)",
    re.I,
)
#: Two to four capitalised words, or a name in Chinese, Japanese or Korean.
_FULL_NAME = re.compile(
    r"(?:[^\W\d_a-z][^\W\d_]*[.'’-]?[^\s,]*\s+){1,3}[^\W\d_a-z][^\s]*(?:\s|,|$)|[\u3040-\u9fff\uac00-\ud7af]{2,8}"
)
_MAX_CHARS = 160
_MAX_ADDRESS = 500
#: Bylines looked at; pages with more are lists of something.
_MAX_BYLINES = 120


def shown_bylines(page: Page, around: Surroundings) -> Iterator[tuple[list[str], str]]:
    """Groups of bylines that the page shows, the most telling first, each with what told it."""
    for named in (page.classed, _keyed(page)):
        by_rank: dict[int, list[tuple[LexborNode, str]]] = {}
        for rank, name, node in islice(_ranked(named), _MAX_BYLINES):
            by_rank.setdefault(rank, []).append((node, name))
        for rank in sorted(by_rank):
            for group, name in _groups(by_rank[rank], around):
                yield group, f"class:{name}"
    if links := _author_links(page, around):
        yield links, "a[href*=author]"
    for node in around.nodes():
        if _may_say_by(node):
            said = _SAYS_BY.match(shown_text(node))
            if said and _FULL_NAME.match(said["rest"]) and not around.is_foreign(node):
                yield [said["rest"]], "text:by"


def _may_say_by(node: LexborNode) -> bool:
    """Whether an element, or the one around it, begins like a byline: to read all it shows takes longer."""
    if _OPENS.match(node.text()):
        return True
    return node.parent is not None and _OPENS.match(node.parent.text()) is not None


def _keyed(page: Page) -> list[tuple[LexborNode, str]]:
    """The elements whose ids, and names for tests, tell of an author."""
    return [
        (node, " ".join(value for key in _KEYS if (value := node.attributes.get(key))))
        for node in page.tree.css(_KEYED)[:_MAX_BYLINES]
    ]


def _ranked(named: list[tuple[LexborNode, str]]) -> Iterator[tuple[int, str, LexborNode]]:
    """The elements that are named like a byline, each with the rank of that name and the name."""
    for node, names in named:
        if found := _rank(names):
            yield *found, node


@lru_cache(maxsize=16384)  # a page has some 300 different ones, and the next page of the site the same
def _rank(names: str) -> tuple[int, str] | None:
    """The best rank among names, and the name that has it; None where none tells a byline."""
    lower = names.lower()
    for stem in _STEMS:
        if stem in lower:
            break
    else:
        return None
    kept = [name for name in names[:1000].split()[:12] if not _OTHER.search(name)]
    ranked = [(rank, name) for rank, pattern in enumerate(_RANKS) for name in kept if pattern.search(name)]
    return min(ranked, default=None)


def _groups(found: list[tuple[LexborNode, str]], around: Surroundings) -> Iterator[tuple[list[str], str]]:
    """Bylines of the same class that stand together make one group; foreign and long ones fall out."""
    group: list[str] = []
    place = -1
    group_name = ""
    for node, name in found:
        text = node_text(node)
        if not 1 < len(text) <= _MAX_CHARS or around.is_foreign(node):
            continue
        parent = node.parent
        here = parent.parent.mem_id if parent is not None and parent.parent is not None else -1
        if group and name == group_name and place == here:
            group.append(text)
            continue
        if group:
            yield group, group_name
        group, group_name, place = [text], name, here
    if group:
        yield group, group_name


def _author_links(page: Page, around: Surroundings) -> list[str]:
    """Names on the first links to pages of authors that stand with the article; those side by side, all."""
    names: list[str] = []
    place = -1
    for link in page.tree.css("a[href]")[:_MAX_LINKS]:
        path = _AUTHOR_PATH.search((link.attrs.get("href") or "")[:_MAX_ADDRESS])
        text = node_text(link, 30) if path is not None else ""
        if path is None or not _FULL_NAME.match(text) or not _is_slug_of(path[0], text):
            continue
        parent = link.parent
        here = parent.mem_id if parent is not None else -1
        if len(text) > 60 or around.is_foreign(link) or (names and here != place):
            continue
        place = here
        names.append(text)
    return names


def _is_slug_of(path: str, name: str) -> bool:
    """Whether the path to a page of an author spells a word of the name; no test for other scripts."""
    latin = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z]{3,}", latin)
    return not words or any(word in path.casefold() for word in words)

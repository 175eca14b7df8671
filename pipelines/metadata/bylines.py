"""Finds what a page shows about who wrote an article, for pages that say it nowhere for machines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from pipelines.metadata.name_tables import AUTHOR_FOLDERS
from pipelines.metadata.page import Page
from pipelines.metadata.plain import node_text
from pipelines.metadata.surroundings import Surroundings, shown_text

#: What names of classes, ids and tests that tell a byline hold: the usual …
_KEYS = ("class", "id", "data-testid", "data-qa")
_USUAL = ",".join(f'[{key}*="{stem}" i]' for key in _KEYS for stem in ("author", "byline"))
#: … and what is tried where these fail. Each condition on a part of a value costs 0.1 ms a page, since it is
#: tried on each element: the words of other languages are spared pages that call themselves English.
_ENGLISH = ",".join(f'[class*="{stem}" i]' for stem in ("writer", "reporter", "signature", "journalist"))
_OTHERS = ",".join(f'[class*="{stem}" i]' for stem in ("autor", "auteur", "redakt", "verfasser", "firma"))
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
    r"(?:written|posted|published|reported|words|story|text|by|von|par|por|door|aut|av|af|scritto|автор|oleh"
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


def shown_bylines(
    page: Page, around: Surroundings, *, language: str | None = None, thorough: bool = True
) -> Iterator[tuple[list[str], str]]:
    """Groups of bylines that the page shows, the most telling first, each with what told it.

    Not `thorough`: without the rarer class names, which found nobody on 35 pages of the press that an
    organisation signs for machines.
    """
    rarer = [_ENGLISH if language == "en" else f"{_ENGLISH},{_OTHERS}"] if thorough else []
    for selector in (_USUAL, *rarer):
        by_rank: dict[int, list[tuple[LexborNode, str]]] = {}
        for node in page.tree.css(selector)[:_MAX_BYLINES]:
            if found := _rank(node):
                by_rank.setdefault(found[0], []).append((node, found[1]))
        for rank in sorted(by_rank):
            for group, name in _groups(by_rank[rank], around):
                yield group, f"class:{name}"
    if links := _author_links(page, around):
        yield links, "a[href*=author]"
    for told, node in around.texts():
        if _OPENS.match(told):  # to read all that the element shows takes longer
            for text in (node_text(node, 60), shown_text(node)):
                said = _SAYS_BY.match(text)
                if said and _FULL_NAME.match(said["rest"]) and not around.is_foreign(node):
                    yield [said["rest"]], "text:by"
                    break


def _rank(node: LexborNode) -> tuple[int, str] | None:
    """The best rank among an element's names, and the name that has it; None where none tells a byline."""
    attributes = node.attributes
    names = [name for key in _KEYS for name in (attributes.get(key) or "")[:1000].split()[:12]]
    kept = [name for name in names if not _OTHER.search(name)]
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
        href = (link.attrs.get("href") or "")[:_MAX_ADDRESS]
        parts = href.split("?", 1)[0].split("#", 1)[0].lower().split("/")
        if AUTHOR_FOLDERS.isdisjoint(parts[1:-1]):
            continue
        text = node_text(link, 30)
        if not _FULL_NAME.match(text) or not _is_slug_of(_author_path(parts), text):
            continue
        parent = link.parent
        here = parent.mem_id if parent is not None else -1
        if len(text) > 60 or around.is_foreign(link) or (names and here != place):
            continue
        place = here
        names.append(text)
    return names


def _author_path(parts: list[str]) -> str:
    """What stands in an address behind the folder of the authors."""
    start = next(place for place, part in enumerate(parts[1:], 1) if part in AUTHOR_FOLDERS)
    return "/".join(parts[start + 1 :])


def _is_slug_of(path: str, name: str) -> bool:
    """Whether the path to a page of an author spells a word of the name; no test for other scripts."""
    latin = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z]{3,}", latin)
    return not words or any(word in path for word in words)

"""The headline a page gives: chosen among what the page states, without its site's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from pipelines.metadata.plain import fold, plain

#: What parts a headline from the name of its site, with spaces around it …
_SPACED = r"\s+[|｜–—\-‐•·»«›‹:/~*]+\s+"
#: … or without (bars anywhere; underscores, double dashes and colons as East Asian sites set them).
_TIGHT = r"\s*(?:[|｜¦_‖]+|-{2,}|－|：|:|\s-|- |\s–|\s—)\s*"
_PARTING = re.compile(f"{_SPACED}|{_TIGHT}")
#: A name of a site is short.
_MAX_NAME_CHARS, _MAX_NAME_WORDS = 60, 8
#: Most names that are cut one after the other ('… | Politics | The Paper | paper.com').
_MAX_CUTS = 4
#: First labels of a host that do not name the site.
_HOST_PREFIXES = frozenset({"www", "m", "amp", "mobile", "news", "edition", "blog", "blogs", "de", "en", "fr", "es"})
#: Second-level labels under which names are registered (co.uk, com.au, …).
_REGISTRY_LABELS = frozenset({"co", "com", "net", "org", "gov", "ac", "or", "ne", "go", "gob", "edu"})
#: Words that pages add to the name of their site in titles.
_FILLERS = re.compile(
    r"^(?:the|der|die|das|le|la|les|el|il|de|www)(?=.{4})|(?:online|news|com|de|net|org|magazine|blog|epaper)$"
)


def clean_headline(raw: str | None, site_name: str | None = None) -> str | None:
    """The headline in `raw`, one line of plain text, the site's name cut off at either end.

    Without `site_name` nothing is cut. None when no letter or figure is left.
    """
    return cut_site(plain(raw), site_forms([site_name] if site_name else ())) or None


def site_forms(names: Iterable[str], url: str = "") -> frozenset[str]:
    """The folded forms under which a site may be named in a title: its given names and its host."""
    forms = set()
    for name in names:
        folded = fold(name)
        forms |= {folded, _FILLERS.sub("", folded)}
    labels = [label for label in host_of(url).split(".")[:-1] if label not in _HOST_PREFIXES | _REGISTRY_LABELS]
    forms |= {fold(label) for label in labels[-1:]} | {fold(host_of(url))}
    return frozenset(form for form in forms if len(form) > 1)


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def cut_site(text: str, forms: Collection[str]) -> str:
    """`text` without the site's name at its end, or at its start; unchanged where nothing else would be left."""
    for _ in range(_MAX_CUTS):
        partings = list(_PARTING.finditer(text[-400:]))
        offset = max(0, len(text) - 400)
        cut = next((p for p in partings if names_site(text[offset + p.end() :], forms)), None)
        if cut is None or not fold(text[: offset + cut.start()]):
            break
        text = text[: offset + cut.start()].rstrip()
    first = re.match(rf"(.{{2,{_MAX_NAME_CHARS}}}?)(?:\s+[|｜–—\-•·»:]+\s+|\s*[|｜]\s*)", text)
    if first and fold(first[1]) in forms and fold(text[first.end() :]):
        text = text[first.end() :]
    return text.strip() if fold(text) else ""


def names_site(tail: str, forms: Collection[str]) -> bool:
    """Whether the end of a title is no more than the name of its site."""
    if len(tail) > _MAX_NAME_CHARS or len(tail.split()) > _MAX_NAME_WORDS:
        return False
    folded = fold(tail)
    if not folded or folded in forms:
        return True
    bare = _FILLERS.sub("", folded)
    if bare in forms:
        return True
    return any(
        len(form) > 3 and (folded.startswith(form) or folded.endswith(form)) and len(folded) <= 2 * len(form) + 4
        for form in forms
    ) or (len(folded) > 3 and any(form.startswith(folded) or form.endswith(folded) for form in forms))


class Stated:
    """The headlines that a page states, by where it states them, cleaned."""

    def __init__(self, forms: Collection[str]) -> None:
        self.forms = forms
        self.by_source: dict[str, str] = {}
        self.origins: dict[str, str] = {}

    def add(self, source: str, text: str, origin: str) -> None:
        """Notes a headline; what a source says first stands."""
        cleaned = cut_site(text, self.forms)
        if cleaned and source not in self.by_source:
            self.by_source[source] = cleaned
            self.origins[source] = origin

    def get(self, source: str) -> str:
        return self.by_source.get(source, "")


def choose_headline(stated: Stated, *, news: bool) -> tuple[str, str] | None:
    """The page's headline and its origin. `news` says that JSON-LD calls the page a news article."""
    for source in ("og", "ld", "h1.0", "title"):
        if stated.get(source):
            return stated.get(source), stated.origins[source]
    return None

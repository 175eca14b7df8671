"""The headline a page gives: chosen among what the page states, without its site's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import unquote, urlsplit

from pipelines.metadata.plain import fold, plain

#: What parts a headline from the name of its site, with spaces around it …
_SPACED = r"\s+[|｜–—\-‐•·»«›‹:/~*]+\s+"
#: … or without (bars anywhere; underscores, double dashes and colons as East Asian sites set them).
_TIGHT = r"\s*(?:[|｜¦_‖ㅣ]+|-{2,}|－|：|:|\s-|- |\s–|\s—)\s*"
_PARTING = re.compile(f"{_SPACED}|{_TIGHT}")
#: The marks that either needs: a text without them is not cut.
_ANY_PARTING = re.compile(r"[|｜–—\-‐•·»«›‹:/~*¦_‖ㅣ－：]")
#: A name of a site is short.
_MAX_NAME_CHARS, _MAX_NAME_WORDS = 60, 8
_NAME_FIRST = re.compile(rf"(.{{2,{_MAX_NAME_CHARS}}}?)(?:\s+[–—\-•·»]+\s+|\s*[|｜:：]\s*)")
#: Most names that are cut one after the other ('… | Politics | The Paper | paper.com').
_MAX_CUTS = 4
#: Marks between a headline and what is added to it, and such an addition.
_MARKS = " |｜ㅣ–—-‐•·»:/~_"
_ADDITION = re.compile(r"\s*[|｜ㅣ–—\-‐•·»:/~_]\s*\S")
#: An `h1` shorter than this that resembles nothing stated elsewhere is the name of a section.
_SECTION_CHARS = 18
#: Words; of scripts that set no spaces, the characters.
_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\u3040-\u30ff\u3400-\u9fff]+")
#: Of several `h1`, one that shares fewer words than this with every stated headline is another thing's.
_LIKENESS = 0.2
#: An `h1` that shares fewer words with what Open Graph and `title` agree on, and is shorter than this part of
#: it, is a banner (6 to 1 on 478 articles and blogs).
_BANNER_LIKENESS, _BANNER_LENGTH = 0.25, 0.7
#: Fewer words in an address do not spell a headline: they name a topic.
_MIN_SLUG_WORDS = 5
#: Parts of an address that stand beside the words of a headline: numbers, ids, endings.
_ADDRESS_ID = re.compile(r"\w|\w?\d+\w?|[0-9a-f]{6,}|(?:article|art|story|id|aid)\d*|s?html?|php|aspx?")
_SLUG_WORD = re.compile("[a-z0-9]+")
_APOSTROPHES = re.compile("['’‘`]")
#: Letters that lose no accent when decomposed, and the umlauts as German addresses spell them.
_LATIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ł": "l", "đ": "d"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
#: First labels of a host that do not name the site.
_HOST_PREFIXES = frozenset(
    {"www", "m", "amp", "mobile", "news", "edition", "blog", "blogs", "de", "en", "fr", "es"}
)
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
        folded = fold(name) if len(name) <= _MAX_NAME_CHARS else ""
        forms |= {folded, _FILLERS.sub("", folded)}
    labels = [
        label for label in host_of(url).split(".")[:-1] if label not in _HOST_PREFIXES | _REGISTRY_LABELS
    ]
    forms |= {fold(label) for label in labels[-1:]} | {fold(host_of(url))}
    return frozenset(form for form in forms if len(form) > 1)


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def cut_site(text: str, forms: Collection[str]) -> str:
    """`text` without the site's name at its end or start; unchanged where nothing else would be left."""
    if not _ANY_PARTING.search(text):
        return text.strip() if fold(text) else ""
    for _ in range(_MAX_CUTS):
        partings = list(_PARTING.finditer(text[-400:]))
        offset = max(0, len(text) - 400)
        cut = next((p for p in partings if names_site(text[offset + p.end() :], forms)), None)
        if cut is None or not fold(text[: offset + cut.start()]):
            break
        text = text[: offset + cut.start()].rstrip()
    first = _NAME_FIRST.match(text)
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
        len(form) > 3
        and (folded.startswith(form) or folded.endswith(form))
        and len(folded) <= 2 * len(form) + 4
        for form in forms
    ) or (len(folded) > 3 and any(form.startswith(folded) or form.endswith(folded) for form in forms))


#: From Thai on, scripts come that set no spaces between words.
_FIRST_UNPARTED = "\u0e00"


class Stated:
    """The headlines that a page states, by where it states them, cleaned."""

    def __init__(self, forms: Collection[str]) -> None:
        self.forms = forms
        self.by_source: dict[str, str] = {}
        self.origins: dict[str, str] = {}
        self._cut: dict[str, str] = {}

    def add(self, source: str, text: str, origin: str) -> None:
        """Notes a headline; what a source says first stands."""
        if not text or source in self.by_source:
            return
        cleaned = self._cut.get(text)  # most sources of a page say the same
        if cleaned is None:
            cleaned = self._cut[text] = cut_site(text, self.forms)
        if cleaned and fold(cleaned) not in self.forms:
            self.by_source[source] = cleaned
            self.origins[source] = origin

    def get(self, source: str) -> str:
        return self.by_source.get(source, "")

    def first(self, *sources: str) -> str:
        """The first of these sources that states anything, or ""."""
        return next((source for source in sources if source in self.by_source), "")


def choose_headline(stated: Stated, *, news: bool, url: str = "") -> tuple[str, str] | None:
    """The page's headline and the source it was stated in.

    `news`: JSON-LD calls the page a news article. `url`: the page's address, which may spell its headline.

    Where the sources agree, there is no question. Where they do not, what is right was counted on saved
    pages with known headlines (171 of the news, 74 mixed, 780 articles and blogs):

    - what Open Graph only adds to the `h1` is trimmed (34 to 8);
    - a page with several `h1` uses them for other things: Open Graph is right more often (49 to 7);
    - on news pages, Open Graph against `h1` and JSON-LD is the newsroom's own wording (18 to 6), unless
      the `title` takes its part: then both were written for search engines (18 to 1 for the `h1`);
    - elsewhere the `h1` is right (66 to 38), unless the address spells what Open Graph says (8 to 2);
    - without an `h1`, what is stated for analytics is freer of additions than Open Graph (4 to 0).

    A vote of the sources with learned weights was tried: .91 of the news pages it learned from, but .77 of
    those of other sites, where these rules get .85. Publishers differ more than sources do. Neither does the
    address decide between `h1` and Open Graph on news pages (3 to 3).
    """
    h1s = [source for source in stated.by_source if source.startswith("h1.")]
    shown = _shown_headline(stated, h1s)
    og = stated.first("og", "twitter")
    ld = stated.first("ld")
    order = _order(stated, og=og, ld=ld, h1=shown, news=news, several=len(h1s) > 1, url=url)
    for source in (*order, "meta", "item", "ld", "og", "twitter", "dc", "title", "h1.0", "ld-name"):
        if source and stated.get(source):
            source = _whole(stated, source)
            return _trimmed(stated, source), stated.origins[source]
    return None


def _whole(stated: Stated, source: str) -> str:
    """The source that states the whole of what `source` states the beginning of, cut inside a word.

    Templates cut what they give to Open Graph at some number of characters (Nikola's at 70).
    """
    text = stated.get(source)
    for other, longer in stated.by_source.items():
        if longer.startswith(text) and _is_inside_word(longer, len(text)):
            return other
    return source


def _is_inside_word(text: str, at: int) -> bool:
    """Whether the place lies between two letters of one word, in a script that parts words."""
    return len(text) > at > 0 and all(
        letter.isalnum() and letter < _FIRST_UNPARTED for letter in text[at - 1 : at + 1]
    )


def _order(
    stated: Stated, *, og: str, ld: str, h1: str, news: bool, several: bool, url: str
) -> tuple[str, ...]:
    """Which sources to take, in this order, from whether and how they agree."""
    if not h1 and not _is_cut_short(stated.get("meta")):
        og, ld = ("meta", og or ld) if stated.get("meta") else (og, ld)
    if not og or not h1:
        return (ld, og, h1) if _is_cut_short(stated.get(og)) else (og, ld, h1)
    given, shown, linked, title = (fold(stated.get(source)) for source in (og, h1, ld, "title"))
    if given == shown:
        return (og,)
    if not news and spells(url, stated.get(og)) and not spells(url, stated.get(h1)):
        return (og,)
    if shown.endswith(given) and _only_precedes(stated.get(h1), stated.get(og)):
        return (og,)
    if shown in given:
        return (og,) if linked == given else (h1,)
    if not ld and shown.startswith(given) and title == shown:
        return (h1,)  # what stands for others to show is its beginning
    if not ld:
        return (og,) if several or (title == given and _is_banner(stated.get(h1), stated.get(og))) else (h1,)
    if linked == shown:
        return (og,) if news and title != given else (h1,)
    if linked == given:
        return (og,) if news or several else (h1,)
    return (ld,) if news else (h1,)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _likeness(words: set[str], others: set[str]) -> float:
    return len(words & others) / len(words | others) if words else 0.0


def _shown_headline(stated: Stated, h1s: list[str]) -> str:
    """The `h1` that holds a headline: not a section's name, and alike what is stated elsewhere."""
    others = [text for s in ("og", "twitter", "ld", "title") if (text := stated.get(s))]
    same = set(map(fold, others))
    if same and (equal := next((source for source in h1s if fold(stated.get(source)) in same), "")):
        return equal
    elsewhere = list(map(_words, others))
    best, likeness = "", 0.0
    for source in h1s:
        words = _words(stated.get(source))
        alike = max((_likeness(words, other) for other in elsewhere), default=0.5)
        if alike > likeness or (not best and len(stated.get(source)) >= _SECTION_CHARS):
            best, likeness = source, max(alike, likeness)
    return best if best in h1s[:1] or likeness >= _LIKENESS else ""


def _is_banner(shown: str, given: str) -> bool:
    """Whether an `h1` says something else, and less, than what is stated for others to show."""
    short = len(shown) < _BANNER_LENGTH * len(given)
    return short and _likeness(_words(shown), _words(given)) < _BANNER_LIKENESS


def spells(url: str, headline: str) -> bool:
    """Whether a part of an address is the words of a headline, or a long beginning of them, and no others."""
    try:
        parts = unquote(urlsplit(url).path).split("/")
    except ValueError:
        return False
    for part in parts:
        slug = next(_romanised(part))
        while slug and _ADDRESS_ID.fullmatch(slug[-1]):
            slug.pop()
        if len(slug) >= _MIN_SLUG_WORDS and any(words[: len(slug)] == slug for words in _romanised(headline)):
            return True
    return False


def _romanised(text: str) -> Iterator[list[str]]:
    """The words of a text in the letters of addresses, in the two ways they spell umlauts."""
    text = _APOSTROPHES.sub("", text.casefold()).translate(_LATIN)
    for spelled in (text, text.translate(_UMLAUTS)):
        letters = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
        yield _SLUG_WORD.findall(letters)


def _trimmed(stated: Stated, source: str) -> str:
    """The headline without what only one source sets behind it ('… - Local News', '… | DW | 03.05.2024')."""
    text = stated.get(source)
    if source.startswith(("h1", "item")):
        return text
    folded = fold(text)
    for other in ("h1.0", "ld", "twitter", "item", "og"):
        shorter = stated.get(other)
        key = fold(shorter)
        if (
            len(key) >= _SECTION_CHARS
            and folded != key
            and folded.startswith(key)
            and _only_adds(text, shorter)
        ):
            return shorter
    return text


def _only_adds(text: str, shorter: str) -> bool:
    """Whether `text` is `shorter` and then something that a mark parts from it."""
    left = len(fold(shorter))
    for end, character in enumerate(text):
        left -= len(fold(character))
        if left < 0:
            return bool(_ADDITION.match(text[len(text[:end].rstrip(_MARKS)) :]))
    return False


def _only_precedes(text: str, shorter: str) -> bool:
    """Whether `text` is a kicker, a mark, and then `shorter`."""
    return any(fold(text[parting.end() :]) == fold(shorter) for parting in _PARTING.finditer(text))


def _is_cut_short(text: str) -> bool:
    return text.endswith(("…", "..."))

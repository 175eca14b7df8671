"""Whose name a byline carries: persons and organisations, freed of 'By', roles, places and dates.

The rules are tables (`name_tables`). A byline passes through them in the order they stand: what cannot be
part of a name is cut out, the rest is parted into names, each name loses its role, and what is left is a
person, an organisation, or nothing. Where a part is neither clearly, nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

from pipelines.metadata import name_tables as tables
from pipelines.metadata.headlines import site_forms
from pipelines.metadata.plain import fold, plain

Kind = Literal["person", "organisation"]

_MAX_BYLINE_CHARS = 600
_MAX_NAME_CHARS = 60
_MAX_NAME_WORDS = 6
_MAX_ORGANISATION_WORDS = 9
_MAX_NAMES = 40


def _any_of(words: Iterable[str]) -> str:
    """An alternation of regular expressions, longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


_AGENCIES = frozenset(map(fold, tables.AGENCIES))
_NOBODY = frozenset(map(fold, tables.NOBODY))

#: 'By' glued to a name is what lost its element: '<span>By</span><a>Jane Doe</a>'.
_OPENER = re.compile(
    rf"(?:{_any_of(tables.OPENERS)})(?:\s*[:：]\s*|\s+)|(?-i:By|BY|Von|Por|Par)(?=[A-Z][a-z])", re.I
)
_TIGHT_OPENER = re.compile(rf"(?:{_any_of(tables.TIGHT_OPENERS)})\s*[:：/／|]?\s*(?=\S)")
_TIGHT_TAIL = re.compile(rf"\s*(?:{_any_of(tables.TIGHT_TAILS)})$")
_KOREAN_OTHERS = re.compile(r"\s*(?:기자\s*)?외\s*\d+\s*[명인].*$")
#: Who edited, translated or took the pictures did not write.
_NOT_BY = re.compile(
    r"(?:^|(?<=[;,|.])\s*|\s+)(?:"
    r"(?:additional\s+)?(?:editing|edited|translated|translation|photos?|photographs?|photography|images?|pictures?"
    r"|illustrations?|illustrated|video|graphics?)\s+by"
    r"|fotos?\s*(?::|von|de|di|by)|bild(?:er)?\s*:|photos?\s*:|images?\s*:|crédits?\s*:|credit\s*:"
    r"|traducción de|traduction|übersetz\w+(?: von)?|redigering|イラスト|写真|撮影|图片?|사진"
    r")(?:\s|$|:|：|／).*",
    re.I,
)
#: An outlet named with its address: 'The Daily Planet (www.planet.example)'.
_OUTLET = re.compile(r"(?P<name>[^()\[\]]{2,60}?)\s*[(\[]\s*(?:https?://)?[\w-]+(?:\.[\w-]+)+/?\s*[)\]]")

#: Cut out wherever they stand: addresses, handles, brackets, invitations to follow.
_CUTS = re.compile(
    r"https?://\S*|www\.\S+|[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w+"
    r"|\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|【[^【】]*】|[©®™]"
    r"|\b(?:follow(?: \w+)?(?: on)?|folgen|suivre|seguir|segui) (?:on )?"
    r"(?:twitter|facebook|instagram|x|linkedin)\b.*"
    r"|\b(?:twitter|facebook|instagram|linkedin|e-?mail|view (?:orcid )?profile|orcid|(?:see )?full bio)\b",
    re.I,
)
#: From here on a byline speaks of something else: after a bar or dash, of a date, of a place.
_TAILS = re.compile(
    r"\s+(?:[|•·»›/–—]|-{1,2})\s+.*|\s*[|•›»].*"
    r"|(?i:[\s,;]+(?:(?:last\s+)?(?:updated|modified|reviewed)|published|posted|aktualisiert|veröffentlicht"
    r"|publié|mis à jour|actualizado|publicado|aggiornato|pubblicato|oppdatert|publisert|uppdaterad"
    r"|publicerad|bijgewerkt|gepubliceerd|обновлено|опубликовано)\b.*)"
    r"|(?i:(?:[\s,]+(?:on|am|le|el))?(?:^|[\s,]+)(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch"
    r"|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b.*)|\s+(?:at|on)$"
    r"|[\s,;]+(?:on\s+|am\s+|le\s+|el\s+|den\s+)?(?:\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}|\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}\.?\s\w+\s\d{4}|\w+\s\d{1,2},\s\d{4}|\d{1,2}:\d{2}).*"
    r"|[\s,]+(?:special to|for|für|pour|per|para|voor|for the|exclusively for)\s+(?:the\s+)?[A-Z].*"
    r"|,?\s+(?:in|aus|à|en|reporting from|reports from)\s+(?=[A-Z][^\s,]+(?:\s[A-Z]\S+)?$).*",
)
_HARD = re.compile(r"\s*[;；、，＆]\s*")
_AND = re.compile(
    rf"(?:\s+|^)(?:{_any_of(tables.CONJUNCTIONS)})\s+|\s+/\s+|\s*／\s*|\s+x\s+(?=[A-Z])|(?<=\w\w)/(?=\w\w)"
)
_CAREFUL = re.compile(rf"\s+(?:{_any_of(tables.CAREFUL_CONJUNCTIONS)})\s+")
_COMMA = re.compile(r"\s*,\s*")
#: What stands behind a comma and belongs to the name before it; other suffixes (degrees) are dropped.
_JOINED = re.compile(r"(?:jr|sr|ii|iii|iv|inc|llc|ltd|corp|co|gmbh)\.?$", re.I)
_SUFFIXES = re.compile(
    r"(?:jr|sr|ii|iii|iv|inc|llc|ltd|corp|co|gmbh|md|m\.d|phd|ph\.d|dds|rn|esq|mba|msc|ba|ma|bsc|llm|mph|do|rd|cfp|cpa)"
    r"\.?$",
    re.I,
)
#: 'Doe, Jane' as databases write it: two capitalised words, perhaps an initial.
_SURNAME_FIRST = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]{2,}(?:-\w+)?(?: [A-Z]\.?)?")

_ROLE = re.compile(_any_of(map(re.escape, tables.ROLES)), re.I)
#: Roles set before a name without a comma …
_LEADING_ROLE = re.compile(
    r"^(?:(?:chef|sport|wirtschafts|politik|kultur|auslands|parlaments|gerichts|usa-|nahost-|lokal)?"
    r"(?:redakteur|redaktor|korrespondent|reporter|autor|kolumnist|volont[aä]r)(?:in|en|innen)?|journalist(?:e|in|a)?"
    r"|(?:senior|staff|chief|associate|freelance|contributing|political|sports|business|science|health|news|crime)\s+"
    r"(?:\w+\s+)?(?:writer|reporter|editor|correspondent|contributor|columnist|journalist)"
    r"|editor|reporter|correspondent|periodista|corresponsal|giornalista|корреспондент|журналист|muhabir)"
    r"\s+(?=(?-i:[^\W\d_a-z]))",
    re.I,
)
#: … and behind it.
_TRAILING_ROLE = re.compile(
    r"\s+(?:(?:senior|staff|chief|deputy|managing|associate|contributing|political|politics|national|sports?"
    r"|business|science|health|crime|freelance|special|foreign|white house|executive|global|world|us|uk|the)"
    r"\s+)*(?:news\s+)?(?:editor|reporter|writer|correspondent|contributor|columnist|journalist|redakteur(?:in)?|journaliste"
    r"|periodista|giornalista)(?:\s.*)?$",
    re.I,
)

_ORGANISATION_WORD = re.compile(rf"(?<!\w)(?:{_any_of(tables.ORGANISATION_WORDS)})(?!\w)", re.I)
_TIGHT_ORGANISATION_WORD = re.compile(_any_of(tables.TIGHT_ORGANISATION_WORDS))
_SURNAME = re.compile(rf"(?<!\w)(?:{_any_of(tables.SURNAMES)})$", re.I)
#: A name that is an address. Top-level domains: those of countries (two letters) and the generic ones in use.
_DOMAIN = re.compile(
    r"[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2}|com|org|net|info|news|media|online|press)(?:\s.*)?", re.I
)
_TITLES = re.compile(r"^(?:(?:dr|prof|mr|mrs|ms|sir|dame|lord|lady|mag|ing|dipl|med|hon|rev)\.?\s+)+", re.I)
_EDGES = re.compile(r"^\W+|[^\w.)]+$")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_IN_NAMES = re.compile(r"[?!:<>{}=_#%$\d]|\.\.\.|…|://")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def clean_authors(
    raw: Iterable[str], *, site_name: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The persons and the organisations that raw bylines name, in order, each once.

    Takes bylines as pages and dumps write them ('By Jane Doe and Max Muster, dpa | Updated …'). Names keep
    the spelling of the page. What is neither a person nor an organisation is left out.
    """
    return sort_names(((text, None) for text in raw), site_forms([site_name] if site_name else ()))


def sort_names(
    raw: Iterable[tuple[str, Kind | None]], site: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As `clean_authors`, for bylines that come with a word on what they name; `site` as of `site_forms`."""
    persons: dict[str, str] = {}
    organisations: dict[str, str] = {}
    for byline, hint in raw:
        if outlet := _OUTLET.fullmatch(plain(byline)[:_MAX_BYLINE_CHARS]):
            byline, hint = outlet["name"], "organisation"
        for name in part_names(byline, site):
            kind = kind_of(name, site, hint)
            if kind is not None and len(persons) + len(organisations) < _MAX_NAMES:
                found = persons if kind == "person" else organisations
                found.setdefault(_identity(name), name)
    return tuple(persons.values()), tuple(organisations.values())


def part_names(byline: str, site: Collection[str] = ()) -> list[str]:
    """The names in a byline, without openers, roles, places and dates; organisations still among them."""
    text = plain(byline)[:_MAX_BYLINE_CHARS]
    if _whole(text, site):
        return [text]
    text = _KOREAN_OTHERS.sub("", _CUTS.sub(" ", text))
    text = _opened(_NOT_BY.sub("", " ".join(text.split())))
    names = []
    for phrase in _HARD.split(_TAILS.sub("", text)):
        for piece in _by_commas(_NOT_BY.sub("", phrase)):
            for part in _AND.split(piece):
                names += [name for one in _careful(part) if (name := _bare(one))]
    return names


def _whole(text: str, site: Collection[str]) -> bool:
    """Whether the byline as it stands is one known organisation: not to be parted."""
    folded = fold(text)
    return folded in _AGENCIES or (folded in site and len(folded) > 1)


def _opened(text: str) -> str:
    """`text` without the words that open a byline, however many."""
    for _ in range(3):
        opener = _OPENER.match(text) or _TIGHT_OPENER.match(text)
        if opener is None or opener.end() == len(text):
            break
        text = text[opener.end() :]
    return text.strip(" :,;-–—|/·•*\"'")


def _by_commas(phrase: str) -> list[str]:
    """The parts of 'Jane Doe, Max Muster, dpa' that name somebody; 'Jr.' goes back to its name.

    What follows a role or a description describes ('Jane Doe, editor, The Paper, London'); a single word
    after full names is a place ('Jane Doe, Berlin').
    """
    parts: list[str] = []
    for part in _COMMA.split(phrase):
        if parts and _SUFFIXES.match(part):
            if _JOINED.match(part):
                parts[-1] += f", {part}"
        elif parts and _describes(part):
            break
        elif part and not (parts and _is_place(part, parts)):
            parts.append(part)
    if len(parts) == 2 and all(_SURNAME_FIRST.fullmatch(part) for part in parts) and " " not in parts[0]:
        return [f"{parts[1]} {parts[0]}"]
    return parts


def _describes(part: str) -> bool:
    if _ROLE.match(part) and not _LEADING_ROLE.match(part):
        return True
    if _ROLE.match(part.rsplit(" ", 1)[-1]):
        return True
    lower = [w for w in part.split() if w[0].islower() and len(w) > 3 and w not in tables.PARTICLES]
    return len(lower) > 1


def _is_place(part: str, before: list[str]) -> bool:
    return (
        " " not in part
        and (" " in before[0] or _is_organisation(before[0], fold(before[0]), ()))
        and not _CJK.search(part)
        and not _is_organisation(part, fold(part), ())
    )


def _careful(piece: str) -> list[str]:
    parts = _CAREFUL.split(piece)
    full = all(len(part.split()) > 1 or fold(part) in _AGENCIES for part in parts)
    return parts if full else [piece]


def _bare(name: str) -> str:
    """One name without role, opener and stray marks."""
    name = _opened(name)
    name = _TRAILING_ROLE.sub("", _LEADING_ROLE.sub("", name))
    name = _TIGHT_TAIL.sub("", name) if _CJK.search(name) else name
    return _EDGES.sub("", name).strip()


def kind_of(name: str, site: Collection[str] = (), hint: Kind | None = None) -> Kind | None:
    """Whether a name is a person's or an organisation's; None when it names nobody."""
    folded = fold(name)
    words = name.split()
    if (
        not folded
        or (len(folded) < 2 and not _CJK.search(name))
        or folded in _NOBODY
        or not _LETTER.search(name)
        or len(name) > 2 * _MAX_NAME_CHARS
    ):
        return None
    if _is_organisation(name, folded, site) and not (hint == "person" and _SURNAME.search(name)):
        return "organisation" if len(words) <= _MAX_ORGANISATION_WORDS else None
    if hint == "organisation":
        return "organisation" if len(words) <= _MAX_ORGANISATION_WORDS else None
    if len(words) == 1 and name.isupper() and 1 < len(name) < 7 and hint is None and "." not in name:
        return "organisation"  # 'TIME', 'CNN': signs of outlets, not names
    return "person" if _may_be_person(name, words) else None


def _is_organisation(name: str, folded: str, site: Collection[str]) -> bool:
    if folded in _AGENCIES or folded in site or _DOMAIN.fullmatch(name):
        return True
    if len(folded) > 4 and any(len(form) > 4 and (form in folded or folded in form) for form in site):
        return True
    if any(
        word.isupper() and len(word) > 1 and (fold(word) in _AGENCIES or fold(word) in site)
        for word in name.split()[:3]
    ):
        return True
    return bool(_ORGANISATION_WORD.search(name) or _TIGHT_ORGANISATION_WORD.search(name))


def _may_be_person(name: str, words: list[str]) -> bool:
    if len(name) > _MAX_NAME_CHARS or len(words) > _MAX_NAME_WORDS:
        return False
    if _ROLE.fullmatch(name) or _NOT_IN_NAMES.search(name):
        return False
    lower = [w for w in words if w[:1].islower() and w.lower() not in tables.PARTICLES]
    if len(words) == 2 and words[0][0].isupper() and words[1] in lower:
        return False  # 'Personal finance': a heading
    return len(lower) * 2 <= len(words) or len(words) <= 2


def _identity(name: str) -> str:
    return fold(_TITLES.sub("", name))


def is_full_name(name: str) -> bool:
    """Whether a name has more than one word, or needs none (Chinese, Japanese, Korean)."""
    return " " in name or bool(_CJK.search(name))

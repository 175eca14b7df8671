"""Whether two pages say the same: what is noise between two texts, how alike they are, what a wall left.

Pure. Nothing here changes what is kept: folded forms are for comparing only.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Collection
from typing import Final

from archive.digests import words
from archive.values import Value

# Typography -----------------------------------------------------------------------------------------

_QUOTES: Final = "'\"`´‘’‚‛“”„‟′″‴«»‹›「」『』"
_DASHES: Final = "‐‑‒–—―−﹘﹣－"
#: Marks that show nothing: soft hyphens, joiners, marks of direction, byte order marks.
_UNSEEN: Final = (
    "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_TYPOGRAPHY: Final = str.maketrans(
    {**dict.fromkeys(_QUOTES, "'"), **dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_UNSEEN)}
)
_SEVERAL_QUOTES: Final = re.compile("'{2,}")
#: Whether a space stands beside a dash, within quotation marks or before a colon is a typesetter's choice
#: (French sets one, English none).
_LOOSE: Final = re.compile(r" *([-']) *| +(?=[?!:;,.%])")


def fold(text: str) -> str:
    """`text` as one line without its typography: quotes, dashes, spaces and unseen characters alike."""
    line = " ".join(unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).translate(_TYPOGRAPHY).split())
    return _LOOSE.sub(lambda found: found[1] or "", _SEVERAL_QUOTES.sub("'", line))


# Noise ----------------------------------------------------------------------------------------------

_COUNTED: Final = (
    r"comments?|replies|reply|shares?|likes?|views?|reactions?|min(?:ute)?s? read"
    r"|kommentare?|aufrufe|min(?:uten)? lesezeit|reaktionen|commentaires?|réactions?|partages|vues?"
    r"|comentarios?|comentários?|visualizações|visitas|lecturas|commenti|commento|condivisioni"
    r"|visualizzazioni|reacties?|kommentarer|visninger|kommenttia|komentarz[ye]?|komentarzy|wyświetle[nń]"
    r"|комментари(?:й|я|ев)|просмотр(?:а|ов)?|yorum|görüntülenme|σχόλια|تعليقات?|评论|評論|コメント|댓글"
)
_UNITS: Final = (
    r"s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|sekunden?|minuten?|stunden?|tage?n?|secondes?"
    r"|heures?|jours?|segundos?|minutos?|horas?|días?|dias?|second[oi]|minut[oi]|or[ae]|giorn[oi]|seconden"
    r"|uur|uren|dag(?:en)?|минут(?:у|ы)?|час(?:а|ов)?|dakika|saat|分钟?|小时|時間"
)
_UPDATED: Final = (
    r"(?:last )?updated|last (?:modified|update)|modified|published|posted|aktualisiert|zuletzt aktualisiert"
    r"|stand|veröffentlicht|mis(?:e)? à jour|publié|actualizado|última actualización|publicado|aggiornato"
    r"|ultimo aggiornamento|pubblicato|atualizado|laatst bijgewerkt|bijgewerkt|gepubliceerd|oppdatert"
    r"|uppdaterad|opdateret|päivitetty|aktualizacja|обновлено|опубликовано|güncelleme"
)
_LENGTH: Final = rf"(?:about |ca\.? )?(?:\d+|an?|one|einer?|une?) ?(?:{_UNITS})"
_AGO: Final = (
    rf"(?:(?:vor|il y a|hace|há|för|for) {_LENGTH}(?: siden| sedan)?"
    rf"|{_LENGTH} ?(?:ago|fa|geleden|atrás|siden|sedan|sitten|temu|назад|önce|前))"
)
#: Lines that tell nothing of the matter: counters of comments and views, and ages, whose figures change with
#: every look. Whole lines only; the cues are those of common systems, in the languages that we read most. No
#: counters are what a newsroom itself counts ("Votes: 214").
_NOISE: Final = re.compile(
    rf"\W*(?:\d[\d.,\s]*[km]?\+? ?(?:{_COUNTED})|(?:{_COUNTED})\W{{0,3}}\d[\d.,\s]*[km]?|{_AGO})\W*", re.I
)
_MONTH: Final = (
    r"jan(?:uary|uari?|vier|eiro)?|jänner|janv|enero|ene|gennaio|gen|stycznia|января"
    r"|feb(?:ruary|ruari?|brero|braio|r)?|février|févr|fev(?:ereiro)?|lutego|февраля"
    r"|mar(?:ch|s|t|zo|ço|ca)?|märz|mrz|maart|марта|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?|kwietnia|апреля"
    r"|may|mai|mayo|maggio|mag|maio|mei|maj|maja|мая|june?|juni|juin|junio|giugno|giu|junho|czerwca|июня"
    r"|july?|juli|juil(?:let)?|julio|luglio|lug|julho|lipca|июля"
    r"|aug(?:ust|usti|ustus)?|août|agosto|ago|sierpnia|августа"
    r"|sept?(?:ember|embre|iembre|tembre)?|sett?(?:embre|embro)?|września|сентября"
    r"|o[ck]t(?:ober|obre|ubre)?|ott(?:obre)?|out(?:ubro)?|października|октября"
    r"|nov(?:ember|embre|iembre|embro)?|listopada|ноября"
    r"|de[cz](?:ember|embro)?|déc(?:embre)?|dic(?:iembre|embre)?|grudnia|декабря"
)
_CLOCK: Final = (
    r"\d{1,2}(?:[:.h]\d{2}){1,2}(?!\d)(?: ?(?:[ap]\.?m\b\.?|uhr\b|h\b))?"
    r"|\d{1,2} ?(?:[ap]\.?m\b\.?|uhr\b|heures?\b|h\b)"
)
_DATE: Final = (
    r"\d{4}-\d\d-\d\d(?:t(?=\d))?|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})?(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º)?\.? (?:de |of )?(?:{_MONTH})\b\.?(?:,? (?:de )?\d{{4}}\b)?"
    rf"|(?:{_MONTH})\b\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?"
)
_BESIDE_TIMES: Final = (
    r"on|at|um|am|vom|le|à|a las|el|alle|il|às|em|op|om|kl|den|o|um|gmt|utc|cet|cest|mez|mesz|bst|ist|e[sd]?t"
    r"|p[sd]?t|z|today|heute|aujourd'hui|hoy|oggi|hoje|vandaag|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
)
_TIME: Final = re.compile(rf"[\s,.;()/]{{0,3}}(?:{_DATE}|{_CLOCK}|{_AGO}(?!\w)|(?:{_BESIDE_TIMES})\b)", re.I)
_UPDATE: Final = re.compile(rf"\W*(?:{_UPDATED})\b\W{{0,3}}", re.I)
#: What parts the time of an update from what is told of it.
_PARTED: Final = re.compile(r"[\s)]*[:|–—•·-]\s*")
_NOISE_CHARS: Final = 80


def matter(line: str) -> str:
    """What a line says of the matter: "" of counters and ages, else the line without the time of an update.

    >>> matter("12 comments"), matter("Updated 5 minutes ago"), matter("Updated figures show 12 dead")
    ('', '', 'Updated figures show 12 dead')
    >>> matter("Updated 25 November 2026, 14:05 GMT: 12 dead")
    '12 dead'
    """
    line = line.strip()
    if len(line) > _NOISE_CHARS:
        return line
    return "" if _NOISE.fullmatch(line) else _after_time(line)


def _after_time(line: str) -> str:
    begun = _UPDATE.match(line)
    if begun is None:
        return line
    end = begun.end()
    while found := _TIME.match(line, end):
        end = found.end()
    if end == begun.end():
        return line
    rest = line[end:]
    if not words(rest):
        return ""
    # "Published on 12 May, the report …" is a sentence, and its day may be put right.
    parted = _PARTED.match(rest)
    return rest[parted.end() :] if parted else line


def is_noise(line: str) -> bool:
    """Whether a line is nothing but a counter or the age of a text."""
    return bool(line.strip()) and not matter(line)


def wording(headline: str | None, text: str) -> str:
    """What a newsroom can change, as one digest: the headline and the text, without typography and noise."""
    lines = filter(None, map(matter, text.splitlines()))
    said = f"{fold(headline or '')}\n{fold(' '.join(lines))}"
    return "sha256:" + hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


# Likeness -------------------------------------------------------------------------------------------

#: Words in a row that are looked for in the other text. Two articles of one site share hardly a run of four.
_RUN: Final = 4
#: Of the runs of the shorter text so many are in the longer, where two pages are one article. Of 1,099 pairs
#: of different articles of one host (81 hosts of the development pages, none of them looked at before) 4
#: share so many, 15 share a twentieth.
_SHARED: Final = 0.2
#: Of the telling words of the shorter headline so many are in the other.
_HEADLINE_SHARED: Final = 0.5
#: Texts that so many of their runs have in common are the same one, but for what changes by the hour.
NEAR: Final = 0.8
#: Runs that are remembered of a text of which no words are kept.
_SKETCH: Final = 64


class Said(Value, frozen=True, kw_only=True):
    """What a page says, for comparing it with another."""

    headline: str | None = None
    text: str = ""


def runs(text: str) -> frozenset[int]:
    """Checksums of all runs of four words of a text; of a shorter text the one of all its words."""
    said = words(fold(text).casefold())
    if not said:
        return frozenset()
    count = max(len(said) - _RUN + 1, 1)
    return frozenset(zlib.crc32(" ".join(said[n : n + _RUN]).encode()) for n in range(count))


def are_one(one: Said, other: Said) -> bool:
    """Whether two pages that claim to be one article can be: text or headline have something in common.

    Where there is nothing to compare the claim stands.
    """
    a, b = runs(one.text), runs(other.text)
    if not a or not b or len(a & b) >= _SHARED * min(len(a), len(b)):
        return True
    if not one.headline or not other.headline:
        return False
    return headlines_agree(one.headline, other.headline)


def headlines_agree(one: str, other: str) -> bool:
    """Whether half of the shorter headline's telling words stand in the other."""
    return share(telling(one), telling(other)) >= _HEADLINE_SHARED


def telling(text: str) -> frozenset[str]:
    """Words of four letters and more, or of scripts whose words are shorter; all, where there is none."""
    said = [word.casefold() for word in words(fold(text))]
    return frozenset(word for word in said if len(word) >= 4 or not word.isascii()) or frozenset(said)


def share(one: Collection[str], other: Collection[str]) -> float:
    """Of the smaller collection, the share that is in the other; 0 where one is empty."""
    least = min(len(one), len(other))
    return len(set(one) & set(other)) / least if least else 0.0


def sketch(text: str) -> tuple[int, ...]:
    """The lowest checksums of a text's runs: two texts are compared by them, and none is read in them.

    (Broder, 'On the resemblance and containment of documents', 1997: bottom-k.)
    """
    return tuple(sorted(runs(text))[:_SKETCH])


def resemblance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The share of runs that two texts have in common (Jaccard), estimated from their sketches; 0 to 1."""
    if not one or not other:
        return 0.0
    both = sorted({*one, *other})[: max(len(one), len(other))]
    return sum(run in one and run in other for run in both) / len(both)


# Walls ----------------------------------------------------------------------------------------------

#: A text that is the beginning of the one before, and so much of it at most, was cut by a wall, if the page
#: shows a sign of one. Without a sign it is the newsroom that cut it.
_BEGINNING: Final = 0.5
#: A page that says it is a teaser is one of the text before up to this share of its words.
_TEASER: Final = 0.8
_LEAST_WORDS: Final = 15
#: A beginning may differ in its last words: walls cut within a sentence, and add dots.
_LOOSE_END: Final = 3
#: Lines of walls are short.
_WALL_CHARS: Final = 400
#: What walls say. A bare ‘Subscribe’ stands on every page of a newspaper.
_WALL: Final = re.compile(
    r"(?:subscribe|sign (?:in|up)|log ?in|register|join)\b.{0,30}\b(?:to|and) (?:continue|read|keep|unlock)"
    r"|already (?:a |an )?(?:subscrib|member)|(?:for|only to) (?:our )?(?:subscribers|members)\b"
    r"|(?:subscribers?|members?)[- ]only|free articles? (?:left|remaining)|full access to"
    r"|bereits abonnent|(?:nur|exklusiv) für (?:unsere )?abonnent|(?:jetzt weiterlesen|weiterlesen mit)"
    r"|réservée? (?:aux|à nos) abonnés|déjà abonné|abonnez-vous pour|il vous reste .{1,20} à lire"
    r"|suscríbete para|para suscriptores|ya eres suscriptor|para assinantes|já é assinante|assine para"
    r"|abbonati per|(?:agli|per gli) abbonati|sei già abbonato|voor abonnees|al abonnee"
    r"|kun for abonnent|for abonnenter|för prenumeranter|redan prenumerant|vain tilaajille|dla prenumeratorów"
    r"|для подписчиков",
    re.I,
)


def is_wall(line: str) -> bool:
    """Whether a line that is no part of a text says what walls say.

    >>> is_wall("Already a subscriber? Sign in."), is_wall("Subscribe")
    (True, False)
    """
    return len(line) <= _WALL_CHARS and _WALL.search(line) is not None


def behind_wall(before: str, after: str, *, is_teaser: bool, is_walled: bool = False) -> str:
    """Why a known text that came as `after` is no new wording of `before` but a wall's leaving of it, or "".

    `is_teaser`: the page's text is known to end at a wall. `is_walled`: the page shows a sign of one.
    """
    if not (is_teaser or is_walled):
        return ""
    old, new = (words(fold(text).casefold()) for text in (before, after))
    size = f"{len(new)} of {len(old)} words"
    if is_teaser and len(new) <= _TEASER * len(old):
        return f"the text that is known ends at a wall here, after {size}"
    head = new[: max(len(new) - _LOOSE_END, 1)]
    begins = len(new) >= _LEAST_WORDS and len(new) <= _BEGINNING * len(old) and old[: len(head)] == head
    return f"only the beginning of the text that is known, {size}" if begins else ""

"""The tables of cue words and forms, by label and language, and how a line is looked up in them.

Tables only say what a line looks like; on dumps `pipelines.rules` decides what it is from where it stands, and the
model weighs them on every page (`pipelines.model.hints`, `markup`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from pipelines.cues.lines import LINES
from pipelines.cues.names import NAMES, ROLES, TAGS
from pipelines.cues.openers import COLON_NEEDED, NO_COLON, OPENERS, STARTS
from pipelines.cues.phrases import PHRASE_MAX_WORDS, PHRASES

__all__ = [
    "Cue",
    "button_cue",
    "key",
    "line_cue",
    "name_cue",
    "name_tables",
    "opener_cue",
    "phrase_cues",
    "start_cue",
]


class Cue(NamedTuple):
    """A hit in a table: the label it stands for and the words that were found."""

    label: str
    words: str
    language: str = ""


_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u00a0": " "})  # fmt: skip
_EDGE = " \t.,:;!?…·•|/\\-–—_*#+~^<>=»«›‹→←↑↓▶►▸●○■□◆◇★☆✓✔×✕()[]{}\"'。、，：；！？（）【】「」『』〈〉《》؟،"
_DIGITS = re.compile(r"\d[\d.,]*")
_SPACE = re.compile(r"\s+")


def key(text: str) -> str:
    """Return what two lines must share to count as the same cue: see `pipelines.cues.lines`."""
    folded = text.translate(_STRAIGHT).casefold().replace("(", " ").replace(")", " ")
    return _DIGITS.sub("0", _SPACE.sub(" ", folded).strip(_EDGE))


def _flat(table: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, Cue]:
    """Phrase key → cue; the first label that claims a phrase keeps it."""
    found: dict[str, Cue] = {}
    for label, languages in table.items():
        for language, phrases in languages.items():
            for phrase in phrases:
                found.setdefault(key(phrase) or phrase, Cue(label, phrase, language))
    return found


@lru_cache(maxsize=1)
def _lines() -> dict[str, Cue]:
    return _flat(LINES)


@lru_cache(maxsize=1)
def _openers() -> dict[str, Cue]:
    return _flat(OPENERS)


_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7a3]"
)
_FIRST = re.compile(r"[^\W_]+|\S")


def line_cue(text: str) -> Cue | None:
    """The cue of a line that says nothing else."""
    return _lines().get(key(text) or text.strip())


def button_cue(word: str) -> Cue | None:
    """The cue of one word of a row of buttons ("Share Print Save"), if it is a network's or a tool's."""
    cue = _lines().get(word)
    return cue if cue and cue.label in {"share", "nav", "newsletter"} else None


def opener_cue(text: str) -> Cue | None:
    """The cue of a line that opens a section of clutter."""
    return _openers().get(key(text))


class _Start(NamedTuple):
    """A phrase's folded words, its cue, and whether it needs no colon behind it."""

    words: str
    cue: Cue
    free: bool


def _by_first_word(table: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, list[_Start]]:
    index: dict[str, list[_Start]] = {}
    for label, languages in table.items():
        for language, phrases in languages.items():
            for phrase in phrases:
                words = phrase.translate(_STRAIGHT).casefold()
                first = _FIRST.match(words)
                free = label not in COLON_NEEDED or phrase in NO_COLON
                entry = _Start(words, Cue(label, phrase, language), free)
                index.setdefault(
                    words[0] if _UNSPACED.match(words) else first.group() if first else words, []
                ).append(entry)
    for entries in index.values():
        entries.sort(key=lambda e: -len(e.words))
    return index


@lru_cache(maxsize=1)
def _starts() -> dict[str, list[_Start]]:
    return _by_first_word(STARTS)


@lru_cache(maxsize=1)
def _phrases() -> dict[str, list[_Start]]:
    return _by_first_word(PHRASES)


_LEAD = re.compile(r"^[\s\W_]*", re.UNICODE)
_AFTER = re.compile(r"\s*(?:[:：|=►▸→>»]|[-–—](?=\s)|／)")


def start_cue(text: str) -> Cue | None:
    """The cue of a line that begins with cue words, a colon or dash behind them where they need one."""
    starts = _starts()
    folded = text[:120].translate(_STRAIGHT).casefold()
    for begin in (folded, _LEAD.sub("", folded, count=1)):
        first = _FIRST.match(begin)
        if first is not None:
            for entry in starts.get(first.group(), []) + starts.get(begin[0], []):
                if _starts_with(begin, entry):
                    return entry.cue
    return None


def _starts_with(folded: str, entry: _Start) -> bool:
    if not folded.startswith(entry.words):
        return False
    rest = folded[len(entry.words) :]
    if rest and rest[0].isalnum() and entry.words[-1].isalnum() and not _UNSPACED.match(entry.words):
        return False
    return entry.free or bool(_AFTER.match(rest))


_WORDS = re.compile(r"[^\W_]+|©|ⓒ")


def phrase_cues(text: str) -> list[Cue]:
    """All cues whose phrase stands somewhere in the line, at most one for each phrase; [] for a long line."""
    folded = text.translate(_STRAIGHT).casefold()
    if len(folded) > PHRASE_MAX_WORDS * 8:
        return []
    folded = _DIGITS.sub("0", folded)
    found: list[Cue] = []
    phrases = _phrases()
    for first in sorted(set(_WORDS.findall(folded)) | set(_UNSPACED.findall(folded))):
        for words, cue, _ in phrases.get(first, ()):
            if words in folded and _bounded(folded, words):
                found.append(cue)
    return found


def _bounded(folded: str, words: str) -> bool:
    if _UNSPACED.match(words):
        return True
    at = folded.find(words)
    while at >= 0:
        if at == 0 or not folded[at - 1].isalnum():
            return True
        at = folded.find(words, at + 1)
    return False


_NAMES: dict[tuple[str, ...], str] = {}
for _label, _names in NAMES.items():
    for _name in _names:
        _NAMES.setdefault(tuple(_name.split("-")), _label)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST_NAME = max(len(name) for name in _NAMES)


def name_tables() -> tuple[dict[str, str], dict[str, str], dict[tuple[str, ...], str]]:
    """What `name_cue` looks up, each with its label: elements, roles, and words of names."""
    return TAGS, ROLES, _NAMES


def name_cue(path: tuple[str, ...]) -> Cue | None:
    """What an element's tag, id, classes and ancestors (`tag#id.class`, innermost last) say, nearest first."""
    for step in reversed(path):
        tag = re.split(r"[#.\[]", step, maxsplit=1)[0]
        if tag in TAGS:
            return Cue(TAGS[tag], f"<{tag}>")
        for name in re.split(r"[#.\s\[\]]+", step)[1:]:
            if name in ROLES:
                return Cue(ROLES[name], f"role {name}")
            parts = tuple(part.lower() for part in _NAME_PARTS.findall(name))
            for size in range(min(_LONGEST_NAME, len(parts)), 0, -1):
                for at in range(len(parts) - size + 1):
                    if label := _NAMES.get(parts[at : at + size]):
                        return Cue(label, name)
    return None

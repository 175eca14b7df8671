"""What the tables of cue words say of each block, as features: the model weighs them, they decide nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from archive.values import LABELS
from pipelines.cues.lines import LINES
from pipelines.cues.openers import COLON_NEEDED, NO_COLON, OPENERS, STARTS
from pipelines.cues.phrases import PHRASES
from pipelines.model.compiled import compiled
from pipelines.model.features import Columns, since, window
from pipelines.model.lexical import Floats, Ints, Lexical

_CODES: Final = {label: code for code, label in enumerate(LABELS, 1)}
#: A block of more words is only asked how it begins; longest cue that is looked for, in words.
_SHORT_WORDS: Final = 24
_LONGEST: Final = 6
_MARKED: Final = re.compile(r"[:：|=►▸→>»]|[-–—]\s")
_WORD: Final = re.compile(r"\w+")
_DIGITS: Final = re.compile(r"\d+")
# A search for a form that begins with any digit is much quicker than one for what no digit stands before.
_CLOCK: Final = re.compile(r"\d(?<!\d\d)(?:(?<=[0-2])\d)?\s?[:.h]\s?[0-5]\d(?!\d)")
_DAY: Final = re.compile(
    r"\d(?<!\d\d)(?:(?<=[0-3])\d)?(?:st|nd|rd|th)?[./\s-]\s?(?:\w{3,9}|[01]?\d)\.?,?[./\s-]\s?(?:19|20)?\d\d(?!\d)"
)
_ISO_DAY: Final = re.compile(r"(?:19|20)\d\d[-年]")
_MONTH_DAY: Final = re.compile(r"\w{3,9}\.? [0-3]?\d, (?:19|20)\d\d")


def _holds_clock(text: str) -> bool:
    return _CLOCK.search(text) is not None


def _holds_day(text: str) -> bool:
    return (
        _DAY.search(text) is not None
        or _ISO_DAY.search(text) is not None
        or ((", 19" in text or ", 20" in text) and _MONTH_DAY.search(text) is not None)
    )


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(_DIGITS.sub("0", t) for t in _WORD.findall(phrase.lower()))


class _Index:
    """The tables keyed by tuples of words, so that a block costs a few dictionary look-ups."""

    #: What is asked of a text where words do not tell.
    marked = staticmethod(_MARKED.search)

    def __init__(self) -> None:
        self.lines = self._flat(LINES)
        self.openers = self._flat(OPENERS)
        #: First words of both: a line that begins with none of them is neither.
        self.opening = {words[0] for words in (*self.lines, *self.openers)}
        self.starts: dict[tuple[str, ...], tuple[int, bool]] = {}
        for label, languages in STARTS.items():
            for phrases in languages.values():
                for phrase in phrases:
                    bound = label in COLON_NEEDED and phrase not in NO_COLON
                    self.starts.setdefault(_words(phrase)[:_LONGEST], (_CODES[label], bound))
        #: First words of `starts`: most blocks begin with none of them.
        self.first = {words[0] for words in self.starts if words}
        self.phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for label, languages in PHRASES.items():
            for phrases in languages.values():
                for phrase in phrases:
                    if words := _words(phrase):
                        self.phrases.setdefault(words[0], []).append((words, _CODES[label]))

    @staticmethod
    def _flat(table: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[tuple[str, ...], int]:
        found: dict[tuple[str, ...], int] = {}
        for label, languages in table.items():
            for phrases in languages.values():
                for phrase in phrases:
                    if words := _words(phrase):
                        found.setdefault(words, _CODES[label])
        return found

    @staticmethod
    def dated(tokens: list[str], text: str) -> tuple[tuple[str, ...], int]:
        """The words with their digits folded, and the code of the date form."""
        words = tuple(_DIGITS.sub("0", t) if t[0] <= "9" else t for t in tokens)
        return words, 2 * _holds_clock(text) + 4 * _holds_day(text)


@lru_cache(maxsize=1)
def _index() -> _Index:
    return _Index()


def _start(index: _Index, words: tuple[str, ...], text: str) -> int:
    if not words or words[0] not in index.first:
        return 0
    for size in range(min(_LONGEST, len(words)), 0, -1):
        if found := index.starts.get(words[:size]):
            code, bound = found
            if not bound or len(words) == size or index.marked(text[: 12 * size + 20]):
                return code
    return 0


def _phrase(index: _Index, words: tuple[str, ...]) -> int:
    if index.phrases.keys().isdisjoint(words):
        return 0
    for at, word in enumerate(words):
        for phrase, code in index.phrases.get(word, ()):
            if words[at : at + len(phrase)] == phrase:
                return code
    return 0


def codes(texts: Sequence[str], lex: Lexical) -> Ints:
    """Cue codes of the blocks, one row each: whole line, opener, start, phrase, date form."""
    return _coded(texts, lex.tokens, _index())


@compiled
def _coded(texts: Sequence[str], lines: list[list[str]], index: _Index) -> Ints:
    """The rows of `codes`, shape (blocks, 5)."""
    rows = []
    for text, tokens in zip(texts, lines, strict=True):
        if len(tokens) > _SHORT_WORDS:
            rows.append((0, 0, _start(index, tuple(tokens[:_LONGEST]), text), 0, 0))
            continue
        words, date = tuple(tokens), 0
        if any(t[0] <= "9" for t in tokens):
            words, date = index.dated(tokens, text)
        rows.append(
            (index.lines.get(words, 0), index.openers.get(words, 0), _start(index, words, text),
             _phrase(index, words), date)
        )  # fmt: skip
    return np.array(rows, dtype=np.int64).reshape(len(texts), 5)


def _repeats(keys: Ints) -> Floats:
    """How many blocks of the page share this block's key (0 stands for none)."""
    return np.asarray(np.log(_times(keys)), dtype=np.float32)


@compiled
def _times(keys: Ints) -> Ints:
    """How often each key occurs; 1 for 0."""
    _, where, count = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(np.where(keys == 0, 1, count[where]), dtype=np.int64)


def cue_columns(found: Ints, lex: Lexical, prose: Floats) -> Columns:
    """Features from the cue codes, and from lines that begin or end alike (comments, lists of teasers)."""
    n = len(found)
    whole, opener, start, phrase, date = (found[:, i] for i in range(5))
    said = (whole > 0) | (opener > 0) | (start > 0) | (phrase > 0)
    at = np.arange(n)
    last = np.maximum.accumulate(np.where(opener > 0, at, -1))
    ruling = np.where(last >= 0, opener[np.maximum(last, 0)], 0)
    distance = np.where(last >= 0, np.minimum(at - last, 60), 60)
    # Prose since the ruling opener: a section of clutter ends where the text comes back.
    ahead = np.cumsum(prose) - prose
    below = np.where(last >= 0, ahead - ahead[np.maximum(last, 0)], 0)
    tail = _repeats(lex.keys[:, 4])
    head = _repeats(lex.keys[:, 2])
    short = lex.words <= 14
    tails = np.where(short, tail, 0).astype(np.float32)
    return {
        "cue whole": whole.astype(np.float32),
        "cue opener": opener.astype(np.float32),
        "cue start": start.astype(np.float32),
        "cue phrase": phrase.astype(np.float32),
        "date form": date.astype(np.float32),
        "cues within 2": window(said.astype(np.float32), 2),
        "cues within 6": window(said.astype(np.float32), 6),
        "ruling opener": ruling.astype(np.float32),
        "since opener": distance.astype(np.float32),
        "prose since opener": np.log1p(below).astype(np.float32),
        "since date": since(date > 1),
        "dates within 5": window((date > 1).astype(np.float32), 5),
        "repeated end": tail,
        "repeated beginning": head,
        "repeats within 4": window(tails, 4),
        "repeats ahead": np.log1p(np.cumsum(tails > 0.6) - (tails > 0.6)).astype(np.float32),
    }

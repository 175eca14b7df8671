"""What a block's own characters and words tell: counts by character class, words, keys into the lexicon.

One pass over the page's text as an array of code points; per block only what needs whole words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from pipelines.model.compiled import compiled
from pipelines.model.stopwords import STOPWORDS

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]

# Character classes. Their order is part of the trained models.
OTHER, LOWER, UPPER, CASELESS, CJK, DIGIT, SPACE, STOP, COMMA, QUOTE, BAR, COLON, BRACKET, DASH, SYMBOL = (
    range(15)
)
CLASSES: Final = 16

_MARKS: Final = {
    STOP: ".!?。！？؟।…․｡",
    COMMA: ",;、，；؛،､",
    QUOTE: "\"'“”„‚‘’«»‹›「」『』",
    BAR: "|/\\>•·▪■●►▶→←↓↑‣◦¦¬❯❮",
    COLON: ":：",
    BRACKET: "()[]{}（）【】",
    DASH: "-–—‐‑−―",
    SYMBOL: "@#%&*+=$€£¥©®™§°^~_<",
}
#: Ranges of scripts written without spaces: a character counts as a word, as scoring counts it.
_CJK: Final = (
    (0x0E00, 0x0E7F), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00,
    0x9FFF), (0xF900, 0xFAFF),
)  # fmt: skip

_WORD: Final = re.compile(r"\w+")
_DIGITS: Final = re.compile(r"\d")

#: Lexicon keys: places in a block from which a word or a short line is looked up, and how many buckets
#: there are.
SLOTS: Final = ("line", "first", "first two", "last", "last two")
BUCKETS: Final = 1 << 16
#: A block of at most so many words is looked up as a whole line, or word by word.
WHOLE_LINE: Final = 6
WORD_BY_WORD: Final = 14


@lru_cache(maxsize=1)
def _class_table() -> npt.NDArray[np.uint8]:
    """Class of each code point of the basic plane; the last entry stands for everything beyond."""
    table = np.zeros(0x10001, dtype=np.uint8)
    by_category = {
        "Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lo": CASELESS, "Lm": CASELESS, "Mn": CASELESS,
        "Mc": CASELESS, "Nd": DIGIT, "Zs": SPACE, "Cc": SPACE, "Sc": SYMBOL, "Sm": SYMBOL, "So": SYMBOL,
    }  # fmt: skip
    for code in range(0x10000):
        table[code] = by_category.get(unicodedata.category(chr(code)), OTHER)
    for start, end in _CJK:
        letters = table[start : end + 1]
        letters[letters == CASELESS] = CJK
    for kind, marks in _MARKS.items():
        for mark in marks:
            table[ord(mark)] = kind
    table[0x10000] = SYMBOL
    return table


class Lexical(msgspec.Struct, frozen=True, kw_only=True):
    """What one page's blocks say by themselves, as arrays over the blocks.

    `counts[i, c]`: characters of class c. `words` counts a CJK character as half a word. `keys[i, s]` is
    the lexicon bucket of slot s, 0 for none. `grams` are the buckets of the words and pairs of short
    blocks, those of block i at `gram_starts[i]:gram_starts[i + 1]`. `tokens` are the lower-case words of
    each block (a long one's first 60).
    """

    counts: Floats
    words: Floats
    caps: Floats
    numbers: Floats
    glued: Floats
    sentences: Floats
    first: Ints
    last: Ints
    stops: Floats
    keys: Ints
    grams: Ints
    gram_starts: Ints
    tokens: list[list[str]]


@lru_cache(maxsize=1 << 16)
def bucket(key: str) -> int:
    """The lexicon's bucket of a key, 1..BUCKETS-1; the same on every machine."""
    return crc32(key.encode("utf-8", "surrogatepass")) % (BUCKETS - 1) + 1


def _folded(token: str) -> str:
    token = token[:24]
    return token if token.isalpha() else _DIGITS.sub("0", token)


def _keys(tokens: list[str]) -> tuple[list[int], list[int]]:
    """Slots and grams of one block. Digits are folded: a year or a counter is one word."""
    if not tokens:
        return [0] * len(SLOTS), []
    size = len(tokens)
    if size > WORD_BY_WORD:
        a, b, y, z = map(_folded, tokens[:2] + tokens[-2:])
        return [0, bucket("^" + a), bucket(f"^{a} {b}"), bucket("$" + z), bucket(f"${y} {z}")], []
    words = [_folded(t) for t in tokens]
    a, b, y, z = words[:2] + words[-2:] if size > 1 else words * 4
    slots = [0, bucket("^" + a), bucket(f"^{a} {b}"), bucket("$" + z), bucket(f"${y} {z}")]
    if size <= WHOLE_LINE:
        slots[0] = bucket("=" + " ".join(words))
    grams = [bucket(t) for t in words]
    grams += [bucket(f"{s} {t}") for s, t in pairwise(words)]
    return slots, grams


def tokens_of(text: str) -> list[str]:
    """The lower-case words of a text, as `Lexical.tokens` holds them."""
    return _WORD.findall(text.lower())


def _per_block(which: Ints, size: int) -> Floats:
    return np.bincount(which, minlength=size)[:size].astype(np.float32)


#: Characters of a block that are read for words, and of its end when it is longer.
_HEAD, _TAIL = 480, 48


@compiled
def _counted(texts: Sequence[str], table: npt.NDArray[np.uint8]) -> tuple[Any, ...]:
    """By block: characters by class; words, capitalised, numbers, glued, sentences; first and last class."""
    n = len(texts)
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = table[np.minimum(codes, 0x10000)].astype(np.int64)
    lengths = np.fromiter((len(t) + 1 for t in texts), dtype=np.int64, count=n)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    owner = np.repeat(np.arange(n), lengths)
    counts = np.bincount(owner * CLASSES + kinds, minlength=n * CLASSES).reshape(n, CLASSES)
    before = np.empty_like(kinds)
    before[0], before[1:] = SPACE, kinds[:-1]
    wordy = (kinds >= LOWER) & (kinds <= DIGIT) & (kinds != CJK)
    was_wordy = (before >= LOWER) & (before <= DIGIT) & (before != CJK)
    begins = np.flatnonzero(wordy & ~was_wordy)
    word_owner, word_kind = owner[begins], kinds[begins]
    closing = np.flatnonzero((before == STOP) & (kinds == SPACE))
    # The last telling character: quotes and brackets that close a sentence are looked through.
    at = np.maximum(ends - 2, starts)
    last = kinds[at]
    inner = kinds[np.maximum(at - 1, starts)]
    last = np.where(((last == QUOTE) | (last == BRACKET)) & (inner == STOP), STOP, last)
    counted = counts.astype(np.float32)
    return (
        counted,
        _per_block(word_owner, n) + counted[:, CJK] * np.float32(0.5),
        _per_block(word_owner[word_kind == UPPER], n),
        _per_block(word_owner[word_kind == DIGIT], n),
        _per_block(owner[(before == LOWER) & (kinds == UPPER)], n),
        _per_block(owner[closing - 1], n) if len(closing) else np.zeros(n, dtype=np.float32),
        kinds[starts],
        last,
    )


@compiled
def _worded(texts: Sequence[str], stopwords: frozenset[str]) -> tuple[Any, ...]:
    """By block: share of function words; keys; grams and where they start; words."""
    n = len(texts)
    tokens: list[list[str]] = []
    keys, grams, gram_starts = [], [], [0]
    stops = np.zeros(n, dtype=np.float32)
    for i, text in enumerate(texts):
        found = _WORD.findall(text[:_HEAD].lower())
        slots, own = _keys(found)
        tokens.append(found)
        keys.append(slots)
        grams.extend(own)
        gram_starts.append(len(grams))
        if found:
            stops[i] = sum(map(stopwords.__contains__, found)) / len(found)
        if len(text) > _HEAD and slots[3]:
            tail = _WORD.findall(text[-_TAIL:].lower())[-2:]
            if len(tail) == 2:
                y, z = (_DIGITS.sub("0", t[:24]) for t in tail)
                slots[3], slots[4] = bucket("$" + z), bucket(f"${y} {z}")
    return (
        stops,
        np.array(keys, dtype=np.int64).reshape(n, len(SLOTS)),
        np.array(grams, dtype=np.int64),
        np.array(gram_starts, dtype=np.int64),
        tokens,
    )


def lexical(texts: Sequence[str]) -> Lexical:
    """Measure the blocks of a page. Any text is accepted, lone surrogates and NULs included."""
    counts, words, caps, numbers, glued, sentences, first, last = _counted(texts, _class_table())
    stops, keys, grams, gram_starts, tokens = _worded(texts, STOPWORDS)
    return Lexical(
        counts=counts,
        words=words,
        caps=caps,
        numbers=numbers,
        glued=glued,
        sentences=sentences,
        first=first,
        last=last,
        stops=stops,
        keys=keys,
        grams=grams,
        gram_starts=gram_starts,
        tokens=tokens,
    )

"""What changed between two texts, in paragraphs and words, in bounded time. Pure; the standard library only.

Paragraphs are compared first, then the words inside those that changed, both with Myers' algorithm ('An O(ND)
difference algorithm and its variations', 1986). Its cost is the product of the texts' length and of what
differs, so each comparison has a budget of steps; one that is out of it tells its stretch as replaced, whole.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

#: Steps for one comparison of two texts: 250,000 are some 0.2 s; two versions of an article take hundreds.
STEPS = 250_000
#: Words between two changes that are told as changed with them, where they are fewer than both: a shared
#: ‘the’ between two other sentences is no likeness.
_STRAY_WORDS = 2
#: Paragraphs that share less than this of their words are told one after the other, whole.
_LIKE = 0.3
#: Words before and after a change in an excerpt.
_AROUND = 6

#: A word with what follows it, or one character of a script without spaces.
_TOKEN = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|[^\s"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[ \t]+"
)
_BREAK = "\n"

SAME, GONE, NEW = "=", "-", "+"


class Piece(NamedTuple):
    """A run of text: `=` in both, `-` taken out, `+` put in."""

    sign: str
    text: str


class Stretch(NamedTuple):
    """Paragraphs that are the same in both texts, or that changed; each is a list of pieces."""

    same: bool
    paragraphs: list[list[Piece]]


def stretches(before: str, after: str, steps: int = STEPS) -> list[Stretch]:
    """The two texts as one, in stretches that are the same and such that changed."""
    old, new = (_paragraphs(text) for text in (before, after))
    budget = _Budget(steps)
    found: list[Stretch] = []
    for same, a, b in _chunks(_matches(old, new, budget), old, new):
        if same:
            found.append(Stretch(True, [[Piece(SAME, text)] for text in a]))
        else:
            found.append(Stretch(False, _changed(a, b, budget)))
    return found


def pieces(before: str, after: str, steps: int = STEPS) -> list[Piece]:
    """The two as one line of pieces: for headlines."""
    return _words(_tokens(" ".join(before.split())), _tokens(" ".join(after.split())), _Budget(steps))


def excerpt(before: str, after: str, limit: int = 320) -> list[Piece]:
    """The first changes with a few words around them, about `limit` characters; `…` for what is left out."""
    found: list[Piece] = []
    left = limit
    for stretch in stretches(before, after):
        for paragraph in [] if stretch.same else stretch.paragraphs:
            for piece in _near_changes(paragraph):
                text = _short(piece.text, max(left, 40))
                found.append(Piece(piece.sign, text))
                left -= len(text)
                if left <= 0:
                    return [*found, Piece(SAME, " …")]
            found.append(Piece(SAME, " … "))
    return found[:-1]


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


class _Budget:
    """Steps that are left."""

    def __init__(self, steps: int) -> None:
        self.left = steps


def _matches(a: Sequence[Hashable], b: Sequence[Hashable], budget: _Budget) -> list[tuple[int, int]]:
    """Pairs of places that hold the same, in order; only the common ends where the budget does not reach."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    head = [(n, n) for n in range(start)]
    tail = [(len(a) - n, len(b) - n) for n in range(end, 0, -1)]
    inner = _myers(a[start : len(a) - end], b[start : len(b) - end], budget)
    return head + [(x + start, y + start) for x, y in inner] + tail


def _myers(a: Sequence[Hashable], b: Sequence[Hashable], budget: _Budget) -> list[tuple[int, int]]:
    """The longest common subsequence as pairs of places (the greedy algorithm); [] if it takes too long."""
    if not a or not b or not set(a) & set(b):
        return []
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(len(a) + len(b) + 1):
        budget.left -= edits + 1
        if budget.left < 0:
            return []
        trace.append(dict(furthest))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            y = x - k
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
                budget.left -= 1
            furthest[k] = x
            if x >= len(a) and y >= len(b):
                return _walked_back(trace, len(a), len(b))
    return []


def _walked_back(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        furthest, k = trace[edits], x - y
        down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
        before_k = k + 1 if down else k - 1
        before_x = furthest[before_k]
        before_y = before_x - before_k
        while x > before_x and y > before_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = before_x, before_y
    return found[::-1]


def _chunks(
    matches: list[tuple[int, int]], a: Sequence[str], b: Sequence[str]
) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Runs that are the same and runs that are not, in order."""
    x = y = 0
    same: list[str] = []
    for i, j in [*matches, (len(a), len(b))]:
        if (i, j) != (x, y):
            if same:
                yield True, same, same
                same = []
            yield False, list(a[x:i]), list(b[y:j])
        if i < len(a) and j < len(b):
            same.append(a[i])
        x, y = i + 1, j + 1
    if same:
        yield True, same, same


def _changed(a: list[str], b: list[str], budget: _Budget) -> list[list[Piece]]:
    """Changed paragraphs, with the words that are the same in both told as such."""
    old, new = (_with_breaks(paragraphs) for paragraphs in (a, b))
    found = _words(old, new, budget)
    shared = sum(len(piece.text) for piece in found if piece.sign == SAME)
    if shared < _LIKE * min(sum(map(len, old)), sum(map(len, new))):
        return [[Piece(GONE, text)] for text in a] + [[Piece(NEW, text)] for text in b]
    return _split(found)


def _with_breaks(paragraphs: list[str]) -> list[str]:
    tokens: list[str] = []
    for paragraph in paragraphs:
        tokens += [*_tokens(paragraph), _BREAK]
    return tokens[:-1]


def _split(found: list[Piece]) -> list[list[Piece]]:
    """Pieces as paragraphs: a break ends one, whichever text it stood in."""
    paragraphs: list[list[Piece]] = [[]]
    for sign, text in found:
        for rank, part in enumerate(text.split(_BREAK)):
            if rank:
                paragraphs.append([])
            if part:
                paragraphs[-1].append(Piece(sign, part))
    return [paragraph for paragraph in paragraphs if paragraph]


def _words(a: list[str], b: list[str], budget: _Budget) -> list[Piece]:
    runs: list[tuple[bool, list[str], list[str]]] = list(_chunks(_matches(a, b, budget), a, b))
    runs = _without_strays(runs)
    found: list[Piece] = []
    for same, old, new in runs:
        signs = ((SAME, old),) if same else ((GONE, old), (NEW, new))
        found += [Piece(sign, "".join(tokens)) for sign, tokens in signs if tokens]
    return found


_Run = tuple[bool, list[str], list[str]]


def _without_strays(runs: list[_Run]) -> list[_Run]:
    """A word or two between two larger changes belong to the change."""

    def is_stray(rank: int) -> bool:
        same, words, _ = runs[rank]
        if not same or rank in {0, len(runs) - 1} or _BREAK in words:
            return False
        count = sum(not word.isspace() for word in words)
        around = (runs[rank - 1], runs[rank + 1])
        return count <= _STRAY_WORDS and all(max(len(old), len(new)) >= 2 * count for _, old, new in around)

    kept = [(same and not is_stray(rank), old, new) for rank, (same, old, new) in enumerate(runs)]
    merged: list[_Run] = []
    for same, group in groupby(kept, key=lambda run: run[0]):
        together = list(group)
        merged.append(
            (same, [t for _, old, _ in together for t in old], [t for _, _, new in together for t in new])
        )
    return merged


def _near_changes(paragraph: list[Piece]) -> list[Piece]:
    """A changed paragraph without what stands far from its changes."""
    found: list[Piece] = []
    for rank, (sign, text) in enumerate(paragraph):
        if sign != SAME:
            found.append(Piece(sign, text))
            continue
        words = text.split(" ")
        first, last = rank == 0, rank == len(paragraph) - 1
        if first and len(words) > _AROUND + 1:
            text = "… " + " ".join(words[-_AROUND - 1 :])
        elif last and len(words) > _AROUND + 1:
            text = " ".join(words[: _AROUND + 1]) + " …"
        elif len(words) > 2 * _AROUND + 2:
            text = " ".join(words[: _AROUND + 1]) + " … " + " ".join(words[-_AROUND - 1 :])
        found.append(Piece(SAME, text))
    return found


def _short(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head, _, tail = text[:limit].rpartition(" ")
    return (head if head and len(tail) < 30 else text[:limit]) + "…"

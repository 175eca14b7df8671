"""Which blocks of a page are its article: alignment of the page's blocks to the gold text.

A block is kept when its words stand in the gold text as a contiguous run, at a place that fits the order of
the page. A longest common subsequence would scatter short tokens into menus; runs do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

CJK = "\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TOKEN = re.compile(f"[{CJK}]|[^\\W{CJK}]+")

#: Blocks of fewer words than this need their place confirmed by line ends or by neighbours.
SHORT = 6
#: A run of fewer words than this says nothing when a block matches only in part.
RUN = 4
#: Share of a block's words that must stand in the gold text when it matches only in part.
COVERED = 0.6
#: Places in the gold text tried for one block: a name can stand there a hundred times.
PLACES = 40


def words(text: str) -> list[str]:
    """The words that scoring counts: lower case, one CJK character a word."""
    return TOKEN.findall(text.lower())


def f1(predicted: Counter[str], gold: Counter[str]) -> float:
    """Word F1 of two multisets; 0 when they share nothing."""
    both = (predicted & gold).total()
    return 2 * both / (predicted.total() + gold.total()) if both else 0.0


@dataclass(frozen=True)
class Alignment:
    """Labels of a page's blocks against one gold text.

    `keep[i]` is 1 (in the article), 0 (not) or -1 (no words: cannot be told). `f1` is the score of the text
    made of the kept blocks: what no labelling of blocks can exceed by much.
    """

    keep: list[int]
    f1: float
    gold: str


class _Text:
    """Token sequences as strings, one character a distinct token: runs are found by `str.find`."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    def encode(self, tokens: Sequence[str]) -> str:
        codes = self.codes
        out = []
        for token in tokens:
            code = codes.get(token)
            if code is None:
                n = len(codes) + 1
                code = codes[token] = chr(n if n < 0xD800 else n + 0x800)  # no surrogates
            out.append(code)
        return "".join(out)


@dataclass(frozen=True, slots=True)
class _Place:
    block: int
    start: int
    end: int
    weight: float
    firm: bool


def _occurrences(needle: str, text: str) -> list[int]:
    found: list[int] = []
    at = text.find(needle)
    while at >= 0 and len(found) < PLACES:
        found.append(at)
        at = text.find(needle, at + 1)
    return found


def _partial(needle: str, text: str) -> tuple[int, int, int] | None:
    """(start, end, covered words) of a block that stands in the text with changes, or None."""
    i, covered, first, last = 0, 0, -1, -1
    while i + RUN <= len(needle):
        at = text.find(needle[i : i + RUN], max(last, 0))
        if at < 0:
            i += 1
            continue
        size = RUN
        while i + size < len(needle) and at + size < len(text) and needle[i + size] == text[at + size]:
            size += 1
        if first < 0:
            first = at
        last = at + size
        covered += size
        i += size
    if covered < COVERED * len(needle) or last - first > 3 * len(needle):
        return None
    return first, last, covered


def _places(blocks: list[str], gold: str, starts: set[int], ends: set[int]) -> list[_Place]:
    places = []
    for number, block in enumerate(blocks):
        size = len(block)
        if not size:
            continue
        at = _occurrences(block, gold)
        for start in at:
            fit = (start in starts) + (start + size in ends)
            firm = size >= SHORT or fit == 2
            places.append(
                _Place(number, start, start + size, size * (1 if size >= SHORT else 0.2 + 0.35 * fit), firm)
            )
        if not at and size >= 2 * RUN and (part := _partial(block, gold)):
            places.append(_Place(number, part[0], part[1], part[2] * 0.9, True))
    return places


def _chain(places: list[_Place], size: int) -> list[_Place]:
    """The heaviest sequence of places that goes forward in the page and in the gold text."""
    # A Fenwick tree over gold positions keeps the best chain that ends at or before each position.
    best: list[tuple[float, int]] = [(0.0, -1)] * (size + 2)
    ending: dict[int, tuple[float, int]] = {}
    back: list[int] = [-1] * len(places)
    value: list[float] = [0.0] * len(places)
    by_block: dict[int, list[int]] = {}
    for i, place in enumerate(places):
        by_block.setdefault(place.block, []).append(i)
    for members in by_block.values():
        for i in members:
            place = places[i]
            top, at = (0.0, -1), place.start + 1
            while at > 0:
                top = max(top, best[at])
                at -= at & -at
            joined = ending.get(place.start, (-1.0, -1))
            if joined[0] + 1.0 > top[0]:
                top = (joined[0] + 1.0, joined[1])
            value[i], back[i] = top[0] + place.weight, top[1]
        for i in members:
            place, entry = places[i], (value[i], i)
            at = place.end + 1
            while at < len(best):
                best[at] = max(best[at], entry)
                at += at & -at
            ending[place.end] = max(ending.get(place.end, entry), entry)
    chain: list[_Place] = []
    at = max(range(len(places)), key=lambda i: (value[i], i), default=-1)
    while at >= 0:
        chain.append(places[at])
        at = back[at]
    return chain[::-1]


def _confirmed(chain: list[_Place]) -> list[_Place]:
    """The chain without short blocks that neither line ends nor both neighbours confirm."""
    kept = []
    for i, place in enumerate(chain):
        before = i > 0 and chain[i - 1].end == place.start
        after = i + 1 < len(chain) and chain[i + 1].start == place.end
        if place.firm or (before and after) or (place.end - place.start >= 3 and (before or after)):
            kept.append(place)
    return kept


def _uncovered(place: _Place, covered: bytearray) -> bool:
    inside = covered[place.start : place.end]
    return sum(inside) <= 0.2 * len(inside)


def align(texts: Sequence[str], gold: str) -> Alignment:
    """Labels for the blocks `texts` of one page against one gold text."""
    coder = _Text()
    tokens = [words(t) for t in texts]
    lines = [words(line) for line in gold.split("\n")]
    gold_tokens = [t for line in lines for t in line]
    gold_code = coder.encode(gold_tokens)
    blocks = [coder.encode(t) for t in tokens]
    starts, ends, at = set(), set(), 0
    for line in lines:
        if line:
            starts.add(at)
            at += len(line)
            ends.add(at)
    places = _places(blocks, gold_code, starts, ends)
    chain = _confirmed(_chain(places, len(gold_code)))
    covered = bytearray(len(gold_code))
    chosen = set()
    for place in chain:
        chosen.add(place.block)
        covered[place.start : place.end] = b"\1" * (place.end - place.start)
    # What the page shows in another order than the gold: firm places in stretches nobody claimed.
    for place in sorted(places, key=lambda p: (-(p.end - p.start), -p.block)):
        size = place.end - place.start
        if place.block not in chosen and place.firm and size >= 3 and _uncovered(place, covered):
            chosen.add(place.block)
            covered[place.start : place.end] = b"\1" * size
    keep = [-1 if not t else int(i in chosen) for i, t in enumerate(tokens)]
    bag: Counter[str] = Counter()
    for i in chosen:
        bag.update(tokens[i])
    return Alignment(keep, f1(bag, Counter(gold_tokens)), gold)


def align_best(texts: Sequence[str], golds: Sequence[str]) -> Alignment:
    """The alignment to the accepted gold text that fits best; of equals the longer."""
    done = [align(texts, gold) for gold in golds]
    return max(done, key=lambda a: (round(a.f1, 3), len(a.gold)))

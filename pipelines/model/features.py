"""Features of a page's blocks, vectorised: what each says, where it stands, what stands around it.

One design, two inputs: a dump's lines and an HTML page's blocks share everything here; `markup` adds what
only HTML knows. Feature names are part of a trained model: it is loaded only if they agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from pipelines.model import lexical as lx
from pipelines.model.compiled import compiled
from pipelines.model.lexical import Floats, Ints, Lexical

Columns = dict[str, Floats]

#: A block of at least so many words, closed like a sentence, is running text beyond doubt.
PROSE: Final = 18
#: A word of fewer letters says nothing about a page's subject (CJK: pairs of characters are used instead).
CONTENT: Final = 4
#: On a page of more blocks nobody looks for one line inside another: that grows with the square of the page.
MANY: Final = 4_000


def shift(values: Floats, by: int, fill: float = 0.0) -> Floats:
    """`values` moved down the page by `by` blocks: `shift(x, 1)[i] == x[i - 1]`."""
    out = np.full_like(values, fill)
    if by > 0:
        out[by:] = values[:-by]
    elif by < 0:
        out[:by] = values[-by:]
    return out


@compiled
def window(values: Floats, reach: int) -> Floats:
    """Mean of `values` over the blocks from `reach` before to `reach` after."""
    n = len(values)
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    at = np.arange(n)
    low, high = np.maximum(at - reach, 0), np.minimum(at + reach + 1, n)
    return np.asarray((total[high] - total[low]) / (high - low), dtype=np.float32)


@compiled
def since(mark: np.ndarray) -> Floats:
    """Blocks since the last marked one before each block (at most 50, which also says: none)."""
    n = len(mark)
    at = np.where(mark, np.arange(n), -1000)
    last = np.concatenate(([-1000], np.maximum.accumulate(at)[:-1]))
    return np.minimum(np.arange(n) - last, 50).astype(np.float32)


def until(mark: np.ndarray) -> Floats:
    """Blocks until the next marked one after each block (at most 50)."""
    return since(mark[::-1])[::-1].copy()


@compiled
def densest(score: Floats) -> tuple[int, int]:
    """First and last block of the contiguous stretch with the greatest total score."""
    total = np.cumsum(score, dtype=np.float64)
    low = np.minimum.accumulate(np.concatenate(([0.0], total[:-1])))
    end = int(np.argmax(total - low))
    prefix = np.concatenate(([0.0], total[:end]))
    start = len(prefix) - 1 - int(np.argmin(prefix[::-1]))
    return start, end


def own(lex: Lexical) -> Columns:
    """What each block says by itself."""
    c, words = lex.counts, np.maximum(lex.words, 1)
    chars = np.maximum(c.sum(axis=1) - 1, 1)
    letters = np.maximum(c[:, lx.LOWER] + c[:, lx.UPPER] + c[:, lx.CASELESS] + c[:, lx.CJK], 1)
    return {
        "chars": np.log1p(chars),
        "words": np.log1p(lex.words),
        "word length": np.minimum(letters / words, 20),
        "capitalised": lex.caps / words,
        "upper case": c[:, lx.UPPER] / letters,
        "caseless": (c[:, lx.CASELESS] + c[:, lx.CJK]) / letters,
        "digits": c[:, lx.DIGIT] / chars,
        "numbers": lex.numbers / words,
        "commas": c[:, lx.COMMA] / words,
        "stops": c[:, lx.STOP] / words,
        "quotes": np.log1p(c[:, lx.QUOTE]),
        "bars": np.log1p(c[:, lx.BAR]),
        "colons": np.log1p(c[:, lx.COLON]),
        "brackets": np.log1p(c[:, lx.BRACKET]),
        "dashes": np.log1p(c[:, lx.DASH]),
        "symbols": np.log1p(c[:, lx.SYMBOL]),
        "symbol share": c[:, lx.SYMBOL] / chars,
        "glued words": np.log1p(lex.glued),
        "sentences": np.log1p(lex.sentences),
        "first": lex.first.astype(np.float32),
        "last": lex.last.astype(np.float32),
        "function words": lex.stops,
    }


def looked_up(lex: Lexical, table: Floats) -> Columns:
    """What the lexicon says of each block's beginning, end, whole line and words."""
    slots = table[lex.keys]
    n = len(slots)
    sizes = np.diff(lex.gram_starts)
    low, high, mean = (np.zeros(n, dtype=np.float32) for _ in range(3))
    have = np.flatnonzero(sizes)
    if len(have):
        values = table[lex.grams]
        at = lex.gram_starts[:-1][have]
        low[have] = np.minimum.reduceat(values, at)
        high[have] = np.maximum.reduceat(values, at)
        mean[have] = np.add.reduceat(values, at) / sizes[have]
    columns = {f"lexicon {name}": slots[:, i] for i, name in enumerate(lx.SLOTS)}
    return columns | {"lexicon lowest": low, "lexicon highest": high, "lexicon mean": mean}


def prose_score(lex: Lexical) -> Floats:
    """How much running text each block holds, in words; 0 for what is no sentence."""
    closed = (lex.last == lx.STOP) | (lex.last == lx.QUOTE) | (lex.last == lx.COLON)
    foreign = lex.counts[:, lx.CASELESS] + lex.counts[:, lx.CJK] > 5
    fluent = np.clip((lex.stops - 0.1) / 0.2, 0, 1)
    fluent = np.where(foreign, np.maximum(fluent, 0.7), fluent)
    commas = lex.counts[:, lx.COMMA] + lex.sentences > 0
    size = np.minimum(lex.words, 150)
    shape = np.where(closed, 1.0, 0.3) * np.where(commas | closed, 1.0, 0.5)
    return np.asarray(size * fluent * shape, dtype=np.float32)


#: Columns of `around`, in the order of `_placed`; of the first and the last two logarithms are taken yet.
_LOGS: Final = ("from top", "from end", "prose ahead words", "prose behind words")
_PLACED: Final = (
    *_LOGS, "place", "prose ahead", "since prose", "until prose", "centre",
    *(f"{name} within {reach}" for reach in (2, 5, 12) for name in ("prose", "words", "hint")),
    "dense start", "dense end", "denser start", "denser end",
    *(
        f"{name} {abs(step)} {'before' if step < 0 else 'after'}"
        for step in (-3, -2, -1, 1, 2, 3)
        for name in ("words", "hint", "prose", "closed", "function words")[: 5 if abs(step) < 3 else 2]
    ),
    "since clutter", "until clutter", "worst above", "since short", "until short", "clutter ahead",
    "clutter behind",
)  # fmt: skip


def around(lex: Lexical, prose: Floats, hint: Floats) -> Columns:
    """Where a block stands in the page, and what its neighbours are.

    `hint` is a rough word on each block (the lexicon's lowest), negative for clutter.
    """
    n = len(prose)
    total = float(prose.sum()) + 1.0
    middle = float((np.arange(n, dtype=np.float32) * prose).sum()) / total
    closed = (lex.last == lx.STOP).astype(np.float32)
    placed = _placed(prose, hint, lex.words, np.log1p(lex.words), lex.stops, closed, total, middle)
    placed[: len(_LOGS)] = np.log1p(placed[: len(_LOGS)])
    columns = dict(zip(_PLACED, placed, strict=True))
    for name in ("clutter ahead", "clutter behind"):
        columns[name] = np.log1p(columns[name].astype(np.float64)).astype(np.float32)
    columns["prose"] = prose
    columns["blocks"] = np.full(n, np.log1p(n), dtype=np.float32)
    columns["prose of page"] = np.full(n, np.log1p(total), dtype=np.float32)
    columns["prose share of page"] = np.full(n, total / (float(lex.words.sum()) + 1.0), dtype=np.float32)
    return columns


@compiled
def _placed(
    prose: Floats, hint: Floats, words: Floats, size: Floats, stops: Floats, closed: Floats, total: float,
    middle: float,
) -> Floats:  # fmt: skip
    """The columns of `_PLACED`, shape (columns, blocks)."""
    n = len(prose)
    at = np.arange(n, dtype=np.float32)
    ahead = np.cumsum(prose) - prose
    firm = prose >= PROSE
    bad = hint < -1.2
    short = words <= 12
    behind = np.maximum(total - 1 - ahead - prose, 0)
    columns = [at, n - 1 - at, ahead, behind, at / max(n - 1, 1), ahead / total, since(firm), until(firm),
               (at - middle) / max(n, 1)]  # fmt: skip
    for reach in (2, 5, 12):
        columns += [window(values, reach) for values in (np.minimum(prose, 60), size, hint)]
    for cost in (8.0, 25.0):
        columns += [np.clip(at - edge, -40, 40) for edge in densest(np.minimum(prose, 80) - cost)]
    for step in (-3, -2, -1, 1, 2, 3):
        columns += [shift(size, -step, -1.0), shift(hint, -step)]
        if abs(step) < 3:
            columns += [shift(values, -step, -1.0) for values in (prose, closed, stops)]
    # The worst short line since the last sure paragraph: a section's title rules what follows it.
    worst = _running_low(np.where(short, hint, 0.0).astype(np.float32), np.cumsum(firm))
    columns += [since(bad), until(bad), worst, since(short), until(short)]
    columns += [np.cumsum(bad) - bad, bad.sum() - np.cumsum(bad)]
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns])


@compiled
def _running_low(values: Floats, section: np.ndarray) -> Floats:
    """Lowest value before each block within its section (sections ascend)."""
    out = np.zeros_like(values)
    low, current = 0.0, -1
    for i, (value, where) in enumerate(zip(values.tolist(), section.tolist(), strict=True)):
        if where != current:
            low, current = 0.0, where
        out[i] = low
        low = min(low, value)
    return out


def gaps_of(gaps: Ints) -> Columns:
    """Blank lines of a dump: they hold blocks together and apart."""
    n = len(gaps)
    after = np.concatenate((gaps[1:], [3]))
    fresh = gaps > 0
    fresh[:1] = True
    group = np.cumsum(fresh) - 1
    sizes = np.bincount(group, minlength=1)
    first = np.flatnonzero(fresh)
    return {
        "gap before": np.minimum(gaps, 4).astype(np.float32),
        "gap after": np.minimum(after, 4).astype(np.float32),
        "in group": np.minimum(np.arange(n) - first[group], 20).astype(np.float32),
        "group": np.minimum(sizes[group], 30).astype(np.float32),
        "blank share": np.full(n, float((gaps > 0).mean()) if n else 0.0, dtype=np.float32),
    }


def _content(tokens: list[str]) -> list[str]:
    found = [t for t in tokens if len(t) >= CONTENT and not t.isdigit()]
    if tokens and len(tokens[0]) > 12 and ord(tokens[0][0]) > 0x2E80:
        text = "".join(tokens)
        return [text[i : i + 2] for i in range(min(len(text) - 1, 60))]
    return found


@compiled
def _related(tokens: list[list[str]], firm: list[bool]) -> tuple[Floats, ...]:
    """By block: words shared with prose, how many tell; said before, after; part of a line before, after."""
    n = len(tokens)
    content = [_content(t[:40]) for t in tokens]
    core: Counter[str] = Counter()
    for words, sure in zip(content, firm, strict=True):
        if sure:
            core.update(set(words))
    known = set(core)
    others = {w for w, times in core.items() if times > 1}  # a paragraph's own words are no news to it
    shared, rare = [0.0] * n, [0.0] * n
    for i, words in enumerate(content):
        if words:
            shared[i] = sum(map((others if firm[i] else known).__contains__, words)) / len(words)
            rare[i] = min(len(words), 20)
    lines = [" ".join(t) for t in tokens]
    seen: Counter[str] = Counter()
    total = Counter(lines)
    ahead, behind, inside_before, inside_after = ([0.0] * n for _ in range(4))
    whole = "\n".join(lines)
    held: Counter[str] = Counter()
    for words in tokens:
        held.update(words)
    single = {word for word, times in held.items() if times == 1}
    at = 0
    for i, line in enumerate(lines):
        ahead[i], behind[i] = min(seen[line], 5), min(total[line] - seen[line] - 1, 5)
        seen[line] += 1
        size = len(tokens[i])
        # What stands inside another line shares all its words with it, but for parts of the first and last.
        if n <= MANY and (2 < size <= 40 or len(line) > 16) and single.isdisjoint(tokens[i][1:-1]):
            inside_before[i] = whole.find(line, 0, at) >= 0
            inside_after[i] = whole.find(line, at + len(line)) >= 0
        at += len(line) + 1
    found = shared, rare, ahead, behind, inside_before, inside_after
    return tuple(np.array(values, dtype=np.float32) for values in found)


def relations(texts: Sequence[str], lex: Lexical, prose: Floats) -> Columns:
    """How a block's words relate to the page's running text, and whether it is said twice."""
    shared, rare, ahead, behind, before, after = _related(lex.tokens, (prose >= PROSE).tolist())
    return {
        "shared words": shared,
        "content words": rare,
        "same ahead": ahead,
        "same behind": behind,
        "inside ahead": before,
        "inside behind": after,
    }


_SLUG_END: Final = re.compile(r"[?#].*$")


def slug_words(url: str) -> frozenset[str]:
    """The words of a URL's last telling path segment: most sites spell the headline there."""
    parts = _SLUG_END.sub("", url).split("/")[3:]
    best = max((re.findall(r"[^\W\d_]{3,}", p.lower()) for p in parts), key=len, default=[])
    return frozenset(best) if len(best) >= 3 else frozenset()


def overlap(lex: Lexical, wanted: frozenset[str], name: str) -> Columns:
    """How much of `wanted` (words of a headline or slug) each block holds; what share of the block it is."""
    held, share = _overlapping(lex.tokens, wanted)
    return {f"{name} held": held, f"{name} share": share}


@compiled
def _overlapping(lines: list[list[str]], wanted: frozenset[str]) -> Floats:
    """The columns of `overlap`, shape (2, blocks): -1 where there is nothing to hold."""
    found = np.full((2, len(lines)), -1, dtype=np.float32)
    for i, tokens in enumerate(lines if wanted else ()):
        if tokens:
            held = np.float32(len(wanted.intersection(tokens[:30])))
            found[0, i] = held / np.float32(len(wanted))
            found[1, i] = held / np.float32(min(len(tokens), 30))
    return found

"""A page put together again from what is stored of it: its kept blocks between the cut ones. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby, pairwise
from math import gcd

from .asking import Row

FENCE = "```"


def in_page_order(
    cut: Sequence[Row], kept: Sequence[str], positions: Sequence[int] | None = None
) -> list[tuple[Row | None, str]]:
    """Put the kept blocks back between the cut ones: pairs of (cut block or None, kept text or "").

    `positions` are those of the kept blocks. Without them the kept ones fill the gaps that the cut ones
    leave, in order. Positions in a dump are line numbers, and dumps leave every other line blank: the
    gaps are counted in the greatest common step of the positions known.
    """
    if positions is not None and len(positions) == len(kept):
        both: list[tuple[int, Row | None, str]] = [(int(row["position"]), row, "") for row in cut]
        both += [(position, None, text) for position, text in zip(positions, kept, strict=True)]
        return [(row, text) for _, row, text in sorted(both, key=lambda entry: entry[0])]
    known = [int(row["position"]) for row in cut]
    step = gcd(*(later - earlier for earlier, later in pairwise(known))) or 1
    ordered: list[tuple[Row | None, str]] = []
    waiting = list(reversed(kept))
    before = (known[0] % step or step) - step if known else 0
    for row, position in zip(cut, known, strict=True):
        for _ in range(min((position - before) // step - 1, len(waiting))):
            ordered.append((None, waiting.pop()))
        ordered.append((row, ""))
        before = position
    return ordered + [(None, text) for text in reversed(waiting)]


def kept_places(version: Row | None) -> list[int] | None:
    """Where each kept line of a version stood in the page, a place for each line of text that is not blank.

    The lines of one block have one place. None from an archive that does not store it.
    """
    try:
        found = json.loads((version or {}).get("kept_positions") or "null")
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, list) and all(type(place) is int for place in found) else None


def one_place_each(places: Sequence[int] | None, most: int) -> list[int] | None:
    """The places of the first `most` blocks out of those of their lines."""
    return None if places is None else [place for place, _ in groupby(places)][:most]


def kept_blocks(text: str, places: Sequence[int] | None = None) -> list[str]:
    """The kept blocks of a text, or of its beginning: a line each, but preformatted blocks have several.

    Without places, or with fewer of them than lines (an older pressmark stored them so), each line counts
    as a block.
    """
    lines = text.split("\n")
    said = [rank for rank, line in enumerate(lines) if line.strip()]
    if places is None or len(places) < len(said):
        return [lines[rank] for rank in said]
    blocks = []
    for _, group in groupby(zip(places, said, strict=False), key=lambda pair: pair[0]):
        ranks = [rank for _, rank in group]
        blocks.append("\n".join(lines[ranks[0] : ranks[-1] + 1]))
    return blocks


def kept_as_markdown(blocks: Sequence[str], markdown: str) -> list[str]:
    """The same blocks as Markdown, where that has as many; else as they are, lines of one block fenced."""
    found: list[str] = []
    fenced: list[str] = []
    for line in markdown.split("\n"):
        if line == FENCE or fenced:
            fenced.append(line)
            if line == FENCE and len(fenced) > 1:
                found.append("\n".join(fenced))
                fenced = []
        elif line.strip():
            found.append(line)
    if len(found) == len(blocks) and not fenced:
        return found
    return [f"{FENCE}\n{block}\n{FENCE}" if "\n" in block else block for block in blocks]

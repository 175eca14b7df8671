"""What the text says twice: a standfirst, the headline amid the text, a pull quote."""

from __future__ import annotations

import re

from pipelines.blocks import Verdict
from pipelines.rules.page import Page

#: A repetition counts as the standfirst's when it stands within so many lines of text from the start.
_STANDFIRST_LINES = 3


def mark_repeats(page: Page) -> None:
    """A standfirst that the text repeats word for word is kept once, at its later place.

    Further down, articles repeat themselves on purpose (steps, refrains), but not in neighbouring lines.
    """
    seen: dict[str, int] = {}
    rank = 0
    for at in range(min(page.start, page.headline or page.start), page.stop):
        shape = page.shapes[at]
        if not _repeatable(page, at):
            continue
        rank += 1
        before = seen.get(shape.fold)
        if before is not None and (rank <= 2 * _STANDFIRST_LINES + 1 or at - before <= 2):
            page.verdicts[before] = Verdict("duplicate", "said again, word for word, below", 0.9)
        if rank <= _STANDFIRST_LINES or shape.prose >= 2:
            seen[shape.fold] = at
    _amid_text(page)
    _pull_quotes(page)


def _repeatable(page: Page, at: int) -> bool:
    shape = page.shapes[at]
    text = shape.words >= 6 and (shape.prose > 0 or shape.words >= 12)
    return text and (page.open(at) or page.label_at(at) == "body")


def _amid_text(page: Page) -> None:
    """The headline repeated as a paragraph of its own between standfirst and text is a duplicate there."""
    for at in range(1, min(page.stop, len(page) - 1)):
        if page.label_at(at) != "headline" or at == page.headline or page.blocks[at].gap == 0:
            continue
        standfirst = page.running(at - 1) or page.label_at(at - 1) == "body"
        if standfirst and page.running(at + 1) and page.blocks[at + 1].gap:
            page.verdicts[at] = Verdict("duplicate", "repeats the headline amid the text", 0.8)


#: Words that must agree at a quote's start before the rest is compared, and a quote's longest length.
_SHINGLE = 5
_QUOTE_WORDS = 45

#: Pages of more lines are not searched for pull quotes: an index of a whole book is not worth its memory.
_SHINGLE_LINES = 5_000


def _pull_quotes(page: Page) -> None:
    """Short lines that stand word for word inside a longer line of the text."""
    if len(page) > _SHINGLE_LINES:
        return
    seen: dict[tuple[str, ...], list[int]] = {}
    for at in range(page.start, page.stop):
        words = page.shapes[at].fold.split()
        if page.open(at) and _SHINGLE <= len(words) <= _QUOTE_WORDS and not page.shapes[at].item:
            seen.setdefault(tuple(words[:_SHINGLE]), []).append(at)
    for at in range(page.start, page.stop) if seen else ():
        shape = page.shapes[at]
        words = shape.fold.split()
        if page.open(at) and len(words) > _SHINGLE and shape.prose >= 2:
            for begin in range(len(words) - _SHINGLE + 1):
                for quote in seen.get(tuple(words[begin : begin + _SHINGLE]), ()):
                    _yield_quote(page, quote, at)


def _yield_quote(page: Page, quote: int, at: int) -> None:
    inner, outer = page.shapes[quote].fold, page.shapes[at].fold
    if (
        quote == at
        or abs(quote - at) > 40
        or len(inner) + 20 >= len(outer)
        or f" {inner} " not in f" {outer} "
    ):
        return
    opening = page.shapes[quote].text.lstrip("\"“„«»'‘")[:20]
    if page.shapes[quote].quoted or re.search(rf"[\"“„«»]\s?{re.escape(opening)}", page.shapes[at].text):
        page.cut(quote, "duplicate", "a pull quote: stands in a paragraph of the text", 0.8)

"""The headline, its repetitions, and the breadcrumb that ends with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from pipelines.blocks import Verdict
from pipelines.rules.page import Page
from pipelines.shapes import fold


def find_headline(page: Page) -> None:
    """Set `page.headline` to the line that looks most like one, if any does well enough, and mark its kin."""
    known = fold(page.facts.headline or "")
    slug = _slug_words(page.facts.url)
    best, best_score = None, _HEADLINE_SCORE
    for rank, (at, above) in enumerate(_head_lines(page)):
        score = _headline_looks(page, at) + _headline_proof(page, at, known, slug)
        score -= min(rank * 0.4, 3.0) + 2.5 * above
        if score > best_score:
            best, best_score = at, score
    if best is None:
        return
    page.headline = best
    page.verdicts[best] = Verdict("headline", "the page's headline", min(0.99, 0.5 + best_score / 20))
    _mark_headline_kin(page, page.shapes[best].fold)


#: Least score of a headline: a page that begins with its text has none.
_HEADLINE_SCORE = 0.5
#: How many lines of running text may stand before the headline (teasers, a notice), and lines in all.
_HEAD_PROSE = 3
_HEAD_LINES = 400


def _head_lines(page: Page) -> Iterator[tuple[int, int]]:
    """Lines among which the headline is looked for, each with how many lines of running text stand above."""
    prose = short = 0
    for at in range(min(len(page), _HEAD_LINES)):
        shape = page.shapes[at]
        if page.running(at, 3):
            prose += 1
            if prose >= _HEAD_PROSE:
                return
        elif page.open(at) and 2 <= shape.words <= 45 and len(shape.text) <= 300 and not shape.bullet:
            yield at, prose + short
            short += page.running(at)


def _slug_words(url: str) -> frozenset[str]:
    """Words of the URL's path: most news systems put the headline there."""
    return (
        frozenset(word for word in re.findall(r"[^\W\d_]{3,}", unquote(urlsplit(url).path).casefold()))
        if url
        else frozenset()
    )


def _headline_looks(page: Page, at: int) -> float:
    """How much a line looks like a headline by itself and among its neighbours."""
    shape = page.shapes[at]
    sentence = shape.ends and shape.prose >= 2 and not shape.text.endswith(("?", "!", "...", "…", "？", "！"))
    twin = any(0 <= k < len(page) and page.shapes[k].fold == shape.fold for k in (at - 1, at + 1))
    marks = (
        (sentence, -5.0),
        (shape.words < 4, -2.0),
        (1 < page.counts[shape.fold] <= 4 and shape.words >= 4 and not twin, 2.0),  # twins are captions
        (twin and at > 0, -1.0),
        (bool(page.blocks[at].gap) or not at, 1.0),
    )
    return min(shape.words, 8) * 0.5 + sum(worth for mark, worth in marks if mark)


def _headline_proof(page: Page, at: int, known: str, slug: frozenset[str]) -> float:
    """What speaks for a line from elsewhere: the page's metadata, its address, its breadcrumb."""
    shape = page.shapes[at]
    score = 6.0 if _glued_before(page, at) else 0.0
    if known and shape.fold == known:
        score += 12
    elif known and shape.words >= 4 and (shape.fold in known or known in shape.fold):
        score += 6
    shared = len(slug.intersection(shape.fold.split()))
    return score + (8 * shared / max(len(slug), 4) if shared >= 2 else 0)


def _glued_before(page: Page, at: int) -> bool:
    """An earlier line that ends with this one: a breadcrumb glued to the headline."""
    text = page.shapes[at].text
    return len(text) > 12 and any(
        len(other.text) > len(text) and other.text.endswith(text)
        for other in page.shapes[max(0, at - 6) : at]
    )


def _mark_headline_kin(page: Page, headline: str) -> None:
    """The headline's repetitions, and lines that are it with the site's name or a breadcrumb glued on."""
    words = len(headline.split())
    for at, shape in enumerate(page.shapes):
        if at == page.headline:
            continue
        if shape.fold == headline:
            page.verdicts[at] = Verdict("headline", "repeats the headline", 0.95)
        elif words >= 4 and page.open(at) and shape.words <= words + 12 and len(shape.fold) > len(headline):
            if shape.fold.endswith(headline) or shape.text.endswith(page.shapes[page.headline or 0].text):
                page.cut(at, "nav", "a breadcrumb that ends with the headline", 0.9)
            elif shape.fold.startswith(headline) and shape.words <= words + 6:
                page.cut(at, "headline", "the headline with the site's name", 0.8)

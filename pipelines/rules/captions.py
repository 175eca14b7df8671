"""Captions: said twice in a row, credited, attached to one, or standing in a figure's group of lines."""

from __future__ import annotations

from pipelines.rules.page import Page
from pipelines.rules.persons import is_person


def find_captions(page: Page) -> None:
    """Cut the captions among the lines not judged yet, and the alt texts that go with them."""
    for at in range(len(page) - 1):
        _twin_captions(page, at)
    for at in range(len(page) - 1, 0, -1):
        if page.label_at(at) == "caption" and page.blocks[at].gap == 0:
            _attached_caption(page, at - 1)
    _figure_groups(page)
    for at, shape in enumerate(page.shapes):
        if page.open(at) and 4 <= shape.words <= 80 and _doubled(shape.fold):
            page.cut(at, "caption", "says the same twice in one line", 0.85)


def _twin_captions(page: Page, at: int) -> None:
    """A line and its twin right after it are alt text and caption."""
    first, second = page.shapes[at], page.shapes[at + 1]
    if not (page.open(at) or page.label_at(at) == "caption") or first.words < 2:
        return
    if page.label_at(at + 1) in {"headline", "nav", "share", "related", "ad"}:
        return
    if first.fold == second.fold and first.words <= 90:
        if is_person(first.text):
            return
        page.cut(at, "caption", "said twice in a row: alt text and caption", 0.9)
        page.cut(at + 1, "caption", "said twice in a row: alt text and caption", 0.9)
    elif (
        first.words >= 4
        and not first.quoted
        and second.words <= first.words + 25
        and second.fold.startswith(first.fold)
    ):
        page.cut(at, "caption", "the alt text of the caption below", 0.85)
        page.cut(at + 1, "caption", "repeats the alt text above it", 0.85)


#: A group of lines without blank lines that is longer than this is text broken by line ends, no figure.
_FIGURE_LINES = 6


def _attached_caption(page: Page, at: int) -> None:
    """A line with no blank line between it and a caption is the caption itself, or its alt text."""
    shape = page.shapes[at]
    if not page.open(at) or shape.words > 45 or shape.item or _group_size(page, at) > _FIGURE_LINES:
        return
    if shape.prose >= 2 and (page.blocks[at].gap == 0 or shape.words > 30):
        return
    page.cut(at, "caption", "stands directly above a picture's credit", 0.75)


def _group_size(page: Page, at: int) -> int:
    """Lines in the run without blank lines around `at`, counted to `_FIGURE_LINES` + 1 each way."""
    up = down = 0
    while up <= _FIGURE_LINES and at - up > 0 and page.blocks[at - up].gap == 0:
        up += 1
    while down <= _FIGURE_LINES and at + down + 1 < len(page) and page.blocks[at + down + 1].gap == 0:
        down += 1
    return up + down + 1


#: Share of paragraphs that stand alone between blank lines, from which groups of lines are no paragraphs.
_ALONE = 0.85
_ALONE_PARAGRAPHS = 5


def _figure_groups(page: Page) -> None:
    """Two to four short lines without blank lines between are a figure's, where paragraphs stand alone."""
    groups = _groups(page)
    prose = [group for group in groups if any(page.running(at, 3) for at in group)]
    if len(prose) < _ALONE_PARAGRAPHS or sum(len(group) == 1 for group in prose) < _ALONE * len(prose):
        return
    for group in groups:
        if 2 <= len(group) <= 4 and all(_figure_line(page, at) for at in group):
            for at in group:
                page.cut(at, "caption", "short lines in a group, where paragraphs stand alone", 0.65)


def _groups(page: Page) -> list[range]:
    begins = [at for at in range(len(page)) if at == 0 or page.blocks[at].gap]
    return [range(begin, end) for begin, end in zip(begins, [*begins[1:], len(page)], strict=False)]


def _figure_line(page: Page, at: int) -> bool:
    shape = page.shapes[at]
    if page.label_at(at) == "caption":
        return True
    return (
        page.open(at) and 2 <= shape.words <= 40 and not shape.item and not shape.colon and not shape.quoted
    )


def _doubled(folded: str) -> bool:
    half = (len(folded) - 1) // 2
    return len(folded) > 20 and len(folded) % 2 == 1 and folded[:half] == folded[half + 1 :]

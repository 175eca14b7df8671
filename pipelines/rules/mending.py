"""What the lines around it say of a line's shape: speech after a dash, paragraphs broken at a width."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.blocks import PageBlock
from pipelines.shapes import Shape

_DASH = re.compile(r"[-–—]\s")


def mend_dialogue(blocks: Sequence[PageBlock], shapes: Sequence[Shape]) -> None:
    """A dash before a lone paragraph marks speech (French, Nordic, Slavic papers), no list's item."""
    for at, shape in enumerate(shapes):
        if shape.bullet and _DASH.match(shape.text):
            above = at > 0 and not blocks[at].gap and _DASH.match(shapes[at - 1].text)
            below = at + 1 < len(shapes) and not blocks[at + 1].gap and _DASH.match(shapes[at + 1].text)
            shape.bullet = bool(above or below)


#: A hard-wrapped paragraph: at least so many lines without blank lines between, of at least so many words.
_WRAPPED_LINES = 3
_WRAPPED_WORDS = 6


def mend_wrapped(blocks: Sequence[PageBlock], shapes: Sequence[Shape]) -> None:
    """Lines of paragraphs broken at a fixed width count as running text.

    Told by lines that do not end a sentence and go on in lower case in the very next line.
    """
    begin = 0
    for at in range(1, len(shapes) + 1):
        if at < len(shapes) and _goes_on(blocks, shapes, at):
            continue
        if at - begin >= _WRAPPED_LINES:
            for shape in shapes[begin:at]:
                shape.prose = max(shape.prose, 2)
        begin = at


def _goes_on(blocks: Sequence[PageBlock], shapes: Sequence[Shape], at: int) -> bool:
    above, text = shapes[at - 1], shapes[at].text
    if blocks[at].gap or above.words < _WRAPPED_WORDS or len(above.text) > 110:
        return False
    return (not above.ends and not above.item and text[:1].islower()) or (
        above.prose >= 1 and above.ends and at > 1 and shapes[at].words >= _WRAPPED_WORDS and len(text) > 60
    )

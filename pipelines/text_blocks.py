"""A plain-text dump as blocks: its lines, numbered as an editor numbers them."""

from __future__ import annotations

import re

from pipelines.blocks import PageBlock
from pipelines.render import fold_line

_LINE_END = re.compile(r"\r\n?|\n")


def split_dump(text: str) -> list[PageBlock]:
    """Split a dump into one block a line that says something; `gap` tells the blank lines before it.

    `position` is the line's number from 1. Invisible characters and odd whitespace are gone from the blocks'
    text; a line that holds nothing else is blank. Linear in the text's length.
    """
    blocks: list[PageBlock] = []
    gap = 0
    for number, line in enumerate(_LINE_END.split(text), 1):
        folded = fold_line(line)
        if folded:
            blocks.append(PageBlock(position=number, text=folded, gap=gap))
            gap = 0
        else:
            gap += 1
    return blocks

"""The walk: a parsed HTML page → its text-bearing blocks in page order.

Every visible character of the page ends in exactly one block, and nothing is judged here but structure:
what a browser does not show, and the subtrees that HTML itself names as furniture (navigation, page
header and footer, dialogs, forms) come out as one block each with a label; all else is left to a labeller.

The walk reads selectolax's Lexbor tree by its sibling pointers, with a stack of its own: text nested
100,000 elements deep is found like any other. Measured on 171 news pages of 325 KB on average, ms of CPU
a page on two busy cores: Lexbor's parse 0.9 to 4 (its memory, fresh or used, makes the difference), the
bare walk by sibling pointers 0.4, all of this module 7; beside it lxml's parse alone 7.0, and 4.7 for
serialising the Lexbor tree and splitting it by a regular expression.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from pipelines.blocks import PageBlock
from pipelines.html_elements import INVISIBLE_TAGS
from pipelines.html_markdown import safe_link
from pipelines.html_parse import depth_of, parse
from pipelines.html_walk import Walk

__all__ = ["INVISIBLE_TAGS", "blocks_of", "depth_of", "parse", "safe_link", "walked"]


def blocks_of(tree: LexborHTMLParser, *, url: str = "") -> list[PageBlock]:
    """All blocks of the page in page order; `position` counts from 1.

    `url` is what relative links of a block's markdown are resolved against; without it they stay text.
    A block's path ends with its own element; inline elements that wrap the whole of it are added to that
    last name as `p.lead>span.byline`. Time and memory are linear in the page.
    """
    blocks, walk = walked(tree, url=url)
    walk.write(blocks, range(1, len(blocks) + 1))
    return blocks


def walked(tree: LexborHTMLParser, *, url: str = "") -> tuple[list[PageBlock], Walk]:
    """The same blocks without their Markdown, and the walk, which writes it for those that are kept."""
    walk = Walk(url)
    node = tree.head.first_child if tree.head is not None else None
    while node is not None:
        if node.tag == "base":
            walk.take_base(node)
        node = node.next
    root = tree.body or tree.root
    return ([] if root is None else walk.blocks_under(root)), walk

"""An independent reading of what a page shows: its text, node by node, without the code under test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.values import Block
from pipelines.render import clean_characters

#: What the HTML standard (15.3.1, 'Hidden elements') never shows, and what browsers show as a picture or not.
UNSEEN = frozenset(
    "area base basefont datalist head iframe link meta noembed noframes param script style svg template title frameset".split()  # noqa: E501, SIM905
)


def text_nodes(html: str) -> Iterator[str]:
    """The text nodes of the page's body that can be seen, or heard, in page order, without whitespace."""
    root = LexborHTMLParser(html).body
    waiting: list[LexborNode] = [] if root is None or root.first_child is None else [root.first_child]
    while waiting:
        node = waiting.pop()
        if node.next is not None:
            waiting.append(node.next)
        if node.tag == "-text":
            raw = node.text_content or ""
            if "<" in raw and node.parent is not None and node.parent.tag == "noscript":
                yield from text_nodes(raw)  # saved pages hold its markup as text
            elif text := squeezed(raw):
                yield text
        elif node.tag not in UNSEEN and node.first_child is not None:
            waiting.append(node.first_child)


def squeezed(text: str) -> str:
    """`text` in the characters that texts are kept in, without whitespace."""
    return "".join(clean_characters(text).split())


def lost(html: str, blocks: Iterable[Block]) -> list[str]:
    """What the page shows and no block holds: text nodes, or characters that stand there less often."""
    held = "\n".join(squeezed(block.text) for block in blocks)
    shown = list(text_nodes(html))
    nodes = [text for text in shown if text not in held]
    missing = Counter("".join(shown)) - Counter(held)
    return nodes or sorted(missing.elements())


#: Elements that stand on lines of their own.
LINES = frozenset(
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul".split()  # noqa: E501, SIM905
)


def dump_of(html: str) -> str:
    """The page as text corpora hold it: all that is seen, a line for each line on the screen."""
    parts: list[str] = []

    def read(node: LexborNode | None) -> None:
        while node is not None:
            if node.tag == "-text":
                parts.append(" ".join((node.text_content or "").split("\n")))
            elif node.tag not in UNSEEN:
                edge = "\n" if node.tag in LINES else " " if node.tag in ("td", "th") else ""
                parts.append(edge)
                read(node.first_child)
                parts.append(edge)
            node = node.next

    read(LexborHTMLParser(html).body)
    lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
    return "\n".join(line for line in lines if line) + "\n"

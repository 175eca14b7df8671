"""The one parse of an HTML page, guarded where a hostile page would take the parser minutes."""

# ruff: noqa: SIM905 - tables of names read better as words than as quoted lists

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: Tags longer than this are looked at before parsing; honest ones hold some dozen attributes.
_LONG_TAG, _MAX_ATTRIBUTES = 20_000, 2_000
_TAG_WITHOUT_END = re.compile(f"(<[a-zA-Z][^\\s<>/]{{0,40}})[^<>]{{{_LONG_TAG},}}")
#: Pages with more tags are looked through for depth (of 4,000 development pages 1 in 200, 30 ms each).
_MANY_TAGS, _MAX_DEPTH = 15_000, 1_000
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][^\s<>/]*)[^<>]*>")
#: Without content, ended by their next of kin, or holding text that is no markup: never left out.
_LEAF_TAGS = frozenset(
    "p li td th tr dt dd option area base br col embed hr img input link meta param source track wbr script"
    " style title textarea iframe noembed noframes noscript template svg xmp plaintext".split()
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def parse(html: str, utf8: bytes | None = None) -> LexborHTMLParser:
    """The one parse of a page, guarded where Lexbor's time grows with the square of the page.

    `utf8` is the same page in UTF-8, where it is at hand: else the parser encodes it once more.

    It compares each attribute of a tag with all before it (30,000 take 1.7 s, 300,000 three minutes): such
    tags are read without attributes. It looks through all open elements at each start tag (100,000 nested
    take 60 s): elements nested beyond 1,000 are opened beside one another, as browsers do beyond 512.
    """
    if _has_long_tag(html):
        html, utf8 = _TAG_WITHOUT_END.sub(_without_attributes, html), None
    if html.count("<") > _MANY_TAGS:
        html, utf8 = _flattened(html), None
    return LexborHTMLParser(html if utf8 is None else utf8)


def _has_long_tag(html: str) -> bool:
    """Whether some `<` is followed by more than `_LONG_TAG` characters that are neither `<` nor `>`.

    Scripts hold such runs too, but behind a `>`. Few of the other characters are looked at: 0.01 ms a page.
    """
    start = 0
    while len(html) - start > _LONG_TAG:
        end = html.rfind(">", start, start + _LONG_TAG + 1)
        if end < 0:
            end = html.find(">", start)
            end = len(html) if end < 0 else end
            if any(len(run) > _LONG_TAG for run in html[start:end].split("<")[1:]):
                return True
        start = end + 1
    return False


def _without_attributes(tag: re.Match[str]) -> str:
    # Long quoted values (pictures as data:, JSON for scripts) are honest and cost nothing.
    names = _QUOTED.sub("", tag[0])
    return tag[0] if len(names.split()) <= _MAX_ATTRIBUTES else tag[1]


def _flattened(html: str) -> str:
    """`html` without the start and end tags of elements nested deeper than `_MAX_DEPTH`."""
    depth = 0

    def passed(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[2].lower() in _LEAF_TAGS:
            return tag[0]
        if tag[1]:
            depth = max(0, depth - 1)
            return tag[0] if depth < _MAX_DEPTH else ""
        depth += 1
        return tag[0] if depth <= _MAX_DEPTH else ""

    return _ANY_TAG.sub(passed, html)


def depth_of(tree: LexborHTMLParser) -> int:
    """How many elements stand within one another at the deepest place of the page: 0.4 ms to tell."""
    node: LexborNode | None = tree.root
    depth = deepest = 0
    waiting: list[LexborNode | None] = [node]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        waiting.append(node.next)
        if (child := node.first_child) is not None:
            waiting.append(child)
            # One entry waits at each level: the next sibling there, or None.
            depth = len(waiting)
            deepest = max(deepest, depth)
    return deepest

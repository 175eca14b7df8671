"""The walk itself: a stack of open elements, the line being gathered, and the subtrees that may be furniture.

Reads selectolax's tree by its sibling pointers. `html_walk.pxd` beside this file gives its classes C types
where a compiler builds them (docs/decisions/0006); the code is the same.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache
from html import unescape

from selectolax.lexbor import LexborNode

from pipelines import html_elements as known
from pipelines.blocks import PageBlock
from pipelines.html_elements import BY_ID, HEADINGS, Element, element_of
from pipelines.html_markdown import is_special, joined, mark_lists, markdown
from pipelines.render import CELL_EDGE, clean_characters, fold_words

#: A subtree with this much prose outside links is no furniture, whatever its element says: whole articles
#: stand in forms (ASP.NET), in hidden containers opened by scripts, in page headers.
_PROSE_CHARS = 600
_PROSE_BLOCK = 80
#: Furniture inside furniture is looked at this deep; below, it is part of what holds it (linear time).
_MAX_GROUPS = 8
#: Innermost elements in a block's path, characters of one name, markers carried over a line's end: bounds
#: for hostile pages (news pages stand 15 deep on average, none of 1,500 deeper than 48).
_MAX_PATH, _NAME_CHARS, _MAX_MARKS = 48, 160, 8
#: A single <br> after a full sentence of this length ends a paragraph; after less it breaks a line.
_SENTENCE_CHARS = 80
_SENTENCE_END = re.compile(r"[.!?…:。！？।؟][\"'”’»)\]]*$")

_MARKUP = re.compile(r"<[!/a-zA-Z][^<>]*>?")

#: In place of a label: a subtree that nobody sees, and the label it gets.
_HIDDEN, _HIDDEN_LABEL = "-", "other"
_TEXT, _BREAK, _TEMPLATE, _NUMBERS = known.TEXT, known.BREAK, known.TEMPLATE, len(BY_ID)


class Frame:
    """One open element."""

    __slots__ = (
        "article", "attributes", "breaks", "element", "group", "inline", "mark", "path", "tag", "written",
    )  # fmt: skip

    def __init__(self, element: Element, attributes: dict[str, str | None], inline: bool) -> None:
        self.element = element
        self.tag = element.tag
        self.attributes = attributes
        self.inline = inline
        #: Whether text before, in and after it stands on lines of its own.
        self.breaks = not inline and not element.cell
        self.article = element.article
        if attributes and not element.article and attributes.get("role") == "main":
            self.article = True
        self.mark = ""
        self.group = False
        self.written = ""
        #: Names from the outermost element to this one, once a block asked for them.
        self.path: tuple[str, ...] | None = None

    def name(self) -> str:
        """`tag#id.class1.class2`, written once it is asked for."""
        if not self.written:
            self.written = self.tag[:_NAME_CHARS]
            if self.attributes:
                id_, classes = self.attributes.get("id"), self.attributes.get("class")
                if id_ or classes:
                    self.written = _name(self.tag, (id_ or "")[:_NAME_CHARS], (classes or "")[:_NAME_CHARS])
        return self.written


@lru_cache(maxsize=20_000)  # pages of a site repeat theirs; equal names are then one string
def _name(tag: str, id_: str, classes: str) -> str:
    if id_:
        tag += "#" + "-".join(id_.split())
    if classes:
        tag += "." + ".".join(classes.split())
    return tag[:_NAME_CHARS]


class Line:
    """The text of the block being gathered. `parts` begins with a word, never with space."""

    __slots__ = (
        "above", "breaks", "depth", "frames", "link_chars", "link_end", "low", "marks", "new_cell", "parts",
        "sentence",
    )  # fmt: skip

    def __init__(self, marks: list[str]) -> None:
        self.parts: list[str] = []
        #: See `html_markdown.Mark`.
        self.marks = [(0, True, mark) for mark in marks] if marks else []
        self.link_chars = 0
        self.link_end = -1
        #: The innermost elements open at the first word, with `above` more above them; of all these, the
        #: outermost `depth` hold every word of the line.
        self.frames: list[Frame] = []
        self.above = 0
        self.depth = 0
        #: Fewest elements open since the last word.
        self.low = 0
        self.breaks = 0
        self.sentence = 0
        self.new_cell = False


class Group:
    """A subtree that may be furniture: its blocks, and what speaks for an article in it."""

    __slots__ = ("article", "blocks", "hidden", "label", "line", "pending", "prose")

    def __init__(self, label: str, hidden: bool) -> None:
        self.label = label
        self.hidden = hidden
        self.blocks: list[PageBlock] = []
        #: Blocks found inside the line that is still being gathered: they come after it.
        self.pending: list[PageBlock] = []
        self.line = Line([])
        self.prose = 0
        self.article = False


class Walk:
    """One pass over one page. `_open` and `_close` see each element with content, `_text` each text."""

    __slots__ = (
        "articles", "base", "based", "groups", "hidden", "links", "marks", "pictures", "placed",
        "screen_reader", "segments", "stack", "unwritten", "url",
    )  # fmt: skip

    def __init__(self, url: str) -> None:
        #: What links are relative to: the page's address, or what its first <base> makes of it.
        self.url = self.base = url
        self.based = False
        self.stack: list[Frame] = []
        self.groups = [Group("", False)]
        self.marks: list[str] = []
        self.links = 0
        self.articles = 0
        self.hidden = 0
        #: What React's server streams late: `<div hidden id="S:7">` belongs where `<template id="B:7">` or
        #: `"P:7"` stands, and its script puts it there (react-dom, ReactDOMFizzInstructionSet).
        self.segments: dict[str, LexborNode] | None = None
        #: Blocks with markup, whose Markdown is written once it is known that they stay. What became part of
        #: a subtree's block has no position.
        self.unwritten: list[tuple[PageBlock, Line]] = []
        self.placed: set[int] = set()
        #: `class` attribute → whether it is for screen readers only; pages repeat theirs.
        self.screen_reader: dict[str, bool] = {}
        #: Pictures and players since the last block: what follows one may be its caption.
        self.pictures = 0

    def blocks_under(self, root: LexborNode) -> list[PageBlock]:
        """The blocks of the page, in page order, their Markdown still to be written."""
        self._open(root, element_of(root.tag))
        waiting: list[LexborNode | None] = [root.first_child]
        while waiting:
            node = waiting.pop()
            if node is None:  # the innermost open element has no further child
                self._close()
                continue
            waiting.append(node.next)
            number = node.tag_id
            element = BY_ID[number] if number < _NUMBERS else None
            if element is None:
                element = element_of(node.tag)
            if element.kind == _TEXT:
                self._text(node.text_content or "")
            elif element.kind == _BREAK:
                line = self._line()
                line.breaks += 1
            elif (child := self._element(node, element)) is not None:
                waiting.append(child)
        blocks = self.groups[0].blocks
        for position, block in enumerate(blocks, 1):
            block.position = position
        return blocks

    def write(self, blocks: list[PageBlock], wanted: Container[int]) -> None:
        """Write the Markdown of the blocks at the positions `wanted`; `blocks` are those of the page."""
        for block, line in self.unwritten:
            if block.position in wanted:
                block.markdown = markdown(line.parts, line.marks, block.text, self.base)
        mark_lists(blocks)

    def _element(self, node: LexborNode, element: Element) -> LexborNode | None:
        """Open an element that has content, and return its first child."""
        if element.kind == _TEMPLATE and (segment := self._streamed(node)) is not None:
            node, element = segment, element_of(segment.tag)
        elif element.invisible:
            if element.gap:
                self.pictures += element.picture
                self._space()  # <iframe>, <svg>: a picture between two words
            return None
        elif self.placed and node.mem_id in self.placed:
            return None
        child = node.first_child
        if child is None:
            if element.base:
                self.take_base(node)
            self._empty(element)
        else:
            self._open(node, element)
        return child

    def take_base(self, node: LexborNode) -> None:
        """Heed a <base>, unless one before it said what it says."""
        attributes = node.attributes
        if not self.based and "href" in attributes:
            self.based = True
            href = attributes["href"]
            self.base = (joined(self.url, href) if href else "") or self.url

    def _streamed(self, template: LexborNode) -> LexborNode | None:
        kind, _, name = (template.id or "").partition(":")
        if kind not in ("B", "P"):
            return None
        if self.segments is None:
            found = template.parser.css('div[hidden][id^="S:"]')
            self.segments = {(segment.id or "")[2:]: segment for segment in found}
        segment = self.segments.pop(name, None)
        if segment is not None:
            self.placed.add(segment.mem_id)
        return segment

    def _line(self) -> Line:
        group: Group = self.groups[-1]
        return group.line

    def _empty(self, element: Element) -> None:
        if element.gap:
            self.pictures += element.picture
            self._space()
        elif element.block and not element.cell:
            self._flush()

    def _open(self, node: LexborNode, element: Element) -> None:
        self.pictures += element.picture
        frame = Frame(element, node.attributes, self._is_inline(element))
        if frame.breaks:
            self._flush()
        label = self._furniture(frame)
        if label and len(self.groups) <= _MAX_GROUPS:
            hidden = label[0] == "-"
            if frame.inline and not hidden:
                self._space()
            frame.group = True
            self.groups.append(Group(_HIDDEN_LABEL if hidden else label, hidden))
            self.hidden += hidden
        elif element.cell:
            line = self._line()
            line.new_cell = True
        self.stack.append(frame)
        if frame.article:
            self.articles += 1
            group: Group = self.groups[-1]
            group.article = True
        if element.link:
            self._open_link(frame)
        elif element.mark:
            self._open_mark(frame, element.mark)

    def _close(self) -> None:
        frame: Frame = self.stack[-1]
        if frame.breaks or frame.group:
            self._flush()
        line = self._line()
        if frame.element.link:
            self.links -= 1
            line.link_end = len(line.parts)
        if frame.mark:
            self._close_mark(frame.mark)
        if frame.article:
            self.articles -= 1
        self.stack.pop()
        if frame.group:
            self._close_group(frame)
            line = self._line()
        line.low = min(line.low, len(self.stack))

    def _is_inline(self, element: Element) -> bool:
        if not element.custom:
            return not element.block
        for frame in self.stack[-4:]:  # noqa: SIM110 - a generator's variable has no C type
            if frame.element.paragraph:
                return True
        return False

    # -- furniture

    def _furniture(self, frame: Frame) -> str:
        """The label of the subtree that `frame` opens, `_HIDDEN` if nobody sees it, "" for no furniture."""
        element, attributes = frame.element, frame.attributes
        if element.fallback:
            return _HIDDEN
        if not attributes:
            return "" if element.page_level and self.articles else element.label
        if self._is_hidden(attributes):
            return _HIDDEN
        label, page_level = element.label, element.page_level
        if role := (attributes.get("role") or "").strip().lower():
            label = known.SUBTREE_ROLES.get(role) or label
            page_level = role in known.PAGE_LEVEL
        if page_level and self.articles:
            return ""
        if not label and attributes.get("aria-modal") == "true":
            label = "other"
        return known.cue(frame.name()) or label if label else ""

    def _is_hidden(self, attributes: dict[str, str | None]) -> bool:
        if "hidden" in attributes:
            return not (attributes.get("id") or "").startswith("S:")  # see `segments`
        if (style := attributes.get("style")) and known.is_hidden_by(style):
            return True
        classes = attributes.get("class")
        if not classes:
            return False
        found = self.screen_reader.get(classes)
        if found is None:
            found = self.screen_reader[classes] = not known.SCREEN_READER.isdisjoint(classes.lower().split())
        return found

    def _close_group(self, frame: Frame) -> None:
        group: Group = self.groups.pop()
        outer: Group = self.groups[-1]
        if group.hidden:
            self.hidden -= 1
        blocks = group.blocks
        if blocks and not group.article and group.prose < _PROSE_CHARS:
            blocks = [
                PageBlock(
                    position=0,
                    text="\n".join(block.text for block in blocks),
                    tag=frame.tag,
                    path=(*_path(self.stack[-_MAX_PATH:]), frame.name()),
                    link_chars=sum(block.link_chars for block in blocks),
                    hidden=blocks[0].hidden,
                    subtree=group.label,
                )
            ]
        elif group.hidden and not self.hidden:
            for block in blocks:  # an article that a script uncovers is no hidden trifle
                block.hidden = False
        (outer.pending if outer.line.parts else outer.blocks).extend(blocks)
        outer.prose += group.prose
        outer.article = outer.article or group.article

    # -- links and emphasis

    def _open_link(self, frame: Frame) -> None:
        self.links += 1
        line = self._line()
        # Links with nothing between them are words of their own on the screen: menus, tags, breadcrumbs.
        if line.link_end == len(line.parts):
            self._space()
        if href := frame.attributes.get("href"):
            # Resolved when the block is written: most links stand in subtrees that have no Markdown.
            self._open_mark(frame, "[" + href)

    def _open_mark(self, frame: Frame, mark: str) -> None:
        frame.mark = mark
        self.marks.append(mark)
        line = self._line()
        line.marks.append((len(line.parts), True, mark))

    def _close_mark(self, mark: str) -> None:
        self.marks.pop()
        line = self._line()
        if line.marks and line.marks[-1] == (len(line.parts), True, mark):
            line.marks.pop()  # nothing inside
        else:
            line.marks.append((len(line.parts), False, mark))

    # -- text

    def _space(self) -> None:
        line = self._line()
        if line.parts:
            line.parts.append(" ")

    def _text(self, text: str) -> None:
        line = self._line()
        if "<" in text and self.stack[-1].tag == "noscript":
            text = unescape(_MARKUP.sub(" ", text))  # saved pages hold its markup as text
        if not text or text.isspace():
            if line.parts:
                line.parts.append(text if text == "\n" else " ")
            return
        if line.parts and (line.breaks or line.new_cell):
            self._separate(line)
            line = self._line()
        if line.parts:
            line.depth = min(line.depth, line.low)
        else:
            line.frames = self.stack[-_MAX_PATH:]
            line.depth = len(self.stack)
            line.above = line.depth - len(line.frames)
        line.low = len(self.stack)
        line.breaks, line.new_cell = 0, False
        line.parts.append(text)
        if self.links:
            line.link_chars += len(text.strip())

    def _separate(self, line: Line) -> None:
        """What stands between the words before and after a line break or a cell's edge."""
        if line.new_cell:
            line.parts.append(CELL_EDGE)
        elif line.breaks > 1 or _ends_paragraph("".join(line.parts[line.sentence :])):
            innermost: Frame = line.frames[-1]
            if innermost.tag in HEADINGS:
                line.parts.append(" ")
            else:
                self._flush()
        else:
            line.parts.append("\n")
            line.sentence = len(line.parts)

    def _flush(self) -> None:
        group: Group = self.groups[-1]
        line = group.line
        if not line.parts:
            line.breaks, line.new_cell = 0, False
            return
        if (block := self._block(line)) is not None:
            group.blocks.append(block)
            prose = len(block.text) - block.link_chars
            if prose >= _PROSE_BLOCK:
                group.prose += prose
            if block.tag == "h1" and prose > 0:
                group.article = True
        group.line = Line(self.marks[-_MAX_MARKS:] if self.marks else self.marks)
        if group.pending:
            group.blocks.extend(group.pending)
            group.pending = []

    def _block(self, line: Line) -> PageBlock | None:
        frames = line.frames[: max(1, line.depth - line.above)]
        own = _innermost_block(frames)
        innermost: Frame = frames[own]
        verbatim = innermost.element.verbatim
        joined = "".join(line.parts)
        text = clean_characters(joined).strip("\n") if verbatim else fold_words(joined)
        if not text or text.isspace():
            return None
        block = PageBlock(
            position=0,
            text=text,
            tag=_row_tag(line, own) if innermost.tag == "tr" else _tag(frames, own),
            path=(*_path(frames[:own]), ">".join(_names(frames[own : own + 4]))),
            link_chars=min(line.link_chars, len(text)),
            hidden=self.hidden > 0,
            pictures=self.pictures,
        )
        self.pictures = 0
        if not verbatim and (line.marks or is_special(text)):
            self.unwritten.append((block, line))
        return block


def _innermost_block(frames: list[Frame]) -> int:
    for at in range(len(frames) - 1, -1, -1):
        frame: Frame = frames[at]
        if not frame.inline:
            return at
    return 0


def _names(frames: list[Frame]) -> list[str]:
    names = []
    for frame in frames:
        names.append(frame.name())
    return names


def _path(frames: list[Frame]) -> tuple[str, ...]:
    if not frames:
        return ()
    innermost: Frame = frames[-1]
    if innermost.path is None:
        innermost.path = tuple(_names(frames))
    return innermost.path


def _row_tag(line: Line, own: int) -> str:
    """A row that begins with a header cell, or stands in the table's head, is told apart from others."""
    frames = line.frames
    if len(frames) > own + 1:
        first: Frame = frames[own + 1]
        if first.tag == "th":
            return "th"
    for frame in frames[:own]:
        if frame.tag == "thead":
            return "th"
    return "tr"


def _tag(frames: list[Frame], own: int) -> str:
    """The element a block stood in: a plain container's meaning is lent by what it stands in."""
    frame: Frame = frames[own]
    tag = frame.tag
    if tag in known.CONTAINER_TAGS or "-" in tag:
        tag = "div"
    if tag in known.GENERIC_TAGS:
        for frame in reversed(frames[max(0, own - 3) : own]):
            if frame.tag in known.LENT_TAGS:
                return frame.tag
    return tag


def _ends_paragraph(segment: str) -> bool:
    segment = segment.strip()
    return len(segment) >= _SENTENCE_CHARS and bool(_SENTENCE_END.search(segment[-12:]))

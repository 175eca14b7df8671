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

# ruff: noqa: SIM905 - tables of names read better as words than as quoted lists

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.blocks import PageBlock
from pipelines.render import BULLET, CELL_EDGE, LIST_STEP, NUMBERED, clean_characters, fold_line

#: Elements that break a line of text (HTML standard, 15.3 'Flow content', display: block and the like).
BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup"
    " option p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp".split()
)  # fmt: skip
#: Elements whose text no browser shows, or shows as a picture: they are no text of the page.
INVISIBLE_TAGS = frozenset(
    "head title script style template svg iframe noframes noembed datalist frameset".split()
)
#: Cells stand beside one another: a row of plain cells is one block.
CELL_TAGS = frozenset(("td", "th"))
#: Elements that show something between two words without being text.
GAP_TAGS = frozenset(
    "img input picture embed video audio canvas object select textarea button iframe svg".split()
)
#: A `div` or `p` inside one of these is that thing: `<h2><div>…`, `<figcaption><p>…`.
LENT_TAGS = frozenset("h1 h2 h3 h4 h5 h6 figcaption blockquote dt dd summary caption".split())
GENERIC_TAGS = frozenset(("div", "p"))
#: Bare text in these stands as in a `div`.
CONTAINER_TAGS = frozenset(
    "address article aside body center details fieldset form html main section td th".split()
)
#: A custom element stands where its author likes; within these it is part of the line.
PARAGRAPH_TAGS = frozenset("p h1 h2 h3 h4 h5 h6 li td th dt dd figcaption caption summary".split())
EMPHASIS = {"b": "**", "strong": "**", "i": "*", "em": "*"}

#: Furniture by element name → label of the whole subtree. Page-level only: see `_PAGE_LEVEL`.
SUBTREE_TAGS = {
    "nav": "nav",
    "menu": "nav",
    "footer": "nav",
    "header": "nav",
    "dialog": "other",
    "form": "other",
    "search": "other",
    "button": "other",
    "select": "other",
    "textarea": "other",
    "noscript": "other",
    "video": "other",
    "audio": "other",
    "object": "other",
    "canvas": "other",
}
#: The same by ARIA role (WAI-ARIA 1.2, section 5.3.4 'Landmark Roles', and widgets).
SUBTREE_ROLES = {
    "navigation": "nav",
    "menu": "nav",
    "menubar": "nav",
    "tablist": "nav",
    "banner": "nav",
    "contentinfo": "nav",
    "search": "other",
    "dialog": "other",
    "alertdialog": "other",
    "button": "other",
    "tooltip": "other",
    "toolbar": "share",
}
#: Within an article these hold its headline, standfirst, tags or author: no furniture there.
_PAGE_LEVEL = frozenset(("header", "footer", "banner", "contentinfo"))
_ARTICLE_TAGS = frozenset(("article", "main"))
#: Not shown for want of a script or a codec.
_FALLBACK_TAGS = frozenset(("noscript", "video", "audio", "object", "canvas"))
#: Text for screen readers only: class names of Bootstrap, WordPress, Drupal, GOV.UK and their kin.
_SCREEN_READER = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only screenreader-only"
    " u-hidden-visually element-invisible govuk-visually-hidden show-for-sr a11y-hidden sr-text"
    " off-screen offscreen".split()
)
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
#: What a dropped subtree is about, by its own id and classes: the more telling label wins over the tag's.
_CUES = (
    ("cookie", re.compile(r"cookie|consent|gdpr|onetrust|didomi|cmp[-_]|privacy", re.I)),
    ("newsletter", re.compile(r"newsletter|subscri|sign-?up|mailchimp|mc4wp", re.I)),
    ("comment", re.compile(r"comment|respond|disqus", re.I)),
    ("share", re.compile(r"share|sharing|social", re.I)),
    ("nav", re.compile(r"nav|menu|search|login|header|footer|breadcrumb", re.I)),
)

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
_VERBATIM = frozenset(("pre", "listing", "xmp", "plaintext"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LINK_CHARS = 2048
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>]|&(?=#?\w{1,32};))")
_ESCAPED = r"\\\1"
_URL_UNSAFE = re.compile(r"[\s()<>\"\\\x00-\x1f\x7f]")


def parse(html: str) -> LexborHTMLParser:
    """The one parse of a page, guarded where Lexbor's time grows with the square of the page.

    It compares each attribute of a tag with all before it (30,000 take 1.7 s, 300,000 three minutes): such
    tags are read without attributes. It looks through all open elements at each start tag (100,000 nested
    take 60 s): elements nested beyond 1,000 are opened beside one another, as browsers do beyond 512.
    """
    if len(html) > _LONG_TAG and max(map(len, html.split(">"))) > _LONG_TAG:
        html = _TAG_WITHOUT_END.sub(_without_attributes, html)
    if html.count("<") > _MANY_TAGS:
        html = _flattened(html)
    return LexborHTMLParser(html)


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


def blocks_of(tree: LexborHTMLParser, *, url: str = "") -> list[PageBlock]:
    """All blocks of the page in page order; `position` counts from 1.

    `url` is what relative links of a block's markdown are resolved against; without it they stay text.
    A block's path ends with its own element; inline elements that wrap the whole of it are added to that
    last name as `p.lead>span.byline`. Time and memory are linear in the page.
    """
    root = tree.body or tree.root
    if root is None:
        return []
    walk = _Walk(_base_url(tree, url))
    for segment in tree.css('div[hidden][id^="S:"]'):
        walk.segments[(segment.id or "")[2:]] = segment
    blocks = walk.blocks_under(root)
    for position, block in enumerate(blocks, 1):
        block.position = position
    return blocks


def depth_of(tree: LexborHTMLParser) -> int:
    """How many elements stand within one another at the deepest place of the page."""
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


def _base_url(tree: LexborHTMLParser, url: str) -> str:
    base = tree.css_first("base[href]")
    href = (base.attributes.get("href") or "") if base is not None else ""
    return _joined(url, href) or url if href else url


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # "http://[": no URL at all
        return ""


def safe_link(href: str, base: str) -> str:
    """The absolute http(s) URL of a link, fit to stand in Markdown, or "" when it has none."""
    href = href.strip()
    if not href.startswith(("https://", "http://")):  # urljoin takes 10 µs, and a page has hundreds of links
        href = _joined(base, href)
        if not href.lower().startswith(("https://", "http://")):
            return ""
    if len(href) > _LINK_CHARS:
        return ""
    return _URL_UNSAFE.sub(
        lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode("utf-8", "replace")), href
    )


class _Frame:
    """One open element."""

    __slots__ = ("article", "attributes", "breaks", "group", "inline", "mark", "name_", "path", "tag")

    def __init__(self, tag: str, attributes: Mapping[str, str | None], inline: bool) -> None:
        self.tag = tag
        self.attributes = attributes
        self.inline = inline
        #: Whether text before, in and after it stands on lines of its own.
        self.breaks = not inline and tag not in CELL_TAGS
        self.article = tag in _ARTICLE_TAGS or attributes.get("role") == "main"
        self.mark = ""
        self.group = False
        self.name_ = ""
        #: Names from the outermost element to this one, once a block asked for them.
        self.path: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """`tag#id.class1.class2`."""
        if not self.name_:
            name, id_, classes = self.tag, self.attributes.get("id"), self.attributes.get("class")
            if id_:
                name += "#" + "-".join(id_[:_NAME_CHARS].split())
            if classes:
                name += "." + ".".join(classes[:_NAME_CHARS].split())
            self.name_ = name[:_NAME_CHARS]
        return self.name_


class _Line:
    """The text of the block being gathered. `parts` begins with a word, never with space."""

    __slots__ = (
        "above", "breaks", "depth", "frames", "link_chars", "link_end", "low", "marks", "new_cell", "parts",
        "sentence",
    )  # fmt: skip

    def __init__(self, marks: Sequence[str] = ()) -> None:
        self.parts: list[str] = []
        #: (index in `parts` that it stands before, whether it opens, marker): see `_markdown`.
        self.marks = [(0, True, mark) for mark in marks]
        self.link_chars = 0
        self.link_end = -1
        #: The innermost elements open at the first word, with `above` more above them; of all these, the
        #: outermost `depth` hold every word of the line.
        self.frames: list[_Frame] = []
        self.above = 0
        self.depth = 0
        #: Fewest elements open since the last word.
        self.low = 0
        self.breaks = 0
        self.sentence = 0
        self.new_cell = False


class _Group:
    """A subtree that may be furniture: its blocks, and what speaks for an article in it."""

    __slots__ = ("article", "blocks", "hidden", "label", "line", "pending", "prose")

    def __init__(self, label: str, hidden: bool) -> None:
        self.label = label
        self.hidden = hidden
        self.blocks: list[PageBlock] = []
        #: Blocks found inside the line that is still being gathered: they come after it.
        self.pending: list[PageBlock] = []
        self.line = _Line()
        self.prose = 0
        self.article = False


class _Walk:
    """One pass over one page. `_open` and `_close` see each element with content, `_text` each text."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.stack: list[_Frame] = []
        self.groups = [_Group("", False)]
        self.marks: list[str] = []
        self.links = 0
        self.articles = 0
        self.hidden = 0
        #: What React's server streams late: `<div hidden id="S:7">` belongs where `<template id="B:7">` or
        #: `"P:7"` stands, and its script puts it there (react-dom, ReactDOMFizzInstructionSet).
        self.segments: dict[str, LexborNode] = {}
        #: Blocks with markup, whose Markdown is written once it is known that they stay.
        self.unwritten: list[tuple[PageBlock, _Line]] = []
        self.placed: set[int] = set()
        #: `class` attribute → whether it is for screen readers only; pages repeat theirs.
        self.screen_reader: dict[str, bool] = {}

    def blocks_under(self, root: LexborNode) -> list[PageBlock]:
        self._open(root)
        waiting: list[LexborNode | None] = [root.first_child]
        while waiting:
            node = waiting.pop()
            if node is None:  # the innermost open element has no further child
                self._close()
                continue
            waiting.append(node.next)
            tag = node.tag
            if tag == "-text":
                self._text(node.text_content or "")
            elif tag == "br":
                self.groups[-1].line.breaks += 1
            elif tag == "template" and self.segments and (segment := self._streamed(node)) is not None:
                self._open(segment)
                waiting.append(segment.first_child)
            elif tag and tag[0] != "-" and tag not in INVISIBLE_TAGS:
                child = node.first_child
                if child is None:
                    self._empty(tag)
                elif not (self.placed and node.mem_id in self.placed):
                    self._open(node)
                    waiting.append(child)
            elif tag in GAP_TAGS:
                self._space()  # <iframe>, <svg>: a picture between two words
        blocks = self.groups[0].blocks
        alive = set(map(id, blocks))
        for block, line in self.unwritten:
            if id(block) in alive:
                block.markdown = _markdown(line, block.text, self.base)
        _mark_lists(blocks)
        return blocks

    def _streamed(self, template: LexborNode) -> LexborNode | None:
        kind, _, name = (template.id or "").partition(":")
        segment = self.segments.pop(name, None) if kind in ("B", "P") else None
        if segment is not None:
            self.placed.add(segment.mem_id)
        return segment

    def _empty(self, tag: str) -> None:
        if tag in GAP_TAGS:
            self._space()
        elif tag in BLOCK_TAGS and tag not in CELL_TAGS:
            self._flush()

    def _open(self, node: LexborNode) -> None:
        tag = node.tag or ""
        frame = _Frame(tag, node.attributes, self._is_inline(tag))
        if frame.breaks:
            self._flush()
        label, hidden = self._furniture(frame)
        if label and len(self.groups) <= _MAX_GROUPS:
            if frame.inline and not hidden:
                self._space()
            frame.group = True
            self.groups.append(_Group(label, hidden))
            self.hidden += hidden
        elif tag in CELL_TAGS:
            self.groups[-1].line.new_cell = True
        self.stack.append(frame)
        if frame.article:
            self.articles += 1
            self.groups[-1].article = True
        if tag == "a":
            self._open_link(frame)
        elif tag in EMPHASIS:
            self._open_mark(frame, EMPHASIS[tag])

    def _close(self) -> None:
        frame = self.stack[-1]
        if frame.breaks or frame.group:
            self._flush()
        line = self.groups[-1].line
        if frame.tag == "a":
            self.links -= 1
            line.link_end = len(line.parts)
        if frame.mark:
            self._close_mark(frame.mark)
        self.articles -= frame.article
        self.stack.pop()
        if frame.group:
            self._close_group(frame)
            line = self.groups[-1].line
        line.low = min(line.low, len(self.stack))

    def _is_inline(self, tag: str) -> bool:
        if "-" not in tag:
            return tag not in BLOCK_TAGS
        return any(frame.tag in PARAGRAPH_TAGS for frame in self.stack[-4:])

    # -- furniture

    def _furniture(self, frame: _Frame) -> tuple[str, bool]:
        """The label of the subtree that `frame` opens, "" when it is no furniture; whether it is hidden."""
        attributes, tag = frame.attributes, frame.tag
        if tag in _FALLBACK_TAGS:
            return "other", True
        if not attributes:
            return SUBTREE_TAGS.get(tag, "") if tag not in _PAGE_LEVEL or not self.articles else "", False
        if self._is_hidden(attributes):
            return "other", True
        role = (attributes.get("role") or "").strip().lower()
        if self.articles and (role or tag) in _PAGE_LEVEL:
            return "", False
        label = SUBTREE_ROLES.get(role) or SUBTREE_TAGS.get(tag, "")
        if not label and attributes.get("aria-modal") == "true":
            label = "other"
        return (_cue(frame) or label if label else ""), False

    def _is_hidden(self, attributes: Mapping[str, str | None]) -> bool:
        if "hidden" in attributes:
            return not (attributes.get("id") or "").startswith("S:")  # see `segments`
        if (style := attributes.get("style")) and _HIDDEN_STYLE.search(style):
            return True
        classes = attributes.get("class")
        if not classes:
            return False
        known = self.screen_reader.get(classes)
        if known is None:
            known = not _SCREEN_READER.isdisjoint(classes.lower().split())
            self.screen_reader[classes] = known
        return known

    def _close_group(self, frame: _Frame) -> None:
        group = self.groups.pop()
        self.hidden -= group.hidden
        outer = self.groups[-1]
        blocks = group.blocks
        if blocks and not group.article and group.prose < _PROSE_CHARS:
            blocks = [
                PageBlock(
                    position=0,
                    text="\n".join(block.text for block in blocks),
                    tag=frame.tag,
                    path=(*_path(self.stack[-_MAX_PATH:]), frame.name),
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
        outer.article |= group.article

    # -- links and emphasis

    def _open_link(self, frame: _Frame) -> None:
        self.links += 1
        line = self.groups[-1].line
        # Links with nothing between them are words of their own on the screen: menus, tags, breadcrumbs.
        if line.link_end == len(line.parts):
            self._space()
        if href := frame.attributes.get("href"):
            # Resolved when the block is written: most links stand in subtrees that have no Markdown.
            self._open_mark(frame, "[" + href)

    def _open_mark(self, frame: _Frame, mark: str) -> None:
        frame.mark = mark
        self.marks.append(mark)
        line = self.groups[-1].line
        line.marks.append((len(line.parts), True, mark))

    def _close_mark(self, mark: str) -> None:
        self.marks.pop()
        line = self.groups[-1].line
        if line.marks and line.marks[-1] == (len(line.parts), True, mark):
            line.marks.pop()  # nothing inside
        else:
            line.marks.append((len(line.parts), False, mark))

    # -- text

    def _space(self) -> None:
        line = self.groups[-1].line
        if line.parts:
            line.parts.append(" ")

    def _text(self, text: str) -> None:
        line = self.groups[-1].line
        if not text or text.isspace():
            if line.parts:
                line.parts.append(text if text == "\n" else " ")
            return
        if line.parts and (line.breaks or line.new_cell):
            self._separate(line)
            line = self.groups[-1].line
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

    def _separate(self, line: _Line) -> None:
        """What stands between the words before and after a line break or a cell's edge."""
        if line.new_cell:
            line.parts.append(CELL_EDGE)
        elif line.breaks > 1 or _ends_paragraph("".join(line.parts[line.sentence :])):
            if line.frames[-1].tag in _HEADINGS:
                line.parts.append(" ")
            else:
                self._flush()
        else:
            line.parts.append("\n")
            line.sentence = len(line.parts)

    def _flush(self) -> None:
        group = self.groups[-1]
        if not group.line.parts:
            group.line.breaks, group.line.new_cell = 0, False
            return
        if (block := self._block(group.line)) is not None:
            group.blocks.append(block)
            prose = len(block.text) - block.link_chars
            if prose >= _PROSE_BLOCK:
                group.prose += prose
            group.article |= block.tag == "h1" and prose > 0
        group.line = _Line(self.marks[-_MAX_MARKS:])
        if group.pending:
            group.blocks.extend(group.pending)
            group.pending = []

    def _block(self, line: _Line) -> PageBlock | None:
        frames = line.frames[: max(1, line.depth - line.above)]
        own = next((i for i in range(len(frames) - 1, -1, -1) if not frames[i].inline), 0)
        verbatim = frames[own].tag in _VERBATIM
        joined = "".join(line.parts)
        text = clean_characters(joined).strip("\n") if verbatim else _fold(joined)
        if not text or text.isspace():
            return None
        block = PageBlock(
            position=0,
            text=text,
            tag=_row_tag(line, own) if frames[own].tag == "tr" else _tag(frames, own),
            path=(*_path(frames[:own]), ">".join([frame.name for frame in frames[own : own + 4]])),
            link_chars=min(line.link_chars, len(text)),
            hidden=self.hidden > 0,
        )
        if not verbatim and (line.marks or _MARKDOWN_SPECIAL.search(text)):
            self.unwritten.append((block, line))
        return block


def _fold(text: str) -> str:
    text = " ".join(text.split())
    # Printable and composed is clean (see `fold_line`), and asking is five times as quick as cleaning.
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    return fold_line(text)


def _path(frames: Sequence[_Frame]) -> tuple[str, ...]:
    if not frames:
        return ()
    innermost = frames[-1]
    if innermost.path is None:
        innermost.path = tuple([frame.name for frame in frames])
    return innermost.path


def _cue(frame: _Frame) -> str:
    return next((label for label, cue in _CUES if cue.search(frame.name)), "")


def _row_tag(line: _Line, own: int) -> str:
    """A row that begins with a header cell, or stands in the table's head, is told apart from others."""
    head = any(frame.tag == "thead" for frame in line.frames[:own]) or (
        line.frames[own + 1 : own + 2] and (line.frames[own + 1].tag == "th")
    )
    return "th" if head else "tr"


def _tag(frames: Sequence[_Frame], own: int) -> str:
    """The element a block stood in: a plain container's meaning is lent by what it stands in."""
    tag = frames[own].tag
    if tag in CONTAINER_TAGS or "-" in tag:
        tag = "div"
    if tag in GENERIC_TAGS:
        for frame in reversed(frames[max(0, own - 3) : own]):
            if frame.tag in LENT_TAGS:
                return frame.tag
    return tag


def _mark_lists(blocks: Sequence[PageBlock]) -> None:
    """Write into the Markdown of list items what render cannot know: numbers, and how deep a list is."""
    count: dict[tuple[str, ...], int] = {}
    for block in blocks:
        if block.tag != "li":
            count.clear()
            continue
        lists = [
            name[:2] for name in block.path if name[:2] in ("ul", "ol") and name[2:3] in ("", ".", "#", ">")
        ]
        if not lists or (len(lists) == 1 and lists[0] == "ul"):
            continue
        holder = block.path[:-1]
        number = count[holder] = count.get(holder, 0) + 1
        marker = f"{number}. " if lists[-1] == "ol" else "- "
        if NUMBERED.match(block.text):
            marker = ""
        block.markdown = (
            " " * LIST_STEP * (len(lists) - 1) + marker + BULLET.sub("", block.markdown or block.text)
        )


def _ends_paragraph(segment: str) -> bool:
    segment = segment.strip()
    return len(segment) >= _SENTENCE_CHARS and bool(_SENTENCE_END.search(segment[-12:]))


def _markdown(line: _Line, text: str, base: str) -> str:
    """The line's text with its links and emphasis, or "" when that is `text` itself.

    A marker is `**`, `*`, or `[` with the link's href. Markers stand tight around words, as CommonMark's
    flanking rules (0.31, section 6.2) ask; one that holds no word is left out, one within its like as well.
    """
    if [mark[:2] for mark in line.marks] == [(0, True), (len(line.parts), False)]:
        href = line.marks[0][2]
        if href[0] == "[" and (target := safe_link(href[1:], base)):  # a teaser: all of it is one link
            return f"[{_MARKDOWN_SPECIAL.sub(_ESCAPED, text)}]({target})"
    writer = _Markdown(base)
    marks = iter([*line.marks, (len(line.parts), False, "")])
    index, opens, mark = next(marks)
    for at, part in enumerate(line.parts):
        while index == at:
            writer.mark(opens, mark)
            index, opens, mark = next(marks)
        writer.words(part)
    while mark:
        writer.mark(opens, mark)
        _, opens, mark = next(marks)
    written = writer.finish()
    return "" if written == text else written


class _Markdown:
    def __init__(self, base: str) -> None:
        self.base = base
        self.out: list[str] = []
        self.opening: list[str] = []
        #: Markers that wait for their end, and what ends each.
        self.open: list[str] = []
        self.ends: list[str] = []
        self.space = False

    def mark(self, opens: bool, mark: str) -> None:
        if opens:
            self.opening.append(mark)
        elif mark in self.opening:
            self.opening.reverse()
            self.opening.remove(mark)
            self.opening.reverse()
        elif self.open and self.open[-1] == mark:  # else it was left out within its like
            self._end()

    def words(self, part: str) -> None:
        if part == CELL_EDGE and self.out:  # between two cells, and so between their marks
            self.out.append(" |")
            self.space = True
            return
        folded = _fold(part)
        if not folded:
            self.space = self.space or bool(part)
            return
        if (self.space or part[0].isspace()) and self.out:
            self.out.append(" ")
        for mark in self.opening:
            self._begin(mark)
        self.opening.clear()
        self.out.append(_MARKDOWN_SPECIAL.sub(_ESCAPED, folded))
        self.space = part[-1].isspace()

    def finish(self) -> str:
        while self.open:
            self._end()
        return "".join(self.out).strip()

    def _begin(self, mark: str) -> None:
        if mark[0] == "[":
            if any(other[0] == "[" for other in self.open) or not (target := safe_link(mark[1:], self.base)):
                return
            self.out.append("[")
            self.ends.append(f"]({target})")
        elif mark in self.open:
            return
        else:
            before = self.out[-1] if self.out else " "
            if before == mark:
                self.out.pop()  # `**one****two**`: go on with the same emphasis
            elif self._would_blur(before):
                return  # `**one***two*`, `**one*two***`: no reader can tell such marks apart
            else:
                self.out.append(mark)
            self.ends.append(mark)
        self.open.append(mark)

    def _would_blur(self, before: str) -> bool:
        if before[-1] != "*":
            return before[-1].isalnum() and any(other[0] == "*" for other in self.open)
        # Behind another mark: only where that begins a word, `***both***`.
        return self.open[-1:] != [before] or (len(self.out) > 1 and self.out[-2][-1] not in " [")

    def _end(self) -> None:
        self.open.pop()
        self.out.append(self.ends.pop())

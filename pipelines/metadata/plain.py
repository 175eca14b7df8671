"""Plain text out of whatever a page put into a value: no HTML, no control characters, no lone surrogates."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from selectolax.lexbor import LexborNode

#: Longer values are cut: no headline, name or teaser of the press comes near it, hostile ones do.
MAX_TEXT_CHARS = 4000
#: The text of an article is cut here: the longest of 97 saved pages that state it has 151,000 characters.
MAX_BODY_CHARS = 300_000

#: Invisible characters that carry no text: soft hyphen, zero-width space, word joiner, BOM, bidi controls.
#: The joiners U+200C and U+200D stay: Persian, Hindi and others spell with them.
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
_NOISE = re.compile(f"[{_INVISIBLE}\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SCRIPT = re.compile(r"<(script|style)\b[^<]{0,200}?>.*?(?:</\1\s*>|$)", re.I | re.S)
#: Elements that newsrooms leave in headlines and teasers. Other text in angle brackets stays: it is text.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|bdi|br|center|cite|code|div|em|font|h[1-6]|i|img|ins|li|mark|o:p|ol|p|q|s|script|small"
    r"|span|strike|strong|style|sub|sup|svg|time|tt|u|ul|wbr)\b[^<>]{0,2000}>",
    re.I,
)
#: Any tag or comment, in a text that is known to be HTML; those of the first kind end a paragraph.
_BREAK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|h[1-6]|hr|li|ol|p|pre|section|table|td"
    r"|th|tr|ul)(?![\w-])[^<>]{0,2000}>",
    re.I,
)
_ANY_TAG = re.compile(r"</?[a-z][^<>]{0,2000}>|<!--.*?-->", re.I | re.S)
#: An entity with its end: bare ampersands in addresses are none.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.I)
#: HTML escaped in HTML: so often do systems escape a text that was escaped already.
_MAX_ESCAPES = 3
_NEITHER = re.compile(r"[\W_]+")
#: Elements whose content no reader sees as text.
UNSEEN = frozenset({"script", "style", "template", "noscript", "svg", "button", "select"})
_SPACED = frozenset({"br", "p", "div", "li", "h2", "h3", "h4", "td", "time", "address", "section", "ul"})


def plain(value: object) -> str:
    """`value` as one line of text, unescaped once, tags taken out, NFC; "" for anything but a string."""
    if not isinstance(value, str):
        return ""
    text = value[: 4 * MAX_TEXT_CHARS]
    if "<" in text:
        text = strip_tags(text)
    if "&" in text:
        text = html.unescape(text)
        if "<" in text:
            text = strip_tags(text)
    return one_line(text)


def strip_tags(text: str) -> str:
    """`text` without scripts and without the tags that stand in running text."""
    return _TAG.sub(
        lambda tag: " " if tag[0][1:3].lower() in {"br", "p>", "di", "li"} else "", _SCRIPT.sub(" ", text)
    )


def paragraphs(value: str) -> str:
    """The text of an article that is stated as text or HTML, however often escaped: a paragraph a line."""
    text = value[:MAX_BODY_CHARS]
    for _ in range(_MAX_ESCAPES):
        if "<" in text:
            text = _ANY_TAG.sub("", _BREAK.sub("\n", _SCRIPT.sub(" ", text)))
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    if _NOISE.search(text):
        text = _NOISE.sub("", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))


def one_line(text: str) -> str:
    """`text` with white space folded and what cannot be seen removed, in NFC, cut at `MAX_TEXT_CHARS`."""
    if not text.isprintable():  # most texts are: they hold neither controls nor invisible characters
        text = _CONTROLS.sub(" ", _NOISE.sub("", text))
    return unicodedata.normalize("NFC", " ".join(text.split()))[:MAX_TEXT_CHARS]


def node_text(node: LexborNode, limit_nodes: int = 400) -> str:
    """What a reader sees of an element, on one line: scripts and templates left out, `br` and blocks parted.

    Reads at most `limit_nodes` nodes: the elements asked for are small, hostile ones are not.
    """
    first = node.first_child
    if first is not None and first.next is None and first.is_text_node:  # most: a text and no more
        return one_line(first.text_content or "")
    parts: list[str] = []
    stack = [first]
    while stack and limit_nodes:
        here = stack.pop()
        if here is None:
            continue
        limit_nodes -= 1
        stack.append(here.next)
        if here.is_text_node:
            parts.append(here.text_content or "")
        elif here.is_element_node and here.tag not in UNSEEN:
            if here.tag in _SPACED:
                parts.append(" ")
            stack.append(here.first_child)
    return one_line("".join(parts))


def fold(value: object) -> str:
    """A text reduced to what tells it from others: letters and figures, case folded."""
    return _folded(value[: 4 * MAX_TEXT_CHARS]) if isinstance(value, str) else ""


@lru_cache(maxsize=512)  # a page compares its few headlines and names with each other again and again
def _folded(text: str) -> str:
    return _NEITHER.sub("", plain(text).casefold())

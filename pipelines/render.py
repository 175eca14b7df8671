"""What the kept blocks read like: plain text, Markdown, the count of words and the digest.

Shared by the HTML and the plain-text way; knows neither. Pure.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

import msgspec

from archive.values import KEPT_LABELS, Block

#: Scripts written without spaces between words (Thai, Burmese, Khmer, kana, Han): each character counts as a
#: word, as corpus tools count them.
_UNSPACED = "\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")

#: Never part of a text: controls but tab and line ends, soft hyphen, zero-width space and no-break space,
#: word joiner and invisible operators, bidirectional marks and overrides (they can make a text read
#: otherwise than it is: CVE-2021-42574), interlinear annotation, language tags, noncharacters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
#: Joiners are letters' shapes in Arabic and Indic scripts and the glue of emoji; elsewhere they are litter.
_STRAY_JOINER = re.compile(
    "[\u200c\u200d]+(?![\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\U0001f000-\U0001faff])"
    "|(?<![\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Normalising a run of combining marks takes time quadratic in its length (40,000 marks: 5 s). Unicode's
#: Stream-Safe Text Format (UAX #15, section 13) allows 30; what is beyond them no reader can tell apart.
_MARKS = re.compile("([\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{30})[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip  # noqa: E501

#: Markers that dumps and pages put before a list item. A lone dash or asterisk needs a space after it.
BULLET = re.compile(r"^(?:[•‣⁃◦▪▫●○■□◆◇➤➢►▸▶✓✔✅·∙]\s*|[-–—*+]\s+)(?=\S)")
NUMBERED = re.compile(r"^(?:\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|[ivxIVX]{1,5}[.)])\s+(?=\S)")


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """The readable forms of a page's kept blocks."""

    text: str
    markdown: str
    word_count: int
    text_digest: str


def clean_characters(text: str) -> str:
    """Return `text` in NFC without invisible characters, lone surrogates or overlong runs of marks.

    Line ends and spaces stay as they are. Linear in the text's length.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))
    text = _STRAY_JOINER.sub("", text)
    return unicodedata.normalize("NFC", _MARKS.sub(r"\1", text))


def fold_line(text: str) -> str:
    """Return `text` as one clean line: whitespace of every kind folded to single spaces, ends stripped."""
    return " ".join(clean_characters(text).split())


def fold_words(text: str) -> str:
    """`fold_line` for text that is clean more often than not."""
    text = " ".join(text.split())
    # Printable and composed is clean, and asking is five times as quick as cleaning.
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    return fold_line(text)


def words(text: str) -> list[str]:
    """Words in order; each character of scripts written without spaces is one."""
    return _WORD.findall(text)


def digest(text: str) -> str:
    """Digest of what is said, not of its layout: whitespace differences do not change it."""
    return "sha256:" + hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def render(blocks: Sequence[Block], markdown: Mapping[int, str] | None = None) -> Rendered:
    """Render the kept ones among `blocks`, in order.

    Blocks are joined by a blank line, items of one list and rows of one table by a line end; a list item
    carries `- ` unless it has its own marker. `markdown` gives, by position, the Markdown of a block's
    own text (links, emphasis) where it differs from the text. The headline is metadata, never in the text.
    """
    kept = [block for block in blocks if block.label in KEPT_LABELS and block.text.strip()]
    own = markdown or {}
    plain = [_plain(block) for block in kept]
    text = _join(kept, plain)
    return Rendered(
        text=text,
        markdown=_join(
            kept,
            [
                _marked_up(block, line, own.get(block.position, ""))
                for block, line in zip(kept, plain, strict=True)
            ],
        ),
        word_count=len(words(text)),
        text_digest=digest(text),
    )


def _join(blocks: Sequence[Block], lines: Sequence[str]) -> str:
    parts: list[str] = []
    for rank, (block, line) in enumerate(zip(blocks, lines, strict=True)):
        if rank:
            same = block.label == blocks[rank - 1].label and block.label in {"list", "table"}
            parts.append("\n" if same else "\n\n")
        parts.append(line)
    return "".join(parts)


def _plain(block: Block) -> str:
    if block.label == "list":
        return _item(fold_words(block.text))
    if block.tag == "pre":
        return "\n".join(line.rstrip() for line in clean_characters(block.text).splitlines()).strip("\n")
    return fold_words(block.text)


def _item(line: str) -> str:
    """A list's item as text: with the marker it brings, else with `- `."""
    return line if NUMBERED.match(line) or BULLET.match(line) else f"- {line}"


def _bulleted(line: str) -> str:
    return line if NUMBERED.match(line) else "- " + BULLET.sub("", line)


def _marked_up(block: Block, plain: str, own: str) -> str:
    if block.tag == "pre":
        return f"```\n{plain}\n```"
    line = clean_characters(own).strip() or fold_words(block.text)
    if block.label == "heading":
        level = int(block.tag[1]) if block.tag in {"h1", "h2", "h3", "h4", "h5", "h6"} else 2
        return "#" * max(2, level) + " " + line
    if block.label == "quote":
        return "> " + line.replace("\n", "\n> ")
    return _bulleted(line) if block.label == "list" else line

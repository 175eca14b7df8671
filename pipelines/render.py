"""What the kept blocks read like: plain text, Markdown, the count of words and the digest.

Shared by the HTML and the plain-text way; knows neither. Pure.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from archive.values import KEPT_LABELS, Block

#: Scripts written without spaces between words (Thai, Lao, Burmese, Khmer, kana, Han): each character counts
#: as a word, as corpus tools and the benchmarks count them, its vowel signs and tone marks with it.
_UNSPACED = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e50-\u0e59\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0ed0-\u0edf"
    "\u1000-\u102a\u103f-\u1049\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081"
    "\u108e\u1090-\u1099\u1780-\u17b3\u17d7\u17dc\u17e0-\u17e9\u3005-\u3007\u3031-\u3035\u3041-\u3096"
    "\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
    "\U00020000-\U0003ffff"
)
#: Signs that belong to the letter before them, which `\\w` does not know for letters: combining accents,
#: Hebrew and Arabic vowels, Indic and South-East Asian vowel signs, joiners.
_SIGNS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
    "\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a81-\u0a83\u0abc-\u0acd"
    "\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0dca-\u0ddf\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f"
    "\u109a-\u109d\u17b4-\u17d3\u17dd\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f\uff9e\uff9f"
)
#: Within a Hebrew word these mark an abbreviation or a sound of another language: צה״ל, ג'ירפה.
_HEBREW_MARK = "(?<=[\u05d0-\u05ea])[\"'\u05f3\u05f4](?=[\u05d0-\u05ea])"
_LETTERS = f"[^\\W{_UNSPACED}{_SIGNS}]+"
_PLAIN_WORD = re.compile(r"\w+")
_MORE_THAN_LETTERS = re.compile(
    "[^\u0000-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]"
)
_WORD = re.compile(f"[{_UNSPACED}][{_SIGNS}]*|{_LETTERS}(?:(?:[{_SIGNS}]+|{_HEBREW_MARK})(?:{_LETTERS})?)*")

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
#: What stands between the cells of a row, and the elements that a row's block has.
CELL_EDGE = " | "
ROW_TAGS = frozenset(("tr", "th"))
#: Spaces that carry an item below another, whichever marker that has (CommonMark 0.31, section 5.2).
LIST_STEP = 3


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
    return text if _is_clean(text) else fold_line(text)


def _is_clean(text: str) -> bool:
    """Printable and composed is clean, and asking is five times as quick as cleaning."""
    return text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text))


def words(text: str) -> list[str]:
    """Words in order; each character of scripts written without spaces is one, with the signs it bears."""
    # Of Latin, Greek and Cyrillic letters both patterns find the same; the plain one is four times as quick.
    return (_WORD if _MORE_THAN_LETTERS.search(text) else _PLAIN_WORD).findall(text)


def digest(text: str) -> str:
    """Digest of what is said, not of its layout: whitespace differences do not change it."""
    return "sha256:" + hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def render(blocks: Sequence[Block], markdown: Mapping[int, str] | None = None) -> Rendered:
    """Render the kept ones among `blocks`, in order.

    Blocks are joined by a blank line, items of one list and rows of one table by a line end; a list item
    carries `- ` unless it has its own marker. In Markdown rows stand between bars, below a header: the
    page's, or an empty one. `markdown` gives, by position, the Markdown of a block's own text (links,
    emphasis, an item's number and depth) where it differs from the text. The headline is metadata, never in
    the text.
    """
    kept = [block for block in blocks if block.label in KEPT_LABELS and block.text.strip()]
    own = markdown or {}
    folded = [fold_words(block.text) for block in kept]
    plain = [_plain(block, line) for block, line in zip(kept, folded, strict=True)]
    text = _join(kept, plain)
    return Rendered(
        text=text,
        markdown=_join(
            kept,
            _laid_out(
                kept,
                [
                    _marked_up(block, line, own.get(block.position, ""), words_only)
                    for block, line, words_only in zip(kept, plain, folded, strict=True)
                ],
            ),
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


def _plain(block: Block, folded: str) -> str:
    if block.label == "list":
        return _item(_tidy(folded))
    if block.tag == "pre":
        return "\n".join(line.rstrip() for line in clean_characters(block.text).splitlines()).strip("\n")
    return _tidy(folded)


#: Markup often leaves a space before a comma or full stop (`<a>word </a>, and`): of 1,166 development pages
#: 55 show one. No script sets one there; before `?`, `!`, `:` and `;` French does.
_SPACE_BEFORE = re.compile(r"(?<=[^\s([{]) +([,،、](?=\s|$)|[.。۔](?=$|\s+[^\W\d_]))")
_SPACED = re.compile(" [،、。۔]")


def _tidy(line: str) -> str:
    # Asked first: the pattern alone stops at every space.
    if not (" ," in line or " ." in line or (not line.isascii() and _SPACED.search(line))):
        return line
    return _SPACE_BEFORE.sub(r"\1", line)


def _laid_out(blocks: Sequence[Block], lines: list[str]) -> list[str]:
    """The Markdown lines, with tables as GitHub Flavored Markdown writes them (0.29, section 4.10).

    A list's item stands at most one step deeper than the one before it: else it would be code.
    """
    start = 0
    for kind, group in groupby(blocks, _layout):
        rows = list(group)
        end = start + len(rows)
        if kind == "table" and any(CELL_EDGE in line for line in lines[start:end]):
            apart = "\n" if start and blocks[start - 1].label == "table" else ""  # below its caption
            lines[start:end] = _table(rows, lines[start:end])
            lines[start] = apart + lines[start]
        elif kind == "list":
            deepest = 0
            for at in range(start, end):
                bare = lines[at].lstrip(" ")
                depth = min(len(lines[at]) - len(bare), deepest)
                lines[at] = " " * depth + bare
                deepest = depth + LIST_STEP
        start = end
    return lines


def _layout(block: Block) -> str:
    if block.label == "table" and block.tag in ROW_TAGS:
        return "table"
    return "list" if block.label == "list" else ""


def _table(rows: Sequence[Block], lines: Sequence[str]) -> list[str]:
    cells = [line.replace("\n", " ").split(CELL_EDGE) for line in lines]
    width = max(map(len, cells))
    written = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in cells]
    rule = "|" + " --- |" * width
    # Where every row begins with a header cell, they head the rows.
    headed = rows[0].tag == "th" and any(row.tag != "th" for row in rows[1:])
    top = f"{written[0]}\n{rule}" if headed else f"|{'  |' * width}\n{rule}\n{written[0]}"
    return [top, *written[1:]]


def _item(line: str) -> str:
    """A list's item as text: with the marker it brings, else with `- `."""
    return line if NUMBERED.match(line) or BULLET.match(line) else f"- {line}"


def _bulleted(line: str) -> str:
    return line if NUMBERED.match(line) else "- " + BULLET.sub("", line)


def _marked_up(block: Block, plain: str, own: str, folded: str) -> str:
    if block.tag == "pre":
        return f"```\n{plain}\n```"
    line = (own if _is_clean(own) else clean_characters(own)).strip() or folded
    # An item's number is no word that a comma could stand too far from.
    marker = NUMBERED.match(line) if block.label == "list" else None
    start = marker.end() if marker else 0
    line = line[:start] + _tidy(line[start:])
    if block.label == "heading":
        level = int(block.tag[1]) if block.tag in {"h1", "h2", "h3", "h4", "h5", "h6"} else 2
        return "#" * max(2, level) + " " + line
    if block.label == "quote":
        return "> " + line.replace("\n", "\n> ")
    if block.label == "list":
        depth = len(own) - len(own.lstrip(" "))
        return " " * depth + _bulleted(line)
    return line

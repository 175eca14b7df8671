"""Turns stored text into safe HTML: the Jinja filters of the front's templates.

Whatever a news page said may stand in the database, so every value is hostile until it went through one of
these filters. They escape everything first-hand and then build only the constructs they know; they never pass
HTML on. All are linear in the length of their input.
"""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from datasette import hookimpl
from jinja2 import Environment
from markupsafe import Markup, escape

#: Controls but tab and line end, bidirectional overrides and isolates (they can make a line read otherwise
#: than it is: CVE-2021-42574), line and paragraph separators, noncharacters, lone surrogates, language tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

#: What `snippet()` puts around a hit. Noncharacters: Unicode reserves them for such inner use, and no text
#: that went through `plain` holds them.
MARK_ON, MARK_OFF = "\ufdd0", "\ufdd1"

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,4})[.)])[ \t]+(\S.*)")
_TABLE_RULE = re.compile(r"\|?[ \t:|-]*-[ \t:|-]*")
_FENCE = re.compile(r"(?:```|~~~)")

#: Inline constructs, tried in this order at each place. Bounded, so that no text makes them slow.
_INLINE = re.compile(
    r"\\(?P<literal>[\\`*_{}\[\]()#+.!|>~-])"
    r"|!?\[(?P<label>[^\[\]\n]{0,500})\]\((?P<target>[^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\))?[^\s()<>]{0,500})\)"
    r"|\*\*(?P<strong>[^\s*](?:[^*\n]{0,1000}[^\s*])?)\*\*"
    r"|(?<![\w*])\*(?P<em>[^\s*](?:[^*\n]{0,1000}[^\s*])?)\*(?!\w)"
    r"|(?<!\w)_(?P<under>[^\s_](?:[^_\n]{0,1000}[^\s_])?)_(?!\w)"
    r"|`(?P<code>[^`\n]{1,500})`"
)


def plain(value: object, limit: int = 0) -> str:
    """Return `value` as text that shows what it holds: no controls, no direction overrides.

    With `limit`, at most that many characters, the last an ellipsis where something was left out; no word
    of ordinary length is cut in two.
    """
    text = _UNSEEN.sub("", "" if value is None else str(value))
    if limit and len(text) > limit:
        head, _, tail = text[:limit].rpartition(" ")
        text = (head if head and len(tail) < 30 else text[: limit - 1]).rstrip() + "…"
    return text


def web_url(value: object) -> str:
    """Return `value` if it is an http or https address, else "": no `javascript:`, no `data:`."""
    text = str(value or "").strip()
    if plain(text) != text or re.search(r"[\s\\]", text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:  # such as "http://[bad"
        return ""
    return text if parts.scheme in {"http", "https"} and parts.hostname else ""


def host(value: object) -> str:
    """Return the host of a web address without `www.`, else ""."""
    address = web_url(value)
    return (urlsplit(address).hostname or "").removeprefix("www.") if address else ""


def names(value: object) -> list[str]:
    """Return the strings of a JSON array column; a value that is no such array gives an empty list."""
    try:
        found = json.loads(str(value or "[]"))
    except ValueError:
        return []
    return [plain(name) for name in found if isinstance(name, str)] if isinstance(found, list) else []


def marked(value: object) -> Markup:
    """Escape a search snippet; between `MARK_ON` and `MARK_OFF` it is set in `<mark>`, always closed."""
    parts = [escape(plain(part)) for part in re.split(f"{MARK_ON}|{MARK_OFF}", str(value or ""))]
    hit = Markup("<mark>{}</mark>")
    return Markup().join(hit.format(part) if rank % 2 and part else part for rank, part in enumerate(parts))


def language(value: object) -> str:
    """Return `value` if it is a language tag as HTML's `lang` takes one (BCP 47), else ""."""
    text = str(value or "")
    return text if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}", text) else ""


def day(value: object, *, weekday: bool = True) -> str:
    """Return an ISO date as `Monday, 27 November 2023`; what is no date comes back as it is."""
    text = plain(value, 40)
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text
    # Not strftime: its names follow the server's locale, and %-d is not portable.
    shown = f"{found.day} {_MONTHS[found.month - 1]} {found.year}"
    return f"{_WEEKDAYS[found.weekday()]}, {shown}" if weekday else shown


def moment(value: object) -> str:
    """Return an ISO date and time as `27 November 2023, 14:05 UTC+05:00`; a date alone stays a date."""
    text = plain(value, 40)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= 10:
        return day(text, weekday=False)
    offset = found.utcoffset()
    zone = "" if offset is None else " UTC" if offset == timedelta(0) else f" {found.tzname()}"
    return f"{day(text, weekday=False)}, {found:%H:%M}{zone}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def inline(text: str) -> Markup:
    """Escape one line of Markdown; emphasis, code and links to the web are built, all else stays letters."""
    parts: list[Markup] = []
    last = 0
    for found in _INLINE.finditer(text):
        parts += escape(text[last : found.start()]), _built(found)
        last = found.end()
    return Markup().join([*parts, escape(text[last:])])


def _built(found: re.Match[str]) -> Markup:
    kind, body = found.lastgroup, found.group(found.lastgroup or 0)
    if kind == "literal":
        return escape(body)
    if kind == "target":
        label = found.group("label") or body
        address = web_url(body)
        if not address:
            return escape(label)
        return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(address, label)
    tag = {"strong": "strong", "em": "em", "under": "em", "code": "code"}[kind or "code"]
    return _element(tag, body)


def _element(tag: str, content: str) -> Markup:
    """`content` in `tag`, escaped unless it is Markup already."""
    return Markup("<{0}>{1}</{0}>").format(tag, content)


def prose(value: object) -> Markup:
    """Set Markdown (or plain text) for reading: headings, lists, quotes, tables, code, paragraphs.

    Headings start at `h2`: the page's own is the headline. Raw HTML in the text is shown as letters.
    """
    return Markup("\n").join(_blocks(plain(value)))


def _blocks(text: str) -> Iterator[Markup]:
    fence: list[str] | None = None
    paragraph: list[str] = []
    for line in [*text.split("\n"), ""]:
        if fence is not None:
            if _FENCE.match(line):
                yield Markup("<pre>{}</pre>").format("\n".join(fence))
                fence = None
            else:
                fence.append(line)
        elif line.strip() and not (_FENCE.match(line) and not paragraph):
            paragraph.append(line.strip())
        else:
            if paragraph:
                yield from _paragraph(paragraph)
            paragraph = []
            fence = [] if line.strip() else None
    if fence:  # a fence that was never closed
        yield Markup("<pre>{}</pre>").format("\n".join(fence).rstrip())


def _paragraph(lines: list[str]) -> Iterator[Markup]:
    """Lines between two blank ones; a run of lines of one kind is one block."""
    kinds = [_kind(line) for line in lines]
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or kinds[end] != kinds[start] or kinds[end] == "heading":
            yield _set(kinds[start], lines[start:end])
            start = end


def _kind(line: str) -> str:
    if _HEADING.fullmatch(line):
        return "heading"
    if found := _ITEM.fullmatch(line):
        return "ol" if found.group(1) else "ul"
    if line.startswith(">"):
        return "quote"
    return "table" if line.startswith("|") and line.endswith("|") and len(line) > 1 else "p"


def _set(kind: str, lines: list[str]) -> Markup:
    if kind == "heading":
        found = _HEADING.fullmatch(lines[0])
        assert found is not None
        level = max(2, len(found.group(1)))
        return _element(f"h{level}", inline(found.group(2).rstrip("# ")))
    if kind in {"ul", "ol"}:
        found = _ITEM.fullmatch(lines[0])
        items = Markup().join(_element("li", inline(_ITEM.sub(r"\2", line))) for line in lines)
        if found and found.group(1):
            return Markup('<ol start="{}">{}</ol>').format(int(found.group(1)), items)
        return _element("ul", items)
    if kind == "quote":
        body = _lines([line.removeprefix(">").strip() for line in lines])
        return _element("blockquote", _element("p", body))
    if kind == "table":
        return _table(lines)
    return _element("p", _lines(lines))


def _lines(lines: list[str]) -> Markup:
    return Markup("<br>").join(inline(line) for line in lines)


def _table(lines: list[str]) -> Markup:
    ruled = len(lines) > 1 and _TABLE_RULE.fullmatch(lines[1]) is not None
    rows: list[Markup] = []
    for rank, line in enumerate(lines):
        if ruled and rank == 1:
            continue
        cell = "th" if ruled and rank == 0 else "td"
        cells = [inline(text.strip()) for text in line.strip("|").split("|")]
        rows.append(_element("tr", Markup().join(_element(cell, text) for text in cells)))
    return Markup('<div class="wide">{}</div>').format(_element("table", Markup().join(rows)))


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """Give the templates the filters; the prefix keeps them apart from other plugins'."""
    filters = (plain, web_url, host, names, language, marked, day, moment, inline, prose)
    env.filters.update({f"pm_{function.__name__}": function for function in filters})

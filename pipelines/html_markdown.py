"""A block's words with their links and emphasis, as Markdown; the numbers and depth of list items."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin

from pipelines.blocks import PageBlock
from pipelines.render import BULLET, CELL_EDGE, LIST_STEP, NUMBERED, fold_words

_LINK_CHARS = 2048
MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>]|&(?=#?\w{1,32};))")
_ESCAPED = r"\\\1"
#: Asked first: a search for one of a few characters is ten times as quick as one for a form.
_MAYBE_SPECIAL = re.compile(r"[\\`*_\[\]<>&]")
_URL_UNSAFE = re.compile(r"[\s()<>\"\\\x00-\x1f\x7f]")

#: (index in the line's parts that it stands before, whether it opens, marker).
Mark = tuple[int, bool, str]


#: A path from the host's root with nothing in it that joining would mend: joining takes 10 µs.
_ROOTED = re.compile(r"/(?:[\w~%@:,+-]+/)*(?:[\w~%@:,+-]+(?:\.[a-z]+)?)?(?:\?[\w=&%+-]+)?", re.ASCII)


@lru_cache(maxsize=64)
def _root(base: str) -> str:
    return joined(base, "/").removesuffix("/")


def joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # "http://[": no URL at all
        return ""


def safe_link(href: str, base: str) -> str:
    """The absolute http(s) URL of a link, fit to stand in Markdown, or "" when it has none."""
    href = href.strip()
    if not href.startswith(("https://", "http://")):
        href = _root(base) + href if _ROOTED.fullmatch(href) else joined(base, href)
        if not href.lower().startswith(("https://", "http://")):
            return ""
    if len(href) > _LINK_CHARS:
        return ""
    return _URL_UNSAFE.sub(_percent, href)


def is_special(text: str) -> bool:
    """Whether a text holds what Markdown would take for markup."""
    return _MAYBE_SPECIAL.search(text) is not None and MARKDOWN_SPECIAL.search(text) is not None


def _escaped(text: str) -> str:
    return MARKDOWN_SPECIAL.sub(_ESCAPED, text) if is_special(text) else text


def markdown(parts: list[str], given: list[Mark], text: str, base: str) -> str:
    """A line's text with its links and emphasis, or "" when that is `text` itself.

    A marker is `**`, `*`, or `[` with the link's href. Markers stand tight around words, as CommonMark's
    flanking rules (0.31, section 6.2) ask; one that holds no word is left out, one within its like as well.
    """
    if _is_one_link(given, len(parts)) and (target := safe_link(given[0][2][1:], base)):  # a teaser
        return f"[{_escaped(text)}]({target})"
    writer = _Markdown(base)
    marks = iter([*given, (len(parts), False, "")])
    index, opens, mark = next(marks)
    for at, part in enumerate(parts):
        while index == at:
            writer.mark(opens, mark)
            index, opens, mark = next(marks)
        writer.words(part)
    while mark:
        writer.mark(opens, mark)
        _, opens, mark = next(marks)
    written = writer.finish()
    return "" if written == text else written


def mark_lists(blocks: list[PageBlock]) -> None:
    """Write into the Markdown of list items what render cannot know: their numbers, and the list's depth."""
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


def _is_one_link(marks: list[Mark], size: int) -> bool:
    if len(marks) != 2 or marks[0][2][0] != "[":
        return False
    return marks[0][:2] == (0, True) and marks[1][:2] == (size, False)


def _percent(unsafe: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in unsafe[0].encode("utf-8", "replace"))


class _Markdown:
    def __init__(self, base: str) -> None:
        self.base = base
        self.out: list[str] = []
        self.opening: list[str] = []
        #: Markers that wait for their end, and what ends each.
        self.open: list[str] = []
        self.ends: list[str] = []
        self.links = 0
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
        folded = fold_words(part)
        if not folded:
            self.space = self.space or bool(part)
            return
        if (self.space or part[0].isspace()) and self.out:
            self.out.append(" ")
        for mark in self.opening:
            self._begin(mark)
        self.opening.clear()
        self.out.append(_escaped(folded))
        self.space = part[-1].isspace()

    def finish(self) -> str:
        while self.open:
            self._end()
        return "".join(self.out).strip()

    def _begin(self, mark: str) -> None:
        if mark[0] == "[":
            if self.links or not (target := safe_link(mark[1:], self.base)):
                return
            self.links += 1
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
        if self.open.pop()[0] == "[":
            self.links -= 1
        self.out.append(self.ends.pop())

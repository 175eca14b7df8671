"""Reads JSON as newsrooms write it: strictly where it can be, leniently where it must.

The lenient reader takes raw line breaks, unescaped quotes, missing or trailing commas, single quotes, bare
words, comments, CDATA and comment wrappers, several roots, and an end that is missing. It is linear in the
length of its input and bounded in depth, and never raises.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import msgspec

#: Deeper nesting is cut off: real JSON-LD stays below ten levels.
MAX_DEPTH = 40
#: The lenient reader takes a microsecond a character at worst; what is broken and longer is cut.
MAX_LENIENT_CHARS = 300_000
#: What follows this many values is not read: a script of a megabyte holds some ten thousand.
MAX_VALUES = 50_000

_SPACE = re.compile(r"[\s,;]*")
_OPENING = re.compile(r"[{\[]")
_BARE = re.compile(r"[^\s,:{}\[\]\"']+")
_BARE_LINE = re.compile(r"[^,{}\[\]\"'\r\n]*")
_CHUNK = {quote: re.compile(rf"[^\\{quote}]*") for quote in "\"'"}
#: A quote ends its string only where the grammar could go on: other quotes were not escaped.
_GOES_ON = re.compile(
    r"""\s*(?:$|[}\]:]|,\s*(?:$|["'{\[}\]\d/-]|true|false|null|[\w@-]{1,40}\s*:)|[\r\n]\s*["'}\]])"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
_WORDS = {"true": True, "false": False, "null": None}
_CLOSERS = "}]"


def read_json(text: str) -> list[Any]:
    """The JSON values in `text`, usually one; an empty list where there is none."""
    for reader in (_strictly, _without_strictness):
        try:
            return [reader(text)]
        except (ValueError, RecursionError, msgspec.MsgspecError):
            continue
    if '"' not in text and ("&quot;" in text or "&#34;" in text):
        text = html.unescape(text)
    return _Reader(text[:MAX_LENIENT_CHARS].replace("<![CDATA[", "").replace("]]>", "")).roots()


def _strictly(text: str) -> Any:
    return msgspec.json.decode(text)


def _without_strictness(text: str) -> Any:
    """As JSON, but control characters may stand in strings and surrogates alone."""
    return json.loads(text, strict=False)


class _Reader:
    """One pass over a text that is nearly JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.values_left = MAX_VALUES

    def roots(self) -> list[Any]:
        found = []
        while start := _OPENING.search(self.text, self.at):
            self.at = start.start()
            found.append(self.value(0))
        return found

    def peek(self) -> str:
        """The next character that means something, or "" at the end."""
        while True:
            match = _SPACE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.text.startswith("//", self.at):
                self.skip_past("\n")
            elif self.text.startswith("/*", self.at):
                self.skip_past("*/")
            else:
                return self.text[self.at : self.at + 1]

    def skip_past(self, mark: str) -> None:
        end = self.text.find(mark, self.at + 1)
        self.at = len(self.text) if end < 0 else end + len(mark)

    def value(self, depth: int) -> Any:
        first = self.peek()
        self.values_left -= 1
        if depth > MAX_DEPTH or self.values_left < 0:
            self.at = len(self.text)  # what lies deeper, and after it, is not read
            return None
        if first == "{":
            return self.object(depth)
        if first == "[":
            return self.array(depth)
        if first and first in "\"'":
            return self.string(first)
        return self.bare()

    def object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while (first := self.peek()) and first not in _CLOSERS:
            key = self.key(first)
            if self.peek() == ":":
                self.at += 1
                value = self.value(depth + 1)
                if key is not None:
                    found.setdefault(key, value)
        self.at += 1
        return found

    def key(self, first: str) -> str | None:
        if first in "\"'":
            return self.string(first)
        if bare := _BARE.match(self.text, self.at):
            self.at = bare.end()
            return bare[0]
        if first != ":":
            self.at += 1
        return None

    def array(self, depth: int) -> list[Any]:
        self.at += 1
        found = []
        while (first := self.peek()) and first not in _CLOSERS:
            before = self.at
            value = self.value(depth + 1)
            if self.at == before:
                self.at += 1
            else:
                found.append(value)
        self.at += 1
        return found

    def string(self, quote: str) -> str:
        self.at += 1
        parts = []
        while self.at < len(self.text):
            chunk = _CHUNK[quote].match(self.text, self.at)
            if chunk is not None:
                parts.append(chunk[0])
                self.at = chunk.end()
            here = self.text[self.at : self.at + 1]
            if here == "\\":
                parts.append(self.escape())
            elif here:
                self.at += 1
                if _GOES_ON.match(self.text, self.at):
                    break
                parts.append(here)
        return "".join(parts)

    def escape(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter == "u" and re.fullmatch("[0-9a-fA-F]{4}", code := self.text[self.at + 2 : self.at + 6]):
            self.at += 6
            return chr(int(code, 16))
        self.at += 2
        return _ESCAPES.get(letter, letter)

    def bare(self) -> Any:
        match = _BARE_LINE.match(self.text, self.at)
        word = match[0].split("/*", 1)[0] if match else ""
        self.at += len(word)
        word = word.strip()
        if word in _WORDS:
            return _WORDS[word]
        try:
            return float(word) if "." in word else int(word[:20])
        except ValueError:
            return word

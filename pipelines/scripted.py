"""The article as a page's scripts hold it: data that the browser builds the page from.

On a third of 170 news pages it is the article's text and little else; here it is asked only where the page
shows next to nothing without its scripts. (As a feature of the blocks that a page shows it gains nothing.)
The data is JSON in a `script` element, alone or as the value of an assignment; texts of one place in it (list
positions left out) belong together, and the place that holds the most running text is the article's. What it
holds may be HTML of its own.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from pipelines.html_blocks import blocks_of, parse
from pipelines.render import fold_line, words

#: A script of more characters is not read: the largest honest one of 171 news pages has some 900,000.
_MAX_SCRIPT: Final = 3_000_000
#: Scripts of fewer characters hold no article.
_MIN_SCRIPT: Final = 600
#: A text of one value, and the texts of one place together, have at least so many characters and words.
_MIN_TEXT: Final = 60
_MIN_WORDS: Final = 80
#: Values looked at, and how deep data may be nested (a JSON text within a JSON text counts as one step).
_MAX_VALUES: Final = 200_000
_MAX_DEPTH: Final = 60
#: Brackets of a script at which data is looked for, and pieces of data read: `a = {…}; b = {…}`.
_MAX_STARTS: Final = 50
_MAX_DATA: Final = 3
#: Places whose texts are measured, the longest first.
_LONGEST_PLACES: Final = 3
_START: Final = re.compile(r"[{\[]")
_PUSHED: Final = re.compile(r"\.push\(\s*\[\s*\d+\s*,\s*")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
#: Keys whose texts are no article: other articles' teasers, interface words, code.
_NO_TEXT: Final = re.compile(
    r"teaser|related|recommend|comment|sidebar|newsletter|footer|header|menu|config|translation|i18n|locale|messages"
    r"|caption|credit|alt|bio|legal|cookie|consent|css|style|query|schema|summary|description|excerpt",
    re.I,
)
_STOP: Final = re.compile(r"[.!?。！？।؟…][\"'”’»)\]]*\s*$")


def scripted_text(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The paragraphs of the article that the page's scripts hold; () when they hold none. Never raises."""
    best: tuple[int, list[str]] = (0, [])
    for script in tree.css("script"):
        raw = script.text(deep=True) or ""
        if not _MIN_SCRIPT <= len(raw) <= _MAX_SCRIPT or "ld+json" in (script.attributes.get("type") or ""):
            continue
        for data in _data_in(raw):
            best = max(best, _longest(data), key=lambda found: found[0])
    return tuple(best[1]) if best[0] >= _MIN_WORDS else ()


def _data_in(raw: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = found = 0
    for _ in range(_MAX_STARTS):  # code before it opens brackets, too
        if found == _MAX_DATA:
            return
        start = _PUSHED.search(raw, at) or _START.search(raw, at)
        if start is None:
            return
        try:
            data, at = decoder.raw_decode(raw, start.end() if start.re is _PUSHED else start.start())
        except (ValueError, RecursionError):
            at = start.end()
            continue
        found += 1
        yield data


def _longest(data: Any) -> tuple[int, list[str]]:
    """The place in `data` with the most running text: how many words, and its paragraphs."""
    #: (place around, key) → place; a list's members stand in the list's own place.
    numbers: dict[tuple[int, str], int] = {}
    places: dict[int, list[str]] = defaultdict(list)
    waiting: list[tuple[Any, int, int]] = [(data, 0, 0)]
    seen = 0
    while waiting and seen < _MAX_VALUES:
        value, place, depth = waiting.pop()
        seen += 1
        if isinstance(value, str):
            if value.startswith(("{", "[")) and depth < _MAX_DEPTH and (inner := _decoded(value)) is not None:
                waiting.append((inner, place, depth + 1))
            else:
                places[place].append(value)
        elif depth > _MAX_DEPTH:
            continue
        # Reversed, since the last one pushed is looked at first: texts keep their order.
        elif isinstance(value, dict):
            for key in reversed(value):
                inner = value[key]
                if _may_hold_text(inner) and not _no_text(key):
                    waiting.append((inner, numbers.setdefault((place, key), len(numbers) + 1), depth + 1))
        elif isinstance(value, list):
            waiting.extend((inner, place, depth + 1) for inner in reversed(value) if _may_hold_text(inner))
    best: tuple[int, list[str]] = (0, [])
    for texts in sorted(places.values(), key=lambda texts: -sum(map(len, texts)))[:_LONGEST_PLACES]:
        paragraphs = _paragraphs(texts)
        size = sum(len(words(p)) for p in paragraphs if _STOP.search(p))
        best = max(best, (size, paragraphs), key=lambda found: found[0])
    return best


def _may_hold_text(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) >= _MIN_TEXT and (" " in value or not value.isascii())
    return bool(value) and isinstance(value, (dict, list))


@lru_cache(maxsize=4096)
def _no_text(key: str) -> bool:
    return _NO_TEXT.search(key) is not None


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _paragraphs(texts: list[str]) -> list[str]:
    if any(_TAG.search(text) for text in texts):
        blocks = blocks_of(parse("<hr>".join(texts)))
        return [block.text for block in blocks if not block.subtree]
    return [line for text in texts for raw in text.split("\n") if (line := fold_line(raw))]

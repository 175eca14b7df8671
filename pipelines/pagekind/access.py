"""Whether an article is free to read: what the page says, weighed against what it shows.

`isAccessibleForFree: false` is also said by pages that show the whole text to whoever comes the first few
times (Google's guide for paywalled content asks meters to say so). So: not free and cut off is `paywalled`,
the text being a teaser; not free and there in full is `metered`.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.cues import walls
from pipelines.pagekind.evidence import Evidence

#: A text that ends at a wall is a teaser up to so many words. Without the page's own word that it is not
#: free, the wall must follow the text, and the text be short.
_TEASER_WORDS: Final = 250
_UNSTATED_WORDS: Final = 160
#: So many words in the parts that the page calls locked: they are shown.
_SHOWN_WORDS: Final = 60
#: Of what follows the last kept block, so many are looked at for a wall.
_AFTER: Final = 12
_WALL_CHARS: Final = 400
#: A text that breaks off: with dots, or within a sentence.
_CUT: Final = re.compile(r"(?:…|\.{3}|\[…\]|\[\.\.\.\])\s*[»”\"’]?$|[^\s.!?…。！？।؟”\"’»)\]:;]$")
#: The text that JSON-LD states goes on so much beyond what is shown.
_BEYOND: Final = 1.6


def access(page: Evidence) -> str:
    """`free`, `metered` or `paywalled`."""
    if page.access == "free":
        return "paywalled" if teaser(page) else "free"
    if page.access == "metered":
        return "paywalled" if teaser(page) else "metered"
    return "metered" if _shown_in_full(page) else "paywalled"


def teaser(page: Evidence) -> str:
    """Why the text is only the beginning of one, as a reason, or ""."""
    line = wall_after(page)
    if page.access == "paywalled":
        if _shown_in_full(page):
            return ""
        why = f"‘{line[:60]}’" if line else "the text is short or breaks off"
        return f"teaser: not free, as {page.access_source or 'the page'} says; {why}"
    if line and page.size < _UNSTATED_WORDS:
        return f"teaser: {page.size} words, then ‘{line[:60]}’"
    if line and page.size < _TEASER_WORDS and _breaks_off(page):
        return f"teaser: the text breaks off, then ‘{line[:60]}’"
    return ""


def wall_after(page: Evidence) -> str:
    """A line behind the text, or at its very end, that says it goes on for those who pay or log in; or ""."""
    last = max((rank for rank, block in enumerate(page.blocks) if block.label in _TEXT), default=-1)
    near = page.blocks[max(0, last) : last + 1 + _AFTER]
    for block in near:
        if len(block.text) <= _WALL_CHARS and walls.PAYWALL.search(block.text):
            return block.text
    return ""


_TEXT: Final = frozenset(("body", "quote"))


def _breaks_off(page: Evidence) -> bool:
    last = next((block.text for block in reversed(page.blocks) if block.label in _TEXT), "")
    return bool(_CUT.search(last))


def _shown_in_full(page: Evidence) -> bool:
    """Whether the text of a page that is not free is there nevertheless."""
    if page.locked is not None and page.locked < _SHOWN_WORDS and page.size < 2 * _TEASER_WORDS:
        return False  # the locked part is named, and there is nothing in it
    if page.size >= _TEASER_WORDS:
        return not (_breaks_off(page) and wall_after(page))
    if page.locked is not None and page.locked >= _SHOWN_WORDS:
        return not wall_after(page)
    return False

"""Text that the page states but does not show: behind a paywall, or where scripts build the page.

Two places hold it: JSON-LD's `articleBody`, and the data in the page's scripts (`scripted.py`). It is taken
only where it goes well beyond what the page shows: elsewhere what is shown is the better text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from pipelines.render import words

#: A stated text of fewer words is a teaser.
LEAST_WORDS: Final = 60
#: It goes beyond the shown one where it has so many times its words, and this many more.
_FACTOR: Final = 1.5
_MORE: Final = 40
#: A page that shows more words than this shows its article: a stated text beyond that holds other things too
#: (boxes, further articles). Previews before a paywall have some 50 to 200.
PREVIEW_WORDS: Final = 250
#: As many characters hold more words than that, whatever the language.
PREVIEW_CHARS: Final = 4_000
#: A shown block stands in the stated text when this share of its words does.
_INSIDE: Final = 0.9
#: What is shown is the stated text's beginning where this share of its words stand in it; a page that shows
#: another text with it in mind (a list of teasers, a notice) is left alone.
_KIN: Final = 0.5
#: Scripts are looked through where the page shows fewer words than this.
SHOWN_WORDS: Final = 80


class Recovered(NamedTuple):
    """The paragraphs to add, and which of the kept blocks they say as well."""

    paragraphs: tuple[str, ...]
    said_again: frozenset[int]


def recovered(kept: Sequence[tuple[int, str]], stated: Sequence[str]) -> Recovered | None:
    """What `stated` (paragraphs) adds to the kept blocks (position, text); None when it adds too little."""
    whole = [word for paragraph in stated for word in words(paragraph.casefold())]
    if len(whole) < LEAST_WORDS:
        return None
    shown = {position: words(text.casefold()) for position, text in kept}
    size = sum(map(len, shown.values()))
    if size > PREVIEW_WORDS or len(whole) < _FACTOR * size + _MORE:
        return None
    known = set(whole)
    inside = {position: sum(word in known for word in block) for position, block in shown.items()}
    if sum(inside.values()) < _KIN * size:
        return None
    again = frozenset(p for p, block in shown.items() if inside[p] >= _INSIDE * len(block))
    return Recovered(tuple(p for p in stated if p.strip()), again)

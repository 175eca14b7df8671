"""What a line looks like by itself: its size, its ending, its cues. No neighbours, no page.

The rules decide on shapes; the learned labeller measures lines its own way (`pipelines.model.lexical`).
"""

from __future__ import annotations

import re

import msgspec

from pipelines.cues import Cue, line_cue, opener_cue, phrase_cues, start_cue
from pipelines.cues.forms import TEASER_END
from pipelines.render import BULLET, NUMBERED

_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
#: Two characters of Chinese, Japanese or Thai carry about as much as one word of a spaced script.
_UNSPACED_PER_WORD = 2
_END = re.compile(r"[.!?…。！？؟।۔\u0964](?:[\"'”’»«›）)\]」』“]|\s)*$")
_QUOTE_END = re.compile(r"[\"”»」』“]\s*$")
_QUOTE_START = re.compile(r"^[\"“„«»「『]")
_COLON_END = re.compile(r"[:：]\s*$")
_SENTENCE_BREAK = re.compile(r"[.!?…。！？؟।][\"'”’»」』)]*\s+\S|[。！？]")

#: Words from which an ended line counts as running text, and from which an unended one does too. Chosen by
#: F1 over development dumps: captions and teasers lie below, paragraphs cut short by a link above.
PROSE_WORDS = 8
LONG_WORDS = 20
UNENDED_WORDS = 40


class Shape(msgspec.Struct, kw_only=True):
    """One line's own looks. `words` counts spaced words, and half the characters of unspaced scripts."""

    text: str
    fold: str
    words: int
    ends: bool
    quoted: bool
    colon: bool
    bullet: bool
    numbered: bool
    #: 0 no running text, 1 a short sentence, 2 a sentence, 3 a paragraph.
    prose: int
    line: Cue | None
    opener: Cue | None
    start: Cue | None
    phrases: tuple[Cue, ...]
    teaser: bool

    @property
    def item(self) -> bool:
        """Looks like an item of a list."""
        return self.bullet or self.numbered


def fold(text: str) -> str:
    """What two lines share that say the same: their words, case folded."""
    return " ".join(_WORD.findall(text.casefold()))


def shape_of(text: str) -> Shape:
    """Look at one line."""
    bullet = bool(BULLET.match(text))
    bare = BULLET.sub("", text, count=1) if bullet else text
    words = (
        len(_WORD.findall(text)) if not (dense := len(_UNSPACED.findall(text))) else _mixed_words(text, dense)
    )
    ends = bool(_END.search(text[-24:])) or (words >= LONG_WORDS and bool(_QUOTE_END.search(text[-24:])))
    short = words <= 60
    return Shape(
        text=text,
        fold=fold(bare) or text.strip(),
        words=words,
        ends=ends,
        quoted=bool(_QUOTE_START.match(bare)),
        colon=bool(_COLON_END.search(text[-4:])),
        bullet=bullet,
        numbered=bool(NUMBERED.match(text)),
        prose=_prose(words, ends, words >= LONG_WORDS and bool(_SENTENCE_BREAK.search(text))),
        line=line_cue(bare) if words <= 16 else None,
        opener=opener_cue(bare) if words <= 10 else None,
        start=start_cue(bare) if words <= 120 else None,
        phrases=tuple(phrase_cues(text)),
        teaser=short and words >= 5 and bool(TEASER_END.search(text[-40:])),
    )


def _mixed_words(text: str, dense: int) -> int:
    return dense // _UNSPACED_PER_WORD + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def _prose(words: int, ends: bool, several: bool) -> int:
    if words >= UNENDED_WORDS or (words >= LONG_WORDS and (ends or several)):
        return 3
    if words >= PROSE_WORDS and ends:
        return 2
    if words >= 3 and ends:
        return 1
    return 0

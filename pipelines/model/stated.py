"""What the page's metadata says of its blocks: the article's text in JSON-LD, the headline; and pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from pipelines.blocks import PageBlock, PageFacts
from pipelines.cues import forms
from pipelines.model.compiled import compiled
from pipelines.model.features import Columns, shift, window
from pipelines.model.lexical import Floats, Lexical, tokens_of
from pipelines.model.markup import TAGS

#: A stated text is looked at where it has so many words: shorter ones are teasers.
_LEAST_WORDS: Final = 40
#: Words in a piece of a block that is looked for in the stated text.
_PIECE: Final = 5
_CREDIT_CHARS: Final = 160
#: So much of a block's beginning is in `Lexical.tokens`.
_LEXICAL_CHARS: Final = 480
#: What `forms.CREDIT_SIGN` looks for, but for the words in `_BY`: plain searches are much quicker.
_SIGNS: Final = (
    "(", "/", "—", "–", ":", "photo", "image", "[", "|", "©", "：", "=", " - ", "picture", "foto", "фото",
    "getty", "reuters", "afp", "shutterstock", "istock", "alamy", "imago", "epa", "unsplash", "courtesy",
    "credit", "写真", "图", "圖", "사진", "ảnh",
)  # fmt: skip
_BY: Final = frozenset(("by", "via"))
_CREDIT_SIGNS: Final = ("©", "写真", "画像", "图", "圖", "사진")
_PHOTO_WORDS: Final = (
    "photo photos photograph photographs image images picture pic foto fotos bild bilder billede bilde kuva"
    " fot zdj bildrechte bildquelle bildnachweis imagen crédit credit credits beeld фото світлина صورة"
    " fotografía fotoğraf kép fotó ảnh file"
)


def body_columns(lex: Lexical, prose: Floats, article_body: str | None) -> Columns:
    """Share of each block's pieces that stand in the text JSON-LD states; -1 where it states none."""
    n = len(lex.tokens)
    words = tokens_of(article_body or "")
    if len(words) < _LEAST_WORDS:
        none = np.full(n, -1, dtype=np.float32)
        return {"in stated text": none, "in stated text within 1": none, "stated text found": none,
                "stated text of prose": none}  # fmt: skip
    held = _pieces_held(lex.tokens, words)
    inside = float((held * prose).sum())
    return {
        "in stated text": held,
        "in stated text within 1": window(held, 1),
        "stated text found": np.full(n, min(inside / len(words), 2.0), dtype=np.float32),
        "stated text of prose": np.full(n, inside / (float(prose.sum()) + 1.0), dtype=np.float32),
    }


@compiled
def _pieces_held(lines: list[list[str]], words: list[str]) -> Floats:
    """Share of each line's pieces that are runs of `words`; a line of fewer words is one piece."""
    runs: dict[int, set[tuple[str, ...]]] = {}
    held = np.zeros(len(lines), dtype=np.float32)
    for i, tokens in enumerate(lines):
        size = min(len(tokens), _PIECE)
        if not size:
            continue
        if size not in runs:
            runs[size] = set(zip(*(words[start:] for start in range(size)), strict=False))
        pieces = [tuple(tokens[at : at + size]) for at in range(0, len(tokens) - size + 1, size)]
        held[i] = sum(map(runs[size].__contains__, pieces)) / len(pieces)
    return held


def picture_columns(blocks: Sequence[PageBlock], lex: Lexical) -> Columns:
    """Pictures before a block and after it, and whether it ends like a picture's credit."""
    n = len(blocks)
    pictures = np.fromiter((min(b.pictures, 5) for b in blocks), dtype=np.float32, count=n)
    credit = _credited([b.text for b in blocks], lex.tokens, _credit_tables())
    return {
        "pictures before": pictures,
        "pictures after": shift(pictures, -1),
        "pictures before last": shift(pictures, 1),
        "pictures within 3": window(np.minimum(pictures, 1), 3),
        "picture credit": credit,
        "picture credit after": shift(credit, -1),
        "picture credit before": shift(credit, 1),
    }


def headline_columns(said: Columns, prose: Floats) -> Columns:
    """Where a block stands from the one that says the page's headline: a second article comes after another.

    `said` holds the columns `headline held`, `headline share` and `tag`.
    """
    n = len(prose)
    likeness = said["headline held"] + said["headline share"]
    titled = (said["tag"] >= TAGS["h2"]) & (said["tag"] <= TAGS["h1"])
    best = likeness + 0.5 * (said["tag"] == TAGS["h1"]) + 0.2 * titled
    at = np.arange(n)
    ahead = np.cumsum(prose) - prose
    if n and likeness.max() >= 1.2:
        head = int(np.argmax(np.where(likeness >= 1.2, best, -9)))
        since = np.clip(at - head, -60, 60).astype(np.float32)
        below = (ahead - ahead[head]).astype(np.float32)
        titles = np.cumsum(titled & (at > head)).astype(np.float32)
    else:
        since = np.full(n, -99, dtype=np.float32)
        below = ahead.astype(np.float32)
        titles = np.cumsum(titled).astype(np.float32)
    return {
        "since the headline": since,
        "prose since the headline": np.sign(below) * np.log1p(np.abs(below)),
        "titles since the headline": np.minimum(titles, 30),
    }


#: What a page calls itself → code; `article` is what most templates say of anything.
_PAGE_TYPES: Final = {
    **dict.fromkeys(
        ("newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
         "backgroundnewsarticle", "reviewnewsarticle", "advertisercontentarticle"), 5.0),
    **dict.fromkeys(("article", "techarticle", "scholarlyarticle", "report"), 3.0),
    **dict.fromkeys(("blogposting", "socialmediaposting", "blog"), 2.0),
    "liveblogposting": 6.0,
    **dict.fromkeys(("website", "webpage", "og:website"), 1.0),
}  # fmt: skip
_OTHER_TYPE: Final = 4.0


def page_columns(facts: PageFacts, n: int) -> Columns:
    """What the page calls itself and whether it names a writer, the same for all its blocks."""
    said = (facts.page_type or "").lower()
    kind = _PAGE_TYPES.get(said, _OTHER_TYPE) if said else 0.0
    return {
        "page type": np.full(n, kind, dtype=np.float32),
        "authors stated": np.full(n, min(len(facts.authors), 4), dtype=np.float32),
    }


class CreditTables(NamedTuple):
    """What tells a picture's credit, quick tests first."""

    #: Signs and words of which every block with a credit holds one.
    signs: tuple[str, ...]
    by: frozenset[str]
    #: Words of which every credit that names an agency holds one (each name's longest), and the form of such.
    agencies: frozenset[str]
    names_agency: Callable[[str], object]
    #: Words and signs of which all others hold one, and their form.
    pictures: frozenset[str]
    picture_signs: tuple[str, ...]
    names_picture: Callable[[str], object]


@lru_cache(maxsize=1)
def _credit_tables() -> CreditTables:
    return CreditTables(
        signs=_SIGNS,
        by=_BY,
        agencies=frozenset(max(tokens_of(name), key=len, default="") for name in forms.PLAIN_AGENCIES),
        names_agency=forms.AGENCY_CREDIT.search,
        pictures=frozenset(_PHOTO_WORDS.split()),
        picture_signs=_CREDIT_SIGNS,
        names_picture=forms.WORD_CREDIT.search,
    )


@compiled
def _credited(texts: Sequence[str], lines: list[list[str]], tables: CreditTables) -> Floats:
    """By block: 2 for a picture's credit at its end, 1 for what may be part of one, 0 for neither."""
    said = (_credit_at_end(text, tokens, tables) for text, tokens in zip(texts, lines, strict=True))
    return np.fromiter(said, dtype=np.float32, count=len(texts))


def _credit_at_end(text: str, tokens: list[str], tables: CreditTables) -> float:
    end = text[-_CREDIT_CHARS:]
    low = end.lower()
    last = tokens_of(end) if len(text) > _CREDIT_CHARS else tokens
    if not any(sign in low for sign in tables.signs) and tables.by.isdisjoint(last):
        return 0.0
    if len(text) <= _LEXICAL_CHARS:
        last = tokens[-_CREDIT_CHARS:]
    # Words are asked first: the forms themselves stop at every character.
    if not tables.agencies.isdisjoint(last) and tables.names_agency(end):
        return 2.0
    holds = not tables.pictures.isdisjoint(last) or any(sign in low for sign in tables.picture_signs)
    return 2.0 if holds and tables.names_picture(end) else 1.0

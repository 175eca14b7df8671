"""What a page is: an article, or an index, a consent wall, a paywall, an error page, something else.

Both ways use it, after labelling: it sees the labelled blocks and the kept text, nothing of their form.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.values import KINDS, Block
from pipelines.cues import forms
from pipelines.render import words

#: An article has at least so many words of running text. Shorter news flashes exist, so a headline and one
#: full sentence are enough below it (`_FLASH_WORDS`).
_ARTICLE_WORDS = 60
_FLASH_WORDS = 12
#: A page whose kept words are this few beside so many removed lines about one thing is about that thing.
_STUB_WORDS = 120

_ERROR_LINE_WORDS = 24


def judge_kind(
    blocks: Sequence[Block],
    text: str,
    *,
    url: str = "",
    headline: str | None = None,
    word_count: int | None = None,
) -> tuple[str, str]:
    """Return (kind, reason); kind is one of `KINDS`, the reason "" for an article.

    `text` is what the kept blocks read like, `word_count` its words if somebody counted them.
    A judgement on the page as a whole: no block changes its label.
    """
    size = len(words(text)) if word_count is None else word_count
    for test in (_error, _consent, _paywall, _index, _too_little):
        if found := test(blocks, size, headline):
            assert found[0] in KINDS
            return found
    return "article", ""


def _error(blocks: Sequence[Block], size: int, headline: str | None) -> tuple[str, str] | None:
    if size >= _STUB_WORDS:
        return None
    shown = [block.text for block in blocks if block.label not in {"nav", "cookie", "legal"}][:6]
    for line in [*([headline] if headline else []), *shown]:
        if len(words(line)) <= _ERROR_LINE_WORDS and forms.ERROR_PAGE.search(line):
            return "error", f"says ‘{line[:80]}’"
    return None


def _consent(blocks: Sequence[Block], size: int, headline: str | None) -> tuple[str, str] | None:
    if size >= _STUB_WORDS:
        return None
    asked = sum(len(words(block.text)) for block in blocks if block.label == "cookie")
    if asked >= 20 and asked > 2 * size:
        return "consent", "little but a request for consent to cookies and tracking"
    return None


def _paywall(blocks: Sequence[Block], size: int, headline: str | None) -> tuple[str, str] | None:
    if size >= _STUB_WORDS:
        return None
    for block in blocks:
        if len(block.text) <= 400 and forms.PAYWALL.search(block.text):
            return "paywall", f"a few words of text, then ‘{block.text[:80]}’"
    return None


#: An index holds so many titles of other pages, and nowhere two paragraphs one after the other: of so many
#: words each, teasers being shorter or parted by their titles.
_INDEX_TITLES = 12
_PARAGRAPH_WORDS = 14
#: A single paragraph of so many words under a headline is a news flash, however many links surround it.
_PARAGRAPH_ALONE = 25


def _index(blocks: Sequence[Block], size: int, headline: str | None) -> tuple[str, str] | None:
    kept = [block for block in blocks if block.kept]
    counts = []
    for block in kept:
        counts.append(len(words(block.text)) if block.label in {"body", "quote"} else 0)
        if min(counts[-2:]) >= _PARAGRAPH_WORDS and len(counts) > 1:
            return None
    titles = sum(block.label in {"related", "nav"} for block in blocks)
    if (
        titles >= _INDEX_TITLES
        and size < _STUB_WORDS
        and not (headline and max(counts, default=0) >= _PARAGRAPH_ALONE)
    ):
        return "index", f"{titles} titles or links of other pages, nowhere two paragraphs together"
    inner = sum(block.label in {"heading", "list"} for block in kept)
    if inner >= _INDEX_TITLES and sum(counts) * 2 < size:
        return "index", f"{inner} titles or items, nowhere two paragraphs together"
    return None


def _too_little(blocks: Sequence[Block], size: int, headline: str | None) -> tuple[str, str] | None:
    if size == 0:
        return "other", "no running text"
    if size >= _ARTICLE_WORDS:
        return None
    sentence = any(block.kept and len(words(block.text)) >= _FLASH_WORDS for block in blocks)
    if not (sentence and headline):
        return "other", f"only {size} words of text" + ("" if headline else " and no headline")
    return None

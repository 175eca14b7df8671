"""A person's word on blocks goes before the cleaner's. Pure: which words concern a page, others know."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Sequence

from archive.values import KEPT_LABELS, LABELS, Article, Override
from pipelines.blocks import PageBlock, Verdict

#: What the account says of a block that a person judged; what the cleaner held it for stands behind it.
REASON = "a person said so"

#: Element → what a block of it is, where it is put back into the text.
_BY_TAG = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "list"),
    **dict.fromkeys(("tr", "th", "td"), "table"),
    "blockquote": "quote",
}

_LETTERS = re.compile(r"\w")


def letters_digest(text: str) -> str:
    """What an override knows a block by: `sha1:` and 32 characters, of its letters and digits alone.

    Spacing, punctuation, bullets and invisible signs do not count: a block is the same in the page, in the
    account and in the text. One without any letter is known by what it has.
    """
    letters = "".join(_LETTERS.findall(unicodedata.normalize("NFKC", text).casefold()))
    said = letters or "".join(text.split())
    sha1 = hashlib.sha1(said.encode("utf-8", "replace"), usedforsecurity=False)
    return "sha1:" + base64.b32encode(sha1.digest()).decode("ascii")


def obeyed(
    blocks: Sequence[PageBlock], verdicts: Sequence[Verdict], overrides: Sequence[Override]
) -> list[Verdict]:
    """The verdicts with the overrides' instead where one names the block; of several the last is obeyed."""
    said = {override.block: override for override in overrides}
    if not said:
        return list(verdicts)
    pairs = zip(blocks, verdicts, strict=True)
    return [_judged(block, verdict, said.get(letters_digest(block.text))) for block, verdict in pairs]


def cleaner_with(cleaner: str, overrides: Sequence[Override]) -> str:
    """The cleaner's name for a page that people had a say on: other words, other name.

    So that no version that an override changed is taken for a newsroom's edit, and that a page is cleaned
    again when what is said of it has changed.
    """
    if not overrides:
        return cleaner
    told = "\n".join(sorted({f"{one.block} {one.say} {one.label}" for one in overrides}))
    return f"{cleaner}+{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:8]}"


def judged_by_people(article: Article | None) -> set[str]:
    """The digests of an article's blocks that overrides named."""
    blocks = () if article is None else article.blocks
    return {letters_digest(block.text) for block in blocks if block.reason.startswith(REASON)}


def _judged(block: PageBlock, verdict: Verdict, override: Override | None) -> Verdict:
    if override is None or override.say == "leave":
        return verdict
    kept = override.say == "keep"
    label = verdict.label
    if override.label in LABELS and (override.label in KEPT_LABELS) == kept:
        label = override.label
    elif (label in KEPT_LABELS) != kept:
        label = _BY_TAG.get(block.tag, "body") if kept else "other"
    before = "" if label == verdict.label else f"; the cleaner held it for {verdict.label} ({verdict.reason})"
    return Verdict(label, REASON + before, 1.0)

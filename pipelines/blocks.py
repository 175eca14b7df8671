"""What stands between a page and its labels: blocks in page order, and the seam for labellers.

A page, whether HTML or a plain-text dump, becomes one sequence of `PageBlock`; a `Labeller` gives each
block a `Verdict`. Learned models stand behind that seam, and the rules, which read dumps alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class PageBlock(msgspec.Struct, kw_only=True):
    """One text-bearing block as it stands in the page, before anybody judged it.

    `text` is the block's visible text, whitespace folded. `position` counts from 1: the line number in a
    dump, the rank in an HTML page. `tag`, `path`, `classes` and `link_chars` are empty for a dump.
    """

    position: int
    text: str
    #: Element it stood in: `p`, `h1`, `li`, `td`, `blockquote`, `figcaption`, `pre`, `div`, …; "" in a dump.
    tag: str = ""
    #: Ancestors from the body down, `tag#id.class1.class2` each, the block's own element last.
    path: tuple[str, ...] = ()
    #: Characters of `text` that stand inside links.
    link_chars: int = 0
    #: Pictures and players between the block before and this one's end.
    pictures: int = 0
    #: Blank lines before this one in a dump (2 or more mark a section's end); 0 in HTML.
    gap: int = 0
    #: Not shown by a browser (hidden attribute, display:none, template, …): cut, but accounted for.
    hidden: bool = False
    #: A whole subtree dropped early (navigation, footer): one block, label already known.
    subtree: str = ""
    #: Markdown of the block's own text (emphasis, links), or "" when it equals `text`.
    markdown: str = ""


class PageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the page beside its blocks: a labeller may lean on it, never require it."""

    form: str
    url: str = ""
    headline: str | None = None
    authors: tuple[str, ...] = ()
    description: str | None = None
    site_name: str | None = None
    language: str | None = None
    #: The page's own word for what it is (`NewsArticle`, `BlogPosting`, `website`).
    page_type: str | None = None
    #: The article's text as the page's JSON-LD states it, where it does.
    article_body: str | None = None
    #: For each block, what trafilatura said: kept (True), left out (False); empty when it was not asked.
    referee: tuple[bool, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """A labeller's word on one block: the label, why in a few words, how sure in 0..1."""

    label: str
    reason: str
    score: float = 1.0


class Labeller(Protocol):
    """Gives each block of a page its label. Deterministic; no clock, disk or network."""

    def label(self, blocks: Sequence[PageBlock], facts: PageFacts) -> list[Verdict]:
        """One verdict for each block, in order."""
        ...

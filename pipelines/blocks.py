"""What stands between a page and its labels: blocks in page order, and the seam for labellers.

A page, whether HTML or a plain-text dump, becomes one sequence of `PageBlock`; a `Labeller` gives each
block a `Verdict`. Learned models stand behind that seam, and the rules, which read dumps alone.
"""

from __future__ import annotations

import base64
import hashlib
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


class SiteMemory(Protocol):
    """What the pages of one site have shown, as a labeller may ask for it: a value, which nothing changes
    while a page is judged. The page that is judged is not among them."""

    @property
    def pages(self) -> int:
        """How many distinct pages of the site it knows."""
        ...

    def seen(self, digest: str) -> int:
        """On how many of them a block of this text stood (`block_digest`); 0 for a text it never met."""
        ...


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
    #: What other pages of the site showed; None where nobody remembers.
    memory: SiteMemory | None = None


def block_digest(text: str) -> str:
    """What a memory knows a block's text by, as the archive's tables do: `sha1:` and 32 characters."""
    sha1 = hashlib.sha1(text.encode("utf-8", "replace"), usedforsecurity=False)
    return "sha1:" + base64.b32encode(sha1.digest()).decode("ascii")


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

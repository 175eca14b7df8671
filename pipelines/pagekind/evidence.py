"""What the judge of a page's kind is given: everything that is known of the page, in one value."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from archive.values import Block
from pipelines.blocks import PageBlock
from pipelines.pagekind.signs import Signs


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A page after labelling. A dump has blocks, text and headline; the rest is its default.

    `blocks` are the labelled blocks, `page` the same ones as they stood in the page (HTML only), `size` the
    words of the kept text. `types` are the page's own words for what it is, folded: schema.org's types, and
    `og:type` behind `og:`. `requested_url` is what was asked for, where a redirect led to `url`.
    """

    blocks: Sequence[Block]
    text: str
    size: int
    headline: str | None = None
    url: str = ""
    requested_url: str = ""
    page: Sequence[PageBlock] = ()
    types: frozenset[str] = frozenset()
    signs: Signs | None = None
    signed: bool = False
    dated: bool = False
    #: Where the date stands: `json-ld:…`, `meta:…`, `text:date` …; "" when there is none.
    date_source: str = ""
    section: bool = False
    keywords: int = 0
    description: str = ""
    body_chars: int = 0
    #: What JSON-LD or a meta says of access (`free`, `metered`, `paywalled`), and where ("": nowhere).
    access: str = "free"
    access_source: str = ""
    #: Words shown in the parts that the page calls locked; None when it names none.
    locked: int | None = None
    #: The page's own word for what it is (JSON-LD's type of its main work, else `og:type`), or "".
    declared: str = ""

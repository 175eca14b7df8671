"""The frozen values that cross the seams between the rooms.

They are validated once, where they are made; no room passes bare dicts to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

#: What a block of a page can be. The list is closed: it is a public interface (`removed.label`).
LABELS = (
    "headline", "heading", "body", "list", "quote", "table", "caption", "byline", "dateline", "date",
    "credit", "author_bio", "nav", "related", "newsletter", "cookie", "comment_policy", "comment",
    "share", "ad", "legal", "duplicate", "other",
)  # fmt: skip

#: Labels whose blocks are the article's text. All others go to the account.
KEPT_LABELS = frozenset({"heading", "body", "list", "quote", "table"})

#: What a capture can turn out to be. Only `article` becomes a row in `articles`.
KINDS = ("article", "index", "consent", "paywall", "error", "other")

#: What a page is more exactly than its kind says → the kinds that such a page can be of. The list is
#: closed, and a public interface: `kind_reason` begins with one of these words and a colon, where it
#: applies
#: (docs/kinds.md).
PAGE_FORMS = {
    "live blog": ("article",),
    "teaser": ("article",),
    "gallery": ("article", "other"),
    "video": ("article", "other"),
    "forum": ("other",),
    "product": ("other",),
    "login": ("other",),
    "empty": ("other",),
    "soft 404": ("error",),
    "bot check": ("error",),
}


def page_form(kind_reason: str) -> str:
    """The word of `PAGE_FORMS` that a reason begins with, or "".

    >>> page_form("soft 404: says ‘Page not found’")
    'soft 404'
    >>> page_form("HTTP 404 Not Found")
    ''
    """
    word = kind_reason.partition(": ")[0]
    return word if word in PAGE_FORMS else ""


Form = Literal["html", "text"]
#: Who says what stays on an HTML page; see `pipelines.CLEANERS`.
Engine = Literal["learned", "trafilatura"]
Source = Literal["crawl", "dump", "html", "jsonl", "warc", "wacz", "wayback", "ccnews"]
#: What an exchange was for that is no page (`exchanges.role`, `Pressmark-Role`): robots.txt; a feed; a
#: sitemap; a page that was asked for the feeds it announces; a page that lists articles; a redirect; an
#: answer before another try; the answer whose page was rendered by a browser; what such a page asked for in
#: turn; a file that tells rights; else.
Role = Literal[
    "robots", "feed", "sitemap", "home", "section", "redirect", "retry", "rendered", "part", "rights",
    "other",
]  # fmt: skip


#: What became of a page that was kept; `taken_down`: its address was; nothing is kept of it.
Outcome = Literal["new", "updated", "unchanged", "not_article", "taken_down"]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Root of all values: immutable, compared by content, picklable."""


class Cadence(Value, frozen=True, kw_only=True):
    """When a batch is synced and its rows are committed: at the first of these that is reached.

    What a reader sees lags by no more, and a power loss takes no more.
    """

    rows: int = 512
    #: Of the records behind the rows, compressed.
    size_bytes: int = 64_000_000
    seconds: float = 5.0


class RecordRef(Value, frozen=True, kw_only=True):
    """Where a WARC record lies: `file` relative to the archive's root, `offset` and `length` in bytes."""

    file: str
    offset: int
    length: int
    record_id: str
    payload_digest: str | None = None

    def __post_init__(self) -> None:
        if self.offset < 0 or self.length <= 0:
            raise ValueError(f"record {self.record_id}: offset {self.offset}, length {self.length}")


class Exchange(Value, frozen=True, kw_only=True):
    """One HTTP request and its response, as sent (WARC 1.1, section 6.3).

    `response_body` is the entity body with its content-encoding kept and its transfer-encoding removed.
    Headers are (name, value) pairs in order, repeated ones included, as raw bytes. Who saw the very bytes
    also gives `request_head` and `response_head`: first line and header lines as they went over the wire,
    line ends and the blank line included. Records are made of these where they are given.
    """

    url: str
    method: str = "GET"
    request_headers: tuple[tuple[bytes, bytes], ...] = ()
    request_body: bytes = b""
    status: int
    reason: str = ""
    protocol: str = "HTTP/1.1"
    response_headers: tuple[tuple[bytes, bytes], ...] = ()
    response_body: bytes = b""
    ip_address: str | None = None
    fetched_at: datetime
    #: Value of WARC-Truncated (`length`, `time`, `disconnect`, `unspecified`) when the body was cut.
    truncated: str | None = None
    request_head: bytes = b""
    response_head: bytes = b""
    #: What the connection had agreed on, where it was encrypted: `tls/1.3`, and the suite's name at IANA.
    tls_version: str | None = None
    cipher_suite: str | None = None
    #: Of a 304: the id of the stored record whose validators the request had named (`Archive.validators`).
    not_modified: str | None = None


class Validators(Value, frozen=True, kw_only=True):
    """By what a server can tell that nothing changed since the record `record_id` (RFC 9110, section 8.8)."""

    record_id: str
    etag: str = ""
    last_modified: str = ""


class Answer(Value, frozen=True, kw_only=True):
    """A stored answer as it was sent, transfer coding removed; a revisit's body is its original's."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Hints(Value, frozen=True, kw_only=True):
    """Metadata that came beside a page (JSON Lines from other tools); the page's own wins."""

    headline: str | None = None
    authors: tuple[str, ...] = ()
    date_published: str | None = None
    language: str | None = None


class Rights(Value, frozen=True, kw_only=True):
    """What stood about the use of a page when it was fetched.

    `robots`: by which line robots.txt allowed it, in words; "" where it was not asked. `statements`: what its
    owner says of its use, as `noarchive` or `tdm-reservation=1` (docs/rights.md).
    """

    robots: str = ""
    statements: tuple[str, ...] = ()


class Capture(Value, frozen=True, kw_only=True):
    """One page as it reached us: an exchange, or one page of a dump.

    `body` is the payload with every encoding undone (what a parser reads), never the raw record's bytes.
    `url` is the final URL, or "" for a dump page that does not tell it. `fetched_at` is aware, in UTC.
    `exchange` is set while the raw exchange is not yet on disk; `record` once it is. With `rendered_by`, the
    browser's name, `body` is the document that its scripts made of the exchange's answer, at `fetched_at`.
    """

    url: str
    requested_url: str = ""
    fetched_at: datetime
    body: bytes
    content_type: str = ""
    status: int | None = None
    source: Source
    source_path: str = ""
    rendered_by: str = ""
    hints: Hints | None = None
    rights: Rights | None = None
    exchange: Exchange | None = None
    record: RecordRef | None = None

    def __post_init__(self) -> None:
        if self.fetched_at.tzinfo is None:
            raise ValueError(f"capture of {self.url or self.source_path}: fetched_at has no time zone")


class Block(Value, frozen=True, kw_only=True):
    """One block of a page in page order, labelled.

    `position` counts from 1: the line number in a plain-text dump, the block's rank in an HTML page.
    `tag` is the element it stood in (`p`, `h2`, `li`, …), or "" in a dump. `score` is in 0..1.
    """

    position: int
    text: str
    label: str
    reason: str
    score: float = 1.0
    tag: str = ""

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise ValueError(f"unknown label {self.label!r} for block {self.position}")

    @property
    def kept(self) -> bool:
        return self.label in KEPT_LABELS


class Removed(Value, frozen=True, kw_only=True):
    """One block that was taken out of the text: the account's line for it."""

    position: int
    label: str
    reason: str
    score: float
    text: str


class Override(Value, frozen=True, kw_only=True):
    """A person's word on one block of an article, or of all pages of a site: it goes before the cleaner's.

    `say`: `keep` puts the block into the text, `cut` takes it out, `leave` leaves it to the cleaner.
    `block` is the digest of its letters (`pipelines.overrides.letters_digest`). One of `article` (an address)
    and `site` is set. `label` is what it is held to be then; "" leaves that to the cleaner.
    """

    say: Literal["keep", "cut", "leave"]
    block: str
    article: str = ""
    site: str = ""
    label: str = ""


class Article(Value, frozen=True, kw_only=True):
    """What a page says. `kind` other than `article` means: not an article, and why (`kind_reason`).

    An article's `kind_reason` is "" or tells its form (`page_form`). With `access` `paywalled`, `text` is a
    teaser.
    """

    url: str = ""
    canonical_url: str | None = None
    site: str | None = None
    headline: str | None = None
    authors: tuple[str, ...] = ()
    date_published: str | None = None
    date_published_source: str | None = None
    date_modified: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    description: str | None = None
    credits: str | None = None
    main_image: str | None = None
    text: str = ""
    markdown: str = ""
    word_count: int = 0
    access: str = "free"
    kind: str = "article"
    kind_reason: str = ""
    text_digest: str = ""
    cleaner: str = ""
    #: Column → where in the page its value stood, as `json-ld:NewsArticle.headline`.
    sources: Mapping[str, str] = {}
    #: Whether trafilatura was run on the page, be it as the referee or as the engine that was asked for.
    referee_asked: bool = False
    #: The F1 that the labeller expects of its own cut, 0 to 1; None where none was asked.
    confidence: float | None = None
    blocks: tuple[Block, ...] = ()

    @property
    def removed(self) -> tuple[Removed, ...]:
        """The account: every block that is not in `text`, in page order."""
        return tuple(
            Removed(position=b.position, label=b.label, reason=b.reason, score=b.score, text=b.text)
            for b in self.blocks
            if not b.kept
        )


class Settlement(Value, frozen=True, kw_only=True):
    """What became of a page: the outcome, its kind and why (as its capture has them)."""

    outcome: Outcome
    kind: str = "article"
    reason: str = ""

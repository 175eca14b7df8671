"""The value that reading a page's metadata yields."""

from __future__ import annotations

from collections.abc import Mapping

from archive.values import Value


class Metadata(Value, frozen=True, kw_only=True):
    """What a page says about itself, each field with the place it was read from.

    Texts are plain text (unescaped once, never HTML, no control characters, no lone surrogates), trimmed.
    `headlines` holds every headline the page states, each once, the chosen one among them: a block that
    repeats any of them is no body text.
    `authors` holds persons only; agencies, newsrooms and the outlet itself stand in `organisations`.
    Dates are ISO 8601: with time and zone where the page states them, never later than the fetch.
    `article_body` is the text of the article as JSON-LD states it, where it does, one paragraph a line; not
    always the whole of it. A hint on what belongs to the article, not its text.
    `access` is `free`, `metered` or `paywalled`. `page_type` is the page's own word for what it is
    (JSON-LD `@type`, else `og:type`), a hint, not a verdict; `types` are all that it gives for itself: its
    own works' and pages' in JSON-LD, folded, and the content of `og:type` behind `og:`. `locked` are the
    CSS selectors of the parts that it says are not free to read (`hasPart.cssSelector`). `sources` maps a
    field's name to its origin, such as `json-ld:NewsArticle.datePublished`.
    """

    headline: str | None = None
    headlines: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    date_published: str | None = None
    date_modified: str | None = None
    language: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    description: str | None = None
    main_image: str | None = None
    canonical_url: str | None = None
    site_name: str | None = None
    access: str = "free"
    page_type: str | None = None
    types: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    article_body: str | None = None
    sources: Mapping[str, str] = {}

    @property
    def byline(self) -> tuple[str, ...]:
        """Who signed the page: its persons, or where none is named, the organisations."""
        return self.authors or self.organisations

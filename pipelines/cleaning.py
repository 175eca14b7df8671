"""The face's one verb: a page in, whatever its form, an article out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from archive.values import Article, Engine, Form, Hints, Override
from pipelines.page import read_page

#: Names what cleaned an article (`articles.cleaner`), by the engine that was asked for: another name means
#: that the archive may be re-cleaned. A dump has no tree for trafilatura: the learned labeller reads it under
#: either engine. It bears the engine's name all the same, so that a second run finds it unchanged.
CLEANERS: Final = MappingProxyType(
    {"learned": "pressmark-0.1/learned-3", "trafilatura": "pressmark-0.1/trafilatura-3"}
)
CLEANER: Final = CLEANERS["learned"]


def clean(
    page: str | bytes,
    *,
    url: str = "",
    content_type: str = "",
    form: Form | None = None,
    hints: Hints | None = None,
    fetched_at: datetime | None = None,
    engine: Engine = "learned",
    requested_url: str = "",
    overrides: Sequence[Override] = (),
) -> Article:
    """Clean one page: HTML, or a plain-text dump that has lost its HTML.

    `page` is the payload with transfer and content encodings undone; `content_type` the header's value, for
    its charset. The form is told from the content unless given. With the engine `trafilatura`, trafilatura
    says what stays on an HTML page, where it finds an article at all; dumps are read as ever.
    `requested_url` is what was asked for, where a redirect led to `url`: it helps to tell what is no
    article. `overrides` are a person's words on blocks of this page; the article's `cleaner` then bears
    their digest. Same input, same article. Raises PageError for a page that cannot be read at all, ValueError
    for an engine that is none; a page that is no article comes back with its `kind` and why.
    """
    cleaner = cleaner_of(engine)
    read = read_page(page, url=url, content_type=content_type, form=form)
    # Each way is loaded when the first page goes it: who only queues pages for workers needs neither.
    if read.form == "text":
        from pipelines.text_clean import clean_text

        return clean_text(
            read.text, url=url, cleaner=cleaner, hints=hints, requested_url=requested_url, overrides=overrides
        )
    from pipelines.html_clean import clean_html

    return clean_html(
        read.text,
        url=url,
        cleaner=cleaner,
        hints=hints,
        fetched_at=fetched_at,
        engine=engine,
        requested_url=requested_url,
        utf8=read.utf8,
        overrides=overrides,
    )


def cleaner_of(engine: str) -> str:
    """The cleaner's name under an engine; ValueError, with a sentence, for one that is none."""
    if engine not in CLEANERS:
        raise ValueError(f"there is no engine {engine!r}; there are {' and '.join(CLEANERS)}")
    return CLEANERS[engine]

"""The face's one verb: a page in, whatever its form, an article out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from archive.values import Article, Form, Hints
from pipelines.page import read_page

#: Names what cleaned an article (`articles.cleaner`): another name means that the archive may be re-cleaned.
CLEANER: Final = "pressmark-0.1/learned-1"


def clean(
    page: str | bytes,
    *,
    url: str = "",
    content_type: str = "",
    form: Form | None = None,
    hints: Hints | None = None,
    fetched_at: datetime | None = None,
) -> Article:
    """Clean one page: HTML, or a plain-text dump that has lost its HTML.

    `page` is the payload with transfer and content encodings undone; `content_type` the header's value, for
    its charset. The form is told from the content unless given. Same input, same article. Raises PageError
    for a page that cannot be read at all; a page that is no article comes back with its `kind` and why.
    """
    read = read_page(page, url=url, content_type=content_type, form=form)
    # Each way is loaded when the first page goes it: who only queues pages for workers needs neither.
    if read.form == "text":
        from pipelines.text_clean import clean_text

        return clean_text(read.text, url=url, cleaner=CLEANER, hints=hints)
    from pipelines.html_clean import clean_html

    return clean_html(read.text, url=url, cleaner=CLEANER, hints=hints, fetched_at=fetched_at)

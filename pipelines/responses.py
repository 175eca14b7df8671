"""What a response tells before anybody reads it: an error, an empty answer and a file are no articles."""

from __future__ import annotations

from http import HTTPStatus

from archive.values import Article, Capture

#: Media types that may hold an article; "" is a server that does not say. The rest (PDF, pictures, video,
#: data) is kept raw and not cleaned.
PAGE_TYPES = frozenset(
    {"", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"}
)


def no_page(capture: Capture, cleaner: str) -> Article | None:
    """The article-that-is-none for a response that cannot hold a page; None when it is worth cleaning."""
    kind, reason = "", ""
    status = capture.status
    media_type = capture.content_type.partition(";")[0].strip().lower()
    if status is not None and not 200 <= status < 300:
        kind, reason = "error", f"HTTP {status}{_phrase(status)}"
    elif not capture.body.strip():
        kind, reason = "error", "empty page"
    elif media_type not in PAGE_TYPES:
        kind, reason = "other", f"{media_type} is no page of text"
    if not kind:
        return None
    return Article(url=capture.url, kind=kind, kind_reason=reason, cleaner=cleaner)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""

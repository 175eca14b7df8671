"""What a response tells before anybody reads it: an error, an empty answer and a file are no articles."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from archive.values import Article, Capture

#: Media types that may hold an article; "" is a server that does not say. The rest (PDF, pictures, video,
#: data) is kept raw and not cleaned.
PAGE_TYPES = frozenset(
    {"", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"}
)
#: Statuses with which guards of sites answer until they have seen a person; so much of the body is looked at.
_GUARDED: Final = frozenset((401, 403, 405, 406, 418, 429, 503))
_LOOKED_BYTES: Final = 100_000


def no_page(capture: Capture, cleaner: str) -> Article | None:
    """The article-that-is-none for a response that cannot hold a page; None when it is worth cleaning."""
    kind, reason = "", ""
    status = capture.status
    media_type = capture.content_type.partition(";")[0].strip().lower()
    if status is not None and not 200 <= status < 300:
        kind, reason = _refused(status, capture.body)
    elif not capture.body.strip():
        kind, reason = "error", "empty page"
    elif media_type not in PAGE_TYPES:
        kind, reason = "other", f"{media_type} is no page of text"
    if not kind:
        return None
    return Article(url=capture.url, kind=kind, kind_reason=reason, cleaner=cleaner)


def _refused(status: int, body: bytes) -> tuple[str, str]:
    """The kind of an answer that is no success: an error, but for a bill and for guards that tell their
    name."""
    told = f"HTTP {status}{_phrase(status)}"
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return "paywall", told
    if status in _GUARDED:
        from pipelines.cues.walls import GUARDS  # rarely needed

        if found := GUARDS.search(body[:_LOOKED_BYTES].decode("latin-1")):
            return "error", f"bot check: {told}, with {found[0][:60]}"
    if status == HTTPStatus.UNAUTHORIZED:
        return "other", f"login: {told}"
    return "error", told


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""

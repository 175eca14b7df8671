"""Guards what leaves the server: security headers on every answer, and no entry for search engines.

An archive holds other people's texts; a page that shows them runs no script and lets itself be framed or
indexed by nobody.
"""

# Datasette ships no types.
# mypy: disable-error-code="import-untyped,untyped-decorator"

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette import Response, hookimpl

_Message = MutableMapping[str, Any]
_App = Callable[..., Awaitable[None]]

#: Datasette's own pages carry inline scripts and styles (table menus, the SQL editor), so these two stay
#: open there. The reading pages set a policy of their own, without either.
DATASETTE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

HEADERS = {
    "content-security-policy": DATASETTE_POLICY,
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


@hookimpl
def asgi_wrapper() -> Callable[[_App], _App]:
    """Add each of `HEADERS` that the answer does not bring itself."""

    def wrap(app: _App) -> _App:
        async def guarded(scope: _Message, receive: _App, send: _App) -> None:
            async def send_guarded(message: _Message) -> None:
                if message["type"] == "http.response.start":
                    headers = [_kept_at_home(*pair) for pair in message.get("headers") or []]
                    present = {name.lower() for name, _ in headers}
                    missing = [
                        (n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in present
                    ]
                    message = {**message, "headers": headers + missing}
                await send(message)

            await app(scope, receive, send_guarded if scope["type"] == "http" else send)

        return guarded

    return wrap


def _kept_at_home(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Make a redirect that begins with two slashes lead to a path of this server.

    Datasette drops the last slash of `/\\evil.example/` by redirecting to `/\\evil.example` (0.65.5), which
    browsers read as `//evil.example`: another host. CVE-2025-64481 was the same with `//`.
    """
    if name.lower() == b"location" and value[:1] in {b"/", b"\\"}:
        return name, b"/" + value.lstrip(b"/\\")
    return name, value


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., object]]]:
    """`/robots.txt`: nobody in."""

    async def robots() -> Response:
        return Response.text("User-agent: *\nDisallow: /\n")

    return [(r"^/robots\.txt$", robots)]

"""urllib for addresses that a user wrote himself: where they lead on to is no one else's to say."""

from __future__ import annotations

import urllib.request
from typing import Any


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None  # urllib then raises its HTTPError


def opened(request: urllib.request.Request, timeout: float) -> Any:
    """The answer, as urllib gives and refuses it; a redirect is refused. `timeout` in seconds."""
    return urllib.request.build_opener(_NoRedirects).open(request, timeout=timeout)

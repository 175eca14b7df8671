"""Undoes content-encodings for the spider's eyes. The raw body was recorded before, as it came."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

#: Asked for: what replay tools can undo when they rewrite a page. Scrapy would ask for zstd as well, which
#: pywb 2.10 cannot; a server that sends it all the same is recorded and read as any other.
ACCEPTED = b"gzip, deflate, br"

logger = logging.getLogger(__name__)

#: Flag on a response whose body grew past DOWNLOAD_MAXSIZE when it was unpacked; its body is empty then.
BOMB_FLAG = "bomb"


class Unpack(HttpCompressionMiddleware):
    """Scrapy's middleware, but a body that cannot be unpacked does not lose the page.

    A body that is not in the encoding its header names (servers say gzip and send plain text) is passed on as
    it came. A bomb is passed on empty, flagged: it was recorded, and there is nothing in it to read.
    """

    def process_request(self, request: Request) -> None:  # type: ignore[override]  # as below
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(  # type: ignore[override]  # without the deprecated spider argument
        self, request: Request, response: Response
    ) -> Request | Response:
        try:
            unpacked: Request | Response = super().process_response(request, response)
        except IgnoreRequest:
            return response.replace(body=b"", flags=[*response.flags, BOMB_FLAG])
        except Exception as error:  # noqa: BLE001 - each codec raises errors of its own; one bad page
            logger.info("%s: the body is not in the encoding that its header names (%s)", response.url, error)
            return response
        return unpacked


__all__ = ["BOMB_FLAG", "Unpack"]

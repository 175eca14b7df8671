"""Asks for what changed only: requests for what the archive holds name its validators (RFC 9110, section 13).

Where the last whole answer of an address had an `ETag` or `Last-Modified`, the next request brings it back. A
server that sees nothing changed then answers 304 without a body; the 304 is recorded as what it is, a
`revisit`, and the stored body goes on in its place, as a cache would give it (RFC 9111, section 4.3.4). So
feeds are read and robots.txt is obeyed as if they had been sent again, and a page that did not change is
`unchanged`.

A 304 is believed only if it answers validators of ours and does not contradict them. Any other, and one whose
stored answer turns out not to be readable, is stored as it came, and the address is asked again, without
conditions: nothing is lost to a server that lies.
"""

from __future__ import annotations

import msgspec
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.values import Answer, Exchange, Validators
from crawler.capture import EXCHANGE
from crawler.keep import keeper_of
from crawler.middlewares.record import store_exchange

#: `request.meta` key: the `Validators` that a request names, put there and taken away by this middleware.
CONDITION = "pressmark_condition"
#: `request.meta` key: ask for the whole answer, whatever the archive holds.
WHOLE = "pressmark_whole"
#: Flag on a response whose body is the stored one, after a 304.
UNCHANGED_FLAG = "not-modified"
#: Conditions of whoever made the request: theirs are not ours to judge.
_CONDITIONS = ("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range")


class ConditionalGet:
    """Downloader middleware, nearer to the wire than the one that records."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ConditionalGet:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        # Retries and redirects copy headers and meta: a condition is for one address and one attempt.
        if request.meta.pop(CONDITION, None) is not None:
            request.headers.pop("If-None-Match", None)
            request.headers.pop("If-Modified-Since", None)
        keeper = keeper_of(self._crawler)
        if (
            keeper is None
            or request.method != "GET"
            or request.meta.get(WHOLE)
            or any(name in request.headers for name in _CONDITIONS)
        ):
            return
        known = await keeper.do(lambda archive: archive.validators(request.url))
        if known is None:
            return
        request.meta[CONDITION] = known
        if known.etag:
            request.headers["If-None-Match"] = known.etag.encode("latin-1")
        if known.last_modified:
            request.headers["If-Modified-Since"] = known.last_modified.encode("latin-1")

    async def process_response(self, request: Request, response: Response) -> Response | Request:
        known: Validators | None = request.meta.get(CONDITION)
        exchange: Exchange | None = request.meta.get(EXCHANGE)
        if response.status != 304 or known is None or exchange is None:
            return response
        keeper = keeper_of(self._crawler)
        stored = None
        if keeper is not None and confirms(response, known):
            stored = await keeper.do(lambda archive: archive.answer(known.record_id))
        if stored is None:
            await store_exchange(self._crawler, request, "retry")
            return request.replace(meta={**request.meta, WHOLE: True}, dont_filter=True)
        request.meta[EXCHANGE] = msgspec.structs.replace(exchange, not_modified=known.record_id)
        return _as_sent(stored, response)


def confirms(response: Response, known: Validators) -> bool:
    """Whether a 304 speaks of the answer that we named: it may repeat its ETag, and not state another."""
    told = (response.headers.get("ETag") or b"").decode("latin-1")
    return not (told and known.etag) or _opaque(told) == _opaque(known.etag)


def _opaque(etag: str) -> str:
    """An entity tag for weak comparison (RFC 9110, section 8.8.3.2)."""
    return etag.strip().removeprefix("W/")


def _as_sent(stored: Answer, response: Response) -> Response:
    """The stored answer in place of the 304, packed as it was sent: `Unpack` comes after."""
    headers = Headers()
    for name, value in stored.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=response.url, body=stored.body)
    return kind(
        response.url,
        status=stored.status,
        headers=headers,
        body=stored.body,
        flags=[*response.flags, UNCHANGED_FLAG],
        request=response.request,
        certificate=response.certificate,
        ip_address=response.ip_address,
        protocol=response.protocol,
    )

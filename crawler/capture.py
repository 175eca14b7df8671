"""The raw exchange: the request and the response as they went over the wire.

Scrapy gives its spiders a response that has been read, sorted and unpacked; an archive needs the bytes. This
download handler is Scrapy's own for HTTP/1.1 with three things added:

- it listens in on the connection, and puts an `Exchange` into `request.meta` beside the response;
- it keeps what arrived when a body is cut: by size, by time, or because the server hung up. Scrapy would
  throw such a body away; here it is delivered, and the exchange says so (`truncated`);
- it connects to allowed addresses only (`crawler.addresses`).

What is kept: the heads of request and response byte for byte (first line, header lines, white space, line
ends), and the body as it came, compressed if it was. `Transfer-Encoding` belongs to the connection, not to
the record: chunks are undone and trailers are left out (the record's head then states the whole length; see
`archive.records`). Answers before the final one (1xx) are not kept. Of an encrypted connection: which
protocol and which cipher suite it had agreed on.

Built on internals of Scrapy 2.19 and Twisted, in this one module; `tests/crawler/test_capture.py` compares
with the server's own log, byte for byte, and will tell when they change.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _BindAddressAgent,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ResponseReader,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils._download_handlers import (
    check_stop_download,
    normalize_bind_address,
    wrap_twisted_exceptions,
)
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.web._newclient import STATUS, HTTP11ClientProtocol
from twisted.web._newclient import Request as TxRequest
from twisted.web.client import Agent
from twisted.web.http_headers import InvalidHeaderName
from twisted.web.iweb import IResponse

from archive.values import Exchange
from crawler.addresses import CheckedEndpointFactory
from crawler.resting import resting_of

#: `request.meta` key: the `Exchange` of the last response to this request, until somebody stores it.
EXCHANGE = "pressmark_exchange"
#: Flag on a Scrapy response whose body was cut, followed by WARC-Truncated's word.
CUT_FLAG = "truncated:"
#: One header line may be this long (Twisted stops at 16 KiB; cookies and policies of real sites exceed that),
#: and a header block this many bytes; beyond it is an attack and the connection is dropped.
MAX_HEADER_LINE = 1 << 20
MAX_HEADER_BLOCK = 2 << 20

Headers = tuple[tuple[bytes, bytes], ...]


class Tape(msgspec.Struct):
    """What was overheard of one request on one connection."""

    started_at: datetime
    sent: bytearray = msgspec.field(default_factory=bytearray)
    #: The lines of the final response's head, line ends and the blank one included.
    head: list[bytes] = msgspec.field(default_factory=list)
    head_bytes: int = 0
    peer: str | None = None
    tls_version: str | None = None
    cipher_suite: str | None = None


def parse_headers(lines: Sequence[bytes]) -> Headers:
    """Header lines as (name, value) pairs: in order and case, folded lines joined (RFC 9112, 5.2)."""
    pairs: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and pairs:
            name, value = pairs[-1]
            pairs[-1] = (name, b" ".join(part for part in (value, line.strip(b" \t")) if part))
            continue
        name, colon, value = line.partition(b":")
        if colon:
            pairs.append((name.rstrip(b" \t"), value.strip(b" \t")))
    return tuple(pairs)


def parse_status(line: bytes) -> tuple[str, int, str]:
    """A status line as protocol, code and reason phrase; the phrase byte for byte (Latin-1)."""
    protocol, _, rest = line.partition(b" ")
    code, _, reason = rest.partition(b" ")
    return protocol.decode("latin-1"), int(code), reason.decode("latin-1")


def exchange_of(tape: Tape, url: str, body: bytes, truncated: str | None) -> Exchange:
    """The exchange that a tape tells of, with the body that was read beside it."""
    request_head, blank, request_body = bytes(tape.sent).partition(b"\r\n\r\n")
    request_lines = request_head.split(b"\r\n")
    response_lines = [line.removesuffix(b"\n").removesuffix(b"\r") for line in tape.head]
    protocol, status, reason = parse_status(response_lines[0])
    return Exchange(
        url=url,
        method=request_lines[0].partition(b" ")[0].decode("latin-1"),
        request_headers=parse_headers(request_lines[1:]),
        request_body=request_body,
        status=status,
        reason=reason,
        protocol=protocol,
        response_headers=parse_headers(response_lines[1:]),
        response_body=body,
        ip_address=tape.peer,
        fetched_at=tape.started_at,
        truncated=truncated,
        request_head=request_head + blank,
        response_head=b"".join(tape.head),
        tls_version=tape.tls_version,
        cipher_suite=tape.cipher_suite,
    )


def cut_of(flags: Sequence[str]) -> str | None:
    """WARC-Truncated's word for a response with these flags; None for a whole body."""
    if "dataloss" in flags:  # Scrapy's flag: fewer bytes than announced, or broken chunks
        return "disconnect"
    return next((flag.removeprefix(CUT_FLAG) for flag in flags if flag.startswith(CUT_FLAG)), None)


class RecordingHandler(HTTP11DownloadHandler):
    """Download handler for http and https; each response leaves its `Exchange` in `request.meta`."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._allow_private = crawler.settings.getbool("PRESSMARK_ALLOW_PRIVATE")
        self._pool._factory = _RecordingFactory

    async def download_request(self, request: Request) -> Response:
        # Its host may have asked for rest while it waited for its turn.
        resting_of(self._crawler).refuse(request)
        agent = _RecordingAgent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            fail_on_dataloss=False,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        agent.allow_private = self._allow_private
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))


class _RecordingAgent(_ScrapyAgent):
    """One request's agent: made for it, gone with it."""

    allow_private = False

    def download_request(self, request: Request) -> Deferred[Response]:
        self._request = request
        return super().download_request(request)

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        if request.meta.get("proxy"):
            return super()._get_agent(request, timeout)
        from twisted.internet import reactor

        bind_address = normalize_bind_address(request.meta.get("bindaddress") or self._bindAddress)
        factory = CheckedEndpointFactory(
            reactor, self._contextFactory, timeout, bind_address, allow_private=self.allow_private
        )
        make: Any = _BindAddressAgent.usingEndpointFactory
        agent: Agent = make(reactor, factory, self._pool)
        return agent

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        # Scrapy's own, but for the reader: a body announced as too large is refused there, cut here.
        self._txresponse = txresponse
        stop = check_stop_download(
            signals.headers_received,
            self._crawler,
            request,
            headers=self._headers_from_twisted_response(txresponse),
            body_length=txresponse.length,
        )
        if stop or txresponse.length == 0:
            if stop:
                txresponse._transport.stopProducing()
                txresponse._transport.loseConnection()
            return {
                "txresponse": txresponse,
                "certificate": getattr(txresponse, "_scrapy_certificate", None),
                "ip_address": getattr(txresponse, "_scrapy_ip_address", None),
                "stop_download": stop,
            }
        reader = _CuttingReader(
            finished=Deferred(lambda _: reader.cut("time")),
            txresponse=txresponse,
            request=request,
            maxsize=0,
            warnsize=0,
            fail_on_dataloss=False,
            crawler=self._crawler,
        )
        reader.limit = request.meta.get("download_maxsize", self._maxsize)
        txresponse.deliverBody(reader)
        return reader._finished

    def _cb_bodydone(self, result: Any, url: str) -> Response:
        response = super()._cb_bodydone(result, url)
        tape: Tape = result["txresponse"]._pressmark_tape
        self._request.meta[EXCHANGE] = exchange_of(tape, url, response.body, cut_of(response.flags))
        return response

    def _cb_timeout(self, result: Any, request: Request, url: str, timeout: float) -> Any:
        timer: Any = self._timeout_cl
        if isinstance(result, Response) and not timer.active():
            return result  # time was up while the body came in: the reader cut it, and this is what it had
        return super()._cb_timeout(result, request, url, timeout)


class _CuttingReader(_ResponseReader):
    """Reads a body up to `limit` bytes (0: no limit); what it has is delivered when it is cut."""

    limit = 0

    def dataReceived(self, data: bytes) -> None:
        if self._finished.called:
            return
        room = self.limit - self._bytes_received if self.limit else len(data)
        super().dataReceived(data[:room])
        if len(data) > room:
            self.cut("length")

    def cut(self, why: str) -> None:
        """Deliver what came so far, flagged, and drop the connection."""
        if self._finished.called:
            return
        self._finish_response(flags=[CUT_FLAG + why])
        assert self.transport is not None
        self.transport._producer.abortConnection()


class _RecordingParser(_LenientHTTPClientParser):
    """Keeps the header lines of the response as they come."""

    tape: Tape
    MAX_LENGTH = MAX_HEADER_LINE

    def lineReceived(self, line: bytes) -> None:
        if self.state == STATUS:  # also after a 1xx response, which is not the one we record
            self.tape.head.clear()
        self.tape.head_bytes += len(line)
        if self.tape.head_bytes > MAX_HEADER_BLOCK:
            connection: Any = self.transport
            connection.loseConnection()
            return
        self.tape.head.append(line + b"\n")  # the parser splits at line feeds
        super().lineReceived(line)

    def headerReceived(self, name: bytes, value: bytes) -> None:
        # A header whose name is no name (RFC 9110, 5.1) is none for whoever reads the page; it costs no more.
        with contextlib.suppress(InvalidHeaderName):
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]  # Twisted's


class _RecordingProtocol(_LenientHTTP11ClientProtocol):
    """Keeps what is sent for each request, and ties the tape to the response."""

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        connection: Any = self.transport
        tape = Tape(started_at=datetime.now(UTC), peer=getattr(connection.getPeer(), "host", None))
        outgoing: Any = request
        outgoing.writeTo = partial(_write_overheard, outgoing.writeTo, tape.sent)
        response = super().request(request)
        # As in Scrapy's own `request`: the parser is made by Twisted and cannot be chosen, only exchanged.
        parser: Any = self._parser
        if parser is not None:
            parser.__class__, parser.tape = _RecordingParser, tape
        response.addCallback(partial(_attach, tape, connection))
        return response


def _write_overheard(write_to: Callable[[Any], Any], copy: bytearray, transport: Any) -> Any:
    return write_to(_Overheard(transport, copy))


def _attach(tape: Tape, connection: Any, response: IResponse) -> IResponse:
    # Not before the response: a connection is handed over while its handshake is still going on.
    tape.tls_version, tape.cipher_suite = tls_facts(connection)
    response._pressmark_tape = tape
    return response


def tls_facts(connection: Any) -> tuple[str | None, str | None]:
    """Protocol (`tls/1.3`) and cipher suite of a Twisted transport; None for one that is not encrypted."""
    handle: Any = getattr(connection, "getHandle", lambda: None)()
    if not hasattr(handle, "get_protocol_version_name"):
        return None, None
    suite = handle.get_cipher_name()
    return tls_name(handle.get_protocol_version_name()), suite and iana_suite(suite)


def tls_name(version: str) -> str:
    """OpenSSL's name of a protocol (`TLSv1.3`) as WARC-Protocol has it (`tls/1.3`)."""
    return re.sub(r"^(ssl|tls)v", r"\1/", version.lower())


def iana_suite(name: str) -> str:
    """OpenSSL's name of a cipher suite as IANA registers it, which WARC-Cipher-Suite asks for.

    The two differ for TLS 1.2 and before. Those that servers still agree on are put together from their parts
    (openssl-ciphers(1)); any other keeps OpenSSL's name, so that nothing is made up.
    """
    found = re.fullmatch(
        r"(?:(ECDHE|DHE)-(RSA|ECDSA)-)?(AES(?:128|256)|CHACHA20)-?(GCM|CCM8|CCM|POLY1305)?-?(SHA(?:256|384)?)?",
        name,
    )
    if found is None:
        return name
    exchange, signature, cipher, mode, digest = found.groups()
    agreed = f"{exchange}_{signature}" if exchange else "RSA"
    if cipher == "CHACHA20":
        return f"TLS_{agreed}_WITH_CHACHA20_POLY1305_SHA256" if exchange else name
    if mode in ("CCM", "CCM8"):
        return f"TLS_{agreed}_WITH_{cipher[:3]}_{cipher[3:]}_{mode.replace('CCM8', 'CCM_8')}"
    return f"TLS_{agreed}_WITH_{cipher[:3]}_{cipher[3:]}_{mode or 'CBC'}_{digest}" if digest else name


class _Overheard:
    """A transport that copies what is written through it."""

    def __init__(self, transport: Any, copy: bytearray) -> None:
        self._transport, self._copy = transport, copy

    def write(self, data: bytes) -> None:
        self._copy += data
        self._transport.write(data)

    def writeSequence(self, pieces: Sequence[bytes]) -> None:
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _RecordingFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> HTTP11ClientProtocol:
        return _RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's


__all__ = ["CUT_FLAG", "EXCHANGE", "RecordingHandler", "cut_of", "exchange_of", "iana_suite", "tls_facts"]

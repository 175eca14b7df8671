"""Which addresses may be connected to, and the endpoint that sees to it.

A page, a feed or a redirect may name any host. Unless private addresses are allowed, nothing is connected
to that is not on the public internet: not the machine itself, not the local network, not a cloud's metadata
service (169.254.169.254). The check is made on the very address that is connected to, after name
resolution, so a name that changes its address between check and connection (DNS rebinding) gains nothing.

Not checked: what lies behind a proxy. Who sets a proxy has decided to trust it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import (
    IHostResolution,
    IProtocolFactory,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.web.client import URI
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory, IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from crawler.errors import AddressRefused

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress, IProtocol

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Said of an address, the first that fits. The registries are IANA's special-purpose address registries
#: (RFC 6890); what they do not call globally reachable is refused.
_KINDS = (
    (lambda ip: ip.is_loopback, "it is this machine's own address"),
    (lambda ip: ip.is_unspecified, "it is the unspecified address"),
    (lambda ip: ip.is_link_local, "it is a link-local address"),
    (lambda ip: ip.is_multicast, "it is a multicast address"),
    (lambda ip: not ip.is_global, "it is a private address"),
)
#: Networks whose addresses carry an IPv4 address in their last 32 bits, to which the packet may go:
#: IPv4-mapped (RFC 4291, 2.5.5.2), IPv4-compatible (2.5.5.1), IPv4-translated (RFC 2765), NAT64 (RFC 6052,
#: RFC 8215).
_CARRIERS = tuple(
    ipaddress.IPv6Network(net)
    for net in ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)


def refusal(address: str) -> str | None:
    """Why this IP address may not be connected to, in a few words; None when it is a public one.

    Raises ValueError for what is no IP address.
    """
    for ip in _meant(ipaddress.ip_address(address.partition("%")[0])):
        for applies, kind in _KINDS:
            if applies(ip):
                return kind
    return None


def _meant(ip: IPAddress) -> Iterator[IPAddress]:
    """The IPv4 address inside an IPv6 one, where it carries one, then the address itself."""
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in net for net in _CARRIERS) and int(ip) > 1:
            yield ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
            if ip in _CARRIERS[0]:
                return
        if ip.sixtofour is not None:
            yield ip.sixtofour
        if ip.teredo is not None:
            yield from ip.teredo
    yield ip


def allowed(host: str, addresses: list[str]) -> list[str]:
    """Those of a host's addresses that are public, in order. Raises AddressRefused when none is."""
    verdicts = [(address, refusal(address)) for address in addresses]
    public = [address for address, kind in verdicts if kind is None]
    if verdicts and not public:
        address, kind = verdicts[0]
        raise AddressRefused(host, address, str(kind))
    return public


def _literal(host: str) -> str | None:
    """`host` when it is written as an IP address, without the brackets of a URL."""
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return bare


@implementer(IResolutionReceiver)
class _Addresses:
    """Collects what a name resolves to; `done` fires with the list."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.done: Deferred[list[str]] = Deferred()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        pass

    def addressResolved(self, address: IAddress) -> None:
        host = getattr(address, "host", None)
        if isinstance(host, str):
            self.found.append(host)

    def resolutionComplete(self) -> None:
        if not self.done.called:
            self.done.callback(self.found)


@implementer(IStreamClientEndpoint)
class PublicEndpoint:
    """Connects to a host by the first of its public addresses that answers.

    Fails with AddressRefused before any packet is sent when the host has private addresses only.
    """

    def __init__(self, reactor: Any, host: str, port: int, options: dict[str, Any]) -> None:
        self._reactor, self._host, self._port, self._options = reactor, host, port, options

    def __repr__(self) -> str:
        return f"<PublicEndpoint {self._host}:{self._port}>"

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        trouble: Exception = DNSLookupError(f"no address found for {self._host}")
        for address in allowed(self._host, await self._addresses()):
            endpoint = HostnameEndpoint(self._reactor, address, self._port, **self._options)
            try:
                return await endpoint.connect(factory)
            except (ConnectError, OSError) as error:  # the next address may answer
                trouble = error
        raise trouble

    async def _addresses(self) -> list[str]:
        literal = _literal(self._host)
        if literal is not None:
            return [literal]
        receiver = _Addresses()
        self._reactor.nameResolver.resolveHostName(receiver, self._host, portNumber=self._port)
        return await receiver.done


@implementer(IAgentEndpointFactory)
class PublicEndpointFactory:
    """Gives Twisted's Agent a `PublicEndpoint` for http, and TLS over one for https."""

    def __init__(
        self,
        reactor: Any,
        policy: IPolicyForHTTPS,
        connect_timeout: float | None,
        bind_address: tuple[str, int] | None,
    ) -> None:
        self._reactor, self._policy = reactor, policy
        self._connect_timeout = connect_timeout
        #: Scrapy's agent makes the bind address a part of its pool key and reads it from here.
        self._bind_address = self._bindAddress = bind_address

    def endpointForURI(self, uri: URI) -> Any:
        options: dict[str, Any] = {"bindAddress": self._bind_address}
        if self._connect_timeout is not None:
            options["timeout"] = self._connect_timeout
        endpoint = PublicEndpoint(self._reactor, uri.host.decode("ascii"), uri.port, options)
        if uri.scheme == b"http":
            return endpoint
        if uri.scheme == b"https":
            # Zope interfaces are no types to mypy: methods seem to lack `self`, implementers do not match.
            creator = self._policy.creatorForNetloc(uri.host, uri.port)  # type: ignore[call-arg,misc]
            return wrapClientTLS(creator, endpoint)  # type: ignore[arg-type]
        raise SchemeNotSupported(f"Unsupported scheme: {uri.scheme!r}")

"""Which addresses may be connected to, and the endpoint that sees to it.

A page, a feed or a redirect may name any host. Unless private addresses are allowed, nothing is connected
to that is not on the public internet: not the machine itself, not the local network. Link-local and
multicast addresses are refused even then: clouds keep their metadata services there (169.254.169.254),
newsrooms nothing. The check is made on the very address that is connected to, after name resolution, so a
name that changes its address between check and connection (DNS rebinding) gains nothing.

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

from archive.values import Value
from crawler.errors import AddressRefused

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress, IProtocol

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Said of an address, the first that fits, and whether it is refused for ever, even where private addresses
#: are allowed. The registries are IANA's special-purpose address registries (RFC 6890); what they do not call
#: globally reachable is refused.
_KINDS = (
    (lambda ip: ip.is_link_local, "it is a link-local address", True),
    (lambda ip: ip.is_multicast, "it is a multicast address", True),
    (lambda ip: ip.is_loopback, "it is this machine's own address", False),
    (lambda ip: ip.is_unspecified, "it is the unspecified address", False),
    (lambda ip: not ip.is_global, "it is a private address", False),
)
#: Networks whose addresses carry an IPv4 address in their last 32 bits, to which the packet may go:
#: IPv4-mapped (RFC 4291, 2.5.5.2), IPv4-compatible (2.5.5.1), IPv4-translated (RFC 2765), NAT64 (RFC 6052,
#: RFC 8215).
_CARRIERS = tuple(
    ipaddress.IPv6Network(net)
    for net in ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)


class Refusal(Value, frozen=True, kw_only=True):
    """Why an address may not be connected to, and whether no option changes that."""

    kind: str
    for_ever: bool


def refusal(address: str, *, allow_private: bool = False) -> Refusal | None:
    """Why this IP address may not be connected to; None when it may. Raises ValueError for no IP address."""
    for ip in _meant(ipaddress.ip_address(address.partition("%")[0])):
        for applies, kind, for_ever in _KINDS:
            if applies(ip) and (for_ever or not allow_private):
                return Refusal(kind=kind, for_ever=for_ever)
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


def allowed(host: str, addresses: list[str], *, allow_private: bool = False) -> list[str]:
    """Those of a host's addresses that may be connected to, in order. Raises AddressRefused when none may."""
    passed = []
    refused: AddressRefused | None = None
    for address in addresses:
        why = refusal(address, allow_private=allow_private)
        if why is None:
            passed.append(address)
        elif refused is None:
            refused = AddressRefused(host, address, why.kind, for_ever=why.for_ever)
    if refused is not None and not passed:
        raise refused
    return passed


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


async def addresses_of(reactor: Any, host: str, port: int = 0) -> list[str]:
    """The addresses of a host as the resolver gives them; its own where it is written as one."""
    literal = _literal(host)
    if literal is not None:
        return [literal]
    receiver = _Addresses()
    reactor.nameResolver.resolveHostName(receiver, host, portNumber=port)
    return await receiver.done


@implementer(IStreamClientEndpoint)
class CheckedEndpoint:
    """Connects to a host by the first of its allowed addresses that answers.

    Fails with AddressRefused before any packet is sent when it has none.
    """

    def __init__(
        self, reactor: Any, host: str, port: int, allow_private: bool, options: dict[str, Any]
    ) -> None:
        self._reactor, self._host, self._port, self._options = reactor, host, port, options
        self._allow_private = allow_private

    def __repr__(self) -> str:
        return f"<CheckedEndpoint {self._host}:{self._port}>"

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        trouble: Exception = DNSLookupError(f"no address found for {self._host}")
        found = await self._addresses()
        for address in allowed(self._host, found, allow_private=self._allow_private):
            endpoint = HostnameEndpoint(self._reactor, address, self._port, **self._options)
            try:
                return await endpoint.connect(factory)
            except (ConnectError, OSError) as error:  # the next address may answer
                trouble = error
        raise trouble

    async def _addresses(self) -> list[str]:
        return await addresses_of(self._reactor, self._host, self._port)


@implementer(IAgentEndpointFactory)
class CheckedEndpointFactory:
    """Gives Twisted's Agent a `CheckedEndpoint` for http, and TLS over one for https."""

    def __init__(
        self,
        reactor: Any,
        policy: IPolicyForHTTPS,
        connect_timeout: float | None,
        bind_address: tuple[str, int] | None,
        *,
        allow_private: bool,
    ) -> None:
        self._reactor, self._policy = reactor, policy
        self._allow_private = allow_private
        self._connect_timeout = connect_timeout
        #: Scrapy's agent makes the bind address a part of its pool key and reads it from here.
        self._bind_address = self._bindAddress = bind_address

    def endpointForURI(self, uri: URI) -> Any:
        options: dict[str, Any] = {"bindAddress": self._bind_address}
        if self._connect_timeout is not None:
            options["timeout"] = self._connect_timeout
        host = uri.host.decode("ascii")
        endpoint = CheckedEndpoint(self._reactor, host, uri.port, self._allow_private, options)
        if uri.scheme == b"http":
            return endpoint
        if uri.scheme == b"https":
            # Zope interfaces are no types to mypy: methods seem to lack `self`, implementers do not match.
            creator = self._policy.creatorForNetloc(uri.host, uri.port)  # type: ignore[call-arg,misc]
            return wrapClientTLS(creator, endpoint)  # type: ignore[arg-type]
        raise SchemeNotSupported(f"Unsupported scheme: {uri.scheme!r}")

"""Which addresses may be connected to."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorPluggableNameResolver
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from crawler.addresses import CheckedEndpoint, allowed, refusal
from crawler.errors import AddressRefused

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "0.0.0.0", "0.1.2.3",
    "192.0.2.1", "198.18.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fc00::1", "fd12:3456::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1",
    "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe", "224.0.0.1", "239.1.2.3", "ff02::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_refused_unless_allowed(address: str) -> None:
    assert refusal(address) is not None
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_multicast_are_refused_always(address: str) -> None:
    assert refusal(address) is not None
    assert refusal(address, allow_private=True) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_allowed(address: str) -> None:
    assert refusal(address) is None


@given(st.ip_addresses(v=4))
def test_ipv4_inside_ipv6_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    for carrier in ("::ffff:0:0", "64:ff9b::"):
        inside = ipaddress.IPv6Address(int(ipaddress.IPv6Address(carrier)) | int(address))
        assert (refusal(str(inside)) is None) == (refusal(str(address)) is None)


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        refusal("localhost")


def test_of_several_addresses_the_private_ones_are_left_out() -> None:
    assert allowed("x.example", ["10.0.0.1", "8.8.8.8", "::1"]) == ["8.8.8.8"]


def test_refusal_names_host_address_and_the_option() -> None:
    with pytest.raises(AddressRefused) as caught:
        allowed("intranet.example", ["10.0.0.7"])
    assert "intranet.example (10.0.0.7)" in str(caught.value)
    assert "--allow-private" in str(caught.value)


class Resolver:
    """Gives another answer each time, as a name server that rebinds does."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    def resolveHostName(self, receiver: Any, name: str, portNumber: int = 0) -> None:
        receiver.resolutionBegan(None)
        literal = name.replace(".", "").isdigit() or ":" in name
        for address in [name] if literal else self.answers.pop(0):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, portNumber))
        receiver.resolutionComplete()


@implementer(IReactorPluggableNameResolver)
class Reactor(MemoryReactorClock):
    """Twisted's own reactor for tests: notes connections, makes none."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self.nameResolver: Any = resolver


def connect(host: str, *answers: list[str], allow_private: bool = False) -> tuple[Reactor, list[Any]]:
    reactor = Reactor(Resolver(*answers))
    endpoint = CheckedEndpoint(reactor, host, 80, allow_private, {})
    failures: list[Any] = []
    factory: Any = Factory()
    connecting: Deferred[Any] = endpoint.connect(factory)
    connecting.addErrback(failures.append)
    return reactor, failures


def test_connection_goes_to_the_address_that_was_checked() -> None:
    reactor, failures = connect("rebinding.example", ["8.8.8.8"], ["127.0.0.1"])
    assert [client[0] for client in reactor.tcpClients] == ["8.8.8.8"]
    assert not failures


@pytest.mark.parametrize("host", ["inside.example", "10.0.0.1", "[::1]", "::1"])
def test_nothing_is_sent_to_a_private_address(host: str) -> None:
    reactor, (failure,) = connect(host, ["10.0.0.1", "::1"])
    assert not reactor.tcpClients
    assert failure.check(AddressRefused)


def test_private_address_is_connected_to_when_that_is_allowed() -> None:
    reactor, _ = connect("inside.example", ["10.0.0.1"], allow_private=True)
    assert [client[0] for client in reactor.tcpClients] == ["10.0.0.1"]


def test_host_without_an_address_is_a_lookup_error() -> None:
    reactor, (failure,) = connect("nowhere.example", [])
    assert not reactor.tcpClients
    assert "nowhere.example" in str(failure.value)

"""Keeps links that strangers write out of this machine and its networks (server-side request forgery)."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

_IPV4_EXCEPTIONS = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"))
"""Protocol assignments, and the relays of 6to4. Python counts some of them as global."""
_UNICAST = IPv6Network("2000::/3")
"""All that IANA has assigned as global unicast addresses."""
_IPV6_EXCEPTIONS = (IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"))
"""Teredo and other protocols, 6to4, documentation."""
_WITH_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""Forms of an IPv4 address in their last 32 bits: mapped (RFC 4291), and translated by NAT64 (RFC 6052)."""

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_INTERNAL = (".local", ".localhost", ".internal", ".home.arpa")
"""Names that mean another host in each network."""


def is_public(host: str) -> bool:
    """Whether this literal address is a host of the internet; False for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_public_ipv4(address)
    if any(address in network for network in _WITH_IPV4):
        return _is_public_ipv4(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _UNICAST and address.is_global and not any(address in network for network in _IPV6_EXCEPTIONS)


def _is_public_ipv4(address: IPv4Address) -> bool:
    special = address.is_multicast or any(address in network for network in _IPV4_EXCEPTIONS)
    return address.is_global and not special


def is_numeric(host: str) -> bool:
    """Whether a host is an address or would be read as one, such as `127.1`, `0x7f000001` or `127.0.0.1.`; the rule of
    browsers (URL Standard, "ends in a number")."""
    last = host.rstrip(".").rpartition(".")[2]
    return ":" in host or bool(_NUMBER.fullmatch(last))


def public_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket for an address of `getaddrinfo`, the last step before a connection. Raises OSError for one that is not
    public, however the program came by it."""
    family, kind, protocol, _, place = address
    if not is_public(str(place[0])):
        raise OSError("not a public address")
    return socket.socket(family=family, type=kind, proto=protocol)


class PublicResolver(aiohttp.ThreadedResolver):
    """Finds public addresses only, and leaves out the others."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [entry for entry in await super().resolve(host, port, family) if is_public(entry["host"])]
        if not found:
            raise OSError("the host name has no public address")
        return found


class PublicThroughProxy(AbstractResolver):
    """Finds what a proxy is asked to connect to: public addresses, or a name that is unknown here. Where a proxy is the
    only way out, the name server often knows nothing but internal names."""

    def __init__(self) -> None:
        self._here = PublicResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            return await self._here.resolve(host, port, family)
        except socket.gaierror:
            name = host.rstrip(".").lower()
            if "." not in name or name.endswith(_INTERNAL):
                raise
            return [ResolveResult(hostname=host, host=host, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""

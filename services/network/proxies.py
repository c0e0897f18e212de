"""Which proxy an address is reached through, by the variables that curl and others read. No I/O."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote, urlsplit

from aiohttp import encode_basic_auth


class ProxyKind(StrEnum):
    """How a proxy is spoken to."""

    HTTP = "http"
    SOCKS5 = "socks5"


_KINDS = {
    "http": ProxyKind.HTTP,
    "socks5": ProxyKind.SOCKS5,
    "socks5h": ProxyKind.SOCKS5,
    "socks": ProxyKind.SOCKS5,  # as desktops write it into ALL_PROXY
}
_PORTS = {ProxyKind.HTTP: 80, ProxyKind.SOCKS5: 1080}
_LONGEST = 255
"""RFC 1929: bytes of a user name and of a password."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. It also resolves the names of hosts: where Telegram is blocked, the names are often wrong as well."""

    kind: ProxyKind
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, address: str) -> Proxy:
        """Read an address such as `socks5://user:password@host:1080`; without a scheme it is HTTP's.

        Raises ValueError, whose text does not repeat the address.
        """
        address = address.strip()
        parts = urlsplit(address if "://" in address else f"http://{address}")
        kind = _KINDS.get(parts.scheme)
        rest = parts.query or parts.fragment  # also of a password whose signs are not encoded
        if kind is None or not parts.hostname or parts.path not in ("", "/") or rest:
            raise ValueError("not the address of a proxy")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if ":" in user or max(len(user.encode()), len(password.encode())) > _LONGEST:
            raise ValueError("not the user and the password of a proxy")
        if kind is ProxyKind.SOCKS5 and not (user + password).isascii():
            raise ValueError("not the user and the password of a SOCKS5 proxy: python-socks takes ASCII only")
        return cls(kind, parts.hostname, parts.port or _PORTS[kind], user, password)

    @property
    def authorization(self) -> str:
        """What an HTTP proxy is told in `Proxy-Authorization`; empty for others, and without a user."""
        if self.kind is not ProxyKind.HTTP or not (self.user or self.password):
            return ""
        return encode_basic_auth(self.user, self.password)

    @property
    def url(self) -> str:
        """The address with its password, for libraries that open connections themselves."""
        return self._address(quote(self.password, safe=""))

    def __str__(self) -> str:
        return self._address("***")

    def _address(self, password: str) -> str:
        user = quote(self.user, safe="") + (f":{password}" if self.password else "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{user}{'@' if user else ''}{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ProxyRules:
    """The proxies for https and http addresses, and the hosts that are reached without them.

    `exceptions` are written as in NO_PROXY: `example.com` is that host and every name below it, and so are
    `.example.com` and `*.example.com`; an address; a network such as `10.0.0.0/8`; any of them with `:port`; `*`.
    """

    https: Proxy | None = None
    http: Proxy | None = None
    exceptions: tuple[str, ...] = ()

    def proxy_for(self, url: str) -> Proxy | None:
        """The proxy for an address; None where it is reached directly, as this machine itself always is."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        proxy = self.https if secure else self.http
        host = (parts.hostname or "").rstrip(".")
        if proxy is None or is_loopback(host):
            return None
        port = parts.port or (443 if secure else 80)
        return None if any(_covers(one, host, port) for one in self.exceptions) else proxy


def read_exceptions(text: str) -> tuple[str, ...]:
    """The hosts in the text of NO_PROXY, with commas or spaces between them."""
    return tuple(part.lower() for part in text.replace(",", " ").split())


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address; nothing is resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _ip_address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and (address.is_loopback or address.is_unspecified)


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _covers(exception: str, host: str, port: int) -> bool:
    """Whether one entry of NO_PROXY is about a host and port."""
    if exception == "*":
        return True
    address = _ip_address(host)
    name, colon, last = exception.rpartition(":")
    if colon and last.isdecimal() and _ip_address(exception) is None:  # "::1" is an address and no port
        if int(last) != port:
            return False
        exception = name
    exception = exception.strip("[]")
    if address is not None:
        try:
            return address in ipaddress.ip_network(exception, strict=False)
        except ValueError:
            return False
    exception = exception.removeprefix("*").lstrip(".").rstrip(".")
    return bool(exception) and (host == exception or host.endswith(f".{exception}"))

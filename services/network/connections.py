"""Opens connections to other machines: through the proxy that is set for them, with the certificates that are
trusted."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult

from services.network.handshakes import open_tunnel
from services.network.proxies import Proxy, ProxyRules
from services.network.public_addresses import PublicResolver, PublicThroughProxy, is_numeric, is_public, public_socket

_DNS_SECONDS = 3600
"""How long the addresses of a name are kept: a name server that fails for a while must not stop the bot."""

_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=30)


@lru_cache(maxsize=4)
def _tls_context(certificates: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates)


@dataclass(frozen=True, slots=True)
class Network:
    """How this process reaches other machines. `certificates` is a PEM file of the authorities that are trusted instead
    of the usual ones."""

    rules: ProxyRules = ProxyRules()  # noqa: RUF009
    certificates: Path | None = None

    def tls_context(self) -> ssl.SSLContext:
        """Verifies other sides by the authorities that are trusted. Raises OSError where they cannot be read."""
        return _tls_context(str(self.certificates or certifi.where()))

    def proxy_for(self, url: str) -> Proxy | None:
        """The proxy for an address; None where it is reached directly."""
        return self.rules.proxy_for(url)

    def session(
        self,
        url: str,
        *,
        timeout: aiohttp.ClientTimeout = _TIMEOUT,
        limit: int = 100,
    ) -> aiohttp.ClientSession:
        """A session for one server. Its errors are aiohttp's, also those of a proxy (ClientProxyConnectionError)."""
        proxy = self.proxy_for(url)
        options: dict[str, Any] = {"ssl": self.tls_context(), "limit": limit, "ttl_dns_cache": _DNS_SECONDS}
        connector = (
            aiohttp.TCPConnector(**options)
            if proxy is None
            else _TunnelConnector(proxy, resolver=_Unresolved(), **options)
        )
        return aiohttp.ClientSession(connector=connector, timeout=timeout)

    def public_session(self, url: str, *, timeout: aiohttp.ClientTimeout, limit: int) -> aiohttp.ClientSession:
        """A session for the server of a link that a stranger wrote: it connects to public addresses only, and hands
        out bodies as they are sent, since a packed one can grow a thousandfold."""
        proxy = self.proxy_for(url)
        options: dict[str, Any] = {"ssl": self.tls_context(), "limit": limit}
        connector = (
            aiohttp.TCPConnector(resolver=PublicResolver(), socket_factory=public_socket, **options)
            if proxy is None
            else _TunnelConnector(proxy, resolver=PublicThroughProxy(), public_only=True, **options)
        )
        return aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)


DIRECT = Network()
"""No proxy, and the usual authorities."""


class _Unresolved(AbstractResolver):
    """Leaves names to the proxy."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=host, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


class _TunnelConnector(aiohttp.TCPConnector):
    """aiohttp's connector whose connections go through a proxy. aiohttp itself speaks to HTTP proxies only."""

    def __init__(self, proxy: Proxy, *, public_only: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._proxy = proxy
        self._public_only = public_only

    async def _wrap_create_connection(
        self, *arguments: Any, addr_infos: list[Any], req: Any, timeout: aiohttp.ClientTimeout, **options: Any
    ) -> Any:
        """aiohttp's step between an address and a connection."""
        options.pop("client_error", None)
        host, port = addr_infos[0][4][:2]
        if self._public_only and is_numeric(host) and not is_public(host):
            raise aiohttp.ClientConnectorError(req.connection_key, OSError("not a public address"))
        try:
            async with asyncio.timeout(timeout.sock_connect):
                tunnel = await open_tunnel(self._proxy, host, port)
                return await asyncio.get_running_loop().create_connection(*arguments, **options, sock=tunnel)
        except TimeoutError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except OSError as error:
            raise aiohttp.ClientProxyConnectionError(req.connection_key, error) from error

"""Asks a proxy to connect to a host: SOCKS5 through python-socks, HTTP's CONNECT (RFC 9110, 9.3.6) with llhttp.

The host goes to the proxy as a name. Answers are read to their end and no further, however they are divided into
packets: what follows belongs to the host.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

import aiohappyeyeballs
import httptools
import python_socks
from python_socks.async_.asyncio import Proxy as SocksProxy

from services.network.proxies import Proxy, ProxyKind

_NEXT_ADDRESS: Final = 0.25
"""Seconds after which the proxy's next address is tried in parallel (RFC 8305)."""
_LONGEST_HEAD: Final = 16_384


class ProxyError(OSError):
    """A proxy has not connected: one line that names it without its password. Nothing has reached the host."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.strerror = said  # aiohttp's errors show this part only


class _ProxyUnreachable(OSError):
    """There is no connection to the proxy itself."""


async def open_tunnel(proxy: Proxy, host: str, port: int) -> socket.socket:
    """A socket whose other end is the host. Raises ProxyError; set a timeout around it."""
    connect = _by_http if proxy.kind is ProxyKind.HTTP else _by_socks5
    try:
        return await connect(proxy, host, port)
    except (_ProxyUnreachable, python_socks.ProxyConnectionError) as error:
        raise ProxyError(f"the proxy {proxy} cannot be reached: {error}") from None
    except (python_socks.ProxyError, OSError, UnicodeError) as error:
        raise ProxyError(f"the proxy {proxy} does not connect: {error}") from None


async def _by_socks5(proxy: Proxy, host: str, port: int) -> socket.socket:
    user, password = proxy.user or None, proxy.password or None
    asked = SocksProxy(python_socks.ProxyType.SOCKS5, proxy.host, proxy.port, user, password, rdns=True)
    return await asked.connect(host, port)


async def _by_http(proxy: Proxy, host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
        tunnel = await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS, loop=loop)
    except (OSError, RuntimeError) as error:  # uvloop raises either
        raise _ProxyUnreachable(error) from None
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    user = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
    try:
        await loop.sock_sendall(tunnel, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{user}\r\n".encode())
        await _read_consent(tunnel)
    except BaseException:
        tunnel.close()
        raise
    return tunnel


async def _read_consent(tunnel: socket.socket) -> None:
    """The head of the proxy's answer. Raises OSError unless it has connected."""
    head = _Head()
    parser = httptools.HttpResponseParser(head)
    loop = asyncio.get_running_loop()
    for _ in range(_LONGEST_HEAD):
        received = await loop.sock_recv(tunnel, 1)  # a byte more could be the host's
        if not received:
            raise OSError("it has closed the connection")
        try:
            parser.feed_data(received)
        except httptools.HttpParserError:
            raise OSError("its answer is no HTTP") from None
        if head.complete:
            status = parser.get_status_code()
            if not 200 <= status < 300:
                raise OSError(f"{status} {head.reason[:100].decode('latin-1')}")
            return
    raise OSError("its answer is no HTTP")


class _Head:
    """What the parser tells of the head of an answer."""

    def __init__(self) -> None:
        self.reason = b""
        self.complete = False

    def on_status(self, part: bytes) -> None:
        self.reason += part

    def on_headers_complete(self) -> None:
        self.complete = True

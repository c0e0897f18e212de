"""What a proxy is told so that it connects to a host: HTTP's CONNECT (RFC 9110, 9.3.6) and SOCKS5 (RFC 1928, 1929).

The host goes to the proxy as a name. Answers are read to their last byte and no further, however they are divided into
packets: what follows belongs to the host.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import Final

import aiohappyeyeballs

from services.network.proxies import Proxy, ProxyKind

_NEXT_ADDRESS: Final = 0.25
"""Seconds after which the proxy's next address is tried in parallel (RFC 8305)."""
_LONGEST_HEAD: Final = 16_384
_ANONYMOUS, _PASSWORD = 0, 2
_REASONS: Final = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "it took too long",
    7: "command not supported",
    8: "address type not supported",
}


class ProxyError(OSError):
    """A proxy has not connected: one line that names it without its password. Nothing has reached the host."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.strerror = said  # aiohttp's errors show this part only


async def open_tunnel(proxy: Proxy, host: str, port: int) -> socket.socket:
    """A socket whose other end is the host. Raises ProxyError; set a timeout around it."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(proxy.host, proxy.port, type=socket.SOCK_STREAM)
        tunnel = await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS, loop=loop)
    except (OSError, RuntimeError) as error:  # uvloop raises either
        raise ProxyError(f"the proxy {proxy} cannot be reached: {error}") from None
    try:
        shake = _connect if proxy.kind is ProxyKind.HTTP else _socks5
        await shake(_Talk(tunnel, proxy), proxy, host, port)
    except BaseException:
        tunnel.close()
        raise
    return tunnel


class _Talk:
    """Sends to a proxy and reads from it."""

    def __init__(self, connected: socket.socket, proxy: Proxy) -> None:
        self._socket = connected
        self._proxy = proxy
        self._loop = asyncio.get_running_loop()

    def error(self, said: str) -> ProxyError:
        return ProxyError(f"the proxy {self._proxy} does not connect: {said}")

    async def send(self, data: bytes) -> None:
        try:
            await self._loop.sock_sendall(self._socket, data)
        except OSError as error:
            raise self.error(f"{type(error).__name__}: {error}") from None

    async def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        data = b""
        while len(data) < size:
            try:
                more = await self._loop.sock_recv(self._socket, size - len(data))
            except OSError as error:
                raise self.error(f"{type(error).__name__}: {error}") from None
            if not more:
                raise self.error("it has closed the connection")
            data += more
        return data


async def _connect(talk: _Talk, proxy: Proxy, host: str, port: int) -> None:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if proxy.authorization:
        request += f"Proxy-Authorization: {proxy.authorization}\r\n"
    await talk.send(f"{request}\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if len(head) > _LONGEST_HEAD:
            raise talk.error("its answer is no HTTP")
        head += await talk.read(1)  # a byte more could be the host's
    version, _, status = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    if not version.startswith("HTTP/"):
        raise talk.error("its answer is no HTTP")
    if not status.startswith("2"):
        raise talk.error(status[:100])


async def _socks5(talk: _Talk, proxy: Proxy, host: str, port: int) -> None:
    has_user = bool(proxy.user or proxy.password)
    await talk.send(bytes((5, 2, _ANONYMOUS, _PASSWORD)) if has_user else bytes((5, 1, _ANONYMOUS)))
    version, method = await talk.read(2)
    if version != 5:
        raise talk.error("its answer is not SOCKS5's")
    if method == _PASSWORD and has_user:
        user, password = proxy.user.encode(), proxy.password.encode()
        await talk.send(bytes((1, len(user))) + user + bytes((len(password),)) + password)
        if (await talk.read(2))[1] != 0:
            raise talk.error("it refuses the user or the password")
    elif method != _ANONYMOUS:
        raise talk.error("it refuses the user or the password" if has_user else "it asks for a user and a password")
    await talk.send(bytes((5, 1, 0)) + _socks_address(host) + port.to_bytes(2, "big"))
    _, reply, _, kind = await talk.read(4)
    if reply != 0:
        raise talk.error(_REASONS.get(reply, f"code {reply}"))
    size = {1: 4, 4: 16}.get(kind) or (await talk.read(1))[0]
    await talk.read(size + 2)


def _socks_address(host: str) -> bytes:
    """Type and address of a host (RFC 1928, 5)."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host)
        return bytes((1 if address.version == 4 else 4,)) + address.packed
    name = host.encode("idna" if not host.isascii() else "ascii")
    return bytes((3, len(name))) + name

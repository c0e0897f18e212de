"""A small HTTP/1.1 client for calls that users wait for: kept-alive connections and JSON posts.

The parser is llhttp (through httptools); this module decides which connection carries which call. A client with
cookies, redirects and encodings takes five times the CPU for a call (decision 14).
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import aiohappyeyeballs
import httptools
from aiohttp import encode_basic_auth

from services.network.connections import DIRECT, Network
from services.network.handshakes import open_tunnel

MOST = 200
"""Connections at once: each carries one call at a time."""
CONNECT_SECONDS = 10.0
"""For name resolution, connection, the proxy's answer and the TLS handshake together."""
_IDLE = 15.0
"""Seconds after which an idle connection is not reused: a middlebox may have dropped it by then."""
_NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a host is tried in parallel (RFC 8305)."""


class NotConnected(OSError):
    """Nothing of a call was sent: there was no connection for it."""


class ConnectionBroken(OSError):
    """A connection ended, or sent no valid HTTP, before the answer was complete: the call may have arrived."""


class CallWithheld(Exception):
    """A call was not sent: when there was a connection for it, it might not leave any more."""


class HttpClient:
    """Connections to one server, by its address as in "https://api.telegram.org", through a proxy where `network` has
    one for it."""

    def __init__(self, server: str, network: Network = DIRECT) -> None:
        parts = urlsplit(server)
        self._proxy = network.proxy_for(server)
        self._tls = network.tls_context() if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nContent-Type: application/json\r\n"
        if parts.username is not None:  # a Bot API server behind a proxy with authentication
            credentials = encode_basic_auth(unquote(parts.username), unquote(parts.password or ""))
            self._head += f"Authorization: {credentials}\r\n"
        self._free: deque[tuple[_Connection, float]] = deque()
        self._used: set[_Connection] = set()
        self._places = asyncio.Semaphore(MOST)
        self._closed = False

    async def post(
        self, path: str, body: bytes, seconds: float, may_leave: Callable[[], bool] = lambda: True
    ) -> tuple[int, bytes]:
        """Post JSON; the status and the body of the answer.

        Raises NotConnected where nothing was sent, and CallWithheld where `may_leave` then said no; ConnectionBroken,
        or TimeoutError after so many seconds, where the request may have arrived.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        await self._place(until)
        try:
            connection = self._idle(loop.time()) or await self._connect(min(CONNECT_SECONDS, until - loop.time()))
            if self._closed or not connection.is_open:
                connection.close()
                raise NotConnected("the connection was closed")
            if not may_leave():  # asked last: waiting for a place and connecting take their time
                self._free.append((connection, loop.time()))
                raise CallWithheld
            self._used.add(connection)
            try:
                request = f"POST {path}{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body
                answer = await connection.ask(request, until)
            except BaseException:  # cancelled or failed: a late answer must not be read as that to the next call
                connection.close()
                raise
            finally:
                self._used.discard(connection)
            if connection.is_open and not self._closed:
                self._free.append((connection, loop.time()))
            return answer
        finally:
            self._places.release()

    async def _place(self, until: float) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout_at(until):
                await self._places.acquire()
        except TimeoutError:
            raise NotConnected("all connections were in use") from None

    def _idle(self, now: float) -> _Connection | None:
        while self._free:
            connection, since = self._free.pop()
            if connection.is_open and now - since < _IDLE:
                return connection
            connection.close()
        return None

    async def _connect(self, seconds: float) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                opened = await self._open()
                name = self._host if self._tls else None
                made = await loop.create_connection(_Connection, sock=opened, ssl=self._tls, server_hostname=name)
                return made[1]
        except (OSError, RuntimeError) as error:  # uvloop raises either
            raise NotConnected(f"{type(error).__name__}: {error}") from None

    async def _open(self) -> socket.socket:
        if self._proxy is not None:
            return await open_tunnel(self._proxy, self._host, self._port)
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        return await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS, loop=loop)

    def close(self) -> None:
        """Close every connection. Running calls raise ConnectionBroken, later ones NotConnected."""
        self._closed = True
        for connection, _ in self._free:
            connection.close()
        for connection in self._used:
            connection.close()
        self._free.clear()


class _Connection(asyncio.Protocol):
    """One connection, which carries one call at a time."""

    def __init__(self) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._body: list[bytes] = []
        self._has_length = False
        self._ends_with_connection = False
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether it can carry a call. A closing transport drops what is written without an error."""
        return self._open and not self._transport.is_closing()

    def ask(self, request: bytes, until: float) -> asyncio.Future[tuple[int, bytes]]:
        """Send a request; the future gives status and body of the answer, or the error."""
        self._answer = answer = self._loop.create_future()
        self._timer = self._loop.call_at(until, self._too_late)
        self._transport.write(request)
        return answer

    def _too_late(self) -> None:
        self._fail(TimeoutError())

    def _fail(self, error: BaseException) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def close(self) -> None:
        """Close the connection."""
        self._open = self._ends_with_connection = False
        if self._timer is not None:
            self._timer.cancel()
        self._transport.abort()

    # -- called by the event loop --------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open = True

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionBroken(f"no answer in HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        self._open = False
        if self._answer is None or self._answer.done():
            return
        if error is None and self._ends_with_connection:
            self.on_message_complete()
        else:
            self._fail(ConnectionBroken(f"{type(error).__name__}: {error}" if error else "the connection was closed"))

    # -- called by the parser ------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._body = []
        self._has_length = self._ends_with_connection = False
        if self._answer is None:  # an answer without a request
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._has_length = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._ends_with_connection = not self._has_length and status >= 200 and status not in (204, 304)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # an interim response: the answer follows
            return
        if self._timer is not None:
            self._timer.cancel()
        answer, self._answer = self._answer, None
        if not self._parser.should_keep_alive() or self._ends_with_connection:
            self.close()
        if answer is not None and not answer.done():
            answer.set_result((status, b"".join(self._body)))

"""The connections of the web server: how many there may be, and how long one may say nothing. Visitors who are slow, by
accident or on purpose, never take what Telegram and the database need."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage
from yarl import URL

log = logging.getLogger(__name__)

HEADER_SECONDS = 10.0
"""For the header of the first request of a connection."""
READ_SECONDS = 30.0
"""For the next 64 KiB or so of an answer to be taken."""
KEEP_ALIVE = 150.0
"""Seconds for which a connection is kept for the next request: longer than proxies do, 120 in Caddy and 60 in nginx."""
LINGER = 2.0
"""Seconds for which the rest of a body that was not asked for is read."""
_MOST = 1000


def most_connections() -> int:
    """Half of the file descriptors that this process may have: the rest is for Telegram, the database and files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else max(1, min(_MOST, soft // 2))


class Connection(asyncio.Protocol):
    """One connection, in front of aiohttp's protocol."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self._connections = connections
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it within `HEADER_SECONDS` unless a request comes."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it
        self._connections.add(self)
        self._close_in(HEADER_SECONDS)
        self._inner.connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed."""
        self._stop_timer()
        self._connections.remove(self)
        self._inner.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, or of what is none."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """The client sends no more."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """The client does not read."""
        self._close_in(READ_SECONDS)
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client has read."""
        self._stop_timer()
        self._inner.resume_writing()

    def close(self) -> None:
        """Close at once: what was not sent is lost."""
        if self._transport is not None:
            self._transport.abort()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around the handling of a request: it is not closed to make room."""
        self._stop_timer()
        self._connections.busy(self)
        try:
            yield
        finally:
            self._connections.idle(self)

    def _close_in(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Connections:
    """All connections of a server. Where there are too many, the one that has been idle for the longest time makes room
    for the next: a flood of half-open ones closes itself, and a visitor who asks is answered."""

    def __init__(self, inner: Callable[[], asyncio.Protocol]) -> None:
        self._inner = inner
        self._most = most_connections()
        self._open: dict[Connection, None] = {}
        self._idle: dict[Connection, None] = {}
        """The one that has been idle for the longest time comes first."""

    def __call__(self) -> Connection:
        return Connection(self, self._inner())

    def add(self, connection: Connection) -> None:
        """Count a new one. Where all others are busy it is closed itself."""
        self._open[connection] = self._idle[connection] = None
        if len(self._open) > self._most:
            log.warning(
                "more than %s connections of the web server: the one idle for the longest is closed", self._most
            )
            oldest = next(iter(self._idle))
            self.remove(oldest)
            oldest.close()

    def remove(self, connection: Connection) -> None:
        """Count it no longer; it may be removed before."""
        self._open.pop(connection, None)
        self._idle.pop(connection, None)

    def busy(self, connection: Connection) -> None:
        """Its request is being handled."""
        self._idle.pop(connection, None)

    def idle(self, connection: Connection) -> None:
        """Its request is answered."""
        if connection in self._open:
            self._idle[connection] = None


@web.middleware
async def keep_open_while_answering(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The outermost middleware: tells the connection of a request that the header has come."""
    connection = None if request.transport is None else request.transport.get_protocol()
    if not isinstance(connection, Connection):
        return await handler(request)
    with connection.answering():
        return await handler(request)


_NOWHERE = URL("/malformed")


def _refuse_malformed(server: web.Server) -> None:
    """Answer what aiohttp 3.14 fails on before any middleware, with a trace: a request line without an address, and an
    `Expect` that it cannot quote."""
    make, handle = server.request_factory, server.request_handler

    def make_request(message: RawRequestMessage, *rest: Any) -> web.BaseRequest:
        return make(message if message.url is not None else message._replace(url=_NOWHERE, should_close=True), *rest)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.rel_url == _NOWHERE:
            return web.Response(status=400)
        if request.headers.get("Expect", "100-continue").lower() != "100-continue":
            return web.Response(status=417)
        return await handle(request)

    server.request_factory, server.request_handler = make_request, answer


@asynccontextmanager
async def serving(app: web.Application, listening: socket.socket) -> AsyncIterator[None]:
    """Serve an application on a listening socket within the block."""
    app.middlewares.insert(0, keep_open_while_answering)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEEP_ALIVE, lingering_time=LINGER)
    await runner.setup()
    assert runner.server is not None, "setup has made it"
    _refuse_malformed(runner.server)
    server = await asyncio.get_running_loop().create_server(Connections(runner.server), sock=listening, backlog=1024)
    try:
        yield
    finally:
        server.close()
        await runner.cleanup()

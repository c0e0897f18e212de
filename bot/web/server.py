"""The HTTP server: health, readiness, metrics, webhook, and the pages of canvass links."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from aiohttp import web

from bot.ops.log_limits import OncePerMinute
from bot.ops.metrics import render
from bot.ops.scheduler import Scheduler
from bot.services import Services
from bot.settings import Settings
from bot.web import connections
from services.operations import check_writable
from services.shared_answers import SharedAnswer

if TYPE_CHECKING:  # each adds its routes where it is configured, and is loaded then
    from bot.updates.webhook import WebhookReceiver
    from bot.web.landing import LandingPages
    from bot.web.public import PublicPages

log = logging.getLogger(__name__)

_MAX_TICK_AGE = 30.0
_CHECK_INTERVAL = 1.0
_CHECK_TIMEOUT = 2.0
_PROMETHEUS = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
_LOGGERS = ("asyncio", "aiohttp.server", "bot.web.connections", "bot.web.landing", __name__)
"""What strangers can make write to the log."""


def _loopback(host: str) -> str:
    """The host if it is an address of loopback, else the usual one."""
    try:
        return host if ipaddress.ip_address(host.strip("[]")).is_loopback else "127.0.0.1"
    except ValueError:
        return "127.0.0.1"


def _server_socket(host: str, port: int, *, shared: bool) -> socket.socket:
    """A listening socket. `::` is every address of the machine, of IPv6 and IPv4; a name is its IPv4 address where it
    has one. Raises OSError."""
    if not socket.has_dualstack_ipv6() and host.strip("[]") == "::":
        log.warning("WEB_HOST=:: is 0.0.0.0 here: this machine has no IPv6")
        host = "0.0.0.0"  # noqa: S104 - as was asked for
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    every = family == socket.AF_INET6 and ipaddress.ip_address(str(address[0]).partition("%")[0]).is_unspecified
    return socket.create_server(address, family=family, backlog=1024, reuse_port=shared, dualstack_ipv6=every)


class WebServer:
    """The HTTP server on `WEB_HOST` and `WEB_PORT`; port 0 disables it. `landing`, `public` and `webhook` add their
    routes.

    With `METRICS=local` the metrics have a port of their own on loopback: no proxy in front of `WEB_PORT` forwards it.
    """

    def __init__(self, settings: Settings, services: Services, schedule: Scheduler) -> None:
        self._host, self._port = settings.web_host, settings.web_port
        self._shared = settings.web_port_shared
        self._metrics, self._metrics_port = settings.metrics, settings.metrics_port
        self._services = services
        self._schedule = schedule
        self._socket: socket.socket | None = None
        self._serving = AsyncExitStack()
        self._stopping = False
        clock = services.context.clock
        self._states = SharedAnswer(clock, services.outbox.states)
        self._page = SharedAnswer(clock, lambda: render(services, schedule))
        self._check: asyncio.Task[None] | None = None
        self._checked_at = 0.0
        self.landing: LandingPages | None = None
        self.public: PublicPages | None = None
        self.webhook: WebhookReceiver | None = None

    def listen(self) -> bool:
        """Bind the port, before links to it are written; False where it is disabled or in use."""
        if self._port and self._socket is None:
            try:
                self._socket = _server_socket(self._host, self._port, shared=self._shared)
            except OSError as error:
                log.warning("WEB_PORT %s cannot be served, pages and health are left out: %s", self._port, error)
        return self._socket is not None

    def close(self) -> None:
        """Release the port."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def health(self, _request: web.Request) -> web.Response:
        """200 while the database answers and the scheduler runs, else 503."""
        age = self._schedule.seconds_since_tick()
        try:
            notifications = await self._states.get()
        except Exception as error:
            log.error("health: the database does not answer", exc_info=error)
            return web.json_response({"ok": False, "why": "database"}, status=503)
        ok = age < _MAX_TICK_AGE
        return web.json_response(
            {"ok": ok, "tick_age": round(age, 1), "letters": notifications}, status=200 if ok else 503
        )

    async def ready(self, _request: web.Request) -> web.Response:
        """200 while this process accepts requests, else 503 with the reason, for load balancers."""
        why = await self._why_not_ready()
        return web.json_response({"ok": False, "why": why} if why else {"ok": True}, status=503 if why else 200)

    async def _why_not_ready(self) -> str | None:
        if self._stopping:
            return "stopping"
        if self.webhook is not None and not self.webhook.ready:
            return "full"
        # Any number of requests share one query, which is never cancelled.
        now = self._services.context.clock.monotonic()
        if self._check is None or (self._check.done() and now - self._checked_at > _CHECK_INTERVAL):
            self._checked_at = now
            self._check = asyncio.ensure_future(check_writable(self._services.context))
        await asyncio.wait({self._check}, timeout=_CHECK_TIMEOUT)
        if not self._check.done() or self._check.exception() is not None:
            return "database"
        return None

    def stop(self) -> None:
        """Stop being ready. Requests are still served until the end."""
        self._stopping = True

    async def prometheus(self, _request: web.Request) -> web.Response:
        """The metrics for Prometheus."""
        try:
            return web.Response(body=await self._page.get(), headers=_PROMETHEUS)
        except Exception as error:
            log.error("metrics: the database does not answer", exc_info=error)
            return web.Response(status=503)

    def app(self) -> web.Application:
        """The application with every route."""
        app = web.Application()
        app.router.add_get("/healthz", self.health)
        app.router.add_get("/readyz", self.ready)
        if self._metrics == "on":
            app.router.add_get("/metrics", self.prometheus)
        if self.webhook is not None:
            self.webhook.add_to(app)
        if self.landing is not None:
            self.landing.add_to(app)
        if self.public is not None:
            self.public.add_to(app)
        return app

    async def _serve_metrics(self, starting: AsyncExitStack) -> None:
        app = web.Application()
        app.router.add_get("/metrics", self.prometheus)
        try:
            listening = _server_socket(_loopback(self._host), self._metrics_port, shared=False)
        except OSError as error:
            log.warning("METRICS_PORT %s cannot be served, metrics are left out: %s", self._metrics_port, error)
            return
        starting.callback(listening.close)
        await starting.enter_async_context(connections.serving(app, listening))

    async def __aenter__(self) -> WebServer:
        async with AsyncExitStack() as starting:
            starting.enter_context(OncePerMinute(self._services.context.clock.monotonic).on(*_LOGGERS))
            if self._port and self._metrics == "local" and self._metrics_port:
                await self._serve_metrics(starting)
            if self.listen():
                assert self._socket is not None, "listen has bound it"
                await starting.enter_async_context(connections.serving(self.app(), self._socket))
            self._serving = starting.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._serving.aclose()
        if self._check is not None:
            await asyncio.wait({self._check})
        self.close()

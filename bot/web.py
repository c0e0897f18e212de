"""What is served over HTTP: health, for those who watch over the bot."""

from __future__ import annotations

import logging
from types import TracebackType

from aiohttp import web

from bot.schedule import Schedule
from bot.services import Services
from bot.settings import Settings

log = logging.getLogger(__name__)

_TICK_IS_OLD = 30.0


class Web:
    """The HTTP server, on `WEB_HOST` and `WEB_PORT`; port 0 leaves it out."""

    def __init__(self, settings: Settings, services: Services, schedule: Schedule) -> None:
        self._host, self._port = settings.web_host, settings.web_port
        self._services = services
        self._schedule = schedule
        self._runner: web.AppRunner | None = None

    async def health(self, _request: web.Request) -> web.Response:
        """200 while the database answers and the schedule ticks, else 503."""
        age = self._schedule.seconds_since_tick()
        try:
            letters = await self._services.outbox.states()
        except Exception as error:
            log.error("health: the database does not answer", exc_info=error)
            return web.json_response({"ok": False, "why": "database"}, status=503)
        ok = age < _TICK_IS_OLD
        return web.json_response({"ok": ok, "tick_age": round(age, 1), "letters": letters}, status=200 if ok else 503)

    async def __aenter__(self) -> Web:
        if self._port:
            app = web.Application()
            app.router.add_get("/healthz", self.health)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            try:
                await web.TCPSite(runner, self._host, self._port).start()
                self._runner = runner
            except OSError as error:
                await runner.cleanup()
                log.warning("WEB_PORT %s cannot be served, health is left out: %s", self._port, error.strerror)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

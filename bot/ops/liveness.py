"""Gives signs of life while this process works, and frees what dead processes held."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.services import Services
from bot.worker import Worker
from services.presence import LOOKS_EVERY
from storage.db.errors import DatabaseUnavailable

log = logging.getLogger(__name__)


class Liveness(Worker):
    """Looks every `LOOKS_EVERY` seconds."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.context.clock, log, "signs of life")
        self._services = services
        self._presence = services.context.presence

    async def look(self) -> None:
        """Give one sign of life, and free what dead processes held."""
        try:
            if dead := await self._presence.look():
                await self._free(dead)
            self.outage_log.available()
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
        except Exception as error:
            log.error("a look at the other processes failed", exc_info=error)

    async def _free(self, dead: frozenset[int]) -> None:
        freed, undecided = await self._services.outbox.recover_from(dead)
        jobs = await self._services.jobs.release_from(dead)
        if freed or undecided or jobs:
            log.warning(
                "a process has died: %s notifications and %s jobs are free again, %s notifications may have been sent",
                freed,
                jobs,
                undecided,
            )

    async def run(self) -> None:
        """Work until stopped."""
        while not self.stopping:
            await self.pause(LOOKS_EVERY)
            await self.look()
        await self._presence.leave()


@asynccontextmanager
async def alive(services: Services) -> AsyncIterator[None]:
    """Counts as alive inside the block, which everything that claims must be left in; on SQLite there is one process,
    and nothing to do."""
    if services.context.db.is_sqlite:
        yield
        return
    liveness = Liveness(services)
    await liveness.look()
    looking = asyncio.create_task(liveness.run())
    try:
        yield
    finally:
        liveness.stop()
        await looking

"""The metronome: wakes the services every moment; what is due is in the database, never in a job."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from services.alerts import Alerts
from services.rounds import Opened, Rounds

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0


class Schedule:
    """One tick, again and again; each is idempotent, and the first one catches up (R8)."""

    def __init__(
        self, rounds: Rounds, alerts: Alerts, *after: Callable[[Opened | None], Awaitable[None]], every: float
    ) -> None:
        self._rounds = rounds
        self._alerts = alerts
        self._after = after
        self._busy = asyncio.Lock()
        self._last = time.monotonic()
        # No grace: the default drops a tick that is one second late. Coalesced: a stall is followed by one tick.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_job(self.tick, IntervalTrigger(seconds=every, timezone=UTC))

    async def start(self) -> None:
        """Catch up at once, then follow the clock."""
        await self.tick()
        self._scheduler.start()

    async def stop(self) -> None:
        """Let a running tick end and make no further one."""
        self._scheduler.pause()
        async with self._busy:
            self._scheduler.shutdown(wait=False)

    def seconds_since_tick(self) -> float:
        """The age of the last tick that succeeded."""
        return time.monotonic() - self._last

    async def tick(self) -> None:
        """Do what is due. Never raises: a tick that fails is logged, and the next one tries again."""
        async with self._busy:
            opened: Opened | None = None
            sound = True
            # Each part for itself: what keeps a round from opening must not keep an alert from its readers.
            for part in (self._turn_rounds, self._queue_letters, *self._after):
                try:
                    opened = await part(opened) or opened
                except Exception as error:
                    sound = False
                    log.error("a tick failed; the next one tries again", exc_info=error)
            if sound:
                self._last = time.monotonic()

    async def _turn_rounds(self, _: Opened | None) -> Opened | None:
        opened = await self._rounds.tick()
        if opened:
            log.info("round %s opened with %s items, until %s", opened.round_id, opened.items, opened.closes_at)
        return opened

    async def _queue_letters(self, _: Opened | None) -> None:
        queued = await self._alerts.tick()
        if queued:
            log.info("%s letters queued", queued)

"""Calls the services once a second. The database is the schedule: APScheduler only provides the wake-ups."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.triggers.base import BaseTrigger

from bot.worker import Worker
from services.campaigns import Campaigns
from services.clock import Clock, LeapGuard
from services.groups import Groups
from services.rounds import RoundOpened, Rounds
from storage.db.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
PATIENCE = 10.0
"""Seconds without a tick after which APScheduler is considered dead."""
QUEUES_FOR = 1.0
"""Seconds after which a tick leaves the remaining notifications to the next one."""


class _IntervalTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires one interval from now. APScheduler's own trigger computes each missed time, blocking the event loop for
    0.1 s after a suspend of a day, for half an hour after a system clock that was set from 1970."""

    def __init__(self, every: float) -> None:
        self._every = timedelta(seconds=every)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self._every


class Scheduler(Worker):
    """Runs one idempotent tick after another; the first one catches up (R8).

    `run` is also the watchdog: APScheduler stops for ever if one update of its job fails. `patience` is in seconds.
    """

    def __init__(
        self,
        clock: Clock,
        rounds: Rounds,
        groups: Groups,
        campaigns: Campaigns,
        *after: Callable[[RoundOpened | None], Awaitable[None]],
        every: float,
        patience: float = PATIENCE,
        leaps: LeapGuard | None = None,
    ) -> None:
        super().__init__(clock, log, "ticks")
        self._rounds = rounds
        self._groups = groups
        self._campaigns = campaigns
        self._after = after
        self._leaps = leaps or LeapGuard()
        self._busy = asyncio.Lock()
        self._last_success = self._last_begin = clock.monotonic()
        self._active = False
        self._every = every
        self._patience = max(patience, 3 * every)
        self._queued = 0
        self._opened: RoundOpened | None = None
        self._scheduler: AsyncIOScheduler

    def _new_scheduler(self) -> AsyncIOScheduler:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler  # only processes that run the schedule load it

        # No grace: the default drops a tick that is one second late. Coalesced: a stall is followed by one tick.
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        scheduler.add_job(self.tick, _IntervalTrigger(self._every))
        return scheduler

    async def open_rounds(self) -> None:
        """Open and close rounds before the first update is processed (R8). `run` does the rest of the first tick, such
        as queueing notifications, while updates are processed."""
        self._active = True
        try:
            self._opened = await self._tick_rounds(None)
        except DatabaseUnavailable as error:
            self.outage_log.unavailable(error)
        except Exception as error:
            log.error("the rounds could not be opened; the first tick tries again", exc_info=error)

    async def run(self) -> None:
        """Tick until stopped, and let a running tick end."""
        first = asyncio.create_task(self.tick())
        self._scheduler = self._new_scheduler()
        self._scheduler.start()
        while not self.stopping:
            await self.pause(self._patience / 4)
            if not self.stopping:
                await self._restart_if_silent()
        if self._scheduler.running:  # a restart may have failed
            self._scheduler.pause()
        await first
        async with self._busy:
            if self._scheduler.running:
                self._scheduler.shutdown(wait=False)

    async def _restart_if_silent(self) -> None:
        """Replace an APScheduler that no longer ticks. A tick that is slow or fails was still started by it."""
        silent = self.clock.monotonic() - self._last_begin
        if silent < self._patience or self._busy.locked():
            return
        log.critical("no tick for %.0f s: the scheduler has stopped and is restarted", silent)
        try:
            self._scheduler.shutdown(wait=False)
        except Exception as error:
            log.warning("the old scheduler could not be shut down", exc_info=error)
        try:
            self._scheduler = self._new_scheduler()
            self._scheduler.start()
        except Exception as error:  # for example, out of memory
            log.error("the scheduler could not be restarted; the watchdog tries again", exc_info=error)
        await self.tick()

    def seconds_since_tick(self) -> float:
        """The age of the last successful tick; 0 in a process that leaves ticks to another one."""
        return self.clock.monotonic() - self._last_success if self._active else 0.0

    async def tick(self) -> None:
        """Do what is due. Never raises: a failed tick is logged, and the next one tries again.

        While notifications remain to be queued, ticks follow each other at once, so that rounds and groups do not wait
        until all are queued.
        """
        async with self._busy:
            while await self._tick_once() and not self.stopping:
                pass

    async def _tick_once(self) -> bool:
        """Run one tick; returns whether more notifications may remain to be queued."""
        self._last_begin = self.clock.monotonic()
        if self._leaps.doubtful():
            log.warning("the clock has leapt ahead: nothing is due until it has stood for a minute")
            self._last_success = self._last_begin
            return False
        opened, self._opened = self._opened, None
        succeeded, self._queued = True, 0
        # Parts fail separately: what keeps a round from opening must not delay an alert.
        for part in (self._tick_rounds, self._tick_groups, self._queue_notifications, *self._after):
            try:
                opened = await part(opened) or opened
            except DatabaseUnavailable as error:
                succeeded = False
                self.outage_log.unavailable(error)
            except Exception as error:
                succeeded = False
                log.error("a tick failed; the next one tries again", exc_info=error)
        if succeeded:
            self._last_success = self.clock.monotonic()
            self.outage_log.available()
        return succeeded and bool(self._queued)

    async def _tick_rounds(self, _: RoundOpened | None) -> RoundOpened | None:
        opened = await self._rounds.tick()
        if opened:
            log.info("round %s opened with %s items, until %s", opened.round_id, opened.items, opened.closes_at)
        return opened

    async def _tick_groups(self, _: RoundOpened | None) -> None:
        await self._groups.tick()

    async def _queue_notifications(self, _: RoundOpened | None) -> None:
        self._queued = await self._campaigns.queue_due(QUEUES_FOR)
        if self._queued:
            log.debug("%s notifications queued", self._queued)

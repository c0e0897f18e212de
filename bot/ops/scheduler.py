"""The metronome: wakes the services every moment; what is due is in the database, never in a job."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from services.groups import Groups
from services.rounds import RoundOpened, Rounds

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
PATIENCE = 10.0
"""Seconds without a tick after which the scheduler is taken for dead."""
QUEUES_FOR = 1.0
"""Seconds after which a tick leaves the letters that are still to be queued to the next one."""


class _IntervalTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires so long after now. APScheduler's own interval counts every beat that was missed, one by one, while the loop
    stands still: after a suspend of a day for a tenth of a second, after a clock set from 1970 for half an hour."""

    def __init__(self, every: float) -> None:
        self._every = timedelta(seconds=every)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self._every


class Scheduler:
    """One tick, again and again; each is idempotent, and the first one catches up (R8).

    A watchdog looks after the scheduler: APScheduler stops for ever where the update of its job fails once. `patience`
    is in seconds.
    """

    def __init__(
        self,
        rounds: Rounds,
        groups: Groups,
        *after: Callable[[RoundOpened | None], Awaitable[None]],
        every: float,
        patience: float = PATIENCE,
    ) -> None:
        self._rounds = rounds
        self._groups = groups
        self._after = after
        self._busy = asyncio.Lock()
        self._last = time.monotonic()
        self._begun = self._last
        self._follows = False
        self._stopping = False
        self._every = every
        self._patience = max(patience, 3 * every)
        self._queued = 0
        self._opened: RoundOpened | None = None
        self._first: asyncio.Task[None] | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._scheduler = self._new_scheduler()

    def _new_scheduler(self) -> AsyncIOScheduler:
        # No grace: the default drops a tick that is one second late. Coalesced: a stall is followed by one tick.
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        scheduler.add_job(self.tick, _IntervalTrigger(self._every))
        return scheduler

    async def start(self) -> None:
        """Turn the rounds at once, for people tap by them (R8), then follow the clock; the rest of the first tick, such
        as queueing what is to be told to everybody, keeps nobody waiting."""
        self._follows = True
        try:
            self._opened = await self._turn_rounds(None)
        except Exception as error:
            log.error("the rounds could not be turned; the first tick tries again", exc_info=error)
        self._first = asyncio.create_task(self.tick())
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Let a running tick end and make no further one."""
        self._stopping = True
        if self._watchdog is not None:
            self._watchdog.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watchdog
        if self._scheduler.running:  # the watchdog may not have got that far
            self._scheduler.pause()
        if self._first is not None:
            await self._first
        async with self._busy:
            if self._scheduler.running:
                self._scheduler.shutdown(wait=False)

    async def _watch(self) -> None:
        """Put a new scheduler in the place of one that makes no ticks any more.

        A tick that takes long, or fails, is none of its business: the scheduler made it.
        """
        while True:
            await asyncio.sleep(self._patience / 4)
            silent = time.monotonic() - self._begun
            if silent < self._patience or self._busy.locked():
                continue
            log.critical("no tick for %.0f s: the schedule has stopped and is started anew", silent)
            try:
                self._scheduler.shutdown(wait=False)
            except Exception as error:  # it is broken already
                log.warning("the old scheduler could not be shut down", exc_info=error)
            try:
                self._scheduler = self._new_scheduler()
                self._scheduler.start()
            except Exception as error:  # memory may be short now and not later
                log.error("the schedule could not be started anew; the watchdog tries again", exc_info=error)
            await self.tick()

    def seconds_since_tick(self) -> float:
        """The age of the last tick that succeeded; nought in a process that leaves the clock to another one."""
        return time.monotonic() - self._last if self._follows else 0.0

    async def tick(self) -> None:
        """Do what is due. Never raises: a tick that fails is logged, and the next one tries again.

        While there are letters to queue tick follows tick at once: no round and no group waits until all are queued.
        """
        async with self._busy:
            while await self._tick_once() and not self._stopping:
                pass

    async def _tick_once(self) -> bool:
        """One tick; returns whether there may be more letters to queue."""
        self._begun = time.monotonic()
        opened, self._opened = self._opened, None
        sound, self._queued = True, 0
        # Each part for itself: what keeps a round from opening must not keep an alert from its readers.
        for part in (self._turn_rounds, self._queue_letters, *self._after):
            try:
                opened = await part(opened) or opened
            except Exception as error:
                sound = False
                log.error("a tick failed; the next one tries again", exc_info=error)
        if sound:
            self._last = time.monotonic()
        return sound and bool(self._queued)

    async def _turn_rounds(self, _: RoundOpened | None) -> RoundOpened | None:
        opened = await self._rounds.tick()
        if opened:
            log.info("round %s opened with %s items, until %s", opened.round_id, opened.items, opened.closes_at)
        return opened

    async def _queue_letters(self, _: RoundOpened | None) -> None:
        self._queued = await self._groups.tick(QUEUES_FOR)
        if self._queued:
            log.info("%s letters queued", self._queued)

"""The base of everything that runs until it is asked to stop: stopping, pauses, backoff and the log of outages."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from contextlib import suppress
from random import Random
from typing import TypeVar

from aiogram.utils.backoff import Backoff, BackoffConfig

from bot.telegram.redaction import error_of
from services.clock import Clock
from storage.db.errors import DatabaseUnavailable

Result = TypeVar("Result")

_FIRST_DELAY = 1.0
_CANCEL_TAKES = 1.0
"""Seconds within which cancelled work should have ended."""
_JITTER = (0.7, 1.3)
"""Delays are multiplied by a factor from this range, so that several processes do not retry in step."""


class StopRequested(Exception):
    """The stop came before the awaited work was done."""


class OutageLog:
    """What one worker logs about outages of the database."""

    def __init__(self, clock: Clock, log: logging.Logger, waiting: str) -> None:
        """`waiting` names what waits for the database."""
        self._clock = clock
        self._log = log
        self._waiting = waiting
        self.since: float | None = None
        """The start of the outage, in monotonic seconds; None while the database answers."""

    def unavailable(self, error: DatabaseUnavailable) -> None:
        """Note that an operation failed."""
        if self.since is None:
            self.since = self._clock.monotonic()
            self._log.error("the database is unavailable, %s wait for it: %s", self._waiting, error_of(error))

    def available(self) -> None:
        """Note that an operation succeeded."""
        if self.since is not None:
            passed = self._clock.monotonic() - self.since
            self._log.warning("the database is available again after %.0f s, %s continue", passed, self._waiting)
            self.since = None


class Stoppable:
    """Works until `stop`. Time and chance are injected."""

    def __init__(
        self,
        clock: Clock,
        log: logging.Logger,
        waiting: str,
        *,
        chance: Random | None = None,
        longest_backoff: float = 30.0,
    ) -> None:
        """`waiting` names in the log what waits during an outage of the database; `longest_backoff` is in seconds."""
        self.clock = clock
        self.outage_log = OutageLog(clock, log, waiting)
        self.backoff = Backoff(BackoffConfig(_FIRST_DELAY, longest_backoff, factor=2, jitter=0))
        self._chance = chance or Random()
        self.stopping = False
        self._stop_event = asyncio.Event()

    def stop(self) -> None:
        """Take no more work and end every pause."""
        self.stopping = True
        self._stop_event.set()

    async def stopped(self) -> None:
        """Wait for `stop`."""
        await self._stop_event.wait()

    async def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until `stop`."""
        with suppress(StopRequested):
            await self.unless_stopped(self.clock.sleep(seconds))

    def next_delay(self) -> float:
        """Seconds before the next attempt, with jitter; doubles until `backoff` is reset."""
        return self.jittered(next(self.backoff))

    def jittered(self, seconds: float) -> float:
        return seconds * self._chance.uniform(*_JITTER)

    async def unless_stopped(self, work: Awaitable[Result]) -> Result:
        """The result of `work`, which is cancelled by a stop. Raises StopRequested then."""
        return await unless(self._stop_event, work)


class Worker(Stoppable, ABC):
    """What runs beside the rest of the bot until it is stopped."""

    @abstractmethod
    async def run(self) -> None:
        """Work until stopped, and finish what is in progress."""


async def unless(stopping: asyncio.Event, work: Awaitable[Result]) -> Result:
    """The result of `work`, which is cancelled once `stopping` is set. Raises StopRequested then."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise StopRequested
        return task.result()
    finally:
        task.cancel()
        stopped.cancel()
        await asyncio.wait({task}, timeout=_CANCEL_TAKES)  # a client may swallow its cancellation

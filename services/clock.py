"""The clock that is injected wherever time is read or waited for, so that tests can run on a virtual one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is stored and shown, monotonic time for rates and timeouts."""

    def now(self) -> datetime:
        """The wall time, aware, in UTC. It may jump."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences have a meaning."""

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of `monotonic`."""


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def seconds_since_boot() -> float:
    """Time that passes evenly, also while this machine is suspended, where the system can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


LEAP = timedelta(hours=1)
"""So far ahead of the time that has passed a machine's clock is doubted."""
STANDS = 60.0
"""Seconds after which such a clock is believed."""


class LeapGuard:
    """Distrusts this machine's clock for a minute after it leapt ahead: what is opened, ended or expired by a wrong
    date cannot be taken back. A clock that went back is believed at once."""

    def __init__(
        self, wall: Callable[[], datetime] = utc_now, elapsed: Callable[[], float] = seconds_since_boot
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._believed = wall() - timedelta(seconds=elapsed())
        self._doubted_since: float | None = None

    def doubtful(self) -> bool:
        """Whether the clock is so far ahead that nothing final should be done. Ask every few seconds."""
        elapsed = self._elapsed()
        booted = self._wall() - timedelta(seconds=elapsed)
        if booted - self._believed > LEAP:
            self._doubted_since = elapsed if self._doubted_since is None else self._doubted_since
            if elapsed - self._doubted_since < STANDS:
                return True
        self._believed, self._doubted_since = booted, None
        return False


class SystemClock:
    """The clock of this machine; `now` replaces its wall time, as by that of the local chat, which can be moved."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self.now = now

"""The clock that is injected wherever time is read or waited for, so that tests can run on a virtual one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
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


class SystemClock:
    """The clock of this machine; `now` replaces its wall time, as by that of the local chat, which can be moved."""

    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self.now = now

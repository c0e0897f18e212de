"""A clock that moves only when a test moves it: a sleep on it takes no real time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from tests.waiting import GUARD

_PASSES = 50
"""Passes of the event loop in which tasks that wait for nothing real have settled."""
_SHORTEST = 1e-6
"""Seconds that a sleep takes at least: less could be lost in rounding, and the sleeper would ask again for ever."""

Sleeper = tuple[float, int, "asyncio.Future[None]"]


class VirtualClock:
    """Has the shape of `services.clock.Clock`. `sleep` returns when the test has moved the clock so far."""

    def __init__(
        self, now: datetime = datetime(2026, 11, 24, 2, 0, tzinfo=UTC), busy: Callable[[], bool] = lambda: False
    ) -> None:
        """`busy` says whether real work, such as SQL or HTTP, is on its way: virtual time stands still meanwhile."""
        self.time = now
        self._elapsed = 0.0
        self._sleepers: list[Sleeper] = []
        self._number = 0
        self._busy = busy

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number += 1
        heappush(self._sleepers, (self._elapsed + max(seconds, _SHORTEST), self._number, woken))
        await woken

    @property
    def next_due(self) -> float | None:
        """When the next sleep ends, in seconds of `monotonic`; None where nothing sleeps."""
        while self._sleepers and self._sleepers[0][2].done():  # cancelled
            heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def jump(self, span: timedelta) -> None:
        """Set the wall time, as an operator or NTP does; nothing wakes up."""
        self.time += span

    async def advance(self, seconds: float) -> None:
        """Move on and end each sleep at its moment, in order. Tasks settle after each."""
        target = self._elapsed + seconds
        await self.settle()
        while (due := self.next_due) is not None and due <= target:
            self._wake()
            await self.settle()
        self._move(target)
        await self.settle()

    async def until(self, reached: Callable[[], bool] | Callable[[], Awaitable[bool]], within: float = 3600.0) -> None:
        """End one sleep after the other until this is so. Fails when more than `within` virtual seconds have passed."""
        deadline = self._elapsed + within
        async with asyncio.timeout(GUARD):
            while True:
                await self.settle()
                found = reached()
                if found if isinstance(found, bool) else await found:
                    return
                await self.settle()
                assert self._elapsed <= deadline, f"not within {within} s"
                if self.next_due is not None:
                    self._wake()
                else:
                    await asyncio.sleep(0.001)

    async def finish(self, work: Awaitable[object]) -> None:
        """Move on until this has ended, and raise what it raises."""
        task = asyncio.ensure_future(work)
        await self.until(task.done)
        task.result()

    async def sleeping(self, number: int = 1) -> None:
        """Wait until so many sleep: then everything else that they do has been done."""
        async with asyncio.timeout(GUARD):
            while self.next_due is None or sum(not sleeper[2].done() for sleeper in self._sleepers) < number:
                await asyncio.sleep(0.001)

    async def settle(self) -> None:
        """Let everything go on that does not wait for this clock: tasks, and what is `busy` with SQL or HTTP."""
        quiet = 0
        while quiet < _PASSES:
            busy = self._busy()
            await asyncio.sleep(0.001 if busy else 0)
            quiet = 0 if busy else quiet + 1

    def _wake(self) -> None:
        due, _, woken = heappop(self._sleepers)
        self._move(due)
        woken.set_result(None)

    def _move(self, to: float) -> None:
        self.time += timedelta(seconds=to - self._elapsed)
        self._elapsed = to

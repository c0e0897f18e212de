"""The feed of changes, read by the page, by waiting requests and by the test kit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
CAPACITY = 5000  # a listener that falls further behind must load the whole state again


@dataclass(slots=True, frozen=True)
class Event:
    """One change. The payload may hold model objects; they become JSON only when a listener reads them."""

    rev: int
    type: str
    payload: dict[str, Any]


class EventFeed:
    """A ring buffer of numbered events that wakes waiting tasks on each new one."""

    def __init__(self) -> None:
        self.rev = 0
        self._ring: deque[Event] = deque(maxlen=CAPACITY)
        self._waiting: set[asyncio.Future[None]] = set()

    def emit(self, kind: str, **payload: Any) -> None:
        """Record a change and wake the waiting tasks."""
        self.rev += 1
        self._ring.append(Event(self.rev, kind, payload))
        if self._waiting:
            waiting, self._waiting = self._waiting, set()
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    def since(self, rev: int) -> list[Event] | None:
        """The events after `rev`; None when some of them are already overwritten."""
        if rev >= self.rev:
            return []
        missed = self.rev - rev
        if missed > len(self._ring):
            return None
        return [self._ring[index] for index in range(len(self._ring) - missed, len(self._ring))]

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait for the next event; False after `timeout` seconds without one."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, timeout)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True

    async def wait_for(self, probe: Callable[[], T | None], limit: float) -> T | None:
        """Wait until `probe` returns a value, calling it again after each event; None after `limit` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit
        while (found := probe()) is None:
            left = deadline - loop.time()
            if left <= 0 or not await self.wait(left):
                return probe()
        return found

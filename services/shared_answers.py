"""One answer for all who ask: what a count costs does not depend on how many strangers ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

from services.clock import Clock

Answer = TypeVar("Answer")
FRESH = 1.0
"""Seconds for which an answer is given again."""
REST = 20.0
"""And so many times as long as asking took: whoever asks, it takes at most a twentieth of the time."""


class SharedAnswer(Generic[Answer]):
    """A question that is asked at most once at a time, and whose answer, or error, serves others for a short time.

    Asking is never cancelled: who leaves must not take the answer from those who still wait.
    """

    def __init__(
        self,
        clock: Clock,
        question: Callable[[], Awaitable[Answer]],
        fresh: float = FRESH,
        rest: float = REST,
    ) -> None:
        """`fresh` is in seconds, `rest` a multiple of what asking took."""
        self._clock = clock
        self._question = question
        self._fresh, self._rest = fresh, rest
        self._asked: asyncio.Task[Answer] | None = None
        self._until = 0.0

    def ask(self) -> asyncio.Task[Answer]:
        """The task that asks now, or has asked a moment ago. Do not cancel it."""
        if self._asked is None or (self._asked.done() and self._clock.monotonic() > self._until):
            self._asked = asyncio.ensure_future(self._ask())
        return self._asked

    async def get(self) -> Answer:
        """The answer; raises what asking raised."""
        return await asyncio.shield(self.ask())

    async def close(self) -> None:
        """Wait until nothing is asked."""
        if self._asked is not None:
            await asyncio.wait({self._asked})

    async def _ask(self) -> Answer:
        began = self._clock.monotonic()
        try:
            return await self._question()
        finally:
            now = self._clock.monotonic()
            self._until = now + max(self._fresh, self._rest * (now - began))


class TooManyAtOnce(Exception):
    """So much is being done that nothing more is begun."""


class SingleFlight(Generic[Answer]):
    """Work by key: who asks for what is being done meanwhile waits for it. It is never cancelled."""

    def __init__(self, most: int | None = None) -> None:
        """`most` is how many keys there may be at once, waiting ones included."""
        self._most = most
        self._under_way: dict[Hashable, asyncio.Task[Answer]] = {}

    async def do(self, key: Hashable, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The result of the work for this key; raises what it raises, or TooManyAtOnce."""
        task = self._under_way.get(key)
        if task is None:
            if self._most is not None and len(self._under_way) >= self._most:
                raise TooManyAtOnce
            task = self._under_way[key] = asyncio.ensure_future(work())
            task.add_done_callback(partial(self._end, key))
        return await asyncio.shield(task)

    def _end(self, key: Hashable, _task: asyncio.Task[Answer]) -> None:
        del self._under_way[key]

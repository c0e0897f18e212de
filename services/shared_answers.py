"""One answer for all who ask: what a count costs does not depend on how many strangers ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from services.clock import Clock

Answer = TypeVar("Answer")
FRESH = 1.0
"""Seconds for which an answer is given again."""
REST = 20.0
"""And so many times as long as asking took: it takes a twentieth of the time at most."""
LONGEST = 15.0
"""Seconds after which it is asked again all the same: that is how often metrics are collected."""


class TooManyAtOnce(Exception):
    """So much is being done that nothing more is begun."""


class _Asking(Generic[Answer]):
    """A question that one asks while the others wait; where that one is cancelled, the next one asks."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lock = asyncio.Lock()
        self._found: list[Answer] = []
        self._error: Exception | None = None

    async def answer(self, question: Callable[[], Awaitable[Answer]]) -> Answer:
        self.waiting += 1
        try:
            async with self._lock:
                if not self._found and self._error is None:
                    await self._ask(question)
        finally:
            self.waiting -= 1
        if self._error is not None:
            raise self._error
        return self._found[0]

    async def _ask(self, question: Callable[[], Awaitable[Answer]]) -> None:
        try:
            self._found.append(await question())
        except Exception as error:
            self._error = error


class SharedAnswer(Generic[Answer]):
    """A question that is asked at most once at a time, and whose answer, or error, serves others for a short time."""

    def __init__(self, clock: Clock, question: Callable[[], Awaitable[Answer]]) -> None:
        self._clock = clock
        self._question = question
        self._asking = _Asking[Answer]()
        self._until: float | None = None

    async def get(self) -> Answer:
        """The answer; raises what asking raised."""
        if self._until is not None and self._clock.monotonic() > self._until:
            self._asking, self._until = _Asking(), None
        return await self._asking.answer(self._ask)

    async def _ask(self) -> Answer:
        began = self._clock.monotonic()
        try:
            return await self._question()
        finally:
            now = self._clock.monotonic()
            self._until = now + min(LONGEST, max(FRESH, REST * (now - began)))


class SingleFlight(Generic[Answer]):
    """Work by key: who asks for what is being done meanwhile waits for it."""

    def __init__(self, most: int | None = None) -> None:
        """`most` is how many keys there may be at once, waiting ones included."""
        self._most = most
        self._under_way: dict[Hashable, _Asking[Answer]] = {}

    async def do(self, key: Hashable, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The result of the work for this key; raises what it raises, or TooManyAtOnce."""
        asking = self._under_way.get(key)
        if asking is None:
            if self._most is not None and len(self._under_way) >= self._most:
                raise TooManyAtOnce
            asking = self._under_way[key] = _Asking()
        try:
            return await asking.answer(work)
        finally:
            if not asking.waiting:
                self._under_way.pop(key, None)

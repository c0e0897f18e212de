"""Tells other processes that this one lives, and recognises those that died (R26). Only PostgreSQL has several."""

from __future__ import annotations

import asyncio
import math
import secrets

from sqlalchemy.ext.asyncio import AsyncConnection

from services.clock import Clock
from storage.db import Database, presence
from storage.db.errors import DatabaseUnavailable, is_unavailable

LOOKS_EVERY = 0.3
"""Seconds between two looks."""
DEAD_AFTER = 1.0
"""Seconds without a lock after which a process counts as dead. One that was last sure of its own lock so long ago sends
nothing."""
_RETURN_TAKES = 10.0
"""Seconds that processes have to come back after the database was away, which ends the sessions of all of them."""
_ANSWER_TAKES = 5.0
"""Seconds that the database may take to answer a look."""


class Presence:
    """The sign of life of one process, and its view of the others."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._own = _new_number()
        self._session: AsyncConnection | None = None
        self._kept = False
        self._sure_at = self._unbroken_since = self._judges_from = -math.inf
        self._gone_since: dict[int, float] = {}

    @property
    def number(self) -> int | None:
        """What claims of this process are marked with; None where it gives no sign of life, so that only the end of
        their lease frees them."""
        return self._own if self._session is not None else None

    def proves(self, since: float) -> bool:
        """Whether no other process can have taken this one for dead since a moment of `monotonic`."""
        sure = self._unbroken_since <= since and self._clock.monotonic() - self._sure_at < DEAD_AFTER
        return sure or not self._kept

    async def look(self) -> frozenset[int]:
        """Give a sign of life. Returns the processes that are dead for sure, and still hold claims. Raises
        DatabaseUnavailable."""
        try:
            async with asyncio.timeout(_ANSWER_TAKES):
                return await self._look()
        except Exception as error:
            await self.leave()
            if is_unavailable(error):
                raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error
            raise

    async def leave(self) -> None:
        """End the session, so that others need not wait for what this process leaves."""
        session, self._session = self._session, None
        if session is not None:
            await session.invalidate()
            await session.close()

    async def _look(self) -> frozenset[int]:
        if self._session is None:
            await self._join()
            assert self._session is not None
        asked = self._clock.monotonic()
        gone = await presence.gone(self._session, self._own)
        now, self._sure_at = self._clock.monotonic(), asked
        self._gone_since = {number: self._gone_since.get(number, now) for number in gone}
        if now < self._judges_from:
            return frozenset()
        return frozenset(number for number, since in self._gone_since.items() if now - since >= DEAD_AFTER)

    async def _join(self) -> None:
        session = self._session = await self._db.own_session()
        while not await presence.hold(session, self._own):  # by a session of ours that the server has not given up yet
            self._own, self._sure_at = _new_number(), -math.inf
        now = self._clock.monotonic()
        if now - self._sure_at >= DEAD_AFTER:
            self._unbroken_since = now
        if self._kept:
            self._judges_from = now + _RETURN_TAKES
        self._kept, self._gone_since = True, {}


def _new_number() -> int:
    return secrets.randbelow(2**62) + 1

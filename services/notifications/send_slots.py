"""Whose turn it is to send, over all processes of one bot (R27)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import rate_limit
from services.clock import Clock
from storage import key_values
from storage.db import Database

_ROW, _PAID_ROW = "send_slots", "send_slots_paid"
_KNOWN_FOR = 60.0
"""Seconds for which a comparison of two clocks holds: they drift apart by some microseconds in that."""

# The clock is read when the row is held. What is lost here with the power need not be waited for at each commit: it is
# a moment old, and the server takes longer to come back.
_HOLD = text(
    "WITH held AS (SELECT value FROM key_values WHERE name = :row FOR UPDATE) SELECT value, "
    "extract(epoch FROM clock_timestamp())::float8, set_config('synchronous_commit', 'off', true) FROM held"
)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A turn that somebody has here: by the database's clock, which is at most so far ahead of this process's own.

    `left` is when its message left, or None for not at all; `over` says whether that is known.
    """

    row: str
    turn: float
    ahead: float
    left: float | None = None
    over: bool = False

    def in_(self, turns: rate_limit.SlotLedger) -> rate_limit.SlotLedger:
        """The turns with what became of this one."""
        return turns.told(self.turn, self.left) if self.over else turns


class SendSlots:
    """One row on the database's clock says when the next message may leave, whichever process sends it.

    Each turn is taken by one process, which says when it takes the next one at what moment its message really left:
    the limit holds for those moments. A pause that Telegram asks for holds for everyone. Messages that are paid for
    take turns by a row of their own. On SQLite there is one process, whose own pace is enough: every turn is at once.

    An object of this kind is for one sender, who takes one turn after the other.
    """

    def __init__(self, db: Database, clock: Clock, rate: float, paid_rate: float | None = None) -> None:
        """Rates are in messages a second, over all processes."""
        self._db = db
        self._clock = clock
        self._rates = {_ROW: rate, _PAID_ROW: paid_rate or rate}
        self._taken: _Taken | None = None
        self._known: deque[tuple[float, float, float]] = deque(maxlen=256)

    async def take(self, longest: float, *, paid: bool = False) -> float:
        """Take the next turn: in how many seconds it is. None is taken where that would be more than `longest`."""
        if self._db.is_sqlite:
            return 0.0
        row = _PAID_ROW if paid else _ROW
        last, self._taken = self._taken, None
        if last is not None and last.row != row:
            async with self._db.write() as connection:  # by itself: who holds two rows may wait for who holds the other
                turns, _, _ = await self._held(connection, last.row)
                await self._store(connection, last.row, last.in_(turns))
        async with self._db.write() as connection:
            turns, now, (asked, told) = await self._held(connection, row)
            if last is not None and last.row == row:
                turns = last.in_(turns)
            turn, after = turns.take(now, self._rates[row])
            taken = turn - now <= longest
            await self._store(connection, row, after if taken else turns)
        if not taken:
            return turn - now
        behind, ahead = self._clocks(now, asked, told)
        self._taken = _Taken(row, turn, ahead)
        return max(0.0, turn - behind - self._clock.monotonic())

    def _clocks(self, now: float, asked: float, told: float) -> tuple[float, float]:
        """How far the database's clock is ahead of this process's own: at least, and at most.

        Its `now` lay between the question and the answer. The closest that this was known in the last minute counts, so
        that one slow answer makes nobody late. Whoever waits by the least is never early; the moment of leaving is told
        by the most, as the latest that it may have been.
        """
        self._known.append((told, now - told, now - asked))
        while self._known[0][0] < told - _KNOWN_FOR:
            self._known.popleft()
        behind, ahead = max(low for _, low, _ in self._known), min(high for _, _, high in self._known)
        if behind > ahead:  # one of the clocks was set
            self._known = deque([self._known[-1]], self._known.maxlen)
            return now - told, now - asked
        return behind, ahead

    def missed(self) -> bool:
        """Whether the turn that was taken last has gone by, as after a stall: then another one is needed.

        To be asked just before the message leaves: this moment is what the limit is kept by.
        """
        if self._taken is None:
            return False
        now = self._clock.monotonic() + self._taken.ahead
        missed = now > self._taken.turn + rate_limit.LATEST
        self._taken = replace(self._taken, left=None if missed else now, over=True)
        return missed

    async def close(self, seconds: float) -> None:
        """Nobody sends for so many seconds: the answer to a 429's `retry_after`. A longer pause stays as it is."""
        async with self._db.write() as connection:
            if self._db.is_sqlite:
                until = self._clock.now().timestamp() + max(seconds, await self._closed(connection))
                await key_values.set(connection, _ROW, repr(until))
                return
            for row in self._rates:
                turns, now, _ = await self._held(connection, row)
                await self._store(connection, row, turns.closed(now + seconds))

    async def closed(self) -> float:
        """For how many seconds nobody may send, as was noted before this process began; 0 where the turns say it."""
        if not self._db.is_sqlite:
            return 0.0
        async with self._db.read() as connection:
            return await self._closed(connection)

    async def _closed(self, connection: AsyncConnection) -> float:
        until = await key_values.get(connection, _ROW)
        return max(0.0, float(until) - self._clock.now().timestamp()) if until else 0.0

    async def _held(
        self, connection: AsyncConnection, row: str
    ) -> tuple[rate_limit.SlotLedger, float, tuple[float, float]]:
        """The row, which nobody else changes before the transaction ends; the database's time, and before and after
        which moments of this process's clock it was that."""
        asked = self._clock.monotonic()
        found = (await connection.execute(_HOLD, {"row": row})).one_or_none()
        told = self._clock.monotonic()
        if found is None:
            await key_values.set_once(connection, row, "0")
            return await self._held(connection, row)
        value, now, _ = found
        due, *left = map(float, value.split())
        return rate_limit.SlotLedger(due, tuple(left)), now, (asked, told)

    @staticmethod
    async def _store(connection: AsyncConnection, row: str, turns: rate_limit.SlotLedger) -> None:
        await key_values.set(connection, row, " ".join(map(repr, (turns.due, *turns.left))))

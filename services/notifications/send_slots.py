"""Send slots, shared by all processes of one bot (R27)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.rate_limit import LATEST, SlotLedger
from services.clock import Clock
from storage import key_values
from storage.db import Database

_ROW, _PAID_ROW = "send_slots", "send_slots_paid"
_KNOWN_FOR = 60.0
"""Seconds for which a comparison of two clocks holds: they drift apart by some microseconds meanwhile."""

# The clock is read once the row is locked. Commits need not wait for the disk: after a power cut what is lost is a
# moment old, and the server takes longer to start.
_LOCK = text(
    "WITH held AS (SELECT value FROM key_values WHERE name = :row FOR UPDATE) SELECT value, "
    "extract(epoch FROM clock_timestamp())::float8, set_config('synchronous_commit', 'off', true) FROM held"
)


class _LockedLedger(NamedTuple):
    """A ledger with its row locked. The database's clock was at `now` between two moments of this process's clock."""

    ledger: SlotLedger
    now: float
    asked: float
    answered: float


@dataclass(frozen=True, slots=True)
class _Reserved:
    """The slot of this process, by the database's clock, which is ahead of this process's by at most `ahead`.

    `left_at` is when its message left, None for a missed slot; `reported` says whether that is known.
    """

    row: str
    slot: float
    ahead: float
    left_at: float | None = None
    reported: bool = False

    def settle(self, ledger: SlotLedger) -> SlotLedger:
        return ledger.settled(self.slot, self.left_at) if self.reported else ledger


class SendSlots:
    """Slots of messages, in a row of the database and by its clock, whichever process sends.

    A process that takes its next slot reports when its last message left: the limit holds for those moments. A pause
    that Telegram asks for holds for all processes. Paid messages have a row of their own. On SQLite there is one
    process, whose rate limiter is enough: every slot is at once.

    One object serves one sender, which takes one slot after another.
    """

    def __init__(self, db: Database, clock: Clock, rate: float, paid_rate: float | None = None) -> None:
        """Rates are in messages a second, over all processes."""
        self._db = db
        self._clock = clock
        self._rates = {_ROW: rate, _PAID_ROW: paid_rate or rate}
        self.shared = not db.is_sqlite
        """Whether several processes may send, so that each takes slots."""
        self._reserved: _Reserved | None = None
        self._known: deque[tuple[float, float, float]] = deque(maxlen=256)

    async def take(self, longest: float, *, paid: bool = False) -> float:
        """Take the next slot; returns the seconds until then. None is taken where that is more than `longest`."""
        if not self.shared:
            return 0.0
        row = _PAID_ROW if paid else _ROW
        last, self._reserved = self._reserved, None
        if last is not None and last.row != row:
            async with self._db.write() as connection:  # alone: senders that lock both rows could deadlock
                locked = await self._lock(connection, last.row)
                await self._store(connection, last.row, last.settle(locked.ledger))
        async with self._db.write() as connection:
            locked = await self._lock(connection, row)
            ledger = last.settle(locked.ledger) if last is not None and last.row == row else locked.ledger
            slot, after = ledger.take(locked.now, self._rates[row])
            taken = slot - locked.now <= longest
            await self._store(connection, row, after if taken else ledger)
        if not taken:
            return slot - locked.now
        behind, ahead = self._clocks(locked.now, locked.asked, locked.answered)
        self._reserved = _Reserved(row, slot, ahead)
        return max(0.0, slot - behind - self._clock.monotonic())

    def _clocks(self, now: float, asked: float, answered: float) -> tuple[float, float]:
        """How far the database's clock is ahead of this process's: at least, and at most.

        Its `now` was between question and answer. The closest bounds of the last minute count, so that a slow answer
        delays nothing. Waiting by the lower bound is never early; a departure is reported by the upper one, as the
        latest that it may have been.
        """
        self._known.append((answered, now - answered, now - asked))
        while self._known[0][0] < answered - _KNOWN_FOR:
            self._known.popleft()
        behind, ahead = max(low for _, low, _ in self._known), min(high for _, _, high in self._known)
        if behind > ahead:  # one of the clocks was set
            self._known = deque([self._known[-1]], self._known.maxlen)
            return now - answered, now - asked
        return behind, ahead

    def missed(self) -> bool:
        """Whether the slot has passed, as after a stall, so that another one is needed.

        Call it just before the message leaves: that moment is reported.
        """
        if self._reserved is None:
            return False
        now = self._clock.monotonic() + self._reserved.ahead
        missed = now > self._reserved.slot + LATEST
        self._reserved = replace(self._reserved, left_at=None if missed else now, reported=True)
        return missed

    async def pause(self, seconds: float) -> None:
        """Pause all processes, after a 429 with this `retry_after`. A longer pause stays as it is."""
        async with self._db.write() as connection:
            if not self.shared:
                until = self._clock.now().timestamp() + max(seconds, await self._stored_pause(connection))
                await key_values.set(connection, _ROW, repr(until))
                return
            for row in self._rates:
                locked = await self._lock(connection, row)
                await self._store(connection, row, locked.ledger.paused(locked.now + seconds))

    async def paused_for(self) -> float:
        """Seconds of a pause that the previous process stored; 0 where slots include it."""
        if self.shared:
            return 0.0
        async with self._db.read() as connection:
            return await self._stored_pause(connection)

    async def _stored_pause(self, connection: AsyncConnection) -> float:
        until = await key_values.get(connection, _ROW)
        return max(0.0, float(until) - self._clock.now().timestamp()) if until else 0.0

    async def _lock(self, connection: AsyncConnection, row: str) -> _LockedLedger:
        """Lock a row until the end of the transaction."""
        asked = self._clock.monotonic()
        found = (await connection.execute(_LOCK, {"row": row})).one_or_none()
        answered = self._clock.monotonic()
        if found is None:
            await key_values.set_once(connection, row, "0")
            return await self._lock(connection, row)
        value, now, _ = found
        due, *departures = map(float, value.split())
        return _LockedLedger(SlotLedger(due, tuple(departures)), now, asked, answered)

    @staticmethod
    async def _store(connection: AsyncConnection, row: str, ledger: SlotLedger) -> None:
        await key_values.set(connection, row, " ".join(map(repr, (ledger.due, *ledger.departures))))

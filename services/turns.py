"""Whose turn it is to send, over all processes of one bot (R27)."""

from __future__ import annotations

import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.pace import CATCH_UP
from storage import display
from storage.db import Database

_SPACING = 1.02
"""Turns are so much farther apart than the rate asks: what leaves a little late still fits into its second."""
_GRACE = 0.008
"""Seconds by which a turn may be missed; that much the spacing has to spare in any second."""
_ROW, _PAID_ROW = "turns", "turns-paid"

_NOW = "extract(epoch FROM clock_timestamp())::float8"
_TAKE = text(
    f"UPDATE facts SET value = (greatest(value::float8, {_NOW} - :late) + :apart)::text "  # noqa: S608 - no input in it
    f"WHERE name = :row AND value::float8 - {_NOW} <= :longest RETURNING value::float8 - :apart - {_NOW}"
)
_CLOSED = text(f"SELECT value::float8 - {_NOW} FROM facts WHERE name = :row")  # noqa: S608
_CLOSE = text(
    f"UPDATE facts SET value = greatest(value::float8, {_NOW} + :seconds)::text WHERE name = :row"  # noqa: S608
)


class Turns:
    """One row on the database's clock says when the next message may leave, whichever process sends it.

    Each turn is taken by one process, an even distance after the one before; nobody saves turns up. A pause that
    Telegram asks for moves the row on, and so holds for everyone. Messages that are paid for take turns by a row of
    their own. On SQLite there is one process, whose own pace is enough: every turn is at once.
    """

    def __init__(self, db: Database, rate: float, paid_rate: float | None = None) -> None:
        """Rates are in messages a second, over all processes."""
        self._db = db
        self._apart = {_ROW: _SPACING / rate, _PAID_ROW: _SPACING / (paid_rate or rate)}
        self._taken_for: float | None = None
        self._there = False

    async def take(self, longest: float, *, paid: bool = False) -> float:
        """Take the next turn: in how many seconds it is. None is taken where that would be more than `longest`."""
        if self._db.is_sqlite:
            return 0.0
        row = _PAID_ROW if paid else _ROW
        apart = self._apart[row]
        async with self._db.write() as connection:
            await self._make(connection)
            values = {"row": row, "late": CATCH_UP, "apart": apart, "longest": longest}
            wait = (await connection.execute(_TAKE, values)).scalar_one_or_none()
            told = time.monotonic()
            if wait is None:
                self._taken_for = None
                closed = (await connection.execute(_CLOSED, {"row": row})).scalar_one()
                return max(float(closed), longest + apart)
        self._taken_for = told + float(wait)
        return max(0.0, self._taken_for - time.monotonic())

    def missed(self) -> bool:
        """Whether the turn that was taken last has gone by, as after a stall: then another one is needed."""
        return self._taken_for is not None and time.monotonic() > self._taken_for + _GRACE

    async def close(self, seconds: float) -> None:
        """Nobody sends for so many seconds: the answer to a 429's `retry_after`. A longer pause stays as it is."""
        async with self._db.write() as connection:
            if self._db.is_sqlite:
                until = time.time() + max(seconds, await self._closed(connection))
                await display.set_fact(connection, _ROW, repr(until))
                return
            await self._make(connection)
            for row in self._apart:
                await connection.execute(_CLOSE, {"row": row, "seconds": seconds})

    async def closed(self) -> float:
        """For how many seconds nobody may send, as was noted before this process began; 0 where the turns say it."""
        if not self._db.is_sqlite:
            return 0.0
        async with self._db.read() as connection:
            return await self._closed(connection)

    @staticmethod
    async def _closed(connection: AsyncConnection) -> float:
        until = await display.fact(connection, _ROW)
        return max(0.0, float(until) - time.time()) if until else 0.0

    async def _make(self, connection: AsyncConnection) -> None:
        if not self._there:
            for row in self._apart:
                await display.fact_once(connection, row, "0")
            self._there = True

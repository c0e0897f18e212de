"""Whose turn it is to send, over all processes of one bot (R27)."""

from __future__ import annotations

import time

from sqlalchemy import text

from domain.pace import CATCH_UP
from storage import display
from storage.db import Database

_SPACING = 1.02
"""Turns are so much farther apart than the rate asks: what leaves a little late still fits into its second."""
_GRACE = 0.008
"""Seconds by which a turn may be missed; that much the spacing has to spare in any second."""
_ROW = "turns"

_NOW = "extract(epoch FROM clock_timestamp())::float8"
_TAKE = text(
    f"UPDATE facts SET value = (greatest(value::float8, {_NOW} - :late) + :apart)::text "  # noqa: S608 - no input in it
    f"WHERE name = '{_ROW}' AND value::float8 - {_NOW} <= :longest RETURNING value::float8 - :apart - {_NOW}"
)
_CLOSED = text(f"SELECT value::float8 - {_NOW} FROM facts WHERE name = '{_ROW}'")  # noqa: S608
_CLOSE = text(
    f"UPDATE facts SET value = greatest(value::float8, {_NOW} + :seconds)::text WHERE name = '{_ROW}'"  # noqa: S608
)


class Turns:
    """One row on the database's clock says when the next message may leave, whichever process sends it.

    Each turn is taken by one process, an even distance after the one before; nobody saves turns up. A pause that
    Telegram asks for moves the row on, and so holds for everyone. On SQLite there is one process, whose own pace is
    enough: every turn is at once.
    """

    def __init__(self, db: Database, rate: float) -> None:
        """`rate` is in messages a second, over all processes."""
        self._db = db
        self._apart = _SPACING / rate
        self._taken_for: float | None = None
        self._there = False

    async def take(self, longest: float) -> float:
        """Take the next turn: in how many seconds it is. None is taken where that would be more than `longest`."""
        if self._db.is_sqlite:
            return 0.0
        async with self._db.write() as connection:
            if not self._there:
                await display.fact_once(connection, _ROW, "0")
                self._there = True
            values = {"late": CATCH_UP, "apart": self._apart, "longest": longest}
            wait = (await connection.execute(_TAKE, values)).scalar_one_or_none()
            told = time.monotonic()
            if wait is None:
                self._taken_for = None
                closed = (await connection.execute(_CLOSED)).scalar_one()
                return max(float(closed), longest + self._apart)
        self._taken_for = told + float(wait)
        return max(0.0, self._taken_for - time.monotonic())

    def missed(self) -> bool:
        """Whether the turn that was taken last has gone by, as after a stall: then another one is needed."""
        return self._taken_for is not None and time.monotonic() > self._taken_for + _GRACE

    async def close(self, seconds: float) -> None:
        """Nobody sends for so many seconds: the answer to a 429's `retry_after`. A longer pause stays as it is."""
        if self._db.is_sqlite:
            return
        async with self._db.write() as connection:
            await display.fact_once(connection, _ROW, "0")
            await connection.execute(_CLOSE, {"seconds": seconds})

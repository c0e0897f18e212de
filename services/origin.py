"""A restored database begins with everything due held, for nobody knows what was sent since the backup (R26)."""

from __future__ import annotations

from datetime import datetime

from storage import display, origin
from storage.db import Database, advisory_lock

_PLACE = "database_identity"


async def notice_a_copy(db: Database, now: datetime) -> bool:
    """Hold everything due where a PostgreSQL dump was restored since the last start; whether that was so just now.

    The database remembers where it is, and a restored one finds itself elsewhere. Copies of an SQLite file that were
    made by `backup` carry the hold in themselves.
    """
    async with db.read() as connection:
        here = await origin.place(connection)
        known = await display.fact(connection, _PLACE)
    if here is None or here == known:
        return False
    async with db.write() as connection:
        await advisory_lock(connection, _PLACE)
        known = await display.fact(connection, _PLACE)
        await display.set_fact(connection, _PLACE, here)
        if known in (None, here):
            return False
        await origin.hold(connection, now)
    return True


async def hold(db: Database, now: datetime) -> None:
    """Hold everything due until somebody says go."""
    async with db.write() as connection:
        await origin.hold(connection, now)

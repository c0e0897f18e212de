"""Where a database is, and what it remembers of that: a restored dump remembers another place than it is in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs
from storage.db import insert_new
from storage.models import KeyValueRow

_PLACE = text(
    "SELECT s.system_identifier || '/' || d.oid || '/' || CAST(to_regclass('key_values') AS oid) "
    "FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()"
)
"""The server, the database in it, the table in that: whichever way a dump is restored, one of the three is new."""


async def place(connection: AsyncConnection) -> str | None:
    """What no other database has, and no restored one keeps; None on SQLite, whose file can be anywhere."""
    if connection.dialect.name == "sqlite":
        return None
    return str((await connection.execute(_PLACE)).scalar_one())


async def hold(connection: AsyncConnection, now: datetime) -> None:
    """Hold everything due from now on, unless it is held already, and drop errands: they may have been done since."""
    await connection.execute(
        insert_new(connection, KeyValueRow)
        .values(name="held_since", value=now.isoformat())
        .on_conflict_do_nothing(index_elements=["name"])
    )
    await jobs.expire_all(connection)

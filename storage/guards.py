"""The location of a database, by which a restored dump is recognised, and the hold on everything due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs, key_values

_PLACE = text(
    "SELECT s.system_identifier || '/' || d.oid || '/' || CAST(to_regclass('key_values') AS oid) "
    "FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()"
)
"""Server, database and table: however a dump is restored, one of the three is new."""


async def location(connection: AsyncConnection) -> str | None:
    """Identifies a database; a restored one has another value. None on SQLite, whose file may be moved."""
    if connection.dialect.name == "sqlite":
        return None
    return str((await connection.execute(_PLACE)).scalar_one())


async def hold(connection: AsyncConnection, now: datetime) -> None:
    """Hold everything due, unless it is held already, and expire open jobs: they may be done by now."""
    await key_values.set_once(connection, "held_since", now.isoformat())
    await jobs.expire_all(connection)

"""Single values of the whole installation by name, such as the display's version, secret keys, or the hold of
everything due after a restore."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import jobs
from storage.db import PreparedStatement, changed, insert_new
from storage.db.numbering import skip_numbers
from storage.models import KeyValueRow

_HOLD = "held_since"
NOTHING_HELD = ~select(KeyValueRow.name).where(KeyValueRow.name == _HOLD).exists()
"""The condition under which notifications are queued and claimed."""
_GET = PreparedStatement(
    select(KeyValueRow.value).where(KeyValueRow.name == bindparam("name", type_=KeyValueRow.name.type))
)
_LOCATION = text(
    "SELECT s.system_identifier || '/' || d.oid || '/' || CAST(to_regclass('key_values') AS oid) "
    "FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()"
)
"""Server, database and table: however a dump is restored, one of the three is new."""


async def get(connection: AsyncConnection, name: str) -> str | None:
    """The value of this name; None where there is none."""
    rows = await _GET.rows(connection, name=name)
    return rows[0][0] if rows else None


async def set_once(connection: AsyncConnection, name: str, value: str) -> str:
    """Store a value that never changes, unless there is one; returns the stored one."""
    new = insert_new(connection, KeyValueRow).values(name=name, value=value)
    await connection.execute(new.on_conflict_do_nothing(index_elements=["name"]))
    return (await connection.execute(select(KeyValueRow.value).where(KeyValueRow.name == name))).scalar_one()


async def set(connection: AsyncConnection, name: str, value: str) -> None:
    """Store a value in the place of an earlier one."""
    new = insert_new(connection, KeyValueRow).values(name=name, value=value)
    await connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


async def delete(connection: AsyncConnection, name: str) -> bool:
    """Delete a value; False where there was none."""
    return await changed(connection, delete_from(KeyValueRow).where(KeyValueRow.name == name))


async def location(connection: AsyncConnection) -> str | None:
    """Identifies a database; a restored dump has another value. None on SQLite, whose file may be moved."""
    return None if connection.dialect.name == "sqlite" else str(await connection.scalar(_LOCATION))


async def hold(connection: AsyncConnection, now: datetime) -> None:
    """Hold everything due, unless it is held already, and expire open jobs: they may be done by now. Rows that are
    stored from now on have numbers that none has had, also after the backup."""
    await set_once(connection, _HOLD, now.isoformat())
    await skip_numbers(connection)
    await jobs.expire_all(connection)


async def held_since(connection: AsyncConnection) -> str | None:
    """Since when everything is held, as an ISO time; None while it is not."""
    return await get(connection, _HOLD)


async def end_hold(connection: AsyncConnection) -> bool:
    """End the hold; False when there was none."""
    return await delete(connection, _HOLD)

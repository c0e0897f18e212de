"""Single values of the whole installation, by name: the display's version, secret keys, the hold after a restore."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.group_commit import PreparedStatement
from storage.models import KeyValueRow

_GET = PreparedStatement(
    select(KeyValueRow.value).where(KeyValueRow.name == bindparam("name", type_=KeyValueRow.name.type))
)


async def get(connection: AsyncConnection, name: str) -> str | None:
    """The value of this name; None where there is none."""
    rows = await _GET.rows(connection, name=name)
    return rows[0][0] if rows else None


async def set_once(connection: AsyncConnection, name: str, value: str) -> str:
    """Store a value that never changes, unless there is one; returns the stored one."""
    await connection.execute(
        insert_new(connection, KeyValueRow)
        .values(name=name, value=value)
        .on_conflict_do_nothing(index_elements=["name"])
    )
    return (await connection.execute(select(KeyValueRow.value).where(KeyValueRow.name == name))).scalar_one()


async def set(connection: AsyncConnection, name: str, value: str) -> None:
    """Store a value in the place of an earlier one."""
    await connection.execute(
        insert_new(connection, KeyValueRow)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )


async def delete(connection: AsyncConnection, name: str) -> bool:
    """Delete a value; False where there was none."""
    return bool((await connection.execute(delete_from(KeyValueRow).where(KeyValueRow.name == name))).rowcount)

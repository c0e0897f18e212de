"""Queries about failed updates (dead letters)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import FailedUpdateRow, JsonObject


async def keep(
    connection: AsyncConnection,
    update_id: int,
    person_id: int | None,
    content: JsonObject,
    error: str,
    attempts: int,
    now: datetime,
) -> None:
    """Store one update with its error; one that comes again after a kill replaces itself."""
    await connection.execute(
        delete(FailedUpdateRow).where(FailedUpdateRow.update_id == update_id, FailedUpdateRow.person_id == person_id)
    )
    values = {"content": content, "error": error, "attempts": attempts, "at": now}
    await connection.execute(insert(FailedUpdateRow).values(update_id=update_id, person_id=person_id, **values))


async def clear(connection: AsyncConnection, before: datetime) -> None:
    """Delete what was stored before this moment."""
    await connection.execute(delete(FailedUpdateRow).where(FailedUpdateRow.at < before))


async def count(connection: AsyncConnection) -> int:
    """How many are stored."""
    return await connection.scalar(select(func.count()).select_from(FailedUpdateRow)) or 0

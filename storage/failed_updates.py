"""Queries about updates that were kept aside."""

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
    """Store one update with what went wrong; one that comes again after a kill replaces itself."""
    await connection.execute(
        delete(FailedUpdateRow).where(FailedUpdateRow.update_id == update_id, FailedUpdateRow.person_id == person_id)
    )
    await connection.execute(
        insert(FailedUpdateRow).values(
            update_id=update_id, person_id=person_id, content=content, error=error, attempts=attempts, at=now
        )
    )


async def clear(connection: AsyncConnection, before: datetime) -> None:
    """Let go of what was kept before this moment."""
    await connection.execute(delete(FailedUpdateRow).where(FailedUpdateRow.at < before))


async def count(connection: AsyncConnection) -> int:
    """How many are kept."""
    return (await connection.execute(select(func.count()).select_from(FailedUpdateRow))).scalar_one()

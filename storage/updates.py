"""Queries about what updates leave behind: open questions, and failed updates (dead letters)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.models import ConversationRow, FailedUpdateRow, JsonObject


async def conversations(connection: AsyncConnection) -> dict[str, tuple[str | None, JsonObject]]:
    """All open questions by key: the state, and what was answered so far."""
    rows = await connection.execute(select(ConversationRow.key, ConversationRow.state, ConversationRow.data))
    return {row.key: (row.state, row.data) for row in rows}


async def conversation(connection: AsyncConnection, key: str) -> tuple[str | None, JsonObject]:
    """One open question; no state and no data where nothing is asked."""
    asked = select(ConversationRow.state, ConversationRow.data).where(ConversationRow.key == key)
    row = (await connection.execute(asked)).one_or_none()
    return (row.state, row.data) if row else (None, {})


async def store_conversation(connection: AsyncConnection, key: str, state: str | None, data: JsonObject) -> None:
    """Store one question, or delete it where nothing is asked any more."""
    if state is None and not data:
        await connection.execute(delete(ConversationRow).where(ConversationRow.key == key))
        return
    asked = {"state": state, "data": data}
    new = insert_new(connection, ConversationRow).values(key=key, **asked)
    await connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=asked))


async def keep_failed(
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


async def delete_failed(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete what was stored before this moment, at most so many; returns how many."""
    old = select(FailedUpdateRow.id).where(FailedUpdateRow.at < before).limit(most)
    return (await connection.execute(delete(FailedUpdateRow).where(FailedUpdateRow.id.in_(old)))).rowcount


async def count_failed(connection: AsyncConnection) -> int:
    """How many are stored."""
    return await connection.scalar(select(func.count()).select_from(FailedUpdateRow)) or 0

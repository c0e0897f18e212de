"""Queries about what people are being asked."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.models import ConversationRow, JsonObject


async def everything(connection: AsyncConnection) -> dict[str, tuple[str | None, JsonObject]]:
    """All open questions by key."""
    rows = await connection.execute(select(ConversationRow.key, ConversationRow.state, ConversationRow.data))
    return {row.key: (row.state, row.data) for row in rows}


async def one(connection: AsyncConnection, key: str) -> tuple[str | None, JsonObject]:
    """One question, and what was answered so far."""
    row = (
        await connection.execute(select(ConversationRow.state, ConversationRow.data).where(ConversationRow.key == key))
    ).one_or_none()
    return (row.state, row.data) if row else (None, {})


async def store(connection: AsyncConnection, key: str, state: str | None, data: JsonObject) -> None:
    """Keep one question, or remove it where nothing is asked any more."""
    if state is None and not data:
        await connection.execute(delete(ConversationRow).where(ConversationRow.key == key))
        return
    await connection.execute(
        insert_new(connection, ConversationRow)
        .values(key=key, state=state, data=data)
        .on_conflict_do_update(index_elements=["key"], set_={"state": state, "data": data})
    )

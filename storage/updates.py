"""Queries about what updates leave behind: open questions, and failed updates (dead letters)."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Text, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.models import ConversationRow, FailedUpdateRow, JsonObject

_TO_FULL_WIDTH = ord("０") - ord("0")
"""Organisers write numbers with either digits."""


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


async def delete_failed_about(connection: AsyncConnection, chat_id: int, first_name: str) -> None:
    """Delete what a person caused, and what of others mentions their ID or name. Too much rather than too little: these
    rows only help to mend what went wrong."""
    wide = "".join(chr(ord(digit) + _TO_FULL_WIDTH) for digit in str(chat_id))
    wanted = [str(chat_id), wide]
    if len(first_name) > 1 or not first_name.isascii():  # a single character is in every update
        wanted.append(first_name)
    texts = FailedUpdateRow.content.cast(Text)
    mentions = [
        found
        for one in wanted
        for found in (
            texts.contains(json.dumps(one)[1:-1], autoescape=True),
            FailedUpdateRow.error.contains(one, autoescape=True),
        )
    ]
    await connection.execute(delete(FailedUpdateRow).where(or_(FailedUpdateRow.person_id == chat_id, *mentions)))


async def delete_failed(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete what was stored before this moment, at most so many; returns how many."""
    old = select(FailedUpdateRow.id).where(FailedUpdateRow.at < before).limit(most)
    return (await connection.execute(delete(FailedUpdateRow).where(FailedUpdateRow.id.in_(old)))).rowcount


async def count_failed(connection: AsyncConnection) -> int:
    """How many are stored."""
    return await connection.scalar(select(func.count()).select_from(FailedUpdateRow)) or 0

"""Queries about groups: the openings of chosen items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import GroupRow

_TO_COME = (GroupRow.opened_at.is_(None), GroupRow.cancelled_at.is_(None))


async def of_item(connection: AsyncConnection, item_id: int) -> Any | None:
    """The group of an item."""
    return (await connection.execute(select(GroupRow.__table__).where(GroupRow.item_id == item_id))).one_or_none()


async def by_id(connection: AsyncConnection, group_id: int) -> Any | None:
    """A group by its number."""
    return (await connection.execute(select(GroupRow.__table__).where(GroupRow.id == group_id))).one_or_none()


async def add(connection: AsyncConnection, **values: Any) -> int:
    """Store a group and return its number."""
    return (await connection.execute(insert(GroupRow).values(**values).returning(GroupRow.id))).scalar_one()


async def change(connection: AsyncConnection, group_id: int, **values: Any) -> None:
    """Set columns of one group."""
    await connection.execute(update(GroupRow).where(GroupRow.id == group_id).values(**values))


async def open_now(connection: AsyncConnection, group_id: int, now: datetime) -> bool:
    """Mark a group as open; False when it is so already, or was moved to a later time."""
    result = await connection.execute(
        update(GroupRow).where(GroupRow.id == group_id, GroupRow.opens_at <= now, *_TO_COME).values(opened_at=now)
    )
    return bool(result.rowcount)


async def cancel(connection: AsyncConnection, group_id: int, now: datetime) -> bool:
    """Cancel a group that has not opened (R5); False when it has, or is cancelled already."""
    result = await connection.execute(
        update(GroupRow).where(GroupRow.id == group_id, *_TO_COME).values(cancelled_at=now)
    )
    return bool(result.rowcount)


async def items_opening(connection: AsyncConnection, start: datetime, end: datetime) -> list[int]:
    """The items whose groups open from `start` to `end`, both included, and have not opened yet."""
    rows = await connection.execute(
        select(GroupRow.item_id).where(GroupRow.opens_at >= start, GroupRow.opens_at <= end, *_TO_COME)
    )
    return list(rows.scalars())


async def to_open(connection: AsyncConnection, now: datetime) -> Sequence[Any]:
    """Groups whose opening has come and that nobody opened."""
    rows = await connection.execute(
        select(GroupRow.__table__).where(GroupRow.opens_at <= now, *_TO_COME).order_by(GroupRow.opens_at)
    )
    return rows.all()

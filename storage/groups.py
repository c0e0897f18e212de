"""Queries about groups: the openings of chosen items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import GroupRow

_COLUMNS = (
    GroupRow.id,
    GroupRow.item_id,
    GroupRow.opens_at,
    GroupRow.url,
    GroupRow.revision,
    GroupRow.cancelled_at,
)


@dataclass(frozen=True, slots=True)
class Group:
    """The group purchase of an item; `revision` counts the times that were announced (R24)."""

    id: int
    item_id: int
    opens_at: datetime
    url: str
    revision: int
    cancelled_at: datetime | None


_TO_COME = (GroupRow.opened_at.is_(None), GroupRow.cancelled_at.is_(None))


async def of_item(connection: AsyncConnection, item_id: int) -> Group | None:
    """The group of an item."""
    row = (await connection.execute(select(*_COLUMNS).where(GroupRow.item_id == item_id))).one_or_none()
    return Group(*row) if row else None


async def by_id(connection: AsyncConnection, group_id: int) -> Group | None:
    """A group by its number."""
    row = (await connection.execute(select(*_COLUMNS).where(GroupRow.id == group_id))).one_or_none()
    return Group(*row) if row else None


async def add(connection: AsyncConnection, **values: object) -> int:
    """Store a group and return its number."""
    return (await connection.execute(insert(GroupRow).values(**values).returning(GroupRow.id))).scalar_one()


async def change(connection: AsyncConnection, group_id: int, **values: object) -> None:
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


async def to_open(connection: AsyncConnection, now: datetime) -> list[Group]:
    """Groups that are due to open, the earliest first."""
    rows = await connection.execute(
        select(*_COLUMNS).where(GroupRow.opens_at <= now, *_TO_COME).order_by(GroupRow.opens_at)
    )
    return [Group(*row) for row in rows]

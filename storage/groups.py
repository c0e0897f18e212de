"""Queries about groups: the openings of chosen items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import changed
from storage.models import GroupRow


@dataclass(frozen=True, slots=True)
class Group:
    """The group purchase of an item; `revision` counts the times that were announced (R24)."""

    id: int
    item_id: int
    opens_at: datetime
    url: str
    revision: int
    cancelled_at: datetime | None


_GROUP = select(
    *(GroupRow.id, GroupRow.item_id, GroupRow.opens_at, GroupRow.url, GroupRow.revision, GroupRow.cancelled_at)
)
_TO_COME = (GroupRow.opened_at.is_(None), GroupRow.cancelled_at.is_(None))


async def of_item(connection: AsyncConnection, item_id: int) -> Group | None:
    """The group of an item."""
    row = (await connection.execute(_GROUP.where(GroupRow.item_id == item_id))).one_or_none()
    return Group(*row) if row else None


async def by_id(connection: AsyncConnection, group_id: int) -> Group | None:
    """A group by its number."""
    row = (await connection.execute(_GROUP.where(GroupRow.id == group_id))).one_or_none()
    return Group(*row) if row else None


async def add(connection: AsyncConnection, **values: object) -> int:
    """Store a group and return its number."""
    return (await connection.execute(insert(GroupRow).values(**values).returning(GroupRow.id))).scalar_one()


async def change(connection: AsyncConnection, group_id: int, **values: object) -> None:
    """Set columns of one group."""
    await connection.execute(update(GroupRow).where(GroupRow.id == group_id).values(**values))


async def correct_address(connection: AsyncConnection, item_id: int, old: str, new: str) -> None:
    """Change the address of an item's group where it is the item's old one, not one of the group's own."""
    group = update(GroupRow).where(GroupRow.item_id == item_id, GroupRow.url == old)
    await connection.execute(group.values(url=new))


async def mark_open(connection: AsyncConnection, group_id: int, now: datetime) -> bool:
    """Mark a group as open; False when it is so already, or was moved to a later time."""
    due = update(GroupRow).where(GroupRow.id == group_id, GroupRow.opens_at <= now, *_TO_COME)
    return await changed(connection, due.values(opened_at=now))


async def cancel(connection: AsyncConnection, group_id: int, now: datetime) -> bool:
    """Cancel a group that has not opened (R5); False when it has, or is cancelled already."""
    group = update(GroupRow).where(GroupRow.id == group_id, *_TO_COME)
    return await changed(connection, group.values(cancelled_at=now))


async def opening_between(connection: AsyncConnection, start: datetime, end: datetime) -> set[int]:
    """The items whose groups open from `start` to `end`, both included, and have not opened yet."""
    opening = select(GroupRow.item_id).where(GroupRow.opens_at >= start, GroupRow.opens_at <= end, *_TO_COME)
    return set(await connection.scalars(opening))


async def to_open(connection: AsyncConnection, now: datetime) -> list[Group]:
    """Groups that are due to open, the earliest first."""
    due = _GROUP.where(GroupRow.opens_at <= now, *_TO_COME).order_by(GroupRow.opens_at)
    return [Group(*row) for row in await connection.execute(due)]

"""Queries about votes, ballots and follows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.voting import Purse
from storage.db import insert_new
from storage.models import CanvassLink, CanvassOpen, Follow, Grant, Item, Member, Spending, Vote

_STANDING = Vote.taken_back_at.is_(None)


async def purse(
    connection: AsyncConnection,
    member_id: int,
    day: date,
    day_ends: datetime,
    votes_per_day: int,
    fen_per_ballot: int,
) -> Purse:
    """What this member can vote with on this voting day (R14, R15)."""
    spent = (
        select(func.coalesce(func.sum(Spending.amount_fen), 0))
        .where(Spending.telegram_id == select(Member.chat_id).where(Member.id == member_id).scalar_subquery())
        .scalar_subquery()
    )
    granted = select(func.coalesce(func.sum(Grant.ballots), 0)).where(Grant.member_id == member_id).scalar_subquery()
    used = select(func.count()).where(Vote.member_id == member_id, _STANDING).scalar_subquery()
    sums = (await connection.execute(select(spent, granted, used))).one()
    slots = await connection.execute(select(Vote.slot).where(Vote.member_id == member_id, Vote.day == day, _STANDING))
    return Purse(
        spent_fen=int(sums[0]),
        granted=int(sums[1]),
        used=int(sums[2]),
        slots_today=frozenset(slots.scalars()),
        day=day,
        day_ends=day_ends,
        votes_per_day=votes_per_day,
        fen_per_ballot=fen_per_ballot,
    )


async def standing(connection: AsyncConnection, member_id: int, item_id: int) -> tuple[int, int | None] | None:
    """This member's standing vote for this item: (vote, canvass link that it came by)."""
    row = (
        await connection.execute(
            select(Vote.id, Vote.link_id).where(Vote.member_id == member_id, Vote.item_id == item_id, _STANDING)
        )
    ).one_or_none()
    return (row.id, row.link_id) if row else None


async def cast(
    connection: AsyncConnection,
    member_id: int,
    item_id: int,
    day: date,
    slot: int,
    link_id: int | None,
    now: datetime,
) -> None:
    """Store a vote and count it. Raises IntegrityError where R15 or R16 would break."""
    await connection.execute(
        insert(Vote).values(item_id=item_id, member_id=member_id, cast_at=now, day=day, slot=slot, link_id=link_id)
    )
    await connection.execute(update(Item).where(Item.id == item_id).values(wants=Item.wants + 1))


async def take_back(connection: AsyncConnection, vote_id: int, item_id: int, now: datetime) -> bool:
    """Take a standing vote back (R18); False when it no longer stood."""
    result = await connection.execute(update(Vote).where(Vote.id == vote_id, _STANDING).values(taken_back_at=now))
    if result.rowcount:
        await connection.execute(update(Item).where(Item.id == item_id).values(wants=Item.wants - 1))
    return bool(result.rowcount)


async def count_by(connection: AsyncConnection, member_id: int) -> int:
    """How many votes of this member stand."""
    return (await connection.execute(select(func.count()).where(Vote.member_id == member_id, _STANDING))).scalar_one()


async def count_by_link(connection: AsyncConnection, link_id: int) -> int:
    """How many standing votes came by this canvass link (R22)."""
    return (await connection.execute(select(func.count()).where(Vote.link_id == link_id, _STANDING))).scalar_one()


async def link_that_brought(connection: AsyncConnection, member_id: int, item_id: int) -> int | None:
    """The first canvass link by which this member came to this item, which gets the credit (R22)."""
    return (
        await connection.execute(
            select(CanvassOpen.link_id)
            .join(CanvassLink, CanvassLink.id == CanvassOpen.link_id)
            .where(CanvassOpen.friend_id == member_id, CanvassOpen.item_id == item_id)
        )
    ).scalar_one_or_none()


async def follow(connection: AsyncConnection, member_id: int, item_id: int, now: datetime) -> bool:
    """Store a follow; False when it stood already."""
    result = await connection.execute(
        insert_new(connection, Follow)
        .values(member_id=member_id, item_id=item_id, at=now)
        .on_conflict_do_nothing(index_elements=["item_id", "member_id"])
    )
    return bool(result.rowcount)


async def unfollow(connection: AsyncConnection, member_id: int, item_id: int) -> bool:
    """Remove a follow; False when there was none."""
    result = await connection.execute(delete(Follow).where(Follow.member_id == member_id, Follow.item_id == item_id))
    return bool(result.rowcount)


async def marks(
    connection: AsyncConnection, member_id: int, item_ids: Collection[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """Which of these items the member voted for, and which they follow."""
    voted = await connection.execute(
        select(Vote.item_id).where(Vote.member_id == member_id, Vote.item_id.in_(item_ids), _STANDING)
    )
    followed = await connection.execute(
        select(Follow.item_id).where(Follow.member_id == member_id, Follow.item_id.in_(item_ids))
    )
    return frozenset(voted.scalars()), frozenset(followed.scalars())


async def followed(connection: AsyncConnection, member_id: int, limit: int) -> list[int]:
    """The items that this member follows without a vote of theirs, the newest first."""
    voted = select(Vote.item_id).where(Vote.member_id == member_id, _STANDING)
    rows = await connection.execute(
        select(Follow.item_id)
        .where(Follow.member_id == member_id, Follow.item_id.not_in(voted))
        .order_by(Follow.at.desc())
        .limit(limit)
    )
    return list(rows.scalars())


async def table(connection: AsyncConnection) -> list[Any]:
    """One row a standing vote, for the organiser's table. Members are numbers: who they are stays here."""
    rows = await connection.execute(
        select(Item.ref, Item.turn, Item.title, Vote.member_id, Vote.cast_at, Vote.day, Vote.link_id)
        .join(Item, Item.id == Vote.item_id)
        .where(_STANDING)
        .order_by(Vote.id)
    )
    return list(rows)


async def audiences(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, int]:
    """How many members would be told of each item's opening: voters and followers, each once (R26, R31)."""
    people = (
        select(Vote.item_id, Vote.member_id)
        .where(Vote.item_id.in_(item_ids), _STANDING)
        .union(select(Follow.item_id, Follow.member_id).where(Follow.item_id.in_(item_ids)))
        .subquery()
    )
    rows = await connection.execute(
        select(people.c.item_id, func.count())
        .join(Member, Member.id == people.c.member_id)
        .where(Member.alerts_on, Member.unreachable.is_(None), Member.chat_id.is_not(None))
        .group_by(people.c.item_id)
    )
    return {item_id: number for item_id, number in rows}

"""Queries about canvass links, opens and votes that came by them (R21-R23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.models import CanvassLink, CanvassOpen, Vote


@dataclass(frozen=True, slots=True)
class Link:
    """A canvass link as stored."""

    id: int
    token: str
    member_id: int
    item_id: int
    revoked: bool


def _link(row: CanvassLink) -> Link:
    return Link(row.id, row.token, row.member_id, row.item_id, row.revoked_at is not None)


_COLUMNS = (CanvassLink.id, CanvassLink.token, CanvassLink.member_id, CanvassLink.item_id, CanvassLink.revoked_at)


async def link_of(connection: AsyncConnection, member_id: int, item_id: int, fresh_token: str, now: datetime) -> Link:
    """The one link of a member for an item; made with `fresh_token` where there is none yet."""
    await connection.execute(
        insert_new(connection, CanvassLink)
        .values(token=fresh_token, member_id=member_id, item_id=item_id, created_at=now)
        .on_conflict_do_nothing(index_elements=["member_id", "item_id"])
    )
    row = (
        await connection.execute(
            select(*_COLUMNS).where(CanvassLink.member_id == member_id, CanvassLink.item_id == item_id)
        )
    ).one()
    return _link(row)  # type: ignore[arg-type]


async def by_token(connection: AsyncConnection, token: str) -> Link | None:
    """The link with this token."""
    row = (await connection.execute(select(*_COLUMNS).where(CanvassLink.token == token))).one_or_none()
    return _link(row) if row else None  # type: ignore[arg-type]


async def by_id(connection: AsyncConnection, link_id: int) -> Link | None:
    """The link with this number."""
    row = (await connection.execute(select(*_COLUMNS).where(CanvassLink.id == link_id))).one_or_none()
    return _link(row) if row else None  # type: ignore[arg-type]


async def opened(connection: AsyncConnection, link_id: int, item_id: int, friend_id: int, now: datetime) -> bool:
    """Note that a friend came by a link; the first link for an item wins. False when one had won before."""
    result = await connection.execute(
        insert_new(connection, CanvassOpen)
        .values(item_id=item_id, friend_id=friend_id, link_id=link_id, at=now)
        .on_conflict_do_nothing(index_elements=["item_id", "friend_id"])
    )
    return bool(result.rowcount)


async def counts(connection: AsyncConnection, link_id: int) -> tuple[int, int]:
    """(friends who opened, votes that stand) of one link."""
    opens = select(func.count()).where(CanvassOpen.link_id == link_id).scalar_subquery()
    votes = select(func.count()).where(Vote.link_id == link_id, Vote.taken_back_at.is_(None)).scalar_subquery()
    row = (await connection.execute(select(opens, votes))).one()
    return int(row[0]), int(row[1])


async def links_by(connection: AsyncConnection, member_id: int, limit: int) -> list[tuple[int, int, int]]:
    """A member's links that hold, newest first: (item, opens, votes)."""
    opens = select(func.count()).where(CanvassOpen.link_id == CanvassLink.id).correlate(CanvassLink).scalar_subquery()
    votes = (
        select(func.count())
        .where(Vote.link_id == CanvassLink.id, Vote.taken_back_at.is_(None))
        .correlate(CanvassLink)
        .scalar_subquery()
    )
    rows = await connection.execute(
        select(CanvassLink.item_id, opens, votes)
        .where(CanvassLink.member_id == member_id, CanvassLink.revoked_at.is_(None))
        .order_by(CanvassLink.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]

"""Queries about errands: left once, taken by one at a time, ended once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.errand_tables import Errand

_WAITING = "waiting"


async def leave(
    connection: AsyncConnection, key: str, kind: str, member_id: int, about: dict[str, Any], now: datetime
) -> int | None:
    """Store an errand; None where one with this key was left before."""
    done = await connection.execute(
        insert_new(connection, Errand)
        .values(key=key, kind=kind, member_id=member_id, about=about, state=_WAITING, tries=0, left_at=now, free_at=now)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Errand.id)
    )
    found: int | None = done.scalar_one_or_none()
    return found


async def take(connection: AsyncConnection, errand_id: int, now: datetime, until: datetime) -> Any:
    """Take an errand until a moment; None where somebody has it, or it has ended."""
    taken = await connection.execute(
        update(Errand)
        .where(Errand.id == errand_id, Errand.state == _WAITING, Errand.free_at <= now)
        .values(free_at=until, tries=Errand.tries + 1)
        .returning(Errand.id, Errand.kind, Errand.member_id, Errand.about, Errand.tries, Errand.left_at)
    )
    return taken.one_or_none()


async def change(connection: AsyncConnection, errand_id: int, tries: int, /, **values: Any) -> bool:
    """Change an errand that is still held by whoever took it as this try."""
    done = await connection.execute(
        update(Errand).where(Errand.id == errand_id, Errand.tries == tries, Errand.state == _WAITING).values(**values)
    )
    return bool(done.rowcount)


async def about(connection: AsyncConnection, errand_id: int, kind: str, member_id: int) -> dict[str, Any] | None:
    """What a member's errand of this kind is about; None where there is none."""
    found: dict[str, Any] | None = (
        await connection.execute(
            select(Errand.about).where(Errand.id == errand_id, Errand.kind == kind, Errand.member_id == member_id)
        )
    ).scalar_one_or_none()
    return found


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[int]:
    """Those that wait and that nobody has, the oldest first."""
    query = (
        select(Errand.id)
        .where(Errand.state == _WAITING, Errand.free_at <= now)
        .order_by(Errand.free_at, Errand.id)
        .limit(most)
    )
    return list((await connection.execute(query)).scalars())


async def free_all(connection: AsyncConnection, now: datetime) -> None:
    """Let go of whatever somebody has: on a database of one process nobody does when that process starts."""
    await connection.execute(update(Errand).where(Errand.state == _WAITING, Errand.free_at > now).values(free_at=now))


async def waiting(connection: AsyncConnection) -> int:
    """How many have not ended."""
    return (
        await connection.execute(select(func.count()).select_from(Errand).where(Errand.state == _WAITING))
    ).scalar_one()


async def lapse_all(connection: AsyncConnection) -> None:
    """End whatever waits, undone: after a restore nobody knows what was done since."""
    await connection.execute(update(Errand).where(Errand.state == _WAITING).values(state="lapsed"))


async def clear(connection: AsyncConnection, before: datetime) -> None:
    """Forget those that were left before this moment."""
    await connection.execute(delete(Errand).where(Errand.left_at < before))

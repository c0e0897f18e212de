"""Queries about errands: left once, taken by one at a time, ended once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import insert_new
from storage.models import JobRow, JsonObject

_WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that a worker holds; `attempts` is the number of this claim."""

    id: int
    kind: str
    member_id: int
    payload: JsonObject
    attempts: int
    enqueued_at: datetime


async def enqueue(
    connection: AsyncConnection, key: str, kind: str, member_id: int, payload: JsonObject, now: datetime
) -> int | None:
    """Store an errand; None where one with this key was left before."""
    done = await connection.execute(
        insert_new(connection, JobRow)
        .values(
            key=key,
            kind=kind,
            member_id=member_id,
            payload=payload,
            state=_WAITING,
            attempts=0,
            enqueued_at=now,
            available_at=now,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(JobRow.id)
    )
    found: int | None = done.scalar_one_or_none()
    return found


async def claim(connection: AsyncConnection, job_id: int, now: datetime, until: datetime) -> ClaimedJob | None:
    """Take an errand until a moment; None where somebody has it, or it has ended."""
    taken = await connection.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == _WAITING, JobRow.available_at <= now)
        .values(available_at=until, attempts=JobRow.attempts + 1)
        .returning(JobRow.id, JobRow.kind, JobRow.member_id, JobRow.payload, JobRow.attempts, JobRow.enqueued_at)
    )
    row = taken.one_or_none()
    return ClaimedJob(*row) if row else None


async def change(connection: AsyncConnection, job_id: int, attempts: int, /, **values: object) -> bool:
    """Change an errand that is still held by whoever took it as this try."""
    done = await connection.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.attempts == attempts, JobRow.state == _WAITING)
        .values(**values)
    )
    return bool(done.rowcount)


async def about(connection: AsyncConnection, job_id: int, kind: str, member_id: int) -> JsonObject | None:
    """What a member's errand of this kind is about; None where there is none."""
    found: JsonObject | None = (
        await connection.execute(
            select(JobRow.payload).where(JobRow.id == job_id, JobRow.kind == kind, JobRow.member_id == member_id)
        )
    ).scalar_one_or_none()
    return found


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[int]:
    """Those that wait and that nobody has, the oldest first."""
    query = (
        select(JobRow.id)
        .where(JobRow.state == _WAITING, JobRow.available_at <= now)
        .order_by(JobRow.available_at, JobRow.id)
        .limit(most)
    )
    return list((await connection.execute(query)).scalars())


async def release_all(connection: AsyncConnection, now: datetime) -> None:
    """Let go of whatever somebody has: on a database of one process nobody does when that process starts."""
    await connection.execute(
        update(JobRow).where(JobRow.state == _WAITING, JobRow.available_at > now).values(available_at=now)
    )


async def waiting(connection: AsyncConnection) -> int:
    """How many have not ended."""
    return (
        await connection.execute(select(func.count()).select_from(JobRow).where(JobRow.state == _WAITING))
    ).scalar_one()


async def expire_all(connection: AsyncConnection) -> None:
    """End whatever waits, undone: after a restore nobody knows what was done since."""
    await connection.execute(update(JobRow).where(JobRow.state == _WAITING).values(state="expired"))


async def delete_old(connection: AsyncConnection, before: datetime) -> None:
    """Forget those that were left before this moment."""
    await connection.execute(delete(JobRow).where(JobRow.enqueued_at < before))

"""Queries about jobs: enqueued once, claimed by one worker at a time, ended once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import changed, insert_new
from storage.models import JobRow, JsonObject

_WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that a worker holds; `attempts` is the number of this claim."""

    id: int
    kind: str
    member_id: int | None
    payload: JsonObject
    attempts: int
    enqueued_at: datetime


async def enqueue(
    connection: AsyncConnection, key: str, kind: str, member_id: int | None, payload: JsonObject, now: datetime
) -> int | None:
    """Store a job; None where one with this key was enqueued before."""
    new = insert_new(connection, JobRow).values(
        key=key, kind=kind, member_id=member_id, payload=payload, enqueued_at=now, available_at=now
    )
    return await connection.scalar(new.on_conflict_do_nothing(index_elements=["key"]).returning(JobRow.id))


async def claim(
    connection: AsyncConnection, job_id: int, now: datetime, until: datetime, held_by: int | None = None
) -> ClaimedJob | None:
    """Claim a job for the process of this number, until a moment; None where a worker holds it, or it has ended."""
    claimed = await connection.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == _WAITING, JobRow.available_at <= now)
        .values(available_at=until, attempts=JobRow.attempts + 1, held_by=held_by)
        .returning(JobRow.id, JobRow.kind, JobRow.member_id, JobRow.payload, JobRow.attempts, JobRow.enqueued_at)
    )
    row = claimed.one_or_none()
    return ClaimedJob(*row) if row else None


async def change(connection: AsyncConnection, job_id: int, attempts: int, /, **values: object) -> bool:
    """Set columns of a job that is still held by its claim with this number."""
    held = update(JobRow).where(JobRow.id == job_id, JobRow.attempts == attempts, JobRow.state == _WAITING)
    return await changed(connection, held.values(**values))


async def payload(connection: AsyncConnection, job_id: int, kind: str, member_id: int) -> JsonObject | None:
    """The payload of a member's job of this kind; None where there is none."""
    return await connection.scalar(
        select(JobRow.payload).where(JobRow.id == job_id, JobRow.kind == kind, JobRow.member_id == member_id)
    )


async def state(connection: AsyncConnection, job_id: int) -> str | None:
    """The state of a job; None for an unknown one."""
    return await connection.scalar(select(JobRow.state).where(JobRow.id == job_id))


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[int]:
    """Open jobs that no worker holds, the oldest first."""
    query = (
        select(JobRow.id)
        .where(JobRow.state == _WAITING, JobRow.available_at <= now)
        .order_by(JobRow.available_at, JobRow.id)
        .limit(most)
    )
    return list(await connection.scalars(query))


async def release_all(connection: AsyncConnection, now: datetime) -> None:
    """Release every claim: when the only process of a database starts, no worker holds a job."""
    await connection.execute(
        update(JobRow).where(JobRow.state == _WAITING, JobRow.available_at > now).values(available_at=now)
    )


async def release_from(connection: AsyncConnection, dead: Collection[int], now: datetime) -> list[int]:
    """Release the claims of dead processes; returns the jobs."""
    held = update(JobRow).where(JobRow.state == _WAITING, JobRow.held_by.in_(dead))
    return list(await connection.scalars(held.values(available_at=now, held_by=None).returning(JobRow.id)))


async def bring_forward(connection: AsyncConnection, now: datetime, until: datetime) -> None:
    """Let jobs begin that wait for a moment up to `until`, if no worker has ever claimed them."""
    waits = (JobRow.state == _WAITING, JobRow.attempts == 0, JobRow.available_at > now, JobRow.available_at <= until)
    await connection.execute(update(JobRow).where(*waits).values(available_at=now))


async def waiting(connection: AsyncConnection) -> int:
    """How many jobs have not ended."""
    return await connection.scalar(select(func.count()).select_from(JobRow).where(JobRow.state == _WAITING)) or 0


async def expire_all(connection: AsyncConnection) -> None:
    """Expire every open job: after a restore it is not known what was done since the copy."""
    await connection.execute(update(JobRow).where(JobRow.state == _WAITING).values(state="expired"))


async def delete_old(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete jobs that were enqueued before this moment, at most so many; returns how many."""
    old = select(JobRow.id).where(JobRow.enqueued_at < before).limit(most)
    return (await connection.execute(delete(JobRow).where(JobRow.id.in_(old)))).rowcount

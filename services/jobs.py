"""Background jobs: heavy work that must not delay taps (R4, R20, R31).

A job is stored before it is announced, and claimed by one process at a time: announced twice it runs once, announced to
no worker it is found, and when its worker dies another one claims it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.people import Member
from services.context import ServiceContext
from storage import jobs, people
from storage.db import advisory_lock

LEASE = timedelta(seconds=60)
"""How long a claim lasts without a heartbeat."""
EXPIRES_AFTER = timedelta(hours=1)
"""Age at which an open job expires."""
KEPT_FOR = timedelta(days=14)
"""How long a job is stored, so that the buttons below its result work; as `/privacy` says (R36)."""
_MOST_DUE = 50

_LONGEST_KEY = 64
"""A longer key is stored as its digest."""
_EXCUSED = "excused"
"""The payload field that counts postponements."""


class JobKind(StrEnum):
    """The kinds of jobs."""

    POSTER = "poster"
    IMPORT_CHECK = "import-check"
    IMPORT = "import"
    EXPORT = "export"
    EXAMINE = "examine"
    TALLY = "tally"
    PERSONAL_DATA = "personal-data"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; one that the schedule asked for has no member. `payload` holds numbers and Telegram file IDs,
    `age` is the time since it was enqueued, and `attempts`, the number of claims, proves which claim this is."""

    id: int
    kind: JobKind
    member: Member | None
    payload: dict[str, Any]
    attempts: int
    age: timedelta

    @property
    def asker(self) -> Member:
        """The member who asked for it. Raises LookupError where the schedule did."""
        if self.member is None:
            raise LookupError(f"no member asked for job {self.id}")
        return self.member

    @property
    def excused(self) -> int:
        """How often it was postponed for a reason that is not its own, such as an outage."""
        return int(self.payload.get(_EXCUSED, 0))

    @property
    def failures(self) -> int:
        """Attempts, including this one, without those that were excused."""
        return self.attempts - self.excused

    @property
    def late(self) -> bool:
        """Whether it has expired."""
        return self.age > EXPIRES_AFTER


class Jobs:
    """The job queue. `announce`, where set, is called with the ID of each stored job; workers search for others."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.announce: Callable[[int], Awaitable[None]] | None = None

    async def enqueue(self, key: str, kind: JobKind, member: Member | None, payload: dict[str, Any]) -> int | None:
        """Store a job and return its ID; None if the idempotency key is known. No member: the schedule asks for it.
        Raises MemberErased."""
        if len(key) > _LONGEST_KEY:  # a forged tap has any ID
            key = sha256(key.encode(errors="replace")).hexdigest()
        now, member_id = self._context.clock.now(), member.id if member is not None else None

        async def store(connection: AsyncConnection) -> int | None:
            if member_id is not None:
                await people.lock(connection, member_id)
            return await jobs.enqueue(connection, key, kind, member_id, payload, now)

        job_id = await self._context.db.batch_write(store)
        if job_id is not None and self.announce is not None:
            await self.announce(job_id)
        return job_id

    async def claim(self, job_id: int) -> Job | None:
        """Claim a job for one lease; None if it is claimed already, has ended, or its member is gone."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            row = await jobs.claim(connection, job_id, now, now + LEASE, self._context.presence.number)
            member = await people.by_id(connection, row.member_id) if row and row.member_id else None
        if row is None or (row.member_id is not None and member is None):
            return None
        return Job(row.id, JobKind(row.kind), member, row.payload, row.attempts, now - row.enqueued_at)

    async def heartbeat(self, job: Job) -> bool:
        """Extend the lease; False if another worker has claimed the job."""
        return await self._change(job, available_at=self._context.clock.now() + LEASE)

    async def retry_in(self, job: Job, wait: timedelta) -> bool:
        """Release a failed job, to be claimed again after `wait`."""
        return await self._change(job, available_at=self._context.clock.now() + wait, held_by=None)

    async def postpone(self, job: Job, wait: timedelta) -> bool:
        """Release a job without counting this attempt, as in an outage."""
        payload = {**job.payload, _EXCUSED: job.excused + 1}
        return await self._change(job, available_at=self._context.clock.now() + wait, payload=payload, held_by=None)

    async def end(self, job: Job, state: str) -> bool:
        """End it as `done`, `failed` or `expired`; False if another worker has claimed the job."""
        return await self._change(job, state=state)

    async def _change(self, job: Job, **values: Any) -> bool:
        async with self._context.db.write() as connection:
            return await jobs.change(connection, job.id, job.attempts, **values)

    async def payload(self, job_id: int, kind: JobKind, member: Member) -> dict[str, Any] | None:
        """The payload of a job of this member; None if there is none of this kind."""
        async with self._context.db.read() as connection:
            return await jobs.payload(connection, job_id, kind, member.id)

    async def state(self, job_id: int) -> str | None:
        """`waiting` until a job has ended, then as in `end`; None for an unknown one."""
        async with self._context.db.read() as connection:
            return await jobs.state(connection, job_id)

    async def due(self) -> list[int]:
        """IDs of open jobs that no worker holds: not announced, or the worker died."""
        async with self._context.db.read() as connection:
            return await jobs.due(connection, self._context.clock.now(), _MOST_DUE)

    async def start(self) -> None:
        """Release what a killed process held, where there is one process at a time."""
        if self._context.db.is_sqlite:
            async with self._context.db.write() as connection:
                await jobs.release_all(connection, self._context.clock.now())

    async def release_from(self, dead: Collection[int]) -> int:
        """Release and announce what dead workers held, unless this process announces no jobs; returns how many."""
        if self.announce is None:
            return 0
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "release jobs")  # several notice a death at once
            released = await jobs.release_from(connection, dead, self._context.clock.now())
        for job_id in released:
            await self.announce(job_id)
        return len(released)

    async def waiting(self) -> int:
        """The number of jobs that have not ended."""
        async with self._context.db.read() as connection:
            return await jobs.waiting(connection)

"""Errands: heavy work that somebody asked for and that is done beside the taps (R4, R20, R31).

An errand is stored before anybody is told of it, and taken by one process at a time: told twice it is done once, told
to nobody it is found, and when its taker dies another one takes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from domain.people import Member
from services.context import ServiceContext
from storage import jobs, people

LEASE = timedelta(seconds=60)
"""How long a taken errand is left alone after its taker was last heard of."""
LAPSES = timedelta(hours=1)
"""What nobody did for so long is not wanted any more."""
KEPT_FOR = timedelta(days=14)
"""How long an errand is remembered, so that the buttons below its outcome work; as `/privacy` says (R36)."""
_MOST_DUE = 50

_LONGEST_KEY = 64
"""A longer key is kept as its digest."""
_EXCUSED = "excused"
"""The name, in what an errand is about, of how often nothing could be done about it."""


class JobKind(StrEnum):
    """The kinds of errands."""

    POSTER = "poster"
    IMPORT_CHECK = "import-check"
    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. `payload` holds numbers and Telegram file IDs, `age` is the time since it was enqueued, and
    `attempts`, the number of claims, proves which claim this is."""

    id: int
    kind: JobKind
    member: Member
    payload: dict[str, Any]
    attempts: int
    age: timedelta

    @property
    def excused(self) -> int:
        """How often nothing could be done about it."""
        return int(self.payload.get(_EXCUSED, 0))

    @property
    def failures(self) -> int:
        """How often it has been tried, with this time, but for those that are excused."""
        return self.attempts - self.excused

    @property
    def late(self) -> bool:
        """Whether it is not wanted any more."""
        return self.age > LAPSES


async def _nobody(_errand_id: int) -> None:
    """Until somebody is told of new errands they are found by whoever looks for them."""


class Jobs:
    """The errands of one bot. `tell` is called with the number of each new one, once it is stored."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.tell: Callable[[int], Awaitable[None]] = _nobody

    async def leave(self, key: str, kind: JobKind, member: Member, about: dict[str, Any]) -> int | None:
        """Ask for something; None where the same key asked for it before."""
        if len(key) > _LONGEST_KEY:  # with the number of a tap that was forged
            key = sha256(key.encode(errors="replace")).hexdigest()
        now = self._context.clock.now()
        job_id = await self._context.db.batch_write(
            lambda connection: jobs.enqueue(connection, key, kind, member.id, about, now)
        )
        if job_id is not None:
            await self.tell(job_id)
        return job_id

    async def take(self, job_id: int) -> Job | None:
        """Take an errand for the length of a lease; None where somebody has it, it has ended, or its person is gone."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            row = await jobs.claim(connection, job_id, now, now + LEASE)
            member = await people.by_id(connection, row.member_id) if row else None
        if row is None or member is None:
            return None
        return Job(row.id, JobKind(row.kind), member, row.payload, row.attempts, now - row.enqueued_at)

    async def keep(self, job: Job) -> bool:
        """Say that it is still being done; False where it has been lost to somebody else."""
        return await self._change(job, available_at=self._context.clock.now() + LEASE)

    async def put_off(self, job: Job, wait: timedelta) -> bool:
        """Give it back, to be taken again after a while."""
        return await self._change(job, available_at=self._context.clock.now() + wait)

    async def give_back(self, job: Job, wait: timedelta) -> bool:
        """The same, and as if it had not been tried: what kept it from being done was no fault of its own."""
        payload = {**job.payload, _EXCUSED: job.excused + 1}
        return await self._change(job, available_at=self._context.clock.now() + wait, payload=payload)

    async def end(self, job: Job, state: str) -> bool:
        """End it as `done`, `failed` or `lapsed`; False where it has been lost to somebody else."""
        return await self._change(job, state=state)

    async def _change(self, job: Job, **values: Any) -> bool:
        async with self._context.db.write() as connection:
            return await jobs.change(connection, job.id, job.attempts, **values)

    async def about(self, job_id: int, kind: JobKind, member: Member) -> dict[str, Any] | None:
        """What an errand of this member was about; None where there is none of this kind."""
        async with self._context.db.read() as connection:
            return await jobs.about(connection, job_id, kind, member.id)

    async def due(self) -> list[int]:
        """Those that nobody does: whoever was told of them died, or nobody was told."""
        async with self._context.db.read() as connection:
            return await jobs.due(connection, self._context.clock.now(), _MOST_DUE)

    async def start(self) -> None:
        """Take up what a killed predecessor had in hand, where there is only one process at a time."""
        if self._context.db.is_sqlite:
            async with self._context.db.write() as connection:
                await jobs.release_all(connection, self._context.clock.now())

    async def waiting(self) -> int:
        """How many have not ended."""
        async with self._context.db.read() as connection:
            return await jobs.waiting(connection)

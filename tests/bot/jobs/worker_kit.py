"""Shared parts of the job worker's tests: handlers that record their jobs, and a running worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from bot.jobs.handlers import JobHandlers
from bot.jobs.worker import JobWorker
from bot.services import Services
from domain.people import Member
from services.jobs import Job, JobKind
from tests.brokers import BROKERS
from tests.waiting import GUARD, until

ABOUT = {"item": 7}


class RecordingHandlers:
    """Job handlers that record the jobs they get, and do what the test wants."""

    def __init__(self, work: Callable[[Job], Awaitable[None]] | None = None) -> None:
        self.given: list[Job] = []
        self.sorry: list[int] = []
        self._work = work

    async def do(self, job: Job) -> None:
        self.given.append(job)
        if self._work is not None:
            await self._work(job)

    async def apologise(self, job: Job) -> None:
        self.sorry.append(job.id)


@asynccontextmanager
async def worker_of(
    services: Services,
    handlers: RecordingHandlers,
    url: str | None = None,
    *,
    works: bool = True,
    look_every: float = 0.05,
) -> AsyncIterator[JobWorker]:
    """Run a worker inside the block."""
    worker = JobWorker(
        url, services.jobs, cast(JobHandlers, handlers), services.context.clock, works=works, look_every=look_every
    )
    running = asyncio.create_task(worker.run())
    try:
        if url is not None:
            await asyncio.wait_for(worker._connected.wait(), GUARD)
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, GUARD)


async def ended(services: Services) -> None:
    """Wait until no job is left."""

    async def none_waits() -> bool:
        return not await services.jobs.waiting()

    await until(none_waits)


async def enqueue(services: Services, member: Member, key: str = "k") -> int | None:
    return await services.jobs.enqueue(key, JobKind.POSTER, member, ABOUT)


@pytest.fixture(scope="module", params=[None, *BROKERS])
def address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """No broker, and a running one of each kind."""
    if request.param is None:
        yield None
    else:
        with BROKERS[request.param]() as url:
            yield url

"""Failing jobs, outages and stops: a job is retried, fails with an apology, or is left for the next worker."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import cast

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetMe
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.handlers import JobHandlers
from bot.jobs.worker import MAX_ATTEMPTS, JobWorker
from bot.services import Services
from services.jobs import EXPIRES_AFTER, KEPT_FOR, LEASE, Job
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from tests.bot.jobs.worker_kit import RecordingHandlers, ended, enqueue, worker_of
from tests.conftest import Watch, meet
from tests.services.conftest import ask, one
from tests.waiting import GUARD, until


@pytest.mark.parametrize("error", [KeyError("a bug"), TelegramEntityTooLarge(GetMe(), "413")])
async def test_a_failing_job_is_retried_and_then_fails_with_an_apology(
    services: Services, db: Database, watch: Watch, error: Exception
) -> None:
    async def fail(_job: Job) -> None:
        watch.advance(minutes=1)
        raise error

    def apologised() -> bool:
        watch.advance(seconds=5)
        return bool(handlers.sorry)

    ann, handlers = await meet(services), RecordingHandlers(fail)
    async with worker_of(services, handlers):
        number = await enqueue(services, ann)
        await until(apologised)
    assert [job.attempts for job in handlers.given] == [1, 2, 3] and handlers.sorry == [number]
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("failed", MAX_ATTEMPTS)]


class Outage:
    """Whether the database refuses writes, and how many it has refused."""

    lasts = False
    refused = 0


FAULTS = [
    DatabaseUnavailable("stopped"),
    TelegramNetworkError(GetMe(), "no connection"),
    TelegramServerError(GetMe(), "502"),
    TelegramRetryAfter(GetMe(), "slowly", 400),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_a_transient_error_counts_as_no_attempt(
    services: Services, db: Database, watch: Watch, fault: Exception
) -> None:
    async def fail(_job: Job) -> None:
        if len(handlers.given) <= 2 * MAX_ATTEMPTS:
            raise fault

    ann, handlers = await meet(services), RecordingHandlers(fail)
    soonest = fault.retry_after if isinstance(fault, TelegramRetryAfter) else 10
    async with worker_of(services, handlers) as worker:
        await enqueue(services, ann)
        for failed in range(2 * MAX_ATTEMPTS):
            await until(lambda so_far=failed: len(handlers.given) > so_far and not worker._running)
            watch.advance(seconds=soonest - 1)
            assert not await services.jobs.due()
            watch.advance(seconds=401 - soonest)
        await ended(services)
    assert len(handlers.given) == 2 * MAX_ATTEMPTS + 1 and not handlers.sorry and handlers.given[-1].failures == 1
    assert await ask(db, "SELECT state FROM jobs") == [("done",)]


@pytest.fixture
def outage(db: Database, monkeypatch: pytest.MonkeyPatch) -> Outage:
    """The database refuses writes while this lasts."""
    outage, write = Outage(), db.write

    def refuse() -> AbstractAsyncContextManager[AsyncConnection]:
        if outage.lasts:
            outage.refused += 1
            raise DatabaseUnavailable("stopped")
        return write()

    monkeypatch.setattr(db, "write", refuse)
    return outage


async def test_a_job_that_ends_during_an_outage_is_not_repeated(
    services: Services, db: Database, watch: Watch, outage: Outage
) -> None:
    async def then_an_outage_begins(_job: Job) -> None:
        outage.lasts = True

    ann, handlers = await meet(services), RecordingHandlers(then_an_outage_begins)
    async with worker_of(services, handlers):
        await enqueue(services, ann)
        await until(lambda: outage.refused > 0)
        watch.advance(seconds=LEASE.total_seconds() + 1)
        outage.lasts = False
        await ended(services)
    assert len(handlers.given) == 1
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("done", 1)]


async def test_jobs_wait_for_a_database_that_is_unavailable_at_the_start(
    services: Services, db: Database, outage: Outage
) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    await enqueue(services, ann)
    outage.lasts = True
    async with worker_of(services, handlers):
        await until(lambda: outage.refused > 0)
        outage.lasts = False
        await ended(services)
    assert len(handlers.given) == 1


async def test_a_stop_does_not_wait_for_an_unavailable_database(services: Services, outage: Outage) -> None:
    async def then_an_outage_begins(_job: Job) -> None:
        outage.lasts = True

    ann = await meet(services)
    async with worker_of(services, RecordingHandlers(then_an_outage_begins)):
        await enqueue(services, ann)
        await until(lambda: outage.refused > 0)
    outage.lasts = False
    assert await services.jobs.waiting() == 1


async def test_a_job_that_kills_its_worker_fails(services: Services, watch: Watch) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    number = await enqueue(services, ann)
    assert number is not None
    for _ in range(MAX_ATTEMPTS):
        assert await services.jobs.claim(number)
        watch.advance(seconds=LEASE.total_seconds() + 1)
    async with worker_of(services, handlers):
        await ended(services)
        await until(lambda: bool(handlers.sorry))
    assert handlers.sorry == [number] and not handlers.given


@pytest.mark.parametrize(("error", "apologies"), [(TelegramBadRequest, 1), (TelegramForbiddenError, 0)])
async def test_a_permanent_error_is_not_retried(
    services: Services, db: Database, error: type[Exception], apologies: int
) -> None:
    async def refuse(_job: Job) -> None:
        raise error(GetMe(), "no")  # type: ignore[call-arg]

    ann, handlers = await meet(services), RecordingHandlers(refuse)
    async with worker_of(services, handlers):
        await enqueue(services, ann)
        await ended(services)
    assert len(handlers.given) == 1 and len(handlers.sorry) == apologies
    assert await one(db, "SELECT state FROM jobs") == "failed"


async def test_a_job_expires_after_an_hour(services: Services, db: Database, watch: Watch) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    await enqueue(services, ann)
    watch.advance(seconds=EXPIRES_AFTER.total_seconds() + 1)
    async with worker_of(services, handlers):
        await ended(services)
    assert not handlers.given and not handlers.sorry and await one(db, "SELECT state FROM jobs") == "expired"
    watch.time += KEPT_FOR + timedelta(hours=1)
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM jobs") == 0


async def test_a_stop_finishes_the_running_jobs_and_leaves_the_rest(services: Services) -> None:
    ann, gate, done = await meet(services), asyncio.Event(), []

    async def slowly(job: Job) -> None:
        await gate.wait()
        done.append(job.id)

    handlers = RecordingHandlers(slowly)
    worker = JobWorker(None, services.jobs, cast(JobHandlers, handlers), services.context.clock, look_every=60)
    running = asyncio.create_task(worker.run())
    for n in range(4):
        await enqueue(services, ann, f"k{n}")
    await until(lambda: len(handlers.given) == 2)
    worker.stop()
    gate.set()
    await asyncio.wait_for(running, GUARD)
    assert len(done) == 2 and await services.jobs.waiting() == 2


async def test_an_outage_of_the_database_is_two_lines_in_the_log_however_often_jobs_are_looked_for(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    due, looks = services.jobs.due, 0

    async def away_for_a_while() -> list[int]:
        nonlocal looks
        looks += 1
        if looks < 6:
            raise DatabaseUnavailable("database or disk is full")
        return await due()

    monkeypatch.setattr(services.jobs, "due", away_for_a_while)
    async with worker_of(services, RecordingHandlers(), look_every=0.001):
        await until(lambda: looks > 8)
    away, back = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert "is unavailable" in away.getMessage() and "is available again" in back.getMessage()
    assert away.exc_info is None

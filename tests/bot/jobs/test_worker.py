"""Jobs that are announced once, twice or never are done once; a broker sees no content."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import cast

import pytest
from taskiq import BrokerMessage

from bot.jobs.brokers import ending, make_broker
from bot.jobs.handlers import JobHandlers
from bot.jobs.worker import JobWorker
from bot.services import Services
from services.jobs import LEASE, Job, JobKind
from storage.db import Database
from tests.bot.jobs.worker_kit import ABOUT, RecordingHandlers, address, ended, enqueue, worker_of
from tests.brokers import BROKERS, PASSWORD
from tests.conftest import Watch, meet
from tests.services.conftest import ask, one
from tests.waiting import GUARD, until

__all__ = ["address"]


async def test_a_job_is_done_once_with_its_payload(services: Services, db: Database, address: str | None) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    async with worker_of(services, handlers, address, look_every=60):
        number = await enqueue(services, ann)
        assert await enqueue(services, ann) is None, "the same update arrived twice"
        await ended(services)
    assert [(e.id, e.kind, e.member.id, e.payload, e.attempts) for e in handlers.given] == [
        (number, JobKind.POSTER, ann.id, ABOUT, 1)
    ]
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("done", 1)]


async def test_a_job_that_is_announced_many_times_is_done_once(services: Services, address: str | None) -> None:
    ann, other = await meet(services), asyncio.Event()

    async def slowly(_job: Job) -> None:
        await other.wait()

    handlers = RecordingHandlers(slowly)
    async with worker_of(services, handlers, address) as worker:
        number = await enqueue(services, ann)
        assert number is not None
        await until(lambda: bool(handlers.given))
        for _ in range(5):
            await worker.announce(number)
        other.set()
        await ended(services)
        await worker.announce(number)
    assert len(handlers.given) == 1


async def test_a_client_that_swallows_cancellations_is_ended() -> None:
    swallowed = 0

    async def stubborn() -> AsyncGenerator[int]:
        nonlocal swallowed
        yield 1
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise
        yield 2

    messages = ending(stubborn)
    assert await anext(messages) == 1
    reading = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(0.01)
    reading.cancel()  # as taskiq does at its end
    async with asyncio.timeout(GUARD):
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert swallowed == 3
    await messages.aclose()


@pytest.mark.parametrize("broker", BROKERS)
async def test_a_worker_that_reads_from_a_broker_stops_at_any_moment(services: Services, broker: str) -> None:
    with BROKERS[broker]() as url:
        for number in range(20):
            async with asyncio.timeout(GUARD), worker_of(services, RecordingHandlers(), url):
                await asyncio.sleep(number / 500)


async def test_a_key_of_any_length_is_unique(services: Services) -> None:
    ann = await meet(services)
    assert await enqueue(services, ann, "poster " + "x" * 4_000) is not None
    assert await enqueue(services, ann, "poster " + "x" * 4_000) is None
    assert await enqueue(services, ann, "poster " + "x" * 4_001) is not None


async def test_a_job_that_was_not_announced_is_found(services: Services, address: str | None) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    await enqueue(services, ann)  # no worker runs: the announcement is lost
    async with worker_of(services, handlers, address):
        await ended(services)
    assert len(handlers.given) == 1


async def test_a_process_that_only_announces_does_no_job(services: Services) -> None:
    ann, announcer, doer = await meet(services), RecordingHandlers(), RecordingHandlers()
    with BROKERS["redis"]() as url:
        async with worker_of(services, doer, url, look_every=60), worker_of(services, announcer, url, works=False):
            await enqueue(services, ann)
            await ended(services)
    assert (len(announcer.given), len(doer.given)) == (0, 1)


@pytest.mark.parametrize("kind", BROKERS)
async def test_a_message_contains_only_the_number_of_a_job(services: Services, kind: str) -> None:
    """The broker gets no name, token, picture or content."""
    sent: list[BrokerMessage] = []
    with BROKERS[kind]() as url:
        handlers = RecordingHandlers()
        async with worker_of(services, handlers, url, works=False) as worker:
            kick = worker._broker.kick

            async def spy(message: BrokerMessage) -> None:
                sent.append(message)
                await kick(message)

            worker._broker.kick = spy  # type: ignore[method-assign]
            ann = await meet(services, 1001, "Canary Annabel")
            about = {"file": "BQACAgIAAxkBAAI", "chat": 1001, "message": 5}
            number = await services.jobs.enqueue("store 1", JobKind.IMPORT, ann, about)
    (message,) = sent
    body = json.loads(message.message)
    assert (body["args"], body["kwargs"]) == ([number], {})
    assert set(body) <= {"task_id", "task_name", "labels", "labels_types", "args", "kwargs"}
    assert body["task_name"] == message.task_name == "errand" and not body["labels"] and not message.labels
    assert len(message.message) < 250


async def test_the_job_of_a_dead_worker_is_done_by_another(services: Services, db: Database, watch: Watch) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    number = await enqueue(services, ann)
    assert number is not None
    assert (dead := await services.jobs.claim(number)) is not None and dead.attempts == 1
    assert await services.jobs.claim(number) is None and not await services.jobs.due()
    watch.advance(seconds=LEASE.total_seconds() + 1)
    async with worker_of(services, handlers):
        await ended(services)
    assert [job.attempts for job in handlers.given] == [2]
    assert not await services.jobs.end(dead, "failed"), "its claim has expired"
    assert await one(db, "SELECT state FROM jobs") == "done"


async def test_a_job_with_heartbeats_stays_claimed(services: Services, watch: Watch) -> None:
    ann = await meet(services)
    number = await enqueue(services, ann)
    assert number is not None and (job := await services.jobs.claim(number))
    for _ in range(5):
        watch.advance(seconds=LEASE.total_seconds() - 1)
        assert await services.jobs.heartbeat(job) and not await services.jobs.due()


async def test_a_restart_on_sqlite_does_not_wait_for_leases(services: Services, db: Database) -> None:
    ann, handlers = await meet(services), RecordingHandlers()
    number = await enqueue(services, ann)
    assert number is not None and await services.jobs.claim(number)
    await services.jobs.start()
    assert bool(await services.jobs.due()) is db.is_sqlite
    if db.is_sqlite:
        async with worker_of(services, handlers):
            await ended(services)
        assert [job.attempts for job in handlers.given] == [2]


async def test_an_unreachable_broker_delays_nothing_and_loses_nothing(services: Services) -> None:
    async def never_ends(_message: BrokerMessage) -> None:
        await asyncio.Event().wait()

    ann, handlers = await meet(services), RecordingHandlers()
    for url in ("redis://127.0.0.1:1/0", "nats://127.0.0.1:1"):
        worker = JobWorker(url, services.jobs, cast(JobHandlers, handlers), services.context.clock, look_every=0.05)
        running = asyncio.create_task(worker.run())
        worker._broker.kick = never_ends  # type: ignore[method-assign]
        await enqueue(services, ann, url)
        await ended(services)
        worker.stop()
        await asyncio.wait_for(running, GUARD)
    assert len(handlers.given) == 2


def test_no_broker_shows_its_password() -> None:
    for url in (f"redis://:{PASSWORD}@127.0.0.1:1/0", f"nats://bot:{PASSWORD}@127.0.0.1:1"):
        broker = make_broker(url)
        assert PASSWORD not in f"{broker!r} {broker}"

"""Errands: told once, twice or never, each is done once; one that cannot be done is given up kindly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any, cast

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
from taskiq import BrokerMessage

from bot.jobs.brokers import ending, make_broker
from bot.jobs.handlers import JobHandlers
from bot.jobs.worker import MAX_ATTEMPTS, JobWorker
from bot.services import Services
from domain.people import Member
from services.jobs import EXPIRES_AFTER, KEPT_FOR, LEASE, Job, JobKind
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from tests.brokers import BROKERS, PASSWORD
from tests.conftest import Watch, meet
from tests.services.conftest import ask, one

ABOUT = {"item": 7}
PATIENCE = 20.0


class Bench:
    """Job handlers that record the jobs they get, and do what the test wants."""

    def __init__(self, deed: Callable[[Job], Awaitable[None]] | None = None) -> None:
        self.given: list[Job] = []
        self.sorry: list[int] = []
        self._deed = deed

    async def do(self, job: Job) -> None:
        self.given.append(job)
        if self._deed is not None:
            await self._deed(job)

    async def apologise(self, job: Job) -> None:
        self.sorry.append(job.id)


@asynccontextmanager
async def tasks_of(
    services: Services, bench: Bench, url: str | None = None, *, works: bool = True, look_every: float = 0.05
) -> AsyncIterator[JobWorker]:
    """The part of a running bot that brings errands about."""
    tasks = JobWorker(
        url, services.jobs, cast(JobHandlers, bench), services.context.clock, works=works, look_every=look_every
    )
    running = asyncio.create_task(tasks.run())
    try:
        if url is not None:
            await asyncio.wait_for(tasks._connected.wait(), PATIENCE)
        yield tasks
    finally:
        tasks.stop()
        await asyncio.wait_for(running, PATIENCE)


async def until(seen: Callable[[], Any]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not seen():
            await asyncio.sleep(0.01)


async def ended(services: Services) -> None:
    """Wait until nothing waits."""
    async with asyncio.timeout(PATIENCE):
        while await services.jobs.waiting():
            await asyncio.sleep(0.01)


async def leave(services: Services, member: Member, key: str = "k") -> int | None:
    return await services.jobs.enqueue(key, JobKind.POSTER, member, ABOUT)


@pytest.fixture(scope="module", params=[None, *BROKERS])
def address(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """No address, and that of a running server of each kind."""
    if request.param is None:
        yield None
    else:
        with BROKERS[request.param]() as url:
            yield url


async def test_an_errand_is_done_once_and_what_it_was_about_arrives(
    services: Services, db: Database, address: str | None
) -> None:
    ann, bench = await meet(services), Bench()
    async with tasks_of(services, bench, address, look_every=60):
        number = await leave(services, ann)
        assert await leave(services, ann) is None, "the same update came twice"
        await ended(services)
    assert [(e.id, e.kind, e.member.id, e.payload, e.attempts) for e in bench.given] == [
        (number, JobKind.POSTER, ann.id, ABOUT, 1)
    ]
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("done", 1)]


async def test_told_many_times_it_is_done_once(services: Services, address: str | None) -> None:
    ann, other = await meet(services), asyncio.Event()

    async def slowly(_job: Job) -> None:
        await other.wait()

    bench = Bench(slowly)
    async with tasks_of(services, bench, address) as tasks:
        number = await leave(services, ann)
        assert number is not None
        await until(lambda: bench.given)
        for _ in range(5):
            await tasks.announce(number)
        other.set()
        await ended(services)
        await tasks.announce(number)
    assert len(bench.given) == 1


async def test_a_client_that_swallows_a_cancellation_is_ended_all_the_same() -> None:
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
    reading.cancel()  # what taskiq does when it is to finish
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert swallowed == 3
    await messages.aclose()


@pytest.mark.parametrize("broker", BROKERS)
async def test_whoever_takes_errands_from_a_broker_stops_when_asked(services: Services, broker: str) -> None:
    """At whatever moment of its reading."""
    with BROKERS[broker]() as url:
        for number in range(20):
            async with asyncio.timeout(PATIENCE), tasks_of(services, Bench(), url):
                await asyncio.sleep(number / 500)


async def test_a_key_of_any_length_asks_once(services: Services) -> None:
    ann = await meet(services)
    assert await leave(services, ann, "poster " + "x" * 4_000) is not None
    assert await leave(services, ann, "poster " + "x" * 4_000) is None
    assert await leave(services, ann, "poster " + "x" * 4_001) is not None


async def test_what_nobody_was_told_of_is_found(services: Services, address: str | None) -> None:
    ann, bench = await meet(services), Bench()
    await leave(services, ann)  # nobody runs yet: the message is lost
    async with tasks_of(services, bench, address):
        await ended(services)
    assert len(bench.given) == 1


async def test_a_process_that_only_tells_does_nothing_itself(services: Services) -> None:
    ann, teller, worker = await meet(services), Bench(), Bench()
    with BROKERS["redis"]() as url:
        async with tasks_of(services, worker, url, look_every=60), tasks_of(services, teller, url, works=False):
            await leave(services, ann)
            await ended(services)
    assert (len(teller.given), len(worker.given)) == (0, 1)


@pytest.mark.parametrize("kind", BROKERS)
async def test_a_message_is_a_number_and_nothing_else(services: Services, kind: str) -> None:
    """No name, no token, no picture, no content: whoever reads the broker learns how many errands there are."""
    sent: list[BrokerMessage] = []
    with BROKERS[kind]() as url:
        bench = Bench()
        async with tasks_of(services, bench, url, works=False) as tasks:
            kick = tasks._broker.kick

            async def spy(message: BrokerMessage) -> None:
                sent.append(message)
                await kick(message)

            tasks._broker.kick = spy  # type: ignore[method-assign]
            ann = await meet(services, 1001, "Canary Annabel")
            about = {"file": "BQACAgIAAxkBAAI", "chat": 1001, "message": 5}
            number = await services.jobs.enqueue("store 1", JobKind.IMPORT, ann, about)
    (message,) = sent
    body = json.loads(message.message)
    assert (body["args"], body["kwargs"]) == ([number], {})
    assert set(body) <= {"task_id", "task_name", "labels", "labels_types", "args", "kwargs"}
    assert body["task_name"] == message.task_name == "errand" and not body["labels"] and not message.labels
    assert len(message.message) < 250


async def test_a_taker_that_died_is_followed_by_another(services: Services, db: Database, watch: Watch) -> None:
    ann, bench = await meet(services), Bench()
    number = await leave(services, ann)
    assert number is not None
    assert (dead := await services.jobs.claim(number)) is not None and dead.attempts == 1
    assert await services.jobs.claim(number) is None and not await services.jobs.due()
    watch.advance(seconds=LEASE.total_seconds() + 1)
    async with tasks_of(services, bench):
        await ended(services)
    assert [job.attempts for job in bench.given] == [2]
    assert not await services.jobs.end(dead, "failed"), "who woke too late has lost it"
    assert await one(db, "SELECT state FROM jobs") == "done"


async def test_who_is_still_at_it_keeps_it(services: Services, watch: Watch) -> None:
    ann = await meet(services)
    number = await leave(services, ann)
    assert number is not None and (job := await services.jobs.claim(number))
    for _ in range(5):
        watch.advance(seconds=LEASE.total_seconds() - 1)
        assert await services.jobs.heartbeat(job) and not await services.jobs.due()


async def test_a_restart_on_sqlite_waits_for_no_lease(services: Services, db: Database) -> None:
    ann, bench = await meet(services), Bench()
    number = await leave(services, ann)
    assert number is not None and await services.jobs.claim(number)
    await services.jobs.start()
    assert bool(await services.jobs.due()) is db.is_sqlite
    if db.is_sqlite:
        async with tasks_of(services, bench):
            await ended(services)
        assert [job.attempts for job in bench.given] == [2]


@pytest.mark.parametrize("error", [KeyError("a bug"), TelegramEntityTooLarge(GetMe(), "413")])
async def test_what_fails_is_tried_again_and_then_given_up_with_an_apology(
    services: Services, db: Database, watch: Watch, error: Exception
) -> None:
    async def fail(_job: Job) -> None:
        watch.advance(minutes=1)
        raise error

    ann, bench = await meet(services), Bench(fail)
    async with tasks_of(services, bench):
        number = await leave(services, ann)
        async with asyncio.timeout(PATIENCE):
            while not bench.sorry:
                watch.advance(seconds=5)
                await asyncio.sleep(0.02)
    assert [job.attempts for job in bench.given] == [1, 2, 3] and bench.sorry == [number]
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("failed", MAX_ATTEMPTS)]


class Outage:
    """Whether the database takes nothing, and how often it did not."""

    lasts = False
    refused = 0


FAULTS = [
    DatabaseUnavailable("stopped"),
    TelegramNetworkError(GetMe(), "nobody there"),
    TelegramServerError(GetMe(), "502"),
    TelegramRetryAfter(GetMe(), "slowly", 400),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_what_is_nobodys_fault_counts_as_no_try(
    services: Services, db: Database, watch: Watch, fault: Exception
) -> None:
    async def fail(_job: Job) -> None:
        if len(bench.given) <= 2 * MAX_ATTEMPTS:
            raise fault

    ann, bench = await meet(services), Bench(fail)
    soonest = fault.retry_after if isinstance(fault, TelegramRetryAfter) else 10
    async with tasks_of(services, bench) as tasks:
        await leave(services, ann)
        for failed in range(2 * MAX_ATTEMPTS):
            await until(lambda so_far=failed: len(bench.given) > so_far and not tasks._running)
            watch.advance(seconds=soonest - 1)
            assert not await services.jobs.due()
            watch.advance(seconds=401 - soonest)
        await ended(services)
    assert len(bench.given) == 2 * MAX_ATTEMPTS + 1 and not bench.sorry and bench.given[-1].failures == 1
    assert await ask(db, "SELECT state FROM jobs") == [("done",)]


@pytest.fixture
def outage_log(db: Database, monkeypatch: pytest.MonkeyPatch) -> Outage:
    """The database, which takes nothing as long as this says so."""
    outage_log, write = Outage(), db.write

    def refuse() -> AbstractAsyncContextManager[AsyncConnection]:
        if outage_log.lasts:
            outage_log.refused += 1
            raise DatabaseUnavailable("stopped")
        return write()

    monkeypatch.setattr(db, "write", refuse)
    return outage_log


async def test_an_errand_that_is_done_while_the_database_is_away_is_not_done_again(
    services: Services, db: Database, watch: Watch, outage_log: Outage
) -> None:
    async def then_it_is_away(_job: Job) -> None:
        outage_log.lasts = True

    ann, bench = await meet(services), Bench(then_it_is_away)
    async with tasks_of(services, bench):
        await leave(services, ann)
        await until(lambda: outage_log.refused)
        watch.advance(seconds=LEASE.total_seconds() + 1)
        outage_log.lasts = False
        await ended(services)
    assert len(bench.given) == 1
    assert await ask(db, "SELECT state, attempts FROM jobs") == [("done", 1)]


async def test_errands_wait_for_a_database_that_is_away_at_the_start(
    services: Services, db: Database, outage_log: Outage
) -> None:
    ann, bench = await meet(services), Bench()
    await leave(services, ann)
    outage_log.lasts = True
    async with tasks_of(services, bench):
        await until(lambda: outage_log.refused)
        outage_log.lasts = False
        await ended(services)
    assert len(bench.given) == 1


async def test_a_stop_waits_for_no_database_that_is_away(services: Services, outage_log: Outage) -> None:
    async def then_it_is_away(_job: Job) -> None:
        outage_log.lasts = True

    ann = await meet(services)
    async with tasks_of(services, Bench(then_it_is_away)):
        await leave(services, ann)
        await until(lambda: outage_log.refused)
    outage_log.lasts = False
    assert await services.jobs.waiting() == 1


async def test_what_kills_its_taker_is_given_up(services: Services, watch: Watch) -> None:
    ann, bench = await meet(services), Bench()
    number = await leave(services, ann)
    assert number is not None
    for _ in range(MAX_ATTEMPTS):
        assert await services.jobs.claim(number)
        watch.advance(seconds=LEASE.total_seconds() + 1)
    async with tasks_of(services, bench):
        await ended(services)
        await until(lambda: bench.sorry)
    assert bench.sorry == [number] and not bench.given


@pytest.mark.parametrize(("error", "apologies"), [(TelegramBadRequest, 1), (TelegramForbiddenError, 0)])
async def test_what_is_hopeless_is_not_tried_again(
    services: Services, db: Database, error: type[Exception], apologies: int
) -> None:
    async def refuse(_job: Job) -> None:
        raise error(GetMe(), "no")  # type: ignore[call-arg]

    ann, bench = await meet(services), Bench(refuse)
    async with tasks_of(services, bench):
        await leave(services, ann)
        await ended(services)
    assert len(bench.given) == 1 and len(bench.sorry) == apologies
    assert await one(db, "SELECT state FROM jobs") == "failed"


async def test_what_nobody_did_for_an_hour_is_not_wanted_any_more(
    services: Services, db: Database, watch: Watch
) -> None:
    ann, bench = await meet(services), Bench()
    await leave(services, ann)
    watch.advance(seconds=EXPIRES_AFTER.total_seconds() + 1)
    async with tasks_of(services, bench):
        await ended(services)
    assert not bench.given and not bench.sorry and await one(db, "SELECT state FROM jobs") == "expired"
    watch.time += KEPT_FOR + timedelta(hours=1)
    await services.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM jobs") == 0


async def test_a_stop_finishes_what_is_in_hand_and_leaves_the_rest(services: Services) -> None:
    ann, gate, done = await meet(services), asyncio.Event(), []

    async def slowly(job: Job) -> None:
        await gate.wait()
        done.append(job.id)

    bench = Bench(slowly)
    tasks = JobWorker(None, services.jobs, cast(JobHandlers, bench), services.context.clock, look_every=60)
    running = asyncio.create_task(tasks.run())
    for n in range(4):
        await leave(services, ann, f"k{n}")
    await until(lambda: len(bench.given) == 2)
    tasks.stop()
    gate.set()
    await asyncio.wait_for(running, PATIENCE)
    assert len(done) == 2 and await services.jobs.waiting() == 2


async def test_a_broker_that_is_away_delays_nobody_and_loses_nothing(services: Services) -> None:
    ann, bench = await meet(services), Bench()
    for url in ("redis://127.0.0.1:1/0", "nats://127.0.0.1:1"):
        tasks = JobWorker(url, services.jobs, cast(JobHandlers, bench), services.context.clock, look_every=0.05)
        running = asyncio.create_task(tasks.run())
        began = asyncio.get_running_loop().time()
        await leave(services, ann, url)
        assert asyncio.get_running_loop().time() - began < 1
        await ended(services)
        tasks.stop()
        await asyncio.wait_for(running, PATIENCE)
    assert len(bench.given) == 2


def test_no_broker_shows_its_password() -> None:
    for url in (f"redis://:{PASSWORD}@127.0.0.1:1/0", f"nats://bot:{PASSWORD}@127.0.0.1:1"):
        broker = make_broker(url)
        assert PASSWORD not in f"{broker!r} {broker}"

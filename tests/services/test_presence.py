"""A dead process is recognised within two seconds, and one that merely stands still is not taken for dead (R26)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ops.liveness import Liveness
from bot.services import Services, make_services
from services.jobs import JobKind
from services.notifications.outbox import ClaimedNotification
from services.presence import DEAD_AFTER, LOOKS_EVERY
from storage.db import Database
from tests.conftest import meet, queue_due, settings_for
from tests.services.conftest import ask, on_display, one, order
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.parametrize("source", ["postgresql"], indirect=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def services(db: Database, tmp_path: Path, clock: VirtualClock) -> Services:
    return make_services(db, settings_for(tmp_path), clock)


@pytest.fixture
async def second(db: Database, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Services]:
    """The same bot in another process, by the same clock."""
    other = Database(db.url.render_as_string(hide_password=False))
    found = make_services(other, settings_for(tmp_path), clock)
    yield found
    await found.context.presence.leave()
    await other.close()


@pytest.fixture
async def two(services: Services, second: Services) -> AsyncIterator[tuple[Liveness, Liveness]]:
    """Both have given a sign of life."""
    both = Liveness(services), Liveness(second)
    for liveness in both:
        await liveness.look()
    yield both
    await services.context.presence.leave()


async def sessions_end(db: Database, *numbers: int | None) -> None:
    """End the sessions of these processes on the server, as it does when their machine is gone."""
    for number in numbers:
        await order(
            db,
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
            "AND (CAST(classid AS bigint) << 32 | CAST(objid AS bigint)) = CAST(:number AS bigint)",
            number=number,
        )


async def looks(liveness: Liveness, clock: VirtualClock, seconds: float) -> None:
    """Look as often as a process does in so many seconds."""
    for _ in range(round(seconds / LOOKS_EVERY)):
        await clock.advance(LOOKS_EVERY)
        await liveness.look()


async def states(db: Database) -> list[str]:
    return [row.state for row in await ask(db, "SELECT state FROM notifications ORDER BY id")]


async def two_claims(display: Services, of: Services) -> list[ClaimedNotification]:
    """Two alerts that a process has claimed, the first of them in flight."""
    item = (await on_display(display))[0]
    for number in (1, 2):
        await display.voting.follow(await meet(display, 4000 + number), item, on=True)
    await order(display.context.db, "UPDATE campaigns SET state = 'queued'")
    await display.groups.schedule(item, display.context.clock.now() + timedelta(hours=5), None, "test")
    await queue_due(display)
    held = await of.outbox.claim(5)
    assert len(held) == 2 and await of.outbox.begin(held[0])
    return held


async def test_r26_what_a_dead_sender_held_is_free_within_two_seconds(
    display: Services, second: Services, two: tuple[Liveness, Liveness], db: Database, clock: VirtualClock
) -> None:
    first, _ = two
    await two_claims(display, second)
    await sessions_end(db, second.context.presence.number)
    began = clock.monotonic()
    while await states(db) != ["pending", "pending"]:
        await looks(first, clock, LOOKS_EVERY)
        assert clock.monotonic() - began < 2
    uncertain = "SELECT uncertain_attempts FROM notifications ORDER BY id"
    assert [row.uncertain_attempts for row in await ask(db, uncertain)] == [1, 0]


async def test_r26_a_process_that_starts_at_once_frees_what_its_killed_predecessor_held(
    display: Services, second: Services, db: Database, clock: VirtualClock
) -> None:
    killed = Liveness(second)
    await killed.look()
    await two_claims(display, second)
    await sessions_end(db, second.context.presence.number)
    started = Liveness(display)
    await started.look()
    await looks(started, clock, DEAD_AFTER + LOOKS_EVERY)
    assert await states(db) == ["pending", "pending"]
    await display.context.presence.leave()


async def test_r26_a_sender_that_stands_still_keeps_what_it_holds_and_sends_nothing_until_it_is_sure(
    display: Services, second: Services, two: tuple[Liveness, Liveness], db: Database, clock: VirtualClock
) -> None:
    first, still = two
    held = await two_claims(display, second)
    deadline = clock.now() + timedelta(hours=1)
    assert second.outbox.may_leave(held[0], deadline)
    await looks(first, clock, 60)
    assert await states(db) == ["inflight", "claimed"]
    assert not second.outbox.may_leave(held[0], deadline)
    await still.look()
    assert second.outbox.may_leave(held[0], deadline), "its lock held all the time"


async def test_r26_a_sender_whose_session_broke_never_sends_what_it_had_begun_before(
    display: Services, second: Services, two: tuple[Liveness, Liveness], db: Database, clock: VirtualClock
) -> None:
    _, broken = two
    held = await two_claims(display, second)
    deadline = clock.now() + timedelta(hours=1)
    await sessions_end(db, second.context.presence.number)
    await clock.advance(DEAD_AFTER)
    await broken.look()
    await broken.look()
    assert second.context.presence.proves(clock.monotonic())
    assert not second.outbox.may_leave(held[0], deadline), "another one may have it"
    assert await second.outbox.begin(held[1])
    assert second.outbox.may_leave(held[1], deadline)


async def test_r26_after_an_outage_those_that_come_back_keep_what_they_hold(
    display: Services, second: Services, two: tuple[Liveness, Liveness], db: Database, clock: VirtualClock
) -> None:
    first, other = two
    held = await two_claims(display, second)
    await sessions_end(db, display.context.presence.number, second.context.presence.number)
    await looks(first, clock, 5)
    assert await states(db) == ["inflight", "claimed"]
    await looks(other, clock, 2 * LOOKS_EVERY)
    await looks(first, clock, 30)
    assert await states(db) == ["inflight", "claimed"]
    await second.outbox.sent(held[0], 77)
    assert await states(db) == ["sent", "claimed"]


async def test_a_job_of_a_dead_worker_is_announced_again_within_two_seconds(
    services: Services, second: Services, two: tuple[Liveness, Liveness], db: Database, clock: VirtualClock
) -> None:
    first, _ = two
    job = await services.jobs.enqueue("k", JobKind.POSTER, await meet(services), {})
    assert job is not None and await second.jobs.claim(job)
    announced: list[int] = []

    async def announce(job_id: int) -> None:
        announced.append(job_id)

    services.jobs.announce = announce
    await sessions_end(db, second.context.presence.number)
    await looks(first, clock, 1.8)
    assert announced == [job] and await services.jobs.due() == [job]
    taken = await services.jobs.claim(job)
    assert taken is not None and taken.attempts == 2
    await looks(first, clock, 5)
    assert announced == [job]


async def test_a_job_that_is_put_off_belongs_to_no_process(
    services: Services, second: Services, two: tuple[Liveness, Liveness], db: Database
) -> None:
    number = await services.jobs.enqueue("k", JobKind.POSTER, await meet(services), {})
    assert number is not None
    job = await second.jobs.claim(number)
    assert job is not None and await second.jobs.retry_in(job, timedelta(seconds=60))
    assert await one(db, "SELECT held_by FROM jobs") is None

"""The scheduler keeps ticking after failures, catches up at the start, and lets a running tick end (R8)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from apscheduler.schedulers.base import STATE_PAUSED, STATE_STOPPED

from bot.ops.scheduler import Scheduler
from services.campaigns import Campaigns
from services.clock import LeapGuard
from services.groups import Groups
from services.rounds import RoundOpened, Rounds
from storage.db.errors import DatabaseUnavailable
from tests.virtual_clock import VirtualClock
from tests.waiting import until


class Part:
    """A service that is ticked: counts, and fails or waits when it is told to."""

    def __init__(self) -> None:
        self.ticks = 0
        self.failures = 0
        self.failure: Exception = RuntimeError("a fault of the program")
        self.gate = asyncio.Event()
        self.gate.set()
        self.finished = 0

    async def tick(self, *_: Any) -> Any:
        self.ticks += 1
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise self.failure
        self.finished += 1
        return None

    async def queue_due(self, seconds: float) -> Any:
        return await self.tick(seconds)


@pytest.fixture
def parts() -> tuple[Part, Part, Part]:
    return Part(), Part(), Part()


def schedule(parts: tuple[Part, Part, Part], every: float = 0.01) -> Scheduler:
    rounds, campaigns, after = parts
    groups = cast(Groups, Part())
    return Scheduler(VirtualClock(), cast(Rounds, rounds), groups, cast(Campaigns, campaigns), after.tick, every=every)


@asynccontextmanager
async def ticking(scheduler: Scheduler) -> AsyncIterator[None]:
    await scheduler.open_rounds()
    running = asyncio.create_task(scheduler.run())
    await asyncio.sleep(0)  # it has begun
    try:
        yield
    finally:
        scheduler.stop()
        await running


async def test_r8_rounds_open_before_the_start_is_complete_and_the_rest_follows(
    parts: tuple[Part, Part, Part],
) -> None:
    rounds, campaigns, after = parts
    campaigns.gate.clear()  # as while a million notifications are queued
    async with ticking(schedule(parts, every=3600)):
        assert (rounds.finished, campaigns.finished, after.finished) == (1, 0, 0)
        campaigns.gate.set()
        await until(lambda: after.finished == 1)


async def test_a_start_during_an_outage_leaves_the_rounds_to_the_first_tick(
    parts: tuple[Part, Part, Part],
) -> None:
    parts[0].failures = 1
    async with ticking(schedule(parts, every=3600)):
        await until(lambda: all(part.finished == 1 for part in parts))


async def test_it_ticks_again_and_again(parts: tuple[Part, Part, Part]) -> None:
    async with ticking(schedule(parts)):
        await until(lambda: all(part.finished >= 5 for part in parts))


@pytest.mark.parametrize("broken", [0, 1, 2])
async def test_a_failing_tick_never_stops_the_next_nor_the_other_parts(
    parts: tuple[Part, Part, Part], broken: int
) -> None:
    parts[broken].failures = 4 + (broken == 0)  # rounds also open once before the first tick
    async with ticking(schedule(parts)):
        await until(lambda: parts[broken].finished >= 2)
    others = [part for part in parts if part is not parts[broken]]
    assert all(part.finished == part.ticks >= 6 for part in others)


@pytest.mark.parametrize("broken", range(3))
async def test_an_outage_of_the_database_is_two_lines_in_the_log_however_many_ticks_fail(
    parts: tuple[Part, Part, Part], broken: int, caplog: pytest.LogCaptureFixture
) -> None:
    parts[broken].failures, parts[broken].failure = 9, DatabaseUnavailable("database or disk is full")
    async with ticking(schedule(parts)):
        await until(lambda: parts[broken].finished >= 2)
    away, back = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert "is unavailable, ticks wait" in away.getMessage() and "is available again" in back.getMessage()
    assert away.exc_info is None, "what happens every second must not fill a disk with traces"


async def test_a_failed_first_tick_does_not_keep_the_bot_from_starting(parts: tuple[Part, Part, Part]) -> None:
    for part in parts:
        part.failures = 1
    async with ticking(schedule(parts)):
        await until(lambda: all(part.finished for part in parts))


async def test_stop_waits_for_the_running_tick_and_makes_no_further_one(parts: tuple[Part, Part, Part]) -> None:
    scheduler = schedule(parts)
    await scheduler.open_rounds()
    running = asyncio.create_task(scheduler.run())
    parts[1].gate.clear()
    await until(lambda: parts[1].ticks > parts[1].finished)
    scheduler.stop()
    await until(lambda: scheduler._scheduler.state == STATE_PAUSED)
    assert not running.done()
    parts[1].gate.set()
    await running
    ticks = [part.ticks for part in parts]
    assert parts[1].finished == parts[1].ticks and parts[2].ticks == parts[1].ticks, "the tick was made to its end"
    assert scheduler._scheduler.state == STATE_STOPPED
    for _ in range(20):
        await asyncio.sleep(0)
    assert [part.ticks for part in parts] == ticks


async def test_ticks_never_overlap(parts: tuple[Part, Part, Part]) -> None:
    scheduler = schedule(parts)
    async with ticking(scheduler):
        parts[0].gate.clear()
        await until(lambda: parts[0].ticks > parts[0].finished)
        by_hand: list[Awaitable[None]] = [asyncio.ensure_future(scheduler.tick()) for _ in range(3)]
        for _ in range(20):
            await asyncio.sleep(0)
        assert parts[0].ticks == parts[0].finished + 1
        parts[0].gate.set()
        await asyncio.gather(*by_hand)


async def test_the_age_of_the_last_successful_tick_grows_while_ticks_fail(parts: tuple[Part, Part, Part]) -> None:
    scheduler = schedule(parts)
    async with ticking(scheduler):
        await until(lambda: parts[2].finished >= 1)
        parts[0].failures = 1_000_000
        failed_at = parts[0].ticks
        await until(lambda: parts[0].ticks > failed_at + 1)
        assert isinstance(scheduler.clock, VirtualClock)
        await scheduler.clock.advance(1)
        assert scheduler.seconds_since_tick() == 1
        parts[0].failures = 0
        await until(lambda: scheduler.seconds_since_tick() == 0)


class Queue(Part):
    """Queues at most ten of the remaining notifications at a tick."""

    def __init__(self, notifications: float) -> None:
        super().__init__()
        self.notifications = notifications

    async def tick(self, *_: Any) -> int:
        await super().tick()
        queued = min(self.notifications, 10)
        self.notifications -= queued
        await asyncio.sleep(0)
        return int(queued)


async def test_r27_rounds_and_groups_open_while_notifications_are_queued_without_pause(
    parts: tuple[Part, Part, Part],
) -> None:
    queue = Queue(100)
    scheduler = schedule((parts[0], queue, parts[2]), every=3600)
    await scheduler.tick()
    assert queue.notifications == 0
    assert parts[0].ticks == queue.ticks == parts[2].ticks == 11


async def test_the_scheduler_ticks_and_stops_however_many_notifications_are_left_to_queue(
    parts: tuple[Part, Part, Part],
) -> None:
    queue = Queue(float("inf"))
    scheduler = schedule((parts[0], queue, parts[2]), every=3600)
    async with ticking(scheduler):
        await until(lambda: queue.ticks > 10)
        assert isinstance(scheduler.clock, VirtualClock)
        await scheduler.clock.advance(1)
        await until(lambda: scheduler.seconds_since_tick() == 0)
    assert queue.ticks == queue.finished


async def test_every_later_part_gets_the_round_that_opened(parts: tuple[Part, Part, Part]) -> None:
    opened = RoundOpened(1, *[datetime(2026, 11, 24, tzinfo=UTC)] * 2, items=3)
    heard: list[RoundOpened | None] = []

    class OpensOnce(Part):
        async def tick(self, *_: Any) -> Any:
            await super().tick()
            return opened if self.ticks == 1 else None

    async def listen(found: RoundOpened | None) -> None:
        heard.append(found)

    scheduler = Scheduler(
        VirtualClock(), cast(Rounds, OpensOnce()), cast(Groups, Part()), cast(Campaigns, parts[1]), listen, every=3600
    )
    await scheduler.tick()
    await scheduler.tick()
    assert heard == [opened, None]


async def test_r8_nothing_is_done_by_a_clock_that_has_just_leapt_ahead(
    parts: tuple[Part, Part, Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = schedule(parts)
    with monkeypatch.context() as patch:
        patch.setattr(LeapGuard, "doubtful", lambda guard: True)
        await scheduler.tick()
        assert [part.ticks for part in parts] == [0, 0, 0]
        assert scheduler.seconds_since_tick() == 0, "it waits on purpose, and is not to be restarted"
    await scheduler.tick()
    assert all(part.ticks for part in parts)

"""Ticks continue after failures of APScheduler and changes of the system clock (R8)."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta, tzinfo

import pytest
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.ops.scheduler import Scheduler, _IntervalTrigger
from tests.bot.ops.test_scheduler import Part, parts, ticking
from tests.virtual_clock import VirtualClock
from tests.waiting import until

__all__ = ["parts"]

Parts = tuple[Part, Part, Part]
PATIENCE = 10.0


def schedule(parts: Parts) -> Scheduler:
    rounds, campaigns, after = parts
    return Scheduler(VirtualClock(), rounds, Part(), campaigns, after.tick, every=0.01, patience=PATIENCE)  # type: ignore[arg-type]


async def let_watchdog_look(scheduler: Scheduler, times: int = 1) -> None:
    """Let the watchdog's time limit pass."""
    assert isinstance(scheduler.clock, VirtualClock)
    for _ in range(times):
        await scheduler.clock.advance(2 * PATIENCE)


class MachineClock(datetime):
    """The system clock as APScheduler reads it, off by `beside`."""

    beside = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.beside


@pytest.fixture
def machine_clock(monkeypatch: pytest.MonkeyPatch) -> type[MachineClock]:
    monkeypatch.setattr(MachineClock, "beside", timedelta(0))
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", MachineClock)
    return MachineClock


@pytest.fixture
def fails_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The next update of the scheduler's job fails, as when memory is short. The list has an entry after that."""
    real, failed = MemoryJobStore.update_job, list[str]()

    def update_job(self: MemoryJobStore, job: object) -> None:
        if not failed:
            failed.append("once")
            raise MemoryError
        real(self, job)

    monkeypatch.setattr(MemoryJobStore, "update_job", update_job)
    return failed


async def test_one_failed_update_of_its_job_stops_the_scheduler_for_ever(parts: Parts, fails_once: list[str]) -> None:
    """The reason for the watchdog. If a later APScheduler recovers by itself, the watchdog can be deleted."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with ticking(schedule(parts)):
        await until(lambda: bool(fails_once))
        await until(lambda: parts[2].finished == parts[1].ticks)
        ticks = parts[1].ticks
        sound = Part(), Part(), Part()
        async with ticking(schedule(sound)):
            await until(lambda: sound[2].finished > 20)
        assert parts[1].ticks <= ticks + 1


async def test_the_watchdog_restarts_a_stopped_scheduler(
    parts: Parts, fails_once: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    scheduler = schedule(parts)
    async with ticking(scheduler):
        await until(lambda: bool(fails_once))
        ticks = parts[2].finished
        await let_watchdog_look(scheduler)
        await until(lambda: parts[2].finished > ticks + 5)
    assert "the scheduler has stopped and is restarted" in caplog.text


async def test_the_watchdog_retries_if_a_new_scheduler_does_not_start(
    parts: Parts, fails_once: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    scheduler = schedule(parts)
    async with ticking(scheduler):
        real, refused = AsyncIOScheduler.start, list[str]()

        def start(self: AsyncIOScheduler, *_: object) -> None:
            if len(refused) < 2:
                refused.append("again")
                raise MemoryError
            real(self)

        monkeypatch.setattr(AsyncIOScheduler, "start", start)
        await until(lambda: bool(fails_once))
        await let_watchdog_look(scheduler, times=3)
        assert len(refused) == 2
        ticks = parts[2].finished
        await until(lambda: parts[2].finished > ticks + 5)


async def test_a_scheduler_that_could_not_be_restarted_can_be_stopped(
    parts: Parts, fails_once: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    refused = list[str]()

    def start(*_: object) -> None:
        refused.append("always")
        raise MemoryError

    scheduler = schedule(parts)
    async with ticking(scheduler):
        await until(lambda: bool(fails_once))
        monkeypatch.setattr(AsyncIOScheduler, "start", start)
        await let_watchdog_look(scheduler)
        assert refused


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(hours=-1), timedelta(hours=1), timedelta(days=20_000)])
async def test_r8_ticks_go_on_when_the_machines_clock_is_set(
    parts: Parts, machine_clock: type[MachineClock], jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set back, APScheduler would wait for the old time. Set forward, as by a suspend, missed ticks are dropped."""
    real, asked = _IntervalTrigger.get_next_fire_time, list[datetime]()

    def counted(self: _IntervalTrigger, previous: datetime | None, now: datetime) -> datetime:
        asked.append(now)
        return real(self, previous, now)

    monkeypatch.setattr(_IntervalTrigger, "get_next_fire_time", counted)
    scheduler = schedule(parts)
    async with ticking(scheduler):
        await until(lambda: parts[2].finished >= 3)
        machine_clock.beside = jump
        ticks = parts[2].finished
        asked.clear()
        await let_watchdog_look(scheduler)
        await until(lambda: parts[2].finished > ticks + 5)
        assert len(asked) <= 2 * (parts[1].ticks - ticks) + 10, "missed ticks are not repeated"


async def test_a_long_tick_does_not_restart_the_scheduler(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    scheduler = schedule(parts)
    async with ticking(scheduler):
        parts[1].gate.clear()
        try:
            await until(lambda: parts[1].ticks > parts[1].finished)
            await let_watchdog_look(scheduler)
            assert parts[1].ticks == parts[1].finished + 1, "no second tick beside it"
        finally:
            parts[1].gate.set()
        await until(lambda: parts[2].finished == parts[1].ticks)
    assert not [record for record in caplog.records if record.levelno >= logging.CRITICAL]

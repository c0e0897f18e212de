"""Long polling: each user's updates in order, users in parallel, confirmed when handled (Bot API, getUpdates)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates

from bot.updates import poller as module
from bot.updates.poller import MAX_UPDATES, LongPoller
from bot.updates.processor import Ack, AckState, Update
from services.clock import Clock, SystemClock
from tests.virtual_clock import VirtualClock

KINDS = ["message", "callback_query"]


class Telegram:
    """The server's side of getUpdates: keeps updates until a higher offset is asked for.

    Asked with the same offset within half a second, it returns the oldest update alone, as Telegram's own server does.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: list[Update] = []
        self.asked: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.errors: list[TelegramAPIError] = []
        self.news = asyncio.Event()
        self.number = 100

    def post(self, *people: int) -> None:
        """One message from each of these people, in this order."""
        for person in people:
            self.number += 1
            sender = {"id": person, "is_bot": False, "first_name": "P"}
            self.kept.append({"update_id": self.number, "message": {"message_id": self.number, "from": sender}})
        self.news.set()

    async def call(self, name: str, payload: dict[str, Any], seconds: float | None = None) -> Any:
        assert name == "getUpdates" and (seconds or 0) > payload["timeout"], "the wait must outlast Telegram's"
        if self.errors:
            raise self.errors.pop(0)
        self.asked.append(payload)
        self.times.append(self.clock.monotonic())
        braked = len(self.asked) > 1 and self.since_same() < 0.5
        self.kept = [update for update in self.kept if update["update_id"] >= payload.get("offset", 0)]
        while not self.kept and payload["timeout"]:
            self.news.clear()
            await self.news.wait()
        return self.kept[: 1 if braked else payload.get("limit", 100)]

    def since_same(self) -> float:
        """Seconds between the last two questions, where both had the same offset; else many."""
        same = self.asked[-1].get("offset") == self.asked[-2].get("offset")
        return self.times[-1] - self.times[-2] if same else 1000.0

    @property
    def confirmed(self) -> int:
        """Updates before this number are confirmed and deleted."""
        return max((payload.get("offset", 0) for payload in self.asked), default=0)


class Processor:
    """Processes updates; those of a user whose gate is closed wait."""

    def __init__(self) -> None:
        self.began: list[Update] = []
        self.done: list[Update] = []
        self.gates: dict[int, asyncio.Event] = defaultdict(self._open)

    @staticmethod
    def _open() -> asyncio.Event:
        gate = asyncio.Event()
        gate.set()
        return gate

    async def process(self, ack: Ack) -> None:
        self.began.append(ack.update)
        await asyncio.sleep(0)
        await self.gates[ack.user_id].wait()
        self.done.append(ack.update)
        ack.state = AckState.HANDLED

    def of(self, user: int) -> list[int]:
        """The numbers of one user's updates in the order in which they were done."""
        return [update["update_id"] for update in self.done if Ack(update).user_id == user]

    def begun_of(self, user: int) -> list[int]:
        """The numbers of one user's updates that were begun."""
        return [update["update_id"] for update in self.began if Ack(update).user_id == user]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def telegram(clock: VirtualClock) -> Telegram:
    return Telegram(clock)


@pytest.fixture
def processor() -> Processor:
    return Processor()


def make_poller(telegram: Telegram, processor: Processor) -> LongPoller:
    return LongPoller(telegram.call, processor.process, KINDS, telegram.clock)


@asynccontextmanager
async def polling(telegram: Telegram, processor: Processor) -> AsyncIterator[LongPoller]:
    poller = make_poller(telegram, processor)
    work = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        poller.stop()
        await work


async def test_each_users_updates_are_handled_in_order(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    telegram.post(1, 2, 1, 3, 1, 2, 1)
    async with polling(telegram, processor):
        await clock.until(lambda: len(processor.done) == 7)
    assert (processor.of(1), processor.of(2), processor.of(3)) == ([101, 103, 105, 107], [102, 106], [104])
    assert telegram.asked[0]["allowed_updates"] == KINDS


async def test_users_are_handled_in_parallel(telegram: Telegram, processor: Processor, clock: VirtualClock) -> None:
    processor.gates[1].clear()
    telegram.post(1, 2, 3, 1, 2)
    async with polling(telegram, processor):
        await clock.until(lambda: len(processor.done) == 3)
        assert not processor.of(1) and len(processor.of(2)) == 2 and len(processor.of(3)) == 1
        assert processor.begun_of(1) == [101]
        processor.gates[1].set()
        await clock.until(lambda: len(processor.done) == 5)
    assert processor.of(1) == [101, 104]


async def test_an_update_is_confirmed_only_once_it_and_all_before_it_are_done(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    processor.gates[2].clear()
    telegram.post(1, 2, 3)
    async with polling(telegram, processor):
        await clock.until(lambda: len(processor.done) == 2)
        assert telegram.confirmed == 0 and len(telegram.asked) == 1
        await clock.until(lambda: telegram.confirmed == 102)
        assert [update["update_id"] for update in telegram.kept] == [102, 103], "103 is done, and waits for 102"
        processor.gates[2].set()
        await clock.until(lambda: telegram.confirmed == 104)
    assert not telegram.kept and len(processor.began) == 3


async def test_a_slow_update_delays_only_later_updates_of_the_same_user(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    processor.gates[1].clear()
    telegram.post(1, 2)
    async with polling(telegram, processor):
        for person in (3, 4):
            await clock.until(lambda: processor.of(2) == [102])
            telegram.post(person, 1)
            await clock.until(lambda: bool(processor.of(person)))  # noqa: B023 - evaluated before the next iteration
        assert telegram.confirmed == 0 and len(telegram.kept) == 6, "a kill now would lose nothing"
        assert processor.begun_of(1) == [101]
        processor.gates[1].set()
        await clock.until(lambda: telegram.confirmed == 107)
    assert processor.of(1) == [101, 104, 106], "its own person's order"
    assert len(processor.began) == 6, "what was given again was known"


async def test_polls_that_return_a_slow_update_again_are_rare(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    processor.gates[1].clear()
    telegram.post(1)
    gaps: list[float] = []
    async with polling(telegram, processor):
        while len(gaps) < 2:
            await clock.until(lambda: len(telegram.asked) == len(gaps) + 2)
            gaps.append(telegram.since_same())
        processor.gates[1].set()
        await clock.until(lambda: telegram.confirmed == 102)
    assert min(gaps) > 0.5, "or Telegram would give the straggler alone"
    assert len(processor.began) == 1


async def test_at_most_a_hundred_updates_are_in_hand(
    telegram: Telegram, processor: Processor, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.updates.poller._REPEAT", 0)
    monkeypatch.setattr("bot.updates.poller._GATHER", 0)
    people = range(1, MAX_UPDATES + 3)
    for person in people:
        processor.gates[person].clear()
    telegram.post(*people)
    async with polling(telegram, processor):
        await clock.until(lambda: len(processor.began) == MAX_UPDATES)
        processor.gates[50].set()
        await clock.until(lambda: bool(processor.of(50)))
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(telegram.asked) == 1, "nothing new can come before the oldest is done"
        processor.gates[1].set()
        await clock.until(lambda: len(processor.began) == MAX_UPDATES + 1)
        assert telegram.confirmed == 102, "the window moves by one"
        for person in people:
            processor.gates[person].set()
        await clock.until(lambda: not telegram.kept)
    assert [update["update_id"] for update in processor.began] == list(range(101, 101 + len(people)))


async def test_an_update_that_is_done_during_a_poll_is_not_processed_again(
    telegram: Telegram, processor: Processor, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor.gates[1].clear()
    telegram.post(1)
    answer = telegram.call

    async def slow(name: str, payload: dict[str, Any], seconds: float | None = None) -> Any:
        given = await answer(name, payload, seconds)
        if len(telegram.asked) == 2:  # the answer is on its way, and holds the straggler
            processor.gates[1].set()
            await clock.until(lambda: processor.of(1) == [101])
        return given

    monkeypatch.setattr(telegram, "call", slow)
    async with polling(telegram, processor):
        await clock.until(lambda: telegram.confirmed == 102)
    assert len(processor.began) == 1


async def test_updates_that_overtook_a_slow_one_come_again_after_a_kill(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    processor.gates[1].clear()
    telegram.post(1, 2)
    killed = asyncio.create_task(make_poller(telegram, processor).run())
    await clock.until(lambda: len(telegram.asked) == 2)
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    await asyncio.sleep(0)
    processor.gates[1].set()
    assert not processor.of(1), "a kill leaves nobody at work"
    again = Processor()
    async with polling(telegram, again):
        await clock.until(lambda: len(again.done) == 2)
    assert again.of(1) == [101] and again.of(2) == [102]


async def test_a_bug_in_the_processor_ends_polling_with_its_error_and_confirms_nothing(telegram: Telegram) -> None:
    async def process(ack: Ack) -> None:
        raise LookupError("a bug")

    telegram.post(1)
    with pytest.raises(LookupError, match="a bug"):
        await LongPoller(telegram.call, process, KINDS, telegram.clock).run()
    assert telegram.confirmed == 0


async def test_r19_updates_in_hand_at_a_kill_are_delivered_again(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    processor.gates[2].clear()
    telegram.post(1, 2)
    killed = asyncio.create_task(make_poller(telegram, processor).run())
    await clock.until(lambda: len(processor.began) == 2)
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    again = Processor()
    async with polling(telegram, again):
        await clock.until(lambda: len(again.done) == 2)
    assert again.of(1) == [101] and again.of(2) == [102], (
        "and what each of them does, it does once: see R19's own tests"
    )


def test_early_timers_of_uvloop_do_not_stop_polling(processor: Processor, monkeypatch: pytest.MonkeyPatch) -> None:
    """uvloop counts timers in whole milliseconds: one may fire a little before its time."""
    telegram = Telegram(SystemClock())
    monkeypatch.setattr(module, "_REPEAT", 0.051)

    async def go() -> None:
        processor.gates[1].clear()
        telegram.post(1)
        async with polling(telegram, processor):
            while len(telegram.asked) < 20:
                await asyncio.sleep(0.001)
            processor.gates[1].set()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(go())


async def test_stopping_finishes_and_confirms_the_updates_in_hand(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    processor.gates[1].clear()
    telegram.post(1, 1, 2)
    async with polling(telegram, processor) as poller:
        await clock.until(lambda: len(processor.done) == 1)
        poller.stop()
        telegram.post(3)
        processor.gates[1].set()
    assert processor.of(1) == [101, 102] and not processor.of(3)
    assert telegram.confirmed == 104 and telegram.asked[-1]["timeout"] == 0
    assert [update["update_id"] for update in telegram.kept] == [104], "what came later is the next start's"


async def test_stopping_ends_a_waiting_poll(telegram: Telegram, processor: Processor, clock: VirtualClock) -> None:
    async with polling(telegram, processor):
        await clock.until(lambda: len(telegram.asked) == 1)
    assert len(telegram.asked) == 1, "nothing to confirm"


async def test_updates_of_unknown_kinds_delay_nothing(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    telegram.kept = [{"update_id": 90, "mind_reading": {"thought": "?"}}, {"update_id": 91, "poll": {"id": "1"}}]
    telegram.post(1)
    async with polling(telegram, processor):
        await clock.until(lambda: telegram.confirmed == 102)
    assert len(processor.done) == 3


@pytest.mark.parametrize(
    "error",
    [
        TelegramConflictError(GetUpdates(), "terminated by other getUpdates request"),
        TelegramServerError(GetUpdates(), "Bad Gateway"),
        TelegramNetworkError(GetUpdates(), "ClientConnectorError: nobody there"),
        TelegramRetryAfter(GetUpdates(), "Too Many Requests", 1),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_after_an_error_the_poll_is_repeated_with_the_same_offset(
    telegram: Telegram,
    processor: Processor,
    clock: VirtualClock,
    error: TelegramAPIError,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    async def pause(_: LongPoller, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(LongPoller, "pause", pause)
    monkeypatch.setattr(LongPoller, "jittered", lambda _, seconds: seconds)
    telegram.post(1)
    async with polling(telegram, processor):
        await clock.until(lambda: telegram.confirmed == 102)
        telegram.errors = [error] * 3
        telegram.post(2)
        await clock.until(lambda: telegram.confirmed == 103)
    assert processor.of(1) == [101] and processor.of(2) == [102], "neither lost nor twice"
    patient = isinstance(error, TelegramRetryAfter)
    assert waits == ([1, 1, 1] if patient else [1, 2, 4]), "as long as it asks for, else longer from time to time"


async def test_a_pause_after_an_error_ends_with_the_stop(
    telegram: Telegram, processor: Processor, clock: VirtualClock
) -> None:
    telegram.errors = [TelegramRetryAfter(GetUpdates(), "Too Many Requests", 3000)]
    async with polling(telegram, processor):
        await clock.until(lambda: not telegram.errors)


async def test_a_refused_token_ends_polling(telegram: Telegram, processor: Processor, clock: VirtualClock) -> None:
    telegram.errors = [TelegramUnauthorizedError(GetUpdates(), "Unauthorized")]
    with pytest.raises(TelegramUnauthorizedError):
        await make_poller(telegram, processor).run()

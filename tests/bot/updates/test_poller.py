"""Taking updates in: each person's in order, people side by side, confirmed when done (Bot API, getUpdates)."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
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
from bot.updates.poller import MOST, LongPoller
from bot.updates.processor import Update
from handlers.tap import Left

KINDS = ["message", "callback_query"]


class Telegram:
    """The server's side of getUpdates: keeps updates until a higher offset is asked for.

    Asked with the same offset within half a second, it gives the oldest update alone, as Telegram's own does.
    """

    def __init__(self) -> None:
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
        self.times.append(time.monotonic())
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
        """Updates before this number are forgotten."""
        return max((payload.get("offset", 0) for payload in self.asked), default=0)


class Handler:
    """Handles updates; one of a person whose gate is shut waits."""

    def __init__(self) -> None:
        self.began: list[Update] = []
        self.done: list[Update] = []
        self.gates: dict[int, asyncio.Event] = defaultdict(self._open)

    @staticmethod
    def _open() -> asyncio.Event:
        gate = asyncio.Event()
        gate.set()
        return gate

    async def receive(self, update: Update, *, left: Left, more: Callable[[], bool] = lambda: False) -> None:
        self.began.append(update)
        await asyncio.sleep(0)
        await self.gates[_person(update)].wait()
        self.done.append(update)

    def of(self, person: int) -> list[int]:
        """The numbers of one person's updates in the order in which they were done."""
        return [update["update_id"] for update in self.done if _person(update) == person]


def _person(update: Update) -> int:
    sender: int = update["message"]["from"]["id"] if "message" in update else 0
    return sender


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        await asyncio.sleep(0.002)


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def handler() -> Handler:
    return Handler()


@asynccontextmanager
async def taking_in(telegram: Telegram, handler: Handler) -> AsyncIterator[LongPoller]:
    poller = LongPoller(telegram.call, handler.receive, KINDS)
    work = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        poller.stop()
        await asyncio.wait_for(work, 5)


async def test_each_persons_updates_are_handled_in_their_order(telegram: Telegram, handler: Handler) -> None:
    telegram.post(1, 2, 1, 3, 1, 2, 1)
    async with taking_in(telegram, handler):
        await until(lambda: len(handler.done) == 7)
    assert (handler.of(1), handler.of(2), handler.of(3)) == ([101, 103, 105, 107], [102, 106], [104])
    assert telegram.asked[0]["allowed_updates"] == KINDS


async def test_people_are_handled_side_by_side(telegram: Telegram, handler: Handler) -> None:
    handler.gates[1].clear()
    telegram.post(1, 2, 3, 1, 2)
    async with taking_in(telegram, handler):
        await until(lambda: len(handler.done) == 3)
        assert not handler.of(1) and len(handler.of(2)) == 2 and len(handler.of(3)) == 1
        assert [update["update_id"] for update in handler.began if _person(update) == 1] == [101]
        handler.gates[1].set()
        await until(lambda: len(handler.done) == 5)
    assert handler.of(1) == [101, 104]


async def test_an_update_is_confirmed_only_once_it_and_all_before_it_are_done(
    telegram: Telegram, handler: Handler
) -> None:
    handler.gates[2].clear()
    telegram.post(1, 2, 3)
    async with taking_in(telegram, handler):
        await until(lambda: len(handler.done) == 2)
        assert telegram.confirmed == 0 and len(telegram.asked) == 1
        await until(lambda: telegram.confirmed == 102)
        assert [update["update_id"] for update in telegram.kept] == [102, 103], "103 is done, and waits for 102"
        handler.gates[2].set()
        await until(lambda: telegram.confirmed == 104)
    assert not telegram.kept and len(handler.began) == 3


async def test_a_straggler_holds_up_nobody_but_its_own_person(telegram: Telegram, handler: Handler) -> None:
    handler.gates[1].clear()
    telegram.post(1, 2)
    async with taking_in(telegram, handler):
        for person in (3, 4):
            await until(lambda: handler.of(2) == [102])
            telegram.post(person, 1)
            await until(lambda: bool(handler.of(person)))  # noqa: B023 - looked at before the next person's turn
        assert telegram.confirmed == 0 and len(telegram.kept) == 6, "a kill now would lose nothing"
        assert [update["update_id"] for update in handler.began if _person(update) == 1] == [101]
        handler.gates[1].set()
        await until(lambda: telegram.confirmed == 107)
    assert handler.of(1) == [101, 104, 106], "its own person's order"
    assert len(handler.began) == 6, "what was given again was known"


async def test_what_is_given_again_with_a_straggler_is_asked_for_seldom(telegram: Telegram, handler: Handler) -> None:
    handler.gates[1].clear()
    telegram.post(1)
    gaps: list[float] = []
    async with taking_in(telegram, handler):
        while len(gaps) < 2:
            await until(lambda: len(telegram.asked) == len(gaps) + 2)
            gaps.append(telegram.since_same())
        handler.gates[1].set()
        await until(lambda: telegram.confirmed == 102)
    assert min(gaps) > 0.5, "or Telegram would give the straggler alone"
    assert len(handler.began) == 1


async def test_a_hundred_stragglers_are_all_that_is_in_hand(
    telegram: Telegram, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.updates.poller._ASK_AGAIN", 0)
    monkeypatch.setattr("bot.updates.poller._GATHER", 0)
    people = range(1, MOST + 3)
    for person in people:
        handler.gates[person].clear()
    telegram.post(*people)
    async with taking_in(telegram, handler):
        await until(lambda: len(handler.began) == MOST)
        handler.gates[50].set()
        await until(lambda: bool(handler.of(50)))
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(telegram.asked) == 1, "nothing new can come before the oldest is done"
        handler.gates[1].set()
        await until(lambda: len(handler.began) == MOST + 1)
        assert telegram.confirmed == 102, "the window moves by one"
        for person in people:
            handler.gates[person].set()
        await until(lambda: not telegram.kept)
    assert [update["update_id"] for update in handler.began] == list(range(101, 101 + len(people)))


async def test_an_update_that_is_done_while_it_is_asked_for_is_not_taken_again(
    telegram: Telegram, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler.gates[1].clear()
    telegram.post(1)
    answer = telegram.call

    async def slow(name: str, payload: dict[str, Any], seconds: float | None = None) -> Any:
        given = await answer(name, payload, seconds)
        if len(telegram.asked) == 2:  # the answer is on its way, and holds the straggler
            handler.gates[1].set()
            await until(lambda: handler.of(1) == [101])
        return given

    monkeypatch.setattr(telegram, "call", slow)
    async with taking_in(telegram, handler):
        await until(lambda: telegram.confirmed == 102)
    assert len(handler.began) == 1


async def test_what_overtook_a_straggler_comes_again_after_a_kill(telegram: Telegram, handler: Handler) -> None:
    handler.gates[1].clear()
    telegram.post(1, 2)
    killed = asyncio.create_task(LongPoller(telegram.call, handler.receive, KINDS).run())
    await until(lambda: len(telegram.asked) == 2)
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    await asyncio.sleep(0)
    handler.gates[1].set()
    assert not handler.of(1), "a kill leaves nobody at work"
    again = Handler()
    async with taking_in(telegram, again):
        await until(lambda: len(again.done) == 2)
    assert again.of(1) == [101] and again.of(2) == [102]


async def test_a_bug_below_ends_the_intake_with_its_error_and_confirms_nothing(telegram: Telegram) -> None:
    async def receive(update: Update, *, left: Left, more: Callable[[], bool]) -> None:
        raise LookupError("a bug")

    telegram.post(1)
    with pytest.raises(LookupError, match="a bug"):
        await asyncio.wait_for(LongPoller(telegram.call, receive, KINDS).run(), 5)
    assert telegram.confirmed == 0


async def test_r19_what_was_in_hand_at_a_kill_is_given_again(telegram: Telegram, handler: Handler) -> None:
    handler.gates[2].clear()
    telegram.post(1, 2)
    killed = asyncio.create_task(LongPoller(telegram.call, handler.receive, KINDS).run())
    await until(lambda: len(handler.began) == 2)
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    again = Handler()
    async with taking_in(telegram, again):
        await until(lambda: len(again.done) == 2)
    assert again.of(1) == [101] and again.of(2) == [102], (
        "and what each of them does, it does once: see R19's own tests"
    )


def test_on_the_event_loop_of_the_program_a_slow_update_keeps_nobody_waiting(
    telegram: Telegram, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop's clock shows whole milliseconds: a timer may ring before its moment."""
    monkeypatch.setattr(module, "_ASK_AGAIN", 0.051)

    async def go() -> None:
        handler.gates[1].clear()
        telegram.post(1)
        async with taking_in(telegram, handler):
            await until(lambda: len(telegram.asked) >= 20)
            handler.gates[1].set()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(go())


async def test_what_is_committed_and_on_its_way_need_not_come_again(telegram: Telegram, handler: Handler) -> None:
    """While Telegram takes the answers to some, the next ones come."""
    handler.gates[1].clear()

    async def receive(update: Update, *, left: Left, more: Callable[[], bool]) -> None:
        if update["update_id"] == 101:
            left()
        await handler.receive(update, left=left)

    telegram.post(1, 1)
    poller = LongPoller(telegram.call, receive, KINDS)
    work = asyncio.create_task(poller.run())
    await until(lambda: telegram.confirmed == 102)
    telegram.post(2)
    await until(lambda: handler.of(2) == [103])
    assert [update["update_id"] for update in handler.began] == [101, 103], "each person's own stay in their order"
    poller.stop()
    handler.gates[1].set()
    await asyncio.wait_for(work, 5)
    assert handler.of(1) == [101, 102] and telegram.confirmed == 104


async def test_stopping_finishes_what_is_in_hand_and_confirms_it(telegram: Telegram, handler: Handler) -> None:
    handler.gates[1].clear()
    telegram.post(1, 1, 2)
    async with taking_in(telegram, handler) as poller:
        await until(lambda: len(handler.done) == 1)
        poller.stop()
        telegram.post(3)
        handler.gates[1].set()
    assert handler.of(1) == [101, 102] and not handler.of(3)
    assert telegram.confirmed == 104 and telegram.asked[-1]["timeout"] == 0
    assert [update["update_id"] for update in telegram.kept] == [104], "what came later is the next start's"


async def test_stopping_ends_a_poll_that_waits(telegram: Telegram, handler: Handler) -> None:
    async with taking_in(telegram, handler):
        await until(lambda: len(telegram.asked) == 1)
        began = time.monotonic()
    assert time.monotonic() - began < 1 and len(telegram.asked) == 1, "nothing to confirm"


async def test_updates_of_a_kind_that_nobody_knows_hold_up_nothing(telegram: Telegram, handler: Handler) -> None:
    telegram.kept = [{"update_id": 90, "mind_reading": {"thought": "?"}}, {"update_id": 91, "poll": {"id": "1"}}]
    telegram.post(1)
    async with taking_in(telegram, handler):
        await until(lambda: telegram.confirmed == 102)
    assert len(handler.done) == 3


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
async def test_after_an_error_it_asks_again_for_the_same(
    telegram: Telegram, handler: Handler, error: TelegramAPIError, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def wait(_: LongPoller, seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(LongPoller, "_pause", wait)
    telegram.post(1)
    async with taking_in(telegram, handler):
        await until(lambda: telegram.confirmed == 102)
        telegram.errors = [error] * 3
        telegram.post(2)
        await until(lambda: telegram.confirmed == 103)
    assert handler.of(1) == [101] and handler.of(2) == [102], "neither lost nor twice"
    patient = isinstance(error, TelegramRetryAfter)
    assert waits == ([1, 1, 1] if patient else [1, 2, 4]), "as long as it asks for, else longer from time to time"


async def test_a_pause_after_an_error_ends_with_the_stop(telegram: Telegram, handler: Handler) -> None:
    telegram.errors = [TelegramRetryAfter(GetUpdates(), "Too Many Requests", 3000)]
    async with taking_in(telegram, handler):
        await until(lambda: not telegram.errors)


async def test_a_refused_token_ends_the_intake(telegram: Telegram, handler: Handler) -> None:
    telegram.errors = [TelegramUnauthorizedError(GetUpdates(), "Unauthorized")]
    with pytest.raises(TelegramUnauthorizedError):
        await LongPoller(telegram.call, handler.receive, KINDS).run()

"""A user who taps faster than the bot answers delays no other user: getUpdates shows a hundred updates at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.services import Services
from bot.telegram.session import BotSession
from bot.updates.floods import FAIR_SHARE, FloodNotices
from bot.updates.poller import LongPoller
from bot.updates.processor import Ack, AckState
from bot.wiring import make_components
from tests.bot.delivery.sender_kit import TOKEN
from tests.bot.updates.test_poller import KINDS, Telegram
from tests.bot.updates.test_processor import Telegram as Api
from tests.bot.updates.test_processor import tap
from tests.virtual_clock import VirtualClock

FLOODER, OTHER = 1, 2
SECONDS_EACH = 0.15
"""What an update takes: as long as a new link with its poster took."""


class Slow:
    """Takes its time for each update, and notes when each was done and which were refused."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.done: list[tuple[int, float]] = []
        self.superseded: list[int] = []
        self.refused: list[int] = []

    async def process(self, ack: Ack) -> None:
        await self.clock.sleep(SECONDS_EACH)
        self.done.append((ack.user_id, self.clock.monotonic()))
        if ack.superseded:
            self.superseded.append(ack.update["update_id"])
        ack.state = AckState.HANDLED

    def refuse(self, ack: Ack) -> None:
        self.refused.append(ack.update["update_id"])

    def done_at(self, user: int) -> float | None:
        """When the first update of a user was done."""
        return next((at for who, at in self.done if who == user), None)

    def number_of(self, user: int) -> int:
        return sum(who == user for who, _ in self.done)


@asynccontextmanager
async def polling(telegram: Telegram, slow: Slow) -> AsyncIterator[None]:
    poller = LongPoller(telegram.call, slow.process, KINDS, telegram.clock, refuse=slow.refuse)
    work = asyncio.create_task(poller.run())
    try:
        yield
    finally:
        poller.stop()
        await slow.clock.until(work.done)
        work.result()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def telegram(clock: VirtualClock) -> Telegram:
    return Telegram(clock)


@pytest.fixture
def slow(clock: VirtualClock) -> Slow:
    return Slow(clock)


async def test_a_thousand_taps_of_one_user_hold_up_another_for_less_than_a_second(
    telegram: Telegram, slow: Slow, clock: VirtualClock
) -> None:
    telegram.post(*[FLOODER] * 1000, OTHER)
    async with polling(telegram, slow):
        await clock.until(lambda: slow.done_at(OTHER) is not None)
        assert (slow.done_at(OTHER) or 0) < 1.0, "1,000 times 0.15 s before"
        await clock.until(lambda: not telegram.kept)
    assert slow.number_of(FLOODER) + len(slow.refused) == 1000, "each is handled or refused"


async def test_taps_while_others_do_not_wait_are_all_handled(
    telegram: Telegram, slow: Slow, clock: VirtualClock
) -> None:
    telegram.post(*[FLOODER] * 60)
    async with polling(telegram, slow):
        await clock.until(lambda: slow.number_of(FLOODER) == 60)
    assert not slow.refused


async def test_a_few_taps_of_each_user_are_kept_in_order_when_all_tap_at_once(
    telegram: Telegram, slow: Slow, clock: VirtualClock
) -> None:
    everyone = range(1, 51)
    telegram.post(*[user for _ in range(FAIR_SHARE) for user in everyone])
    async with polling(telegram, slow):
        await clock.until(lambda: len(slow.done) == 50 * FAIR_SHARE)
    assert not slow.refused


async def test_the_last_tap_before_refused_ones_is_not_retried_for_long(
    telegram: Telegram, slow: Slow, clock: VirtualClock
) -> None:
    """An answer that Telegram refuses for half a minute would hold the window where it is."""
    telegram.post(*[FLOODER] * 150)
    async with polling(telegram, slow):
        await clock.until(lambda: not telegram.kept)
    assert len(slow.superseded) >= FAIR_SHARE


async def test_a_user_is_served_again_a_moment_after_the_flood(
    telegram: Telegram, slow: Slow, clock: VirtualClock
) -> None:
    telegram.post(*[FLOODER] * 300)
    async with polling(telegram, slow):
        await clock.until(lambda: not telegram.kept)
        await clock.advance(2)
        served = slow.number_of(FLOODER)
        telegram.post(FLOODER)
        await clock.until(lambda: slow.number_of(FLOODER) == served + 1)


@pytest.mark.parametrize(
    "event",
    [
        {"my_chat_member": {"from": {"id": FLOODER}}},
        {"message": {"message_id": 1, "from": {"id": FLOODER}, "migrate_to_chat_id": -100}},
        {"channel_post": {"message_id": 1}},
    ],
)
async def test_what_no_tap_repeats_is_never_refused(
    telegram: Telegram, slow: Slow, clock: VirtualClock, event: dict[str, Any]
) -> None:
    telegram.post(*[FLOODER] * 150)
    for _ in range(30):
        telegram.number += 1
        telegram.kept.append({"update_id": telegram.number, **event})
    numbers = {update["update_id"] for update in telegram.kept[-30:]}
    async with polling(telegram, slow):
        await clock.until(lambda: not telegram.kept)
    assert not numbers & set(slow.refused)


@pytest.fixture
async def told(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[FloodNotices, Api]]:
    api = Api()
    monkeypatch.setattr(BotSession, "call", lambda *given, **_: api.call(*given))
    monkeypatch.setattr(BotSession, "make_request", lambda *given, **_: api.make_request(*given))
    services.context.clock = VirtualClock(services.context.clock.now())
    running = make_components(services, TOKEN, "http://127.0.0.1:1")
    yield FloodNotices(running.messenger, running.processor.say), api
    await running.bot.session.close()


async def test_many_refused_taps_are_told_once_and_when_it_works_again(told: tuple[FloodNotices, Api]) -> None:
    notices, api = told
    refused = [Ack(tap(number)) for number in range(100)]
    for ack in refused:
        notices.refuse(ack)
    for _ in range(20):
        await asyncio.sleep(0)
    assert api.answers == ["That was too many at once, so not all of it was done. It works again in a few seconds."]
    assert {ack.state for ack in refused} == {AckState.REFUSED}


async def test_a_malformed_update_that_is_refused_raises_nothing(told: tuple[FloodNotices, Api]) -> None:
    notices, api = told
    notices.refuse(Ack({"update_id": 1, "callback_query": {"from": {"id": FLOODER}}}))
    notices.refuse(Ack({"update_id": 2, "message": None}))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not api.answers

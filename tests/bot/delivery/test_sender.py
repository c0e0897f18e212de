"""The sender while Telegram refuses calls, ends connections and is slow (R13, R24, R26, R27; Bot API, sendMessage)."""

# ruff: noqa: F401, F811 - fixtures of another file are requested by name

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiogram.client.session.aiohttp import AiohttpSession

from bot.services import Services, make_services
from bot.telegram.session import BotSession
from bot.wiring import make_components
from domain.people import Member
from sandbox import Sandbox
from services.clock import SystemClock
from services.groups import Scheduled
from services.pictures.uploads import Pictures
from storage.db import Database
from tests.bot.delivery.sender_kit import TOKEN, Make, SenderKit, make_kit
from tests.conftest import TUESDAY_TEN, meet, settings_for
from tests.services.conftest import ask, on_display, one, order
from tests.virtual_clock import VirtualClock


async def test_r9_r13_only_a_carousel_that_arrived_counts_as_seen(make_kit: Make) -> None:
    kit = await make_kit(6)
    kit.box.backend.faults.add({"kind": "500", "method": "sendPhoto", "chat": str(kit.people[0].chat_id)})
    await kit.carousels()
    await kit.deliver()
    assert await kit.states() == {"sent": 5, "unknown": 1}
    assert await one(kit.db, "SELECT sum(shown) FROM items") == 5
    seen = await ask(kit.db, "SELECT DISTINCT member_id FROM exposures")
    assert {row.member_id for row in seen} == {member.id for member in kit.people[1:]}


# -- refusals --


async def test_two_429s_in_different_chats_cause_one_pause_and_lose_nothing(make_kit: Make) -> None:
    kit = await make_kit(20, rate=50)
    await kit.alerts()

    async def some_are_out() -> bool:
        return kit.arrived().total() >= 4

    async with kit.at_work():
        await kit.until(some_are_out)
        kit.box.backend.faults.add({"kind": "429", "method": "sendPhoto", "retry_after": 1, "count": 2})
        await kit.until(kit.settled)
    calls = kit.sends()
    pause_began = max(at for at, call in zip(kit.sends_at, calls, strict=True) if not call["ok"])
    in_the_pause = [at for at in kit.sends_at if pause_began < at < pause_began + 1]
    assert not in_the_pause, f"{len(in_the_pause)} sends while Telegram wanted silence"
    assert sum(not call["ok"] for call in calls) == 2
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}
    assert await kit.states() == {"sent": 20}


async def test_a_notification_not_yet_sent_at_a_429_waits_for_the_pause(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its send slot may have passed: reading a picture takes a while."""
    kit = await make_kit(20, rate=50)
    await kit.alerts()
    read, left_at = Pictures.content, list[float]()

    async def read_slowly(pictures: Pictures, picture: int) -> bytes:
        kit.in_flight -= 1
        await kit.clock.sleep(0.2)
        kit.in_flight += 1
        return await read(pictures, picture)

    async def leave(session: BotSession, *args: Any, **options: Any) -> Any:
        left_at.append(kit.clock.monotonic())
        return await make_request(session, *args, **options)

    make_request = AiohttpSession.make_request
    monkeypatch.setattr(Pictures, "content", read_slowly)
    monkeypatch.setattr(AiohttpSession, "make_request", leave)
    kit.fault("429", retry_after=1, count=2)
    await kit.deliver()
    refused_at = left_at[1]
    assert not [at for at in left_at[2:] if at < refused_at + 1]
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}
    assert await kit.states() == {"sent": 20}


async def test_a_429_without_parameters_is_a_429(make_kit: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.errors import Refusal

    monkeypatch.setattr(
        "sandbox.bot_api.faults.too_many", lambda seconds: Refusal(429, "Too Many Requests: retry after 1")
    )
    kit = await make_kit(1)
    await kit.alerts()
    kit.fault("429", retry_after=1, count=1)
    await kit.deliver()
    first, second = kit.sends_at
    assert second - first >= 1 and await kit.states() == {"sent": 1}


async def test_stopping_does_not_wait_for_the_end_of_a_long_pause(make_kit: Make) -> None:
    kit = await make_kit(30)
    await kit.alerts()
    kit.fault("429", retry_after=3000)

    async def was_refused() -> bool:
        return bool(kit.sends())

    async with kit.at_work():
        await kit.until(was_refused)
        stopped_at = kit.clock.monotonic()
    assert kit.clock.monotonic() - stopped_at < 3
    assert await kit.states() == {"pending": 30}, "what was held is given back"


async def test_r26_a_member_who_blocked_the_bot_is_dropped_and_others_are_notified(make_kit: Make) -> None:
    kit = await make_kit(4)
    blocked, unknown = kit.people[0], kit.people[1]
    kit.box.world.person(blocked.chat_id).blocked.append(int(TOKEN.partition(":")[0]))
    kit.box.world.private_chat(unknown.chat_id, int(TOKEN.partition(":")[0])).started = False
    await kit.alerts()
    await kit.carousels()
    await kit.deliver()
    assert kit.arrived() == {member.chat_id: 2 for member in kit.people[2:]}
    assert Counter(str(call["chat_id"]) for call in kit.sends())[str(blocked.chat_id)] == 1, "one refusal is enough"
    rows = await ask(kit.db, "SELECT chat_id, unreachable FROM members WHERE unreachable IS NOT NULL")
    assert {row.chat_id: row.unreachable for row in rows} == {
        blocked.chat_id: "blocked",
        unknown.chat_id: "unreachable",
    }
    assert await kit.states() == {"sent": 4, "suppressed": 4}
    again = await meet(kit.services, blocked.chat_id, "P")
    assert await one(kit.db, "SELECT unreachable FROM members WHERE id = :id", id=again.id) is None


async def test_a_notification_that_telegram_will_never_accept_is_tried_once(make_kit: Make) -> None:
    kit = await make_kit(1)
    item = await kit.alerts()
    await order(kit.db, "UPDATE items SET title_en = :long WHERE id = :id", long="x" * 2000, id=item)
    await kit.deliver()
    assert await kit.states() == {"dead": 1}
    assert len(kit.sends()) == 1 and not kit.arrived()
    assert "too long" in await one(kit.db, "SELECT reason FROM notifications LIMIT 1")


# -- lost answers --


@pytest.mark.parametrize("kind", ["500", "502", "reset_before", "reset_after", "truncate"])
async def test_r26_an_alert_whose_answer_was_lost_is_sent_once_more(make_kit: Make, kind: str) -> None:
    kit = await make_kit(1)
    await kit.alerts()
    kit.box.backend.faults.add({"kind": kind, "method": "sendPhoto", "count": 1})
    async with kit.at_work():
        await kit.until(lambda: _tried(kit, 1))
        await kit.until(kit.settled)
    assert len(kit.sends()) == 2 and await kit.states() == {"sent": 1}
    assert kit.arrived().total() == (2 if kind in ("reset_after", "truncate") else 1)


async def _tried(kit: SenderKit, times: int) -> bool:
    return (await one(kit.db, "SELECT sum(uncertain_attempts) FROM notifications") or 0) >= times


@pytest.mark.parametrize("kind", ["500", "502", "reset_after"])
async def test_r26_an_alert_is_never_sent_a_third_time(make_kit: Make, kind: str) -> None:
    kit = await make_kit(1)
    await kit.alerts()
    kit.fault(kind)
    async with kit.at_work():
        await kit.until(lambda: _tried(kit, 1))
        await kit.until(kit.settled)
        kit.box.backend.faults.remove()
        kit.jump(hours=1)
        await kit.until(kit.settled)
    assert len(kit.sends()) == 2 and await kit.states() == {"unknown": 1}


@pytest.mark.parametrize("kind", ["500", "502", "reset_before", "reset_after", "truncate"])
async def test_r13_a_carousel_whose_answer_was_lost_is_never_sent_again(make_kit: Make, kind: str) -> None:
    kit = await make_kit(1)
    await kit.carousels()
    kit.box.backend.faults.add({"kind": kind, "method": "sendPhoto", "count": 1})
    async with kit.at_work():
        await kit.until(kit.settled)
        kit.jump(hours=1)
        await kit.until(kit.settled)
    assert len(kit.sends()) == 1 and await kit.states() == {"unknown": 1}


async def test_r26_a_notification_that_was_never_sent_is_retried_until_it_is(make_kit: Make) -> None:
    """Without a connection it is certain that nothing was sent: no notification is dropped or sent twice."""
    kit = await make_kit(6)
    await kit.alerts()
    await kit.carousels()
    await kit.box.stop()

    async def tried() -> bool:
        return bool(await one(kit.db, "SELECT count(*) FROM notifications WHERE reason LIKE '%Connect%'"))

    async with kit.at_work():
        await kit.until(tried)
        await kit.box.start()
        await kit.until(kit.settled)
    assert kit.arrived() == {member.chat_id: 2 for member in kit.people}
    assert await kit.states() == {"sent": 12}


async def test_r26_an_outage_of_seconds_does_not_use_up_the_one_retry_of_each_notification(make_kit: Make) -> None:
    kit = await make_kit(30, rate=100)
    await kit.alerts()
    kit.fault("500")

    async def doubted() -> bool:
        return sum(not call["ok"] for call in kit.sends()) >= 3

    async with kit.at_work():
        await kit.until(doubted)
        assert isinstance(kit.clock, VirtualClock)
        await kit.clock.advance(20)
        kit.box.backend.faults.remove()
        await kit.until(kit.settled)
    states = await kit.states()
    assert states["sent"] >= 25 and states["sent"] + states["unknown"] == 30, states
    assert max(kit.arrived().values()) == 1


# -- the rate --


def most_within(kit: SenderKit, seconds: float) -> int:
    """The most sends in any period of this number of seconds."""
    times = kit.sends_at
    return max(sum(start <= other < start + seconds for other in times[first:]) for first, start in enumerate(times))


async def test_r24_the_rate_is_never_exceeded_in_any_second(make_kit: Make) -> None:
    kit = await make_kit(1, rate=30)
    await kit.alerts()
    await kit.deliver()  # from now on Telegram knows the picture
    kit.people.clear()
    await kit.join(45)
    await kit.alerts()
    await kit.deliver()
    assert len(kit.sends()) == 46 == kit.arrived().total()
    assert most_within(kit, 1.0) <= 30


async def test_r24_the_rate_is_kept_up_however_slowly_telegram_answers(make_kit: Make) -> None:
    """The lead of an alert is computed from the rate: a sender that waits for each answer would be late (R24)."""
    kit = await make_kit(45, rate=30)
    await kit.alerts()
    kit.answer_takes = 0.5
    await kit.deliver()
    starts = kit.sends_at
    assert len(starts) == 45 and kit.arrived().total() == 45
    assert starts[-1] - starts[0] < 44 / 30 * 1.1


async def test_r27_an_alert_overtakes_pending_carousels(make_kit: Make) -> None:
    kit = await make_kit(40, rate=40)
    await kit.carousels()
    others, kit.people = kit.people, []
    await kit.join(5)

    async def some_are_out() -> bool:
        return kit.arrived().total() >= 8

    async with kit.at_work():
        await kit.until(some_are_out)
        await kit.alerts()
        before = kit.arrived().total()
        await kit.until(kit.settled)
    assert kit.arrived() == {member.chat_id: 1 for member in (*others, *kit.people)}
    order_of_sending = [int(call["chat_id"]) for call in kit.sends()]
    last_alert = max(order_of_sending.index(member.chat_id) for member in kit.people)
    assert before < 30, "there is something left to overtake"
    assert last_alert < before + 20 + 5 + 5, "half a second's worth is held, and no more goes before them"


async def test_one_chat_with_many_notifications_does_not_delay_the_others(make_kit: Make) -> None:
    kit = await make_kit(12, rate=100)
    hurried = kit.people[0]
    for place in range(3):
        everyone, kit.people = kit.people, [hurried]
        await kit.alerts(place=place)
        kit.people = everyone
    await kit.alerts(place=3)

    async def others_are_told() -> bool:
        return len(set(kit.arrived()) - {hurried.chat_id}) == 11

    async with kit.at_work():
        await kit.until(others_are_told, within=2)  # four notifications to one chat take three seconds
        await kit.until(kit.settled)
    assert kit.arrived()[hurried.chat_id] == 4
    times = [at for at, chat in zip(kit.sends_at, kit.chats(), strict=True) if chat == hurried.chat_id]
    assert min(b - a for a, b in pairwise(times)) >= 1, "a message a second to one chat"


# -- errors inside the bot --

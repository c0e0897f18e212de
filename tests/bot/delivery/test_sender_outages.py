"""The sender during failures of the bot itself: a bug in one notification, the database, the process (R26)."""

# ruff: noqa: F401, F811 - fixtures of another file are requested by name

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.sender import NotificationSender
from services.notifications import outbox as module
from services.notifications.outbox import LEASE, ClaimedNotification
from storage.db.errors import DatabaseUnavailable
from tests.bot.delivery.sender_kit import Make, SenderKit, make_kit


class Outage:
    """The kit's database is unavailable while it is `on`."""

    def __init__(self, kit: SenderKit, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        self._refused = 0
        self._write = kit.db.write
        monkeypatch.setattr(kit.db, "write", self._door)

    @asynccontextmanager
    async def _door(self) -> AsyncIterator[AsyncConnection]:
        if self.on:
            self._refused += 1
            raise DatabaseUnavailable("it is stopped")
        async with self._write() as connection:
            yield connection

    async def begun(self) -> bool:
        return self._refused > 0

    async def several_wait(self) -> bool:
        return self._refused > 8


async def test_a_bug_in_one_notification_stops_no_other(make_kit: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = await make_kit(5)
    await kit.alerts()
    contents = kit.services.outbox.contents

    async def broken(notification: ClaimedNotification) -> Any:
        if notification.member_id == kit.people[2].id:
            raise RuntimeError("a bug")
        return await contents(notification)

    monkeypatch.setattr(kit.services.outbox, "contents", broken)

    async def others_are_told() -> bool:
        return (await kit.states())["sent"] == 4

    async with kit.at_work():
        await kit.until(others_are_told)
    assert await kit.states() == {"sent": 4, "pending": 1}


async def test_r26_a_short_failure_of_the_database_loses_nothing(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(5)
    await kit.alerts()
    outbox = kit.services.outbox
    begin, claim, sent = outbox.begin, outbox.claim, outbox.sent
    troubles = {"claim": 1, "begin": 1, "sent": 1}

    def failing(name: str, verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def fails_once(*args: Any) -> Any:
            if troubles[name]:
                troubles[name] -= 1
                raise OSError("disk full")
            return await verb(*args)

        return fails_once

    for name, verb in (("claim", claim), ("begin", begin), ("sent", sent)):
        monkeypatch.setattr(outbox, name, failing(name, verb))

    async def the_rest_is_settled() -> bool:
        return (await kit.states())["sent"] == 3

    async with kit.at_work():
        await kit.until(the_rest_is_settled)
        assert await kit.states() == {"sent": 3, "claimed": 1, "inflight": 1}
        await kit.until(kit.settled)
    assert await kit.states() == {"sent": 5}
    assert sorted(kit.arrived().values()) == [1, 1, 1, 1, 2], "only the one whose arrival was not noted comes twice"


async def test_r26_answers_of_telegram_are_stored_after_an_outage_and_nothing_is_sent_twice(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kit = await make_kit(8, rate=20)
    await kit.alerts()
    await kit.carousels()
    outage_log = Outage(kit, monkeypatch)

    async def some_are_out() -> bool:
        return kit.arrived().total() >= 3

    async with kit.at_work():
        await kit.until(some_are_out)
        outage_log.on = True
        await kit.until(outage_log.several_wait)
        outage_log.on = False
        await kit.until(kit.settled)
    assert await kit.states() == {"sent": 16}
    assert kit.arrived() == {member.chat_id: 2 for member in kit.people}
    said = [line.partition(",")[0].partition(" after ")[0] for line in caplog.messages if "the database is" in line]
    assert said == ["the database is unavailable", "the database is available again"], "one line each"


async def test_a_stop_does_not_wait_for_an_unavailable_database_and_loses_no_notification(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(8, rate=20)
    await kit.alerts()
    outage_log = Outage(kit, monkeypatch)
    contents = kit.services.outbox.contents

    async def then_away(notification: ClaimedNotification) -> Any:
        outage_log.on = True
        return await contents(notification)

    monkeypatch.setattr(kit.services.outbox, "contents", then_away)
    async with kit.at_work():
        await kit.until(outage_log.several_wait)
    assert not kit.sends()
    assert (await kit.states())["claimed"] > 0, "it has ended with claimed notifications"
    monkeypatch.undo()
    await kit.deliver()
    assert kit.arrived() == {member.chat_id: 1 for member in kit.people}


async def test_r26_a_stop_waits_until_accepted_notifications_are_stored(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(1)
    await kit.carousels()
    monkeypatch.setattr(module, "STOP_WAITS", 0.0)
    outage_log = Outage(kit, monkeypatch)
    send = kit.services.outbox.sent

    async def away_now(notification: ClaimedNotification, message_id: int) -> None:
        outage_log.on = True
        await send(notification, message_id)

    async def comes_back() -> None:
        await kit.until(outage_log.several_wait)
        outage_log.on = False

    monkeypatch.setattr(kit.services.outbox, "sent", away_now)
    async with kit.at_work():
        await kit.until(outage_log.begun)
        back = asyncio.create_task(comes_back())
    await back
    assert await kit.states() == {"sent": 1}


async def test_r26_a_stop_waits_until_refused_notifications_are_stored(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A carousel that stays in flight would be uncertain, and would never be sent again."""
    kit = await make_kit(1)
    await kit.carousels()
    monkeypatch.setattr(module, "STOP_WAITS", 0.0)
    outbox = kit.services.outbox
    (notification,) = await outbox.claim(1)
    assert await outbox.begin(notification)
    outage_log = Outage(kit, monkeypatch)
    outage_log.on = True
    outbox.stop()
    noting = asyncio.create_task(outbox.again(notification, timedelta(0), "too many requests"))
    await kit.until(outage_log.several_wait)
    outage_log.on = False
    await kit.finish(noting)
    assert await kit.states() == {"pending": 1}


async def test_a_sender_that_starts_during_an_outage_waits_for_the_database(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(3)
    await kit.alerts()
    outage_log = Outage(kit, monkeypatch)
    outage_log.on = True
    async with kit.at_work():
        await kit.until(outage_log.several_wait)
        outage_log.on = False
        await kit.until(kit.settled)
    assert await kit.states() == {"sent": 3}


async def test_r26_a_sender_that_was_paused_beyond_half_of_the_lease_sends_nothing(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(2)
    await kit.carousels()
    begin = kit.services.outbox.begin
    slept: list[int] = []

    async def sleeps_once(notification: ClaimedNotification) -> Any:
        begun = await begin(notification)
        if not slept:
            slept.append(notification.id)
            kit.jump(seconds=LEASE.total_seconds())
            assert await kit.services.outbox.recover(everything=False) == (0, 1), "somebody has taken it over"
        return begun

    monkeypatch.setattr(kit.services.outbox, "begin", sleeps_once)
    await kit.deliver()
    assert await kit.states() == {"sent": 1, "unknown": 1}
    assert kit.arrived().total() == 1, "what was taken over has not left"


async def test_notifications_that_a_killed_sender_left_in_flight_follow_their_policy(make_kit: Make) -> None:
    kit = await make_kit(3)
    await kit.alerts()
    await kit.carousels()
    outbox = kit.services.outbox
    held = await outbox.claim(50)
    assert len(held) == 6
    for notification in held[::2]:
        assert await outbox.begin(notification)
    in_flight = Counter(notification.kind.value for notification in held[::2])
    await kit.deliver()
    carousels = in_flight["carousel"]
    assert await kit.states("group%") == {"sent": 3}
    assert await kit.states("carousel") == {"sent": 3 - carousels, "unknown": carousels}
    assert carousels > 0


async def test_a_notification_that_cannot_be_rendered_is_not_sent_and_delays_no_other(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(4)
    await kit.carousels()
    whole, broken = NotificationSender._screen, kit.people[0].chat_id

    async def screen(self: NotificationSender, contents: Any, **options: Any) -> Any:
        if contents.chat_id == broken:
            raise KeyError("a bug in a view")
        return await whole(self, contents, **options)

    async def the_others_have_theirs() -> bool:
        return await kit.states() == {"sent": 3, "pending": 1}

    monkeypatch.setattr(NotificationSender, "_screen", screen)
    async with kit.at_work():
        await kit.until(the_others_have_theirs)
        monkeypatch.undo()
        await kit.until(kit.settled)
    assert await kit.states() == {"sent": 4}

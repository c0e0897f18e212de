"""The courier when something of ours breaks: a bug in a letter, the database, the process itself (R26)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

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
from storage.errors import DatabaseUnavailable
from tests.bot.delivery.test_sender import Make, Office, make_office, until
from tests.services.conftest import made_once


class Outage:
    """The office's database takes nothing while it is `on`."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = False
        self._refused = 0
        self._write = office.db.write
        monkeypatch.setattr(office.db, "write", self._door)

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


async def test_a_bug_in_one_letter_keeps_no_other_from_its_reader(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(5)
    await office.alerts()
    contents = office.services.outbox.contents

    async def broken(notification: ClaimedNotification) -> Any:
        if notification.member_id == office.people[2].id:
            raise RuntimeError("a bug")
        return await contents(notification)

    monkeypatch.setattr(office.services.outbox, "contents", broken)

    async def others_are_told() -> bool:
        return (await office.states())["sent"] == 4

    async with office.at_work():
        await until(others_are_told)
    assert await office.states() == {"sent": 4, "pending": 1}


async def test_r26_a_database_that_fails_for_a_moment_stops_and_loses_nothing(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(5)
    await office.alerts()
    outbox = office.services.outbox
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
        return (await office.states())["sent"] == 3

    async with office.at_work():
        await until(the_rest_is_settled)
        assert await office.states() == {"sent": 3, "claimed": 1, "inflight": 1}
        office.box.clock.advance(timedelta(minutes=10))  # the leases are over
        await until(office.settled)
    assert await office.states() == {"sent": 5}
    assert sorted(office.arrived().values()) == [1, 1, 1, 1, 2], "only the one whose arrival was not noted comes twice"


async def test_r26_what_telegram_has_answered_is_noted_when_the_database_is_back_and_nothing_comes_twice(
    make_office: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = await make_office(8, rate=20)
    await office.alerts()
    await office.carousels()
    outage_log = Outage(office, monkeypatch)

    async def some_are_out() -> bool:
        return office.arrived().total() >= 3

    async with office.at_work():
        await until(some_are_out)
        outage_log.on = True
        await until(outage_log.several_wait)
        outage_log.on = False
        await until(office.settled)
    assert await office.states() == {"sent": 16}
    assert office.arrived() == {member.chat_id: 2 for member in office.people}
    said = [line.partition(",")[0].partition(" after ")[0] for line in caplog.messages if "the database is" in line]
    assert said == ["the database is unavailable", "the database is available again"], "one line each"


@pytest.mark.long
async def test_a_stop_waits_for_no_database_that_is_away_and_no_letter_is_lost(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(8, rate=20)
    await office.alerts()
    outage_log = Outage(office, monkeypatch)
    contents = office.services.outbox.contents

    async def then_away(notification: ClaimedNotification) -> Any:
        outage_log.on = True
        return await contents(notification)

    monkeypatch.setattr(office.services.outbox, "contents", then_away)
    async with office.at_work():
        await until(outage_log.several_wait)
    assert not office.sends()
    assert (await office.states())["claimed"] > 0, "it has ended with letters in its hands"
    monkeypatch.undo()
    await office.deliver()
    assert office.arrived() == {member.chat_id: 1 for member in office.people}


async def test_r26_a_stop_waits_for_the_database_to_note_what_telegram_has_taken(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(1)
    await office.carousels()
    monkeypatch.setattr(module, "STOP_WAITS", 0.0)
    outage_log = Outage(office, monkeypatch)
    send = office.services.outbox.sent

    async def away_now(notification: ClaimedNotification, message_id: int) -> None:
        outage_log.on = True
        await send(notification, message_id)

    async def comes_back() -> None:
        await until(outage_log.several_wait)
        outage_log.on = False

    monkeypatch.setattr(office.services.outbox, "sent", away_now)
    async with office.at_work():
        await until(outage_log.begun)
        back = asyncio.create_task(comes_back())
    await back
    assert await office.states() == {"sent": 1}


async def test_r26_a_stop_waits_for_the_database_to_note_that_telegram_took_no_letter(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a carousel that is left in flight nobody would know whether it has arrived, and it would never come."""
    office = await make_office(1)
    await office.carousels()
    monkeypatch.setattr(module, "STOP_WAITS", 0.0)
    outbox = office.services.outbox
    (notification,) = await outbox.claim(1)
    assert await outbox.begin(notification)
    outage_log = Outage(office, monkeypatch)
    outage_log.on = True
    outbox.stop()
    noting = asyncio.create_task(outbox.again(notification, timedelta(0), "too many requests"))
    await until(outage_log.several_wait)
    outage_log.on = False
    await noting
    assert await office.states() == {"pending": 1}


async def test_a_courier_that_is_started_while_the_database_is_away_waits_for_it(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(3)
    await office.alerts()
    outage_log = Outage(office, monkeypatch)
    outage_log.on = True
    async with office.at_work():
        await until(outage_log.several_wait)
        outage_log.on = False
        await until(office.settled)
    assert await office.states() == {"sent": 3}


async def test_r26_who_stood_still_past_half_of_the_lease_sends_nothing(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(2)
    await office.carousels()
    begin = office.services.outbox.begin
    slept: list[int] = []

    async def sleeps_once(notification: ClaimedNotification) -> Any:
        begun = await begin(notification)
        if not slept:
            slept.append(notification.id)
            office.box.clock.advance(LEASE)
            assert await office.services.outbox.recover(everything=False) == (0, 1), "somebody has taken it over"
        return begun

    monkeypatch.setattr(office.services.outbox, "begin", sleeps_once)
    await office.deliver()
    assert await office.states() == {"sent": 1, "unknown": 1}
    assert office.arrived().total() == 1, "what was taken over has not left"


async def test_what_a_killed_courier_left_in_flight_follows_its_policy(make_office: Make) -> None:
    office = await make_office(3)
    await office.alerts()
    await office.carousels()
    outbox = office.services.outbox
    held = await outbox.claim(50)
    assert len(held) == 6
    for notification in held[::2]:
        assert await outbox.begin(notification)
    in_flight = Counter(notification.kind.value for notification in held[::2])
    await office.deliver()
    carousels = in_flight["carousel"]
    assert await office.states("group%") == {"sent": 3}
    assert await office.states("carousel") == {"sent": 3 - carousels, "unknown": carousels}
    assert carousels > 0


async def test_a_letter_that_cannot_be_shown_has_not_left_and_slows_nobody(
    make_office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await make_office(4)
    await office.carousels()
    whole, broken = NotificationSender._screen, office.people[0].chat_id

    async def screen(self: NotificationSender, contents: Any, **options: Any) -> Any:
        if contents.chat_id == broken:
            raise KeyError("a bug in a view")
        return await whole(self, contents, **options)

    async def the_others_have_theirs() -> bool:
        return await office.states() == {"sent": 3, "pending": 1}

    monkeypatch.setattr(NotificationSender, "_screen", screen)
    async with office.at_work():
        await until(the_others_have_theirs)
        monkeypatch.undo()
        office.box.clock.advance(timedelta(minutes=2))
        await until(office.settled)
    assert await office.states() == {"sent": 4}

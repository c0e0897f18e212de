"""A clock that is set back holds up nothing that was due (R24, R26)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.services import Services
from domain.notifications import NotificationKind
from services.notifications.kinds import Skip
from storage import jobs
from storage.db import Database
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import on_display, order
from tests.services.test_scheduling import schedule


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """An item that two members follow."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    item = (await on_display(display))[0]
    for chat_id in (1001, 1002):
        await display.voting.follow(await meet(display, chat_id, f"P{chat_id}"), item, on=True)
    return item


async def kinds(services: Services) -> Counter[NotificationKind]:
    """What can be claimed."""
    return Counter(each.kind for each in await services.outbox.claim(50))


async def test_r26_alerts_that_were_queued_leave_though_the_clock_was_set_back_a_day(
    display: Services, item: int, watch: Watch
) -> None:
    await display.campaigns.tick()
    await schedule(display, item, watch.time + timedelta(hours=5))
    await queue_due(display)
    watch.advance(seconds=30)
    watch.advance(days=-1)
    assert not await kinds(display)
    await display.campaigns.tick()
    assert await kinds(display) == {NotificationKind.GROUP_SCHEDULED: 2}


async def test_r26_so_do_those_that_were_not_queued_yet(display: Services, item: int, watch: Watch) -> None:
    await display.campaigns.tick()
    await schedule(display, item, watch.time + timedelta(hours=5))
    watch.advance(days=-1)
    await display.campaigns.tick()
    await queue_due(display)
    assert await kinds(display) == {NotificationKind.GROUP_SCHEDULED: 2}


async def test_r24_what_was_put_off_stays_so_and_soon_is_said_in_its_time(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(minutes=31)
    await schedule(display, item, opens_at)
    await queue_due(display)
    first, _ = await display.outbox.claim(2)
    await display.outbox.drop(first, Skip("quiet hours", watch.time + timedelta(minutes=20)))
    watch.advance(minutes=1)
    await queue_due(display)
    await display.campaigns.tick()
    watch.advance(days=-1)
    await display.campaigns.tick()
    assert not await kinds(display)
    watch.time = opens_at - timedelta(minutes=29)
    assert await kinds(display) == {NotificationKind.GROUP_SOON: 2}


async def test_r26_a_clock_that_goes_brings_nothing_forward(display: Services, item: int, watch: Watch) -> None:
    await schedule(display, item, watch.time + timedelta(hours=5))
    await queue_due(display)
    for each in await display.outbox.claim(2):
        await display.outbox.again(each, timedelta(minutes=10))
    for _ in range(5):
        watch.advance(minutes=1)
        await display.campaigns.tick()
    assert not await kinds(display)


async def test_a_job_that_none_has_begun_begins_though_the_clock_was_set_back(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    await display.campaigns.tick()
    member = await meet(display, 1001, "P1001")
    numbers = []
    async with db.write() as connection:
        for key in ("waits", "held"):
            numbers.append(await jobs.enqueue(connection, key, "poster", member.id, {}, watch.time))
        assert await jobs.claim(connection, numbers[1] or 0, watch.time, watch.time + timedelta(seconds=30))
    watch.advance(days=-1)
    await display.campaigns.tick()
    async with db.read() as connection:
        assert await jobs.due(connection, watch.time, 9) == numbers[:1], "what a worker holds stays its own"

"""Who has perhaps read of a group: an alert whose answer was lost counts, whatever became of it (R5, R24, R26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.services import Services
from domain.goods import WhyOut
from domain.notifications import NotificationKind
from services.notifications.kinds import Skip
from storage.db import Database
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import on_display, order
from tests.services.test_scheduling import schedule


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """An item that one member follows."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    item = (await on_display(display))[0]
    await display.voting.follow(await meet(display, 1001, "P1001"), item, on=True)
    return item


async def lose(services: Services) -> None:
    """Send what is due; every answer is lost."""
    await queue_due(services)
    for notification in await services.outbox.claim(50):
        assert not isinstance(await services.outbox.contents(notification), Skip)
        assert await services.outbox.begin(notification)
        await services.outbox.lost_answer(notification, timedelta(minutes=1), "timeout")


async def contents_of(services: Services) -> list[Any]:
    """What the due notifications say; they are claimed."""
    await queue_due(services)
    return [await services.outbox.contents(each) for each in await services.outbox.claim(50)]


async def test_r24_after_a_lost_answer_another_time_is_a_correction(display: Services, item: int, watch: Watch) -> None:
    await schedule(display, item, watch.time + timedelta(hours=5))
    await lose(display)
    await schedule(display, item, watch.time + timedelta(hours=6))
    (said,) = await contents_of(display)
    assert said.corrected


async def test_r24_so_it_is_where_the_notification_was_claimed_again_before_it_was_cancelled(
    display: Services, item: int, watch: Watch
) -> None:
    await schedule(display, item, watch.time + timedelta(hours=5))
    await lose(display)
    watch.advance(minutes=2)
    assert await display.outbox.claim(1)
    await schedule(display, item, watch.time + timedelta(hours=6))
    (said,) = await contents_of(display)
    assert said.corrected


async def test_r5_after_a_lost_answer_the_end_is_told_at_night_too(display: Services, item: int, watch: Watch) -> None:
    await schedule(display, item, watch.time + timedelta(hours=20))
    await lose(display)
    watch.time = watch.time.replace(hour=16)  # midnight
    await display.groups.reject(item, WhyOut.SAMPLE, "test")
    (said,) = await contents_of(display)
    assert said.kind is NotificationKind.ITEM_REJECTED and said.group_announced


async def test_a_campaign_whose_only_answer_was_lost_was_not_in_vain(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(hours=1)
    await schedule(display, item, opens_at)
    await lose(display)
    watch.time = opens_at
    await display.campaigns.tick()
    of_group = (NotificationKind.GROUP_SCHEDULED,)
    (listed,) = [each for each in await display.campaigns.latest(50) if each.kind in of_group]
    shown = await display.campaigns.one(listed.id)
    assert shown is not None and shown.tally.states == {"expired": 1}
    assert not listed.untold and not shown.untold


async def test_r24_an_alert_that_was_cancelled_before_it_left_was_not_told(
    display: Services, item: int, watch: Watch
) -> None:
    await schedule(display, item, watch.time + timedelta(hours=5))
    await queue_due(display)
    await schedule(display, item, watch.time + timedelta(hours=6))
    (said,) = await contents_of(display)
    assert not said.corrected


# -- a time that comes back --


async def told(services: Services) -> list[Any]:
    """What the due notifications say; they are sent, unless they are skipped."""
    await queue_due(services)
    said = []
    for notification in await services.outbox.claim(50):
        contents = await services.outbox.contents(notification)
        said.append(contents)
        if isinstance(contents, Skip):
            await services.outbox.drop(notification, contents)
        else:
            await services.outbox.begin(notification)
            await services.outbox.sent(notification, 1)
    return said


async def test_r24_a_time_that_comes_back_before_the_other_was_told_is_no_news(
    display: Services, item: int, watch: Watch
) -> None:
    first, other = watch.time + timedelta(hours=5), watch.time + timedelta(hours=6)
    await schedule(display, item, first)
    assert not (await told(display))[0].corrected
    await schedule(display, item, other)
    await schedule(display, item, first)
    (said,) = await told(display)
    assert isinstance(said, Skip) and said.until is None
    watch.time = first - timedelta(minutes=30)
    assert [each.kind for each in await told(display)] == [NotificationKind.GROUP_SOON], "the others go on"


async def test_r24_a_time_that_comes_back_after_the_other_was_told_is_a_correction(
    display: Services, item: int, watch: Watch
) -> None:
    first, other = watch.time + timedelta(hours=5), watch.time + timedelta(hours=6)
    await schedule(display, item, first)
    await told(display)
    await schedule(display, item, other)
    await lose(display)
    await schedule(display, item, first)
    assert (await told(display))[0].corrected


async def test_r24_a_time_that_was_only_perhaps_told_is_told_again_when_it_comes_back(
    display: Services, item: int, watch: Watch
) -> None:
    first, other = watch.time + timedelta(hours=5), watch.time + timedelta(hours=6)
    await schedule(display, item, first)
    await lose(display)
    await schedule(display, item, other)
    await schedule(display, item, first)
    assert not (await told(display))[0].corrected

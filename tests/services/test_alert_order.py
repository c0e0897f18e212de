"""Alerts leave in the order of their deadlines, and the organiser is told whether all fit (R24, R27)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.services import Services, make_services
from domain.notifications import NotificationKind
from services.groups import Scheduled
from services.notifications.kinds import Skip
from storage import models
from storage.db import Database
from tests.conftest import TUESDAY_TEN, Watch, meet, queue_due, settings_for
from tests.services.conftest import ask, on_display, order

pytestmark = pytest.mark.postgresql_later

FAR = timedelta(days=1)


@pytest.fixture
async def slow(display: Services, db: Database, watch: Watch, tmp_path: Path) -> Services:
    """The same bot at one message a second, with a lead of a minute."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    return make_services(db, settings_for(tmp_path, send_rate=1, alert_lead_minutes=1), watch)


async def follow(db: Database, item: int, people: Collection[int]) -> None:
    """Members with these numbers who follow an item; those of a test differ."""
    async with db.write() as connection:
        since = {"joined_at": TUESDAY_TEN, "seen_at": TUESDAY_TEN}
        members = [{"id": 10_000 + n, "chat_id": 9_000_000 + n, **since} for n in people]
        await connection.execute(insert(models.MemberRow), members)
        follows = [{"item_id": item, "member_id": 10_000 + n, "at": TUESDAY_TEN} for n in people]
        await connection.execute(insert(models.FollowRow), follows)


async def schedule(services: Services, item: int, opens_in: timedelta) -> Scheduled:
    opens_at = services.context.clock.now() + opens_in
    found = await services.groups.schedule(item, opens_at, None, "test", even_late=True)
    assert isinstance(found, Scheduled)
    return found


async def send(services: Services, watch: Watch, seconds: int) -> None:
    """Send one message a second, without a sender."""
    for _ in range(seconds):
        await queue_due(services)
        for notification in await services.outbox.claim(1):
            contents = await services.outbox.contents(notification)
            if isinstance(contents, Skip):
                await services.outbox.drop(notification, contents)
            elif await services.outbox.begin(notification):
                await services.outbox.sent(notification, 1)
        watch.advance(seconds=1)


async def outcomes(db: Database, item: int) -> dict[str, Counter[str]]:
    """What became of the alerts of an item, by kind."""
    rows = await ask(
        db,
        "SELECT n.kind, n.state FROM notifications n JOIN groups g ON g.id = n.subject WHERE g.item_id = :item",
        item=item,
    )
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row.kind, Counter())[row.state] += 1
    return found


async def test_r24_the_alerts_of_a_near_group_leave_before_those_of_a_far_one_that_was_scheduled_later(
    slow: Services, db: Database, watch: Watch
) -> None:
    near, far = (await on_display(slow))[:2]
    await follow(db, near, range(6))
    await follow(db, far, range(100, 250))
    first = await schedule(slow, near, timedelta(seconds=100))
    await send(slow, watch, 10)
    second = await schedule(slow, far, FAR)
    assert first.fits and second.fits
    await send(slow, watch, 90)
    await slow.campaigns.tick()
    assert await outcomes(db, near) == {"group-scheduled": Counter(sent=6), "group-soon": Counter(sent=6)}
    assert (await outcomes(db, far))["group-scheduled"] == Counter(sent=90 - 6, pending=150 - 84)


async def test_r24_an_alert_that_was_put_off_holds_up_none_that_is_due(
    slow: Services, db: Database, watch: Watch
) -> None:
    near, far = (await on_display(slow))[:2]
    await follow(db, near, range(3))
    await follow(db, far, range(100, 103))
    await schedule(slow, near, timedelta(hours=1))
    await schedule(slow, far, FAR)
    await queue_due(slow)
    for notification in await slow.outbox.claim(3):
        await slow.outbox.again(notification, timedelta(minutes=5))
    await send(slow, watch, 3)
    assert await outcomes(db, near) == {"group-scheduled": Counter(pending=3)}
    assert await outcomes(db, far) == {"group-scheduled": Counter(sent=3)}


async def test_r26_many_expired_alerts_hold_up_none_that_is_worth_sending(
    slow: Services, db: Database, watch: Watch
) -> None:
    near, far = (await on_display(slow))[:2]
    await follow(db, near, range(1_000))
    await follow(db, far, range(2_000, 2_003))
    await schedule(slow, near, timedelta(minutes=5))
    await schedule(slow, far, FAR)
    await queue_due(slow)
    watch.advance(minutes=6)
    claimed = await slow.outbox.claim(5)
    assert len(claimed) == 3 and {each.kind for each in claimed} == {NotificationKind.GROUP_SCHEDULED}


async def test_r27_organisers_hear_of_a_stopped_campaign_before_the_alerts_that_wait(
    slow: Services, db: Database, watch: Watch
) -> None:
    item = (await on_display(slow))[0]
    await follow(db, item, range(5))
    await schedule(slow, item, timedelta(hours=1))
    await queue_due(slow)
    await order(db, "UPDATE notifications SET kind = 'campaign-stopped', priority = -1 WHERE member_id = 10004")
    assert (await slow.outbox.claim(1))[0].kind is NotificationKind.CAMPAIGN_STOPPED


async def test_r24_a_group_fits_only_beside_all_that_is_queued_and_planned(
    slow: Services, db: Database, watch: Watch
) -> None:
    first, second, third = (await on_display(slow))[:3]
    await follow(db, first, range(4_000))
    await follow(db, second, range(10_000, 10_600))
    await follow(db, third, range(20_000, 20_600))
    hours = 2 * 4_000 / 3600 + 0.3
    assert (await schedule(slow, first, timedelta(hours=hours))).fits
    beside = await schedule(slow, second, timedelta(hours=hours + 1.2))
    assert beside.fits, "more than an hour later, after the first one's alerts"
    assert not (await schedule(slow, third, timedelta(minutes=30))).fits, "it would leave the first one's alerts late"
    await slow.groups.schedule(third, watch.time + timedelta(hours=hours + 3), None, "test")
    again = await schedule(slow, third, timedelta(hours=hours + 3))
    assert again.fits, "what was planned for the replaced time does not count"


async def test_r24_who_waits_for_the_morning_counts_from_then_on(slow: Services, db: Database, watch: Watch) -> None:
    first, second = (await on_display(slow))[:2]
    await follow(db, first, range(45))
    await follow(db, second, range(10_000, 10_045))
    watch.time += timedelta(hours=13)  # 23:00
    assert (await schedule(slow, first, timedelta(hours=9, seconds=135))).fits
    await queue_due(slow)
    while claimed := await slow.outbox.claim(50):
        for notification in claimed:
            contents = await slow.outbox.contents(notification)
            assert isinstance(contents, Skip), "quiet hours"
            await slow.outbox.drop(notification, contents)
    found = await schedule(slow, second, timedelta(hours=9, seconds=144))
    assert found.reach.later == 45 and not found.fits


async def test_r24_who_follows_after_the_lead_has_grown_is_told_shortly_before_the_opening(
    slow: Services, db: Database, watch: Watch
) -> None:
    item = (await on_display(slow))[0]
    await follow(db, item, range(120))
    found = await schedule(slow, item, timedelta(hours=1))
    assert found.lead > timedelta(minutes=2)
    await send(slow, watch, 121)
    watch.time = found.opens_at - timedelta(seconds=100)
    await queue_due(slow)
    late, later = await meet(slow, 1001, "P1001"), await meet(slow, 1002, "P1002")
    await slow.voting.follow(late, item, on=True)
    await slow.voting.follow(late, item, on=True)
    watch.time = found.opens_at - timedelta(seconds=59)
    await slow.voting.follow(later, item, on=True)
    claimed = await slow.outbox.claim(200)
    told = Counter(each.member_id for each in claimed if each.kind is NotificationKind.GROUP_SOON)
    assert told[late.id] == 1 and late.id not in [each.member_id for each in claimed[:120]]
    assert not told[later.id], "who follows within the usual lead has just read the time"

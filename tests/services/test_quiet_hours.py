"""When notifications are sent: at night only alerts, and alerts first; and who gets none (R13, R27)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from bot.services import Services
from domain.notifications import NotificationKind
from storage.db import Database
from tests.conftest import Watch, import_goods, meet, queue_due
from tests.services.conftest import order
from tests.services.test_scheduling import deliver, item, notifications, schedule

# -- quiet hours (R27) --


async def quiet_evening(services: Services, watch: Watch, item: int) -> datetime:
    """It is 23:00, and the group opens at 09:00 tomorrow."""
    opens_at = watch.time.replace(hour=1) + timedelta(days=1)
    watch.time = watch.time.replace(hour=15)
    await schedule(services, item, opens_at)
    return opens_at


async def test_r27_alerts_do_not_wait_for_the_morning_unless_the_member_says_so(
    display: Services, item: int, watch: Watch
) -> None:
    ann = await meet(display, 1001, "P1001")
    await display.people.toggle(ann, "quiet", on=True)
    opens_at = await quiet_evening(display, watch, item)
    assert [chat for _, chat in await deliver(display)] == [1002, 1003]
    watch.time = opens_at - timedelta(hours=1, seconds=1)
    assert await deliver(display) == []
    watch.advance(seconds=1)
    assert await deliver(display) == [(NotificationKind.GROUP_SCHEDULED, 1001)], "at 08:00, when the night is over"


async def test_r27_an_alert_that_would_come_after_the_opening_is_dropped_at_once(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    ann = await meet(display, 1001, "P1001")
    await display.people.toggle(ann, "quiet", on=True)
    watch.time = watch.time.replace(hour=15)
    await schedule(display, item, watch.time + timedelta(hours=4))  # 03:00
    await deliver(display)
    assert await notifications(db, "expired") == [("group-scheduled", 1, 1001)]


async def test_r27_carousels_wait_until_the_night_is_over(
    services: Services, watch: Watch, db: Database, tmp_path: Path
) -> None:
    _, bob = await meet(services, 1001), await meet(services, 1002)
    await services.people.set_quiet_hours(bob, type(services.context.rules.quiet_hours).parse("00:00-00:00"))
    await import_goods(services, tmp_path, 3)
    watch.time = watch.time.replace(hour=15)
    assert await services.rounds.open_special()
    assert await deliver(services) == [(NotificationKind.CAROUSEL, bob.chat_id)], "one is never quiet"
    watch.time = watch.time.replace(hour=23, minute=59, second=59)
    assert await deliver(services) == []
    watch.advance(seconds=1)
    assert await deliver(services) == [], "at eight the round is over: its carousel is no news any more"


async def test_r27_a_carousel_of_a_long_round_comes_in_the_morning(
    services: Services, watch: Watch, tmp_path: Path
) -> None:
    ann = await meet(services, 1001)
    await import_goods(services, tmp_path, 3)
    watch.time = datetime.fromisoformat("2026-11-27T15:00:00+00:00")  # Friday, 23:00: the round goes on until Monday
    assert await services.rounds.open_special()
    assert await deliver(services) == []
    watch.time = datetime.fromisoformat("2026-11-28T00:00:00+00:00")
    assert await deliver(services) == [(NotificationKind.CAROUSEL, ann.chat_id)]


async def test_r13_a_member_who_opted_out_gets_no_carousel(services: Services, watch: Watch, tmp_path: Path) -> None:
    ann, bob, cem = [await meet(services, 1001 + n) for n in range(3)]
    await services.people.toggle(ann, "carousel", on=False)
    await services.people.mark_unreachable(bob.chat_id, "blocked")
    await import_goods(services, tmp_path, 3)
    assert await services.rounds.open_special()
    assert await deliver(services) == [(NotificationKind.CAROUSEL, cem.chat_id)]
    watch.advance(minutes=1)
    assert await deliver(services) == [], "once a round"


async def test_r13_a_member_who_opts_out_while_it_waits_gets_no_carousel(services: Services, tmp_path: Path) -> None:
    ann = await meet(services)
    await import_goods(services, tmp_path, 3)
    await services.rounds.open_special()
    await queue_due(services)
    await services.people.toggle(ann, "carousel", on=False)
    assert await deliver(services) == []


# -- first alerts, then the rest (R27) --


async def test_r27_alerts_are_claimed_before_older_notifications(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    await order(db, "UPDATE campaigns SET state = 'waiting'")
    await queue_due(display)
    watch.advance(minutes=5)
    await schedule(display, item, watch.time + timedelta(hours=5))
    await queue_due(display)
    claimed = await display.outbox.claim(5)
    assert [notification.kind for notification in claimed] == [NotificationKind.GROUP_SCHEDULED] * 3 + [
        NotificationKind.CAROUSEL
    ] * 2

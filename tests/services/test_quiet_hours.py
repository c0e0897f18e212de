"""When notifications are sent: at night only alerts that cannot wait, alerts first, and who gets none (R13, R27)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.services import Services
from domain.notifications import NotificationKind
from domain.people import QuietHours
from domain.reach import Reach
from storage.db import Database
from tests.conftest import Watch, import_goods, meet, queue_due
from tests.services.conftest import order
from tests.services.test_scheduling import deliver, item, notifications, schedule

pytestmark = pytest.mark.postgresql_later

# -- quiet hours (R27) --


async def quiet_evening(services: Services, watch: Watch, item: int) -> datetime:
    """It is 23:00, and the group opens at 09:00 tomorrow."""
    opens_at = watch.time.replace(hour=1) + timedelta(days=1)
    watch.time = watch.time.replace(hour=15)
    await schedule(services, item, opens_at)
    return opens_at


async def test_r24_the_first_alert_waits_for_the_morning_and_the_others_come_at_any_hour(
    display: Services, item: int, watch: Watch
) -> None:
    bob = await meet(display, 1002, "P1002")
    await display.people.set_quiet_hours(bob, QuietHours.parse("00:00-00:00"))
    opens_at = await quiet_evening(display, watch, item)
    assert await deliver(display) == [(NotificationKind.GROUP_SCHEDULED, 1002)], "one is never quiet"
    watch.time = opens_at - timedelta(hours=1, seconds=1)
    assert await deliver(display) == []
    watch.advance(seconds=1)
    first = [(NotificationKind.GROUP_SCHEDULED, 1001), (NotificationKind.GROUP_SCHEDULED, 1003)]
    assert await deliver(display) == first, "at 08:00, when the night is over"
    watch.time = opens_at - timedelta(minutes=30)
    assert {kind for kind, _ in await deliver(display)} == {NotificationKind.GROUP_SOON}


async def test_r24_the_first_alert_goes_at_once_where_the_morning_leaves_less_than_the_lead(
    display: Services, item: int, watch: Watch
) -> None:
    watch.time = watch.time.replace(hour=20)  # 04:00
    await schedule(display, item, watch.time + timedelta(hours=4, minutes=29))
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_SCHEDULED] * 3
    watch.time += timedelta(hours=3, minutes=59)
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_SOON] * 3, "before the night is over"


async def test_r24_a_group_that_opens_at_night_wakes_its_voters(display: Services, item: int, watch: Watch) -> None:
    opens_at = watch.time.replace(hour=19)  # 03:00
    await schedule(display, item, opens_at)
    await deliver(display)
    watch.time = opens_at - timedelta(minutes=30)
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_SOON] * 3
    watch.time = opens_at
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_OPEN] * 3


async def test_r24_a_correction_wakes_those_who_would_otherwise_get_up_for_the_old_time(
    display: Services, item: int, watch: Watch
) -> None:
    night, noon = watch.time.replace(hour=21), watch.time.replace(hour=4) + timedelta(days=1)  # 05:00 and 12:00
    await schedule(display, item, night)
    await deliver(display)
    watch.time = watch.time.replace(hour=16)  # midnight
    await schedule(display, item, noon)
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_SCHEDULED] * 3


async def test_r24_a_correction_of_a_time_by_day_is_read_in_the_morning(
    display: Services, item: int, watch: Watch
) -> None:
    noon = watch.time.replace(hour=4) + timedelta(days=1)
    await schedule(display, item, noon)
    assert len(await deliver(display)) == 3
    watch.time = watch.time.replace(hour=16)  # midnight
    await schedule(display, item, noon + timedelta(hours=1))
    assert await deliver(display) == []
    watch.time = watch.time.replace(hour=0) + timedelta(days=1)
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_SCHEDULED] * 3


async def test_r27_who_wants_no_alerts_at_night_gets_none(display: Services, item: int, watch: Watch) -> None:
    ann = await meet(display, 1001, "P1001")
    await display.people.toggle(ann, "quiet", on=True)
    watch.time = watch.time.replace(hour=20)  # 04:00
    await schedule(display, item, watch.time + timedelta(hours=4, minutes=10))
    assert [chat for _, chat in await deliver(display)] == [1002, 1003]
    watch.time += timedelta(hours=4)
    assert (NotificationKind.GROUP_SCHEDULED, 1001) in await deliver(display)


async def test_the_desk_knows_who_is_told_when(display: Services, item: int, watch: Watch) -> None:
    ann = await meet(display, 1001, "P1001")
    await display.people.set_quiet_hours(ann, QuietHours.parse("00:00-00:00"))
    watch.time = watch.time.replace(hour=20)  # 04:00
    morning = watch.time + timedelta(hours=4)
    for opens_at, expected in (
        (watch.time + timedelta(hours=9), Reach(now=1, later=2, first_later=morning)),
        (watch.time + timedelta(hours=4, minutes=20), Reach(now=3)),
    ):
        proposal = await display.groups.proposal(item, opens_at)
        assert proposal is not None and proposal.reach == expected
        assert (await schedule(display, item, opens_at)).reach == expected
    nothing = await schedule(display, item, watch.time + timedelta(hours=4, minutes=20))
    assert not nothing.changed and nothing.reach.total == 0
    special = await display.rounds.reach()
    assert (special.now, special.later, special.never) == (1, 0, 3), "at 08:00 the round closes"
    assert await display.groups.proposal(999_999, morning) is None


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

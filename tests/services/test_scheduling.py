"""Groups and their notifications: to whom, when, once, and never too late (R6, R24, R26, R27)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services, make_services
from domain.goods import ItemState
from domain.notifications import NotificationKind
from services.groups import Scheduled, ScheduleRefusal
from services.notifications.kinds import Skip
from storage import campaigns, models
from storage.db import Database
from tests.conftest import Watch, import_goods, meet, queue_due, settings_for
from tests.services.conftest import ask, on_display, one, order, voter

pytestmark = pytest.mark.postgresql_later

SOON = timedelta(minutes=30)


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """An item that Ann and Bob voted for and Cem follows; Dan has nothing to do with it. The carousels are out."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    item = (await on_display(display))[0]
    for chat_id in (1001, 1002):
        await display.voting.cast(await voter(display, chat_id), item)
    await display.voting.follow(await meet(display, 1003, "P1003"), item, on=True)
    await meet(display, 1004, "P1004")
    return item


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


async def schedule(services: Services, item: int, opens_at: datetime, **more: Any) -> Scheduled:
    found = await services.groups.schedule(item, opens_at, more.pop("url", None), "test", **more)
    assert isinstance(found, Scheduled)
    return found


async def notifications(db: Database, state: str = "%") -> list[tuple[str, int, int]]:
    """(kind, revision, chat) of the notifications in a state."""
    rows = await ask(
        db,
        "SELECT l.kind, l.revision, m.chat_id FROM notifications l JOIN members m ON m.id = l.member_id "
        "WHERE l.state LIKE :state ORDER BY l.id",
        state=state,
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


async def deliver(services: Services) -> list[tuple[NotificationKind, int]]:
    """Send everything that is due, without a sender: (kind, chat) in the order of sending."""
    await queue_due(services)
    sent: list[tuple[NotificationKind, int]] = []
    while claimed := await services.outbox.claim(50):
        for notification in claimed:
            contents = await services.outbox.contents(notification)
            if isinstance(contents, Skip):
                await services.outbox.drop(notification, contents)
            elif await services.outbox.begin(notification):
                await services.outbox.sent(notification, 1)
                sent.append((notification.kind, contents.chat_id))
    return sent


# -- who is told, and how often --


async def test_r24_only_voters_and_followers_are_notified_three_times(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    found = await schedule(display, item, opens_at)
    assert (found.audience, found.revision, found.changed, found.fits, found.lead) == (3, 1, True, True, SOON)
    people = [1001, 1002, 1003]
    assert await deliver(display) == [(NotificationKind.GROUP_SCHEDULED, chat) for chat in people]
    watch.time = opens_at - SOON - timedelta(seconds=1)
    assert await deliver(display) == []
    watch.advance(seconds=1)
    assert await deliver(display) == [(NotificationKind.GROUP_SOON, chat) for chat in people]
    watch.time = opens_at
    assert await deliver(display) == [(NotificationKind.GROUP_OPEN, chat) for chat in people]
    group_item = await display.goods.item(item)
    assert group_item is not None and group_item.state is ItemState.OPEN
    watch.advance(hours=5)
    assert await deliver(display) == [], "each once, however often the clock ticks"


async def test_r26_a_member_who_votes_and_follows_is_notified_once(display: Services, item: int, watch: Watch) -> None:
    await display.voting.follow(await meet(display, 1001, "P1001"), item, on=True)
    found = await schedule(display, item, watch.time + timedelta(hours=5))
    assert found.audience == 3
    assert [chat for _, chat in await deliver(display)] == [1001, 1002, 1003]


async def test_r26_members_who_opted_out_blocked_the_bot_or_left_are_not_notified(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    ann, bob, cem = [await meet(display, chat_id, f"P{chat_id}") for chat_id in (1001, 1002, 1003)]
    await display.people.toggle(ann, "alerts", on=False)
    await display.people.mark_unreachable(bob.chat_id, "blocked")
    await display.people.erase(cem)
    found = await schedule(display, item, watch.time + timedelta(hours=5))
    assert found.audience == 0 and await deliver(display) == []
    assert await one(db, "SELECT count(*) FROM notifications") == 0


async def test_r26_a_member_who_unfollowed_in_the_meantime_is_not_notified(
    display: Services, item: int, watch: Watch
) -> None:
    ann, bob, cem = [await meet(display, chat_id, f"P{chat_id}") for chat_id in (1001, 1002, 1003)]
    await schedule(display, item, watch.time + timedelta(hours=5))
    await queue_due(display)
    await display.people.toggle(ann, "alerts", on=False)
    await display.people.erase(bob)
    await display.voting.follow(cem, item, on=False)
    assert await deliver(display) == []


async def test_r26_a_vote_taken_back_before_the_group_is_scheduled_causes_no_notification(
    display: Services, item: int, watch: Watch
) -> None:
    await display.voting.take_back(await meet(display, 1001, "P1001"), item)
    found = await schedule(display, item, watch.time + timedelta(hours=5))
    assert found.audience == 2
    assert [chat for _, chat in await deliver(display)] == [1002, 1003]


async def test_r26_a_member_who_follows_after_the_scheduling_gets_the_later_alerts(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    await deliver(display)
    await display.voting.follow(await meet(display, 1004, "P1004"), item, on=True)
    watch.time = opens_at - SOON
    assert (NotificationKind.GROUP_SOON, 1004) in await deliver(display)


# -- when --


async def test_r24_with_less_time_than_the_lead_the_middle_one_is_left_out(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(minutes=20)
    await schedule(display, item, opens_at)
    assert {kind for kind, _ in await deliver(display)} == {NotificationKind.GROUP_SCHEDULED}
    watch.time = opens_at - timedelta(seconds=1)
    assert await deliver(display) == []
    watch.advance(seconds=1)
    assert {kind for kind, _ in await deliver(display)} == {NotificationKind.GROUP_OPEN}


async def test_r24_the_first_notification_says_whether_another_follows(
    display: Services, item: int, watch: Watch
) -> None:
    for hours, expected in ((5, True), (0.3, False)):
        await schedule(display, item, watch.time + timedelta(hours=hours))
        await queue_due(display)
        notification = (await display.outbox.claim(1))[0]
        contents = await display.outbox.contents(notification)
        assert not isinstance(contents, Skip) and getattr(contents, "middle_follows", None) is expected
        await display.outbox.drop(notification, Skip("looked at"))


@pytest.mark.long
@pytest.mark.parametrize(("audience", "minutes"), [(1_000, 30), (60_000, 44.1)])
async def test_r24_the_lead_grows_with_the_audience(
    display: Services, watch: Watch, db: Database, audience: int, minutes: float
) -> None:
    item = (await on_display(display))[0]
    await crowd(db, [item], audience)
    opens_at = watch.time + timedelta(hours=9)
    found = await schedule(display, item, opens_at)
    assert found.audience == audience and found.fits
    assert found.lead.total_seconds() / 60 == pytest.approx(minutes, abs=0.1)
    due = await one(db, "SELECT due_at FROM campaigns WHERE kind = 'group-soon'")
    assert datetime.fromisoformat(due) == (opens_at - found.lead).replace(tzinfo=None)
    late = await schedule(display, item, watch.time + timedelta(minutes=31))
    assert late.fits is (audience == 1_000)


async def test_r24_groups_that_open_together_share_the_rate_and_so_the_lead(
    display: Services, watch: Watch, db: Database, tmp_path: Path
) -> None:
    display = make_services(db, settings_for(tmp_path, alert_lead_minutes=5), watch)
    first, second, third = (await on_display(display))[:3]
    await crowd(db, [first, second, third], 20_000)
    opens_at = watch.time + timedelta(hours=9)
    alone = await schedule(display, first, opens_at)
    shared = await schedule(display, second, opens_at + timedelta(minutes=5))
    apart = await schedule(display, third, opens_at + timedelta(hours=7))
    assert shared.audience == alone.audience == 20_000
    assert timedelta(minutes=29) < shared.lead < timedelta(minutes=30)
    assert timedelta(minutes=14) < alone.lead == apart.lead < timedelta(minutes=15)


async def test_r24_a_group_that_is_scheduled_while_another_ones_audience_is_counted_shares_its_lead(
    display: Services, watch: Watch, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = make_services(db, settings_for(tmp_path, alert_lead_minutes=5), watch)
    first, second = (await on_display(display))[:2]
    await crowd(db, [first, second], 20_000)
    opens_at, count = watch.time + timedelta(hours=9), campaigns.audiences

    async def while_another_is_scheduled(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, int]:
        monkeypatch.setattr(campaigns, "audiences", count)
        await schedule(display, second, opens_at)
        return await count(connection, item_ids)

    alone = await schedule(display, second, opens_at + timedelta(hours=8))
    monkeypatch.setattr(campaigns, "audiences", while_another_is_scheduled)
    assert (await schedule(display, first, opens_at)).lead > alone.lead


async def crowd(db: Database, items: list[int], size: int) -> None:
    """So many followers of each item, without the cost of meeting everyone."""
    born = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    async with db.write() as connection:
        await connection.execute(
            insert(models.MemberRow),
            [{"id": 10_000 + n, "chat_id": 9_000_000 + n, "joined_at": born, "seen_at": born} for n in range(size)],
        )
        for item in items:
            await connection.execute(
                insert(models.FollowRow), [{"item_id": item, "member_id": 10_000 + n, "at": born} for n in range(size)]
            )


# -- a changed time --


async def test_r24_a_changed_time_sends_corrections_and_replaces_unsent_alerts(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    first, then = watch.time + timedelta(hours=5), watch.time + timedelta(hours=8)
    await schedule(display, item, first)
    await queue_due(display)
    told, *untold = await display.outbox.claim(50)
    assert await display.outbox.begin(told)
    await display.outbox.sent(told, 1)
    moved = await schedule(display, item, then)
    assert (moved.revision, moved.changed) == (2, True)
    assert not any([await display.outbox.begin(notification) for notification in untold]), "what was held is withdrawn"
    await queue_due(display)
    corrected = {}
    for notification in await display.outbox.claim(50):
        contents = await display.outbox.contents(notification)
        assert not isinstance(contents, Skip) and contents.opens_at == then  # type: ignore[union-attr]
        corrected[contents.chat_id] = contents.corrected  # type: ignore[union-attr]
        await display.outbox.begin(notification)
        await display.outbox.sent(notification, 1)
    assert corrected == {1001: True, 1002: False, 1003: False}, "only who was told gets a correction"
    watch.time = first
    assert await deliver(display) == [], "neither the old middle alert nor the old opening"
    watch.time = then
    assert [kind for kind, _ in await deliver(display)] == [NotificationKind.GROUP_SOON] * 0 + [
        NotificationKind.GROUP_OPEN
    ] * 3
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'group-open' AND state = 'sent'") == 3


async def test_r24_a_member_who_only_got_the_middle_alert_gets_a_correction_too(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    await deliver(display)
    dan = await meet(display, 1004, "P1004")
    await display.voting.follow(dan, item, on=True)
    watch.time = opens_at - SOON
    assert (NotificationKind.GROUP_SOON, 1004) in await deliver(display)
    await schedule(display, item, opens_at + timedelta(hours=1))
    await queue_due(display)
    found = {}
    for notification in await display.outbox.claim(50):
        contents = await display.outbox.contents(notification)
        found[contents.chat_id] = contents.corrected  # type: ignore[union-attr]
    assert found == {1001: True, 1002: True, 1003: True, 1004: True}


async def test_r24_schedule_twice_the_same_changes_nothing(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    await schedule(display, item, opens_at + timedelta(hours=1))
    before = await ask(db, "SELECT * FROM campaigns ORDER BY id")
    again = await schedule(display, item, opens_at + timedelta(hours=1))
    assert (again.changed, again.revision) == (False, 2)
    assert await ask(db, "SELECT * FROM campaigns ORDER BY id") == before


async def test_r24_schedule_at_once_announces_one_time_once(
    display: Services, second: Services, item: int, watch: Watch, db: Database
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    found = await asyncio.gather(*(schedule((display, second)[n % 2], item, opens_at) for n in range(8)))
    assert sorted(each.changed for each in found) == [False] * 7 + [True]
    await asyncio.gather(*(queue_due((display, second)[n % 2]) for n in range(8)))
    assert sorted(await notifications(db)) == [("group-scheduled", 1, chat) for chat in (1001, 1002, 1003)]


async def test_r24_another_address_alone_repeats_no_alert(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    await deliver(display)
    moved = await schedule(display, item, opens_at, url="https://group.example.com/new")
    assert (moved.changed, moved.revision) == (True, 1) and moved.item.group_url == "https://group.example.com/new"
    assert await deliver(display) == []
    watch.time = opens_at - SOON
    assert len(await deliver(display)) == 3, "and what was planned still comes"


async def test_r24_a_group_moved_while_its_opening_is_noticed_stays_closed(
    display: Services, item: int, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock's tick has seen that the group is due; before it writes, an organiser moves the group."""
    opens_at = watch.time + timedelta(hours=1)
    await schedule(display, item, opens_at)
    watch.time = opens_at
    tick = display.groups._open

    async def move_first(group: Any, now: datetime) -> None:
        monkeypatch.undo()
        await schedule(display, item, opens_at + timedelta(days=1))
        await tick(group, now)

    monkeypatch.setattr(display.groups, "_open", move_first)
    await queue_due(display)
    found = await display.goods.item(item)
    assert found is not None and found.state is ItemState.SCHEDULED


# -- expired notifications --


async def test_r26_no_expired_notification_is_sent(display: Services, item: int, watch: Watch, db: Database) -> None:
    """The bot was off from before the alerts until long after the opening."""
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    watch.time = opens_at + timedelta(hours=2)
    assert await deliver(display) == []
    assert {row.state for row in await ask(db, "SELECT state FROM campaigns WHERE kind LIKE 'group%'")} == {"expired"}
    found = await display.goods.item(item)
    assert found is not None and found.state is ItemState.OPEN, "the group is open all the same"


async def test_r26_after_a_short_outage_only_unexpired_notifications_are_sent(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    watch.time = opens_at + timedelta(minutes=30)
    assert {kind for kind, _ in await deliver(display)} == {NotificationKind.GROUP_OPEN}


async def test_r26_a_notification_that_waited_too_long_is_not_begun(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    opens_at = watch.time + timedelta(hours=5)
    await schedule(display, item, opens_at)
    await queue_due(display)
    held = await display.outbox.claim(1)
    watch.time = opens_at
    assert not await display.outbox.begin(held[0])
    assert await display.outbox.claim(50) == []
    assert {state for (state,) in await ask(db, "SELECT state FROM notifications")} == {"expired"}


# -- what cannot be scheduled (R1, R6) --


async def test_r6_a_refused_scheduling_has_its_reason(
    display: Services, item: int, watch: Watch, db: Database, tmp_path: Path
) -> None:
    groups, later = display.groups, watch.time + timedelta(hours=5)
    assert await groups.schedule(999_999, later, None, "test") is ScheduleRefusal.UNKNOWN_ITEM
    assert await groups.schedule(item, watch.time, None, "test") is ScheduleRefusal.IN_THE_PAST
    await import_goods(display, tmp_path / "new", 1, "new")
    waiting = await one(db, "SELECT id FROM items WHERE ref = 'new0'")
    assert await groups.schedule(waiting, later, None, "test") is ScheduleRefusal.NOT_SHOWN_YET
    await order(db, "UPDATE items SET state = 'expired' WHERE id = :id", id=item + 1)
    assert await groups.schedule(item + 1, later, None, "test") is ScheduleRefusal.ENDED
    assert await one(db, "SELECT count(*) FROM groups") == 0


async def test_r6_later_than_two_weeks_after_the_round_needs_a_word(display: Services, item: int, watch: Watch) -> None:
    closes_at = watch.time.replace(hour=0) + timedelta(days=1)
    late = closes_at + timedelta(days=14, seconds=1)
    assert await display.groups.schedule(item, late, None, "test") is ScheduleRefusal.LATER_THAN_PROMISED
    assert await schedule(display, item, late, even_late=True)
    assert await schedule(display, item + 1, late - timedelta(seconds=1))


@pytest.mark.parametrize("even_late", [True, False])
async def test_r6_a_time_farther_ahead_than_a_year_is_refused_even_with_even_late(
    display: Services, item: int, watch: Watch, even_late: bool
) -> None:
    end_of_time = datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-8)))
    for far in (watch.time + timedelta(days=366, seconds=1), end_of_time):
        assert await display.groups.schedule(item, far, None, "test", even_late=even_late) is ScheduleRefusal.TOO_FAR
    assert await schedule(display, item, watch.time + timedelta(days=366), even_late=True)


async def test_r24_schedule_too_late_once_the_group_is_open(display: Services, item: int, watch: Watch) -> None:
    opens_at = watch.time + timedelta(hours=1)
    await schedule(display, item, opens_at)
    watch.time = opens_at
    await queue_due(display)
    again = await display.groups.schedule(item, opens_at + timedelta(hours=1), None, "test")
    assert again is ScheduleRefusal.OPEN_ALREADY


async def test_r1_scheduling_skips_no_step(display: Services, item: int, watch: Watch, db: Database) -> None:
    await schedule(display, item, watch.time + timedelta(hours=1))
    steps = [
        row.state for row in await ask(db, "SELECT state FROM item_steps WHERE item_id = :id ORDER BY id", id=item)
    ]
    assert steps == ["registered", "passed", "on_display", "displayed", "sampled", "reviewed", "scheduled"]

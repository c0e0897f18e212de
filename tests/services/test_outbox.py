"""The outbox: campaigns are queued in batches; notifications are claimed, settled and released once (R26, R27)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.services import Services, make_services
from domain.notifications import NotificationKind
from domain.people import Member
from services import campaigns as campaign_service
from services.groups import Scheduled
from services.notifications.kinds import Skip
from services.notifications.outbox import ClaimedNotification
from storage import campaigns
from storage.db import Database
from tests.conftest import Watch, meet, queue_due, settings_for
from tests.services.conftest import ask, on_display, one, order

FOLLOWERS = 11


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


@pytest.fixture
async def people(display: Services, db: Database) -> list[Member]:
    """Eleven members who follow the first item."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    item = (await on_display(display))[0]
    found = [await meet(display, 1001 + n, f"P{n}") for n in range(FOLLOWERS)]
    for member in found:
        await display.voting.follow(member, item, on=True)
    return found


@pytest.fixture
async def scheduled(display: Services, people: list[Member], watch: Watch) -> Scheduled:
    """A group of that item in five hours, whose notifications are not queued yet."""
    item = (await on_display(display))[0]
    found = await display.groups.schedule(item, watch.time + timedelta(hours=5), None, "test")
    assert isinstance(found, Scheduled)
    return found


@pytest.fixture
async def held(display: Services, scheduled: Scheduled) -> list[ClaimedNotification]:
    """All of its notifications, claimed."""
    await queue_due(display)
    return await display.outbox.claim(50)


async def addressed(db: Database) -> list[int]:
    """The members with a notification, once for each notification."""
    return [row.member_id for row in await ask(db, "SELECT member_id FROM notifications ORDER BY member_id")]


async def states(services: Services) -> dict[str, int]:
    """The number of notifications in each state."""
    return {state: number for state, number in (await services.outbox.states()).items() if number}


# -- campaigns in batches --


@pytest.mark.parametrize("batch", [1, 3, FOLLOWERS, FOLLOWERS + 1])
async def test_r26_a_campaign_reaches_everyone_once_in_batches_of_any_size(
    display: Services,
    scheduled: Scheduled,
    people: list[Member],
    db: Database,
    batch: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(campaign_service, "QUEUE_BATCH", batch)
    assert await queue_due(display) == FOLLOWERS
    assert await queue_due(display) == 0
    assert await addressed(db) == [member.id for member in people]
    assert await one(db, "SELECT state FROM campaigns WHERE kind = 'group-scheduled'") == "queued"


class Killed(Exception):
    """The process died here."""


@pytest.mark.parametrize("killed_at", [1, 2, 3, 4])
@pytest.mark.parametrize("before", [True, False], ids=["before the batch", "after its commit"])
async def test_r26_a_kill_between_batches_skips_and_repeats_no_member(
    display: Services,
    scheduled: Scheduled,
    people: list[Member],
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    killed_at: int,
    before: bool,
) -> None:
    monkeypatch.setattr(campaign_service, "QUEUE_BATCH", 3)
    queue, batches = campaigns.queue_notifications, 0

    async def killed(*args: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches == killed_at and before:
            raise Killed
        if batches == killed_at + 1 and not before:
            raise Killed
        return await queue(*args)

    with monkeypatch.context() as patch:
        patch.setattr(campaigns, "queue_notifications", killed)
        with pytest.raises(Killed):
            await queue_due(display)
    done = await addressed(db)
    assert len(done) == min(3 * (killed_at - before), FOLLOWERS), "what was committed stays"
    await queue_due(display)
    assert await addressed(db) == [member.id for member in people]


async def test_r27_queueing_that_takes_too_long_continues_at_the_next_tick(
    display: Services, scheduled: Scheduled, people: list[Member], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_service, "QUEUE_BATCH", 3)
    assert await queue_due(display, 0) == 3
    assert await addressed(db) == [member.id for member in people[:3]]
    assert await queue_due(display) == FOLLOWERS - 3
    assert await addressed(db) == [member.id for member in people]


async def test_r27_a_small_group_does_not_wait_for_all_notifications_of_a_large_one(
    display: Services,
    scheduled: Scheduled,
    people: list[Member],
    watch: Watch,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = (await on_display(display))[1]
    await display.voting.follow(people[-1], few, on=True)
    watch.advance(seconds=1)
    await display.groups.schedule(few, watch.time + timedelta(hours=5), None, "test")
    watch.advance(seconds=1)
    monkeypatch.setattr(campaign_service, "QUEUE_BATCH", 3)
    await queue_due(display)
    subjects = [row.subject for row in await ask(db, "SELECT subject FROM notifications ORDER BY id")]
    of_many, of_few = subjects[0], next(subject for subject in subjects if subject != subjects[0])
    assert subjects == [of_many] * 3 + [of_few] + [of_many] * (FOLLOWERS - 3)


async def test_r26_two_processes_that_queue_at_once_write_to_everyone_once(
    display: Services,
    second: Services,
    scheduled: Scheduled,
    people: list[Member],
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(campaign_service, "QUEUE_BATCH", 2)
    await asyncio.gather(*(queue_due((display, second)[n % 2]) for n in range(6)))
    assert await addressed(db) == [member.id for member in people]


async def test_r24_a_group_moved_between_batches_withdraws_the_rest(
    display: Services,
    scheduled: Scheduled,
    people: list[Member],
    db: Database,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(campaign_service, "QUEUE_BATCH", 3)
    waiting, looks = campaigns.waiting, 0

    async def move_in_between(*args: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 2:
            monkeypatch.setattr(campaigns, "waiting", waiting)
            return None if await _withdrawn(args) else await waiting(*args)
        return await waiting(*args)

    async def _withdrawn(args: tuple[Any, ...]) -> bool:
        connection, number = args
        await campaigns.change(connection, number, state="cancelled")
        return await waiting(connection, number) is None

    monkeypatch.setattr(campaigns, "waiting", move_in_between)
    await queue_due(display)
    assert len(await addressed(db)) == 3
    assert await one(db, "SELECT state FROM campaigns WHERE kind = 'group-scheduled'") == "cancelled", "and stays so"


# -- claiming and settling --


async def test_r26_a_notification_is_claimed_by_one_of_many(
    display: Services, second: Services, scheduled: Scheduled
) -> None:
    await queue_due(display)
    taken = await asyncio.gather(*((display, second)[n % 2].outbox.claim(3) for n in range(8)))
    numbers = [notification.id for some in taken for notification in some]
    assert len(numbers) == len(set(numbers)) == FOLLOWERS


async def test_r26_a_notification_is_begun_once(display: Services, held: list[ClaimedNotification]) -> None:
    begun = await asyncio.gather(*(display.outbox.begin(held[0]) for _ in range(5)))
    assert sorted(map(bool, begun)) == [False] * 4 + [True]


async def test_r26_a_sender_that_lost_its_claim_changes_nothing_more(
    display: Services, held: list[ClaimedNotification], watch: Watch
) -> None:
    """Its lease expired, another sender claimed its notification; then it continues."""
    old = held[0]
    watch.advance(minutes=6)
    freed, _ = await display.outbox.recover(everything=False)
    assert freed == FOLLOWERS
    (new,) = [notification for notification in await display.outbox.claim(50) if notification.id == old.id]
    assert new.fence > old.fence and not await display.outbox.begin(old)
    await display.outbox.sent(old, 1)
    await display.outbox.again(old, timedelta(0), "late")
    await display.outbox.dead(old, "late")
    assert await states(display) == {"claimed": FOLLOWERS}
    assert await display.outbox.begin(new)


async def test_r26_a_notification_stays_claimed_during_its_lease(
    display: Services, held: list[ClaimedNotification], watch: Watch
) -> None:
    await display.outbox.begin(held[0])
    watch.advance(minutes=4)
    assert await display.outbox.recover(everything=False) == (0, 0)
    assert await display.outbox.claim(50) == []
    assert (await display.outbox.recover(everything=True))[0] == FOLLOWERS, "but at the start of the only sender it is"


@pytest.mark.parametrize("sender_dies_first", [True, False])
async def test_r26_a_lost_answer_is_resent_once_however_it_was_lost(
    display: Services, held: list[ClaimedNotification], watch: Watch, sender_dies_first: bool
) -> None:
    """After a lost answer and a killed sender it is not sent a third time."""

    async def lose(notification: ClaimedNotification, sender_dies: bool) -> None:
        assert await display.outbox.begin(notification)
        if sender_dies:
            await display.outbox.recover(everything=True)
        else:
            await display.outbox.lost_answer(notification, timedelta(seconds=2), "reset")
            assert notification.id not in {each.id for each in await display.outbox.claim(50)}, "not at once"
        watch.advance(seconds=2)

    notification = held[0]
    await lose(notification, sender_dies_first)
    (again,) = [each for each in await display.outbox.claim(50) if each.id == notification.id]
    assert again.uncertain_attempts == 1
    await lose(again, not sender_dies_first)
    watch.advance(minutes=10)
    assert notification.id not in {each.id for each in await display.outbox.claim(50)}
    assert (await states(display))["unknown"] == 1


async def test_a_429_in_between_costs_no_try(display: Services, held: list[ClaimedNotification], watch: Watch) -> None:
    notification = held[0]
    for _ in range(5):
        assert await display.outbox.begin(notification)
        await display.outbox.again(notification, timedelta(seconds=35), "Too Many Requests")
        watch.advance(seconds=35)
        (notification,) = [each for each in await display.outbox.claim(50) if each.id == notification.id]
    assert notification.uncertain_attempts == 0


async def test_r27_the_most_urgent_first_then_those_that_wait_longest(
    display: Services, held: list[ClaimedNotification], people: list[Member], watch: Watch, db: Database
) -> None:
    for notification in held:
        await display.outbox.again(notification, timedelta(0), "back")
    await order(db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'carousel'")
    await queue_due(display)
    kinds = [notification.kind for notification in await display.outbox.claim(FOLLOWERS + 2)]
    assert kinds == [NotificationKind.GROUP_SCHEDULED] * FOLLOWERS + [NotificationKind.CAROUSEL] * 2


async def test_r26_an_expired_notification_is_never_claimed(
    display: Services, scheduled: Scheduled, people: list[Member], watch: Watch, db: Database
) -> None:
    await order(db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'carousel'")
    await queue_due(display)
    watch.time = scheduled.opens_at
    assert {notification.kind for notification in await display.outbox.claim(5)} == {NotificationKind.CAROUSEL}
    assert (await states(display))["expired"] == FOLLOWERS


async def test_r27_a_postponed_notification_waits_for_its_time(
    display: Services, held: list[ClaimedNotification], watch: Watch
) -> None:
    for notification in held:
        await display.outbox.drop(notification, Skip("quiet hours", watch.time + timedelta(hours=1)))
    watch.advance(minutes=59)
    assert await display.outbox.claim(50) == []
    watch.advance(minutes=1)
    assert len(await display.outbox.claim(50)) == FOLLOWERS


async def test_r26_what_was_claimed_in_time_and_read_too_late_has_expired_whatever_the_reason_not_to_send_it(
    display: Services, held: list[ClaimedNotification], scheduled: Scheduled, watch: Watch
) -> None:
    watch.time = scheduled.opens_at
    for notification in held:
        await display.outbox.drop(notification, Skip("nothing is on display any more"))
    assert Counter(await states(display)) == {"expired": FOLLOWERS}


async def test_r26_an_unreachable_members_pending_notifications_are_suppressed(
    display: Services, held: list[ClaimedNotification], people: list[Member], db: Database
) -> None:
    await display.people.mark_unreachable(people[0].chat_id, "blocked")
    mine = next(notification for notification in held if notification.member_id == people[0].id)
    assert not await display.outbox.begin(mine)
    assert Counter(await states(display)) == {"claimed": FOLLOWERS - 1, "suppressed": 1}

"""What an organiser sees of deliveries, and how they steer them (R24, R26, R27); the hold after a restore."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from domain.call_outcomes import CallOutcome
from domain.campaigns import ENDS_IN, CampaignState, UnsentReason
from domain.notifications import NotificationKind
from services import campaigns as module
from services.campaigns import Campaign
from services.groups import Scheduled
from services.notifications.kinds import Skip
from storage import campaigns, notifications
from storage.db import Database
from storage.notifications import of_campaign
from tests.conftest import TUESDAY_TEN, Watch, meet, queue_due
from tests.services.conftest import ask, on_display, one, order, until_blocked

pytestmark = pytest.mark.postgresql_later

PEOPLE = 7


@pytest.fixture
async def item(display: Services, db: Database, monkeypatch: pytest.MonkeyPatch) -> int:
    """An item that seven people follow; notifications are moved three at a time."""
    monkeypatch.setattr(module, "BATCHES", 10)
    monkeypatch.setattr(module, "BATCH", 3)
    await order(db, "UPDATE campaigns SET state = 'expired'")
    item = (await on_display(display))[0]
    for chat_id in range(1001, 1001 + PEOPLE):
        await display.voting.follow(await meet(display, chat_id, "P"), item, on=True)
    return item


async def announced(services: Services, item: int, hours: float = 5) -> Campaign:
    """Schedule the group and queue its first notifications."""
    opens_at = services.context.clock.now() + timedelta(hours=hours)
    assert isinstance(await services.groups.schedule(item, opens_at, None, "test"), Scheduled)
    await queue_due(services)
    return await latest(services, NotificationKind.GROUP_SCHEDULED)


async def latest(services: Services, kind: NotificationKind) -> Campaign:
    """The newest campaign of a kind, looked at closely."""
    found = next(campaign for campaign in await services.campaigns.latest(50) if campaign.kind is kind)
    campaign = await services.campaigns.one(found.id)
    assert campaign is not None
    return campaign


async def send(services: Services, most: int = 50) -> int:
    """Send due notifications. Returns how many were claimed."""
    claimed = await services.outbox.claim(most)
    for notification in claimed:
        contents = await services.outbox.contents(notification)
        assert not isinstance(contents, Skip)
        if await services.outbox.begin(notification):
            await services.outbox.sent(notification, 1)
    return len(claimed)


async def test_a_campaign_is_counted_by_the_outcomes_of_its_notifications(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    campaign = await announced(display, item)
    assert campaign.title("en").startswith("Thing") and campaign.title("zh").startswith("宝贝")
    assert campaign.tally.states == {"pending": PEOPLE} and campaign.tally.done == 0
    assert campaign.ends_at == watch.now() + timedelta(seconds=PEOPLE / display.context.rules.send_rate)
    await send(display, 2)
    claimed = await display.outbox.claim(4)
    await display.people.mark_unreachable(1003, "blocked")
    await display.outbox.drop(claimed[1], Skip("alerts are off", code=UnsentReason.TURNED_OFF))
    await display.outbox.drop(claimed[2], Skip("Forbidden: user is deactivated", code=CallOutcome.UNREACHABLE))
    await display.outbox.dead(claimed[3], "no")
    seen = await latest(display, NotificationKind.GROUP_SCHEDULED)
    assert seen.tally.states == {"sent": 2, "suppressed": 3, "dead": 1, "pending": 1}
    assert seen.tally.unsent == {UnsentReason.BLOCKED: 1, UnsentReason.TURNED_OFF: 1, UnsentReason.UNREACHABLE: 1}
    assert seen.tally.total == PEOPLE and seen.tally.waiting == 1
    assert seen.tally.done == pytest.approx(6 / 7)


async def test_more_urgent_notifications_delay_the_estimated_end(display: Services, item: int, db: Database) -> None:
    await announced(display, item)
    await order(db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'carousel'")
    await queue_due(display)
    carousel = await latest(display, NotificationKind.CAROUSEL)
    waits = carousel.tally.waiting
    assert waits >= PEOPLE and carousel.title("en") == ""
    seconds = (waits + PEOPLE) / display.context.rules.send_rate
    assert carousel.ends_at == display.context.clock.now() + timedelta(seconds=seconds)


async def test_a_paused_campaign_sends_nothing_and_continues_where_it_stopped(display: Services, item: int) -> None:
    campaign = await announced(display, item)
    await send(display, 2)
    assert await display.campaigns.pause(campaign.id)
    assert not await display.campaigns.pause(campaign.id), "twice"
    assert await send(display) == 0
    paused = await latest(display, NotificationKind.GROUP_SCHEDULED)
    assert paused.state is CampaignState.PAUSED_QUEUED and paused.tally.states == {"sent": 2, "paused": PEOPLE - 2}
    assert paused.ends_at is None and paused.tally.done == pytest.approx(2 / 7)
    assert await display.campaigns.resume(campaign.id)
    assert not await display.campaigns.resume(campaign.id), "twice"
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).state is CampaignState.QUEUED
    assert await send(display) == PEOPLE - 2
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == {"sent": PEOPLE}


async def test_claimed_notifications_are_held_back_too_but_none_in_flight(display: Services, item: int) -> None:
    campaign = await announced(display, item)
    held, flying = await display.outbox.claim(2)
    assert await display.outbox.begin(flying)
    await display.campaigns.pause(campaign.id)
    assert not await display.outbox.begin(held)
    await display.outbox.sent(flying, 1)
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == {"sent": 1, "paused": PEOPLE - 1}


async def test_a_notification_in_flight_at_the_cancellation_is_not_sent_again(display: Services, item: int) -> None:
    campaign = await announced(display, item)
    refused, lost, *_ = flying = await display.outbox.claim(2)
    for notification in flying:
        assert await display.outbox.begin(notification)
    assert await display.campaigns.pause(campaign.id) and await display.campaigns.cancel(campaign.id)
    await display.outbox.again(refused, timedelta(0), "Too Many Requests")
    await display.outbox.lost_answer(lost, timedelta(0), "502")
    assert await send(display) == 0
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == {"cancelled": PEOPLE}


async def test_a_notification_that_is_settled_during_a_pause_is_not_moved(
    display: Services, item: int, db: Database
) -> None:
    """Where both happen at once, who marks it comes first or the pause does: never both (R26)."""
    campaign = await announced(display, item)
    claimed = await display.outbox.claim(3)
    async with db.write() as connection:
        for notification in claimed:
            assert await notifications.settle(connection, notification, "inflight", ["claimed"])
        pausing = asyncio.create_task(display.campaigns.pause(campaign.id))
        await until_blocked(db, pausing)
    assert await pausing
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == {
        "inflight": 3,
        "paused": PEOPLE - 3,
    }


@pytest.mark.parametrize("when", ["before anything is put aside", "while it is"])
async def test_a_resume_during_a_claim_leaves_no_notification_paused(
    display: Services, item: int, db: Database, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    campaign = await announced(display, item)
    await order(db, f"UPDATE campaigns SET state = '{CampaignState.PAUSED_QUEUED.value}' WHERE id = {campaign.id}")
    held_back, resuming = campaigns.held_back, list[asyncio.Task[bool]]()

    async def meanwhile(connection: AsyncConnection, now: datetime, **how: bool) -> Any:
        found = await held_back(connection, now, **how)
        if bool(how) == (when == "while it is") and not resuming:
            resuming.append(asyncio.create_task(display.campaigns.resume(campaign.id)))
            await until_blocked(db, resuming[0])
        return found

    with monkeypatch.context() as patched:
        patched.setattr(campaigns, "held_back", meanwhile)
        sent = await send(display)
        assert await resuming[0]
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).state is CampaignState.QUEUED
    assert sent + await send(display) == PEOPLE


async def test_a_campaign_that_is_not_due_waits_until_it_is(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    await announced(display, item)
    await send(display)
    soon = await latest(display, NotificationKind.GROUP_SOON)
    await display.campaigns.pause(soon.id)
    watch.advance(hours=4.6)
    await queue_due(display)
    assert (
        await send(display) == 0 and (await latest(display, NotificationKind.GROUP_SOON)).state is CampaignState.PAUSED
    )
    await display.campaigns.resume(soon.id)
    await queue_due(display)
    assert await send(display) == PEOPLE


async def test_a_cancelled_campaign_is_final(display: Services, item: int, db: Database) -> None:
    campaign = await announced(display, item)
    await send(display, 2)
    assert await display.campaigns.pause(campaign.id) and await display.campaigns.cancel(campaign.id)
    cancelled = await latest(display, NotificationKind.GROUP_SCHEDULED)
    assert cancelled.state is CampaignState.CANCELLED and cancelled.tally.states == {"sent": 2, "cancelled": PEOPLE - 2}
    assert cancelled.tally.done == 1
    for act in (display.campaigns.cancel, display.campaigns.pause, display.campaigns.resume):
        assert not await act(campaign.id)
    assert not await display.campaigns.cancel(10**9)
    await queue_due(display)
    await display.campaigns.tick()
    assert await send(display) == 0
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == cancelled.tally.states


async def test_a_finished_campaign_can_be_neither_paused_nor_cancelled(
    display: Services, item: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await announced(display, item)
    await send(display, PEOPLE - 1)
    begun, waits = (
        await latest(display, NotificationKind.GROUP_SCHEDULED),
        await latest(display, NotificationKind.GROUP_OPEN),
    )
    assert (begun.finished, begun.audience, waits.finished, waits.audience) == (False, None, False, PEOPLE)
    await send(display)
    for few in (10_000, 0):  # found by the campaign's key, and by the state of the notifications
        monkeypatch.setattr(of_campaign, "_FEW", few)
        assert not await display.campaigns.pause(campaign.id) and not await display.campaigns.cancel(campaign.id)
        seen = await latest(display, NotificationKind.GROUP_SCHEDULED)
        assert seen.finished and seen.state is CampaignState.QUEUED and seen.tally.states == {"sent": PEOPLE}
        assert [one.finished for one in await display.campaigns.latest(50) if one.id == campaign.id] == [True]


async def test_a_paused_campaign_past_its_deadline_expires(display: Services, item: int, watch: Watch) -> None:
    campaign = await announced(display, item)
    await display.campaigns.pause(campaign.id)
    watch.advance(hours=6)
    await display.campaigns.tick()
    seen = await latest(display, NotificationKind.GROUP_SCHEDULED)
    assert seen.state is CampaignState.EXPIRED and seen.tally.states == {"expired": PEOPLE}


async def test_a_notification_that_expires_while_paused_stays_paused(
    display: Services, item: int, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await announced(display, item)
    soon = await latest(display, NotificationKind.GROUP_SOON)
    watch.advance(hours=6)
    read = display.context.db.autocommit_read

    async def then_paused(work: Any) -> Any:
        found = await read(work)
        if not pausing:
            pausing.append(asyncio.create_task(display.campaigns.pause(soon.id)))
            await asyncio.wait(pausing)
        return found

    pausing: list[asyncio.Task[bool]] = []
    monkeypatch.setattr(display.context.db, "autocommit_read", then_paused)
    await queue_due(display)
    assert await pausing[0]
    assert (await latest(display, NotificationKind.GROUP_SOON)).state is CampaignState.PAUSED


async def test_a_moved_group_withdraws_paused_notifications(display: Services, item: int) -> None:
    campaign = await announced(display, item)
    await display.campaigns.pause(campaign.id)
    await announced(display, item, hours=7)
    seen = await display.campaigns.one(campaign.id)
    assert seen is not None and seen.state is CampaignState.CANCELLED and seen.tally.states == {"cancelled": PEOPLE}
    assert not await display.campaigns.resume(campaign.id)
    assert await send(display) == PEOPLE


@pytest.mark.parametrize("at_once", [1_000, 2])
@pytest.mark.parametrize("state", [CampaignState.PAUSED_QUEUED, CampaignState.CANCELLING])
async def test_notifications_left_by_a_dead_process_are_not_sent_and_delay_no_others(
    display: Services, item: int, db: Database, state: CampaignState, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died after changing the campaign's state, before moving a notification. Claims move them."""
    monkeypatch.setattr(notifications.outbox, "_PARKED_AT_ONCE", at_once)
    campaign = await announced(display, item)
    await order(db, f"UPDATE campaigns SET state = '{state.value}' WHERE id = {campaign.id}")
    other = (await on_display(display))[1]
    await display.voting.follow(await meet(display, 1001, "P"), other, on=True)
    opens_at = display.context.clock.now() + timedelta(hours=9)
    assert isinstance(await display.groups.schedule(other, opens_at, None, "test"), Scheduled)
    await queue_due(display)
    assert await send(display, 2) == 1, "the other group's notification is behind those of the paused one"
    assert await send(display) == 0
    became = {CampaignState.PAUSED_QUEUED: "paused", CampaignState.CANCELLING: "cancelled"}[state]
    seen = await display.campaigns.one(campaign.id)
    assert seen is not None and seen.tally.states == {became: PEOPLE}


@pytest.mark.parametrize("state", list(ENDS_IN))
async def test_the_tick_finishes_the_state_changes_of_a_dead_process(
    display: Services, item: int, db: Database, state: CampaignState
) -> None:
    campaign = await announced(display, item)
    await display.campaigns.pause(campaign.id)
    await order(db, f"UPDATE campaigns SET state = '{state.value}' WHERE id = {campaign.id}")
    await display.campaigns.tick()
    seen = await display.campaigns.one(campaign.id)
    assert seen is not None and seen.state is ENDS_IN[state]
    became = {CampaignState.CANCELLED: "cancelled", CampaignState.EXPIRED: "expired"}.get(seen.state, "pending")
    assert seen.tally.states == {became: PEOPLE}


async def test_a_member_who_leaves_while_a_campaign_is_paused_gets_nothing_afterwards(
    display: Services, item: int
) -> None:
    campaign = await announced(display, item)
    await display.campaigns.pause(campaign.id)
    await display.people.mark_unreachable(1001, "blocked")
    await display.campaigns.resume(campaign.id)
    assert await send(display) == PEOPLE - 1


async def test_a_tap_moves_some_notifications_and_ticks_the_others(
    display: Services, item: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCHES", 1)
    campaign = await announced(display, item)
    assert await display.campaigns.pause(campaign.id)
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == {
        "paused": 3,
        "pending": PEOPLE - 3,
    }
    assert await send(display) == 0, "the claim has put the others aside"
    assert (await latest(display, NotificationKind.GROUP_SCHEDULED)).tally.states == {"paused": PEOPLE}
    assert await display.campaigns.cancel(campaign.id)
    seen = [await latest(display, NotificationKind.GROUP_SCHEDULED)]
    while seen[-1].state is CampaignState.CANCELLING:
        assert len(seen) < 10
        await display.campaigns.tick()
        seen.append(await latest(display, NotificationKind.GROUP_SCHEDULED))
    assert [campaign.tally.states.get("cancelled") for campaign in seen] == [3, 6, PEOPLE, PEOPLE]
    assert seen[-1].state is CampaignState.CANCELLED


# -- paying for it --


async def crowded(services: Services, item: int, paid_rate: float | None = 100, seconds: float = 3) -> Campaign:
    """A group that opens in this number of seconds, with seven people to notify at one a second."""
    rules = replace(services.context.rules, send_rate=1, paid_rate=paid_rate)
    services.context.rules = rules
    return await announced(services, item, hours=seconds / 3600)


async def test_r24_alerts_that_do_not_fit_are_paid_once_at_the_price_shown(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    campaign = await crowded(display, item, seconds=61)
    assert campaign.offer is None, "all fit"
    campaign = await crowded(display, item)
    offer = campaign.offer
    assert offer is not None and (offer.messages, offer.late) == (PEOPLE, PEOPLE - 3)
    assert offer.stars == pytest.approx(0.7) and offer.until == watch.now() + timedelta(seconds=3)
    assert not await display.campaigns.pay(campaign.id, PEOPLE - 1, "o"), "a price that is too low now"
    assert [notification.paid for notification in await display.outbox.claim(1)] == [False], (
        "notifications are not paid by default"
    )
    assert await display.campaigns.pay(campaign.id, PEOPLE, "organiser 1")
    assert not await display.campaigns.pay(campaign.id, PEOPLE, "organiser 2"), "twice"
    row = (await ask(db, "SELECT paid_for, paid_by, paid_at FROM campaigns WHERE id = :id", id=campaign.id))[0]
    assert (row.paid_for, row.paid_by) == (PEOPLE, "organiser 1") and row.paid_at
    paid = await display.campaigns.one(campaign.id)
    assert paid is not None and paid.paid_for == PEOPLE and paid.offer is None
    assert paid.ends_at == watch.now() + timedelta(seconds=PEOPLE / 100)
    assert {notification.paid for notification in await display.outbox.claim(50)} == {True}


async def test_r24_only_alerts_that_need_it_and_may_be_paid_have_an_offer(display: Services, item: int) -> None:
    assert (await crowded(display, item, paid_rate=None)).offer is None
    campaign = await crowded(display, item, seconds=4)
    assert campaign.offer is not None
    assert await display.campaigns.pause(campaign.id)
    assert not await display.campaigns.pay(campaign.id, PEOPLE, "o"), "a paused one"
    assert not await display.campaigns.pay(10**9, PEOPLE, "o")


async def test_r24_the_price_is_named_at_scheduling(display: Services, item: int) -> None:
    display.context.rules = replace(display.context.rules, send_rate=1, paid_rate=100)
    soon = display.context.clock.now() + timedelta(seconds=3)
    found = await display.groups.schedule(item, soon, None, "test")
    assert isinstance(found, Scheduled) and not found.fits and found.price == PEOPLE
    display.context.rules = replace(display.context.rules, paid_rate=1.5)
    found = await display.groups.schedule(item, soon + timedelta(seconds=1), None, "test")
    assert isinstance(found, Scheduled) and not found.fits and found.price is None, "it would not help"


# -- the hold after a restore --


async def test_a_hold_lasts_until_an_organiser_ends_it(display: Services, item: int, db: Database) -> None:
    await announced(display, item)
    await order(db, f"INSERT INTO key_values (name, value) VALUES ('held_since', '{TUESDAY_TEN.isoformat()}')")
    await order(db, "UPDATE campaigns SET state = 'waiting', cursor = 0 WHERE kind = 'carousel'")
    assert await display.campaigns.held_since() == TUESDAY_TEN
    assert await queue_due(display) == 0 and await send(display) == 0
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'carousel' AND state = 'waiting'")
    assert await display.campaigns.end_hold()
    assert not await display.campaigns.end_hold(), "twice"
    assert await display.campaigns.held_since() is None
    assert await queue_due(display) > 0 and await send(display) > PEOPLE


async def test_a_hold_keeps_no_group_from_opening(display: Services, item: int, db: Database, watch: Watch) -> None:
    await announced(display, item)
    await order(db, f"INSERT INTO key_values (name, value) VALUES ('held_since', '{TUESDAY_TEN.isoformat()}')")
    watch.advance(hours=6)
    await queue_due(display)
    assert [tuple(row) for row in await ask(db, f"SELECT state FROM items WHERE id = {item}")] == [("open",)]


# -- old campaigns --


async def test_old_carousels_are_deleted_in_small_steps_and_stay_counted(
    display: Services, db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.MOST_ROWS", 2)
    monkeypatch.setattr("services.operations.BATCHES", 2)
    for chat_id in range(1001, 1001 + PEOPLE):
        await meet(display, chat_id, "P")
    await queue_due(display)
    await send(display, 4)
    await display.people.mark_unreachable(1006, "blocked")
    await display.people.mark_unreachable(1007, "blocked")
    before = await latest(display, NotificationKind.CAROUSEL)
    assert before.tally.states == {"sent": 4, "pending": 1, "suppressed": 2}
    await order(db, "UPDATE rounds SET closed_at = NULL")
    watch.advance(days=9)
    await display.housekeeping.tick()
    assert (await one(db, "SELECT count(*) FROM notifications")) == PEOPLE, "over the holidays a round goes on"
    await display.rounds.tick()
    watch.advance(days=4)
    for left in (3, 1, 1):
        await display.housekeeping.tick()
        assert (await one(db, "SELECT count(*) FROM notifications WHERE member_id IS NOT NULL")) == left, (
            "so that taps go on"
        )
        assert (await latest(display, NotificationKind.CAROUSEL)).tally == before.tally
    assert (await one(db, "SELECT state FROM notifications")) == "pending", "what has not ended is kept, whatever it is"

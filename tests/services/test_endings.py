"""Items that end without a group: put out for a reason, or undecided for two weeks (R1, R5, R6)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from domain.goods import ItemState, WhyOut
from domain.notifications import NotificationKind
from domain.voting import Reason
from services.groups import MOST_AT_ONCE, Rejected, RejectionRefusal, Scheduled
from services.notifications.kinds import ItemRejected, Skip
from storage import campaigns
from storage.db import Database
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import ask, assert_sound, on_display, one, order, voter
from tests.services.test_scheduling import deliver
from tests.waiting import GUARD

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """An item that Ann voted for and Cem follows; Dan once did, too. The carousels are out."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    item = (await on_display(display))[0]
    await display.voting.cast(await voter(display, 1001), item)
    dan = await voter(display, 1002)
    await display.voting.cast(dan, item)
    await display.voting.take_back(dan, item)
    await display.voting.follow(await meet(display, 1003, "P1003"), item, on=True)
    return item


async def state(services: Services, item: int) -> ItemState:
    found = await services.goods.item(item)
    assert found is not None
    return found.state


async def two_weeks_later(services: Services, watch: Watch) -> None:
    """Two weeks after the end of the round, at noon."""
    watch.advance(days=1)
    await services.rounds.tick()
    watch.advance(days=14, hours=2)


# -- rejected (R5) --


@pytest.mark.parametrize("why", list(WhyOut))
async def test_r5_voters_and_followers_are_notified_of_the_reason_once(
    why: WhyOut, display: Services, item: int, db: Database
) -> None:
    result = await display.groups.reject(item, why, "organiser 7")
    assert isinstance(result, Rejected) and result.notified == 2
    await queue_due(display)
    claimed = await display.outbox.claim(9)
    found = [await display.outbox.contents(notification) for notification in claimed]
    assert [(got.chat_id, got.why, got.group_announced) for got in found if isinstance(got, ItemRejected)] == [
        (1001, why, False),
        (1003, why, False),
    ]
    assert await deliver(display) == []
    steps = await ask(db, "SELECT actor, reason FROM item_steps WHERE item_id = :id AND state = 'rejected'", id=item)
    assert steps == [("organiser 7", why.value)]


async def test_r5_a_vote_for_it_stays_in_the_history_and_takes_no_further_act(
    display: Services, item: int, db: Database
) -> None:
    await display.groups.reject(item, WhyOut.PRICE, "test")
    mine = await display.voting.mine(await meet(display, 1001, "P1001"), 0, ended=True)
    assert [one.state for one in mine.voted] == [ItemState.REJECTED]
    for act in (display.voting.cast, display.voting.take_back):
        refused = (await act(await meet(display, 1002 if act == display.voting.cast else 1001), item)).refused
        assert refused is not None and refused.reason is Reason.ITEM_OUT
    await assert_sound(db)


async def test_r5_a_rejected_item_leaves_the_display_at_once(display: Services, item: int) -> None:
    assert item in await on_display(display)
    await display.groups.reject(item, WhyOut.TIME, "test")
    assert item not in await on_display(display)
    drawn = await display.carousel.picks((), 40)
    assert len(drawn) == 39 and item not in drawn


async def test_r5_a_scheduled_group_is_cancelled_and_its_unsent_alerts_withdrawn(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(hours=3)
    assert isinstance(await display.groups.schedule(item, opens_at, None, "test"), Scheduled)
    await queue_due(display)
    first, *_ = await display.outbox.claim(1)
    assert await display.outbox.begin(first)
    await display.outbox.sent(first, 1)
    await display.groups.reject(item, WhyOut.QUANTITY, "test")
    assert await display.groups.next_alert() is None
    sent = await deliver(display)
    assert sorted(sent) == [(NotificationKind.ITEM_REJECTED, 1001), (NotificationKind.ITEM_REJECTED, 1003)]
    watch.time = opens_at
    assert await deliver(display) == []
    assert await state(display, item) is ItemState.REJECTED
    found = await display.goods.item(item)
    assert found is not None and found.group_opens_at is None
    assert await one(db, "SELECT opened_at FROM groups WHERE item_id = :id", id=item) is None


async def test_r5_a_cancelled_group_is_announced_at_night_to_members_who_knew_of_it(
    display: Services, item: int, watch: Watch
) -> None:
    opens_at = watch.time + timedelta(days=1)
    await display.groups.schedule(item, opens_at, None, "test")
    await queue_due(display)
    (first, *_) = await display.outbox.claim(1)
    assert await display.outbox.begin(first)
    await display.outbox.sent(first, 1)
    watch.advance(hours=13)  # 23:00
    await display.groups.reject(item, WhyOut.SAMPLE, "test")
    await queue_due(display)
    found = [await display.outbox.contents(notification) for notification in await display.outbox.claim(9)]
    told, other = sorted(found, key=lambda got: isinstance(got, Skip))
    assert isinstance(told, ItemRejected) and told.to.id == first.member_id and told.group_announced
    assert isinstance(other, Skip) and other.reason == "quiet hours"


async def test_r5_rejected_twice_and_at_once_ends_it_once(display: Services, item: int, db: Database) -> None:
    done = await asyncio.gather(*(display.groups.reject(item, WhyOut.PRICE, "test") for _ in range(5)))
    assert sorted(isinstance(result, Rejected) for result in done) == [False] * 4 + [True]
    assert set(done) - {result for result in done if isinstance(result, Rejected)} == {RejectionRefusal.ENDED}
    assert await one(db, "SELECT count(*) FROM item_steps WHERE state = 'rejected'") == 1
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'item-rejected'") == 1


async def test_r5_reject_too_late_once_the_group_is_open(display: Services, item: int, watch: Watch) -> None:
    await display.groups.schedule(item, watch.time + timedelta(hours=1), None, "test")
    watch.advance(hours=1)
    await queue_due(display)
    assert await display.groups.reject(item, WhyOut.PRICE, "test") is RejectionRefusal.OPEN_ALREADY
    assert await display.groups.reject(999_999, WhyOut.PRICE, "test") is RejectionRefusal.UNKNOWN_ITEM
    assert await state(display, item) is ItemState.OPEN


async def test_r5_a_rejected_item_gets_no_group(display: Services, item: int, watch: Watch) -> None:
    await display.groups.reject(item, WhyOut.PRICE, "test")
    assert await display.groups.schedule(item, watch.time + timedelta(hours=1), None, "test") == "ended"
    assert await display.goods.show_again(item, "test") is None


# -- undecided (R6) --


async def test_r6_an_item_without_a_decision_for_two_weeks_expires_and_its_audience_is_notified(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    await two_weeks_later(display, watch)
    assert await display.groups.expire() == 40
    assert await state(display, item) is ItemState.EXPIRED
    steps = await ask(db, "SELECT actor, reason FROM item_steps WHERE item_id = :id AND state = 'expired'", id=item)
    assert steps == [("clock", "nobody decided within 14 days")]
    told = [who for who in await deliver(display) if who[0] is NotificationKind.ITEM_EXPIRED]
    assert told == [(NotificationKind.ITEM_EXPIRED, 1001), (NotificationKind.ITEM_EXPIRED, 1003)], (
        "an item without an audience has no notification"
    )


async def test_r6_lapsing_waits_for_the_whole_two_weeks_and_happens_once(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    await two_weeks_later(display, watch)
    watch.time = watch.time.replace(hour=0, minute=0) - timedelta(seconds=1)  # a second before 08:00
    assert await display.groups.expire() == 0 and await state(display, item) is ItemState.DISPLAYED
    watch.advance(minutes=1)
    assert await display.groups.expire() == 40
    for _ in range(3):
        watch.advance(minutes=1)
        assert await display.groups.expire() == 0
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'item-expired'") == 1


async def test_r6_an_item_with_a_decision_does_not_expire(display: Services, item: int, watch: Watch) -> None:
    other = (await on_display(display))[1]
    await display.groups.schedule(item, watch.time + timedelta(days=20), None, "test", even_late=True)
    await display.groups.reject(other, WhyOut.PRICE, "test")
    await two_weeks_later(display, watch)
    await display.groups.expire()
    assert await state(display, item) is ItemState.SCHEDULED and await state(display, other) is ItemState.REJECTED


async def test_r6_many_expire_in_batches_so_that_votes_do_not_wait(
    display: Services, watch: Watch, db: Database
) -> None:
    await order(
        db,
        "INSERT INTO items (ref, listing_number, shop_id, title, title_en, category, original_fen, expected_fen, "
        "stock, lead_days, url, picture_id, description, description_en, state, round_id, wants, shown, head_start) "
        "SELECT ref || '-' || n, 1, shop_id, title, title_en, category, original_fen, expected_fen, stock, lead_days, "
        "url, picture_id, '', '', state, round_id, 0, 0, 0 FROM items, "
        "(SELECT 1 AS n UNION SELECT 2 UNION SELECT 3) AS times",
    )
    await two_weeks_later(display, watch)
    assert [await display.groups.expire() for _ in range(3)] == [MOST_AT_ONCE, 160 - MOST_AT_ONCE, 0]


# -- large audiences --


@pytest.fixture
async def votes_meanwhile(display: Services, item: int, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each vote that was cast while an audience was counted was stored."""
    eve, others, stored = await voter(display, 1005), (await on_display(display))[1:], []
    count = campaigns.audiences

    async def while_a_member_votes(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, int]:
        async with asyncio.timeout(GUARD):
            stored.append((await display.voting.cast(eve, others[len(stored)])).voted)
        return await count(connection, item_ids)

    monkeypatch.setattr(campaigns, "audiences", while_a_member_votes)
    return stored


async def test_votes_are_stored_while_an_audience_is_counted(
    display: Services, item: int, watch: Watch, votes_meanwhile: list[bool]
) -> None:
    """Of a million votes that takes a second."""
    done = await display.groups.schedule(item, watch.now() + timedelta(days=2), None, "test")
    assert isinstance(done, Scheduled) and done.audience == 2
    ended = await display.groups.reject(item, WhyOut.SAMPLE, "test")
    assert isinstance(ended, Rejected) and ended.notified == 2
    assert votes_meanwhile == [True, True, True], "the audience, all that is planned, and who is told of the end"
    assert await display.groups.reject(item, WhyOut.SAMPLE, "test") is RejectionRefusal.ENDED
    assert len(votes_meanwhile) == 3, "nothing is counted for what is refused"


async def test_expiring_items_does_not_count_their_audiences(
    display: Services, item: int, db: Database, watch: Watch, votes_meanwhile: list[bool]
) -> None:
    quiet, followed, *_ = (await on_display(display))[1:]
    await display.voting.cast(await voter(display, 1006), quiet)
    await order(db, "UPDATE members SET alerts_on = (0 = 1) WHERE chat_id = 1006")
    await display.voting.follow(await meet(display, 1007), followed, on=True)
    await two_weeks_later(display, watch)
    assert await display.groups.expire() == 40 and not votes_meanwhile
    about = await ask(db, "SELECT subject FROM campaigns WHERE kind = 'item-expired' ORDER BY subject")
    assert [row.subject for row in about] == sorted([item, followed]), "items without an audience have no campaign"

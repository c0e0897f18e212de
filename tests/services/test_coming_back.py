"""A good that comes back in a later round: a new entry, a new count, and its old voters told (R16)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.services import Services
from domain.goods import ItemState
from domain.voting import Reason
from services.groups import Scheduled
from storage.db import Database
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import ask, assert_sound, on_display, one, voter, wants

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
async def shown(display: Services, watch: Watch) -> int:
    """An item that Ann voted for and Bob follows, and that Dora no longer wants, whose round is over."""
    item = (await on_display(display))[0]
    dora = await voter(display, 1004)
    await display.voting.cast(dora, item)
    await display.voting.take_back(dora, item)
    await display.voting.cast(await voter(display, 1001), item)
    await display.voting.follow(await meet(display, 1002), item, on=True)
    await voter(display, 1003)
    watch.advance(days=1)
    await display.rounds.tick()
    return item


async def back_on_display(services: Services, item: int) -> int:
    again = await services.goods.show_again(item, "test")
    assert again is not None and await services.rounds.open_special()
    return again


async def test_r16_it_is_a_new_entry_with_a_new_count(display: Services, shown: int, db: Database) -> None:
    again = await back_on_display(display, shown)
    assert again != shown and await wants(display, again) == 0 and await wants(display, shown) == 1
    item = await display.goods.item(again)
    assert item is not None and (item.listing_number, item.shown, item.state) == (2, 0, ItemState.ON_DISPLAY)
    old = await display.goods.item(shown)
    assert old is not None and old.state is ItemState.EXPIRED
    reason = await one(db, "SELECT reason FROM item_steps WHERE item_id = :id AND state = 'expired'", id=shown)
    assert reason, "an item's end carries a reason"


async def test_r16_its_old_voters_may_vote_anew(display: Services, shown: int, db: Database) -> None:
    again = await back_on_display(display, shown)
    ann = await meet(display, 1001, "P1001")
    assert (await display.voting.cast(ann, again)).refused is None
    late = await display.voting.take_back(ann, shown)
    assert late.refused is not None and late.refused.reason is Reason.ITEM_OUT
    await assert_sound(db)


async def test_r16_its_old_voters_are_told_once(display: Services, shown: int, db: Database) -> None:
    again = await back_on_display(display, shown)
    for _ in range(3):
        await queue_due(display)
        await display.rounds.tick()
    notifications = await ask(
        db, "SELECT subject, member_id FROM notifications WHERE kind = 'item-relisted' ORDER BY member_id"
    )
    ann = await meet(display, 1001, "P1001")
    assert [tuple(row) for row in notifications] == [(again, ann.id)], "only its voter"


async def test_r16_voters_of_any_earlier_listing_are_notified_once(
    display: Services, shown: int, db: Database, watch: Watch
) -> None:
    second = await back_on_display(display, shown)
    cem = await meet(display, 1003, "P1003")
    ann = await meet(display, 1001, "P1001")
    for member in (cem, ann):
        await display.voting.cast(member, second)
    watch.advance(days=1)
    await display.rounds.tick()
    third = await back_on_display(display, second)
    await queue_due(display)
    told = await ask(db, "SELECT member_id FROM notifications WHERE kind = 'item-relisted' AND subject = :id", id=third)
    assert sorted(row[0] for row in told) == sorted([ann.id, cem.id])


async def test_r26_followers_are_notified_of_a_group_in_a_later_listing(
    display: Services, shown: int, db: Database, watch: Watch
) -> None:
    bob = await meet(display, 1002)
    for _ in range(2):
        shown = await back_on_display(display, shown)
        watch.advance(days=1)
        await display.rounds.tick()
    planned = await display.groups.schedule(shown, watch.time + timedelta(hours=3), None, "test")
    assert isinstance(planned, Scheduled) and planned.audience == 1
    await queue_due(display)
    told = await ask(db, "SELECT member_id FROM notifications WHERE kind = 'group-scheduled'")
    assert [row[0] for row in told] == [bob.id], "its follower, not voters of an earlier listing"


async def test_r26_former_followers_and_erased_members_are_not_carried_over(
    display: Services, shown: int, db: Database
) -> None:
    stays, leaves = await meet(display, 1003, "P1003"), await meet(display, 1004, "P1004")
    for member in (stays, leaves):
        await display.voting.follow(member, shown, on=True)
    await display.voting.follow(leaves, shown, on=False)
    await display.people.erase(await meet(display, 1002))
    again = await display.goods.show_again(shown, "test")
    carried = await ask(db, "SELECT member_id FROM follows WHERE item_id = :id", id=again)
    assert [row[0] for row in carried] == [stays.id]


async def test_r25_my_votes_lead_from_an_earlier_listing_to_the_newest(
    display: Services, shown: int, watch: Watch
) -> None:
    ann, bob = await meet(display, 1001, "P1001"), await meet(display, 1002)
    assert not (await display.voting.mine(ann, 0)).back
    newest = shown
    for listing in (2, 3):
        again = await display.goods.show_again(newest, "test")
        assert again is not None
        newest = again
        mine = await display.voting.mine(ann, 0)
        assert [item.id for item in mine.voted] == [shown]
        assert {old: (new.id, new.listing_number, new.state) for old, new in mine.back.items()} == {
            shown: (newest, listing, ItemState.PASSED)
        }
        await display.rounds.open_special()
        assert (await display.voting.mine(ann, 0)).back[shown].state is ItemState.ON_DISPLAY
        assert [item.id for item in (await display.voting.mine(bob, 0)).followed] == [newest], "once, not each listing"
        watch.advance(days=1)
        await display.rounds.tick()


async def test_r16_the_card_of_an_earlier_listing_becomes_that_of_the_newest(display: Services, shown: int) -> None:
    cem = await meet(display, 1003, "P1003")
    again = await display.goods.show_again(shown, "test")
    waiting = await display.carousel.item(cem, shown)
    assert again is not None and waiting is not None
    assert (waiting.item.id, waiting.on_display) == (again, False), "before its round, too: it is known already"
    await display.rounds.open_special()
    back = await display.carousel.item(cem, shown)
    assert back is not None and (back.item.id, back.on_display) == (again, True)


async def test_r26_a_follow_from_the_card_of_an_earlier_listing_is_of_the_newest(display: Services, shown: int) -> None:
    cem = await meet(display, 1003, "P1003")
    again = await display.goods.show_again(shown, "test")
    answer = await display.voting.follow(cem, shown, on=True)
    assert answer.refused is None and answer.item is not None and answer.item.id == again and answer.following
    assert [item.id for item in (await display.voting.mine(cem, 0)).followed] == [again]
    answer = await display.voting.follow(cem, shown, on=False)
    assert answer.refused is None and not answer.following
    assert (await display.voting.mine(cem, 0)).followed == ()


async def test_r16_a_new_item_notifies_no_voters(display: Services, db: Database) -> None:
    await queue_due(display)
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'item-relisted'") == 0


async def test_r16_the_news_that_it_is_back_ends_with_its_display(display: Services, shown: int, watch: Watch) -> None:
    again = await back_on_display(display, shown)
    await queue_due(display)
    (first, *_) = [
        notification for notification in await display.outbox.claim(9) if notification.kind == "item-relisted"
    ]
    watch.advance(minutes=1)
    assert await display.groups.schedule(again, watch.time.replace(hour=9), None, "test")
    contents = await display.outbox.contents(first)
    assert getattr(contents, "reason", "") == "the item is not on display any more"


async def test_r16_show_again_twice_and_at_once_makes_one_entry(display: Services, shown: int, db: Database) -> None:
    made = await asyncio.gather(*(display.goods.show_again(shown, "test") for _ in range(6)))
    assert len([number for number in made if number]) == 1
    assert await display.goods.show_again(shown, "test") is None
    assert await one(db, "SELECT count(*) FROM items WHERE ref = (SELECT ref FROM items WHERE id = :id)", id=shown) == 2


async def test_r16_show_again_too_early_or_after_its_group_is_refused(
    display: Services, shown: int, watch: Watch
) -> None:
    assert await display.goods.show_again(999_999, "test") is None
    again = await back_on_display(display, shown)
    assert await display.goods.show_again(again, "test") is None, "it is on display"
    await display.groups.schedule(again, watch.time.replace(hour=9), None, "test")
    assert await display.goods.show_again(again, "test") is None, "its group is coming"

"""Ballots return when a good gets no group: the vote stays in the count, and uses no ballot any more (R5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.goods import ItemState, WhyOut
from domain.notifications import NotificationKind
from domain.people import Member
from domain.voting import Purse, Reason
from services import ballots
from services.notifications.kinds import ItemBack, ItemExpired, ItemNotification, ItemRejected
from storage.db import Database
from storage.db.errors import DatabaseUnavailable
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import assert_sound, on_display, one, order, voter, votes_table, wants

pytestmark = pytest.mark.postgresql_later

RETURNED = "SELECT count(*) FROM votes WHERE returned_at IS NOT NULL"
End = Callable[[Services, int, Watch], Awaitable[object]]


async def _reject(services: Services, item: int, _watch: Watch) -> None:
    await services.groups.reject(item, WhyOut.PRICE, "test")


async def _round_ends(services: Services, watch: Watch) -> None:
    watch.advance(days=1)
    await services.rounds.tick()


async def _reject_after_the_round(services: Services, item: int, watch: Watch) -> None:
    await _round_ends(services, watch)
    await _reject(services, item, watch)


async def _cancel(services: Services, item: int, watch: Watch) -> None:
    await services.groups.schedule(item, watch.time + timedelta(hours=3), None, "test")
    await _reject(services, item, watch)


async def _expire(services: Services, item: int, watch: Watch) -> None:
    await _round_ends(services, watch)
    watch.advance(days=14)
    assert await services.groups.expire()


async def _relist(services: Services, item: int, watch: Watch) -> None:
    await _round_ends(services, watch)
    assert await services.goods.show_again(item, "test")


ENDINGS = (_reject, _reject_after_the_round, _cancel, _expire, _relist)


async def purse_of(services: Services, member: Member) -> Purse:
    return (await services.voting.mine(member, 0)).purse


@pytest.fixture
async def ann(display: Services, db: Database) -> Member:
    """A member with three ballots. The carousels are out."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    return await voter(display, 1001, 3)


@pytest.fixture
async def item(display: Services, ann: Member) -> int:
    """An item that Ann voted for."""
    item = (await on_display(display))[0]
    assert (await display.voting.cast(ann, item)).voted
    return item


@pytest.mark.parametrize("end", ENDINGS)
async def test_r5_every_end_without_a_group_returns_the_ballot_and_keeps_the_count(
    end: End, display: Services, ann: Member, item: int, db: Database, watch: Watch
) -> None:
    assert (await purse_of(display, ann)).ballots_left == 2
    await end(display, item, watch)
    assert (await purse_of(display, ann)).ballots_left == 3
    assert await wants(display, item) == 1 and len(await votes_table(display)) == 1
    again = await display.voting.cast(ann, item)
    assert again.voted and again.refused is not None and again.refused.reason is Reason.ALREADY_VOTED
    taking_back = (await display.voting.take_back(ann, item)).refused
    assert taking_back is not None and taking_back.reason is Reason.ITEM_OUT
    await assert_sound(db)


@pytest.mark.parametrize("end", ENDINGS)
async def test_r5_with_the_setting_off_the_ballot_stays_used(
    end: End, display: Services, ann: Member, item: int, db: Database, watch: Watch
) -> None:
    display.context.rules = replace(display.context.rules, return_ballots=False)
    await end(display, item, watch)
    await display.groups.tick()
    assert (await purse_of(display, ann)).ballots_left == 2 and await one(db, RETURNED) == 0


async def test_r5_what_gets_a_group_or_waits_for_a_decision_keeps_its_ballots(
    display: Services, ann: Member, item: int, db: Database, watch: Watch
) -> None:
    waits = (await on_display(display))[1]
    await display.voting.cast(ann, waits)
    await display.groups.schedule(item, watch.time + timedelta(hours=1), None, "test")
    for _ in range(2):
        await display.groups.tick()
        assert await one(db, RETURNED) == 0 and (await purse_of(display, ann)).ballots_left == 1
        await _round_ends(display, watch)
    found = [await display.goods.item(number) for number in (item, waits)]
    assert [good.state for good in found if good] == [ItemState.OPEN, ItemState.DISPLAYED]


async def test_r5_a_vote_that_was_taken_back_is_not_returned(
    display: Services, ann: Member, item: int, db: Database, watch: Watch
) -> None:
    await display.voting.take_back(ann, item)
    await _reject(display, item, watch)
    assert (await purse_of(display, ann)).ballots_left == 3 and await one(db, RETURNED) == 0


async def test_r15_the_place_of_the_same_day_comes_back_with_the_ballot(
    display: Services, item: int, db: Database, watch: Watch
) -> None:
    bob = await voter(display, 1002, 9)
    goods = [item, *(number for number in await on_display(display) if number != item)]
    for good in goods[:5]:
        assert (await display.voting.cast(bob, good)).refused is None
    refused = (await display.voting.cast(bob, goods[5])).refused
    assert refused is not None and refused.reason is Reason.DAY_LIMIT
    await _reject(display, item, watch)
    assert (await purse_of(display, bob)).left_today == 1
    assert (await display.voting.cast(bob, goods[5])).refused is None
    await assert_sound(db)


async def test_r5_rejected_twice_and_at_once_and_ticked_again_returns_each_ballot_once(
    display: Services, ann: Member, item: int, db: Database, watch: Watch
) -> None:
    await asyncio.gather(*(_reject(display, item, watch) for _ in range(4)))
    first = await one(db, "SELECT returned_at FROM votes")
    watch.advance(hours=1)
    await asyncio.gather(*(display.groups.tick() for _ in range(3)))
    assert await one(db, "SELECT returned_at FROM votes") == first is not None
    assert (await purse_of(display, ann)).ballots_left == 3


async def test_r5_many_ballots_return_in_batches_and_a_stop_between_them_loses_none(
    display: Services, item: int, db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "RETURNED_AT_ONCE", 2)
    for chat_id in range(1002, 1006):
        await display.voting.cast(await voter(display, chat_id), item)
    write, writes = display.context.db.batch_write, 0

    async def gone_at_the_second(*args: object, **options: object) -> object:
        nonlocal writes
        writes += 1
        if writes == 2:
            raise DatabaseUnavailable("the server restarts")
        return await write(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(display.context.db, "batch_write", gone_at_the_second)
    await _reject(display, item, watch)
    assert await one(db, RETURNED) == 2 and await one(db, "SELECT returning_since FROM items WHERE id = :id", id=item)
    await display.groups.tick()
    assert await one(db, RETURNED) == 5
    assert await one(db, "SELECT count(*) FROM items WHERE returning_since IS NOT NULL") == 0


async def test_an_end_without_votes_leaves_nothing_to_do(
    display: Services, db: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _reject(display, (await on_display(display))[7], watch)
    assert await one(db, "SELECT count(*) FROM items WHERE returning_since IS NOT NULL") == 0


# -- the notification says so --


async def told(services: Services) -> dict[int, ItemNotification]:
    """What is said of the item, by chat."""
    await queue_due(services)
    found = [await services.outbox.contents(notification) for notification in await services.outbox.claim(99)]
    return {one.chat_id: one for one in found if isinstance(one, ItemNotification)}


@pytest.mark.parametrize(("end", "kind"), [(_reject, ItemRejected), (_expire, ItemExpired)])
async def test_r5_voters_are_told_that_their_ballot_is_back_and_followers_are_not(
    end: End, kind: type[ItemNotification], display: Services, ann: Member, item: int, watch: Watch
) -> None:
    await display.voting.follow(await meet(display, 1003, "Cem"), item, on=True)
    await end(display, item, watch)
    watch.time = watch.time.replace(hour=4)  # noon
    said = await told(display)
    assert {chat: (type(one), one.ballot_back) for chat, one in said.items()} == {
        1001: (kind, True),
        1003: (kind, False),
    }


async def test_r16_voters_of_a_relisted_good_are_told_that_their_ballot_is_back(
    display: Services, ann: Member, item: int, db: Database, watch: Watch
) -> None:
    await _relist(display, item, watch)
    assert await display.rounds.open_special()
    await order(db, f"UPDATE campaigns SET state = 'queued' WHERE kind = '{NotificationKind.CAROUSEL}'")
    said = await told(display)
    assert {chat: (type(one), one.ballot_back) for chat, one in said.items()} == {1001: (ItemBack, True)}


async def test_r5_with_the_setting_off_nothing_is_said_of_ballots(
    display: Services, ann: Member, item: int, watch: Watch
) -> None:
    display.context.rules = replace(display.context.rules, return_ballots=False)
    await _reject(display, item, watch)
    assert [one.ballot_back for one in (await told(display)).values()] == [False]

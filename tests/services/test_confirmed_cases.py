"""Confirmed cases: false votes void, the good out, its shop banned, ballots of honest votes back (R29)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.goods import ItemState
from domain.notifications import NotificationKind
from domain.people import Member
from services.brushing.bans import AgreementRefusal
from services.brushing.cases import ConfirmationRefusal, Confirmed
from services.groups import Scheduled
from services.notifications.case_kinds import ItemBrushed, VoteVoid
from storage import people
from storage.db import Database, advisory_lock
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import ask, assert_sound, deadlocks, on_display, one, order, until_blocked, voter
from tests.services.test_cases import suspicion
from tests.services.test_scheduling import deliver

pytestmark = pytest.mark.postgresql_later

FALSE, HONEST = 3, 4
"""Votes for the good: fewer than half of them are false."""


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """A good on display; the carousels are out, and there are two organisers."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    display.context.rules = replace(display.context.rules, organisers=frozenset({8, 9}))
    return (await on_display(display))[0]


@pytest.fixture
async def voters(display: Services, item: int) -> list[Member]:
    """Those whose votes are false, and then the honest ones."""
    members = [await voter(display, 1001 + number, 3) for number in range(FALSE + HONEST)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    return members


@pytest.fixture
async def case(display: Services, item: int, voters: list[Member]) -> int:
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    return case.id


async def confirm(services: Services, case: int, actor: str = "organiser 8") -> Confirmed:
    confirmed = await services.cases.confirm(case, "bought", actor)
    assert isinstance(confirmed, Confirmed)
    return confirmed


async def used(services: Services, members: list[Member]) -> list[int]:
    return [(await services.voting.purse(member)).used for member in members]


async def test_r29_a_confirmed_case_makes_votes_void_rejects_the_good_bans_the_shop_and_returns_honest_ballots(
    display: Services, item: int, voters: list[Member], case: int, watch: Watch, db: Database
) -> None:
    confirmed = await confirm(display, case)
    assert confirmed.void == [member.id for member in voters[:FALSE]]
    assert confirmed.good.id == item and confirmed.good.state is ItemState.REJECTED
    assert item not in await on_display(display)
    assert await used(display, voters) == [1] * FALSE + [0] * HONEST
    assert [len((await display.voting.purse(member)).slots_today) for member in voters] == [1] * FALSE + [0] * HONEST
    steps = await ask(db, "SELECT actor, reason FROM item_steps WHERE item_id = :id AND state = 'rejected'", id=item)
    assert steps == [("organiser 8", "brushing")]
    row = (await ask(db, "SELECT outcome, reason, decided_by, counted, void FROM cases"))[0]
    assert tuple(row) == ("confirmed", "bought", "organiser 8", HONEST, FALSE)
    (ban,) = await display.cases.bans()
    assert ban == confirmed.ban and (ban.months, ban.asked_months, ban.begins_at) == (1, 1, watch.time)
    await assert_sound(db)


async def test_r29_honest_voters_and_followers_are_told_once_and_void_voters_of_their_own_vote(
    display: Services, item: int, voters: list[Member], case: int, db: Database
) -> None:
    for member in (await meet(display, 2001, "P2001"), voters[0]):
        await display.voting.follow(member, item, on=True)
    await confirm(display, case)
    for _ in range(2):
        await queue_due(display)
    claimed = await display.outbox.claim(50)
    found = [await display.outbox.contents(each) for each in claimed]
    kind = [(got.chat_id, got.ballot_back) for got in found if isinstance(got, ItemBrushed)]
    assert kind == [*((1001 + number, True) for number in range(FALSE, FALSE + HONEST)), (2001, False)]
    assert [got.chat_id for got in found if isinstance(got, VoteVoid)] == [1001, 1002, 1003]


@pytest.mark.postgresql_too
async def test_r29_of_two_organisers_at_once_one_decides(
    display: Services, voters: list[Member], case: int, db: Database
) -> None:
    decided = await asyncio.gather(
        display.cases.confirm(case, "bought", "organiser 8"),
        display.cases.void(case, "a rival", "organiser 9"),
        display.cases.confirm(case, "bought", "organiser 9"),
    )
    lost = (ConfirmationRefusal.NO_CASE, None)
    assert sum(each not in lost for each in decided) == 1
    assert await one(db, "SELECT count(*) FROM bans") == sum(isinstance(each, Confirmed) for each in decided)
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'vote-void'") == FALSE
    assert await display.cases.confirm(case, "bought", "organiser 9") is ConfirmationRefusal.NO_CASE
    assert await display.cases.confirm(99, "bought", "organiser 9") is ConfirmationRefusal.NO_CASE
    with pytest.raises(ValueError, match="reason"):
        await display.cases.confirm(case, "  ", "organiser 9")
    await assert_sound(db)


async def test_r29_no_shop_is_banned_when_all_votes_of_the_case_were_taken_back(
    display: Services, item: int, voters: list[Member], case: int, watch: Watch, db: Database
) -> None:
    watch.advance(minutes=1)
    for member in voters[:FALSE]:
        assert (await display.voting.take_back(member, item)).refused is None
    refused = await display.cases.confirm(case, "bought", "organiser 8")
    assert refused is ConfirmationRefusal.NO_FALSE_VOTE
    assert [each.id for each in await display.cases.undecided()] == [case]
    assert await display.cases.bans() == []
    good = await display.goods.item(item)
    assert good is not None and good.state is ItemState.ON_DISPLAY
    await assert_sound(db)


async def test_r29_a_vote_that_was_taken_back_and_cast_again_is_void_with_the_others(
    display: Services, item: int, voters: list[Member], case: int, watch: Watch, db: Database
) -> None:
    watch.advance(minutes=1)
    for act in (display.voting.take_back, display.voting.cast):
        assert (await act(voters[0], item)).refused is None
    assert (await confirm(display, case)).void == [member.id for member in voters[:FALSE]]
    assert await used(display, voters[:1]) == [1]
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r29_above_one_month_another_organiser_has_to_agree(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[: FALSE + 1]))
    (case,) = await display.cases.undecided()
    ban = (await confirm(display, case.id)).ban
    assert (ban.months, ban.asked_months) == (1, 3), "half of the votes are false"
    assert await display.cases.agree(case.id, "organiser 8") is AgreementRefusal.SAME_ORGANISER
    watch.advance(days=7)
    agreed = await asyncio.gather(*(display.cases.agree(case.id, f"organiser {n}") for n in (9, 10)))
    (longer,) = [each for each in agreed if not isinstance(each, AgreementRefusal)]
    assert (longer.months, longer.begins_at) == (3, ban.begins_at)
    assert longer.ends_at - ban.ends_at > timedelta(days=58)
    assert await display.cases.agree(case.id, "organiser 9") is AgreementRefusal.IN_FORCE
    assert await display.cases.agree(99, "organiser 9") is AgreementRefusal.NO_BAN
    watch.time = longer.ends_at
    assert await display.cases.bans() == []
    assert await display.cases.agree(case.id, "organiser 9") is AgreementRefusal.NO_BAN


async def test_r29_a_ban_that_ended_after_its_month_is_not_made_longer(
    display: Services, item: int, voters: list[Member], watch: Watch
) -> None:
    await display.cases.suspect(suspicion(item, voters[: FALSE + 1]))
    (case,) = await display.cases.undecided()
    watch.time = (await confirm(display, case.id)).ban.ends_at
    assert await display.cases.agree(case.id, "organiser 9") is AgreementRefusal.NO_BAN


async def test_r29_a_single_organiser_bans_for_a_month(display: Services, item: int, voters: list[Member]) -> None:
    display.context.rules = replace(display.context.rules, organisers=frozenset({8}))
    await display.cases.suspect(suspicion(item, voters))
    (case,) = await display.cases.undecided()
    ban = (await confirm(display, case.id)).ban
    assert (ban.months, ban.asked_months) == (1, 1)
    assert await display.cases.agree(case.id, "organiser 9") is AgreementRefusal.IN_FORCE


async def test_r29_a_scheduled_group_is_cancelled_and_its_alerts_withdrawn(
    display: Services, item: int, case: int, watch: Watch, db: Database
) -> None:
    assert isinstance(await display.groups.schedule(item, watch.time + timedelta(hours=3), None, "test"), Scheduled)
    await queue_due(display)
    first, *_ = await display.outbox.claim(1)
    assert await display.outbox.begin(first)
    await display.outbox.sent(first, 1)
    assert (await confirm(display, case)).good.state is ItemState.REJECTED
    assert await display.groups.next_alert() is None
    told = await deliver(display)
    assert {kind for kind, _ in told} == {NotificationKind.ITEM_BRUSHED, NotificationKind.VOTE_VOID}
    assert await one(db, "SELECT cancelled_at IS NOT NULL FROM groups WHERE item_id = :id", id=item)
    await assert_sound(db)


async def test_r29_an_open_group_stays_while_votes_are_void_and_the_shop_is_banned(
    display: Services, item: int, voters: list[Member], case: int, watch: Watch, db: Database
) -> None:
    await display.groups.schedule(item, watch.time + timedelta(hours=3), None, "test")
    watch.advance(hours=3)
    await display.groups.open_due()
    confirmed = await confirm(display, case)
    assert confirmed.group_is_open and len(confirmed.void) == FALSE and len(await display.cases.bans()) == 1
    assert await used(display, voters) == [1] * (FALSE + HONEST), "the group that the ballots were for is there"
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'item-brushed'") == 0
    notice = await display.appeals.notice(case)
    assert notice is not None and notice.group_is_open, "the shop does not read that its good is out"
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r29_a_confirmation_and_one_who_follows_the_good_wait_for_each_other(
    display: Services, item: int, voters: list[Member], case: int, db: Database
) -> None:
    before = await deadlocks(db)
    async with db.write() as connection:  # a follow locks the member first, and then the item's name
        await people.lock(connection, voters[0].id)
        confirming = asyncio.create_task(confirm(display, case))
        await until_blocked(db, confirming)
        await advisory_lock(connection, f"item {item}")
    await confirming
    assert await deadlocks(db) == before
    await assert_sound(db)

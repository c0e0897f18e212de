"""Appeals of shops: recorded once within a week, decided by another organiser; what a granted one restores (R29)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.brushing.verdicts import VoteTally
from domain.brushing.votes import Pattern
from domain.goods import ItemState, WhyOut
from domain.notifications import NotificationKind
from domain.people import Member
from services.brushing.appeals import AppealDecided, AppealRefusal
from services.brushing.cases import Confirmed
from services.groups import Scheduled, ScheduleRefusal
from services.notifications.case_kinds import ItemBrushed, ItemRestored, VoteVoid
from services.notifications.kinds import Skip
from storage.brushing import cases
from storage.db import Database
from tests.conftest import Watch, meet, queue_due, spend
from tests.services.conftest import ask, assert_sound, deadlocks, on_display, one, order, voter
from tests.services.test_cases import suspicion
from tests.services.test_scheduling import deliver

pytestmark = pytest.mark.postgresql_later

FALSE, HONEST = 3, 3
VOTERS = FALSE + HONEST
FIRST, SECOND = "organiser 8", "organiser 9"


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """A good on display; the carousels are out, and there are two organisers."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    display.context.rules = replace(display.context.rules, organisers=frozenset({8, 9}))
    return (await on_display(display))[0]


@pytest.fixture
async def voters(display: Services, item: int) -> list[Member]:
    """Those whose votes are false, and then the honest ones; each has two ballots."""
    members = [await voter(display, 1001 + number, 2) for number in range(VOTERS)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    return members


@pytest.fixture
async def case(display: Services, item: int, voters: list[Member]) -> int:
    """A confirmed case."""
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    assert isinstance(await display.cases.confirm(case.id, "bought", FIRST), Confirmed)
    return case.id


@pytest.fixture
async def appeal(display: Services, case: int) -> int:
    """A case against which the shop has appealed."""
    assert await display.appeals.record(case, "they were our customers", FIRST) is None
    return case


async def grant(services: Services, case: int, actor: str = SECOND) -> AppealDecided:
    decided = await services.appeals.decide(case, "true customers", actor, granted=True)
    assert isinstance(decided, AppealDecided)
    return decided


async def state_of(services: Services, item: int) -> ItemState:
    good = await services.goods.item(item)
    assert good is not None
    return good.state


async def used(services: Services, members: list[Member]) -> list[int]:
    return [(await services.voting.purse(member)).used for member in members]


async def tally(services: Services, item: int) -> VoteTally:
    return (await services.goods.tallies([item]))[item]


async def next_round(services: Services, watch: Watch) -> None:
    watch.advance(days=1)
    await services.rounds.tick()


# -- recording --


@pytest.mark.postgresql_too
async def test_r29_a_shop_appeals_once_within_seven_days_and_only_against_a_confirmed_case(
    display: Services, item: int, voters: list[Member], case: int, watch: Watch, db: Database
) -> None:
    other = (await on_display(display))[1]
    assert (await display.voting.cast(voters[0], other)).voted
    await display.cases.suspect(suspicion(other, voters[:1]))
    (undecided,) = await display.cases.undecided()
    assert await display.appeals.record(undecided.id, "no", FIRST) is AppealRefusal.NO_CASE
    await display.cases.void(undecided.id, "a rival", FIRST)
    assert await display.appeals.record(undecided.id, "no", FIRST) is AppealRefusal.NO_CASE
    assert await display.appeals.record(999, "no", FIRST) is AppealRefusal.NO_CASE
    with pytest.raises(ValueError, match="words"):
        await display.appeals.record(case, "  ", FIRST)
    watch.advance(days=7)
    assert await display.appeals.record(case, "no", FIRST) is AppealRefusal.TOO_LATE
    watch.advance(seconds=-1)
    at_once = await asyncio.gather(*(display.appeals.record(case, f"no {n}", FIRST) for n in range(3)))
    assert sorted(map(str, at_once)) == ["None", "appealed-already", "appealed-already"]
    assert await one(db, "SELECT count(*) FROM appeals") == 1


# -- deciding --


async def test_r29_another_organiser_decides(display: Services, appeal: int) -> None:
    assert await display.appeals.decide(appeal, "no", FIRST, granted=False) is AppealRefusal.SAME_ORGANISER
    with pytest.raises(ValueError, match="reason"):
        await display.appeals.decide(appeal, " ", SECOND, granted=True)
    assert await grant(display, appeal)
    assert await display.appeals.decide(appeal, "no", SECOND, granted=False) is AppealRefusal.DECIDED_ALREADY


async def test_r29_a_single_organiser_decides_after_a_day_and_history_says_so(
    display: Services, item: int, appeal: int, watch: Watch, db: Database
) -> None:
    display.context.rules = replace(display.context.rules, organisers=frozenset({8}))
    watch.advance(hours=23)
    assert await display.appeals.decide(appeal, "no", FIRST, granted=True) is AppealRefusal.TOO_EARLY
    watch.advance(hours=1)
    assert (await grant(display, appeal, FIRST)).same_organiser
    said = await one(db, "SELECT reason FROM item_steps WHERE item_id = :id ORDER BY id DESC", id=item)
    assert "same organiser" in said


async def test_r29_nothing_is_decided_without_an_appeal(display: Services, case: int) -> None:
    assert await display.appeals.decide(case, "no", SECOND, granted=True) is AppealRefusal.NO_APPEAL
    assert await display.appeals.decide(999, "no", SECOND, granted=True) is AppealRefusal.NO_CASE


async def test_r29_a_refused_appeal_changes_nothing(
    display: Services, item: int, voters: list[Member], appeal: int, db: Database
) -> None:
    decided = await display.appeals.decide(appeal, "not convincing", SECOND, granted=False)
    assert decided == AppealDecided(granted=False)
    assert await state_of(display, item) is ItemState.REJECTED
    assert await used(display, voters) == [1] * FALSE + [0] * HONEST
    assert len(await display.cases.bans()) == 1
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'item-restored'") == 0
    assert await display.appeals.record(appeal, "again", FIRST) is AppealRefusal.APPEALED_ALREADY


@pytest.mark.postgresql_too
async def test_r29_of_two_organisers_at_once_one_decides_an_appeal(
    display: Services, item: int, appeal: int, db: Database
) -> None:
    both = await asyncio.gather(
        display.appeals.decide(appeal, "true", SECOND, granted=True),
        display.appeals.decide(appeal, "false", "organiser 10", granted=False),
    )
    (won,) = [each for each in both if isinstance(each, AppealDecided)]
    assert AppealRefusal.DECIDED_ALREADY in both
    back = ItemState.ON_DISPLAY if won.granted else ItemState.REJECTED
    assert await state_of(display, item) is back
    assert await one(db, "SELECT count(*) FROM bans WHERE lifted_at IS NULL") == (not won.granted)
    await assert_sound(db)


# -- what a granted appeal restores --


async def test_r29_while_its_round_runs_the_good_is_on_display_again_with_all_its_votes(
    display: Services, item: int, voters: list[Member], appeal: int, db: Database
) -> None:
    decided = await grant(display, appeal)
    assert decided.restored == tuple(member.id for member in voters[:FALSE])
    assert decided.back is ItemState.ON_DISPLAY and item in await on_display(display)
    assert await tally(display, item) == VoteTally(VOTERS, 0, 0)
    assert await used(display, voters) == [1] * VOTERS, "ballots are in use again, where nothing else uses them"
    assert await display.cases.bans() == []
    assert (await display.voting.take_back(voters[0], item)).refused is None
    async with db.read() as connection:
        cleared = await cases.cleared(connection)
    assert cleared == {(Pattern.LOCKSTEP, member.id) for member in voters[:FALSE]}, "it is not raised again"
    await assert_sound(db)


async def test_r29_after_its_round_the_good_has_two_new_weeks(
    display: Services, item: int, voters: list[Member], appeal: int, watch: Watch, db: Database
) -> None:
    await next_round(display, watch)
    watch.advance(days=12)
    granted_at = watch.time
    assert (await grant(display, appeal)).back is ItemState.DISPLAYED
    assert await tally(display, item) == VoteTally(VOTERS, 0, 0)
    late = granted_at + timedelta(days=14, minutes=1)
    assert await display.groups.schedule(item, late, None, "test") is ScheduleRefusal.LATER_THAN_PROMISED
    watch.time = granted_at + timedelta(days=14) - timedelta(minutes=1)
    await display.groups.tick()
    assert await state_of(display, item) is ItemState.DISPLAYED
    assert isinstance(await display.groups.schedule(item, late - timedelta(minutes=1), None, "test"), Scheduled)
    await assert_sound(db)


async def test_r29_a_good_that_is_back_and_undecided_expires_and_ballots_return(
    display: Services, item: int, voters: list[Member], appeal: int, watch: Watch, db: Database
) -> None:
    await next_round(display, watch)
    await grant(display, appeal)
    watch.advance(days=14)
    await display.groups.tick()
    assert await state_of(display, item) is ItemState.EXPIRED
    assert await used(display, voters) == [0] * VOTERS
    await assert_sound(db)


async def test_r29_a_ballot_or_a_place_of_the_day_that_was_used_since_is_not_used_twice(
    display: Services, item: int, voters: list[Member], appeal: int, watch: Watch, db: Database
) -> None:
    goods = await on_display(display)
    spent, refilled, later = voters[FALSE:]
    for good in goods[1:3]:
        assert (await display.voting.cast(spent, good)).voted, "both ballots are in use again"
    assert (await display.voting.cast(refilled, goods[1])).voted, "the first place of the day is"
    watch.advance(days=1)
    decided = await grant(display, appeal)
    assert len(decided.restored) == FALSE
    kept = await ask(db, "SELECT member_id FROM votes WHERE returned_at IS NOT NULL ORDER BY member_id")
    assert [row.member_id for row in kept] == [spent.id, refilled.id]
    assert await used(display, [spent, refilled, later]) == [2, 1, 1]
    assert (await tally(display, item)).counted == VOTERS, "all of them count"
    await assert_sound(db)


async def test_r29_after_a_refund_no_purse_goes_below_zero(
    display: Services, item: int, voters: list[Member], appeal: int, db: Database
) -> None:
    await spend(display, 1001 + FALSE, "-150", "back")
    await grant(display, appeal)
    purses = [await display.voting.purse(member) for member in voters]
    assert [purse.used for purse in purses] == [1] * FALSE + [0] + [1] * (HONEST - 1)
    await assert_sound(db)


async def test_r36_who_erased_their_data_and_came_back_votes_no_more_often(
    display: Services, item: int, voters: list[Member], appeal: int, db: Database
) -> None:
    gone = voters[FALSE]
    await display.people.grant_ballots(gone.chat_id, 5, "a gift", "test", "g")
    await display.people.erase(gone)
    await grant(display, appeal)
    kept = await ask(db, "SELECT member_id FROM votes WHERE returned_at IS NOT NULL")
    assert [row.member_id for row in kept] == [gone.id]
    assert (await tally(display, item)).counted == VOTERS
    await assert_sound(db)


async def test_r29_of_a_good_that_ended_for_another_reason_the_votes_count_and_their_ballots_return(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    await display.groups.reject(item, WhyOut.PRICE, "test")
    await display.cases.confirm(case.id, "bought", FIRST)
    await display.appeals.record(case.id, "no", FIRST)
    assert (await grant(display, case.id)).back is None
    assert await state_of(display, item) is ItemState.REJECTED
    assert await used(display, voters) == [0] * VOTERS
    await assert_sound(db)


async def test_r29_void_votes_of_another_case_stay_void(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    for some, decide in ((voters[:1], display.cases.void), (voters[1:2], display.cases.confirm)):
        await display.cases.suspect(suspicion(item, some))
        (case,) = await display.cases.undecided()
        await decide(case.id, "bought", FIRST)
    await display.appeals.record(case.id, "no", FIRST)
    assert (await grant(display, case.id)).restored == (voters[1].id,)
    assert await tally(display, item) == VoteTally(VOTERS, 0, 1)
    await assert_sound(db)


async def test_r29_a_relisted_good_comes_back_as_its_newest_listing(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    await next_round(display, watch)
    again = await display.goods.show_again(item, "test")
    assert again is not None
    await display.cases.confirm(case.id, "bought", FIRST)
    assert await state_of(display, again) is ItemState.REJECTED
    await display.appeals.record(case.id, "no", FIRST)
    assert (await grant(display, case.id)).back is ItemState.PASSED
    assert (await state_of(display, item), await state_of(display, again)) == (ItemState.EXPIRED, ItemState.PASSED)
    assert await used(display, voters) == [0] * VOTERS
    await next_round(display, watch)
    assert again in await on_display(display)
    await assert_sound(db)


async def test_r24_a_group_that_was_cancelled_is_scheduled_anew_and_announced(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    opens_at = watch.time + timedelta(hours=9)
    assert isinstance(await display.groups.schedule(item, opens_at, None, "test"), Scheduled)
    await deliver(display)
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    await display.cases.confirm(case.id, "bought", FIRST)
    await display.appeals.record(case.id, "no", FIRST)
    assert (await grant(display, case.id)).back is ItemState.ON_DISPLAY
    await deliver(display)
    found = await display.groups.schedule(item, opens_at, None, "test")
    assert isinstance(found, Scheduled) and found.changed and found.revision == 2
    assert found.item.group_opens_at == opens_at and await state_of(display, item) is ItemState.SCHEDULED
    watch.time = opens_at
    told = await deliver(display)
    assert [chat for kind, chat in told if kind is NotificationKind.GROUP_OPEN] == [1001 + n for n in range(VOTERS)]
    assert await state_of(display, item) is ItemState.OPEN


# -- who is told --


async def test_r29_everyone_is_told_once_that_the_good_is_back_and_what_is_outdated_is_not_sent(
    display: Services, item: int, voters: list[Member], appeal: int, db: Database
) -> None:
    await order(db, f"UPDATE members SET alerts_on = false WHERE id = {voters[0].id}")
    await display.voting.follow(await meet(display, 2001, "P2001"), item, on=True)
    await queue_due(display)
    goods = await on_display(display)
    for good in goods[:2]:
        assert (await display.voting.cast(voters[FALSE], good)).voted
    await grant(display, appeal)
    await queue_due(display)
    found = [await display.outbox.contents(each) for each in await display.outbox.claim(50)]
    told = [got for got in found if not isinstance(got, Skip)]
    assert all(isinstance(got, ItemRestored) for got in told)
    assert not any(isinstance(got, ItemBrushed | VoteVoid) for got in told)
    said = {got.chat_id: (got.ballot_back, got.uses_ballot) for got in told if isinstance(got, ItemRestored)}
    kept, in_use = (True, False), (False, True)
    assert said == dict.fromkeys(range(1001, 1001 + VOTERS), in_use) | {1001 + FALSE: kept, 2001: (False, False)}
    assert len(told) == len(said)


async def test_r5_a_good_that_is_back_and_rejected_again_is_told_of_again(
    display: Services, item: int, voters: list[Member], appeal: int
) -> None:
    await deliver(display)
    await grant(display, appeal)
    await deliver(display)
    await display.groups.reject(item, WhyOut.PRICE, "test")
    told = await deliver(display)
    assert told == [(NotificationKind.ITEM_REJECTED, 1001 + number) for number in range(VOTERS)]
    assert await used(display, voters) == [0] * VOTERS


# -- at once --


@pytest.mark.postgresql_too
async def test_r29_votes_and_follows_at_once_with_a_granted_appeal_wait_for_each_other(
    display: Services, item: int, voters: list[Member], appeal: int, db: Database
) -> None:
    before, goods = await deadlocks(db), await on_display(display)
    await asyncio.gather(
        grant(display, appeal),
        *(display.voting.cast(member, goods[1]) for member in reversed(voters)),
        *(display.voting.follow(member, item, on=True) for member in voters),
        *(display.voting.cast(member, goods[2]) for member in voters),
    )
    assert await deadlocks(db) == before
    assert (await tally(display, item)).counted == VOTERS
    await assert_sound(db)

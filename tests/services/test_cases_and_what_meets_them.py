"""What a confirmed case meets: other votes, erased members, listings, other cases, the end of a round (R29)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.brushing.verdicts import VoteTally
from domain.goods import ItemState
from domain.notifications import NotificationKind
from domain.people import Member
from services.brushing import cases as deciding
from services.brushing.cases import ConfirmationRefusal, Confirmed
from storage.db import Database
from tests.conftest import Watch, meet
from tests.services.conftest import ask, assert_sound, deadlocks, on_display, one, order, voter
from tests.services.test_cases import suspicion
from tests.services.test_confirmed_cases import FALSE, HONEST, confirm, used
from tests.services.test_scheduling import deliver

pytestmark = pytest.mark.postgresql_later

ALL = FALSE + HONEST
TOLD = "SELECT member_id FROM notifications WHERE kind = 'vote-void' ORDER BY member_id"


@pytest.fixture
async def item(display: Services, db: Database) -> int:
    """A good on display; the carousels are out, and there are two organisers."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    display.context.rules = replace(display.context.rules, organisers=frozenset({8, 9}))
    return (await on_display(display))[0]


@pytest.fixture
async def voters(display: Services, item: int) -> list[Member]:
    """Those whose votes are false, and then the honest ones."""
    members = [await voter(display, 1001 + number, 5) for number in range(ALL)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    return members


async def open_case(services: Services, item: int, members: list[Member]) -> int:
    assert await services.cases.suspect(suspicion(item, members))
    (case,) = [each for each in await services.cases.undecided() if each.item_id == item]
    return case.id


async def next_round(services: Services, watch: Watch) -> None:
    watch.advance(days=1)
    assert await services.rounds.tick() is not None


async def same_shop(db: Database, item: int) -> list[int]:
    """The goods of an item's shop, without it."""
    query = "SELECT id FROM items WHERE shop_id = (SELECT shop_id FROM items WHERE id = :id) AND id <> :id ORDER BY id"
    return [row.id for row in await ask(db, query, id=item)]


async def state(services: Services, item: int) -> ItemState:
    found = await services.goods.item(item)
    assert found is not None
    return found.state


async def test_r29_other_votes_of_the_accounts_of_a_case_stay_as_they_are(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    other, third = (await on_display(display))[1:3]
    for good in (other, third):
        assert (await display.voting.cast(voters[0], good)).voted
    await display.cases.suspect(suspicion(third, voters[:1]))
    await confirm(display, await open_case(display, item, voters[:FALSE]))
    assert (await display.goods.tallies([other, third])) == {
        other: VoteTally(public=1, set_aside=0, withheld=0),
        third: VoteTally(public=1, set_aside=1, withheld=1),
    }
    assert [case.item_id for case in await display.cases.undecided()] == [third]
    await assert_sound(db)


async def test_r36_erased_members_lose_and_get_back_what_others_do_and_are_not_told(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    case = await open_case(display, item, voters[:FALSE])
    for member in (voters[0], voters[-1]):
        await display.people.erase(member)
    assert (await confirm(display, case)).void == [member.id for member in voters[:FALSE]]
    assert [row.member_id for row in await ask(db, TOLD)] == [member.id for member in voters[1:FALSE]]
    returned = await ask(db, "SELECT member_id FROM votes WHERE returned_at IS NOT NULL ORDER BY member_id")
    assert [row.member_id for row in returned] == [member.id for member in voters[FALSE:]]
    told = {chat for kind, chat in await deliver(display) if kind is NotificationKind.ITEM_BRUSHED}
    assert told == {1001 + number for number in range(FALSE, ALL - 1)}
    again = await meet(display, 1001, "P1001")
    assert (await display.voting.cast(again, item)).refused is not None
    await assert_sound(db)


@pytest.mark.parametrize("shown", [False, True])
async def test_r29_of_a_good_that_was_listed_again_the_newest_listing_is_out(
    shown: bool, display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    case = await open_case(display, item, voters[:FALSE])
    await next_round(display, watch)
    again = await display.goods.show_again(item, "test")
    assert again is not None and await used(display, voters) == [0] * ALL, "nothing was void when it was listed again"
    if shown:
        await next_round(display, watch)
        assert (await display.voting.cast(voters[-1], again)).voted
    confirmed = await confirm(display, case)
    assert (confirmed.good.id, confirmed.good.state) == (again, ItemState.REJECTED)
    assert await state(display, item) is ItemState.EXPIRED and again not in await on_display(display)
    assert (await display.goods.tallies([item]))[item] == VoteTally(public=HONEST, set_aside=0, withheld=0)
    assert await used(display, voters) == [0] * ALL, "what came back before stays back"
    told = [chat for kind, chat in await deliver(display) if kind is NotificationKind.ITEM_BRUSHED]
    assert told == [1000 + ALL] * shown
    await assert_sound(db)


async def test_r29_of_a_good_that_ended_before_the_votes_are_void_and_the_ban_holds(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    case = await open_case(display, item, voters[:FALSE])
    await next_round(display, watch)
    watch.advance(days=14)
    assert await display.groups.expire()
    confirmed = await confirm(display, case)
    assert confirmed.good.state is ItemState.EXPIRED and len(confirmed.void) == FALSE
    assert len(await display.cases.bans()) == 1
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'item-brushed'") == 0, "they were told of its end"
    await assert_sound(db)


async def test_r29_cases_on_goods_of_one_attack_are_one_act_and_the_next_attack_is_banned_for_longer(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    second, third = (await same_shop(db, item))[:2]
    for good in (second, third):
        for member in voters:
            assert (await display.voting.cast(member, good)).voted
    found = [await open_case(display, good, voters[:FALSE]) for good in (item, second)]
    watch.advance(hours=1)
    bans = [(await confirm(display, case)).ban for case in found]
    assert [ban.asked_months for ban in bans] == [1, 1]
    watch.advance(hours=1)
    later = (await confirm(display, await open_case(display, third, voters[:FALSE]))).ban
    assert (later.months, later.asked_months) == (1, 6), "two bans began before this case was opened"
    assert [ban.case_id for ban in await display.cases.bans()] == [*found, later.case_id]
    await assert_sound(db)


async def test_r29_a_second_case_on_the_same_good_finds_the_good_out_and_counts_its_own_votes(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    await display.cases.void(await open_case(display, item, voters[:FALSE]), "a rival", "organiser 8")
    confirmed = await confirm(display, await open_case(display, item, voters[FALSE : FALSE + 1]))
    assert confirmed.void == [voters[FALSE].id]
    assert confirmed.ban.asked_months == 1, "votes of a rival do not make a ban longer"
    assert await display.cases.suspect(suspicion(item, voters[-1:])) == [], "the good has ended"
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r29_a_confirmation_and_the_end_of_the_round_wait_for_each_other(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    case = await open_case(display, item, voters[:FALSE])
    before = await deadlocks(db)
    watch.advance(days=1)
    confirmed, *_ = await asyncio.gather(
        display.cases.confirm(case, "bought", "organiser 8"), display.rounds.tick(), display.groups.tick()
    )
    assert isinstance(confirmed, Confirmed) and await state(display, item) is ItemState.REJECTED
    await display.groups.tick()
    assert (await display.goods.tallies([item]))[item] == VoteTally(public=HONEST, set_aside=0, withheld=0)
    assert await used(display, voters) == [1] * FALSE + [0] * HONEST
    assert await deadlocks(db) == before
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r29_votes_and_take_backs_at_once_with_a_confirmation_are_before_or_after_it(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    case = await open_case(display, item, voters[:FALSE])
    late = [await voter(display, 3001 + number, 2) for number in range(3)]
    watch.advance(minutes=1)
    before = await deadlocks(db)
    confirmed, *_ = await asyncio.gather(
        display.cases.confirm(case, "bought", "organiser 8"),
        *(display.voting.cast(member, item) for member in late),
        *(display.voting.take_back(member, item) for member in voters),
    )
    assert isinstance(confirmed, Confirmed) or confirmed is ConfirmationRefusal.NO_FALSE_VOTE
    await display.groups.tick()
    assert await deadlocks(db) == before
    if isinstance(confirmed, Confirmed):
        void = {member.id for member in voters if (await used(display, [member]))[0]}
        assert void == set(confirmed.void) and await used(display, late) == [0] * 3
    await assert_sound(db)


async def test_r29_a_confirmation_that_fails_has_done_nothing_and_can_be_repeated(
    display: Services, item: int, voters: list[Member], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await open_case(display, item, voters[:FALSE])

    async def fail(*_: object) -> None:
        raise RuntimeError("no disk")

    with monkeypatch.context() as broken:
        broken.setattr(deciding, "_take_out", fail)
        with pytest.raises(RuntimeError, match="no disk"):
            await display.cases.confirm(case, "bought", "organiser 8")
    assert (await display.goods.tallies([item]))[item].set_aside == FALSE and await ask(db, TOLD) == []
    assert await display.cases.bans() == [] and await state(display, item) is ItemState.ON_DISPLAY
    assert len((await confirm(display, case)).void) == FALSE
    await assert_sound(db)


async def test_r29_after_a_crash_the_next_tick_returns_the_ballots(
    display: Services, item: int, voters: list[Member], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(_: object) -> None:
        """The process ends with the transaction."""

    monkeypatch.setattr(deciding, "return_ballots_soon", crash)
    await confirm(display, await open_case(display, item, voters[:FALSE]))
    assert await used(display, voters) == [1] * ALL
    await display.groups.tick()
    assert await used(display, voters) == [1] * FALSE + [0] * HONEST
    await assert_sound(db)


async def test_r29_a_bound_chat_that_knows_of_the_group_is_told_that_it_does_not_open(
    display: Services, item: int, voters: list[Member], watch: Watch
) -> None:
    await display.chats.bind(-1001, "en")
    await display.groups.schedule(item, watch.time + timedelta(hours=5), None, "test")
    await deliver(display)
    await confirm(display, await open_case(display, item, voters[:FALSE]))
    told = await deliver(display)
    assert (NotificationKind.ITEM_BRUSHED, -1001) in told
    assert await deliver(display) == []

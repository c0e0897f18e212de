"""Verdicts: what they move, and that a member cannot tell (R28)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.brushing.verdicts import Verdict, VoteTally
from domain.goods import WhyOut
from domain.people import Member
from domain.voting import Reason
from services.voting import VoteOutcome
from storage import display as rounds
from storage import items
from storage.canvassing import links
from storage.db import Database
from tests.conftest import Watch, queue_due
from tests.services.conftest import ask, assert_sound, on_display, one, order, stored_about, voter, wants
from tests.verdicts import give
from tests.waiting import until

pytestmark = pytest.mark.postgresql_later

ALERTS = "SELECT member_id FROM notifications WHERE kind = 'group-scheduled' ORDER BY member_id"
VERDICTS = "SELECT verdict FROM votes WHERE member_id = :member ORDER BY id"


@pytest.fixture
async def item(display: Services) -> int:
    return (await on_display(display))[0]


@pytest.fixture
async def twins(display: Services, item: int, db: Database, watch: Watch) -> list[Member]:
    """Two members who did the same; the vote of the first one is set aside."""
    await order(db, "UPDATE campaigns SET state = 'queued'")
    members = [await voter(display, chat_id, 3) for chat_id in (1001, 1002)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    watch.advance(minutes=1)
    assert await give(display, item, [members[0].id], Verdict.SET_ASIDE, "detector") == [members[0].id]
    return members


async def tally(services: Services, item: int) -> VoteTally:
    return (await services.goods.tallies([item]))[item]


async def close(services: Services, watch: Watch) -> None:
    watch.advance(days=1)
    await services.rounds.tick()


async def test_r28_set_aside_votes_stay_in_the_public_count_until_the_round_closes(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    assert await tally(display, item) == VoteTally(public=2, set_aside=1, withheld=1)
    await assert_sound(db)
    await close(display, watch)
    assert await tally(display, item) == VoteTally(public=1, set_aside=1, withheld=0)
    await assert_sound(db)
    assert await give(display, item, [twins[0].id], Verdict.COUNTED, "organiser 9") == [twins[0].id]
    assert await tally(display, item) == VoteTally(public=2, set_aside=0, withheld=0)
    await assert_sound(db)


async def test_r28_verdicts_of_a_good_whose_group_is_scheduled_wait_for_the_round_too(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    await display.groups.schedule(item, watch.time + timedelta(days=2), None, "test")
    assert await wants(display, item) == 2
    await close(display, watch)
    assert await wants(display, item) == 1
    await assert_sound(db)


async def test_r28_verdicts_keep_who_when_and_which_votes(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    watch.advance(minutes=1)
    assert await give(display, item, [twins[0].id], Verdict.VOID, "organiser 9")
    rows = await ask(db, "SELECT old, new, actor, case_id FROM verdict_changes ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("counted", "set-aside", "detector", None),
        ("set-aside", "void", "organiser 9", None),
    ]
    first, second = await ask(db, "SELECT at FROM verdict_changes ORDER BY id")
    assert first.at < second.at


async def test_r28_a_verdict_given_twice_changes_nothing(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    assert await give(display, item, [twins[0].id], Verdict.SET_ASIDE, "detector") == []
    assert await one(db, "SELECT count(*) FROM verdict_changes") == 1
    await assert_sound(db)


async def test_r28_what_was_not_set_aside_cannot_become_void(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    assert await give(display, item, [twins[1].id], Verdict.VOID, "organiser 9") == []
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r28_verdicts_at_once_change_a_vote_once(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    ids = [member.id for member in twins]
    given = await asyncio.gather(
        *(give(display, item, ids[::step], Verdict.SET_ASIDE, "detector") for step in (1, -1, 1, -1))
    )
    assert sorted(given) == [[], [], [], [twins[1].id]]
    await assert_sound(db)


def without_who(outcome: VoteOutcome) -> VoteOutcome:
    return replace(outcome, item=None)


async def test_r28_a_member_cannot_tell_by_any_answer(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    """Voting again, taking back, voting anew: the same answers, but for the count that both have moved."""
    voting = display.voting
    for act in (voting.cast, voting.take_back, voting.take_back, voting.cast, voting.cast):
        first, second = [await act(member, item) for member in twins]
        assert without_who(first) == without_who(second)
        assert first.item and second.item
        watch.advance(minutes=1)
    assert await wants(display, item) == 2
    assert [row.verdict for row in await ask(db, VERDICTS, member=twins[0].id)] == ["set-aside", "counted"]
    await assert_sound(db)


async def test_r28_taking_back_a_suspect_vote_moves_the_public_count_like_any_other(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    answer = await display.voting.take_back(twins[0], item)
    assert answer.refused is None and answer.item and answer.item.wants == 1
    assert await tally(display, item) == VoteTally(public=1, set_aside=0, withheld=0)
    await assert_sound(db)


@pytest.mark.parametrize("after_the_round", [False, True])
async def test_r28_what_a_member_takes_out_and_sees_says_nothing_of_verdicts(
    display: Services, item: int, twins: list[Member], watch: Watch, after_the_round: bool
) -> None:
    if after_the_round:
        await close(display, watch)
    first, second = [await stored_about(display, member) for member in twins]
    assert set(first["votes"][0]) == set(second["votes"][0])
    assert not {"verdict", "neighbourhood"} & set(first["votes"][0]) and "set-aside" not in str(first)
    mine = [await display.voting.mine(member, 0) for member in twins]
    assert mine[0] == mine[1]
    last = [await display.voting.take_back(member, item) for member in twins]
    assert without_who(last[0]) == without_who(last[1])


async def test_r28_a_suspect_vote_is_told_of_its_group_like_any_other(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    """Whom the ranking promises to tell, and who is told once the group is scheduled."""
    [(_, told)] = [found for found in await display.goods.ranking() if found[0].id == item]
    await display.groups.schedule(item, watch.time + timedelta(hours=3), None, "test")
    await queue_due(display)
    queued = await ask(db, ALERTS)
    assert (told, [row.member_id for row in queued]) == (2, [member.id for member in twins])


async def test_r28_the_ballot_of_a_suspect_vote_returns_like_any_other(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    """Also where no vote counts any more."""
    await give(display, item, [twins[1].id], Verdict.SET_ASIDE, "detector")
    await close(display, watch)
    assert await wants(display, item) == 0
    await display.groups.reject(item, WhyOut.PRICE, "test")
    assert [(await display.voting.purse(member)).used for member in twins] == [0, 0]
    await assert_sound(db)


async def test_r28_a_void_vote_keeps_its_place_its_ballot_and_the_one_vote_for_the_good(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    before = await display.voting.purse(twins[0])
    await give(display, item, [twins[0].id], Verdict.VOID, "organiser 9")
    refused = [await display.voting.take_back(twins[0], item), await display.voting.cast(twins[0], item)]
    assert [answer.refused and answer.refused.reason for answer in refused] == [Reason.VOTE_VOID] * 2
    assert all(answer.voted and answer.void for answer in refused), "its card says that it does not count"
    cards = [await display.carousel.item(member, item) for member in twins]
    assert [(card.voted, card.void) for card in cards if card] == [(True, True), (True, False)]
    assert [(await display.voting.mine(member, 0)).void for member in twins] == [{item}, set()]
    assert await display.voting.purse(twins[0]) == before and before.used == 1 and before.slots_today == {1}
    assert await tally(display, item) == VoteTally(public=2, set_aside=0, withheld=1)
    await close(display, watch)
    late = await display.voting.take_back(twins[0], item)
    assert late.refused and late.refused.reason is Reason.VOTE_VOID
    await display.groups.reject(item, WhyOut.PRICE, "test")
    assert [(await display.voting.purse(member)).used for member in twins] == [1, 0], "its ballot is forfeited"
    await assert_sound(db)


async def test_r26_a_void_vote_is_told_of_no_group(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    await give(display, item, [twins[0].id], Verdict.VOID, "organiser 9")
    [(_, told)] = [found for found in await display.goods.ranking() if found[0].id == item]
    await display.groups.schedule(item, watch.time + timedelta(hours=3), None, "test")
    await queue_due(display)
    assert (told, [row.member_id for row in await ask(db, ALERTS)]) == (1, [twins[1].id])


async def test_r28_a_vote_that_was_void_counts_again(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    await give(display, item, [twins[0].id], Verdict.VOID, "organiser 9")
    await close(display, watch)
    await give(display, item, [twins[0].id], Verdict.COUNTED, "organiser 8")
    assert await wants(display, item) == 2
    await assert_sound(db)


async def test_r28_a_vote_that_was_taken_back_keeps_its_verdict(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    assert (await display.voting.take_back(twins[1], item)).refused is None
    assert await give(display, item, [twins[1].id], Verdict.SET_ASIDE, "detector") == []
    await assert_sound(db)


async def test_r28_an_erased_member_s_vote_can_be_judged(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    for member in twins:
        await display.people.erase(member)
    assert await give(display, item, [twins[1].id], Verdict.SET_ASIDE, "detector") == [twins[1].id]
    assert await tally(display, item) == VoteTally(public=2, set_aside=2, withheld=2)


async def test_r31_the_ranking_is_by_the_votes_that_count(
    display: Services, item: int, twins: list[Member], watch: Watch
) -> None:
    other = (await on_display(display))[1]
    assert (await display.voting.cast(twins[1], other)).voted
    await give(display, item, [twins[1].id], Verdict.SET_ASIDE, "detector")
    assert (await display.goods.ranking(1))[0][0].id == other


async def test_r22_the_credit_of_a_link_follows_the_public_count(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    owner, friend = twins[1], await voter(display, 1003, 1)
    link = await display.canvassing.link(owner, item)
    assert link is not None
    await display.canvassing.open(friend, link.token)
    assert (await display.voting.cast(friend, item)).voted
    await give(display, item, [friend.id], Verdict.SET_ASIDE, "detector")

    async def credit() -> int:
        found = await display.canvassing.link(owner, item)
        assert found is not None
        return found.votes

    assert await credit() == 1
    await close(display, watch)
    assert await credit() == 0
    await give(display, item, [friend.id], Verdict.COUNTED, "organiser 9")
    assert await credit() == 1


async def test_r22_an_owner_is_told_and_named_by_the_public_count_while_the_round_is_open(
    display: Services, item: int, twins: list[Member], db: Database
) -> None:
    owner = await display.people.toggle(twins[1], "name", True)
    link = await display.canvassing.link(owner, item)
    assert link is not None
    for number in range(5):
        friend = await voter(display, 2001 + number, 1)
        await display.canvassing.open(friend, link.token)
        assert (await display.voting.cast(friend, item)).voted
        await give(display, item, [friend.id], Verdict.SET_ASIDE, "detector")
    told = await ask(db, "SELECT revision FROM notifications WHERE kind = 'milestone' ORDER BY revision")
    assert [row.revision for row in told] == [1, 5]
    async with db.read() as connection:
        assert await links.top(connection, item, 3) == [(owner.first_name, 5)]


@pytest.mark.postgresql_too
async def test_r28_a_verdict_during_the_end_of_a_round_is_taken_in(
    display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    """The verdict waits for the round that is closing, or the round for the verdict."""
    watch.advance(days=1)
    both = (
        display.rounds.tick(),
        give(display, item, [twins[1].id], Verdict.SET_ASIDE, "detector"),
    )
    await asyncio.gather(*both)
    assert await tally(display, item) == VoteTally(public=0, set_aside=2, withheld=0)
    await assert_sound(db)


@pytest.mark.parametrize("which", [0, 1])
async def test_r28_a_suspect_vote_that_is_taken_back_as_its_round_closes_is_answered_like_any_other(
    which: int, display: Services, item: int, twins: list[Member], watch: Watch, db: Database
) -> None:
    """The tap is judged before the round closes in another process, and waits for that. SQLite has one writer."""
    watch.advance(minutes=1)
    round_id = await one(db, "SELECT round_id FROM items WHERE id = :id", id=item)
    async with db.write() as connection:
        await rounds.close_round(connection, round_id, watch.time)
        await items.take_verdicts_in(connection, round_id)
        await items.end_display(connection, round_id, watch.time)
        tap = asyncio.create_task(display.voting.take_back(twins[which], item))
        if not db.is_sqlite:
            await until(lambda: _a_lock_is_awaited(db))
    refused = (await tap).refused
    if db.is_sqlite:
        assert refused is not None and refused.reason is Reason.VOTE_COUNTS
    else:
        assert refused is None
        assert await tally(display, item) == VoteTally(public=which == 0, set_aside=which, withheld=0)
    await assert_sound(db)


async def _a_lock_is_awaited(db: Database) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await one(db, waiting))

"""Case files: what organisers read of cases, on both databases (R29)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.services import Services
from domain.brushing.cases import CaseOutcome, SuspectAccount, Suspicion
from domain.brushing.evidence import IdBatch, LinkVotes, VoteState
from domain.brushing.neighbourhoods import WIDTH
from domain.brushing.verdicts import Verdict
from domain.brushing.votes import Pattern
from domain.people import Member
from services.brushing.case_files import CaseCounts
from storage.db import Database
from tests.conftest import Watch
from tests.services.conftest import on_display, voter

pytestmark = pytest.mark.postgresql_later

FIRST = 50 * WIDTH


@pytest.fixture
async def goods(display: Services) -> list[int]:
    return (await on_display(display))[:3]


@pytest.fixture
async def voters(display: Services, goods: list[int]) -> list[Member]:
    """Four accounts with neighbouring IDs, who all vote for two goods; and one more, far away, for the first."""
    members = [await voter(display, FIRST + number, 4) for number in range(4)] + [await voter(display, 10**9, 4)]
    for member in members:
        assert (await display.voting.cast(member, goods[0])).voted
    for member in members[:4]:
        assert (await display.voting.cast(member, goods[1])).voted
    return members


async def suspect(services: Services, item: int, members: list[Member], score: float = 6.5) -> None:
    """Open a case on a good, in which two patterns name each of these members."""
    patterns = (Pattern.LOCKSTEP, Pattern.REGISTRATION_BATCH)
    accounts = tuple(SuspectAccount(member.id, pattern, 2.0, 3) for member in members for pattern in patterns)
    evidence = tuple({"pattern": pattern.value, "votes": len(members), "score": score} for pattern in patterns)
    assert await services.cases.suspect(Suspicion(item, score, accounts, evidence))


async def the_case(services: Services, place: int = 0) -> int:
    """The number of a case by its place in the list."""
    return (await services.case_files.page(9))[place].id


async def test_r29_the_list_begins_with_what_waits_the_strongest_first(
    display: Services, goods: list[int], voters: list[Member], watch: Watch
) -> None:
    third = await voter(display, 2 * 10**9, 4)
    assert (await display.voting.cast(third, goods[2])).voted
    for good, score, members in ((goods[0], 5.0, voters[:2]), (goods[1], 9.0, voters[:1]), (goods[2], 7.0, [third])):
        await suspect(display, good, members, score)
    assert await display.case_files.counts() == CaseCounts(3, 3)
    strongest, middle, weakest = [entry.id for entry in await display.case_files.page(9)]
    await display.cases.clear(strongest, "organiser 8")
    watch.advance(minutes=1)
    await display.cases.void(middle, "bought", "organiser 8")
    found = await display.case_files.page(9)
    assert [(entry.id, entry.outcome) for entry in found] == [
        (weakest, None),
        (middle, CaseOutcome.VOTES_FALSE),
        (strongest, CaseOutcome.CLEARED),
    ]
    assert [(entry.suspect, entry.counted) for entry in found[:2]] == [(2, 3), (1, 0)]
    assert [entry.id for entry in await display.case_files.page(1, 1)] == [middle]
    assert await display.case_files.counts() == CaseCounts(3, 1)
    overview = await display.rounds.overview()
    assert (overview.cases, overview.undecided) == (3, 1)


async def test_r29_an_appeal_that_waits_is_counted_and_stands_before_what_was_decided(
    display: Services, goods: list[int], voters: list[Member], watch: Watch
) -> None:
    await suspect(display, goods[0], voters[:2], 5.0)
    await suspect(display, goods[1], voters[2:4], 9.0)
    other, appealed = [entry.id for entry in await display.case_files.page(9)]
    await display.cases.confirm(appealed, "bought", "organiser 8")
    watch.advance(minutes=1)
    await display.cases.clear(other, "organiser 8")
    assert [entry.id for entry in await display.case_files.page(9)] == [other, appealed]
    assert await display.appeals.record(appealed, "It was not us", "organiser 8") is None
    first, second = await display.case_files.page(9)
    assert (first.id, first.appeal_waits, first.granted) == (appealed, True, False)
    assert not second.appeal_waits
    assert await display.case_files.counts() == CaseCounts(2, 1)
    await display.appeals.decide(appealed, "It was not", "organiser 9", granted=True)
    entries = {entry.id: entry for entry in await display.case_files.page(9)}
    assert (entries[appealed].appeal_waits, entries[appealed].granted) == (False, True)
    assert await display.case_files.counts() == CaseCounts(2, 0)


async def test_r29_a_case_has_its_votes_its_reasons_and_what_was_decided(
    display: Services, goods: list[int], voters: list[Member]
) -> None:
    await suspect(display, goods[0], voters[:4])
    number = await the_case(display)
    file = await display.case_files.one(number)
    assert file is not None and file.item.id == goods[0]
    assert (file.suspect, file.honest, file.record.outcome) == (4, 1, None)
    assert [found.pattern for found in file.patterns] == [Pattern.LOCKSTEP, Pattern.REGISTRATION_BATCH]
    await display.cases.void(number, "bought", "organiser 8")
    file = await display.case_files.one(number)
    assert file is not None and file.named == {Verdict.VOID: 4}
    record = file.record
    assert (record.decided_by, record.reason, record.void, record.counted) == ("organiser 8", "bought", 4, 1)
    assert file.ban is None and file.appeal is None
    assert await display.case_files.one(999) is None and await display.case_files.exhibit(999) is None


async def test_r29_a_vote_that_was_cast_anew_is_among_those_to_decide_on(
    display: Services, goods: list[int], voters: list[Member], watch: Watch
) -> None:
    await suspect(display, goods[0], voters[:4])
    watch.advance(minutes=1)
    assert (await display.voting.take_back(voters[0], goods[0])).refused is None
    file = await display.case_files.one(await the_case(display))
    assert file is not None and (file.suspect, file.honest) == (3, 1)
    assert (await display.voting.cast(voters[0], goods[0])).voted
    file = await display.case_files.one(await the_case(display))
    assert file is not None and (file.suspect, file.honest) == (4, 1)


async def test_r29_the_exhibit_has_groups_batches_and_links_by_member_numbers(
    display: Services, goods: list[int], voters: list[Member], watch: Watch
) -> None:
    friend = await voter(display, 3 * 10**9, 4)
    link = await display.canvassing.link(voters[4], goods[0])
    assert link is not None and await display.canvassing.open(friend, link.token)
    assert (await display.voting.cast(friend, goods[0])).voted
    await suspect(display, goods[0], voters[:4])
    watch.advance(hours=2)
    shown = await display.case_files.exhibit(await the_case(display))
    assert shown is not None
    evidence = shown.evidence
    assert evidence.accounts == 4 and sum(bar.named for bar in evidence.bars) == 4
    assert [(good.item_id, len(good.accounts)) for good in evidence.goods] == [(goods[0], 4), (goods[1], 4)]
    assert set(shown.goods) == set(goods[:2])
    assert evidence.batches == (IdBatch(4, 4),) and evidence.apart == 0
    assert evidence.links == (LinkVotes(voters[4].id, 1, 0), LinkVotes(None, 5, 4))
    assert {vote.patterns for vote in shown.votes if vote.member_id == voters[0].id} == {
        (Pattern.LOCKSTEP, Pattern.REGISTRATION_BATCH)
    }


async def test_r36_erased_accounts_are_still_counted_in_their_neighbourhood(
    display: Services, goods: list[int], voters: list[Member]
) -> None:
    await suspect(display, goods[0], voters[:4])
    for member in voters[:2]:
        await display.people.erase(member)
    shown = await display.case_files.exhibit(await the_case(display))
    assert shown is not None and shown.evidence.accounts == 4
    ((batch,), apart) = shown.evidence.batches, shown.evidence.apart
    assert batch.accounts == 4 and apart == 0 and batch.span <= WIDTH
    assert await display.cases.void(shown.file.record.id, "bought", "organiser 8") is not None


async def test_r29_the_votes_of_other_weeks_are_no_evidence(
    display: Services, goods: list[int], voters: list[Member], watch: Watch, db: Database
) -> None:
    await suspect(display, goods[0], voters[:4])
    watch.advance(days=20)
    await display.rounds.tick()
    assert (await display.case_files.exhibit(await the_case(display))) is not None
    file = await display.case_files.one(await the_case(display))
    assert file is not None and file.record.round_closes_at < watch.time - timedelta(days=14)


@pytest.mark.postgresql_too
async def test_r29_two_organisers_at_once_decide_once(
    display: Services, goods: list[int], voters: list[Member]
) -> None:
    await suspect(display, goods[0], voters[:4])
    number = await the_case(display)
    done = await asyncio.gather(
        display.cases.clear(number, "organiser 8"), display.cases.void(number, "bought", "organiser 9")
    )
    assert [each is None for each in done].count(True) == 1
    file = await display.case_files.one(number)
    assert file is not None and file.record.decided_by == ("organiser 8" if done[1] is None else "organiser 9")


async def test_r29_the_exhibit_has_votes_that_were_taken_back_but_no_evidence_in_them(
    display: Services, goods: list[int], voters: list[Member], watch: Watch
) -> None:
    await suspect(display, goods[0], voters[:4])
    watch.advance(minutes=1)
    for act in (display.voting.take_back, display.voting.cast, display.voting.take_back):
        assert (await act(voters[0], goods[0])).refused is None
        watch.advance(minutes=1)
    await display.cases.confirm(await the_case(display), "bought", "organiser 8")
    shown = await display.case_files.exhibit(await the_case(display))
    assert shown is not None and shown.evidence.accounts == 3
    assert sum(bar.named + bar.others for bar in shown.evidence.bars) == 4
    first, *others = [member.id for member in voters]
    found = [(vote.member_id, vote.state) for vote in shown.votes]
    void = [(member, VoteState.VOID) for member in others[:3]]
    taken_back = (first, VoteState.TAKEN_BACK)
    assert found == [taken_back, *void, (others[3], VoteState.RETURNED), taken_back]

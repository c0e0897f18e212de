"""Cases: by a finding votes are set aside; a person clears them (R28, R29)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.jobs.examining import COMMAND, ExaminationFailed, examine_apart, find_apart
from bot.services import Services
from domain.brushing.cases import SuspectAccount, Suspicion
from domain.brushing.verdicts import Verdict, VoteTally
from domain.brushing.votes import CastVote, Pattern
from domain.goods import ItemState, WhyOut
from domain.notifications import NotificationKind
from domain.people import Member
from services.jobs import JobKind
from services.notifications.case_kinds import CaseOpened, VoteVoid
from services.notifications.kinds import Skip
from services.rounds import RoundOpened
from storage.brushing import cases
from storage.db import Database
from storage.models import ItemRow, MemberRow, VoteRow
from tests.conftest import Watch
from tests.services.conftest import ask, assert_sound, on_display, one, stored_about, voter, wants
from tests.verdicts import give

pytestmark = pytest.mark.postgresql_later

CASES = "SELECT id, item_id, outcome, decided_by FROM cases ORDER BY id"
BATCH, OTHERS, FIRST_ID = 14, 240, 700_000_000


@pytest.fixture
async def item(display: Services) -> int:
    return (await on_display(display))[0]


@pytest.fixture
async def voters(display: Services, item: int) -> list[Member]:
    members = [await voter(display, 1001 + number, 3) for number in range(4)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    return members


def suspicion(item: int, members: list[Member], pattern: Pattern = Pattern.LOCKSTEP) -> Suspicion:
    accounts = tuple(SuspectAccount(member.id, pattern, 2.0, 3) for member in members)
    return Suspicion(item, 6.5, accounts, ({"pattern": pattern.value, "votes": len(members)},))


async def tally(services: Services, item: int) -> VoteTally:
    return (await services.goods.tallies([item]))[item]


async def test_r28_by_a_suspicion_votes_are_set_aside_in_one_case(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    ids = [member.id for member in voters]
    assert await display.cases.suspect(suspicion(item, voters[:2])) == ids[:2]
    assert await display.cases.suspect(suspicion(item, voters[:2])) == [], "the next run finds the same"
    assert await display.cases.suspect(suspicion(item, voters[:3])) == ids[2:3], "the next one finds more"
    assert await tally(display, item) == VoteTally(public=4, set_aside=3, withheld=3)
    (case,) = await display.cases.undecided()
    assert (case.item_id, case.accounts, case.score) == (item, 3, 6.5)
    changes = await ask(db, "SELECT actor, case_id FROM verdict_changes")
    assert [tuple(row) for row in changes] == [("detector", case.id)] * 3
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r28_runs_at_once_open_one_case(display: Services, item: int, voters: list[Member], db: Database) -> None:
    await asyncio.gather(*(display.cases.suspect(suspicion(item, voters[n:])) for n in (0, 1, 0, 2)))
    assert len(await ask(db, CASES)) == 1
    assert await one(db, "SELECT count(*) FROM verdict_changes") == 4
    await assert_sound(db)


@pytest.mark.postgresql_too
async def test_r29_a_cleared_case_lets_its_votes_count_and_is_decided_once(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters))
    (case,) = await display.cases.undecided()
    cleared = await asyncio.gather(*(display.cases.clear(case.id, f"organiser {n}") for n in (8, 9)))
    assert sorted(map(str, cleared)) == sorted([str([member.id for member in voters]), "None"])
    assert await tally(display, item) == VoteTally(public=4, set_aside=0, withheld=0)
    assert await display.cases.undecided() == []
    assert await display.cases.clear(999, "organiser 8") is None
    await assert_sound(db)


async def test_r29_clearing_leaves_the_votes_of_other_cases_as_they_are(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    other = (await on_display(display))[1]
    assert (await display.voting.cast(voters[0], other)).voted
    for good in (item, other):
        await display.cases.suspect(suspicion(good, voters[:1]))
    first, second = await display.cases.undecided()
    await display.cases.clear(first.id, "organiser 8")
    assert (await tally(display, first.item_id)).set_aside == 0
    assert (await tally(display, second.item_id)).set_aside == 1
    await assert_sound(db)


async def test_r28_a_good_that_has_ended_is_left_alone(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    await display.groups.reject(item, WhyOut.PRICE, "test")
    assert await display.cases.suspect(suspicion(item, voters)) == []
    assert await ask(db, CASES) == []
    await assert_sound(db)


async def test_r29_void_votes_open_no_case_again(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    ids = [member.id for member in voters]
    await give(display, item, ids, Verdict.SET_ASIDE, "detector")
    await give(display, item, ids, Verdict.VOID, "organiser 8")
    assert await display.cases.suspect(suspicion(item, voters)) == []
    assert await ask(db, CASES) == []


async def test_r28_a_vote_that_is_taken_back_and_cast_again_is_set_aside_by_the_next_run(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters))
    watch.advance(minutes=1)
    assert (await display.voting.take_back(voters[0], item)).refused is None
    assert (await display.voting.cast(voters[0], item)).voted
    assert (await tally(display, item)).set_aside == 3
    assert await display.cases.suspect(suspicion(item, voters)) == [voters[0].id]
    await assert_sound(db)


async def test_r36_a_member_reads_of_no_case_that_found_nothing_false(
    display: Services, item: int, voters: list[Member]
) -> None:
    await display.cases.suspect(suspicion(item, voters))
    assert (await stored_about(display, voters[0]))["case_accounts"] == []
    (case,) = await display.cases.undecided()
    await display.cases.clear(case.id, "organiser 8")
    assert (await stored_about(display, voters[0]))["case_accounts"] == []


async def test_r29_each_organiser_is_told_of_a_case_once_and_only_while_it_is_undecided(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    display.context.rules = replace(display.context.rules, organisers=frozenset({1001, 1002, 4444}))
    for some in (voters[:2], voters):
        await display.cases.suspect(suspicion(item, some))
        await display.cases.tell_organisers()
    told = await ask(db, "SELECT member_id FROM notifications WHERE kind = 'case-opened' ORDER BY member_id")
    assert [row.member_id for row in told] == [member.id for member in voters[:2]]
    (case,) = await display.cases.undecided()
    async with db.read() as connection:
        assert await cases.item_of_undecided(connection, case.id) == item
    await display.cases.clear(case.id, "organiser 8")
    async with db.read() as connection:
        assert await cases.item_of_undecided(connection, case.id) is None


async def test_r29_who_is_no_organiser_any_more_is_told_of_no_case(
    display: Services, item: int, voters: list[Member]
) -> None:
    display.context.rules = replace(display.context.rules, organisers=frozenset({1001, 1002}))
    await display.cases.suspect(suspicion(item, voters))
    await display.cases.tell_organisers()
    claimed = [each for each in await display.outbox.claim(50) if each.kind is NotificationKind.CASE_OPENED]
    display.context.rules = replace(display.context.rules, organisers=frozenset({1002}))
    told = [await display.outbox.contents(each) for each in sorted(claimed, key=lambda each: each.member_id or 0)]
    assert isinstance(told[0], Skip) and isinstance(told[1], CaseOpened)


@pytest.mark.postgresql_too
async def test_r29_false_votes_are_void_the_good_stays_and_their_members_are_told_once(
    display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:3]))
    (case,) = await display.cases.undecided()
    decided = await asyncio.gather(*(display.cases.void(case.id, "a rival", f"organiser {n}") for n in (8, 9)))
    assert sorted(map(str, decided)) == sorted([str([member.id for member in voters[:3]]), "None"])
    assert await tally(display, item) == VoteTally(public=4, set_aside=0, withheld=3)
    row = (await ask(db, "SELECT outcome, reason, counted, void FROM cases"))[0]
    assert tuple(row) == ("votes-false", "a rival", 1, 3)
    told = await ask(db, "SELECT member_id FROM notifications WHERE kind = 'vote-void' ORDER BY member_id")
    assert [row.member_id for row in told] == [member.id for member in voters[:3]]
    assert (await stored_about(display, voters[0]))["case_accounts"][0]["outcome"] == "votes-false"
    assert (await stored_about(display, voters[3]))["case_accounts"] == []
    good = await display.goods.item(item)
    assert good is not None and good.state is ItemState.ON_DISPLAY
    watch.advance(days=1)
    await display.rounds.tick()
    assert await wants(display, item) == 1
    await assert_sound(db)


async def test_r36_an_erased_member_is_not_told_of_a_void_vote(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:2]))
    (case,) = await display.cases.undecided()
    await display.people.erase(voters[0])
    assert await display.cases.void(case.id, "a rival", "organiser 8") == [member.id for member in voters[:2]]
    assert await one(db, "SELECT member_id FROM notifications WHERE kind = 'vote-void'") == voters[1].id


async def test_r29_a_decision_needs_a_reason_and_an_undecided_case(
    display: Services, item: int, voters: list[Member]
) -> None:
    with pytest.raises(ValueError, match="reason"):
        await display.cases.void(1, " ", "organiser 8")
    assert await display.cases.void(1, "a rival", "organiser 8") is None


async def test_r29_who_had_the_ballot_back_is_not_told_that_it_stays_used(
    display: Services, item: int, voters: list[Member]
) -> None:
    await display.cases.suspect(suspicion(item, voters[:1]))
    (case,) = await display.cases.undecided()
    await display.groups.reject(item, WhyOut.PRICE, "test")
    assert (await display.voting.purse(voters[0])).used == 0
    await display.cases.void(case.id, "a rival", "organiser 8")
    (claimed,) = [each for each in await display.outbox.claim(50) if each.kind is NotificationKind.VOTE_VOID]
    told = await display.outbox.contents(claimed)
    assert isinstance(told, VoteVoid) and told.ballot_back
    assert (await display.voting.purse(voters[0])).used == 0


async def test_r29_a_member_whose_vote_counts_again_is_not_told_that_it_is_void(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:1]))
    (case,) = await display.cases.undecided()
    await display.cases.void(case.id, "a rival", "organiser 8")

    (claimed,) = [each for each in await display.outbox.claim(50) if each.kind is NotificationKind.VOTE_VOID]
    assert claimed.member_id == voters[0].id
    told = await display.outbox.contents(claimed)
    assert isinstance(told, VoteVoid) and not told.ballot_back
    await give(display, item, [voters[0].id], Verdict.COUNTED, "organiser 9")
    assert isinstance(await display.outbox.contents(claimed), Skip)


@pytest.fixture
async def brushed(display: Services, db: Database, watch: Watch) -> int:
    """A good for which a registration batch voted, among members who voted for whatever they liked."""
    goods = await on_display(display)
    target, others = goods[0], goods[1:]
    ids = [FIRST_ID + 3 * number for number in range(BATCH)]
    ids += [100_000_000 + 7_654_321 * number for number in range(OTHERS)]
    blank = {"app_language": "en", "joined_at": watch.time, "seen_at": watch.time}
    async with db.write() as connection:
        await connection.execute(insert(MemberRow), [{"chat_id": chat_id, **blank} for chat_id in ids])
    people = {row.chat_id: row.id for row in await ask(db, "SELECT id, chat_id FROM members")}
    voted = [(people[chat_id], target) for chat_id in ids[:BATCH]]
    for number, chat_id in enumerate(ids[BATCH:]):
        voted += [(people[chat_id], others[(number * step) % len(others)]) for step in (1, 3)]
    voted = list(dict.fromkeys(voted))
    day = {"day": watch.time.date()}
    async with db.write() as connection:
        rows = [
            {"member_id": member, "item_id": good, "slot": 1 + n, **day}
            | {"cast_at": watch.time - timedelta(minutes=7 * (n * member % 60))}
            for n, (member, good) in enumerate(voted)
        ]
        await connection.execute(insert(VoteRow), rows)
        for good in goods:
            number = sum(item == good for _, item in voted)
            await connection.execute(update(ItemRow).where(ItemRow.id == good).values(wants=number))
    return target


async def test_r28_a_run_finds_a_batch_and_nothing_else(display: Services, brushed: int, db: Database) -> None:
    done = await display.examinations.run()
    assert (done.goods, done.set_aside) == (1, BATCH)
    assert [(row.item_id, row.outcome) for row in await ask(db, CASES)] == [(brushed, None)]
    assert await tally(display, brushed) == VoteTally(public=BATCH, set_aside=BATCH, withheld=BATCH)
    again = await display.examinations.run()
    assert (again.votes, again.goods, again.set_aside) == (done.votes, 0, 0)


async def test_r29_what_a_person_cleared_is_not_found_again(display: Services, brushed: int, db: Database) -> None:
    await display.examinations.run()
    (case,) = await display.cases.undecided()
    assert len(await display.cases.clear(case.id, "organiser 8") or ()) == BATCH
    assert (await display.examinations.run()).set_aside == 0
    assert await wants(display, brushed) == BATCH


async def test_r29_what_a_person_clears_while_a_run_is_at_work_is_not_raised_again(
    display: Services, brushed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await display.examinations.run()
    (case,) = await display.cases.undecided()
    read = display.examinations.votes

    async def clear_meanwhile(*what: Any) -> list[CastVote]:
        votes = await read(*what)
        assert await display.cases.clear(case.id, "organiser 8")
        return votes

    monkeypatch.setattr(display.examinations, "votes", clear_meanwhile)
    assert (await display.examinations.run()).set_aside == 0
    assert await display.cases.undecided() == []


async def test_r28_a_batch_that_erases_its_data_is_found_all_the_same(
    display: Services, brushed: int, db: Database
) -> None:
    for number in range(BATCH):
        member = await display.people.find(FIRST_ID + 3 * number)
        assert member is not None
        await display.people.erase(member)
    assert (await display.examinations.run()).set_aside == BATCH


async def test_r28_a_run_works_in_a_process_of_its_own(
    display: Services, brushed: int, watch: Watch, db: Database
) -> None:
    await display.context.erasure_key.get()
    locked = "SELECT value FROM key_values WHERE name = 'erasure_key'"
    before = await one(db, locked)
    await examine_apart(display)
    assert await one(db, locked) == before, "it has what opens the key, and makes no other"
    assert (await tally(display, brushed)).set_aside == BATCH
    (case,) = await display.cases.undecided()
    assert abs(case.opened_at - watch.time) < timedelta(hours=1), "by the clock of the bot"


async def test_a_run_that_fails_or_hangs_is_an_error_with_its_words(services: Services) -> None:
    python = COMMAND[0]
    with pytest.raises(ExaminationFailed, match="no room"):
        await find_apart(services.context, (python, "-c", "raise SystemExit('no room')"))
    with pytest.raises(ExaminationFailed, match="too long"):
        await find_apart(services.context, (python, "-c", "import signal; signal.pause()"), longest=0.05)


async def test_r28_a_run_is_asked_for_once_an_hour_and_at_the_end_of_a_round(
    services: Services, watch: Watch, db: Database
) -> None:
    async def asked() -> list[str]:
        return [row.key for row in await ask(db, "SELECT key FROM jobs WHERE kind = 'examine' ORDER BY id")]

    for _ in range(3):
        await services.examinations.tick(None)
    assert await asked() == [], "a bot that starts has other work"
    watch.advance(hours=1)
    for _ in range(3):
        await services.examinations.tick(None)
    assert len(await asked()) == 1
    opened = RoundOpened(7, watch.time, watch.time, 0)
    for _ in range(2):
        await services.examinations.tick(opened)
    assert (await asked())[1:] == ["examine round 7"]
    (number,) = await ask(db, "SELECT id FROM jobs WHERE key = 'examine round 7'")
    job = await services.jobs.claim(number.id)
    assert job is not None and job.kind is JobKind.EXAMINE and job.member is None
    with pytest.raises(LookupError):
        _ = job.asker

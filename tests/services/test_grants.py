"""Ballots that organisers give, each with a reason (R14)."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from domain.people import ErasedHashes
from services.notifications.kinds import Grant, Skip
from services.people import LONGEST_REASON, MAX_GRANT, Granted, GrantRefusal
from storage import people
from storage.db import Database
from storage.retention import personal_data
from tests.conftest import Watch, meet
from tests.services.conftest import ask, on_display, one

pytestmark = pytest.mark.postgresql_later


async def test_r14_given_ballots_can_be_voted_with_and_their_reason_is_told(display: Services, db: Database) -> None:
    await meet(display)
    ann = await meet(display)
    done = await display.people.grant_ballots(1001, 2, " Thank you for your help ", "organiser 7")
    assert isinstance(done, Granted) and (done.member, done.new) == (ann, True)
    goods = await on_display(display)
    for item in goods[:2]:
        assert (await display.voting.cast(ann, item)).refused is None
    assert (await display.voting.cast(ann, goods[2])).refused is not None
    assert await ask(db, "SELECT ballots, reason, actor FROM grants") == [(2, "Thank you for your help", "organiser 7")]
    notifications = [notification for notification in await display.outbox.claim(50) if notification.kind == "grant"]
    assert [await display.outbox.contents(notification) for notification in notifications] == [
        Grant(ann, 2, "Thank you for your help")
    ]


async def test_r14_a_person_who_is_no_member_is_given_nothing(services: Services, db: Database) -> None:
    assert await services.people.grant_ballots(1001, 2, "why", "test") is GrantRefusal.UNKNOWN_MEMBER
    assert await one(db, "SELECT count(*) FROM grants") == 0 == await one(db, "SELECT count(*) FROM notifications")


async def test_r14_the_same_gift_twice_and_at_once_is_given_once(services: Services, db: Database) -> None:
    await meet(services)
    await asyncio.gather(*(services.people.grant_ballots(1001, 2, "why", "test", "desk:1:7") for _ in range(4)))
    await services.people.grant_ballots(1001, 2, "why", "test", "desk:1:7")
    assert await one(db, "SELECT sum(ballots) FROM grants") == 2
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'grant'") == 1


async def test_r14_the_same_gift_within_ten_minutes_is_a_slip_unless_it_is_meant(
    services: Services, db: Database, watch: Watch
) -> None:
    await meet(services)
    await meet(services, 1002)
    give = services.people.grant_ballots
    assert isinstance(await give(1001, 2, "why", "test", "desk:1:7"), Granted)
    watch.advance(minutes=9)
    slips = await asyncio.gather(*(give(1001, 2, " why ", "test", key) for key in (None, "desk:1:8", None)))
    assert set(slips) == {GrantRefusal.REPEATED} and await one(db, "SELECT sum(ballots) FROM grants") == 2
    for other in ((1002, 2, "why"), (1001, 3, "why"), (1001, 2, "why not")):
        assert isinstance(await give(*other, "test"), Granted)
    assert isinstance(await give(1001, 2, "why", "test", again=True), Granted)
    watch.advance(minutes=11)
    assert isinstance(await give(1001, 2, "why", "test"), Granted)
    assert await one(db, "SELECT count(*) FROM grants") == 6


async def test_r14_the_same_gift_at_once_is_given_once(services: Services, db: Database) -> None:
    await meet(services)
    await asyncio.gather(*(services.people.grant_ballots(1001, 2, "why", "test") for _ in range(5)))
    assert await one(db, "SELECT sum(ballots) FROM grants") == 2


async def test_r14_a_key_is_for_one_gift(services: Services, db: Database) -> None:
    await meet(services)
    await meet(services, 1002)
    give = services.people.grant_ballots
    first, again = [await give(1001, 2, "why", "test", "key:a") for _ in range(2)]
    assert isinstance(first, Granted) and isinstance(again, Granted)
    assert (first.new, again.new) == (True, False) and first.grant == again.grant
    assert await give(1002, 2, "why", "test", "key:a") is GrantRefusal.KEY_TAKEN
    assert await one(db, "SELECT sum(ballots) FROM grants") == 2


@pytest.mark.parametrize(("ballots", "reason"), [(0, "why"), (-1, "why"), (MAX_GRANT + 1, "why"), (1, " ")])
async def test_r14_no_ballots_too_many_and_no_reason_are_errors(ballots: int, reason: str, services: Services) -> None:
    await meet(services)
    with pytest.raises(ValueError, match="a grant has"):
        await services.people.grant_ballots(1001, ballots, reason, "test")


async def test_r14_of_a_very_long_reason_the_beginning_is_kept(services: Services, db: Database) -> None:
    await meet(services)
    await services.people.grant_ballots(1001, 1, "x" * 9000, "test")
    assert await one(db, "SELECT length(reason) FROM grants") == LONGEST_REASON


# -- corrections --


async def given(services: Services, ballots: int) -> int:
    """The number of a grant of so many ballots to Ann."""
    await meet(services)
    done = await services.people.grant_ballots(1001, ballots, "Thank you", "test")
    assert isinstance(done, Granted)
    return done.grant.number


async def test_r14_a_corrected_grant_counts_as_corrected_and_its_reason_is_told(
    services: Services, db: Database
) -> None:
    number = await given(services, 30)
    done = await services.people.correct_grant(number, 3, " a slip ", "organiser 7")
    assert isinstance(done, Granted) and (done.new, done.grant.before, done.grant.ballots) == (True, 30, 3)
    ann = await meet(services)
    assert (await services.voting.mine(ann, 0)).purse.granted == 3
    assert await ask(db, "SELECT ballots, reason, actor, corrects_id FROM grants ORDER BY id") == [
        (30, "Thank you", "test", None),
        (-27, "a slip", "organiser 7", number),
    ]
    contents = [await services.outbox.contents(notification) for notification in await services.outbox.claim(9)]
    assert [one for one in contents if not isinstance(one, Skip)] == [Grant(ann, 3, "a slip", 30)]


async def test_r14_a_correction_twice_and_at_once_corrects_once_and_can_be_corrected(
    services: Services, db: Database
) -> None:
    number = await given(services, 30)
    correct = services.people.correct_grant
    done = await asyncio.gather(*(correct(number, 3, "a slip", "test") for _ in range(4)))
    assert sorted(isinstance(one, Granted) and one.new for one in done) == [False] * 3 + [True]
    assert await one(db, "SELECT count(*) FROM grants") == 2
    last = await one(db, "SELECT max(id) FROM grants")
    done_again = await correct(last, 5, "five after all", "test")
    assert isinstance(done_again, Granted) and (done_again.grant.number, done_again.grant.before) == (number, 3)
    assert await one(db, "SELECT sum(ballots) FROM grants") == 5
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'grant'") == 3


async def test_r14_ballots_that_were_used_stay_used_when_their_grant_is_corrected(display: Services) -> None:
    number = await given(display, 2)
    ann, goods = await meet(display), await on_display(display)
    for item in goods[:2]:
        assert (await display.voting.cast(ann, item)).voted
    await display.people.correct_grant(number, 0, "a slip", "test")
    mine = await display.voting.mine(ann, 0)
    assert len(mine.voted) == 2 and (mine.purse.ballots_left, mine.purse.fen_to_next_ballot) == (0, 300_00)


async def test_r14_an_unknown_grant_and_one_of_an_erased_member_are_not_corrected(services: Services) -> None:
    number = await given(services, 2)
    assert await services.people.correct_grant(number + 9, 1, "why", "test") is GrantRefusal.UNKNOWN_GRANT
    await services.people.erase(await meet(services))
    assert await services.people.correct_grant(number, 1, "why", "test") is GrantRefusal.UNKNOWN_GRANT
    with pytest.raises(ValueError, match="a grant has"):
        await services.people.correct_grant(number, -1, "why", "test")


async def test_r36_a_member_who_is_erased_at_once_is_given_nothing(
    services: Services, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await meet(services, 1001)
    given = await services.people.grant_ballots(1001, 3, "a gift", "command")
    assert isinstance(given, Granted)

    async def lock_after_an_erasure(connection: AsyncConnection, member_id: int) -> None:
        now = services.context.clock.now()
        await personal_data.erase(connection, member_id, ErasedHashes(b"key", 1001), now.date(), now)

    monkeypatch.setattr(people, "lock", lock_after_an_erasure)
    found = await services.people.correct_grant(given.grant.number, 2, "for Ann of Main Street", "command")
    assert found is GrantRefusal.UNKNOWN_GRANT
    monkeypatch.undo()
    await meet(services, 1001)
    monkeypatch.setattr(people, "lock", lock_after_an_erasure)
    found = await services.people.grant_ballots(1001, 3, "for Ann of Main Street", "command")
    assert found is GrantRefusal.UNKNOWN_MEMBER
    assert await one(db, "SELECT count(*) FROM grants WHERE reason <> ''") == 0
    assert await one(db, "SELECT count(*) FROM notifications") == 0


async def test_r14_the_grants_of_a_member_are_listed_as_they_count_now(services: Services) -> None:
    number = await given(services, 30)
    await services.people.correct_grant(number, 3, "a slip", "test")
    await services.people.grant_ballots(1001, 1, "one more", "test")
    found = await services.people.grants_of(1001)
    assert found is not None
    assert [(grant.ballots, grant.before, grant.reason) for grant in found] == [
        (1, None, "one more"),
        (3, 30, "a slip"),
    ]
    assert await services.people.grants_of(4711) is None

"""Ballots that organisers give, each with a reason (R14)."""

from __future__ import annotations

import asyncio

import pytest

from bot.services import Services
from services.notifications.kinds import Grant
from services.people import LONGEST_REASON, MAX_GRANT
from storage.db import Database
from tests.conftest import meet
from tests.services.conftest import ask, on_display, one


async def test_r14_given_ballots_can_be_voted_with_and_their_reason_is_told(display: Services, db: Database) -> None:
    await meet(display)
    ann = await meet(display)
    assert await display.people.grant_ballots(1001, 2, " Thank you for your help ", "organiser 7") == ann
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
    assert await services.people.grant_ballots(1001, 2, "why", "test") is None
    assert await one(db, "SELECT count(*) FROM grants") == 0 == await one(db, "SELECT count(*) FROM notifications")


async def test_r14_the_same_gift_twice_and_at_once_is_given_once(services: Services, db: Database) -> None:
    await meet(services)
    await asyncio.gather(*(services.people.grant_ballots(1001, 2, "why", "test", "desk:1:7") for _ in range(4)))
    await services.people.grant_ballots(1001, 2, "why", "test", "desk:1:7")
    assert await one(db, "SELECT sum(ballots) FROM grants") == 2
    assert await one(db, "SELECT count(*) FROM notifications WHERE kind = 'grant'") == 1
    await services.people.grant_ballots(1001, 2, "why", "test")
    await services.people.grant_ballots(1001, 2, "why", "test")
    assert await one(db, "SELECT sum(ballots) FROM grants") == 6, "without a key each gives anew"


@pytest.mark.parametrize(("ballots", "reason"), [(0, "why"), (-1, "why"), (MAX_GRANT + 1, "why"), (1, " ")])
async def test_r14_no_ballots_too_many_and_no_reason_are_errors(ballots: int, reason: str, services: Services) -> None:
    await meet(services)
    with pytest.raises(ValueError, match="a grant has"):
        await services.people.grant_ballots(1001, ballots, reason, "test")


async def test_r14_of_a_very_long_reason_the_beginning_is_kept(services: Services, db: Database) -> None:
    await meet(services)
    await services.people.grant_ballots(1001, 1, "x" * 9000, "test")
    assert await one(db, "SELECT length(reason) FROM grants") == LONGEST_REASON

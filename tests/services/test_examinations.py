"""The detector reads what the bot has stored, also of members who erased their data (R28, R36)."""

from __future__ import annotations

import pytest

from bot.services import Services
from domain.brushing.neighbourhoods import WIDTH
from storage.db import Database
from tests.conftest import Watch, spend
from tests.services.conftest import on_display, one, voter

pytestmark = pytest.mark.postgresql_later

BATCH = 50 * WIDTH


@pytest.fixture
async def item(display: Services) -> int:
    return (await on_display(display))[0]


async def test_r28_a_vote_is_read_with_its_spending_refunds_grants_and_link(
    display: Services, item: int, watch: Watch
) -> None:
    owner, friend = await voter(display, BATCH, 0), await voter(display, BATCH + 1, 3)
    await spend(display, BATCH + 1, "-100", "back")
    await display.people.grant_ballots(BATCH + 1, 2, "thanks", "test")
    link = await display.canvassing.link(owner, item)
    assert link is not None and await display.canvassing.open(friend, link.token)
    assert (await display.voting.cast(friend, item)).voted
    (vote,) = await display.examinations.votes()
    assert (vote.member, vote.telegram_id, vote.via) == (str(friend.id), BATCH + 1, str(owner.id))
    assert (vote.spent_fen, vote.refunded_fen, vote.granted, vote.cast_at) == (300_00, 100_00, 2, watch.time)


async def test_r28_votes_that_were_taken_back_and_rounds_long_over_are_left_out(
    display: Services, item: int, watch: Watch
) -> None:
    ann, bob = await voter(display, BATCH), await voter(display, BATCH + 1)
    for member in (ann, bob):
        assert (await display.voting.cast(member, item)).voted
    watch.advance(minutes=1)
    assert (await display.voting.take_back(bob, item)).refused is None
    watch.advance(days=1)
    await display.rounds.tick()
    assert [vote.member for vote in await display.examinations.votes()] == [str(ann.id)]
    assert await display.examinations.votes(watch.time) == []


async def test_r28_erasure_keeps_the_neighbourhood_until_a_week_after_the_round(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    members = [await voter(display, BATCH + number) for number in range(3)]
    for member in members:
        assert (await display.voting.cast(member, item)).voted
    for member in members[1:]:
        await display.people.erase(member)
    assert await one(db, "SELECT count(*) FROM votes WHERE neighbourhood IS NOT NULL") == 2
    found = await display.examinations.votes()
    assert [vote.telegram_id // WIDTH for vote in found] == [50, 50, 50]
    watch.advance(days=1)
    await display.rounds.tick()
    await display.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM votes WHERE neighbourhood IS NOT NULL") == 2
    watch.advance(days=7)
    await display.housekeeping.tick()
    assert await one(db, "SELECT count(*) FROM votes WHERE neighbourhood IS NOT NULL") == 0
    assert len(await display.examinations.votes()) == 1


async def test_r36_erasure_keeps_no_neighbourhood_of_rounds_long_over(
    display: Services, item: int, watch: Watch, db: Database
) -> None:
    ann = await voter(display, BATCH)
    assert (await display.voting.cast(ann, item)).voted
    watch.advance(days=1)
    await display.rounds.tick()
    watch.advance(days=8)
    await display.people.erase(ann)
    assert await one(db, "SELECT count(*) FROM votes WHERE neighbourhood IS NOT NULL") == 0

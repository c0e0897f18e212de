"""Five votes a day, also where the time at which days begin is changed, or the clock is set back (R15)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.services import Services, make_services
from domain.voting import Reason
from services.voting import VoteOutcome
from storage.db import Database
from tests.conftest import Watch, settings_for, spend
from tests.services.conftest import assert_sound, on_display, voter


async def vote(services: Services, number: int) -> VoteOutcome:
    """Vote for the item at this place of the display."""
    return await services.voting.cast(await voter(services, ballots=0), (await on_display(services))[number])


@pytest.mark.parametrize(("before", "after"), [("08:00", "20:00"), ("20:00", "08:00"), ("08:00", "09:30")])
async def test_r15_another_opening_time_gives_no_votes_more_within_a_minute(
    display: Services, db: Database, tmp_path: Path, watch: Watch, before: str, after: str
) -> None:
    old, new = (make_services(db, settings_for(tmp_path, round_opens_at=time), watch) for time in (before, after))
    await voter(display)
    for number in range(5):
        assert (await vote(old, number)).refused is None
    watch.advance(minutes=1)
    refused = (await vote(new, 5)).refused
    assert refused is not None and refused.reason is Reason.DAY_LIMIT
    assert refused.purse is not None and refused.purse.day_ends > watch.time
    member = await voter(display, ballots=0)
    taken = await new.voting.take_back(member, (await on_display(new))[0])
    assert taken.refused is None and taken.purse.left_today == 1
    assert (await vote(new, 5)).refused is None, "the place of a vote that was taken back is free"
    last = (await vote(new, 6)).refused
    assert last is not None and last.reason is Reason.DAY_LIMIT
    watch.time = refused.purse.day_ends
    assert (await new.voting.purse(member)).left_today == 5
    await assert_sound(db)


@pytest.mark.parametrize("after", ["20:00", "09:30"])
async def test_r15_nor_does_a_deletion_before_it(
    display: Services, db: Database, tmp_path: Path, watch: Watch, after: str
) -> None:
    """The goods of those votes have left the display meanwhile, so that nothing else is kept of them."""
    watch.time = watch.time.replace(hour=1)
    items, member = await on_display(display), await voter(display)
    for number in range(5):
        assert (await vote(display, number)).refused is None
        await display.groups.schedule(items[number], watch.time + timedelta(days=2), None, "test")
    await display.people.erase(member)
    new = make_services(db, settings_for(tmp_path, round_opens_at=after), watch)
    await spend(new, (await voter(new, ballots=0)).chat_id, "900", "again")
    refused = (await vote(new, 0)).refused
    assert refused is not None and refused.reason is Reason.DAY_LIMIT


async def test_r15_a_clock_that_is_set_back_a_day_gives_no_votes_more(
    display: Services, db: Database, watch: Watch
) -> None:
    member = await voter(display)
    for number in range(5):
        await vote(display, number)
    watch.advance(days=-1)
    assert (await display.voting.purse(member)).left_today == 0
    watch.advance(days=1)
    assert (await display.voting.purse(member)).left_today == 0

"""Appeals about a good that was listed again, or after days: when it is back, and who votes for it then (R29)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.services import Services
from domain.goods import ItemState
from domain.people import Member
from domain.voting import Reason
from services.brushing.cases import Confirmed
from storage.db import Database
from storage.retention import personal_data
from tests.conftest import Watch, meet, spend
from tests.services.conftest import assert_sound, one, order
from tests.services.test_appeals import FALSE, FIRST, grant, item, next_round, state_of, voters
from tests.services.test_cases import suspicion

pytestmark = pytest.mark.postgresql_later

__all__ = ["item", "voters"]


@pytest.mark.parametrize("first", [0, 1])
async def test_r29_a_good_is_back_when_the_appeals_against_all_its_cases_were_granted(
    first: int, display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    await next_round(display, watch)
    again = await display.goods.show_again(item, "test")
    assert again is not None
    await next_round(display, watch)
    for member in voters:
        assert (await display.voting.cast(member, again)).voted
    await display.cases.suspect(suspicion(again, voters[:FALSE]))
    cases = [case.id for case in sorted(await display.cases.undecided(), key=lambda case: case.id)]
    for case in cases[first:] + cases[:first]:
        watch.advance(minutes=1)
        assert isinstance(await display.cases.confirm(case, "bought", FIRST), Confirmed)
        await display.appeals.record(case, "no", FIRST)
    assert (await grant(display, cases[0])).back is None
    assert await state_of(display, again) is ItemState.REJECTED
    assert await one(db, "SELECT count(*) FROM votes WHERE item_id = :id AND verdict = 'void'", id=item) == 0
    assert (await grant(display, cases[1])).back is ItemState.ON_DISPLAY
    assert await state_of(display, again) is ItemState.ON_DISPLAY
    await assert_sound(db)


@pytest.mark.postgresql_too
@pytest.mark.parametrize("relisted", [False, True])
async def test_r36_who_erased_their_data_does_not_vote_again_for_a_good_that_is_back_days_later(
    relisted: bool, display: Services, item: int, voters: list[Member], watch: Watch, db: Database
) -> None:
    """On the third day of a long round, in which what is kept of erased members was cleared."""
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    listing = item
    if relisted:
        await next_round(display, watch)
        again = await display.goods.show_again(item, "test")
        assert again is not None
        await next_round(display, watch)
        listing = again
        for member in voters:
            assert (await display.voting.cast(member, listing)).voted
    await order(db, "UPDATE rounds SET closes_at = :at WHERE closed_at IS NULL", at=watch.time + timedelta(days=3))
    watch.advance(minutes=1)
    assert isinstance(await display.cases.confirm(case.id, "bought", FIRST), Confirmed)
    await display.people.erase(voters[-1])
    watch.advance(days=2)
    async with db.write() as connection:
        await personal_data.clear(connection, watch.time.date(), watch.time)
    await display.appeals.record(case.id, "no", FIRST)
    assert (await grant(display, case.id)).back is ItemState.ON_DISPLAY
    back = await meet(display, voters[-1].chat_id, "Back")
    await spend(display, back.chat_id, "500", "since")
    refused = (await display.voting.cast(back, listing)).refused
    assert refused is not None and refused.reason is Reason.VOTED_BEFORE

"""A good that was listed again, with a confirmed case on each listing: it is out while one of them stands (R29)."""

from __future__ import annotations

import pytest

from bot.services import Services
from domain.goods import ItemState
from domain.people import Member
from services.brushing.cases import Confirmed
from storage.db import Database
from tests.conftest import Watch
from tests.services.conftest import assert_sound, one
from tests.services.test_appeals import FALSE, FIRST, grant, item, next_round, state_of, voters
from tests.services.test_cases import suspicion

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

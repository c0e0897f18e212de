"""Ballots that a granted appeal puts in use again have an act of their own in the tally (R29, R39)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import Services
from domain.goods import WhyOut
from domain.people import Member
from domain.transparency.tally import TallyAct
from domain.voting import voting_day_of
from services.brushing.appeals import AppealDecided
from services.brushing.cases import Confirmed
from services.groups import Rejected
from storage.db import Database
from storage.transparency.tally import TallyDay, acts_of, sources_of
from tests.conftest import Watch
from tests.services.conftest import ask, assert_sound, one
from tests.services.test_cases import suspicion
from tests.services.test_tally import DAY, checked, day_over, item, people

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
async def case(display: Services, item: int, people: list[Member]) -> int:
    """A case that names the first of the three, and is confirmed; the ballots of the others have returned."""
    display.context.rules = replace(display.context.rules, organisers=frozenset({8, 9}))
    await display.cases.suspect(suspicion(item, people[:1]))
    (case,) = await display.cases.undecided()
    assert isinstance(await display.cases.confirm(case.id, "bought", "organiser 8"), Confirmed)
    assert await display.appeals.record(case.id, "true customers", "organiser 8") is None
    return case.id


async def grant(services: Services, case: int) -> None:
    decided = await services.appeals.decide(case, "they are", "organiser 9", granted=True)
    assert isinstance(decided, AppealDecided)


async def moved(services: Services, item: int, days: int = 0) -> Counter[TallyAct]:
    """The acts of a good on the day so many days after the first one."""
    found = await checked(services, DAY + timedelta(days=days))
    return Counter({act: number for (of, act), number in found.acts.items() if of == item})


async def test_r39_a_ballot_that_is_used_again_is_an_act_of_the_day_on_which_the_appeal_was_granted(
    display: Services, item: int, people: list[Member], case: int, watch: Watch, db: Database
) -> None:
    await day_over(display, watch)
    assert await moved(display, item) == {TallyAct.CAST: 3, TallyAct.VOID: 1, TallyAct.RETURNED: 2}
    await grant(display, case)
    await day_over(display, watch)
    assert await moved(display, item, 1) == {TallyAct.RESTORED: 1, TallyAct.USED_AGAIN: 2}
    named = await ask(db, "SELECT member_id FROM tally_leaves WHERE act = 'used-again' ORDER BY member_id")
    assert [row.member_id for row in named] == [each.id for each in people[1:]]
    await assert_sound(db)


async def test_r39_what_returned_and_is_used_again_on_one_day_has_both_acts(
    display: Services, item: int, case: int, watch: Watch
) -> None:
    await grant(display, case)
    await day_over(display, watch)
    both = {TallyAct.RETURNED: 2, TallyAct.USED_AGAIN: 2}
    assert await moved(display, item) == {TallyAct.CAST: 3, TallyAct.VOID: 1, TallyAct.RESTORED: 1, **both}


async def test_r39_a_ballot_that_returns_twice_on_one_day_has_both_acts(
    display: Services, item: int, case: int, watch: Watch
) -> None:
    await grant(display, case)
    assert isinstance(await display.groups.reject(item, WhyOut.PRICE, "organiser 8"), Rejected)
    await day_over(display, watch)
    found = await moved(display, item)
    assert (found[TallyAct.RETURNED], found[TallyAct.USED_AGAIN]) == (2 + 3, 2)


async def test_r39_a_return_has_one_number_also_where_the_ballot_is_used_again_while_its_day_is_collected(
    display: Services, item: int, case: int, db: Database
) -> None:
    day = voting_day_of(display.context.clock.now(), display.context.rules.zone, display.context.rules.opens_at)

    async def returns() -> set[int]:
        sources = sources_of(TallyDay(day.day, day.begins, day.ends))
        async with db.read() as connection:
            found = [act for source in sources for act in await acts_of(connection, source, item, 0)]
        return {act.source_id for act in found if act.act is TallyAct.RETURNED}

    before = await returns()
    await grant(display, case)
    assert await returns() == before
    assert len(before) == 2


async def test_r39_a_ballot_that_stays_returned_is_not_used_again(
    display: Services, item: int, people: list[Member], case: int, watch: Watch, db: Database
) -> None:
    await display.people.erase(people[1])
    await grant(display, case)
    await day_over(display, watch)
    assert (await moved(display, item))[TallyAct.USED_AGAIN] == 1
    assert await one(db, "SELECT count(*) FROM reused_ballots") == 1

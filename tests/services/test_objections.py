"""A member whose vote was found to be false objects, and an organiser lets it count again (R29)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

import asyncio

import pytest

from bot.services import Services
from domain.goods import ItemState
from domain.people import Member
from services.notifications.case_kinds import VoteRestored, VoteVoid
from services.notifications.kinds import Skip
from storage.brushing import cases
from storage.db import Database
from tests.services.conftest import ask, assert_sound, one
from tests.services.test_cases import suspicion, tally
from tests.services.test_confirmed_cases import FALSE, HONEST, confirm, item, used, voters

pytestmark = pytest.mark.postgresql_later

ALL = FALSE + HONEST


@pytest.fixture
async def false(display: Services, item: int, voters: list[Member]) -> int:
    """A case whose votes were found to be false; the shop is not to blame."""
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    assert await display.cases.void(case.id, "a rival", "organiser 8")
    return case.id


@pytest.mark.postgresql_too
async def test_r29_a_void_vote_counts_again_and_its_member_alone_is_told_once(
    display: Services, item: int, voters: list[Member], false: int, db: Database
) -> None:
    done = await asyncio.gather(*(display.objections.grant(false, voters[0].id, f"organiser {n}") for n in (8, 9)))
    assert sorted(done) == [False, True]
    assert (await tally(display, item)).counted == HONEST + 1
    assert await used(display, voters) == [1] * ALL
    told = [(each, await display.outbox.contents(each)) for each in await display.outbox.claim(50)]
    restored = [each.member_id for each, said in told if isinstance(said, VoteRestored)]
    assert restored == [voters[0].id]
    assert [each.member_id for each, said in told if isinstance(said, VoteVoid)] == [m.id for m in voters[1:FALSE]]
    assert [each.member_id for each, said in told if isinstance(said, Skip)] == [voters[0].id]
    row = (await ask(db, "SELECT old, new, case_id FROM verdict_changes ORDER BY id DESC LIMIT 1"))[0]
    assert tuple(row) == ("void", "counted", false)
    await assert_sound(db)


async def test_r29_what_was_not_made_void_by_this_case_cannot_be_restored(
    display: Services, voters: list[Member], false: int
) -> None:
    assert not await display.objections.grant(false, voters[-1].id, "organiser 8")
    assert not await display.objections.grant(false + 1, voters[0].id, "organiser 8")
    assert not await display.objections.grant(false, 999, "organiser 8")


async def test_r29_the_same_pattern_is_not_raised_again_for_the_account(
    display: Services, voters: list[Member], false: int, db: Database
) -> None:
    assert await display.objections.grant(false, voters[0].id, "organiser 8")
    async with db.read() as connection:
        assert {member for _, member in await cases.cleared(connection)} == {voters[0].id}


async def test_r5_the_ballot_returns_where_the_good_is_out_and_the_ban_stays(
    display: Services, item: int, voters: list[Member], db: Database
) -> None:
    await display.cases.suspect(suspicion(item, voters[:FALSE]))
    (case,) = await display.cases.undecided()
    await confirm(display, case.id)
    assert await display.objections.grant(case.id, voters[0].id, "organiser 9")
    assert await used(display, voters) == [0] + [1] * (FALSE - 1) + [0] * HONEST
    good = await display.goods.item(item)
    assert good is not None and good.state is ItemState.REJECTED
    assert len(await display.cases.bans()) == 1
    await assert_sound(db)

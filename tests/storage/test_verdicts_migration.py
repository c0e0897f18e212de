"""Revision 0010 brings verdicts, cases and bans: votes that stood before count, and can be judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy.exc import IntegrityError

from bot.services import Services, make_services
from domain.brushing.verdicts import Verdict, VoteTally
from storage.db import Database
from storage.migrate import _config, migrate
from tests.conftest import Watch, meet, settings_for
from tests.services.conftest import ask, one, order, server
from tests.storage.previous_version import Copies, PreviousVersion, copy_of
from tests.verdicts import give

__all__ = ["server"]

PREVIOUS = PreviousVersion("0009", ("members", "items", "votes", "grants", "jobs"))
TABLES = ("members", "items", "rounds", "votes", "jobs", "grants")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    return PREVIOUS.copies(request, tmp_path_factory)


@pytest.fixture
async def db(request: pytest.FixtureRequest, copies: Copies, tmp_path: Path) -> AsyncIterator[Database]:
    """A database that the previous version filled, upgraded if the test requests `upgraded`."""
    source = copies["upgraded" if "upgraded" in request.fixturenames else "filled"]
    async for database in copy_of(source, tmp_path):
        yield database


@pytest.fixture
def upgraded(db: Database) -> Database:
    return db


@pytest.fixture
async def services(upgraded: Database, tmp_path: Path) -> Services:
    return make_services(upgraded, settings_for(tmp_path, welcome_ballots=1), Watch())


async def test_r28_every_vote_counts_and_no_count_moves(services: Services, upgraded: Database) -> None:
    assert await one(upgraded, "SELECT count(*) FROM votes WHERE verdict <> 'counted'") == 0
    tallies = await services.goods.tallies([1, 2, 3])
    assert tallies == {1: VoteTally(1, 0, 0), 2: VoteTally(2, 0, 0), 3: VoteTally(1, 0, 0)}


async def test_r28_votes_of_before_can_be_judged(services: Services) -> None:
    assert await give(services, 2, [1, 2], Verdict.SET_ASIDE, "detector") == [1, 2]
    assert await give(services, 3, [1], Verdict.SET_ASIDE, "detector") == [1]
    assert await services.goods.tallies([2, 3]) == {2: VoteTally(0, 2, 0), 3: VoteTally(1, 1, 1)}


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE votes SET verdict = 'false'",
        "UPDATE items SET set_aside = -1",
        "UPDATE items SET withheld = wants + 1",
    ],
)
async def test_r28_the_database_refuses_what_no_tally_can_be(upgraded: Database, wrong: str) -> None:
    with pytest.raises(IntegrityError):
        await order(upgraded, wrong)


async def test_r14_a_welcome_grant_of_before_is_recognised_when_its_member_returns(
    services: Services, upgraded: Database
) -> None:
    ann = await meet(services, 1001)
    await services.people.erase(ann)
    await order(upgraded, "UPDATE members SET erased_hash = NULL")  # the grant's key alone recognises her
    again = await meet(services, 1001)
    assert again.id != ann.id
    assert (await services.voting.purse(again)).granted == 0
    assert (await services.voting.purse(await meet(services, 1002))).granted == 1


async def test_the_way_back_keeps_votes_and_counts(db: Database) -> None:
    before = [await ask(db, f"SELECT * FROM {table} ORDER BY id") for table in TABLES]
    await migrate(db)
    await order(db, "UPDATE votes SET verdict = 'set-aside' WHERE item_id = 2")
    await order(db, "UPDATE items SET set_aside = 2, wants = 0 WHERE id = 2")
    async with db.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), "0009"))
    assert [await ask(db, f"SELECT * FROM {table} ORDER BY id") for table in TABLES] == before

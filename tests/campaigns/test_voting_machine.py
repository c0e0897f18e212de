"""The services agree with a small model of votes on both databases, and planted bugs are found (R14-R19)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.engine import URL

from bot.services import make_services
from services import voting
from storage import ledger, votes
from storage.db import Database
from storage.migrate import migrate
from tests import postgres
from tests.campaigns.size import sized
from tests.campaigns.voting_machine import EARLY, LATE, Voters
from tests.conftest import Watch, import_goods, settings_for
from tests.services.conftest import server

__all__ = ["server"]

WEEKENDS, STEPS = sized(small=(6, 360), full=(130, 10_000))
"""The number of weekends, each of at most a hundred steps, and the least number of steps in all of them."""


async def furnish(url: str, folder: Path) -> None:
    """Fill a new database with goods that wait for a round."""
    db = Database(url)
    await migrate(db)
    await import_goods(make_services(db, settings_for(folder), Watch()), folder / "goods", EARLY + LATE)
    await db.close()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Returns the URL of a fresh copy of a file with goods."""
    folder = Voters.folder = tmp_path_factory.mktemp("machine")
    asyncio.run(furnish(f"sqlite+aiosqlite:///{folder}/goods.db", folder))

    def copy() -> str:
        for old in folder.glob("bot.db*"):
            old.unlink()
        shutil.copy(folder / "goods.db", folder / "bot.db")
        return f"sqlite+aiosqlite:///{folder}/bot.db"

    return copy


@pytest.fixture(scope="module")
def postgresql(server: URL, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Returns the URL of a fresh copy of a database with goods."""
    folder = Voters.folder = tmp_path_factory.mktemp("machine")
    template = asyncio.run(postgres.new_database(server))
    asyncio.run(furnish(postgres.address(template), folder))
    given: list[URL] = []

    def copy() -> str:
        while given:
            asyncio.run(postgres.drop_database(given.pop()))
        given.append(asyncio.run(postgres.new_database(server, str(template.database))))
        return postgres.address(given[0])

    return copy


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Returns the URL of a database with goods."""
    if request.param == "postgresql" and not postgres.is_there():
        pytest.skip("PostgreSQL is not installed here")
    copy: Callable[[], str] = request.getfixturevalue(request.param)
    return copy


def let_run(fresh: Callable[[], str], weekends: int, steps: int, *, same: bool | None = None) -> int:
    """Run the machine, for each weekend at most `steps` steps. Returns the number of steps in all.

    `same` says whether each run has the same examples; by default the Hypothesis profile says so.
    """
    Voters.fresh, Voters.steps = staticmethod(fresh), 0
    run_state_machine_as_test(
        Voters,
        settings=settings(
            max_examples=weekends,
            stateful_step_count=steps,
            derandomize=settings.default.derandomize if same is None else same,
            phases=[Phase.generate],  # to shrink a failure on a real database takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Voters.steps


def test_r14_r18_a_small_model_agrees_with_the_services(sqlite: Callable[[], str]) -> None:
    assert let_run(sqlite, weekends=2, steps=40) >= 40


@pytest.mark.long
def test_r14_r18_a_small_model_agrees_with_the_services_over_many_weekends(fresh: Callable[[], str]) -> None:
    assert let_run(fresh, weekends=WEEKENDS, steps=100) >= STEPS


async def replayed_as_new(*given: Any) -> Any:
    """A repeated update is not recognised."""
    return replace(await REAL_STATUS(*given), done=False)


async def given_each_time(*given: Any) -> Any:
    """A grant is repeated with its command."""
    return await REAL_GRANT(*given[:-1], None)


async def kept_count(*given: Any) -> Any:
    """A vote that was taken back still counts."""
    taken = await REAL_TAKE_BACK(*given)
    await votes._COUNT.rows(given[0], of=given[2], by=1)
    return taken


def six_a_day(item: Any, voted: bool, purse: Any, now: Any, **more: Any) -> Any:
    """A day has one vote too many."""
    return REAL_JUDGE(item, voted, purse._replace(votes_per_day=6), now, **more)


REAL_STATUS, REAL_GRANT, REAL_TAKE_BACK = votes.status, ledger.grant, votes.take_back
REAL_JUDGE = voting.judge_vote
BUGS = {
    "a repeated update is processed again": (votes, "status", replayed_as_new),
    "a refund is paid twice": (ledger, "grant", given_each_time),
    "a vote that was taken back still counts": (votes, "take_back", kept_count),
    "a day has six votes": (voting, "judge_vote", six_a_day),
}


@pytest.mark.long
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str, sqlite: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = BUGS[bug]
    monkeypatch.setattr(where, name, wrong)
    with pytest.raises(AssertionError):
        let_run(sqlite, weekends=200, steps=100, same=True)

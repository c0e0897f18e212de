"""Members vote, take back, spend and let time pass in every order; a model of a few lines must agree (R14-R18)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.services import Services, make_services
from domain.people import Member
from domain.voting import Reason
from storage.db import Database
from tests.conftest import Watch, meet, settings_for, spend
from tests.services.conftest import assert_sound

T = TypeVar("T")

FRIDAY_NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
MONDAY_EIGHT = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
MEMBERS = st.sampled_from(range(3))
ITEMS = st.integers(1, 9)


class Voters(RuleBasedStateMachine):
    """Three members and nine items over one weekend, which is one round and three voting days."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "bot.db")
        self.db = Database(f"sqlite+aiosqlite:///{self.folder}/bot.db")
        self.watch = Watch(FRIDAY_NOON)
        self.services: Services = make_services(self.db, settings_for(self.folder), self.watch)
        self.people: list[Member] = []
        self.spent_yuan = [0, 0, 0]
        self.orders = 0
        # The model: who voted for what, and on which day.
        self.votes: list[dict[int, int]] = [{}, {}, {}]

    def run(self, verb: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(verb)

    @initialize(yuan=st.tuples(*[st.sampled_from([0, 137, 437, 863, 2000])] * 3))
    def arrive(self, yuan: tuple[int, ...]) -> None:
        self.people = [self.run(meet(self.services, 1001 + n, f"P{n}")) for n in range(3)]
        for who, amount in enumerate(yuan):
            if amount:
                self.spend(who, amount)

    @property
    def open(self) -> bool:
        return self.watch.time < MONDAY_EIGHT

    @property
    def day(self) -> int:
        return (self.watch.time - FRIDAY_NOON.replace(hour=0)).days

    def refusal(self, who: int, item: int) -> Reason | None:
        """The model's answer to a tap on 🙋."""
        if item in self.votes[who]:
            return Reason.ALREADY_VOTED
        if not self.open:
            return Reason.ROUND_OVER
        if len(self.votes[who]) >= self.spent_yuan[who] // 100:
            return Reason.NO_BALLOTS
        if list(self.votes[who].values()).count(self.day) >= 5:
            return Reason.DAY_LIMIT
        return None

    @rule(who=MEMBERS, item=ITEMS)
    def vote(self, who: int, item: int) -> None:
        expected = self.refusal(who, item)
        answer = self.run(self.services.voting.cast(self.people[who], item))
        assert (answer.refused.reason if answer.refused else None) is expected
        if expected is None:
            self.votes[who][item] = self.day
        assert answer.voted is (item in self.votes[who])

    @rule(who=MEMBERS, item=ITEMS)
    def take_back(self, who: int, item: int) -> None:
        expected = Reason.NOT_VOTED if item not in self.votes[who] else None if self.open else Reason.VOTE_COUNTS
        answer = self.run(self.services.voting.take_back(self.people[who], item))
        assert (answer.refused.reason if answer.refused else None) is expected
        if expected is None:
            del self.votes[who][item]
        assert answer.voted is (item in self.votes[who])

    @rule(who=MEMBERS)
    def vote_for_everything(self, who: int) -> None:
        for item in range(1, 10):
            self.vote(who, item)

    @precondition(lambda self: any(self.votes))
    @rule(data=st.data())
    def take_one_back(self, data: st.DataObject) -> None:
        who, item = data.draw(st.sampled_from([(n, item) for n, voted in enumerate(self.votes) for item in voted]))
        self.take_back(who, item)

    @rule(who=MEMBERS, yuan=st.sampled_from([37, 63, 100, 250, 900]))
    def spend(self, who: int, yuan: int) -> None:
        self.orders += 1
        self.run(spend(self.services, 1001 + who, str(yuan), f"order-{self.orders}"))
        self.spent_yuan[who] += yuan

    @precondition(lambda self: self.watch.time < MONDAY_EIGHT + timedelta(days=1))
    @rule(hours=st.sampled_from([1, 7, 20]))
    def wait(self, hours: int) -> None:
        self.watch.advance(hours=hours)
        self.run(self.services.rounds.tick())

    @invariant()
    def the_books_agree(self) -> None:
        self.run(assert_sound(self.db))
        for who, member in enumerate(self.people):
            mine = self.run(self.services.voting.mine(member, 0, size=20))
            assert {item.id for item in mine.voted} == set(self.votes[who])
            assert mine.purse.ballots_left == self.spent_yuan[who] // 100 - len(self.votes[who])
            assert mine.purse.left_today == 5 - list(self.votes[who].values()).count(self.day)

    def teardown(self) -> None:
        self.runner.run(self.db.close())
        self.runner.close()
        shutil.rmtree(self.folder)


@pytest.fixture
def weekend(made_once: dict[str, Path], tmp_path: Path) -> Path:
    """A database with nine goods on display from Friday to Monday."""
    shutil.copy(made_once["display"], tmp_path / "weekend.db")

    async def make() -> None:
        db = Database(f"sqlite+aiosqlite:///{tmp_path}/weekend.db")
        services = make_services(db, settings_for(tmp_path), Watch(FRIDAY_NOON))
        async with db.write() as connection:
            await connection.exec_driver_sql("UPDATE rounds SET closes_at = '2026-11-30 00:00:00.000000'")
            await connection.exec_driver_sql(
                "UPDATE rounds SET opens_at = '2026-11-27 00:00:00.000000' WHERE NOT special"
            )
        assert await services.rounds.tick() is None, "the display is as the calendar wants it"
        await db.close()

    asyncio.run(make())
    return tmp_path / "weekend.db"


def test_r14_r18_a_small_model_agrees_with_the_service(weekend: Path) -> None:
    Voters.template = weekend
    run_state_machine_as_test(
        Voters,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],  # to shrink a failure on a real file takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )

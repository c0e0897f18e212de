"""A thousand random sequences of votes, cases, appeals, erasures and refunds against a model, on each database. Now and
then the process that does an act is killed at a random statement: the act is done, or nothing of it is (R28, R29)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pytest

from bot.services import Services
from services.ballots import return_ballots
from storage.db import Database
from tests.campaigns.size import sized
from tests.conftest import Watch
from tests.deployment import ROOT
from tests.services.case_model import Act, Model
from tests.services.case_walk import begin, check, check_tally, choose, come_back, do, end_round, stored
from tests.services.conftest import db, pools, server, source, templates

__all__ = ["db", "pools", "server", "source", "templates"]

pytestmark = pytest.mark.long

ACTS, LAST_STATEMENT = 50, 25
DANGEROUS = 0.2
"""Which part of the acts, other than taps, may be killed. `tests.campaigns.test_inbound_kills` kills taps."""
SEQUENCES = sized(small=4, full=1000)
"""On each database."""


class Child:
    """Does acts in processes that can be killed."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.cases_child"],
            cwd=environment["PYTHONPATH"].split(":")[0],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"
        self.killed = 0

    def _line(self) -> str:
        return cast(IO[str], self._parent.stdout).readline().strip()

    def _do(self, order: dict[str, object]) -> bool:
        told = cast(IO[str], self._parent.stdin)
        told.write(json.dumps(order) + "\n")
        told.flush()
        ended = self._line()
        assert ended in ("0", "-9"), ended
        self.killed += ended == "-9"
        return ended == "0"

    async def do(self, order: dict[str, object]) -> bool:
        """Do an act; whether it was not killed."""
        return await asyncio.to_thread(self._do, order)

    def close(self) -> None:
        self._parent.kill()
        self._parent.wait()


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    started = Child()
    yield started
    started.close()
    assert started.killed, "no act was interrupted: kills come too late"


class Walk:
    """One sequence: in the bot, in the model, and now and then in a process that is killed."""

    def __init__(self, seed: int, services: Services, watch: Watch, child: Child, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.services, self.watch, self.child, self.folder = services, watch, child, folder
        self.model: Model

    @property
    def db(self) -> Database:
        """The database of this sequence."""
        return self.services.context.db

    async def go(self) -> None:
        """All acts."""
        self.model = await begin(self.services)
        ends = self.chance.randrange(ACTS // 2, ACTS)
        for number in range(ACTS):
            self.watch.advance(minutes=1)
            act = choose(self.chance, self.model, number)
            if act.verb not in ("cast", "take_back") and self.chance.random() < DANGEROUS:
                await self.dangerously(act)
            else:
                assert await do(self.services, act) == self.model.apply(act), act
            if number == ends:
                await end_round(self.services, self.model, self.watch)
            elif number % 5 == 4:
                await come_back(self.services, self.model)
        await check(self.db, self.model)
        await check_tally(self.services, self.watch)

    async def dangerously(self, act: Act) -> None:
        """An act in a process that is killed at one of its statements, unless it has fewer. The next tick goes on where
        it was interrupted."""
        url = self.db.url.render_as_string(hide_password=False)
        order = {"database": url, "folder": str(self.folder), "now": self.watch.time.isoformat(), "act": act}
        ended = await self.child.do({**order, "statement": self.chance.randint(1, LAST_STATEMENT)})
        await return_ballots(self.services.context)
        done = self.model.copy()
        done.apply(act)
        found = await stored(self.db, list(self.model.items))
        if ended or found == done.snapshot():
            self.model = done
        await check(self.db, self.model)


@pytest.mark.parametrize("seed", range(SEQUENCES))
async def test_r29_whatever_is_decided_and_interrupted_nothing_is_lost_or_used_twice(
    seed: int, display: Services, watch: Watch, child: Child, tmp_path: Path
) -> None:
    await Walk(10_000 + seed, display, watch, child, tmp_path).go()

"""Random sequences of votes, verdicts, cases, appeals, objections, erasures and refunds against a small model: no
count, ballot or place is ever lost, none is used twice, and no purse goes below zero by a decision (R28, R29)."""

from __future__ import annotations

import random

import pytest

from bot.services import Services
from storage.db import Database
from tests.conftest import Watch
from tests.services.case_walk import begin, check, check_tally, choose, come_back, do, end_round

pytestmark = pytest.mark.postgresql_later

ACTS, CHECK_EVERY = 60, 6
SEEDS = (231, 70, 247, 134, 95, 129, 152, 179)
"""Walks in which an appeal is granted after ballots and places that had returned were used again, or not, and after
erasures, and void votes count again of goods on display, displayed and rejected.
`tests.campaigns.test_random_cases` does a thousand others."""


@pytest.mark.parametrize("seed", [*SEEDS[:3], *(pytest.param(seed, marks=pytest.mark.long) for seed in SEEDS[3:])])
async def test_r28_counts_ballots_and_places_are_conserved(
    display: Services, db: Database, watch: Watch, seed: int
) -> None:
    chance, model = random.Random(seed), await begin(display)
    ends = chance.randrange(ACTS // 2, ACTS)
    for number in range(ACTS):
        watch.advance(minutes=1)
        act = choose(chance, model, number)
        negative = {member: model.overdrawn(member) for member in model.yuan}
        assert await do(display, act) == model.apply(act), act
        if act.verb not in ("spend", "erase"):
            assert all(model.overdrawn(member) <= over for member, over in negative.items()), act
        if number == ends:
            await end_round(display, model, watch)
        elif number % 5 == 4:
            await come_back(display, model)
        if number % CHECK_EVERY == 0:
            await check(db, model)
    await check(db, model)
    await check_tally(display, watch)

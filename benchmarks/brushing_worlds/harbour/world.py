"""A world of the harbour: conventions, an honest crowd, and perhaps bought votes."""

from __future__ import annotations

import random
from datetime import timedelta

from benchmarks.brushing_worlds.harbour import crowd
from benchmarks.brushing_worlds.harbour.attacks import Twist, buy, twist_of
from benchmarks.brushing_worlds.harbour.conventions import Ballots, Conventions, draw
from benchmarks.brushing_worlds.world import OPENS, Attack, World
from domain.brushing.votes import CastVote

_SMALLEST, _LARGEST = 1_500, 20_000


def make(seed: int, attack: Attack, members: int | None = None) -> World:
    """The world of a seed: always the same one."""
    rng = random.Random(f"harbour {seed} {attack.value}")
    world, twist = draw(rng), twist_of(attack, seed)
    number = members or int(_SMALLEST * (_LARGEST / _SMALLEST) ** rng.random())
    if twist is Twist.FEW and not members:
        number = _LARGEST
    people, ballots = crowd.members(world, number), Ballots(rng)
    accounts, goods = set[str](), set[int]()
    for _ in range(0 if attack is Attack.HONEST else 2 if twist is Twist.TWO else 1):
        bought, wanted = buy(world, attack, twist, people, ballots)
        accounts, goods = accounts | bought, goods | wanted
    fans = crowd.fans(world, people, ballots) if twist is Twist.FANS else 0
    crowd.bursts(world, people, ballots)
    crowd.colleagues(world, people, ballots)
    crowd.couples(world, people, ballots)
    crowd.everyday(world, people, ballots)
    votes = _rows(world, ballots)
    counts = f"{number} members, {len(votes)} votes, {len(accounts)} accounts, {len(goods)} goods, {fans} fans"
    names = frozenset(f"good-{good}" for good in goods)
    return World(
        attack, votes, frozenset(accounts), names, f"{counts}, {world.words}", twist.value, twist is not Twist.FANS
    )


def _rows(world: Conventions, ballots: Ballots) -> list[CastVote]:
    rows = []
    for (name, good), (at, via) in ballots.cast.items():
        person = ballots.people[name]
        known = world.spending_known or person.refunded > 0.8 * person.spent
        rows.append(
            CastVote(
                item=f"good-{good}",
                shop=world.shops[good],
                member=name,
                telegram_id=person.telegram_id,
                cast_at=(OPENS + timedelta(seconds=at)).astimezone(world.offset),
                via=via or None,
                spent_fen=100 * person.spent if known else 0,
                refunded_fen=100 * person.refunded if known else 0,
                granted=person.granted,
            )
        )
    world.rng.shuffle(rows)
    return rows

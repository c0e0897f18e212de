"""Bought votes. The kind says what the accounts are; the twist says what their operator does to be overlooked."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.brushing_worlds.harbour.conventions import (
    DAY,
    HOUR,
    MINUTE,
    ROUND_DAYS,
    Ballots,
    Conventions,
    Person,
    goods_of,
    round_length,
)
from benchmarks.brushing_worlds.world import Attack


class Twist(StrEnum):
    """What an operator does beside."""

    NONE = "none"
    FANS = "fans of a shop"
    """Nothing is bought."""
    RUSH = "in the rush"
    SKIPPING = "skipping a quarter"
    SLOW = "over the whole day"
    LINKS = "links of one another"
    SHOP_LINK = "one link for all"
    MIXED_IDS = "half of the ids aged"
    TWO = "two attacks at once"
    FEW = "twenty among twenty thousand"
    RUSH_SKIPPING = "in the rush, skipping"


TWISTS: dict[Attack, tuple[Twist, ...]] = {
    Attack.HONEST: (Twist.NONE, Twist.NONE, Twist.NONE, Twist.FANS),
    Attack.SLOW_BATCH: (Twist.NONE, Twist.SKIPPING, Twist.LINKS, Twist.TWO, Twist.FEW, Twist.MIXED_IDS),
    Attack.SINGLE_BATCH: (Twist.NONE, Twist.SLOW, Twist.RUSH, Twist.SHOP_LINK, Twist.LINKS, Twist.TWO, Twist.FEW),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One attack: so many accounts, its goods, the part of the goods that each account skips, the seconds after the
    opening at which it begins and how long it lasts in each round."""

    accounts: int
    goods: tuple[int, ...]
    skips: float
    begins: float
    lasts: float


def twist_of(kind: Attack, seed: int) -> Twist:
    """Each seed has one, and successive seeds go through all of them."""
    possible = TWISTS.get(kind, tuple(twist for twist in Twist if twist is not Twist.FANS))
    return possible[seed % len(possible)]


def plan(world: Conventions, kind: Attack, twist: Twist) -> Plan:
    """How an operator goes about it."""
    rng = world.rng
    number = 20 if twist is Twist.FEW else int(20 * 10 ** rng.random())
    wanted = 1 if kind is Attack.SINGLE_BATCH else rng.randrange(3, 11)
    skips = 0.25 if twist in (Twist.SKIPPING, Twist.RUSH_SKIPPING) else rng.choice([0.0, 0.0, 0.05, 0.1])
    begins, lasts = rng.uniform(0, 14 * HOUR), rng.choice([10 * MINUTE, 30 * MINUTE, 2 * HOUR, 4 * HOUR])
    if twist in (Twist.RUSH, Twist.RUSH_SKIPPING):
        begins, lasts = rng.uniform(0, 5 * MINUTE), rng.choice([10 * MINUTE, 30 * MINUTE, HOUR])
    if twist is Twist.SLOW or kind is Attack.SLOW_BATCH:
        begins, lasts = 0.0, 16.0 * HOUR
    return Plan(number, _goods(world, wanted), skips, begins, lasts)


def _goods(world: Conventions, wanted: int) -> tuple[int, ...]:
    """Goods of one round where the day's five votes allow it, of a few rounds, or of one shop in any."""
    rng = world.rng
    shop = rng.choice(world.shops)
    own = [good for good, of in enumerate(world.shops) if of == shop]
    if wanted > 1 and len(own) >= wanted and rng.random() < 0.4:
        found = list[int]()
        for good in rng.sample(own, len(own)):
            if sum(other // 28 == good // 28 for other in found) < 4 and len(found) < wanted:
                found.append(good)
        return tuple(sorted(found))
    rounds = rng.sample(range(len(ROUND_DAYS)), -(-wanted // rng.choice([2, 4, 5])))
    places = [good for number in rounds for good in rng.sample(goods_of(number), 5)]
    alternating = [places[at] for offset in range(5) for at in range(offset, len(places), 5)]
    return tuple(sorted(alternating[:wanted]))


def accounts(world: Conventions, kind: Attack, twist: Twist, number: int, people: list[Person]) -> list[Person]:
    """The accounts: batches with gaps of 1 to 50, IDs as members have, or members whose accounts were taken over."""
    rng = world.rng
    if kind is Attack.HIJACKED:
        return rng.sample(people, number)
    aged = 1.0 if kind is Attack.AGED else 0.5 if twist is Twist.MIXED_IDS else 0.0
    ids = list[int]()
    while len(ids) < number:
        at = world.new_id(rng.uniform(-3, 10) * DAY)
        for _ in range(rng.choice([number, number // 2 + 1, 10])):
            at += rng.randint(1, 50)
            ids.append(at)
    found = []
    for place, batch_id in enumerate(ids[:number]):
        person = Person(world.name(950_000 + rng.randrange(10**6)), batch_id)
        if rng.random() < aged:
            person.telegram_id = world.old_id()
        person.spent = 1_000 + place % 7 * 10
        if kind is Attack.REFUND_RING:
            person.refunded = int(person.spent * rng.uniform(0.85, 1.0))
        found.append(person)
    return found


def buy(
    world: Conventions, kind: Attack, twist: Twist, people: list[Person], ballots: Ballots
) -> tuple[set[str], set[int]]:
    """Carry one attack out; the accounts that cast a bought vote, and the goods."""
    rng, order = world.rng, plan(world, kind, twist)
    bought = set[str]()
    group = accounts(world, kind, twist, order.accounts, people)
    for person in group:
        person.most += len(order.goods) + 12
        delay = {number: rng.random() for number in range(len(ROUND_DAYS))}
        for good in order.goods:
            if rng.random() < order.skips:
                continue
            number = good // 28
            part = rng.random() if order.lasts > 8 * HOUR else min(1.0, delay[number] + rng.uniform(0, 0.05))
            at = ROUND_DAYS[number] * DAY + order.begins + part * order.lasts
            if ballots.vote(person, good, at, _link(rng, twist, group)):
                bought.add(person.name)
        camouflage(world, kind, person, ballots, order)
    return bought, set(order.goods)


def _link(rng: random.Random, twist: Twist, group: list[Person]) -> str:
    if twist is Twist.LINKS:
        return rng.choice(group).name
    return group[0].name if twist is Twist.SHOP_LINK else ""


def camouflage(world: Conventions, kind: Attack, person: Person, ballots: Ballots, order: Plan) -> None:
    """Votes for other goods, at random or as everybody does, in the same rounds and in others."""
    rng = world.rng
    if kind not in (Attack.RANDOM_CAMOUFLAGE, Attack.POPULAR_CAMOUFLAGE):
        return
    for _ in range(rng.randrange(2, 9)):
        number = rng.choice([rng.randrange(len(ROUND_DAYS)), order.goods[0] // 28])
        good = rng.choice(goods_of(number))
        if kind is Attack.POPULAR_CAMOUFLAGE:
            good = rng.choices(goods_of(number), cum_weights=world.weights[number])[0]
        ballots.vote(person, good, ROUND_DAYS[number] * DAY + rng.random() * round_length(number) * 0.7)

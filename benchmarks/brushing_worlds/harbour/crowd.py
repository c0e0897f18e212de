"""Honest people: each has hours, tastes and ballots; some come in twos, as fans, with colleagues, or by a link."""

from __future__ import annotations

import random
from bisect import bisect

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

BURSTS, FRIENDS = 3, 60


def members(world: Conventions, number: int) -> list[Person]:
    """So many members who vote now and then; a third of them once."""
    rng, found = world.rng, list[Person]()
    returning = rng.uniform(0.02, 0.10)
    for at in range(number):
        once = rng.random() < 0.33
        person = Person(
            world.name(at),
            world.old_id() if rng.random() < 0.9 else world.new_id(rng.uniform(-30, 0) * DAY),
            activity=0.12 if once else min(0.95, rng.gammavariate(1.5, 0.25)),
            habit=tuple(rng.gammavariate(shape, 1) for shape in (0.6, 0.4, 0.6, 0.3)),
            tastes=frozenset(rng.sample(range(8), rng.choice([1, 2, 2, 3]))),
            most=1 if once else max(1, int(rng.lognormvariate(1.8, 0.9))),
        )
        spends(person, rng, returning)
        found.append(person)
    return found


def spends(person: Person, rng: random.Random, returning: float) -> None:
    """What a member bought and returned; some of the ballots were granted."""
    person.granted = rng.choice([0, 0, 0, 1, 3])
    person.spent = max(person.most - person.granted, 0) * 100 + rng.randrange(400)
    if rng.random() < returning:
        person.refunded = int(person.spent * rng.choice([0.1, 0.3, 0.6, 1.0]))


def everyday(world: Conventions, people: list[Person], ballots: Ballots) -> None:
    """Ten rounds as they are: the rush, lunch, the evening; a weekend brings fewer people on more days."""
    rng = world.rng
    rush = rng.choice([3, 8, 20]) * MINUTE
    lively = [rng.uniform(0.7, 1.1) for _ in ROUND_DAYS]
    for number in range(len(ROUND_DAYS)):
        for person in people:
            if rng.random() < person.activity * lively[number]:
                day = rng.randrange(round_length(number) // DAY)
                at = moment(rng, number, person.habit, rush, day)
                visit(world, person, number, at, ballots)


def moment(rng: random.Random, number: int, habit: tuple[float, ...], rush: float, day: int = 0) -> float:
    """A time of a round at which a person with these habits comes."""
    opens = (ROUND_DAYS[number] + day) * DAY
    kind = rng.choices(range(4), habit)[0]
    if kind == 0:
        return opens + min(rng.expovariate(1 / rush), 2.0 * HOUR)
    if kind == 1:
        return opens + 4.3 * HOUR + rng.gauss(0, 30 * MINUTE)
    if kind == 2:
        return opens + 12.5 * HOUR + rng.gauss(0, 75 * MINUTE)
    return opens + rng.uniform(0, 17 * HOUR)


def picks(world: Conventions, person: Person, number: int, wanted: int) -> list[int]:
    """Goods that a member likes: popular ones, and three times as likely those of their tastes."""
    cumulated, found = world.weights[number], list[int]()
    first = goods_of(number).start
    for _ in range(40):
        good = first + bisect(cumulated, world.rng.random() * cumulated[-1])
        liked = world.kinds[good] in person.tastes
        if good not in found and (liked or world.rng.random() < 0.33):
            found.append(good)
        if len(found) >= wanted:
            break
    return found


def visit(world: Conventions, person: Person, number: int, at: float, ballots: Ballots) -> list[int]:
    """One visit with some votes, seconds or a minute apart; what was voted for."""
    found = []
    for good in picks(world, person, number, world.rng.choice([1, 1, 2, 2, 3, 4, 5])):
        if ballots.vote(person, good, at):
            found.append(good)
        at += world.rng.expovariate(1 / 25) + 3
    return found


def couples(world: Conventions, people: list[Person], ballots: Ballots) -> None:
    """Families: one votes, the other for most of the same, soon after or in the evening."""
    rng = world.rng
    for _ in range(len(people) // 25):
        pair = rng.sample(people, rng.choice([2, 2, 2, 3, 4]))
        for number in range(len(ROUND_DAYS)):
            if rng.random() < 0.5:
                at = moment(rng, number, pair[0].habit, 8 * MINUTE)
                goods = visit(world, pair[0], number, at, ballots)
                for other in pair[1:]:
                    later = at + rng.choice([rng.uniform(30, 600), rng.uniform(HOUR, 10 * HOUR)])
                    for good in goods:
                        if rng.random() < 0.7:
                            ballots.vote(other, good, later + rng.uniform(0, 60))


def fans(world: Conventions, people: list[Person], ballots: Ballots) -> int:
    """Fans vote for most goods of their shop, at their own hours, as far as their ballots go; how many there are."""
    rng = world.rng
    club, shop = rng.sample(people, rng.choice([8, 20, 40])), rng.choice(world.shops)
    for person in club:
        person.most = max(person.most, 12)
        keen = rng.uniform(0.3, 0.9)
        for good, of in enumerate(world.shops):
            if of == shop and rng.random() < keen:
                ballots.vote(person, good, moment(rng, good // 28, person.habit, 8 * MINUTE))
    return len(club)


def colleagues(world: Conventions, people: list[Person], ballots: Ballots) -> None:
    """Colleagues who talk about the goods at lunch on some days, and vote for some of the same."""
    rng = world.rng
    for _ in range(rng.choice([1, 3, 8])):
        group = rng.sample(people, rng.randrange(4, 11))
        for number in range(len(ROUND_DAYS)):
            if rng.random() < 0.4:
                at = (ROUND_DAYS[number] * 24 + 4.2) * HOUR + rng.uniform(0, 20 * MINUTE)
                for good in picks(world, group[0], number, rng.choice([1, 2, 3])):
                    for person in group:
                        if rng.random() < 0.5:
                            ballots.vote(person, good, at + rng.uniform(0, 15 * MINUTE))


def bursts(world: Conventions, people: list[Person], ballots: Ballots) -> None:
    """Three popular members bring sixty friends each, many of them new; from a part of the links `via` got lost."""
    rng = world.rng
    for burst in range(BURSTS):
        owner, number = rng.choice(people), rng.randrange(len(ROUND_DAYS))
        good, new, lost = rng.choice(goods_of(number)), rng.uniform(0.4, 0.95), rng.choice([0, 0, 0.3, 0.6])
        at = ROUND_DAYS[number] * DAY + rng.uniform(0, 14 * HOUR)
        lasting = rng.choice([15 * MINUTE, HOUR, 4 * HOUR])
        for friend in range(FRIENDS):
            person, comes = rng.choice(people), at + rng.expovariate(1 / lasting)
            if rng.random() < new:
                person = Person(world.name(900_000 + burst * 1_000 + friend), world.new_id(comes), most=1)
                spends(person, rng, 0.03)
            via = "" if rng.random() < lost else owner.name
            ballots.vote(person, good, comes, via)

"""What differs between worlds that two people would write: IDs, shops, offsets, popularity, columns."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from itertools import accumulate

from benchmarks.brushing_worlds.world import SHANGHAI

DAY, HOUR, MINUTE = 86_400, 3_600, 60
ROUND_DAYS = (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)
"""The days on which rounds open: Friday's lasts three days."""
GOODS_A_ROUND, VOTES_A_DAY = 28, 5
_MOST_ID = 2**52 - 1
_Ids = tuple[Callable[[], int], Callable[[float], int]]
"""The ID of an old account; of a newcomer, by the second of the rounds at which they join."""


@dataclass(slots=True)
class Person:
    """A member. `activity` is the chance of coming in a round; `habit` weighs the rush, lunch, the evening and any
    hour; `most` is how many votes their spending allows."""

    name: str
    telegram_id: int
    activity: float = 0.0
    habit: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    tastes: frozenset[int] = frozenset()
    most: int = 99
    spent: int = 0
    refunded: int = 0
    granted: int = 0


@dataclass(slots=True)
class Conventions:
    """How this world writes things down, and its goods: `weights` cumulated by round, `kinds` of goods, shops."""

    rng: random.Random
    offset: timezone
    new_id: Callable[[float], int]
    old_id: Callable[[], int]
    name: Callable[[int], str]
    weights: list[list[float]]
    kinds: list[int]
    shops: list[str]
    spending_known: bool
    words: str


@dataclass(slots=True)
class Ballots:
    """The standing votes: (person, good) → (time, owner of the link). Keeps to five a day and to the ballots."""

    rng: random.Random
    cast: dict[tuple[str, int], tuple[float, str]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    _of_day: dict[tuple[str, int], int] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)

    def vote(self, person: Person, good: int, at: float, via: str = "") -> bool:
        """Cast a vote while the good is on display and the rules allow it; whether it was."""
        number = good // GOODS_A_ROUND
        opens = ROUND_DAYS[number] * DAY
        day = (person.name, int(at // DAY))
        if not opens <= at < opens + round_length(number) or (person.name, good) in self.cast:
            return False
        if self._of_day.get(day, 0) >= VOTES_A_DAY or self._used.get(person.name, 0) >= person.most:
            return False
        self._of_day[day] = self._of_day.get(day, 0) + 1
        self._used[person.name] = self._used.get(person.name, 0) + 1
        self.cast[person.name, good] = (at, via)
        self.people[person.name] = person
        return True


def round_length(number: int) -> int:
    """Seconds that a round lasts."""
    return 3 * DAY if ROUND_DAYS[number] % 7 == 4 else DAY


def goods_of(number: int) -> range:
    """The goods of a round."""
    return range(number * GOODS_A_ROUND, (number + 1) * GOODS_A_ROUND)


def draw(rng: random.Random) -> Conventions:
    """The conventions of one world."""
    number = len(ROUND_DAYS) * GOODS_A_ROUND
    exponent = rng.choice([0.5, 0.8, 1.0, 1.2])
    weights = []
    for _ in ROUND_DAYS:
        places = list(range(1, GOODS_A_ROUND + 1))
        rng.shuffle(places)
        weights.append(list(accumulate(place**-exponent for place in places)))
    shops = rng.choice([6, 28, 60])
    ids = rng.choice([_growing, _uniform, _wide, _compact, _timely])
    old, new = ids(rng)
    names = rng.choice(["m{at}", "{at:06}", "u-{mixed:08x}"])
    spending = rng.random() < 0.7
    return Conventions(
        rng=rng,
        offset=rng.choice([SHANGHAI, timezone(timedelta(0))]),
        new_id=new,
        old_id=old,
        name=lambda at: names.format(at=at, mixed=at * 2_654_435_761 % 2**32),
        weights=weights,
        kinds=[rng.randrange(8) for _ in range(number)],
        shops=[f"shop {rng.randrange(shops)}" for _ in range(number)],
        spending_known=spending,
        words=f"ids {ids.__name__[1:]}, {shops} shops, exponent {exponent}, spending {'known' if spending else 'zero'}",
    )


def _growing(rng: random.Random) -> _Ids:
    """Accounts of all years, more of late years; newcomers among the newest five million."""
    return lambda: int(7.4e9 * rng.random() ** 0.6) + 10_000, lambda at: 7_400_000_000 + rng.randrange(5_000_000)


def _uniform(rng: random.Random) -> _Ids:
    """Any ID for anybody."""

    def any_id(at: float = 0) -> int:
        return rng.randrange(100_000_000, 8_000_000_000)

    return any_id, any_id


def _wide(rng: random.Random) -> _Ids:
    """IDs as wide as the column allows."""

    def any_id() -> int:
        return rng.randrange(1, _MOST_ID - 2**40)

    return any_id, lambda at: _MOST_ID - 2**40 + rng.randrange(2**36)


def _compact(rng: random.Random) -> _Ids:
    """A simulator's numbers: some thousands apart, newcomers continue them."""
    last = [5_000_000_000]

    def newest(at: float) -> int:
        last[0] += rng.randrange(2_000, 30_000)
        return last[0]

    return lambda: rng.randrange(4_800_000_000, 5_000_000_000), newest


def _timely(rng: random.Random) -> _Ids:
    """Newcomers join Telegram as they come, with a million others and more each day: friends are neighbours."""
    a_second = rng.choice([12, 30])
    return lambda: int(7.4e9 * rng.random() ** 0.6) + 10_000, lambda at: 7_500_000_000 + int(at * a_second)

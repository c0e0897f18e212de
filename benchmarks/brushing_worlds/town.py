"""The third generator: agents in one queue of events. The push reaches them one after the other from 08:00, they have
hours of their own, see what others want, tell friends, spend ballots and return goods; Friday's round lasts until
Monday, and bought votes come in shifts of workers. Shares nothing with the other two but the types."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from benchmarks.brushing_worlds.world import OPENS, Attack, World
from domain.brushing.votes import CastVote

ROUNDS, GOODS, DAY, MOST_A_DAY, CATEGORIES = 10, 28, 86_400, 5, 8
OPENINGS = [DAY * day for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14)]
NOW_ID = 8_400_000_000
"""About the newest Telegram ID."""
PUSHES_A_SECOND = 25
_MANY = {Attack.SLOW_BATCH, Attack.SINGLE_BATCH}


@dataclass(order=True, slots=True)
class _Event:
    """A member looks through the carousel, or has come for `good`."""

    second: float
    who: int
    good: int = -1
    via: int = -1


@dataclass(slots=True)
class _Town:
    rng: np.random.Generator
    shop: np.ndarray
    category: np.ndarray
    quality: np.ndarray
    ids: list[int] = field(default_factory=list)
    money: list[tuple[int, int, int]] = field(default_factory=list)
    ballots: list[int] = field(default_factory=list)
    taste: list[np.ndarray] = field(default_factory=list)
    circle: list[int] = field(default_factory=list)
    """Friends live next door: members of the same circle tell each other."""
    queue: list[_Event] = field(default_factory=list)
    cast: dict[tuple[int, int], tuple[float, int]] = field(default_factory=dict)
    today: dict[tuple[int, int], int] = field(default_factory=dict)
    wants: np.ndarray = field(default_factory=lambda: np.zeros(ROUNDS * GOODS))
    talk: float = 0.0
    herd: float = 0.0
    eagerness: float = 0.0

    def settle(self, telegram_id: int, spent: int, refunded: int, granted: int) -> int:
        self.ids.append(telegram_id)
        self.money.append((spent, refunded, granted))
        self.ballots.append(spent // 10_000 + granted)
        self.taste.append(self.rng.dirichlet(np.full(CATEGORIES, 0.6)) * CATEGORIES)
        self.circle.append(len(self.ids) // 6)
        return len(self.ids) - 1

    def come(self, second: float, who: int, good: int = -1, via: int = -1) -> None:
        heapq.heappush(self.queue, _Event(second, who, good, via))

    def vote(self, event: _Event, good: int) -> bool:
        who, day = event.who, int(event.second // DAY)
        opening = OPENINGS[good // GOODS]
        if not opening <= event.second < OPENINGS[good // GOODS + 1] or (who, good) in self.cast:
            return False
        if self.today.get((who, day), 0) >= MOST_A_DAY or not self.ballots[who]:
            return False
        self.cast[who, good] = (event.second, event.via)
        self.today[who, day] = self.today.get((who, day), 0) + 1
        self.ballots[who] -= 1
        self.wants[good] += 1
        return True


def make(seed: int, attack: Attack, members: int | None = None) -> World:
    """A world of ten rounds of 28 goods with three honest bursts of 60, and with this attack."""
    rng = np.random.default_rng([seed, 4242, list(Attack).index(attack)])
    size = members or int(np.exp(rng.uniform(np.log(1500), np.log(20_000))))
    shops = int(rng.integers(30, 150))
    shop = rng.integers(0, shops, ROUNDS * GOODS)
    category = rng.integers(0, CATEGORIES, shops)[shop]  # a shop sells one sort of goods
    quality = rng.normal(0, rng.uniform(0.3, 0.7), shops)[shop] + rng.gumbel(0, rng.uniform(0.3, 0.8), ROUNDS * GOODS)
    town = _Town(rng, shop, category, quality)
    town.talk, town.herd, town.eagerness = rng.uniform(0, 0.04), rng.uniform(0, 0.4), rng.uniform(-4.2, -2.0)
    _people(town, size)
    _days(town, size)
    _bursts(town, size)
    accounts: list[int] = []
    targets: list[int] = []
    if attack is not Attack.HONEST:
        targets = _targets(town, attack)
        accounts = _recruits(town, attack, size)
        _orders(town, attack, accounts, targets)
    _run(town)
    bought = sorted({who for who in accounts if any((who, good) in town.cast for good in targets)})
    votes = [
        CastVote(
            f"i{good}",
            f"s{shop[good]}",
            f"u{who}",
            town.ids[who],
            OPENS + timedelta(seconds=int(second)),
            f"u{via}" if via >= 0 else None,
            *town.money[who],
        )
        for (who, good), (second, via) in town.cast.items()
    ]
    setting = f"{size} members, {len(votes)} votes, {len(bought)} accounts, {len(targets)} goods"
    named = frozenset(f"u{who}" for who in bought)
    return World(attack, votes, named, frozenset(f"i{good}" for good in targets), setting)


def _spending(rng: np.random.Generator, returns: float) -> tuple[int, int]:
    orders = rng.lognormal(9.6, 0.9, 1 + rng.poisson(9)).astype(int)
    part = 0.9 if rng.random() < 0.02 else returns  # some order to try on
    return int(orders.sum()), int(orders[rng.random(len(orders)) < part].sum())


def _id(rng: np.random.Generator) -> int:
    """Telegram grew ever faster, and half of the members are from its last years."""
    return int(NOW_ID * rng.uniform(0.6, 0.999)) if rng.random() < 0.5 else int(2e9 * rng.random() ** 0.7) + 1


def _new_ids(rng: np.random.Generator, count: int) -> list[int]:
    """New accounts of people who know each other: of the last months, or of a week in which a class came."""
    width = np.exp(rng.uniform(np.log(5e6), np.log(4e8)))
    newest = NOW_ID - rng.exponential(1e8)
    return [int(newest - rng.uniform(0, width)) for _ in range(count)]


def _people(town: _Town, size: int) -> None:
    returns, poor = town.rng.uniform(0.02, 0.2), town.rng.uniform(0.05, 0.3)
    for _ in range(size):
        spent, refunded = (0, 0) if town.rng.random() < poor else _spending(town.rng, returns)
        town.settle(_id(town.rng), spent, refunded, 2)


def _days(town: _Town, size: int) -> None:
    """Who looks when: at the push, or at hours of their own, some of them several times."""
    rng = town.rng
    often = rng.beta(0.9, rng.uniform(1.0, 4.0), size) * min(1.0, 10_000 / size)
    pushed = rng.beta(1.0, 1.5, size)
    own_hour, steady = rng.choice([4.2, 10.5, 13.0, 15.0], size), rng.uniform(0.2, 2.0, size)
    for number in range(ROUNDS):
        opening, ends = OPENINGS[number], OPENINGS[number + 1]
        arrives = opening + rng.permutation(size) / PUSHES_A_SECOND
        for who in np.flatnonzero(rng.random(size) < often).tolist():
            if rng.random() < pushed[who]:
                town.come(arrives[who] + float(rng.lognormal(4.5, 1.2)), who)
            for day in range(opening, ends, DAY):
                if rng.random() < 0.6 and day >= opening:
                    town.come(day + 3600 * float(np.clip(rng.normal(own_hour[who], steady[who]), 0, 23)), who)


def _bursts(town: _Town, size: int) -> None:
    rng = town.rng
    for _ in range(3):
        owner, good = int(rng.integers(0, size)), int(rng.integers(0, ROUNDS * GOODS))
        begins = OPENINGS[good // GOODS] + rng.uniform(0, 50_000)
        known = int(rng.integers(0, 25))
        friends = [int(who) for who in rng.choice(size, known, replace=False)]
        friends += [town.settle(id, 0, 0, 2) for id in _new_ids(rng, 60 - known)]
        pace = rng.uniform(5.5, 8.0)
        for who in friends:
            town.come(begins + float(rng.lognormal(pace, 0.9)), who, good, owner)
            if rng.random() < 0.2:  # stays, and looks at what else there is
                town.come(begins + float(rng.lognormal(9, 1)), who)


def _run(town: _Town) -> None:
    """Let the events happen in their order."""
    rng = town.rng
    while town.queue:
        event = heapq.heappop(town.queue)
        number = int(np.searchsorted(OPENINGS, event.second, "right")) - 1
        if number >= ROUNDS:
            continue
        if event.good >= 0:
            town.vote(event, event.good)
            continue
        shown = number * GOODS + rng.permutation(GOODS)[: 3 + rng.poisson(9)]
        liking = town.eagerness + town.quality[shown] + 0.5 * town.taste[event.who][town.category[shown]]
        liking += town.herd * np.log1p(town.wants[shown])
        wanted = rng.random(len(shown)) < 1 / (1 + np.exp(-liking))
        for good in shown[wanted].tolist():
            event.second += float(rng.gamma(2, 8))
            if town.vote(event, good) and rng.random() < town.talk:
                _tell(town, event, good)


def _tell(town: _Town, event: _Event, good: int) -> None:
    """Friends hear of a good; some of them come for it by the member's link."""
    first = town.circle[event.who] * 6
    for friend in range(first, min(first + 6, len(town.ids))):
        if town.rng.random() < 0.5:
            linked = event.who if town.rng.random() < 0.5 and friend != event.who else -1
            town.come(event.second + float(town.rng.exponential(1800)), friend, good, linked)


def _targets(town: _Town, attack: Attack) -> list[int]:
    rng = town.rng
    if attack is Attack.SINGLE_BATCH or (attack is Attack.REFUND_RING and rng.random() < 0.2):
        return [int(rng.integers(0, ROUNDS * GOODS))]
    rounds = rng.choice(ROUNDS, int(rng.integers(1, ROUNDS + 1)), replace=False)
    pool = rng.permutation([good for good in range(ROUNDS * GOODS) if good // GOODS in rounds]).tolist()
    chosen: list[int] = []
    for good in pool:
        if sum(one // GOODS == good // GOODS for one in chosen) < MOST_A_DAY:
            chosen.append(good)
    return chosen[: int(rng.integers(3, 11))]


def _recruits(town: _Town, attack: Attack, size: int) -> list[int]:
    rng = town.rng
    count = int(np.exp(rng.uniform(np.log(20), np.log(200))))
    if attack is Attack.HIJACKED:
        taken = [int(who) for who in rng.choice(size, count, replace=False)]
        for who in taken:
            town.ballots[who] += 10  # only accounts that can vote are worth taking
        return taken
    gap = int(np.exp(rng.uniform(np.log(1), np.log(2000))))
    at = int(NOW_ID * rng.uniform(0.95, 0.999))
    accounts = []
    for number in range(count):
        if number % 100 == 99:
            at = int(NOW_ID * rng.uniform(0.95, 0.999))  # another order of SIM cards
        at += 1 + int(rng.geometric(1 / gap))
        id = at if attack in _MANY else _id(rng) if attack is not Attack.PLAIN else int(rng.uniform(0.9, 1) * NOW_ID)
        spent = 10_000 * int(rng.integers(10, 21)) + int(rng.integers(0, 3000))
        refunded = int(spent * rng.uniform(0.8, 1.0)) if attack is Attack.REFUND_RING else 0
        accounts.append(town.settle(id, spent, refunded, 0))
    return accounts


def _orders(town: _Town, attack: Attack, accounts: list[int], targets: list[int]) -> None:
    """What the accounts are told to do: shifts of workers who each hold a part of the phones."""
    rng = town.rng
    slow = attack is Attack.SLOW_BATCH or (attack is Attack.SINGLE_BATCH and rng.random() < 0.5)
    done, shifts = rng.uniform(0.75, 1.0), int(rng.integers(1, 4))
    lasts = np.exp(rng.uniform(np.log(600), np.log(5 * 3600)))
    rush = rng.random() < 0.3
    for good in targets:
        opening = OPENINGS[good // GOODS]
        latest = DAY - 6 * 3600
        begins = np.sort(opening + (rng.uniform(0, 1200, shifts) if rush else rng.uniform(0, latest, 1).repeat(shifts)))
        for at, who in enumerate(accounts):
            if len(targets) > 1 and rng.random() > done:
                continue
            second = opening + rng.uniform(0, DAY - 1) if slow else begins[at % shifts] + rng.beta(1.2, 1.8) * lasts
            town.come(float(second), who, good)
    popular = np.argsort(-town.quality)[:20].tolist()
    beside = int(rng.integers(2, 9))
    for who in accounts:
        for _ in range(beside):
            anything = int(rng.integers(0, ROUNDS * GOODS))
            good = anything if attack is Attack.RANDOM_CAMOUFLAGE else int(rng.choice(popular))
            if attack in (Attack.RANDOM_CAMOUFLAGE, Attack.POPULAR_CAMOUFLAGE):
                town.come(OPENINGS[good // GOODS] + float(rng.beta(1, 2)) * (DAY - 60), who, good)

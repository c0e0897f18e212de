"""The first generator: members, goods, hours and attacks are drawn from distributions, all of which vary by seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from benchmarks.brushing_worlds.world import OPENS, Attack, World
from domain.brushing.votes import CastVote

ROUNDS, GOODS, DAY = 10, 28, 86_400
MOST_A_DAY = 5
NEWEST = 8_300_000_000


@dataclass(slots=True)
class _Market:
    rng: np.random.Generator
    members: int
    ids: list[int] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)
    refunded: list[int] = field(default_factory=list)
    granted: list[int] = field(default_factory=list)
    cast: dict[tuple[int, int], tuple[float, int]] = field(default_factory=dict)
    """(member, good): seconds, link owner or -1."""
    in_day: dict[tuple[int, int], int] = field(default_factory=dict)

    def join(self, telegram_id: int, spent: int, refunded: int, granted: int) -> int:
        self.ids.append(telegram_id)
        self.spent.append(spent)
        self.refunded.append(refunded)
        self.granted.append(granted)
        return len(self.ids) - 1

    def vote(self, member: int, good: int, second: float, via: int = -1) -> bool:
        day = int(second // DAY)
        if (member, good) in self.cast or self.in_day.get((member, day), 0) >= MOST_A_DAY:
            return False
        self.cast[member, good] = (second, via)
        self.in_day[member, day] = self.in_day.get((member, day), 0) + 1
        return True


def make(seed: int, attack: Attack, members: int | None = None) -> World:
    """A world of ten rounds of 28 goods with three honest bursts of 60, and with this attack."""
    rng = np.random.default_rng([seed, list(Attack).index(attack)])
    size = members or int(np.exp(rng.uniform(np.log(1500), np.log(20_000))))
    market = _Market(rng, size)
    weights = _popularity(rng)
    shops = rng.integers(0, rng.integers(40, 200), ROUNDS * GOODS)
    _crowd(market, weights)
    _bursts(market)
    accounts: list[int] = []
    goods: list[int] = []
    if attack is not Attack.HONEST:
        accounts, goods = _attack(market, attack, weights, shops)
    votes = [
        CastVote(
            item=f"g{good}",
            shop=f"s{shops[good]}",
            member=f"m{member}",
            telegram_id=market.ids[member],
            cast_at=OPENS + timedelta(seconds=int(second)),
            via=f"m{via}" if via >= 0 else None,
            spent_fen=market.spent[member],
            refunded_fen=market.refunded[member],
            granted=market.granted[member],
        )
        for (member, good), (second, via) in market.cast.items()
    ]
    rng.shuffle(votes)  # type: ignore[arg-type]
    named = frozenset(f"m{member}" for member in accounts if any((member, good) in market.cast for good in goods))
    setting = f"{size} members, {len(votes)} votes, {len(named)} accounts, {len(goods)} goods"
    return World(attack, votes, named, frozenset(f"g{good}" for good in goods), setting)


def _popularity(rng: np.random.Generator) -> np.ndarray:
    weights = rng.lognormal(0, rng.uniform(0.4, 1.1), (ROUNDS, GOODS))
    for day in range(ROUNDS):
        for good in rng.choice(GOODS, rng.integers(1, 4), replace=False):
            weights[day, good] *= rng.uniform(3, 10)
    return weights / weights.sum(1, keepdims=True)


def _honest_id(rng: np.random.Generator, newcomer: bool) -> int:
    if newcomer:
        return int(NEWEST - rng.exponential(2e8))
    eras = ((1e8, 1.2e9, 0.4), (1.2e9, 2.2e9, 0.2), (5e9, 8e9, 0.4))
    low, high, _ = eras[rng.choice(3, p=[era[2] for era in eras])]
    return int(rng.uniform(low, high))


def _money(rng: np.random.Generator, returns: float) -> tuple[int, int]:
    spent = int(rng.lognormal(np.log(60_000), 1.0)) + 10_000
    if rng.random() < returns:
        return spent, spent if rng.random() < 0.3 else int(spent * rng.uniform(0.05, 0.9))
    return spent, 0


def _hours(rng: np.random.Generator, count: int, mixture: np.ndarray, rush: float) -> np.ndarray:
    """Seconds of the day (from 08:00): the rush, noon, the evening, any hour."""
    kind = rng.choice(4, count, p=mixture)
    noon, evening = rng.normal(4.3, 0.7, count) * 3600, rng.normal(12.3, 1.3, count) * 3600
    anywhere = rng.beta(1.3, 2.0, count) * DAY
    found = np.where(kind == 0, rng.exponential(rush, count), np.where(kind == 1, noon, evening))
    return np.clip(np.where(kind == 3, anywhere, found), 1, DAY - 60)


def _crowd(market: _Market, weights: np.ndarray) -> None:
    rng = market.rng
    returns, newcomers = rng.uniform(0.03, 0.25), rng.uniform(0.02, 0.15)
    active = rng.beta(1.0, rng.uniform(1.5, 6), market.members)
    most = min(1.0, 110_000 / max(1.0, active.sum() * ROUNDS * 2.5))
    active *= most
    rush, habit = rng.uniform(120, 1800), rng.uniform(0.3, 20)
    mixture = rng.dirichlet([4, 2, 3, 2])
    taste_strength = rng.choice([0.0, rng.uniform(0, 1.2)])
    category = rng.integers(0, 8, (ROUNDS, GOODS))
    generous = rng.uniform(0.1, 0.6)
    links = rng.uniform(0, 0.08)
    for _ in range(market.members):
        spent, refunded = _money(rng, returns)
        member = market.join(_honest_id(rng, rng.random() < newcomers), spent, refunded, int(rng.random() < 0.3))
        days = np.flatnonzero(rng.random(ROUNDS) < active[member])
        if not len(days):
            continue
        own = rng.dirichlet(mixture * habit + 0.02)
        taste = np.exp(taste_strength * rng.normal(0, 1, 8))
        seconds = _hours(rng, len(days), own, rush)
        for day, begins in zip(days, seconds, strict=True):
            count = 1 + rng.binomial(MOST_A_DAY - 1, generous)
            chances = weights[day] * taste[category[day]]
            chosen = rng.choice(GOODS, count, replace=False, p=chances / chances.sum())
            after = np.cumsum(rng.exponential(40, count))
            for good, later in zip(chosen, after, strict=True):
                via = int(rng.integers(0, member + 1)) if rng.random() < links else -1
                second = day * DAY + min(begins + later, DAY - 1)
                market.vote(member, int(day * GOODS + good), second, via if via != member else -1)


def _bursts(market: _Market) -> None:
    rng = market.rng
    for _ in range(3):
        owner = int(rng.integers(0, market.members))
        day, good = int(rng.integers(0, ROUNDS)), int(rng.integers(0, GOODS))
        begins, length = rng.uniform(600, DAY * 0.6), rng.uniform(600, 7200)
        new = rng.uniform(0.4, 1.0)
        for _ in range(60):
            if rng.random() < new:
                friend = market.join(_honest_id(rng, rng.random() < 0.8), 0, 0, int(rng.integers(1, 3)))
            else:
                friend = int(rng.integers(0, market.members))
            second = day * DAY + min(begins + rng.exponential(length), DAY - 1)
            market.vote(friend, day * GOODS + good, second, owner)


def _attack(market: _Market, attack: Attack, weights: np.ndarray, shops: np.ndarray) -> tuple[list[int], list[int]]:
    rng = market.rng
    count = int(np.exp(rng.uniform(np.log(20), np.log(200))))
    several = 1 if attack is Attack.SINGLE_BATCH else int(rng.integers(3, 11))
    spread = rng.random() < 0.5
    if spread:
        goods = rng.choice(ROUNDS * GOODS, several, replace=False)
    else:
        days = rng.choice(ROUNDS, max(1, (several + 2) // 3), replace=False)
        pool = np.concatenate([np.arange(day * GOODS, (day + 1) * GOODS) for day in days])
        goods = rng.choice(pool, several, replace=False)
    for day in range(ROUNDS):  # an account has five votes a day
        goods = np.setdiff1d(goods, goods[goods // GOODS == day][MOST_A_DAY:])
    part = rng.uniform(0.8, 1.0)
    slow = attack is Attack.SLOW_BATCH or (attack is Attack.SINGLE_BATCH and rng.random() < 0.5)
    hours = rng.uniform(0.3, 4.0)
    begins = {int(good): rng.uniform(0, DAY - 4.1 * 3600) for good in goods}
    if rng.random() < 0.3 and not slow:
        begins = {good: rng.uniform(0, 600) for good in begins}  # in the rush
    accounts = _recruits(market, attack, count)
    camouflage = attack in (Attack.RANDOM_CAMOUFLAGE, Attack.POPULAR_CAMOUFLAGE) or (
        attack in (Attack.AGED, Attack.SLOW_BATCH, Attack.SINGLE_BATCH, Attack.REFUND_RING) and rng.random() < 0.3
    )
    beside = rng.integers(2, 9)
    for account in accounts:
        for good in goods:
            if rng.random() > part and several > 1:
                continue
            within = rng.uniform(0, DAY - 60) if slow else begins[int(good)] + rng.uniform(0, hours * 3600)
            market.vote(account, int(good), int(good) // GOODS * DAY + within)
        if camouflage:
            _camouflage(market, account, int(beside), weights, popular=attack is Attack.POPULAR_CAMOUFLAGE)
    return accounts, [int(good) for good in goods]


def _recruits(market: _Market, attack: Attack, count: int) -> list[int]:
    rng = market.rng
    if attack is Attack.HIJACKED:
        return [int(member) for member in rng.choice(market.members, count, replace=False)]
    batch = attack in (Attack.SLOW_BATCH, Attack.SINGLE_BATCH)
    if attack is Attack.PLAIN:
        batch = rng.random() < 0.5
    gap, at = int(np.exp(rng.uniform(0, np.log(3000)))), int(NEWEST - rng.exponential(1e8))
    accounts = []
    for _ in range(count):
        at += int(rng.integers(1, 2 * gap + 1))
        telegram_id = at if batch else _honest_id(rng, attack is not Attack.AGED and rng.random() < 0.5)
        spent = 100_00 * int(rng.integers(1, 11)) + int(rng.integers(0, 2000))
        if attack is Attack.REFUND_RING:
            accounts.append(market.join(telegram_id, spent, int(spent * rng.uniform(0.9, 1.0)), 0))
        else:
            accounts.append(market.join(telegram_id, spent, 0, 0))
    return accounts


def _camouflage(market: _Market, account: int, count: int, weights: np.ndarray, *, popular: bool) -> None:
    rng = market.rng
    top = np.argsort(weights.ravel())[::-1][:20]
    for _ in range(count):
        good = int(rng.choice(top)) if popular else int(rng.integers(0, ROUNDS * GOODS))
        market.vote(account, good, good // GOODS * DAY + float(rng.beta(1.0, 1.6)) * (DAY - 60))

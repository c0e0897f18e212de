"""The second generator: people with tastes open the bot when it suits them, page through cards until they have enough,
talk to their families, follow a tip in a chat; an operator works through a list of accounts. Made to differ from
`market` wherever it can, so that a detector which fits one of them only is found out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from benchmarks.brushing_worlds.world import OPENS, Attack, World
from domain.brushing.votes import CastVote

ROUNDS, GOODS, DAY, MOST_A_DAY = 10, 28, 86_400, 5
TOP_ID = 8_600_000_000
STYLES = 5


@dataclass(slots=True)
class _Street:
    rng: np.random.Generator
    goods: np.ndarray
    appeal: np.ndarray
    shop: np.ndarray
    strength: float
    ids: list[int] = field(default_factory=list)
    money: list[tuple[int, int, int]] = field(default_factory=list)
    taste: list[np.ndarray] = field(default_factory=list)
    cast: dict[tuple[int, int], tuple[float, int]] = field(default_factory=dict)
    today: dict[tuple[int, int], int] = field(default_factory=dict)

    def person(self, telegram_id: int, money: tuple[int, int, int]) -> int:
        self.ids.append(telegram_id)
        self.money.append(money)
        self.taste.append(self.rng.normal(0, 1, STYLES))
        return len(self.ids) - 1

    def vote(self, who: int, good: int, second: float, via: int = -1) -> None:
        day = good // GOODS
        second = min(max(second, day * DAY), (day + 1) * DAY - 1)
        used = self.today.get((who, day), 0)
        if used < MOST_A_DAY and (who, good) not in self.cast:
            self.cast[who, good] = (second, via)
            self.today[who, day] = used + 1

    def page(self, who: int, day: int, begins: float, patience: float) -> list[tuple[int, float]]:
        """Look through cards in a random order and vote for what pleases."""
        order = self.rng.permutation(GOODS)[: 1 + self.rng.geometric(1 - patience)] + day * GOODS
        liking = self.appeal[order] + self.strength * (self.goods[order] @ self.taste[who])
        second, chosen = begins, []
        for good, likes in zip(order.tolist(), liking.tolist(), strict=True):
            second += float(self.rng.gamma(2, 6))
            if self.rng.random() < 1 / (1 + np.exp(-likes)):
                self.vote(who, good, second)
                chosen.append((good, second))
        return chosen


def make(seed: int, attack: Attack, members: int | None = None) -> World:
    """A world of ten rounds of 28 goods with three honest bursts of 60, and with this attack."""
    rng = np.random.default_rng([seed, 77, list(Attack).index(attack)])
    size = members or int(1500 + 18_500 * rng.beta(0.7, 1.8))
    shops = int(rng.integers(25, 120))
    style = rng.normal(0, 0.5, (shops, STYLES))
    shop = rng.integers(0, shops, ROUNDS * GOODS)
    goods = style[shop] + rng.normal(0, 0.3, (ROUNDS * GOODS, STYLES))
    appeal = rng.normal(rng.uniform(-3.2, -1.6), rng.uniform(0.4, 0.9), ROUNDS * GOODS)
    hits = rng.choice(ROUNDS * GOODS, int(rng.integers(5, 15)), replace=False)
    appeal[hits] += rng.uniform(1, 2.5, len(hits))
    street = _Street(rng, goods, appeal, shop, rng.uniform(0, 1))
    _live(street, size)
    accounts: list[int] = []
    targets: list[int] = []
    if attack is not Attack.HONEST:
        targets = _targets(street, attack)
        accounts = _operate(street, attack, targets, size)
    votes = [
        CastVote(
            f"item-{good:03}",
            f"shop-{shop[good]}",
            str(10_000 + who),
            street.ids[who],
            OPENS + timedelta(seconds=int(second)),
            str(10_000 + via) if via >= 0 else None,
            *street.money[who],
        )
        for (who, good), (second, via) in street.cast.items()
    ]
    accounts = [who for who in accounts if any((who, good) in street.cast for good in targets)]
    setting = f"{size} members, {len(votes)} votes, {len(accounts)} accounts, {len(targets)} goods"
    named = frozenset(str(10_000 + who) for who in accounts)
    return World(attack, votes, named, frozenset(f"item-{good:03}" for good in targets), setting)


def _money(rng: np.random.Generator, returns: float) -> tuple[int, int, int]:
    orders = rng.integers(3000, 60_000, rng.integers(1, 12))
    back = orders[rng.random(len(orders)) < returns].sum()
    return int(orders.sum()), int(back), int(rng.integers(0, 2))


def _opens_at(rng: np.random.Generator, kind: int) -> float:
    """Seconds after 08:00: at the push, at lunch, in the evening, at night; by kind of person."""
    draw = rng.random()
    if draw < (0.75, 0.35, 0.15, 0.1)[kind]:
        return float(rng.lognormal(np.log(240), 1.1))
    if draw < (0.8, 0.75, 0.3, 0.2)[kind]:
        return float(rng.normal(4.5, 0.5)) * 3600
    if draw < (0.95, 0.95, 0.95, 0.5)[kind]:
        return float(rng.normal(12.5, 1.5)) * 3600
    return float(rng.uniform(0, DAY))


def _live(street: _Street, size: int) -> None:
    rng = street.rng
    returns = rng.uniform(0.03, 0.2)
    recent, power = rng.uniform(0.03, 0.2), rng.uniform(1.2, 3)
    for _ in range(size):
        grown = rng.uniform(0.985, 1.0) if rng.random() < recent else rng.random() ** (1 / power)
        street.person(int(TOP_ID * grown) + 1, _money(rng, returns))
    loyal = rng.beta(0.7, rng.uniform(1.5, 5), size)
    kind = rng.choice(4, size, p=rng.dirichlet([5, 3, 5, 2]))
    patience = rng.uniform(0.8, 0.95)
    family = {int(who): int(who) + int(rng.integers(1, 4)) for who in np.flatnonzero(rng.random(size) < 0.04)}
    tips = {(int(rng.integers(0, ROUNDS)), int(rng.integers(0, GOODS))) for _ in range(int(rng.integers(0, 5)))}
    for day in range(ROUNDS):
        for who in np.flatnonzero(rng.random(size) < loyal).tolist():
            begins = day * DAY + _opens_at(rng, int(kind[who]))
            chosen = street.page(who, day, begins, patience)
            if who in family:
                for relative in range(who + 1, min(family[who] + 1, size)):
                    for good, second in chosen:
                        if rng.random() < 0.7:
                            street.vote(relative, good, second + float(rng.exponential(600)))
    for day, good in sorted(tips):
        begins = day * DAY + rng.uniform(3600, 50_000)
        for who in rng.choice(size, int(rng.integers(30, 150)), replace=False, p=loyal / loyal.sum()).tolist():
            street.vote(who, day * GOODS + good, begins + float(rng.exponential(1500)))
    for _ in range(3):
        owner, good = int(rng.integers(0, size)), int(rng.integers(0, ROUNDS * GOODS))
        begins = good // GOODS * DAY + rng.uniform(0, 55_000)
        for _ in range(60):
            if rng.random() < 0.75:
                friend = street.person(int(TOP_ID * rng.uniform(0.98, 1.0)), (0, 0, 1))
            else:
                friend = int(rng.integers(0, size))
            street.vote(friend, good, begins + float(rng.gamma(1.5, 900)), owner)


def _targets(street: _Street, attack: Attack) -> list[int]:
    """Goods of one shop, or of a few that bought together."""
    rng = street.rng
    if attack is Attack.SINGLE_BATCH:
        return [int(rng.integers(0, ROUNDS * GOODS))]
    several = int(rng.integers(3, 11))
    first = rng.permutation(street.shop[rng.integers(0, ROUNDS * GOODS)] == street.shop)
    own = [int(good) for good in np.flatnonzero(street.shop == street.shop[int(np.argmax(first))])]
    others = [int(good) for good in rng.permutation(ROUNDS * GOODS) if good not in own]
    chosen = (own + others)[:several]
    for day in range(ROUNDS):  # an account has five votes a day
        same = [good for good in chosen if good // GOODS == day]
        chosen = [good for good in chosen if good not in same[MOST_A_DAY - 1 :]]
    return chosen


def _operate(street: _Street, attack: Attack, targets: list[int], size: int) -> list[int]:
    rng = street.rng
    accounts = _accounts(street, attack, int(rng.integers(20, 201)), size)
    skips = rng.uniform(0, 0.15)
    slow = attack is Attack.SLOW_BATCH or rng.random() < (0.5 if attack is Attack.SINGLE_BATCH else 0.0)
    pace, sessions = rng.uniform(15, 120), rng.random() < 0.5
    beginnings = {day: day * DAY + rng.uniform(0, 60_000) for day in range(ROUNDS)}
    own_begin = {good: good // GOODS * DAY + rng.uniform(0, 60_000) for good in targets}
    beside = attack in (Attack.RANDOM_CAMOUFLAGE, Attack.POPULAR_CAMOUFLAGE) or rng.random() < 0.3
    top = np.argsort(street.appeal)[::-1][:15].tolist()
    for at, who in enumerate(rng.permutation(accounts).tolist()):
        for good in rng.permutation(targets).tolist():
            if len(targets) > 1 and rng.random() < skips:
                continue
            if slow:
                second = good // GOODS * DAY + _opens_at(rng, int(rng.integers(0, 4)))
            else:
                second = (beginnings[good // GOODS] if sessions else own_begin[good]) + at * pace
            street.vote(who, good, second + float(rng.exponential(pace)))
        if not beside:
            continue
        for day in rng.choice(ROUNDS, int(rng.integers(1, 5)), replace=False).tolist():
            begins = day * DAY + _opens_at(rng, int(rng.integers(0, 4)))
            if attack is Attack.POPULAR_CAMOUFLAGE:
                good = int(rng.choice(top))
                street.vote(who, good, good // GOODS * DAY + _opens_at(rng, int(rng.integers(0, 4))))
            elif attack is Attack.RANDOM_CAMOUFLAGE:
                street.vote(who, day * GOODS + int(rng.integers(0, GOODS)), begins)
            else:
                street.page(who, day, begins, 0.9)
    return accounts


def _accounts(street: _Street, attack: Attack, count: int, size: int) -> list[int]:
    rng = street.rng
    if attack is Attack.HIJACKED:
        return [int(who) for who in rng.choice(size, count, replace=False)]
    blocks = attack in (Attack.SLOW_BATCH, Attack.SINGLE_BATCH, Attack.PLAIN)
    at, gap, block = int(TOP_ID * rng.uniform(0.97, 1.0)), 10 ** rng.uniform(0.3, 3.3), int(rng.integers(20, 80))
    accounts = []
    for number in range(count):
        if number % block == 0:
            at = int(TOP_ID * rng.uniform(0.97, 1.0))
        at += 1 + int(rng.exponential(gap))
        old = int(TOP_ID * rng.random() ** 0.5) + 1
        spent = int(rng.choice([10_000, 20_000, 50_000])) + int(rng.integers(0, 900))
        back = spent if attack is Attack.REFUND_RING else 0
        accounts.append(street.person(at if blocks else old, (spent, back, 0)))
    return accounts

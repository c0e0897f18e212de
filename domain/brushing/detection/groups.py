"""A group of accounts and its goods, grown from a seed: who belongs to it, which goods it was for, in which hours.

The growth alternates, as expectation maximisation does: goods for which the accounts voted far more often than their
other votes explain, then accounts whose votes the group explains better than their own habits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from domain.brushing.detection.ballot_box import NEVER, BallotBox, Flags, Floats, Ints
from domain.brushing.detection.null_model import Spans, by_chance, expected_rates, others_share
from domain.brushing.detection.tails import choices, surprise

LEAST_ACCOUNTS = 8
MOST_GOODS = 14
_STEPS, _ROUNDS, _REACHING_STEPS = 9, 4, 3
_WIDER, _REACHING = 0.2, 0.6
"""Parts of the hours in which the middle of a group's votes lies that are added on each side."""
_LEAST_CHECKED = 4
"""Goods of a group without one of which it can still be told who belongs to it."""
_MIDDLE = 0.85
"""The part of a group's votes for a good that its hours hold."""
_LEAST_LIFT = 2.5
_LEAST_EXCESS = 0.4
_LEAST_TIMED_LIFT = 5.0
"""A good that the group would like anyway belongs to it where its votes came in the same hours."""
_LEAST_RATE = 0.35
_LEAST_GAIN, _LEAST_PART = 0.15, 0.6
"""Of the best goods' gain and rate, what a good of the same group has at least."""
LEAST_PART_SLOW = 0.75
"""The same part of the rate for a group without hours, which nothing but the rate tells from camouflage."""
_SYNCHRONOUS, _DISPERSED, _LEAST_PART_DISPERSED = 0.4, 0.75, 0.9
"""Where the best goods were voted for in hours with less than the first part of the round's votes, another good of the
group has hours with less than the second part, or the third part of their rate."""
_FLOOR = 0.02
_WINDOW_COST = np.log(60)
"""The hours of a good are one of about sixty choices of beginning and length."""


@dataclass(frozen=True, slots=True)
class LockstepGroup:
    """Accounts, by number, with their evidence (nats); goods; the evidence of the whole (nats) after the cost of the
    search, whether it needs the hours of the votes, and what it comes from."""

    accounts: Ints
    account_scores: Floats
    goods: Ints
    timed: bool
    score: float
    observed: int
    expected: float


@dataclass(frozen=True, slots=True)
class _Hours:
    goods: Ints
    begins: Ints
    ends: Ints
    rates: Floats
    mass: Floats
    """The part of the round's other votes that fall into these hours."""


@dataclass(frozen=True, slots=True)
class _Told:
    """How much better the group explains each member's vote for each of its goods, or the lack of it, than the member's
    habits do (members × goods, nats); and how rare the group's accounts are."""

    by_good: Floats
    rarity: float

    @property
    def scores(self) -> Floats:
        """The evidence that each member belongs to the group."""
        scores: Floats = self.by_good.sum(1) - self.rarity
        return scores


def grow(box: BallotBox, seed: Flags, pool: Flags) -> LockstepGroup | None:
    """The group around these accounts (a flag a member), or None where there is none. `pool` are the accounts that may
    belong to it."""
    inside = seed & pool
    banned = np.zeros(len(box.items), bool)
    for _ in range(_ROUNDS):
        settled = _settled(box, inside, pool, banned)
        if settled is None:
            return None
        inside, hours, told = settled.inside, settled.hours, settled.told
        intruders = _intruders(box, hours, told, inside, pool)
        if not len(intruders):
            break
        banned[intruders] = True
    return _judged(box, hours, inside, told.scores, pool)


@dataclass(frozen=True, slots=True)
class _Settled:
    inside: Flags
    hours: _Hours
    told: _Told


def _settled(box: BallotBox, inside: Flags, pool: Flags, banned: Flags) -> _Settled | None:
    """where accounts and goods, found alternately, no longer change, or nearly so."""
    for step in range(_STEPS):
        if inside.sum() < LEAST_ACCOUNTS:
            return None
        # A seed may know one hour of five only: at first the hours reach beyond those of its accounts.
        hours = _goods_of(box, inside, banned, _REACHING if step < _REACHING_STEPS else _WIDER)
        if len(hours.goods) < 2:
            return None
        told = _told(box, hours, inside, pool)
        after = (told.scores > 0) & pool
        if np.array_equal(after, inside) and step >= _REACHING_STEPS:
            break
        inside = after
    return _Settled(inside, hours, told) if inside.sum() >= LEAST_ACCOUNTS else None


def _intruders(box: BallotBox, hours: _Hours, told: _Told, inside: Flags, pool: Flags) -> Ints:
    """Goods that only the choice of accounts has made goods of the group: of the accounts that its other goods alone
    would choose, far fewer voted for them. So it is with camouflage that part of the accounts shares."""
    if len(hours.goods) < _LEAST_CHECKED:
        return hours.goods[:0]
    rates = np.ones(len(hours.goods))
    for at, good in enumerate(hours.goods.tolist()):
        others = (told.scores - told.by_good[:, at] > 0) & pool
        if others.sum() >= max(LEAST_ACCOUNTS, 0.5 * inside.sum()):
            rates[at] = box.voted[others, good].mean()
    part = _LEAST_PART if float(np.median(hours.mass)) < _SYNCHRONOUS else LEAST_PART_SLOW
    return hours.goods[rates < part * float(np.median(rates))]


def _goods_of(box: BallotBox, inside: Flags, banned: Flags, wider: float) -> _Hours:
    """The goods that set this group apart, with its hours: first the clear ones, then all that they let appear."""
    rates = box.voted[inside].mean(0)
    likely = np.flatnonzero((rates >= _LEAST_RATE) & ~banned)
    found = [_hours_of(box, int(good), inside, wider) for good in likely]
    begins = np.array([span.begins for span in found], np.int64)
    ends = np.array([span.ends for span in found], np.int64)
    mass = np.array([span.mass for span in found], float)
    kept = np.zeros(0, np.int64)
    for _ in range(2):
        expected = np.maximum(expected_rates(box, inside, likely[kept])[likely], 1e-6)
        kept = _alike(_gains(rates[likely], expected, mass), rates[likely], mass, 3.0 / int(inside.sum()))
    return _Hours(likely[kept], begins[kept], ends[kept], rates[likely][kept], mass[kept])


def _alike(gains: Floats, rates: Floats, mass: Floats, least: float) -> Ints:
    """Which goods the group was for, given what its best ones look like. Goods that many accounts also voted for, but
    fewer or at any time of the day, are camouflage or taste."""
    order = np.argsort(-gains, kind="stable")[:MOST_GOODS]
    order = order[gains[order] >= least]
    if not len(order):
        return order
    best = order[:3]
    fits = gains[order] >= _LEAST_GAIN * float(gains[best].mean())
    synchronous = float(np.median(mass[best])) < _SYNCHRONOUS
    part = _LEAST_PART if synchronous else LEAST_PART_SLOW
    parts = rates[order] / float(np.median(np.sort(rates[order])[-3:]))
    fits &= parts >= part
    if synchronous:
        fits &= (mass[order] <= _DISPERSED) | (parts >= _LEAST_PART_DISPERSED)
    return np.sort(order[fits])


def _gains(rates: Floats, expected: Floats, mass: Floats) -> Floats:
    """Nats per account by which the group's rate and hours differ from what its accounts would do otherwise; 0 where
    the difference is small, however sure."""
    rest = np.clip(1 - rates, 1e-9, 1)
    told: Floats = rates * np.log(np.maximum(rates / (expected * mass), 1e-9))
    told += rest * np.log(rest / np.clip(1 - expected, 1e-9, 1))
    more = (rates >= _LEAST_LIFT * expected) | (rates >= _LEAST_TIMED_LIFT * expected * mass)
    more |= rates >= expected + _LEAST_EXCESS
    return np.where(more, told, 0.0)


@dataclass(frozen=True, slots=True)
class _Span:
    begins: int
    ends: int
    mass: float


def _hours_of(box: BallotBox, good: int, inside: Flags, wider: float) -> _Span:
    """The shortest span with the middle of the group's votes for a good, a little widened, and the part of the other
    votes of the round that fall into it."""
    own = np.sort(box.times[inside, good])
    own = own[own != NEVER]
    need = max(2, int(np.ceil(_MIDDLE * len(own))))
    spans = own[need - 1 :] - own[: len(own) - need + 1]
    at = int(np.argmin(spans))
    beyond = int(wider * int(spans[at])) + 60
    begins, ends = max(int(own[at]) - beyond, 0), int(own[at + need - 1]) + beyond  # `NEVER` is before 0
    others = box.at[(box.round_of[box.item] == box.round_of[good]) & ~inside[box.member]]
    cast, within = len(others), int(((others >= begins) & (others <= ends)).sum())
    return _Span(begins, ends, max((within + 1) / (cast + 2), _FLOOR))


def _told(box: BallotBox, hours: _Hours, inside: Flags, pool: Flags) -> _Told:
    shares = others_share(box, inside)[hours.goods]
    rounds = box.round_of[hours.goods]
    times = box.times[:, hours.goods]
    within = (times >= hours.begins) & (times <= hours.ends)
    voted = times != NEVER
    habit = np.clip(1 - (1 - shares) ** box.in_round[:, rounds], 1e-4, 0.9)
    rates = np.clip(hours.rates, 0.05, 0.97)
    inner = rates * _MIDDLE + 0.02
    outer = np.clip(rates - inner, 0.02, None)
    told = np.where(
        within,
        np.log(inner / (habit * hours.mass)),
        np.where(voted, np.log(outer / (habit * np.clip(1 - hours.mass, 0.05, 1))), np.log((1 - rates) / (1 - habit))),
    )
    rarity = np.log(max(int(pool.sum()) / max(int(inside.sum()), 1), 2.0))
    return _Told(told, float(rarity))


def _judged(box: BallotBox, hours: _Hours, inside: Flags, scores: Floats, pool: Flags) -> LockstepGroup:
    """The group with its evidence: how many accounts voted for so many of the goods in these hours, against how many
    would if each active member chose among the goods of the round as the others do, or `TASTE` times so."""
    kind = len(hours.goods)
    spared = choices(len(box.items), kind)
    best = LockstepGroup(np.flatnonzero(inside), scores[inside], hours.goods, False, -np.inf, 0, 0.0)
    for spans in (Spans(hours.begins, hours.ends), None):
        hits, tails = by_chance(box, hours.goods, spans, inside, pool)
        for least in range(max(2, (kind + 1) // 2), kind + 1):
            observed = int((hits >= least).sum())
            expected = float(tails[:, least].sum())
            cost = spared + (_WINDOW_COST * kind if spans else 0.0) + choices(kind, least)
            score = surprise(observed, expected) - cost
            if score > best.score:
                best = replace(best, timed=spans is not None, score=score, observed=observed, expected=expected)
    return best

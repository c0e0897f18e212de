"""Bounds of tails, in natural logarithms: how improbable at most is what was seen. Bounds, not approximations."""

from __future__ import annotations

from math import lgamma, log

import numpy as np

from domain.brushing.detection.ballot_box import Floats, Ints

TEN = log(10)


def surprise(observed: float, expected: float) -> float:
    """At least how surprising `observed` or more is where at most `expected` come on average: -ln of Chernoff's bound,
    which holds for sums of independent events of any probabilities. 0 where it is not surprising."""
    if observed <= expected or observed <= 0:
        return 0.0
    expected = max(expected, 1e-12)
    return observed * log(observed / expected) - observed + expected


def surprises(observed: Ints | Floats, expected: Floats) -> Floats:
    """The same for arrays."""
    seen = np.maximum(observed, 1e-12)
    mean = np.maximum(expected, 1e-12)
    return np.where(observed > expected, seen * np.log(seen / mean) - seen + mean, 0.0)


def share_surprise(hits: int, trials: int, share: float) -> float:
    """-ln of the bound that `hits` or more of `trials` occur where each does with `share` at most (Hoeffding 1963)."""
    if trials == 0 or hits <= share * trials:
        return 0.0
    rate = hits / trials
    share = min(max(share, 1e-9), 1 - 1e-9)
    rest = 0.0 if rate >= 1 else (1 - rate) * log((1 - rate) / (1 - share))
    return trials * (rate * log(rate / share) + rest)


def choices(of: int, chosen: int) -> float:
    """ln of the number of ways to choose."""
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)


def at_least(chances: Floats, hits: int) -> Floats:
    """Rows × events, independent: the chance of each row that at least `hits` of its events occur."""
    rows, events = chances.shape
    known = np.zeros((rows, hits + 1))
    known[:, 0] = 1.0
    for event in range(events):
        p = chances[:, event : event + 1]
        below = known[:, :hits].copy()
        known[:, :hits] *= 1 - p
        known[:, 1 : hits + 1] += below * p
    return known[:, hits]

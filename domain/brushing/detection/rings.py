"""Refund rings on one good: too many of its voters got their spending back.

Rings on several goods are lockstep groups among the members with refunds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from domain.brushing.detection.ballot_box import NEVER, BallotBox, Flags, Ints
from domain.brushing.detection.tails import surprises

LEAST_ACCOUNTS = 10
_MORE = 2.0
"""Members with refunds may like a good this many times as much as others do."""
_PURITY = 0.75
"""The part of a ring that chance must not explain."""
_MOST_TIMES = 400


@dataclass(frozen=True, slots=True)
class Ring:
    """Refunded voters of a good within some hours (seconds); the evidence in nats; how many are expected at most."""

    accounts: Ints
    good: int
    begins: int
    ends: int
    score: float
    expected: float


def rings(box: BallotBox, pool: Flags, threshold: float) -> Iterator[Ring]:
    """Rings among the accounts of `pool` whose evidence is above `threshold` (nats)."""
    refunded = box.refunded & pool
    votes = box.voted & pool[:, None]
    share = float(votes[refunded].sum() + 1) / float(votes.sum() + 2)
    totals, backs = votes.sum(0), votes[refunded].sum(0)
    likely = np.flatnonzero((backs >= LEAST_ACCOUNTS) & (backs > _MORE * share * totals))
    for good in likely.tolist():
        ring = _densest(box, good, refunded, votes[:, good] & ~refunded, share)
        if ring is not None and ring.score > threshold:
            yield ring


def _densest(box: BallotBox, good: int, refunded: Flags, others: Flags, share: float) -> Ring | None:
    """The hours in which refunded voters of this good are the least explained by its other voters."""
    times = np.sort(box.times[refunded, good])
    times = times[times != NEVER].astype(np.int64)
    if len(times) > _MOST_TIMES:
        times = times[:: len(times) // _MOST_TIMES + 1]
    rest = np.sort(box.times[others, good])
    whole = box.times[refunded, good]
    whole = np.sort(whole[whole != NEVER])
    a, b = np.triu_indices(len(times), 1)
    observed = np.searchsorted(whole, times[b], "right") - np.searchsorted(whole, times[a], "left")
    beside = np.searchsorted(rest, times[b], "right") - np.searchsorted(rest, times[a], "left")
    expected = _MORE * (beside + 1.0) * share / (1 - share)
    scores = surprises(observed, expected) - np.log(len(box.items) * max(len(a), 1))
    fits = (observed >= LEAST_ACCOUNTS) & (expected / _MORE <= (1 - _PURITY) * observed)
    if not fits.any():
        return None
    best = int(np.argmax(np.where(fits, scores, -np.inf)))
    begins, ends = int(times[a[best]]), int(times[b[best]])
    inside = refunded & (box.times[:, good] >= begins) & (box.times[:, good] <= ends)
    return Ring(np.flatnonzero(inside), good, begins, ends, float(scores[best]), float(expected[best]))

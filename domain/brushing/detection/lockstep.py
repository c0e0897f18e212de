"""Lockstep groups: pairs of goods that too many members voted for in the same hours are grown into groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.brushing.detection.ballot_box import DAY, BallotBox, Flags, Ints
from domain.brushing.detection.fans import are_fans
from domain.brushing.detection.groups import LEAST_ACCOUNTS, LockstepGroup, grow
from domain.brushing.detection.tails import surprises

SPANS = (DAY, 4 * 3600, 3600)
_MOST_SEEDS = 40
"""Seeds of one span that are grown."""
_TRIED_AT_ONCE = 8
_LEAST_TOGETHER = 5
_LOUDEST = 4
"""Pairs of goods of one span with mostly the same voters that are grown in any case: their popularity is the group's
own, and would explain it."""
_MOST_VOTES = 80
"""Votes of one member that are paired."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A row for each two votes of a member, by their rows in the box."""

    first: Ints
    second: Ints


def lockstep(box: BallotBox, pool: Flags, threshold: float) -> Iterator[LockstepGroup]:
    """Groups among the accounts of `pool` whose evidence is above `threshold` (nats); each account is in one."""
    left = pool.copy()
    pairs = _pairs(box, pool)
    seeds = sorted((seed for span in SPANS for seed in _seeds(box, pairs, span)), key=lambda seed: -seed.score)
    while seeds:
        begun, seeds = seeds[:_TRIED_AT_ONCE], seeds[_TRIED_AT_ONCE:]
        # A seed of a good and of camouflage grows into a part of the group only: the best of several is taken.
        while (best := _best(box, begun, left, threshold)) is not None:
            left[best.accounts] = False
            yield best


def _best(box: BallotBox, seeds: Sequence[_Seed], left: Flags, threshold: float) -> LockstepGroup | None:
    """The group with the most evidence that grows from one of these seeds."""
    grown = []
    for seed in seeds:
        started = np.zeros(len(box.members), bool)
        started[seed.members] = True
        started &= left
        if started.sum() >= max(_LEAST_TOGETHER, 0.5 * len(seed.members)):
            grown.append(grow(box, started, left))
    fit = [group for group in grown if group and group.score > threshold and len(group.accounts) >= LEAST_ACCOUNTS]
    fit = [group for group in fit if not are_fans(box, group)]
    return max(fit, key=lambda group: group.score, default=None)


def _pairs(box: BallotBox, pool: Flags) -> _Pairs:
    rows = np.flatnonzero(pool[box.member])
    rows = rows[np.lexsort((box.item[rows], box.member[rows]))]
    of = box.member[rows]
    first, second = [], []
    for apart in range(1, _MOST_VOTES):
        same = np.flatnonzero(of[apart:] == of[:-apart])
        if not len(same):
            break
        first.append(rows[same])
        second.append(rows[same + apart])
    if not first:
        return _Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))
    return _Pairs(np.concatenate(first), np.concatenate(second))


@dataclass(frozen=True, slots=True)
class _Seed:
    score: float
    members: Ints


def _seeds(box: BallotBox, pairs: _Pairs, span: int) -> list[_Seed]:
    """The pairs of goods, each in one span of hours, that far more members share than their activity explains: a member
    with votes in both spans chooses among the goods as the round does."""
    if not len(pairs.first):
        return []
    bins = (box.at // span).astype(np.int64)
    number = int(bins.max()) + 1
    cells, cell = np.unique(box.item * number + bins, return_inverse=True)
    one, two = cell[pairs.first], cell[pairs.second]
    keys, counts = np.unique(one * len(cells) + two, return_counts=True)
    x, y = bins[pairs.first], bins[pairs.second]
    together = np.sort(np.minimum(x, y) * number + np.maximum(x, y))
    likely = np.flatnonzero(counts >= _LEAST_TOGETHER)
    a, b = keys[likely] // len(cells), keys[likely] % len(cells)
    bin_a, bin_b = cells[a] % number, cells[b] % number
    both = np.minimum(bin_a, bin_b) * number + np.maximum(bin_a, bin_b)
    # Looked up, as a table of all pairs of hours would not fit into memory where a date is years away.
    active = np.searchsorted(together, both, "right") - np.searchsorted(together, both, "left")
    expected = active * box.shares[cells[a] // number] * box.shares[cells[b] // number]
    expected = np.where(bin_a == bin_b, 2 * expected, expected)
    scores = surprises(counts[likely], expected) - np.log(len(keys))
    best = np.argsort(-scores)[:_MOST_SEEDS]
    best = best[scores[best] > 0]
    voters = np.bincount(cell, minlength=len(cells))
    alone = np.flatnonzero(2 * counts[likely] > np.maximum(voters[a], voters[b]))
    loudest = alone[np.argsort(-counts[likely][alone], kind="stable")[:_LOUDEST]]
    best = np.concatenate((best, np.setdiff1d(loudest, best)))
    row_keys = one * len(cells) + two
    return [
        _Seed(float(scores[at]), box.member[pairs.first[np.flatnonzero(row_keys == keys[likely[at]])]]) for at in best
    ]

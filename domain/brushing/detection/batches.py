"""Registration batches: Telegram IDs that lie closer together than honest newcomers' do, voting for the same goods.

Honest newcomers are dense among the newest IDs as well. So a batch has to stand out twice: its IDs must be far closer
together than those of the accounts around it, and its votes must go to a good for which these do not vote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from domain.brushing.detection.ballot_box import BallotBox, Flags, Floats, Ints
from domain.brushing.detection.groups import LEAST_PART_SLOW
from domain.brushing.detection.null_model import expected_rates
from domain.brushing.detection.tails import share_surprise, surprise

LEAST_ACCOUNTS = 8
_DISTANCES = tuple(4**power for power in range(1, 9))
"""Distances up to which neighbours belong together. Telegram hands out more than a million IDs a day: friends who join
in the same week for one good are farther apart, and honest."""
_AROUND = 20
"""Neighbours on each side to compare with."""
_DENSER = 10.0
"""Honest accounts may be this many times as dense as those around them."""
_CLOSE, _BY_LINK = 40.0, 0.15
"""Friends who join Telegram in the same hour are neighbours, too, though on average farther apart. What tells them from
a batch is the link that brought them, or at least this part of them: links get lost."""
_LEAST_GOODS = 3
"""Friends come for one good, or two."""
_LEAST_RATE = 0.5
_LEAST_LIFT = 2.5
_LEAST_EXCESS = 0.35
"""Further goods of a batch have this much more than chance, or `_LEAST_LIFT` times as much."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Accounts of a neighbourhood that voted for one of the goods; the evidence in nats; `span` is the neighbourhood's
    width, `observed` its accounts, `expected` how many would lie in it at most."""

    accounts: Ints
    goods: Ints
    score: float
    span: int
    observed: int
    expected: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive accounts in the order of IDs."""

    begins: int
    ends: int
    score: float
    expected: float


def batches(box: BallotBox, threshold: float) -> Iterator[Batch]:
    """Batches whose evidence is above `threshold` (nats), the strongest first; each account is in one."""
    order = np.argsort(box.ids, kind="stable")
    order = order[box.ids[order] > 0]
    ids = box.ids[order]
    runs = [*_runs(ids, threshold)]
    dense = np.zeros(len(ids), bool)
    for run in runs:
        dense[run.begins : run.ends + 1] = True
    found = [batch for run in runs if (batch := _judged(box, order, ids, run, np.flatnonzero(~dense), threshold))]
    taken = np.zeros(len(box.members), bool)
    for batch in sorted(found, key=lambda batch: -batch.score):
        if not taken[batch.accounts].any():
            taken[batch.accounts] = True
            yield batch


def _runs(ids: Ints, threshold: float) -> Iterator[_Run]:
    """Neighbourhoods that are denser than what lies around them, each once."""
    seen: set[tuple[int, int]] = set()
    apart = np.diff(ids)
    cost = float(np.log(max(len(ids), 2) * len(_DISTANCES)))
    for distance in _DISTANCES:
        near = np.concatenate(([False], apart <= distance, [False]))
        changes = np.flatnonzero(np.diff(near.astype(np.int8)))
        for begins, ends in zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True):
            if ends - begins + 1 < LEAST_ACCOUNTS or (begins, ends) in seen:
                continue
            seen.add((begins, ends))
            expected = _DENSER * float(ids[ends] - ids[begins] + 1) / _distance_around(ids, begins, ends)
            score = surprise(ends - begins + 1, expected) - cost
            if score > threshold:
                yield _Run(begins, ends, score, expected)


def _distance_around(ids: Ints, begins: int, ends: int) -> float:
    """The average distance between the accounts on both sides of a run."""
    before, after = max(begins - _AROUND, 0), min(ends + _AROUND, len(ids) - 1)
    number = (begins - before) + (after - ends)
    width = float(ids[begins] - ids[before]) + float(ids[after] - ids[ends])
    return max(width / number, 1.0) if number else 1.0


def _judged(box: BallotBox, order: Ints, ids: Ints, run: _Run, sparse: Ints, threshold: float) -> Batch | None:
    """The batch in this neighbourhood, if its accounts vote for the same goods and those around it do not; of these
    only such as are in no dense neighbourhood, `sparse`, because a batch may have several."""
    inside = order[run.begins : run.ends + 1]
    before, after = sparse[sparse < run.begins], sparse[sparse > run.ends]
    around = order[np.concatenate((before[-2 * _AROUND :], after[: 2 * _AROUND]))]
    hits = box.voted[inside].sum(0)
    rates = hits / len(inside)
    chances = _chances(box, inside, around, np.zeros(0, np.int64))
    goods = [
        good
        for good in np.flatnonzero((rates >= _LEAST_RATE) & (rates >= _LEAST_LIFT * chances)).tolist()
        if share_surprise(int(hits[good]), len(inside), chances[good]) - np.log(len(box.items)) > threshold
    ]
    if len(goods) < _LEAST_GOODS and np.diff(ids[run.begins : run.ends + 1]).mean() > _CLOSE:
        goods = [good for good in goods if not _came_by_link(box, inside, good)]
    if not goods:
        return None
    told = sum(share_surprise(int(hits[good]), len(inside), chances[good]) for good in goods)
    chances = _chances(box, inside, around, np.array(goods, np.int64))
    least = LEAST_PART_SLOW * float(np.median(np.sort(rates[goods])[-3:]))
    also = np.flatnonzero((rates >= least) & (rates >= np.minimum(_LEAST_LIFT * chances, chances + _LEAST_EXCESS)))
    kept = [
        good
        for good in also.tolist()
        if share_surprise(int(hits[good]), len(inside), chances[good]) - np.log(len(box.items)) > threshold / 2
    ]
    accounts = inside[box.voted[inside][:, kept].any(1)]
    score = min(run.score, told - np.log(len(box.items)) * len(goods))
    span = int(ids[run.ends] - ids[run.begins]) + 1
    return Batch(accounts, np.array(kept, np.int64), float(score), span, len(inside), run.expected)


def _came_by_link(box: BallotBox, inside: Ints, good: int) -> bool:
    """Whether a member who is none of these accounts has brought a good part of those that voted for the good."""
    rows = np.flatnonzero((box.item == good) & np.isin(box.member, inside))
    owners, votes = np.unique(box.via[rows][box.via[rows] >= 0], return_counts=True)
    own = {box.members[account] for account in inside.tolist()}
    brought = [
        count for owner, count in zip(owners.tolist(), votes.tolist(), strict=True) if box.owners[owner] not in own
    ]
    return max(brought, default=0) >= _BY_LINK * len(rows)


def _chances(box: BallotBox, inside: Ints, around: Ints, explained: Ints) -> Floats:
    """For each good, the chance that an account of the neighbourhood votes for it: as the accounts around do, or as
    those do who were active in its round, whichever is more."""
    flags: Flags = np.zeros(len(box.members), bool)
    flags[inside] = True
    near = (box.voted[around].sum(0) + 0.5) / (len(around) + 1.0)
    chances: Floats = np.maximum(expected_rates(box, flags, explained), near)
    return chances

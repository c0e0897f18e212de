"""The detector of brushing: votes in, findings out (R28). The only entrance, and the only one that loads numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from domain.brushing.detection.ballot_box import NEVER, BallotBox, Flags, Floats, Ints, ballot_box
from domain.brushing.detection.batches import Batch, batches
from domain.brushing.detection.groups import LockstepGroup
from domain.brushing.detection.lockstep import lockstep
from domain.brushing.detection.rings import Ring, rings
from domain.brushing.detection.tails import TEN
from domain.brushing.votes import LEAST_CANVASSED, Account, BrushingFinding, CastVote, Evidence, Pattern, Target

THRESHOLD = 8.0
"""Nats of evidence, after the cost of the search, from which on a pattern is a finding."""
LEAST_GOODS = 3
"""Goods of a lockstep group. Friends who come for two goods together are no group."""
_SAME, _WEAKER = 0.8, 0.3
"""A finding that shares this part of its accounts with another one, and has less than this part of its score."""
_RING_PART = 0.7
"""The part of a group with refunds from which on it is a ring."""


def examine(votes: Sequence[CastVote]) -> tuple[BrushingFinding, ...]:
    """The findings in the votes of some rounds, the strongest first; canvassed bursts last.

    Deterministic, and the order of the votes does not matter. Members of several findings are possible.
    """
    if not votes:
        return ()
    ordered = sorted(votes, key=lambda vote: (vote.cast_at, vote.member, vote.item))
    box = ballot_box(ordered)
    found = sorted(_suspect(box), key=lambda finding: -finding.score)
    return (*_without_echoes(found), *_canvassed(box))


def _without_echoes(found: Sequence[BrushingFinding]) -> list[BrushingFinding]:
    """The findings, the strongest first, without far weaker lockstep groups of the same accounts: what the accounts
    of a batch have in common besides its goods is their camouflage."""
    kept: list[tuple[BrushingFinding, set[str]]] = []
    for finding in found:
        accounts = {account.member for account in finding.accounts}
        if finding.pattern is not Pattern.LOCKSTEP or not any(
            len(accounts & known) >= _SAME * len(accounts) and finding.score < _WEAKER * stronger.score
            for stronger, known in kept
        ):
            kept.append((finding, accounts))
    return [finding for finding, _ in kept]


def _suspect(box: BallotBox) -> Iterator[BrushingFinding]:
    everyone = np.ones(len(box.members), bool)
    left = everyone.copy()
    for group in _several_goods(box, left):
        yield _of_group(box, group)
    for group in _several_goods(box, left & box.refunded):
        left[group.accounts] = False
        yield _of_group(box, group)
    for batch in batches(box, THRESHOLD):
        yield _of_batch(box, batch)
    for ring in rings(box, left, THRESHOLD):
        yield _of_ring(box, ring)


def _several_goods(box: BallotBox, pool: Flags) -> Iterator[LockstepGroup]:
    """Lockstep groups of the pool; their accounts leave it."""
    for group in lockstep(box, pool.copy(), THRESHOLD):
        if len(group.goods) >= LEAST_GOODS:
            pool[group.accounts] = False
            yield group


def _of_group(box: BallotBox, group: LockstepGroup) -> BrushingFinding:
    refunded = int(box.refunded[group.accounts].sum())
    ring = refunded >= _RING_PART * len(group.accounts)
    return _finding(
        box,
        Pattern.REFUND_RING if ring else Pattern.LOCKSTEP,
        group.score,
        group.accounts,
        group.account_scores,
        group.goods,
        Evidence(group.observed, group.expected, refunded=refunded),
    )


def _of_batch(box: BallotBox, batch: Batch) -> BrushingFinding:
    return _finding(
        box,
        Pattern.REGISTRATION_BATCH,
        batch.score,
        batch.accounts,
        np.full(len(batch.accounts), batch.score / max(len(batch.accounts), 1)),
        batch.goods,
        Evidence(
            len(batch.accounts),
            batch.expected,
            id_span=batch.span,
            id_accounts=batch.observed,
            refunded=int(box.refunded[batch.accounts].sum()),
        ),
    )


def _of_ring(box: BallotBox, ring: Ring) -> BrushingFinding:
    number = len(ring.accounts)
    return _finding(
        box,
        Pattern.REFUND_RING,
        ring.score,
        ring.accounts,
        np.full(number, ring.score / number),
        np.array([ring.good]),
        Evidence(number, ring.expected, refunded=number),
    )


def _canvassed(box: BallotBox) -> Iterator[BrushingFinding]:
    """Bursts by one link for one good."""
    linked = np.flatnonzero(box.via >= 0)
    keys, counts = np.unique(box.via[linked] * len(box.items) + box.item[linked], return_counts=True)
    for key, count in sorted(zip(keys.tolist(), counts.tolist(), strict=True), key=lambda pair: -pair[1]):
        if count < LEAST_CANVASSED:
            return
        owner, good = divmod(key, len(box.items))
        accounts = box.member[linked[(box.via[linked] == owner) & (box.item[linked] == good)]]
        yield _finding(
            box,
            Pattern.CANVASSED,
            float(count),
            np.sort(accounts),
            np.zeros(len(accounts)),
            np.array([good]),
            Evidence(count, 0.0, via=box.owners[owner]),
        )


def _finding(
    box: BallotBox,
    pattern: Pattern,
    score: float,
    accounts: Ints,
    scores: Floats,
    goods: Ints,
    evidence: Evidence,
) -> BrushingFinding:
    voted = box.voted[accounts][:, goods].sum(1)
    order = np.lexsort((accounts, -scores))
    people = tuple(
        Account(box.members[accounts[at]], round(float(scores[at]) / TEN, 2), int(voted[at]))
        for at in order.tolist()
        if voted[at]
    )
    targets = sorted((_target(box, accounts, int(good)) for good in goods), key=lambda good: (-good.votes, good.item))
    return BrushingFinding(pattern, round(float(score) / TEN, 1), people, tuple(targets), evidence)


def _target(box: BallotBox, accounts: Ints, good: int) -> Target:
    cast = np.sort(box.times[accounts, good])
    cast = cast[cast != NEVER]
    begins, ends = np.quantile(cast, [0.1, 0.9], method="nearest")
    return Target(
        box.items[good],
        box.shops[good],
        len(cast),
        int(box.totals[good]),
        datetime.fromtimestamp(box.origin + int(begins), UTC),
        datetime.fromtimestamp(box.origin + int(ends), UTC),
    )

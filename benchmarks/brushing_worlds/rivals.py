"""Our own implementations of two published detectors, to compare with on the same worlds.

FRAUDAR (Hooi et al., KDD 2016): peel off the account or good that adds the least, edges weighted by 1 / log(degree of
the good + 5), and keep the block with the highest weight per node. CopyCatch (Beutel et al., WWW 2013): from many
seeds, alternate between the accounts that act within a time of most centres and the centres that most accounts share.
Their thresholds are tuned on the tuning seeds, as ours are.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from domain.brushing.detection.ballot_box import NEVER, BallotBox


@dataclass(frozen=True, slots=True)
class Block:
    """Accounts and goods by number, with the measure that a threshold is tuned on."""

    accounts: frozenset[int]
    goods: frozenset[int]
    measure: float


def fraudar(box: BallotBox) -> list[Block]:
    """The densest block."""
    people, goods = len(box.members), len(box.items)
    weight = 1 / np.log(box.totals + 5.0)
    edges: list[list[tuple[int, float]]] = [[] for _ in range(people + goods)]
    for member, item in zip(box.member.tolist(), box.item.tolist(), strict=True):
        edges[member].append((people + item, float(weight[item])))
        edges[people + item].append((member, float(weight[item])))
    degree = [sum(w for _, w in of) for of in edges]
    total, left = sum(degree) / 2, people + goods
    heap = [(d, node) for node, d in enumerate(degree)]
    heapify(heap)
    gone = [False] * len(edges)
    removed: list[int] = []
    best, best_at = total / left, 0
    while left > 1:
        d, node = heappop(heap)
        if gone[node] or d > degree[node] + 1e-9:
            continue
        gone[node] = True
        removed.append(node)
        total -= degree[node]
        left -= 1
        for other, w in edges[node]:
            if not gone[other]:
                degree[other] -= w
                heappush(heap, (degree[other], other))
        if total / left > best:
            best, best_at = total / left, len(removed)
    kept = set(range(people + goods)) - set(removed[:best_at])
    accounts = frozenset(node for node in kept if node < people)
    return [Block(accounts, frozenset(node - people for node in kept if node >= people), best)]


def copycatch(box: BallotBox, seed: int, seeds: int = 150, span: int = 3600, goods: int = 3) -> list[Block]:
    """The blocks that local searches from random accounts end in; `span` is half the time within which members act."""
    rng = np.random.default_rng(seed)
    cast = (box.times != NEVER).sum(1)
    likely = np.flatnonzero(cast >= goods)
    found: dict[frozenset[int], Block] = {}
    if not len(likely):
        return []
    for start in rng.choice(likely, min(seeds, len(likely)), replace=False).tolist():
        own = np.flatnonzero(box.times[start] != NEVER)
        centres = rng.choice(own, goods, replace=False)
        middle = box.times[start, centres].astype(float)
        accounts = np.zeros(0, np.int64)
        for _ in range(10):
            near = (np.abs(box.times[:, centres] - middle) <= span) & (box.times[:, centres] != NEVER)
            after = np.flatnonzero(near.sum(1) >= goods)
            if len(after) == 0 or np.array_equal(after, accounts):
                break
            accounts = after
            centres, middle = _centres(box, accounts, span, goods)
        if len(accounts):
            chosen = frozenset(centres.tolist())
            found[chosen] = Block(frozenset(accounts.tolist()), chosen, float(len(accounts)))
    return list(found.values())


def _centres(box: BallotBox, accounts: np.ndarray, span: int, goods: int) -> tuple[np.ndarray, np.ndarray]:
    """The goods that most of these accounts voted for around one time each, and these times."""
    times = box.times[accounts].astype(float)
    times[times == NEVER] = np.nan
    counted = np.flatnonzero((~np.isnan(times)).sum(0) >= max(1, len(accounts) // 2))
    if len(counted) < goods:
        counted = np.argsort(-(~np.isnan(times)).sum(0))[:goods]
    middle = np.nanmedian(times[:, counted], axis=0)
    near = (np.abs(times[:, counted] - middle) <= span).sum(0)
    best = np.argsort(-near, kind="stable")[:goods]
    return counted[best], middle[best]

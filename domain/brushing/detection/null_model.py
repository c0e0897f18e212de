"""What honest people do by chance: who votes in certain hours chooses among the goods of that round as others do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.brushing.detection.ballot_box import NEVER, BallotBox, Flags, Floats, Ints
from domain.brushing.detection.tails import at_least

TASTE = 1.5
"""An honest member may choose a good this many times as often as the average voter of its round does."""
_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Spans:
    """Hours by good, in seconds."""

    begins: Ints
    ends: Ints


def others_share(box: BallotBox, inside: Flags) -> Floats:
    """Each good's part of its round's votes, without the votes of the group."""
    own = box.voted[inside].sum(0)
    per_round = np.bincount(box.round_of, weights=own, minlength=len(box.round_votes))
    rest = np.maximum(box.round_votes - per_round, 0)[box.round_of]
    goods = np.bincount(box.round_of, minlength=len(box.round_votes))[box.round_of]
    shares: Floats = (box.totals - own + 1.0) / (rest + goods)
    return shares


def expected_rates(box: BallotBox, inside: Flags, explained: Ints) -> Floats:
    """For each good, the part of these accounts that would vote for it if they chose among the goods of its round as
    the others do, as often as they voted there. Votes for the goods that the group `explained` are no sign of how
    active an account is otherwise."""
    active = box.in_round[inside][:, box.round_of]
    if len(explained):
        per_round = np.zeros((active.shape[0], len(box.round_votes)), np.int64)
        own = box.voted[inside]
        np.add.at(per_round.T, box.round_of[explained], own[:, explained].T.astype(np.int64))
        active = active - per_round[:, box.round_of]
        active[:, explained] += own[:, explained]
        active = np.maximum(active, 0)
    rates: Floats = (1 - (1 - others_share(box, inside)) ** active).mean(0)
    return rates


def by_chance(box: BallotBox, goods: Ints, spans: Spans | None, inside: Flags, pool: Flags) -> tuple[Ints, Floats]:
    """For each member of the pool: for how many of these goods they voted, in these hours if any, and the chance of at
    least so many (members × 0 … number of goods), given how often they voted in these hours."""
    times = box.times[pool]
    own = times[:, goods]
    cast = (own != NEVER) if spans is None else (own >= spans.begins) & (own <= spans.ends)
    shares = np.minimum(others_share(box, inside)[goods] * TASTE, _MOST_SHARE)
    known = np.ones((len(own), 1))
    for number in np.unique(box.round_of[goods]).tolist():
        at = np.flatnonzero(box.round_of[goods] == number)
        if spans is None:
            active = np.repeat(box.in_round[pool, number : number + 1], len(at), axis=1)
            here = Spans(np.zeros(len(at), np.int64), np.ones(len(at), np.int64))
        else:
            here = Spans(spans.begins[at], spans.ends[at])
            rivals = times[:, box.round_of == number]
            active = np.stack(
                [((rivals >= a) & (rivals <= b)).sum(1) for a, b in zip(here.begins, here.ends, strict=True)], axis=1
            )
        known = _either(known, _of_round(active, shares[at], here))
    tails: Floats = np.minimum(known[:, ::-1].cumsum(1)[:, ::-1], 1.0)
    return cast.sum(1), tails


def _either(one: Floats, other: Floats) -> Floats:
    """The distribution of a sum, from those of its two parts (members × number)."""
    both = np.zeros((len(one), one.shape[1] + other.shape[1] - 1))
    for number in range(other.shape[1]):
        both[:, number : number + one.shape[1]] += one * other[:, number : number + 1]
    return both


def _of_round(active: Ints, shares: Floats, spans: Spans) -> Floats:
    """The distribution (members × number) of how many of one round's goods a member has by chance; `active` is how many
    votes they cast in the hours of each (members × goods).

    Two bounds hold: each good on its own, as those who vote for one have fewer votes for the others; and the number of
    ways in which that many votes can be for as many of the goods, as a vote is for one good only.
    """
    kind = len(shares)
    alone = 1 - (1 - shares) ** active
    ways = _ways(active, shares, spans)
    tails = np.ones((len(active), kind + 2))
    tails[:, kind + 1] = 0.0
    for least in range(1, kind + 1):
        tails[:, least] = np.minimum(at_least(alone, least), ways[:, least])
    tails = np.minimum.accumulate(tails, axis=1)
    found: Floats = tails[:, :-1] - tails[:, 1:]
    return found


def _ways(active: Ints, shares: Floats, spans: Spans) -> Floats:
    """Members × number: at most the expected number of ways to choose so many of the goods and a vote of the member for
    each, no vote twice. A good's hours that hold those of goods before it hold the votes for these, too."""
    order = np.argsort(spans.ends - spans.begins, kind="stable")
    found = np.zeros((len(active), len(shares) + 1))
    found[:, 0] = 1.0
    for place, good in enumerate(order.tolist()):
        before = order[:place]
        held = (spans.begins[before] >= spans.begins[good]) & (spans.ends[before] <= spans.ends[good])
        apart = place - int(held.sum())
        for number in range(place, -1, -1):
            left = np.maximum(active[:, good] - max(number - apart, 0), 0)
            found[:, number + 1] += found[:, number] * left * shares[good]
    return found

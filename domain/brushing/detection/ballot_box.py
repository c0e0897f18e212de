"""The votes as arrays: members × goods, with rounds and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.brushing.votes import CastVote

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DAY = 86_400
NEVER = -1
"""The time of a vote that was not cast."""
_MOST_CELLS = 200_000_000
"""Members times goods, of which each takes five bytes: before that memory is full, the system ends the process."""
REFUNDED_SHARE = 0.7
"""A member counts as refunded from this share of the spending on."""


@dataclass(frozen=True, slots=True)
class BallotBox:
    """All votes of some rounds. Times are whole seconds since the first day's opening.

    items, shops: names by good; members, owners: names by member and by owner of a link; ids: Telegram IDs by member.
    member, item, at, via: a row a vote, by time; `via` is an owner's number or -1.
    times: members × goods, `NEVER` where there is no vote; voted: whether there is one.
    round_of: the round of each good; in_round: members × rounds, how many votes; round_votes: votes by round.
    totals: votes by good; shares: a good's part of its round's votes.
    refunded: whether a member's spending came back, by member.
    origin: POSIX seconds of time 0.
    """

    items: tuple[str, ...]
    shops: tuple[str, ...]
    members: tuple[str, ...]
    owners: tuple[str, ...]
    ids: Ints
    member: Ints
    item: Ints
    at: Ints
    via: Ints
    times: NDArray[np.int32]
    voted: Flags
    round_of: Ints
    in_round: Ints
    round_votes: Ints
    totals: Ints
    shares: Floats
    refunded: Flags
    origin: int


def ballot_box(votes: Sequence[CastVote]) -> BallotBox:
    """The arrays of these votes; of several votes of a member for a good the first one counts. Raises MemoryError."""
    numbers: dict[str, int] = {}
    member = np.fromiter((numbers.setdefault(vote.member, len(numbers)) for vote in votes), np.int64, len(votes))
    goods: dict[str, int] = {}
    item = np.fromiter((goods.setdefault(vote.item, len(goods)) for vote in votes), np.int64, len(votes))
    at = np.fromiter((int(vote.cast_at.timestamp()) for vote in votes), np.int64, len(votes))
    owners: dict[str, int] = {}
    via = np.fromiter(
        (owners.setdefault(vote.via, len(owners)) if vote.via else -1 for vote in votes), np.int64, len(votes)
    )
    by_time = np.argsort(at, kind="stable")
    if len(numbers) * len(goods) > _MOST_CELLS:
        raise MemoryError(f"{len(numbers)} members and {len(goods)} goods are too many to compare")
    key = member[by_time] * len(goods) + item[by_time]
    _, first = np.unique(key, return_index=True)
    kept = by_time[np.sort(first)]
    people = _by_member(votes, member, len(numbers))
    return _box(
        votes, tuple(numbers), tuple(goods), member[kept], item[kept], at[kept], via[kept], people, item, tuple(owners)
    )


@dataclass(frozen=True, slots=True)
class _People:
    ids: Ints
    refunded: Flags


def _by_member(votes: Sequence[CastVote], member: Ints, size: int) -> _People:
    """What the last row of each member says about them."""
    ids, spent, back = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    ids[member] = np.fromiter((vote.telegram_id for vote in votes), np.int64, len(votes))
    np.maximum.at(spent, member, np.fromiter((vote.spent_fen for vote in votes), np.int64, len(votes)))
    np.maximum.at(back, member, np.fromiter((vote.refunded_fen for vote in votes), np.int64, len(votes)))
    return _People(ids, (spent > 0) & (back >= REFUNDED_SHARE * spent))


def _box(
    votes: Sequence[CastVote],
    members: tuple[str, ...],
    items: tuple[str, ...],
    member: Ints,
    item: Ints,
    at: Ints,
    via: Ints,
    people: _People,
    item_of_row: Ints,
    owners: tuple[str, ...],
) -> BallotBox:
    first = np.full(len(items), np.iinfo(np.int64).max)
    np.minimum.at(first, item, at)
    origin = _opening(first)
    day = (first - origin) // DAY
    _, round_of = np.unique(day, return_inverse=True)
    rounds = int(round_of.max()) + 1
    times = np.full((len(members), len(items)), NEVER, np.int32)
    times[member, item] = np.minimum(at - origin, np.iinfo(np.int32).max)  # the last one is 68 years after the first
    in_round = np.zeros((len(members), rounds), np.int64)
    np.add.at(in_round, (member, round_of[item]), 1)
    totals = np.bincount(item, minlength=len(items))
    round_votes = np.bincount(round_of[item], minlength=rounds)
    shops = [""] * len(items)
    for vote, number in zip(votes, item_of_row.tolist(), strict=True):
        shops[number] = vote.shop
    return BallotBox(
        items=items,
        shops=tuple(shops),
        members=members,
        owners=owners,
        ids=people.ids,
        member=member,
        item=item,
        at=at - origin,
        via=via,
        times=times,
        voted=times != NEVER,
        round_of=round_of.astype(np.int64),
        in_round=in_round,
        round_votes=round_votes,
        totals=totals,
        shares=totals / round_votes[round_of],
        refunded=people.refunded,
        origin=int(origin),
    )


def _opening(first: Ints) -> int:
    """The moment from which days are counted: the hour of day in which most goods got their first vote, on the day of
    the earliest vote or the day before."""
    hours = np.bincount((first % DAY) // 3600, minlength=24)
    opens = int(np.argmax(hours)) * 3600
    earliest = int(first.min())
    return (earliest - opens) // DAY * DAY + opens

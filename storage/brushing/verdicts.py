"""Queries about verdicts: each change moves its votes, the history of verdicts and the item's tally together (R28)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.verdicts import TallyChange, Verdict, VoteTally, came_from, tally_change
from storage.models import ItemRow, MemberRow, RoundRow, VerdictChangeRow, VoteRow

_SOME = 5000
"""Members, or votes, that one statement names."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who changes verdicts, when (aware), and in which case."""

    actor: str
    at: datetime
    case_id: int | None = None


async def change(
    connection: AsyncConnection, item_id: int, member_ids: Collection[int], new: Verdict, cause: Cause
) -> list[int]:
    """Give the standing votes of these members for an item another verdict, as far as they may have it; a vote that has
    it already stays as it is. Returns the members whose vote has changed, in order.

    Locks the members, then their votes, then the item: the order in which votes are cast and taken back.
    """
    found = [vote for some in _some(member_ids) for vote in await _locked(connection, item_id, some, new)]
    if not found:
        return []
    await connection.execute(select(ItemRow.id).where(ItemRow.id == item_id).with_for_update(key_share=True))
    for these in _some([vote_id for vote_id, _, _ in found]):
        await connection.execute(update(VoteRow).where(VoteRow.id.in_(these)).values(verdict=new.value))
    await connection.execute(
        insert(VerdictChangeRow),
        [
            {"vote_id": vote_id, "old": old, "new": new.value}
            | {"at": cause.at, "actor": cause.actor, "case_id": cause.case_id}
            for vote_id, _, old in found
        ],
    )
    is_open = await _round_is_open(connection, item_id)
    for old, number in Counter(old for _, _, old in found).items():
        await _move(connection, item_id, tally_change(Verdict(old), new, number, round_is_open=is_open))
    return [member_id for _, member_id, _ in found]


async def lock_voters(connection: AsyncConnection, member_ids: Collection[int]) -> None:
    """Lock these members, in order, before their votes are judged. Before the name of an item is locked: who follows
    one holds their own row by then."""
    if connection.dialect.name == "sqlite":
        return
    for some in _some(member_ids):
        members = select(MemberRow.id).where(MemberRow.id.in_(some)).order_by(MemberRow.id)
        await connection.execute(members.with_for_update(key_share=True))


async def lock_votes(connection: AsyncConnection, item_ids: Collection[int]) -> None:
    """Lock the voters of these items, then their votes: the order in which votes are cast, taken back and judged.
    Before the name of an item is locked, as above."""
    if connection.dialect.name == "sqlite":
        return
    standing = (VoteRow.item_id.in_(item_ids), VoteRow.taken_back_at.is_(None))
    voters = select(MemberRow.id).where(MemberRow.id.in_(select(VoteRow.member_id).where(*standing)))
    await connection.execute(voters.order_by(MemberRow.id).with_for_update(key_share=True))
    votes = select(VoteRow.id).where(*standing).order_by(VoteRow.member_id, VoteRow.item_id)
    await connection.execute(votes.with_for_update())


def _some(numbers: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(numbers))
    return (ordered[start : start + _SOME] for start in range(0, len(ordered), _SOME))


async def _locked(
    connection: AsyncConnection, item_id: int, member_ids: Sequence[int], new: Verdict
) -> list[tuple[int, int, str]]:
    """(vote, member, verdict) of the standing votes that may get this verdict, locked in the order of the members."""
    await lock_voters(connection, member_ids)
    votes = (
        select(VoteRow.id, VoteRow.member_id, VoteRow.verdict)
        .where(VoteRow.item_id == item_id, VoteRow.member_id.in_(member_ids), VoteRow.taken_back_at.is_(None))
        .where(VoteRow.verdict.in_([old.value for old in came_from(new)]))
        .order_by(VoteRow.member_id)
        .with_for_update()
    )
    return [(vote_id, member_id, verdict) for vote_id, member_id, verdict in await connection.execute(votes)]


async def _round_is_open(connection: AsyncConnection, item_id: int) -> bool:
    """Whether the item's round has not closed; asked once the item is locked, which the end of a round waits for."""
    closed = select(RoundRow.closed_at).join(ItemRow, ItemRow.round_id == RoundRow.id).where(ItemRow.id == item_id)
    return await connection.scalar(closed) is None


async def _move(connection: AsyncConnection, item_id: int, by: TallyChange) -> None:
    await connection.execute(
        update(ItemRow)
        .where(ItemRow.id == item_id)
        .values(
            wants=ItemRow.wants + by.public,
            set_aside=ItemRow.set_aside + by.set_aside,
            withheld=ItemRow.withheld + by.withheld,
        )
    )


async def tallies(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, VoteTally]:
    """The votes of these items as organisers see them."""
    columns = (ItemRow.id, ItemRow.wants, ItemRow.set_aside, ItemRow.withheld)
    rows = await connection.execute(select(*columns).where(ItemRow.id.in_(item_ids)))
    return {item_id: VoteTally(*numbers) for item_id, *numbers in rows}


async def is_void(connection: AsyncConnection, member_id: int, item_id: int) -> bool:
    """Whether the member's standing vote for the item was found to be false."""
    return bool(await void_among(connection, member_id, [item_id]))


async def void_among(connection: AsyncConnection, member_id: int, item_ids: Collection[int]) -> frozenset[int]:
    """Those of these items for which the member's standing vote was found to be false."""
    theirs = (VoteRow.member_id == member_id, VoteRow.item_id.in_(item_ids), VoteRow.taken_back_at.is_(None))
    void = select(VoteRow.item_id).where(*theirs, VoteRow.verdict == Verdict.VOID.value)
    return frozenset(await connection.scalars(void))

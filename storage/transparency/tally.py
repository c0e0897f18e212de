"""Queries about the tally of each voting day: its acts, the tree over them, and the proof of a vote (R39)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute, aliased

from domain.brushing.verdicts import Verdict
from domain.goods import Item
from domain.transparency.tally import CHUNK, Leaf, TallyAct
from storage import items
from storage.db import changed, insert_new
from storage.models import (
    ItemRow,
    MemberRow,
    ReusedBallotRow,
    RoundRow,
    TallyChunkRow,
    TallyDayRow,
    TallyLeafRow,
    VerdictChangeRow,
    VoteRow,
)

_AGAIN = literal(2**40, BigInteger)
"""What a return is numbered apart from the one before of the same vote."""
PART = 200
"""Leaves stored in one transaction, so that taps beside it hardly wait."""
READ_AT_ONCE = 50_000
"""Acts in memory. They are read in pieces, because SQLite's log grows as long as one reader lasts."""


@dataclass(frozen=True, slots=True)
class TallyDay:
    """A voting day of the tally with its moments (UTC); `root` once it is known."""

    day: date
    begins_at: datetime
    ends_at: datetime
    collected_at: datetime | None = None
    leaves: int | None = None
    root: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredAct:
    """An act as votes and verdicts show it; `source_id` tells it from others of its kind: see `sources_of`."""

    act: TallyAct
    source_id: int
    item_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a tree: its first seal, and its root."""

    first_seal: bytes
    root: bytes


_DAY = select(
    TallyDayRow.day,
    TallyDayRow.begins_at,
    TallyDayRow.ends_at,
    TallyDayRow.collected_at,
    TallyDayRow.leaves,
    TallyDayRow.root,
)


async def _one_day(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> TallyDay | None:
    row = (await connection.execute(query.limit(1))).one_or_none()
    return None if row is None else TallyDay(*row)


async def unpublished(connection: AsyncConnection) -> TallyDay | None:
    """The day that is next: in progress, or waiting for its root. None before the first one has begun."""
    return await _one_day(connection, _DAY.where(TallyDayRow.root.is_(None)).order_by(TallyDayRow.day))


async def published(connection: AsyncConnection, day: date | None) -> TallyDay | None:
    """A day whose root is known, without one given the latest."""
    which = (
        TallyDayRow.root.is_not(None) if day is None else and_(TallyDayRow.root.is_not(None), TallyDayRow.day == day)
    )
    return await _one_day(connection, _DAY.where(which).order_by(TallyDayRow.day.desc()))


async def begin(connection: AsyncConnection, day: TallyDay) -> None:
    """Store that a day begins, once."""
    new = insert_new(connection, TallyDayRow).values(day=day.day, begins_at=day.begins_at, ends_at=day.ends_at)
    await connection.execute(new.on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class ActSource:
    """Where acts of a kind are stored: the rows of a day, and their number, which tells them apart."""

    act: TallyAct
    number: ColumnElement[int] | InstrumentedAttribute[int]
    rows: ColumnElement[bool]


def sources_of(day: TallyDay) -> tuple[ActSource, ...]:
    """All that a day's acts are found in. Each is found by an index that taps need anyway, or do not touch."""

    def within(moment: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return and_(moment >= day.begins_at, moment < day.ends_at)

    # Votes are cast and taken back while their round is open.
    closed = or_(RoundRow.closed_at.is_(None), RoundRow.closed_at >= day.begins_at)
    rounds = select(RoundRow.id).where(RoundRow.opened_at < day.ends_at, closed)
    shown = VoteRow.item_id.in_(select(ItemRow.id).where(ItemRow.round_id.in_(rounds)))
    verdict, void = and_(VerdictChangeRow.vote_id == VoteRow.id, within(VerdictChangeRow.at)), Verdict.VOID.value
    reused = ReusedBallotRow.vote_id == VoteRow.id
    # A return keeps its number when the ballot is used again, also while its day is collected.
    before = aliased(ReusedBallotRow)
    returns = select(func.count(type_=BigInteger)).where(before.vote_id == VoteRow.id).correlate(VoteRow)
    nth = returns.where(before.id < ReusedBallotRow.id).correlate(VoteRow, ReusedBallotRow)
    return (
        ActSource(TallyAct.CAST, VoteRow.id, and_(shown, within(VoteRow.cast_at))),
        ActSource(TallyAct.TAKEN_BACK, VoteRow.id, and_(shown, within(VoteRow.taken_back_at))),
        ActSource(TallyAct.RETURNED, VoteRow.id + _AGAIN * returns.scalar_subquery(), within(VoteRow.returned_at)),
        ActSource(
            TallyAct.RETURNED,
            VoteRow.id + _AGAIN * nth.scalar_subquery(),
            and_(reused, within(ReusedBallotRow.returned_at)),
        ),
        ActSource(TallyAct.USED_AGAIN, ReusedBallotRow.id, and_(reused, within(ReusedBallotRow.at))),
        ActSource(TallyAct.VOID, VerdictChangeRow.id, and_(verdict, VerdictChangeRow.new == void)),
        ActSource(TallyAct.RESTORED, VerdictChangeRow.id, and_(verdict, VerdictChangeRow.old == void)),
    )


async def items_with(connection: AsyncConnection, source: ActSource) -> list[int]:
    """The items that have such acts."""
    items_of_day = select(VoteRow.item_id).where(source.rows).distinct()
    return list(await connection.scalars(items_of_day.order_by(VoteRow.item_id)))


async def acts_of(connection: AsyncConnection, source: ActSource, item_id: int, after: int) -> list[StoredAct]:
    """The next acts of an item whose source has a number above `after`, at most `READ_AT_ONCE`."""
    query = select(source.number, VoteRow.member_id).where(source.rows, VoteRow.item_id == item_id)
    # In the order of a sum: in that of the key, a planner may walk through the votes of all years to find a few.
    query = query.where(source.number > after).order_by(source.number + 0).limit(READ_AT_ONCE)
    rows = await connection.execute(query)
    return [StoredAct(source.act, number, item_id, member_id) for number, member_id in rows]


async def keep_members(connection: AsyncConnection, member_ids: Sequence[int]) -> frozenset[int]:
    """Those of these members who are there, and who cannot be erased before the end of the transaction."""
    there = select(MemberRow.id).where(MemberRow.id.in_(member_ids), MemberRow.chat_id.is_not(None))
    locked = there.order_by(MemberRow.id).with_for_update(read=True, key_share=True)
    return frozenset(await connection.scalars(locked))


async def is_collecting(connection: AsyncConnection, day: date) -> bool:
    """Whether leaves may still be added to a day, which lasts to the end of the transaction."""
    this = select(TallyDayRow.day).where(TallyDayRow.day == day, TallyDayRow.collected_at.is_(None))
    return await connection.scalar(this.with_for_update(read=True)) is not None


async def add_leaves(connection: AsyncConnection, day: date, leaves: Sequence[dict[str, object]]) -> None:
    """Store leaves, with the columns of `TallyLeafRow` but the day; acts that have one keep it."""
    new = insert_new(connection, TallyLeafRow).on_conflict_do_nothing(index_elements=["act", "source_id", "day"])
    await connection.execute(new, [{"day": day, **leaf} for leaf in leaves])


async def collected(connection: AsyncConnection, day: date, now: datetime) -> None:
    """Note that all acts of a day are leaves; none is added any more."""
    this = update(TallyDayRow).where(TallyDayRow.day == day, TallyDayRow.collected_at.is_(None))
    await connection.execute(this.values(collected_at=now))


async def leaves_of(connection: AsyncConnection, day: date) -> AsyncGenerator[list[Leaf]]:
    """The leaves of a day in order, a chunk at a time."""
    query = _LEAVES.where(TallyLeafRow.day == day).order_by(TallyLeafRow.seal)
    async with connection.stream(query.execution_options(yield_per=CHUNK)) as streamed:
        async for rows in streamed.partitions(CHUNK):
            yield [_leaf(*row) for row in rows]


_LEAVES = select(TallyLeafRow.act, TallyLeafRow.item_id, TallyLeafRow.seal)


def _leaf(act: str, item_id: int, seal: bytes) -> Leaf:
    return Leaf(TallyAct(act), item_id, seal)


async def publish(
    connection: AsyncConnection, day: date, leaves: int, root: bytes, chunks: Sequence[Chunk], now: datetime
) -> bool:
    """Store the root of a day, and those of its chunks; False where it was published before."""
    this = update(TallyDayRow).where(TallyDayRow.day == day, TallyDayRow.root.is_(None))
    if not await changed(connection, this.values(leaves=leaves, root=root, published_at=now)):
        return False
    rows = [
        {"day": day, "number": number, "first_seal": chunk.first_seal, "root": chunk.root}
        for number, chunk in enumerate(chunks)
    ]
    if rows:
        await connection.execute(insert(TallyChunkRow), rows)
    return True


async def roots(connection: AsyncConnection, begins: datetime, ends: datetime) -> dict[date, bytes | None]:
    """The days that lie within these moments, in order, with their roots as far as they are known."""
    within = (TallyDayRow.begins_at < ends, TallyDayRow.ends_at > begins)
    rows = await connection.execute(select(TallyDayRow.day, TallyDayRow.root).where(*within).order_by(TallyDayRow.day))
    return {day: root for day, root in rows}


@dataclass(frozen=True, slots=True)
class OwnVote:
    """A standing vote of a member."""

    id: int
    item: Item
    cast_at: datetime


def _standing_of(member_id: int) -> Select[*tuple[Any, ...]]:
    mine = items.SELECT_ITEM.add_columns(VoteRow.id, VoteRow.cast_at).join(VoteRow, VoteRow.item_id == ItemRow.id)
    return mine.where(VoteRow.member_id == member_id, VoteRow.taken_back_at.is_(None))


async def votes_of(connection: AsyncConnection, member_id: int, most: int, skip: int) -> list[OwnVote]:
    """The standing votes of a member, the newest first."""
    query = _standing_of(member_id).order_by(VoteRow.cast_at.desc(), VoteRow.id.desc())
    return [_own(row) for row in await connection.execute(query.limit(most).offset(skip))]


async def vote_of(connection: AsyncConnection, member_id: int, vote_id: int) -> OwnVote | None:
    """A standing vote of this member; None for that of another one."""
    row = (await connection.execute(_standing_of(member_id).where(VoteRow.id == vote_id))).one_or_none()
    return None if row is None else _own(row)


def _own(row: Sequence[object]) -> OwnVote:
    *columns, vote_id, cast_at = row
    assert isinstance(vote_id, int) and isinstance(cast_at, datetime)
    return OwnVote(vote_id, items.item_of(columns), cast_at)


@dataclass(frozen=True, slots=True)
class SaltedLeaf:
    """The leaf of a vote, of a member who was not erased."""

    day: date
    seal: bytes
    salt: bytes


async def leaf_of(connection: AsyncConnection, member_id: int, vote_id: int) -> SaltedLeaf | None:
    """The leaf of a vote that this member cast; None where there is none, or none any more."""
    row = (
        await connection.execute(
            select(TallyLeafRow.day, TallyLeafRow.seal, TallyLeafRow.salt).where(
                TallyLeafRow.act == TallyAct.CAST.value,
                TallyLeafRow.source_id == vote_id,
                TallyLeafRow.member_id == member_id,
                TallyLeafRow.salt.is_not(None),
            )
        )
    ).one_or_none()
    return SaltedLeaf(row.day, row.seal, row.salt) if row is not None and row.salt is not None else None


async def chunks_of(connection: AsyncConnection, day: date) -> list[Chunk]:
    """The pieces of a day's tree, in order."""
    rows = select(TallyChunkRow.first_seal, TallyChunkRow.root).where(TallyChunkRow.day == day)
    return [Chunk(*row) for row in await connection.execute(rows.order_by(TallyChunkRow.number))]


async def chunk_leaves(connection: AsyncConnection, day: date, first_seal: bytes) -> list[Leaf]:
    """The leaves of one piece, in order."""
    query = _LEAVES.where(TallyLeafRow.day == day, TallyLeafRow.seal >= first_seal)
    return [_leaf(*row) for row in await connection.execute(query.order_by(TallyLeafRow.seal).limit(CHUNK))]


async def erase(connection: AsyncConnection, member_id: int) -> None:
    """Delete what tells whose acts these are (R36): without its salt no seal can be opened."""
    mine = update(TallyLeafRow).where(TallyLeafRow.member_id == member_id)
    await connection.execute(mine.values(member_id=None, salt=None))


async def delete_old(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete leaves of days that were published before this moment, then the chunks; the roots stay. Returns how many
    were deleted."""
    old = select(TallyDayRow.day).where(TallyDayRow.published_at < before)
    key = tuple_(TallyLeafRow.day, TallyLeafRow.seal)
    some = select(TallyLeafRow.day, TallyLeafRow.seal).where(TallyLeafRow.day.in_(old)).limit(most)
    deleted = (await connection.execute(delete(TallyLeafRow).where(key.in_(some)))).rowcount
    if deleted < most:
        await connection.execute(delete(TallyChunkRow).where(TallyChunkRow.day.in_(old)))
    return deleted

"""The tamper-evident tally: built for each voting day after it has ended, and the receipts from it (R39).

Nothing is added to a tap: leaves are made of what votes and verdicts have stored. A day is collected in small
transactions, then closed, then its root is computed and published. Each step can be done again, by any process: an act
becomes one leaf, and a closed day gets no more.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.people import Member
from domain.transparency.tally import (
    CHUNK,
    SALT_BYTES,
    Receipt,
    Tree,
    leaf_hash,
    path_in_chunks,
    root_of,
    seal_of,
)
from domain.transparency.tally_table import head_row, row_of
from domain.voting import voting_day_of
from services.context import ServiceContext
from services.jobs import JobKind, Jobs
from services.rounds import RoundOpened
from storage.transparency import tally
from storage.transparency.tally import ActSource, Chunk, OwnVote, SaltedLeaf, StoredAct, TallyDay

AFTER = timedelta(hours=1)
"""How long after the end of a voting day its tally is built: by then all its acts are stored, and the rush of the
morning is over."""
KEPT_FOR = timedelta(days=180)
"""How long leaves are kept, so that receipts can be given; roots are kept for ever."""
_PAGE = 8


@dataclass(frozen=True, slots=True)
class OwnVotes:
    """A page of a member's votes, the newest first; `more` says that another page follows."""

    votes: tuple[OwnVote, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class ReceiptAnswer:
    """What a member is told about a vote of theirs: its receipt, or from when on (aware) there is one, or neither."""

    vote: OwnVote | None
    receipt: Receipt | None = None
    expected_at: datetime | None = None


class Tallies:
    """Use cases of the tally."""

    def __init__(self, context: ServiceContext, jobs: Jobs) -> None:
        self._context = context
        self._jobs = jobs
        self._due_at: datetime | None = None

    async def tick(self, _: RoundOpened | None) -> None:
        """Ask for a day's tally once it is due; called at each tick of the scheduler. The first tick of all begins the
        first day."""
        now = self._context.clock.now()
        if self._due_at is not None and now < self._due_at:
            return
        day = await self._next()
        self._due_at = day.ends_at + AFTER
        if now >= self._due_at:
            await self._jobs.enqueue(f"tally {day.day} {now:%Y-%m-%dT%H}", JobKind.TALLY, None, {})
            self._due_at = now + timedelta(minutes=1)

    async def _next(self) -> TallyDay:
        """The day that is in progress, or waits for its root."""
        async with self._context.db.read() as connection:
            found = await tally.unpublished(connection)
        if found is not None:
            return found
        async with self._context.db.write() as connection:
            latest = await tally.published(connection, None)
            await tally.begin(connection, self._day_after(latest))
            found = await tally.unpublished(connection)
        assert found is not None, "a day has begun"
        return found

    def _day_after(self, latest: TallyDay | None) -> TallyDay:
        """The day that begins when this one ends, or without one that of now. Its name is a new one, also where days
        have come to begin later."""
        rules = self._context.rules
        day = voting_day_of(latest.ends_at if latest else self._context.clock.now(), rules.zone, rules.opens_at)
        if latest is None:
            return TallyDay(day.day, day.begins, day.ends)
        if day.day > latest.day:
            return TallyDay(day.day, latest.ends_at, day.ends)
        return TallyDay(latest.day + timedelta(days=1), latest.ends_at, day.next_ends)

    async def build(self) -> list[date]:
        """Build the tally of each day that is due; returns the days whose root is new."""
        done: list[date] = []
        while True:
            now = self._context.clock.now()
            day = await self._next()
            if now < day.ends_at + AFTER:
                self._due_at = None
                return done
            if day.collected_at is None:
                await self._collect(day)
            if await self._publish(day):
                done.append(day.day)

    async def _collect(self, day: TallyDay) -> None:
        """Make a leaf of each act of a day that has ended."""
        for source in tally.sources_of(day):
            async with self._context.db.read() as connection:
                items = await tally.items_with(connection, source)
            for item in items:
                await self._collect_item(day, source, item)
        async with self._context.db.write() as connection:
            await tally.collected(connection, day.day, self._context.clock.now())

    async def _collect_item(self, day: TallyDay, source: ActSource, item: int) -> None:
        after = 0
        while True:
            async with self._context.db.read() as connection:
                found = await tally.acts_of(connection, source, item, after)
            if not found:
                return
            for start in range(0, len(found), tally.PART):
                await self._add(day, found[start : start + tally.PART])
            after = found[-1].source_id

    async def _add(self, day: TallyDay, acts: Sequence[StoredAct]) -> None:
        """Store the leaves of some acts, unless another process has closed the day: then it has them all."""
        async with self._context.db.write() as connection:
            if await tally.is_collecting(connection, day.day):
                there = await tally.keep_members(connection, [act.member_id for act in acts])
                await tally.add_leaves(connection, day.day, [_leaf(act, day.day, there) for act in acts])

    async def _publish(self, day: TallyDay) -> bool:
        """Compute the root of a closed day, and store it; False where another process has done that."""
        tree, chunks, number = Tree(), list[Chunk](), 0
        async with self._context.db.read() as connection, aclosing(tally.leaves_of(connection, day.day)) as parts:
            async for leaves in parts:
                root = root_of(leaf_hash(leaf, day.day) for leaf in leaves)
                chunks.append(Chunk(leaves[0].seal, root))
                tree.append(root)
                number += len(leaves)
        async with self._context.db.write() as connection:
            now = self._context.clock.now()
            return await tally.publish(connection, day.day, number, tree.root(), chunks, now)

    async def votes_of(self, member: Member, page: int) -> OwnVotes:
        """The votes of which a member can ask for a receipt."""
        async with self._context.db.read() as connection:
            found = await tally.votes_of(connection, member.id, _PAGE + 1, page * _PAGE)
        return OwnVotes(tuple(found[:_PAGE]), page, len(found) > _PAGE)

    async def receipt(self, member: Member, vote_id: int) -> ReceiptAnswer:
        """The proof that this vote of the member is in the tally of its day, whatever its verdict (R28)."""
        async with self._context.db.read() as connection:
            vote = await tally.vote_of(connection, member.id, vote_id)
            if vote is None:
                return ReceiptAnswer(None)
            mine = await tally.leaf_of(connection, member.id, vote_id)
            day = await tally.published(connection, mine.day) if mine else None
            if day is not None and self._context.clock.now() - day.ends_at > KEPT_FOR:  # they are being deleted
                return ReceiptAnswer(vote)
            if mine is None or day is None:
                return ReceiptAnswer(vote, expected_at=self._expected(await tally.unpublished(connection), vote))
            return ReceiptAnswer(vote, await _proof(connection, member, vote, mine, day))

    def _expected(self, day: TallyDay | None, vote: OwnVote) -> datetime | None:
        """When the root of the vote's day is to be published; None where that lies behind."""
        if day is not None and vote.cast_at < day.begins_at:
            return None
        if day is not None and vote.cast_at < day.ends_at:
            return day.ends_at + AFTER
        rules = self._context.rules
        return voting_day_of(vote.cast_at, rules.zone, rules.opens_at).ends + AFTER

    async def roots(self, begins: datetime, ends: datetime) -> dict[date, str | None]:
        """The voting days within these moments (aware), with their roots in hexadecimal as far as they are known."""
        async with self._context.db.read() as connection:
            found = await tally.roots(connection, begins, ends)
        return {day: root.hex() if root else None for day, root in found.items()}

    async def published(self, day: date | None = None) -> TallyDay | None:
        """A day whose root is known, without one given the latest."""
        async with self._context.db.read() as connection:
            return await tally.published(connection, day)

    async def table(self, day: TallyDay) -> AsyncGenerator[list[list[str | int]]]:
        """The lines of a published day's table below the header, in parts; fewer than its acts where they are no longer
        kept."""
        assert day.root is not None and day.leaves is not None, "a published day has both"
        yield [head_row(day.day, day.leaves, day.root)]
        position = 0
        async with self._context.db.read() as connection, aclosing(tally.leaves_of(connection, day.day)) as parts:
            async for leaves in parts:
                yield [row_of(number, leaf, day.day) for number, leaf in enumerate(leaves, position)]
                position += len(leaves)


def _leaf(act: StoredAct, day: date, there: frozenset[int]) -> dict[str, object]:
    """The columns of an act's leaf. Of an erased member neither the salt nor the number is kept (R36)."""
    salt = secrets.token_bytes(SALT_BYTES)
    known = act.member_id in there
    return {
        "seal": seal_of(salt, act.member_id, act.act, act.item_id, day),
        "act": act.act.value,
        "source_id": act.source_id,
        "item_id": act.item_id,
        "member_id": act.member_id if known else None,
        "salt": salt if known else None,
    }


async def _proof(
    connection: AsyncConnection, member: Member, vote: OwnVote, mine: SaltedLeaf, day: TallyDay
) -> Receipt:
    assert day.root is not None and day.leaves is not None, "a published day has both"
    chunks = await tally.chunks_of(connection, day.day)
    number = bisect_right([chunk.first_seal for chunk in chunks], mine.seal) - 1
    leaves = await tally.chunk_leaves(connection, day.day, chunks[number].first_seal)
    position = number * CHUNK + [leaf.seal for leaf in leaves].index(mine.seal)
    hashes, roots = [leaf_hash(leaf, day.day) for leaf in leaves], [chunk.root for chunk in chunks]
    path = tuple(path_in_chunks(hashes, roots, position))
    return Receipt(day.day, vote.item.id, member.id, mine.salt, position, day.leaves, path, day.root)

"""Queries about votes, ballots and follows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.verdicts import Verdict
from domain.goods import Item, ItemState
from domain.people import MemberErased
from domain.voting import Purse, VotingDay
from storage import items
from storage.db import PreparedStatement, changed, insert_new
from storage.models import CanvassOpenRow, FollowRow, GrantRow, ItemRow, MemberRow, PastVoteRow, SpendingRow, VoteRow

_STANDING = VoteRow.taken_back_at.is_(None)
_VALID = and_(_STANDING, VoteRow.verdict != Verdict.VOID.value)
"""Whether a vote counts, or may still come to count: its member is told of the group and gets the ballot back. One that
is set aside is treated as any other, so that its member cannot tell (R28)."""
_USES_BALLOT = and_(_STANDING, VoteRow.returned_at.is_(None))
"""Whether a vote uses a ballot and a place of its day: it stands, and its item did not end without a group (R5)."""


@dataclass(frozen=True, slots=True)
class VoteStatus:
    """What is judged when a member taps an item. `vote_id` is their standing vote, `void` says that it was found to be
    false; `done` that this very update has voted or taken back before; `link_id` is the canvass link that brought them;
    `voted_at` and `followed_at` say since when their vote stands and they follow; `voted_before` that they voted,
    erased their data and came back."""

    item: Item | None
    vote_id: int | None = None
    following: bool = False
    link_id: int | None = None
    done: bool = False
    voted_at: datetime | None = None
    followed_at: datetime | None = None
    voted_before: bool = False
    void: bool = False


class TakenBack(NamedTuple):
    """The count without a vote that was taken back, and its day and slot, which are free again."""

    wants: int
    day: date
    slot: int


_MEMBER, _ITEM = bindparam("member", type_=VoteRow.member_id.type), bindparam("item", type_=VoteRow.item_id.type)
_CAUSE, _DAY = bindparam("cause", type_=VoteRow.cast_by.type), bindparam("day", type_=VoteRow.day.type)

_REMEMBERED = 50
"""The newest votes of a member for an item in which an update is searched, each with two acts: Telegram repeats no more
updates than one answer to getUpdates holds, and voting and taking back all day must not slow down every tap."""


def _acted_by(cause: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether one of the newest votes of the member for the item was cast, or taken back, by this update."""
    acts = (
        select(VoteRow.cast_by, VoteRow.taken_back_by)
        .where(VoteRow.member_id == _MEMBER, VoteRow.item_id == _ITEM)
        .order_by(VoteRow.id.desc())
        .limit(_REMEMBERED)
        .subquery()
        .c
    )
    return exists().where(or_(acts.cast_by == cause, acts.taken_back_by == cause))


def _mine(column: SQLColumnExpression[Any]) -> ScalarSelect[Any]:
    """A column of the member's standing vote for the item."""
    return select(column).where(VoteRow.member_id == _MEMBER, VoteRow.item_id == _ITEM, _STANDING).scalar_subquery()


# The statements of a tap are built once: building them anew costs more than running them.
_STATUS = PreparedStatement(
    items.SELECT_ITEM.add_columns(
        _mine(VoteRow.id),
        _mine(VoteRow.cast_at),
        _mine(VoteRow.verdict),
        select(FollowRow.at).where(FollowRow.member_id == _MEMBER, FollowRow.item_id == _ITEM).scalar_subquery(),
        select(CanvassOpenRow.link_id)
        .where(CanvassOpenRow.friend_id == _MEMBER, CanvassOpenRow.item_id == _ITEM)
        .scalar_subquery(),
        _acted_by(_CAUSE),
        exists().where(PastVoteRow.member_id == _MEMBER, PastVoteRow.item_id == _ITEM),
    ).where(ItemRow.id == _ITEM)
)

_BEGINS = bindparam("begins", type_=VoteRow.cast_at.type)
_DAY_BEFORE, _DAY_AFTER = (bindparam(name, type_=VoteRow.day.type) for name in ("before", "after"))
_COMMA: Any = literal_column("','")  # as a string it would be a parameter, which is bound too late for the driver


def _slots(of_day: ColumnElement[bool]) -> ScalarSelect[str]:
    """The slots that the member's votes of a day hold."""
    slots = select(func.aggregate_strings(VoteRow.slot.cast(String), _COMMA))
    return slots.where(VoteRow.member_id == _MEMBER, of_day, _USES_BALLOT).scalar_subquery()


def _past_slots(day: ColumnElement[date]) -> ScalarSelect[str]:
    """The slots that votes of before a deletion hold."""
    slots = select(func.aggregate_strings(PastVoteRow.slot.cast(String), _COMMA))
    return slots.where(PastVoteRow.member_id == _MEMBER, PastVoteRow.day == day).scalar_subquery()


# Where the time at which days begin is changed, votes of this day may have been stored under the date before or after.
_CHAT = select(MemberRow.chat_id).where(MemberRow.id == _MEMBER).scalar_subquery()
_PURSE = PreparedStatement(
    select(
        _CHAT,
        select(func.coalesce(func.sum(SpendingRow.amount_fen), 0))
        .where(SpendingRow.telegram_id == _CHAT)
        .scalar_subquery(),
        select(func.coalesce(func.sum(GrantRow.ballots), 0)).where(GrantRow.member_id == _MEMBER).scalar_subquery(),
        select(func.count()).where(VoteRow.member_id == _MEMBER, _USES_BALLOT).scalar_subquery(),
        _slots(VoteRow.day == _DAY),
        _slots(and_(VoteRow.day == _DAY_BEFORE, VoteRow.cast_at >= _BEGINS)),
        _slots(VoteRow.day == _DAY_AFTER),
        _past_slots(_DAY),
        _past_slots(_DAY_AFTER),
        select(func.count()).where(VoteRow.member_id == _MEMBER, VoteRow.taken_back_at >= _BEGINS).scalar_subquery(),
    )
)

_SUSPECT = bindparam("suspect", type_=ItemRow.wants.type)
_WITHHELD = case((ItemRow.withheld == 0, 0), else_=_SUSPECT)
"""A suspect vote that is taken back is withheld, or its round has closed at this moment and the public count is without
it: then only the votes set aside become fewer."""

_COUNT = PreparedStatement(
    update(ItemRow)
    .where(
        ItemRow.id == bindparam("of", type_=ItemRow.id.type),
        or_(
            bindparam("by", type_=ItemRow.wants.type) < 0,
            ItemRow.state == literal(ItemState.ON_DISPLAY.value, ItemRow.state.type),
        ),
    )
    .values(
        wants=ItemRow.wants + bindparam("by", type_=ItemRow.wants.type) - _SUSPECT + _WITHHELD,
        set_aside=ItemRow.set_aside + _SUSPECT,
        withheld=ItemRow.withheld + _WITHHELD,
    )
    .returning(ItemRow.wants),
    last=True,
    # However many votes an item gets, it is locked once, in the order of the items' IDs, and changed once.
    many=f"""
    , held AS (
        SELECT id, state = '{ItemState.ON_DISPLAY.value}' AS on_display, withheld > 0 AS withholds FROM items
        WHERE id IN (SELECT "of" FROM asked) ORDER BY id FOR NO KEY UPDATE
    ), moving AS (
        SELECT "of", CASE WHEN withholds THEN "by" ELSE "by" - suspect END AS "by", suspect,
            CASE WHEN withholds THEN suspect ELSE 0 END AS hidden, n
        FROM asked JOIN held ON held.id = "of" WHERE "by" < 0 OR on_display
    ), moved AS (
        UPDATE items SET wants = wants + total, set_aside = set_aside + suspects, withheld = withheld + hiddens
        FROM (
            SELECT "of", sum("by") AS total, sum(suspect) AS suspects, sum(hidden) AS hiddens FROM moving GROUP BY "of"
        ) AS sums
        WHERE items.id = sums."of" RETURNING items.id, items.wants - sums.total AS before
    )
    SELECT (before + sum("by") OVER (PARTITION BY "of" ORDER BY n))::int, n FROM moving JOIN moved ON moved.id = "of"
    """,  # noqa: S608 - no input in it
)
_CAST: PreparedStatement[()] = PreparedStatement(
    insert(VoteRow).values(
        item_id=_ITEM,
        member_id=_MEMBER,
        cast_at=bindparam("at", type_=VoteRow.cast_at.type),
        cast_by=_CAUSE,
        day=_DAY,
        slot=bindparam("slot", type_=VoteRow.slot.type),
        link_id=bindparam("link", type_=VoteRow.link_id.type),
    )
)
_TAKE_BACK = PreparedStatement(
    update(VoteRow)
    .where(VoteRow.id == bindparam("vote", type_=VoteRow.id.type), _VALID)
    .values(taken_back_at=bindparam("at", type_=VoteRow.cast_at.type), taken_back_by=_CAUSE)
    .returning(VoteRow.day, VoteRow.slot, VoteRow.verdict)
)


async def status(connection: AsyncConnection, member_id: int, item_id: int, cause: int | None) -> VoteStatus:
    """All that is judged when this member taps this item, in one statement; `cause` is the update's id."""
    rows = await _STATUS.rows(connection, member=member_id, item=item_id, cause=cause)
    if not rows:
        return VoteStatus(None)
    *columns, vote_id, voted_at, verdict, followed_at, link_id, done, before = rows[0]
    done = cause is not None and bool(done)
    return VoteStatus(
        items.item_of(columns),
        vote_id,
        followed_at is not None,
        link_id,
        done,
        voted_at,
        followed_at,
        voted_before=bool(before),
        void=verdict == Verdict.VOID,
    )


async def purse(
    connection: AsyncConnection,
    member_id: int,
    today: VotingDay,
    votes_per_day: int,
    take_backs_per_day: int,
    fen_per_ballot: int,
) -> Purse:
    """What this member can vote with on this voting day (R14, R15).

    Votes that are stored under the next date were cast when days began earlier: they count until that date is over.
    Raises MemberErased.
    """
    before, after = today.day - timedelta(days=1), today.day + timedelta(days=1)
    values = {"day": today.day, "before": before, "after": after, "begins": today.begins}
    chat_id, *row = (await _PURSE.rows(connection, member=member_id, **values))[0]
    if chat_id is None:
        raise MemberErased
    later = ",".join(slots for slots in (row[5], row[7]) if slots)
    held = later or ",".join(slots for slots in (*row[3:5], row[6]) if slots)
    return Purse(
        spent_fen=int(row[0]),
        granted=int(row[1]),
        used=int(row[2]),
        slots_today=frozenset(map(int, held.split(","))) if held else frozenset(),
        day=after if later else today.day,
        day_ends=today.next_ends if later else today.ends,
        votes_per_day=votes_per_day,
        fen_per_ballot=fen_per_ballot,
        taken_back=int(row[8]),
        take_backs_per_day=take_backs_per_day,
    )


async def cast(
    connection: AsyncConnection,
    member_id: int,
    item_id: int,
    day: date,
    slot: int,
    link_id: int | None,
    now: datetime,
    cause: int | None,
) -> int | None:
    """Count a vote and store it; the count that it makes, or None where the item has left the display meanwhile.

    Raises IntegrityError where R15 or R16 would break.
    """
    counted = await _COUNT.rows(connection, of=item_id, by=1, suspect=0)
    if not counted:
        return None
    await _CAST.rows(connection, item=item_id, member=member_id, at=now, cause=cause, day=day, slot=slot, link=link_id)
    return int(counted[0][0])


async def take_back(
    connection: AsyncConnection, vote_id: int, item_id: int, now: datetime, cause: int | None
) -> TakenBack | None:
    """Take a standing vote back (R18); None when it no longer stood, or is void (R28)."""
    taken = await _TAKE_BACK.rows(connection, vote=vote_id, at=now, cause=cause)
    if not taken:
        return None
    day, slot, verdict = taken[0]
    suspect = -1 if verdict == Verdict.SET_ASIDE.value else 0
    return TakenBack(int((await _COUNT.rows(connection, of=item_id, by=-1, suspect=suspect))[0][0]), day, slot)


class ReturnedBallots(NamedTuple):
    """How many ballots have just returned, and the last member looked at; None where no vote is left."""

    number: int
    last: int | None


async def items_to_return(connection: AsyncConnection) -> list[int]:
    """The items that ended without a group and whose ballots are still to be returned (R5), the earliest first."""
    ended = select(ItemRow.id).where(ItemRow.returning_since.is_not(None))
    return list(await connection.scalars(ended.order_by(ItemRow.returning_since, ItemRow.id)))


async def return_ballots(
    connection: AsyncConnection, item_id: int, after: int, most: int, now: datetime
) -> ReturnedBallots:
    """Return the ballots of an item's votes to the next members `after` this one, at most so many; idempotent. Those of
    void votes are forfeited (R28)."""
    ended = exists().where(ItemRow.id == item_id, ItemRow.returning_since.is_not(None))  # no appeal brought it back
    these = (VoteRow.item_id == item_id, _VALID, VoteRow.member_id > after, ended)
    voters = select(VoteRow.member_id).where(*these).order_by(VoteRow.member_id).limit(most)
    voters = voters.with_for_update()  # in the order of the members, as verdicts lock them too
    members = list(await connection.scalars(voters))
    if not members:
        return ReturnedBallots(0, None)
    due = update(VoteRow).where(*these, VoteRow.member_id <= members[-1], VoteRow.returned_at.is_(None))
    number = (await connection.execute(due.values(returned_at=now))).rowcount
    return ReturnedBallots(number, members[-1] if len(members) == most else None)


async def all_returned(connection: AsyncConnection, item_id: int) -> None:
    """Note that no ballot of this item is left to be returned."""
    await connection.execute(update(ItemRow).where(ItemRow.id == item_id).values(returning_since=None))


async def ballot_returns(connection: AsyncConnection, member_id: int, item_ids: Collection[int]) -> bool:
    """Whether this member's ballot for one of these items has returned, or is about to (R5)."""
    found = (
        select(VoteRow.id)
        .join(ItemRow, ItemRow.id == VoteRow.item_id)
        .where(VoteRow.member_id == member_id, VoteRow.item_id.in_(item_ids), _STANDING)
        .where(or_(VoteRow.returned_at.is_not(None), and_(ItemRow.returning_since.is_not(None), _VALID)))
    )
    return await connection.scalar(found.limit(1)) is not None


async def uses_ballot(connection: AsyncConnection, member_id: int, item_id: int) -> bool:
    """Whether the member has a vote for this item that uses a ballot."""
    this = select(VoteRow.id).where(VoteRow.member_id == member_id, VoteRow.item_id == item_id, _USES_BALLOT)
    return await connection.scalar(this.limit(1)) is not None


async def with_ballot_back(connection: AsyncConnection, member_id: int, item_ids: Collection[int]) -> frozenset[int]:
    """Those of these items whose ballot the member has back (R5)."""
    these = (VoteRow.member_id == member_id, VoteRow.item_id.in_(item_ids), _STANDING)
    return frozenset(await connection.scalars(select(VoteRow.item_id).where(*these, VoteRow.returned_at.is_not(None))))


async def follow(connection: AsyncConnection, member_id: int, item_id: int, now: datetime) -> bool:
    """Store a follow; False when it stood already."""
    new = insert_new(connection, FollowRow).values(member_id=member_id, item_id=item_id, at=now)
    return await changed(connection, new.on_conflict_do_nothing(index_elements=["item_id", "member_id"]))


async def unfollow(connection: AsyncConnection, member_id: int, item_id: int) -> bool:
    """Remove a follow; False when there was none."""
    this = and_(FollowRow.member_id == member_id, FollowRow.item_id == item_id)
    return await changed(connection, delete(FollowRow).where(this))


async def carry_follows(connection: AsyncConnection, old: int, new: int) -> None:
    """Copy the follows of one item to another one that has none; their times stay."""
    carried = select(literal(new, FollowRow.item_id.type), FollowRow.member_id, FollowRow.at).where(
        FollowRow.item_id == old
    )
    await connection.execute(insert(FollowRow).from_select(["item_id", "member_id", "at"], carried))


class VoteRecord(NamedTuple):
    """A standing vote, for the organiser's table. Members are numbers: their identity stays here."""

    ref: str
    listing_number: int
    title: str
    member_id: int
    cast_at: datetime
    day: date
    link_id: int | None
    verdict: str


PART = 500
"""Rows in memory at once."""


async def table(connection: AsyncConnection) -> AsyncIterator[list[VoteRecord]]:
    """The standing votes, the oldest first, in parts."""
    columns = (ItemRow.ref, ItemRow.listing_number, ItemRow.title, VoteRow.member_id, VoteRow.cast_at, VoteRow.day)
    query = (
        select(*columns, VoteRow.link_id, VoteRow.verdict)
        .join(ItemRow, ItemRow.id == VoteRow.item_id)
        .where(_STANDING)
        .order_by(VoteRow.id)
    )
    async with connection.stream(query.execution_options(yield_per=PART)) as streamed:
        async for rows in streamed.partitions():
            yield [VoteRecord(*row) for row in rows]

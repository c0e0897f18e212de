"""Queries about items, their pictures, shops and history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain.goods import ENDS, UNDECIDED, Category, Item, ItemState
from storage.brushing import bans
from storage.db import changed, insert_new
from storage.models import (
    FollowRow,
    GroupRow,
    ItemRow,
    ItemStepRow,
    PictureFileRow,
    PictureRow,
    RoundRow,
    ShopRow,
    VoteRow,
)

_COLUMNS = (  # in the order of the fields of an Item
    *(ItemRow.id, ItemRow.ref, ItemRow.listing_number, ShopRow.name, ItemRow.title, ItemRow.title_en),
    *(ItemRow.category, ItemRow.original_fen, ItemRow.expected_fen, ItemRow.stock, ItemRow.lead_days, ItemRow.url),
    *(ItemRow.picture_id, ItemRow.description, ItemRow.description_en, ItemRow.state, ItemRow.wants, ItemRow.shown),
    *(RoundRow.closes_at, GroupRow.opens_at, GroupRow.url),
    case(
        (ItemRow.state != ItemState.ON_DISPLAY.value, bans.ban_ends_of_item())
    ),  # a tap on what is on display reads no ban
)


SELECT_ITEM = (
    select(*_COLUMNS)
    .join(ShopRow, ShopRow.id == ItemRow.shop_id)
    .outerjoin(RoundRow, RoundRow.id == ItemRow.round_id)
    .outerjoin(GroupRow, and_(GroupRow.item_id == ItemRow.id, GroupRow.cancelled_at.is_(None)))
)
"""The statement behind `item_of`; further columns may follow the item's own."""
_BY_ID = SELECT_ITEM.where(ItemRow.id == bindparam("item"))


def item_of(row: Sequence[object]) -> Item:
    """An item from its columns."""
    values: list[Any] = list(row)
    values[6], values[15] = Category(values[6]), ItemState(values[15])
    return Item(*values)


async def _all(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> list[Item]:
    return [item_of(row) for row in await connection.execute(query)]


async def by_id(connection: AsyncConnection, item_id: int) -> Item | None:
    """One item with its shop, round and group."""
    row = (await connection.execute(_BY_ID, {"item": item_id})).one_or_none()
    return item_of(row) if row else None


async def by_ids(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, Item]:
    """These items by number."""
    return {item.id: item for item in await _all(connection, SELECT_ITEM.where(ItemRow.id.in_(item_ids)))}


async def by_ref(connection: AsyncConnection, ref: str) -> Item | None:
    """The newest listing of the good with this reference."""
    newest = SELECT_ITEM.where(ItemRow.ref == ref).order_by(ItemRow.listing_number.desc()).limit(1)
    return next(iter(await _all(connection, newest)), None)


async def newest_listings(connection: AsyncConnection, found: Iterable[Item]) -> dict[int, Item]:
    """Of these items, those whose good has come back, each with its newest listing (R16)."""
    ended = [item.id for item in found if item.state is ItemState.EXPIRED]  # listing again expires the old listing
    if not ended:
        return {}
    old = aliased(ItemRow)
    rows = await connection.execute(
        SELECT_ITEM.add_columns(old.id.label("old"))
        .join(old, and_(old.ref == ItemRow.ref, old.listing_number < ItemRow.listing_number))
        .where(old.id.in_(ended))
        .order_by(ItemRow.listing_number)
    )
    return {old_id: item_of(columns) for *columns, old_id in rows}  # of several listings the last one stays


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which goods a member wants: voted for, or `followed` without a vote; those that `ended` without a group, or the
    others. Of the others, those whose group opened before `opened_since` (aware) come last."""

    member_id: int
    ended: bool
    opened_since: datetime
    followed: bool = False


def _in_order(opens_at: SQLColumnExpression[Any], which: Wanted) -> tuple[SQLColumnExpression[Any], ...]:
    """Groups that just opened or are coming, the soonest first; then what has no time yet; then the other groups."""
    early = opens_at < which.opened_since
    return case((early, 2), (opens_at.is_(None), 1), else_=0), opens_at


def _voted(which: Wanted) -> Select[*tuple[Any, ...]]:
    """The items with a standing vote. One whose good came back is as alive as its newest listing, unless the member
    voted for that one as well (R16)."""
    newer, newer_group, newer_vote = aliased(ItemRow), aliased(GroupRow), aliased(VoteRow)
    voted_again = exists().where(
        newer_vote.item_id == newer.id,
        newer_vote.member_id == which.member_id,
        newer_vote.taken_back_at.is_(None),
    )
    came_back = and_(
        ItemRow.state == ItemState.EXPIRED,
        newer.ref == ItemRow.ref,
        newer.listing_number > ItemRow.listing_number,
        newer.state.not_in(ENDS),  # listing again ends the listing before, so only the newest one is left
        ~voted_again,
    )
    ended = and_(ItemRow.state.in_(ENDS), newer.id.is_(None))
    found = (
        SELECT_ITEM.join(VoteRow, VoteRow.item_id == ItemRow.id)
        .outerjoin(newer, came_back)
        .outerjoin(newer_group, and_(newer_group.item_id == newer.id, newer_group.cancelled_at.is_(None)))
        .where(VoteRow.member_id == which.member_id, VoteRow.taken_back_at.is_(None), ended if which.ended else ~ended)
    )
    newest = (VoteRow.cast_at.desc(), VoteRow.id.desc())
    if which.ended:
        return found.order_by(*newest)
    return found.order_by(*_in_order(func.coalesce(newer_group.opens_at, GroupRow.opens_at), which), *newest)


def _followed(which: Wanted) -> Select[*tuple[Any, ...]]:
    """The items that are followed without a vote; of a good that came back, only the newest listing, to which the
    follow was copied."""
    voted = select(VoteRow.item_id).where(VoteRow.member_id == which.member_id, VoteRow.taken_back_at.is_(None))
    newer = aliased(ItemRow)
    came_back = exists().where(newer.ref == ItemRow.ref, newer.listing_number > ItemRow.listing_number)
    ended = ItemRow.state.in_(ENDS)
    found = SELECT_ITEM.join(FollowRow, FollowRow.item_id == ItemRow.id).where(
        FollowRow.member_id == which.member_id,
        FollowRow.item_id.not_in(voted),
        ~came_back,
        ended if which.ended else ~ended,
    )
    newest = (FollowRow.at.desc(), FollowRow.item_id)
    return found.order_by(*newest) if which.ended else found.order_by(*_in_order(GroupRow.opens_at, which), *newest)


async def wanted_by(connection: AsyncConnection, which: Wanted, limit: int, offset: int) -> list[Item]:
    """One page of what a member wants, the soonest group first, then the newest vote or follow (R25)."""
    query = _followed(which) if which.followed else _voted(which)
    return await _all(connection, query.limit(limit).offset(offset))


async def count_wanted(connection: AsyncConnection, which: Wanted) -> int:
    """How many items that are."""
    query = _followed(which) if which.followed else _voted(which)
    counted = query.with_only_columns(ItemRow.id).order_by(None).subquery()
    return await connection.scalar(select(func.count()).select_from(counted)) or 0


async def ranking(connection: AsyncConnection, limit: int | None = None, offset: int = 0) -> list[Item]:
    """Items that await a decision or have one coming, the most wanted first (R31)."""
    states = (ItemState.ON_DISPLAY, ItemState.DISPLAYED, ItemState.SAMPLED, ItemState.REVIEWED, ItemState.SCHEDULED)
    query = SELECT_ITEM.where(ItemRow.state.in_(states))
    query = query.order_by((ItemRow.wants - ItemRow.withheld).desc(), ItemRow.id)
    return await _all(connection, query.limit(limit).offset(offset) if limit else query)


async def on_display(connection: AsyncConnection, now: datetime) -> list[tuple[int, str, int]]:
    """What is on display now: (item, category, level of exposure, which is views and the head start)."""
    rows = await connection.execute(
        select(ItemRow.id, ItemRow.category, (ItemRow.shown + ItemRow.head_start).label("level"))
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(ItemRow.state == ItemState.ON_DISPLAY, RoundRow.closes_at > now)
        .order_by(ItemRow.id)
    )
    return [(row.id, row.category, row.level) for row in rows]


async def picture(connection: AsyncConnection, picture_id: int) -> bytes:
    """A picture's JPEG bytes; empty for one of goods that ended long ago."""
    return (await connection.execute(select(PictureRow.content).where(PictureRow.id == picture_id))).scalar_one()


async def picture_size(connection: AsyncConnection, picture_id: int) -> tuple[int, int]:
    """A picture's width and height in pixels."""
    size = select(PictureRow.width, PictureRow.height).where(PictureRow.id == picture_id)
    width, height = (await connection.execute(size)).one()
    return width, height


async def file_ids(connection: AsyncConnection, bot_id: int) -> dict[int, str]:
    """Telegram's file IDs of the pictures that this bot uploaded, by picture."""
    uploaded = select(PictureFileRow.picture_id, PictureFileRow.file_id).where(PictureFileRow.bot_id == bot_id)
    return {picture_id: file_id for picture_id, file_id in await connection.execute(uploaded)}


async def keep_file_id(connection: AsyncConnection, picture_id: int, bot_id: int, file_id: str) -> None:
    """Store, or replace, Telegram's file ID of a picture."""
    new = insert_new(connection, PictureFileRow).values(picture_id=picture_id, bot_id=bot_id, file_id=file_id)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["picture_id", "bot_id"], set_={"file_id": file_id})
    )


async def drop_file_id(connection: AsyncConnection, picture_id: int, bot_id: int) -> None:
    """Delete a file ID that Telegram no longer knows."""
    await connection.execute(
        delete(PictureFileRow).where(PictureFileRow.picture_id == picture_id, PictureFileRow.bot_id == bot_id)
    )


async def move(
    connection: AsyncConnection,
    item_id: int,
    old: ItemState,
    steps: Iterable[ItemState],
    actor: str,
    now: datetime,
    reason: str | None = None,
    *,
    return_ballots: bool = False,
) -> bool:
    """Move an item along these steps, each written to its history (R1); False when it was no longer in `old`.

    With `return_ballots` the ballots of its votes, if it has any, are to be returned from now on (R5).
    """
    way = list(steps)
    item = update(ItemRow).where(ItemRow.id == item_id, ItemRow.state == old).values(state=way[-1])
    if return_ballots:
        voted = ItemRow.wants + ItemRow.set_aside > 0
        item = item.values(returning_since=case((voted, literal(now, ItemRow.returning_since.type))))
    if not await changed(connection, item):
        return False
    await connection.execute(
        insert(ItemStepRow),
        [{"item_id": item_id, "state": state, "at": now, "actor": actor, "reason": reason} for state in way],
    )
    return True


async def display_passed(
    connection: AsyncConnection, round_id: int, opens_at: datetime, head_start: int, actor: str, now: datetime
) -> int:
    """Put the items that passed the audit by then on display in a round (R8), those of banned shops excepted (R29);
    returns how many."""
    values = {"round_id": round_id, "head_start": head_start}
    return await _move_all(connection, _waiting(opens_at), ItemState.ON_DISPLAY, actor, now, **values)


def _waiting(opens_at: datetime) -> ColumnElement[bool]:
    """Whether a round that opens at this moment displays an item."""
    passed = and_(ItemRow.state == ItemState.PASSED, ItemRow.passed_at <= opens_at)
    return and_(passed, ~bans.of_banned_shop(opens_at))


async def take_verdicts_in(connection: AsyncConnection, round_id: int) -> None:
    """Let the public counts of a round that has closed be those of the votes that count (R28, decision 12)."""
    these = ItemRow.round_id == round_id
    if connection.dialect.name != "sqlite":  # a verdict that waits for the item sees that the round has closed
        await connection.execute(select(ItemRow.id).where(these).order_by(ItemRow.id).with_for_update(key_share=True))
    withheld = update(ItemRow).where(these, ItemRow.withheld > 0)
    await connection.execute(withheld.values(wants=ItemRow.wants - ItemRow.withheld, withheld=0))


async def end_display(connection: AsyncConnection, round_id: int, now: datetime) -> int:
    """End the display of the items of a round that has closed; returns how many."""
    where = and_(ItemRow.round_id == round_id, ItemRow.state == ItemState.ON_DISPLAY)
    return await _move_all(connection, where, ItemState.DISPLAYED, "clock", now)


async def _move_all(
    connection: AsyncConnection, where: ColumnElement[bool], goal: ItemState, actor: str, now: datetime, **values: int
) -> int:
    if connection.dialect.name != "sqlite":  # votes lock items in this order too, which avoids deadlocks
        await connection.execute(select(ItemRow.id).where(where).order_by(ItemRow.id).with_for_update(key_share=True))
    ids = (
        await connection.execute(update(ItemRow).where(where).values(state=goal, **values).returning(ItemRow.id))
    ).scalars()
    rows = [{"item_id": i, "state": goal, "at": now, "actor": actor, "reason": None} for i in ids]
    if rows:
        await connection.execute(insert(ItemStepRow), rows)
    return len(rows)


async def undecided(connection: AsyncConnection, before: datetime, most: int) -> list[Item]:
    """Items without a decision whose round was over by this moment (R6), and that no appeal has brought back since
    (R29), the oldest round first."""
    over = SELECT_ITEM.where(ItemRow.state.in_(UNDECIDED), RoundRow.closes_at <= before)
    over = over.where(or_(ItemRow.restored_at.is_(None), ItemRow.restored_at <= before))
    return await _all(connection, over.order_by(RoundRow.closes_at, ItemRow.id).limit(most))


async def restored_at(connection: AsyncConnection, item_id: int) -> datetime | None:
    """When a granted appeal brought an item back (R29)."""
    return await connection.scalar(select(ItemRow.restored_at).where(ItemRow.id == item_id))


async def reason_of(connection: AsyncConnection, item_id: int, state: ItemState) -> str | None:
    """The reason with which an item came into this state, as its history has it (R1)."""
    steps = select(ItemStepRow.reason).where(ItemStepRow.item_id == item_id, ItemStepRow.state == state)
    return await connection.scalar(steps.order_by(ItemStepRow.id.desc()).limit(1))


async def display_counts(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    """How many items of each category are on display now (R12)."""
    rows = await connection.execute(
        select(ItemRow.category, func.count())
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(ItemRow.state == ItemState.ON_DISPLAY, RoundRow.closes_at > now)
        .group_by(ItemRow.category)
    )
    return {category: number for category, number in rows}


async def waiting(connection: AsyncConnection, opens_at: datetime) -> int:
    """How many items a round that opens at this moment would display (R4, R29)."""
    return await connection.scalar(select(func.count()).where(_waiting(opens_at))) or 0


async def kept_back(connection: AsyncConnection, opens_at: datetime) -> int:
    """How many items a round that opens at this moment would not display, because their shops are banned (R29)."""
    passed = select(func.count()).where(ItemRow.state == ItemState.PASSED, bans.of_banned_shop(opens_at))
    return await connection.scalar(passed) or 0


async def returned_in(connection: AsyncConnection, round_id: int) -> list[int]:
    """Items of this round that were on display before, as an earlier listing (R16)."""
    again = select(ItemRow.id).where(ItemRow.round_id == round_id, ItemRow.listing_number > 1)
    return list(await connection.scalars(again))


async def earlier_listings(connection: AsyncConnection, item_id: int) -> tuple[int, ...]:
    """The same good's earlier listings (R16)."""
    this = select(ItemRow.ref, ItemRow.listing_number).where(ItemRow.id == item_id).subquery()
    earlier = select(ItemRow.id).where(ItemRow.ref == this.c.ref, ItemRow.listing_number < this.c.listing_number)
    return tuple(await connection.scalars(earlier))


async def newest_listing(connection: AsyncConnection, item_id: int) -> int:
    """The newest listing of an item's good (R16)."""
    ref = select(ItemRow.ref).where(ItemRow.id == item_id).scalar_subquery()
    newest = select(ItemRow.id).where(ItemRow.ref == ref).order_by(ItemRow.listing_number.desc()).limit(1)
    return (await connection.execute(newest)).scalar_one()


async def note_step(connection: AsyncConnection, item_id: int, state: ItemState, actor: str, now: datetime) -> None:
    """Write one step of an item's history (R1)."""
    await connection.execute(insert(ItemStepRow).values(item_id=item_id, state=state, actor=actor, at=now))


async def copy(connection: AsyncConnection, item_id: int, now: datetime) -> int:
    """The same good's next listing, passed and waiting for a round (R16)."""
    old = (await connection.execute(select(ItemRow.__table__).where(ItemRow.id == item_id))).mappings().one()
    fresh = {"listing_number": old["listing_number"] + 1, "state": ItemState.PASSED, "passed_at": now}
    own = ("id", "round_id", "wants", "set_aside", "withheld", "shown", "head_start", "returning_since", "restored_at")
    values = {**{name: value for name, value in old.items() if name not in own}, **fresh}
    return (await connection.execute(insert(ItemRow).values(**values).returning(ItemRow.id))).scalar_one()

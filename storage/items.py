"""Queries about items, their pictures, shops and history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain import goods
from domain.goods import UNDECIDED, Category, ItemState
from storage.db import insert_new
from storage.models import GroupRow, ItemRow, ItemStepRow, PictureFileRow, PictureRow, RoundRow, ShopRow, VoteRow


def select_item(*more: Any) -> Select[*tuple[Any, ...]]:
    """The statement behind `item_of`; further columns follow the item's own."""
    return (
        select(  # one row is one domain Item, in the order of `item_of`
            ItemRow.id,
            ItemRow.ref,
            ItemRow.listing_number,
            ShopRow.name.label("shop"),
            ItemRow.title,
            ItemRow.title_en,
            ItemRow.category,
            ItemRow.original_fen,
            ItemRow.expected_fen,
            ItemRow.stock,
            ItemRow.lead_days,
            ItemRow.url,
            ItemRow.picture_id,
            ItemRow.description,
            ItemRow.description_en,
            ItemRow.state,
            ItemRow.wants,
            ItemRow.shown,
            RoundRow.closes_at,
            GroupRow.opens_at,
            GroupRow.url.label("group_url"),
            *more,
        )
        .join(ShopRow, ShopRow.id == ItemRow.shop_id)
        .outerjoin(RoundRow, RoundRow.id == ItemRow.round_id)
        .outerjoin(GroupRow, and_(GroupRow.item_id == ItemRow.id, GroupRow.cancelled_at.is_(None)))
    )


_ITEM = select_item()
_BY_ID = _ITEM.where(ItemRow.id == bindparam("item"))


def item_of(row: Sequence[Any]) -> goods.Item:
    """An item from its columns."""
    (item_id, ref, listing_number, shop, title, title_en, category, original, expected, *rest) = row
    (stock, lead_days, url, picture_id, text_zh, text_en, state, wants, shown, closes_at, group_at, group_url) = rest
    return goods.Item(
        id=item_id,
        ref=ref,
        listing_number=listing_number,
        shop=shop,
        title_zh=title,
        title_en=title_en,
        category=Category(category),
        original_fen=original,
        expected_fen=expected,
        stock=stock,
        lead_days=lead_days,
        url=url,
        picture_id=picture_id,
        description_zh=text_zh,
        description_en=text_en,
        state=ItemState(state),
        wants=wants,
        shown=shown,
        closes_at=closes_at,
        group_opens_at=group_at,
        group_url=group_url,
    )


async def by_id(connection: AsyncConnection, item_id: int) -> goods.Item | None:
    """One item with its shop, round and group."""
    row = (await connection.execute(_BY_ID, {"item": item_id})).one_or_none()
    return item_of(row) if row else None


async def by_ids(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, goods.Item]:
    """These items by number."""
    rows = await connection.execute(_ITEM.where(ItemRow.id.in_(item_ids)))
    return {row.id: item_of(row) for row in rows}


async def by_ref(connection: AsyncConnection, ref: str) -> goods.Item | None:
    """The newest listing of the good with this reference."""
    row = (
        await connection.execute(_ITEM.where(ItemRow.ref == ref).order_by(ItemRow.listing_number.desc()).limit(1))
    ).one_or_none()
    return item_of(row) if row else None


async def newest_listings(connection: AsyncConnection, found: Iterable[goods.Item]) -> dict[int, goods.Item]:
    """Of these items, those whose good has come back, each with its newest listing (R16)."""
    ended = [
        item.id for item in found if item.state is ItemState.EXPIRED
    ]  # a good that is listed again has expired before
    if not ended:
        return {}
    old = aliased(ItemRow)
    rows = await connection.execute(
        select_item(old.id.label("old"))
        .join(old, and_(old.ref == ItemRow.ref, old.listing_number < ItemRow.listing_number))
        .where(old.id.in_(ended))
        .order_by(ItemRow.listing_number)
    )
    return {old_id: item_of(columns) for *columns, old_id in rows}  # of several listings the last one stays


async def wanted_by(connection: AsyncConnection, member_id: int, limit: int, offset: int) -> list[goods.Item]:
    """The items with a standing vote of this member, the newest vote first (R25)."""
    rows = await connection.execute(
        _ITEM.join(VoteRow, VoteRow.item_id == ItemRow.id)
        .where(VoteRow.member_id == member_id, VoteRow.taken_back_at.is_(None))
        .order_by(VoteRow.cast_at.desc(), VoteRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [item_of(row) for row in rows]


async def ranking(connection: AsyncConnection, limit: int | None = None, offset: int = 0) -> list[goods.Item]:
    """Items that await a decision or have one coming, the most wanted first (R31)."""
    states = (ItemState.ON_DISPLAY, ItemState.DISPLAYED, ItemState.SAMPLED, ItemState.REVIEWED, ItemState.SCHEDULED)
    query = _ITEM.where(ItemRow.state.in_(states)).order_by(ItemRow.wants.desc(), ItemRow.id)
    rows = await connection.execute(query.limit(limit).offset(offset) if limit else query)
    return [item_of(row) for row in rows]


async def in_states(connection: AsyncConnection, states: Collection[ItemState]) -> list[goods.Item]:
    """All items in one of these states, the oldest first."""
    rows = await connection.execute(_ITEM.where(ItemRow.state.in_(list(states))).order_by(ItemRow.id))
    return [item_of(row) for row in rows]


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
    """A picture's JPEG bytes."""
    return (await connection.execute(select(PictureRow.content).where(PictureRow.id == picture_id))).scalar_one()


async def picture_size(connection: AsyncConnection, picture_id: int) -> tuple[int, int]:
    """A picture's width and height in pixels."""
    row = (
        await connection.execute(select(PictureRow.width, PictureRow.height).where(PictureRow.id == picture_id))
    ).one()
    return row.width, row.height


async def file_ids(connection: AsyncConnection, bot_id: int) -> dict[int, str]:
    """What Telegram calls the pictures that this bot uploaded, by picture."""
    rows = await connection.execute(
        select(PictureFileRow.picture_id, PictureFileRow.file_id).where(PictureFileRow.bot_id == bot_id)
    )
    return {row.picture_id: row.file_id for row in rows}


async def keep_file_id(connection: AsyncConnection, picture_id: int, bot_id: int, file_id: str) -> None:
    """Remember, or replace, what Telegram calls a picture."""
    await connection.execute(
        insert_new(connection, PictureFileRow)
        .values(picture_id=picture_id, bot_id=bot_id, file_id=file_id)
        .on_conflict_do_update(index_elements=["picture_id", "bot_id"], set_={"file_id": file_id})
    )


async def drop_file_id(connection: AsyncConnection, picture_id: int, bot_id: int) -> None:
    """Forget a name that Telegram no longer knows."""
    await connection.execute(
        delete(PictureFileRow).where(PictureFileRow.picture_id == picture_id, PictureFileRow.bot_id == bot_id)
    )


async def add(connection: AsyncConnection, values: Mapping[str, object]) -> int:
    """Store a new item and return its number."""
    return (await connection.execute(insert(ItemRow).values(**values).returning(ItemRow.id))).scalar_one()


async def move(
    connection: AsyncConnection,
    item_id: int,
    old: ItemState,
    steps: Iterable[ItemState],
    actor: str,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """Take an item along these steps, each written to its history (R1); False when it was no longer in `old`."""
    way = list(steps)
    result = await connection.execute(
        update(ItemRow).where(ItemRow.id == item_id, ItemRow.state == old).values(state=way[-1])
    )
    if not result.rowcount:
        return False
    await connection.execute(
        insert(ItemStepRow),
        [{"item_id": item_id, "state": state, "at": now, "actor": actor, "reason": reason} for state in way],
    )
    return True


async def display_passed(
    connection: AsyncConnection, round_id: int, opens_at: datetime, head_start: int, actor: str, now: datetime
) -> int:
    """Put the items that passed the audit by then on display in a round (R8); returns how many."""
    where = and_(ItemRow.state == ItemState.PASSED, ItemRow.passed_at <= opens_at)
    return await _move_all(
        connection, where, ItemState.ON_DISPLAY, actor, now, round_id=round_id, head_start=head_start
    )


async def end_display(connection: AsyncConnection, round_id: int, now: datetime) -> int:
    """Take the items of a round that has closed off display; returns how many."""
    where = and_(ItemRow.round_id == round_id, ItemRow.state == ItemState.ON_DISPLAY)
    return await _move_all(connection, where, ItemState.DISPLAYED, "clock", now)


async def _move_all(
    connection: AsyncConnection, where: ColumnElement[bool], goal: ItemState, actor: str, now: datetime, **values: int
) -> int:
    """Move every item that meets a condition to one state, with its history; returns how many."""
    if connection.dialect.name != "sqlite":  # votes hold items in this order too: nobody waits in a circle
        await connection.execute(select(ItemRow.id).where(where).order_by(ItemRow.id).with_for_update(key_share=True))
    ids = (
        await connection.execute(update(ItemRow).where(where).values(state=goal, **values).returning(ItemRow.id))
    ).scalars()
    rows = [{"item_id": i, "state": goal, "at": now, "actor": actor, "reason": None} for i in ids]
    if rows:
        await connection.execute(insert(ItemStepRow), rows)
    return len(rows)


async def undecided(connection: AsyncConnection, before: datetime, most: int) -> list[goods.Item]:
    """Items on which nobody decided and whose round was over by this moment (R6), the oldest round first."""
    rows = await connection.execute(
        _ITEM.where(ItemRow.state.in_(UNDECIDED), RoundRow.closes_at <= before)
        .order_by(RoundRow.closes_at, ItemRow.id)
        .limit(most)
    )
    return [item_of(row) for row in rows]


async def reason_of(connection: AsyncConnection, item_id: int, state: ItemState) -> str | None:
    """The reason with which an item came into this state, as its history has it (R1)."""
    rows = await connection.execute(
        select(ItemStepRow.reason)
        .where(ItemStepRow.item_id == item_id, ItemStepRow.state == state)
        .order_by(ItemStepRow.id.desc())
        .limit(1)
    )
    return rows.scalar_one_or_none()


async def display_counts(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    """How many items of each category are on display now (R12)."""
    rows = await connection.execute(
        select(ItemRow.category, func.count())
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(ItemRow.state == ItemState.ON_DISPLAY, RoundRow.closes_at > now)
        .group_by(ItemRow.category)
    )
    return {category: number for category, number in rows}


async def any_passed(connection: AsyncConnection, now: datetime) -> bool:
    """Whether an item waits for a round to open (R4)."""
    found = await connection.execute(
        select(ItemRow.id).where(ItemRow.state == ItemState.PASSED, ItemRow.passed_at <= now).limit(1)
    )
    return found.scalar_one_or_none() is not None


async def returned_in(connection: AsyncConnection, round_id: int) -> list[int]:
    """Items of this round that were on display before, as an earlier listing (R16)."""
    rows = await connection.execute(select(ItemRow.id).where(ItemRow.round_id == round_id, ItemRow.listing_number > 1))
    return list(rows.scalars())


async def earlier_listings(connection: AsyncConnection, item_id: int) -> tuple[int, ...]:
    """The same good's earlier listings (R16)."""
    this = select(ItemRow.ref, ItemRow.listing_number).where(ItemRow.id == item_id).subquery()
    rows = await connection.execute(
        select(ItemRow.id).where(ItemRow.ref == this.c.ref, ItemRow.listing_number < this.c.listing_number)
    )
    return tuple(rows.scalars())


async def note_step(connection: AsyncConnection, item_id: int, state: ItemState, actor: str, now: datetime) -> None:
    """Write one step of an item's history (R1)."""
    await connection.execute(insert(ItemStepRow).values(item_id=item_id, state=state, actor=actor, at=now))


async def copy(connection: AsyncConnection, item_id: int, now: datetime) -> int:
    """The same good's next listing, passed and waiting for a round (R16)."""
    old = (await connection.execute(select(ItemRow.__table__).where(ItemRow.id == item_id))).mappings().one()
    kept = {
        name: value for name, value in old.items() if name not in ("id", "round_id", "wants", "shown", "head_start")
    }
    return await add(
        connection, {**kept, "listing_number": old["listing_number"] + 1, "state": ItemState.PASSED, "passed_at": now}
    )

"""Queries about rounds, draws and exposures."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Integer, and_, bindparam, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import ItemState
from storage.db import PreparedStatement, changed, insert_new
from storage.models import CalendarDayRow, DrawRow, ExposureRow, ItemRow, RoundRow

_DRAW = PreparedStatement(
    select(DrawRow.items, DrawRow.category).where(
        DrawRow.id == bindparam("draw", type_=DrawRow.id.type),
        DrawRow.member_id == bindparam("member", type_=DrawRow.id.type),
    )
)
_OF_MEMBER = ExposureRow.member_id == bindparam("member", type_=DrawRow.id.type)
_SEEN = PreparedStatement(
    select(ExposureRow.item_id).where(_OF_MEMBER, ExposureRow.item_id == bindparam("item", type_=DrawRow.id.type))
)
_SEEN_BY = PreparedStatement(select(ExposureRow.item_id).where(_OF_MEMBER))
_SEEN_MORE = PreparedStatement(
    select(1).select_from(ExposureRow).where(_OF_MEMBER).limit(1).offset(bindparam("than", type_=Integer))
)


async def newest_round(connection: AsyncConnection, *, special: bool | None = None) -> RoundRow | None:
    """The round that opened last."""
    query = select(RoundRow.__table__).order_by(RoundRow.opens_at.desc()).limit(1)
    if special is not None:
        query = query.where(RoundRow.special == special)
    row = (await connection.execute(query)).mappings().one_or_none()
    return RoundRow(**row) if row else None


async def open_round(
    connection: AsyncConnection, opens_at: datetime, closes_at: datetime, special: bool, now: datetime
) -> int | None:
    """Store a round and return its number; None when this one was opened before (R8: once)."""
    new = insert_new(connection, RoundRow).values(
        opens_at=opens_at,
        closes_at=closes_at,
        special=special,
        opened_at=now,
        draws_before=await newest_draw(connection),
    )
    once = new.on_conflict_do_nothing(index_elements=["opens_at", "special"])
    return await connection.scalar(once.returning(RoundRow.id))


async def rounds_to_close(connection: AsyncConnection, now: datetime) -> list[int]:
    """Rounds whose closing time has come and that are not closed."""
    over = select(RoundRow.id).where(RoundRow.closes_at <= now, RoundRow.closed_at.is_(None))
    return list(await connection.scalars(over))


async def close_round(connection: AsyncConnection, round_id: int, now: datetime) -> bool:
    """Mark a round closed; False when it was so already."""
    this = update(RoundRow).where(RoundRow.id == round_id, RoundRow.closed_at.is_(None))
    return await changed(connection, this.values(closed_at=now, draws_until=await newest_draw(connection)))


async def newest_draw(connection: AsyncConnection) -> int:
    """The highest number that a draw has had, as far as it is known: draws are deleted after days."""
    kept = await connection.scalar(select(func.max(DrawRow.id)))
    marks = [func.max(RoundRow.draws_before), func.max(RoundRow.draws_until)]
    known = (await connection.execute(select(*marks))).one()
    return max(number or 0 for number in (kept, *known))


async def end_before(connection: AsyncConnection, opening: datetime) -> None:
    """Let the rounds that opened before this opening close with it (R7)."""
    await connection.execute(
        update(RoundRow)
        .where(RoundRow.opens_at < opening, RoundRow.closes_at > opening, RoundRow.closed_at.is_(None))
        .values(closes_at=opening)
    )


async def follow_calendar(connection: AsyncConnection, now: datetime, closes_at: datetime) -> None:
    """Let open rounds close when the next one opens, also where organisers changed the days since (R7).

    Rounds that open after `now` are there when the clock went back; they keep their time.
    """
    await connection.execute(
        update(RoundRow).where(_is_open(now), RoundRow.closes_at != closes_at).values(closes_at=closes_at)
    )


async def closes_at(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When what is on display now leaves it; None while nothing is on display."""
    return await connection.scalar(select(func.max(RoundRow.closes_at)).where(_is_open(now)))


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(RoundRow.opens_at <= now, RoundRow.closes_at > now, RoundRow.closed_at.is_(None))


async def calendar_days(connection: AsyncConnection) -> dict[date, bool]:
    """The organisers' own days: working or off (R7)."""
    rows = await connection.execute(select(CalendarDayRow.day, CalendarDayRow.working))
    return {row.day: row.working for row in rows}


async def decide_day(connection: AsyncConnection, day: date, working: bool | None, actor: str) -> None:
    """Store what organisers decided of a day; None deletes it (R7)."""
    if working is None:
        await connection.execute(delete(CalendarDayRow).where(CalendarDayRow.day == day))
        return
    decided: dict[str, object] = {"working": working, "actor": actor}
    new = insert_new(connection, CalendarDayRow).values(day=day, **decided)
    await connection.execute(new.on_conflict_do_update(index_elements=["day"], set_=decided))


async def new_draw(
    connection: AsyncConnection, member_id: int, category: str | None, items: list[int], now: datetime
) -> int:
    """Store a draw and return its number."""
    values = {"member_id": member_id, "category": category, "items": ",".join(map(str, items)), "made_at": now}
    return (await connection.execute(insert(DrawRow).values(**values).returning(DrawRow.id))).scalar_one()


async def draw(connection: AsyncConnection, draw_id: int, member_id: int) -> tuple[list[int], str | None] | None:
    """The items and the category of one of this member's own draws; None for another member's."""
    rows = await _DRAW.rows(connection, draw=draw_id, member=member_id)
    return ([int(part) for part in rows[0][0].split(",")], rows[0][1]) if rows else None


async def seen_by(connection: AsyncConnection, member_id: int) -> frozenset[int]:
    """The items whose cards were shown to this member (R10)."""
    return frozenset(item_id for (item_id,) in await _SEEN_BY.rows(connection, member=member_id))


async def has_seen_more(connection: AsyncConnection, member_id: int, than: int) -> bool:
    """Whether more than so many cards were shown to this member."""
    return bool(await _SEEN_MORE.rows(connection, member=member_id, than=than))


async def unseen_by(connection: AsyncConnection, member_id: int, category: str | None, now: datetime) -> list[int]:
    """The items on display, in one category or in all, whose cards were not shown to this member; reads every item."""
    query = (
        select(ItemRow.id)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(
            ItemRow.state == ItemState.ON_DISPLAY,
            RoundRow.closes_at > now,
            ~exists().where(ExposureRow.member_id == member_id, ExposureRow.item_id == ItemRow.id),
        )
    )
    if category is not None:
        query = query.where(ItemRow.category == category)
    return list(await connection.scalars(query))


async def was_seen(connection: AsyncConnection, member_id: int, item_id: int) -> bool:
    """Whether this item's card was shown to this member before."""
    return bool(await _SEEN.rows(connection, member=member_id, item=item_id))


async def expose(connection: AsyncConnection, member_id: int, item_id: int, now: datetime) -> bool:
    """Count an exposure, once for each member and item; False when it was counted before."""
    new = insert_new(connection, ExposureRow).values(member_id=member_id, item_id=item_id, at=now)
    if not await changed(connection, new.on_conflict_do_nothing(index_elements=["member_id", "item_id"])):
        return False
    await connection.execute(update(ItemRow).where(ItemRow.id == item_id).values(shown=ItemRow.shown + 1))
    return True


_CLEARED_WITHIN = timedelta(days=400)
"""How long after a round its rows are searched, also where the bot was stopped meanwhile; not longer, because each
search reads the items of all those rounds."""


async def clear_old(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete draws made before this moment, and exposures of rounds that closed before it, at most so many of each.

    The counts stay. Returns how many rows were deleted.
    """
    draws = select(DrawRow.id).where(DrawRow.made_at < before).limit(most)
    gone = (await connection.execute(delete(DrawRow).where(DrawRow.id.in_(draws)))).rowcount
    # By the items: by the members each batch would read the exposures of today first.
    over = (
        select(ItemRow.id)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(RoundRow.closed_at < before, RoundRow.closed_at >= before - _CLEARED_WITHIN)
    )
    of_old_rounds = select(ExposureRow.item_id, ExposureRow.member_id).where(ExposureRow.item_id.in_(over)).limit(most)
    seen = delete(ExposureRow).where(tuple_(ExposureRow.item_id, ExposureRow.member_id).in_(of_old_rounds))
    return gone + (await connection.execute(seen)).rowcount

"""What the detector of brushing reads, and what it leaves: votes in, cases out (R28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import CanvassLinkRow, GrantRow, ItemRow, MemberRow, RoundRow, ShopRow, SpendingRow, VoteRow


@dataclass(frozen=True, slots=True)
class StoredVote:
    """A standing vote with what is known of its member; money in fen. An erased member has no Telegram ID; the hash of
    its neighbourhood is kept until a week after the round. `owner_id` is the member whose link brought the vote."""

    item_id: int
    ref: str
    listing_number: int
    shop: str
    member_id: int
    telegram_id: int | None
    neighbourhood: str | None
    cast_at: datetime
    owner_id: int | None
    spent_fen: int
    refunded_fen: int
    granted: int


async def votes_since(connection: AsyncConnection, closed_after: datetime | None) -> list[StoredVote]:
    """The standing votes of the rounds that closed after this moment, or are open; of all without one."""
    amount = SpendingRow.amount_fen
    spent = (
        select(
            SpendingRow.telegram_id,
            func.sum(case((amount > 0, amount), else_=0)).label("spent"),
            func.sum(case((amount < 0, -amount), else_=0)).label("refunded"),
        )
        .where(SpendingRow.telegram_id > 0)
        .group_by(SpendingRow.telegram_id)
        .subquery()
    )
    given = select(GrantRow.member_id, func.sum(GrantRow.ballots).label("ballots")).group_by(GrantRow.member_id)
    granted = given.subquery()
    query = (
        select(
            *(VoteRow.item_id, ItemRow.ref, ItemRow.listing_number, ShopRow.name, VoteRow.member_id),
            *(MemberRow.chat_id, VoteRow.neighbourhood, VoteRow.cast_at, CanvassLinkRow.member_id.label("owner")),
            *(func.coalesce(amounts, 0) for amounts in (spent.c.spent, spent.c.refunded, granted.c.ballots)),
        )
        .join(ItemRow, ItemRow.id == VoteRow.item_id)
        .join(ShopRow, ShopRow.id == ItemRow.shop_id)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .join(MemberRow, MemberRow.id == VoteRow.member_id)
        .outerjoin(CanvassLinkRow, CanvassLinkRow.id == VoteRow.link_id)
        .outerjoin(spent, spent.c.telegram_id == MemberRow.chat_id)
        .outerjoin(granted, granted.c.member_id == MemberRow.id)
        .where(VoteRow.taken_back_at.is_(None))
        .order_by(VoteRow.id)
    )
    if closed_after is not None:
        query = query.where(RoundRow.closes_at > closed_after)
    rows = await connection.execute(query)
    return [StoredVote(*row[:-3], *map(int, row[-3:])) for row in rows]


async def has_voters_since(connection: AsyncConnection, number: int, closed_after: datetime | None) -> bool:
    """Whether so many members have standing votes in the rounds that closed after this moment, or are open; in any
    round without one."""
    of_rounds = true() if closed_after is None else RoundRow.closes_at > closed_after
    standing = VoteRow.item_id.in_(_items(of_rounds)) & VoteRow.taken_back_at.is_(None)
    voters = select(VoteRow.member_id).where(standing).distinct().limit(number).subquery()
    return await connection.scalar(select(func.count()).select_from(voters)) == number


def _items(of_rounds: ColumnElement[bool]) -> Select[int]:
    return select(ItemRow.id).join(RoundRow, RoundRow.id == ItemRow.round_id).where(of_rounds)


async def keep_neighbourhood(connection: AsyncConnection, member_id: int, where: str, closed_after: datetime) -> None:
    """Note with a member's votes, of rounds that closed after this moment or are open, where their ID was."""
    await connection.execute(
        update(VoteRow)
        .where(VoteRow.member_id == member_id, VoteRow.item_id.in_(_items(RoundRow.closes_at > closed_after)))
        .values(neighbourhood=where)
    )


async def clear_neighbourhoods(connection: AsyncConnection, closed_before: datetime, most: int) -> int:
    """Delete what was kept of erased members, of at most so many votes, for rounds that closed before this moment.
    Returns of how many."""
    over = and_(VoteRow.neighbourhood.is_not(None), VoteRow.item_id.in_(_items(RoundRow.closes_at <= closed_before)))
    these = update(VoteRow).where(VoteRow.id.in_(select(VoteRow.id).where(over).limit(most)))
    return (await connection.execute(these.values(neighbourhood=None))).rowcount

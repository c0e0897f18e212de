"""Queries about bans: a shop's goods are neither registered nor displayed until its ban ends by the clock (R29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import changed
from storage.models import BanRow, ItemRow, ShopRow


@dataclass(frozen=True, slots=True)
class StoredBan:
    """A shop's ban of so many `months`; `asked_months` are more while a second organiser has not agreed. It is over at
    `ends_at`, or at `lifted_at` where an appeal was granted."""

    id: int
    case_id: int
    shop: str
    months: int
    asked_months: int
    decided_by: str
    agreed_by: str | None
    begins_at: datetime
    ends_at: datetime
    lifted_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether more months are in force once a second organiser agrees."""
        return self.asked_months > self.months


_BAN: Select[*tuple[Any, ...]] = select(
    *(BanRow.id, BanRow.case_id, ShopRow.name, BanRow.months, BanRow.asked_months, BanRow.decided_by),
    *(BanRow.agreed_by, BanRow.begins_at, BanRow.ends_at, BanRow.lifted_at),
).join(ShopRow, ShopRow.id == BanRow.shop_id)


def _lasts(at: datetime) -> ColumnElement[bool]:
    return and_(BanRow.lifted_at.is_(None), BanRow.ends_at > at)


def of_banned_shop(at: datetime) -> ColumnElement[bool]:
    """Whether an item's shop is banned at this moment (aware)."""
    return exists().where(BanRow.shop_id == ItemRow.shop_id, _lasts(at))


def ban_ends_of_item() -> ColumnElement[datetime]:
    """When the last ban of an item's shop ends, or has ended; NULL where an appeal has lifted it."""
    ends = select(func.max(BanRow.ends_at)).where(BanRow.shop_id == ItemRow.shop_id, BanRow.lifted_at.is_(None))
    return ends.scalar_subquery()


async def add(connection: AsyncConnection, **values: object) -> int:
    """Store a ban and return its number."""
    return (await connection.execute(insert(BanRow).values(**values).returning(BanRow.id))).scalar_one()


async def in_force(connection: AsyncConnection, now: datetime) -> list[StoredBan]:
    """The bans that last, the one that ends first first."""
    rows = await connection.execute(_BAN.where(_lasts(now)).order_by(BanRow.ends_at, BanRow.id))
    return [StoredBan(*row) for row in rows]


async def of_case(connection: AsyncConnection, case_id: int) -> StoredBan | None:
    """The ban that a case has brought, also when it is over or lifted; None where there is none."""
    row = (await connection.execute(_BAN.where(BanRow.case_id == case_id))).one_or_none()
    return StoredBan(*row) if row else None


async def lasting(connection: AsyncConnection, case_id: int, now: datetime) -> StoredBan | None:
    """The ban that a case has brought; None where there is none, or where it is over or lifted."""
    row = (await connection.execute(_BAN.where(BanRow.case_id == case_id, _lasts(now)))).one_or_none()
    return StoredBan(*row) if row else None


async def ends_by_shop(connection: AsyncConnection, now: datetime) -> dict[str, datetime]:
    """The shops that are banned, by name, each with the moment at which its last ban ends."""
    rows = await connection.execute(
        select(ShopRow.name, func.max(BanRow.ends_at))
        .join(BanRow, BanRow.shop_id == ShopRow.id)
        .where(_lasts(now))
        .group_by(ShopRow.name)
    )
    return {name: ends_at for name, ends_at in rows}


async def is_banned(connection: AsyncConnection, item_id: int, now: datetime) -> bool:
    """Whether the shop of an item is banned."""
    return bool(await connection.scalar(select(ItemRow.id).where(ItemRow.id == item_id, of_banned_shop(now))))


async def earlier(connection: AsyncConnection, shop_id: int, before: datetime) -> int:
    """How many bans of a shop began before this moment and were not lifted."""
    these = select(func.count()).where(BanRow.shop_id == shop_id, BanRow.begins_at < before)
    return await connection.scalar(these.where(BanRow.lifted_at.is_(None))) or 0


async def agree(connection: AsyncConnection, ban: StoredBan, actor: str, now: datetime, ends_at: datetime) -> bool:
    """Put all months that were asked for in force; False where that is done, or the ban was lifted meanwhile."""
    this = update(BanRow).where(BanRow.id == ban.id, BanRow.agreed_by.is_(None), BanRow.lifted_at.is_(None))
    agreed = {"agreed_by": actor, "agreed_at": now, "months": BanRow.asked_months, "ends_at": ends_at}
    return await changed(connection, this.values(agreed))


async def lift(connection: AsyncConnection, case_id: int, now: datetime) -> None:
    """End the ban of a case, as if there had been none."""
    this = update(BanRow).where(BanRow.case_id == case_id, BanRow.lifted_at.is_(None))
    await connection.execute(this.values(lifted_at=now))

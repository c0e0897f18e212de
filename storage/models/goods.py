"""Goods: shops, pictures, items with their history, rounds, groups, and what organisers decided of single days."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class ShopRow(Base):
    """The merchant's business that items belong to."""

    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)


class PictureRow(Base):
    """A picture as it was imported: JPEG bytes, known by their SHA-256, so that each is stored once.

    `wanted_at` is when it was last uploaded; one that no item has is deleted some time after that. One whose items
    ended long ago keeps its row, without content.
    """

    __tablename__ = "pictures"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    wanted_at: Mapped[datetime] = mapped_column(index=True)


class PictureFileRow(Base):
    """Telegram's file ID of an uploaded picture; valid for the bot that uploaded it."""

    __tablename__ = "picture_files"

    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"), primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    file_id: Mapped[str] = mapped_column(String(256))


class RoundRow(Base):
    """One display window. `opens_at` is the planned time, `opened_at` the actual one (R7, R8).

    `draws_before` and `draws_until` are the numbers of the newest draw when it opened and when it closed: their
    difference is how many draws were opened meanwhile, also when the draws are deleted. None for rounds of before.
    """

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("opens_at", "special"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime] = mapped_column(index=True)
    special: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    draws_before: Mapped[int | None] = mapped_column(BigInteger)
    draws_until: Mapped[int | None] = mapped_column(BigInteger)


class ItemRow(Base):
    """One candidate good in one round. A good that is listed again is a new row with the next listing number (R16).

    `wants` is the public count and `set_aside` how many standing votes are suspect. Until the round has closed, `wants`
    includes the votes that are `withheld`: those set aside, and those void (R28).
    `head_start` is the exposure that an item is treated as having had when it joins others that were shown before (R9).
    `returning_since` is when it ended without a group, while ballots of its votes are still to be returned (R5).
    `restored_at` is when a granted appeal brought it back (R29): its two weeks for a decision begin again.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("ref", "listing_number"),
        Index(None, "state", "passed_at"),
        CheckConstraint("wants >= 0", name="wants"),
        CheckConstraint("set_aside >= 0", name="set_aside"),
        CheckConstraint("withheld BETWEEN 0 AND wants", name="withheld"),
        CheckConstraint("expected_fen > 0 AND expected_fen <= original_fen", name="prices"),
        Index(
            None,
            "returning_since",
            sqlite_where=text("returning_since IS NOT NULL"),
            postgresql_where=text("returning_since IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(String(64))
    listing_number: Mapped[int] = mapped_column(default=1)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    title: Mapped[str] = mapped_column(String(128))
    title_en: Mapped[str] = mapped_column(String(128), default="")
    category: Mapped[str] = mapped_column(String(16))
    original_fen: Mapped[int] = mapped_column(BigInteger)
    expected_fen: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int]
    lead_days: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"), index=True)
    passed_at: Mapped[datetime | None]
    wants: Mapped[int] = mapped_column(default=0)
    set_aside: Mapped[int] = mapped_column(server_default="0")
    withheld: Mapped[int] = mapped_column(server_default="0")
    shown: Mapped[int] = mapped_column(default=0)
    head_start: Mapped[int] = mapped_column(default=0)
    returning_since: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]


class ItemStepRow(Base):
    """History: every change of an item's state, with its time, actor and, where it ends the item, a reason (R1)."""

    __tablename__ = "item_steps"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)


class GroupRow(Base):
    """The group purchase of a chosen item. `revision` counts the times that were announced (R24).

    One that is cancelled keeps its row, so that no later group gets its number, which notifications refer to.
    """

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), unique=True)
    opens_at: Mapped[datetime] = mapped_column(index=True)
    url: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    actor: Mapped[str] = mapped_column(String(64))
    scheduled_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class CalendarDayRow(Base):
    """A day that organisers made a working day or a day off, whatever the calendar says (R7)."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    actor: Mapped[str] = mapped_column(String(64))

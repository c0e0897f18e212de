"""The tables. Times are UTC moments, money is integer fen, and what must be unique is so here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id
from storage.canvass_models import BoundChatRow, CanvassLinkRow, CanvassOpenRow, PosterFileRow, SharedCardRow
from storage.job_models import JobRow

__all__ = (
    "Base",
    "BoundChatRow",
    "CalendarDayRow",
    "CampaignRow",
    "CanvassLinkRow",
    "CanvassOpenRow",
    "ConversationRow",
    "DrawRow",
    "ExposureRow",
    "FailedUpdateRow",
    "FollowRow",
    "GrantRow",
    "GroupRow",
    "ItemRow",
    "ItemStepRow",
    "JobRow",
    "KeyValueRow",
    "MemberRow",
    "NotificationCountRow",
    "NotificationRow",
    "PictureFileRow",
    "PictureRow",
    "PosterFileRow",
    "RoundRow",
    "SharedCardRow",
    "ShopRow",
    "SpendingRow",
    "VoteRow",
)


class MemberRow(Base):
    """A person in the chat. A deleted one keeps the row, so that counts stay, and nothing that names them (R36).

    While something that they voted for is on display, `erased_hash` keeps them from voting for it again as a new
    member: a keyed hash of their chat ID (R16).
    """

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    first_name: Mapped[str] = mapped_column(String(128), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    app_language: Mapped[str | None] = mapped_column(String(16))
    carousel_on: Mapped[bool] = mapped_column(default=True)
    alerts_on: Mapped[bool] = mapped_column(default=True)
    alerts_quiet: Mapped[bool] = mapped_column(default=False)
    show_name: Mapped[bool] = mapped_column(default=False)
    quiet_hours: Mapped[str | None] = mapped_column(String(16))
    unreachable: Mapped[str | None] = mapped_column(String(32))
    joined_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    erased_hash: Mapped[str | None] = mapped_column(String(64), unique=True)


class ShopRow(Base):
    """The merchant's business that items belong to."""

    __tablename__ = "shops"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)


class PictureRow(Base):
    """A picture as it was taken in: JPEG bytes, known by their SHA-256, so that each is stored once.

    `wanted_at` is when it was last handed in; one that no item has is let go some time after that.
    """

    __tablename__ = "pictures"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    wanted_at: Mapped[datetime]


class PictureFileRow(Base):
    """What Telegram calls a picture once it was uploaded; bound to the bot that uploaded it."""

    __tablename__ = "picture_files"

    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"), primary_key=True)
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    file_id: Mapped[str] = mapped_column(String(256))


class RoundRow(Base):
    """One display window. `opens_at` is what the clock asked for, `opened_at` when it really happened (R7, R8)."""

    __tablename__ = "rounds"
    __table_args__ = (UniqueConstraint("opens_at", "special"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime] = mapped_column(index=True)
    special: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ItemRow(Base):
    """One candidate good in one round. A good that is listed again is a new row with the next listing number (R16).

    `head_start` is the exposure that an item is treated as having had when it joins others that were shown before (R9).
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("ref", "listing_number"),
        Index(None, "state", "passed_at"),
        CheckConstraint("wants >= 0", name="wants"),
        CheckConstraint("expected_fen > 0 AND expected_fen <= original_fen", name="prices"),
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
    shown: Mapped[int] = mapped_column(default=0)
    head_start: Mapped[int] = mapped_column(default=0)


class ItemStepRow(Base):
    """History: every change of an item's state, with its time, actor and, where it ends the item, a reason (R1)."""

    __tablename__ = "item_steps"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)


class GrantRow(Base):
    """Ballots that were given, each with its reason (R14). `key` keeps one that must happen once from a second time."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    ballots: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class SpendingRow(Base):
    """What a person spent (R14), known by the shop system's own reference. It may wait for a person yet to come.

    Of somebody who was forgotten the reference stays, so that the same table counts nothing anew, with nobody's ID: 0.
    """

    __tablename__ = "spendings"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    spent_on: Mapped[date]


class VoteRow(Base):
    """One "I want this group". A vote that was taken back keeps its row: history holds both acts (R18).

    `cast_by` and `taken_back_by` are the ids of the updates that did it: when Telegram brings one again after a crash,
    it is known and only answered anew. The two partial indexes are R16 and R15 themselves: one standing vote an item,
    one standing vote a place of the day.
    """

    __tablename__ = "votes"
    __table_args__ = (
        Index(
            "uq_votes_one_per_item",
            "member_id",
            "item_id",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
        Index(
            "uq_votes_one_per_slot",
            "member_id",
            "day",
            "slot",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
        Index(None, "item_id", "taken_back_at", "member_id"),
        Index(None, "member_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    cast_at: Mapped[datetime]
    cast_by: Mapped[int | None] = mapped_column(BigInteger)
    day: Mapped[date]
    slot: Mapped[int]
    link_id: Mapped[int | None] = mapped_column(ForeignKey("canvass_links.id"), index=True)
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[int | None] = mapped_column(BigInteger)


class FollowRow(Base):
    """A member's wish to be alerted like a voter, without a vote (R26)."""

    __tablename__ = "follows"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    at: Mapped[datetime]


class DrawRow(Base):
    """One opening of the carousel: the items it shows, in order, so that paging back shows the same cards (R9)."""

    __tablename__ = "draws"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    category: Mapped[str | None] = mapped_column(String(16))
    items: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(index=True)


class ExposureRow(Base):
    """The first time that a member was really shown an item's card (R9, R10)."""

    __tablename__ = "exposures"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True, index=True)
    at: Mapped[datetime]


class GroupRow(Base):
    """The group purchase of a chosen item. `revision` counts the times that were announced (R24).

    One that is cancelled keeps its row, so that no later group gets its number, by which letters know it.
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


class CampaignRow(Base):
    """The intent to tell many people one thing, written with its cause; its letters are queued when it is due.

    `reason` is Telegram's answer that stopped it. `paid_for` is how many messages an organiser agreed to pay for, so
    that they leave faster (Bot API, "Paid Broadcasts"), with who agreed and when.
    """

    __tablename__ = "campaigns"
    __table_args__ = (UniqueConstraint("kind", "subject", "revision"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    queued: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(24))
    paid_for: Mapped[int | None]
    paid_by: Mapped[str | None] = mapped_column(String(64))
    paid_at: Mapped[datetime | None]


class NotificationRow(Base):
    """The outbox: one message to one member or one bound chat, from the intent to its final state.

    Its key exists once.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "revision", "member_id"),
        Index(
            "uq_notifications_one_per_chat",
            "kind",
            "subject",
            "revision",
            "bound_chat_id",
            unique=True,
            sqlite_where=text("bound_chat_id IS NOT NULL"),
            postgresql_where=text("bound_chat_id IS NOT NULL"),
        ),
        Index(
            None,
            "bound_chat_id",
            sqlite_where=text("bound_chat_id IS NOT NULL"),
            postgresql_where=text("bound_chat_id IS NOT NULL"),
        ),
        CheckConstraint("(member_id IS NULL) <> (bound_chat_id IS NULL)", name="addressee"),
        Index(None, "state", "priority", "not_before"),
        Index(
            "ix_notifications_waiting_until",
            "expires_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(default=1)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    bound_chat_id: Mapped[int | None] = mapped_column(ForeignKey("bound_chats.id"))
    priority: Mapped[int]
    policy: Mapped[str] = mapped_column(String(8))
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(24))
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain_attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class NotificationCountRow(Base):
    """How many deleted notifications of a round ended in a state, by their code ("" for none)."""

    __tablename__ = "notification_counts"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), primary_key=True)
    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    number: Mapped[int]


class ConversationRow(Base):
    """What a person was being asked when the bot last spoke with them (aiogram's FSM), kept over restarts."""

    __tablename__ = "conversations"

    key: Mapped[str] = mapped_column(String(96), primary_key=True)
    state: Mapped[str | None] = mapped_column(String(96))
    data: Mapped[dict[str, Any]]


class FailedUpdateRow(Base):
    """An update whose handling failed again and again, with its last error; kept so that it can be looked at."""

    __tablename__ = "failed_updates"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    content: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(24))
    attempts: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class CalendarDayRow(Base):
    """A day that organisers made a working day or a day off, whatever the calendar says (R7)."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    actor: Mapped[str] = mapped_column(String(64))


class KeyValueRow(Base):
    """Small facts about the running whole: the display's version, the ticker's last beat."""

    __tablename__ = "key_values"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[str] = mapped_column(Text)

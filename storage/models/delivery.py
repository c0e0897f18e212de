"""Campaigns and the outbox of notifications."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class CampaignRow(Base):
    """The intent to notify many members of one thing, stored with its cause; notifications are queued when it is due.

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
            "ix_notifications_by_deadline",
            "priority",
            "expires_at",
            "not_before",
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
    held_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class NotificationCountRow(Base):
    """How many deleted notifications of a campaign ended in a state, by their code ("" for none)."""

    __tablename__ = "notification_counts"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), primary_key=True)
    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    number: Mapped[int]

"""Members, what they spent and were given, and what they are being asked."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, JsonObject


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


class ConversationRow(Base):
    """What a person was being asked when the bot last spoke with them (aiogram's FSM), kept over restarts."""

    __tablename__ = "conversations"

    key: Mapped[str] = mapped_column(String(96), primary_key=True)
    state: Mapped[str | None] = mapped_column(String(96))
    data: Mapped[JsonObject]

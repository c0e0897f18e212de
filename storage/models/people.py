"""Members, their spendings and grants, and the questions that they are being asked."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, JsonObject


class MemberRow(Base):
    """A person in the chat. A deleted one keeps the row, so that counts stay, and nothing that names them (R36).

    By `erased_hash`, a keyed hash of their chat ID, one who comes back is recognised as long as something could be had
    twice: the new member gets what `storage.retention.personal_data` says, and the hash is deleted. `welcomed_at` is
    when they were given the welcome grant, or came back after it.
    """

    __tablename__ = "members"
    __table_args__ = (
        Index(
            None,
            "erased_at",
            sqlite_where=text("erased_at IS NOT NULL"),
            postgresql_where=text("erased_at IS NOT NULL"),
        ),
    )

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
    welcomed_at: Mapped[datetime | None]


class GrantRow(Base):
    """Ballots that were given, each with its reason (R14). `key` prevents a second grant for the same cause.

    A correction is a row of its own, of as many ballots more or fewer, that names the grant which it `corrects`.
    """

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    ballots: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"))


class SpendingRow(Base):
    """What a customer spent, or was refunded (R14), known by the shop system's reference: an entry of the ledger as it
    counts now. The customer may become a member later; unclaimed, it has no ID.

    A refund has a negative amount, and may name the order that it is a `refund_of`. Of an erased member the reference
    stays, so that importing the same table counts nothing twice, with the ID 0.
    """

    __tablename__ = "spendings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    spent_on: Mapped[date]
    refund_of: Mapped[str | None] = mapped_column(String(64))


class SpendingCorrectionRow(Base):
    """What an entry said before it was corrected, so that an old table does not bring it back."""

    __tablename__ = "spending_corrections"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    spending_id: Mapped[int] = mapped_column(ForeignKey("spendings.id"), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    spent_on: Mapped[date]
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ConversationRow(Base):
    """What a user is being asked (aiogram's FSM), kept over restarts."""

    __tablename__ = "conversations"

    key: Mapped[str] = mapped_column(String(96), primary_key=True)
    state: Mapped[str | None] = mapped_column(String(96))
    data: Mapped[JsonObject]

"""Verdicts about votes, and the cases in which people decide on them (R28, R29)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, JsonObject


class VerdictChangeRow(Base):
    """One change of a vote's verdict: when, by whom, and in which case. The first verdict, counted, has no row."""

    __tablename__ = "verdict_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), index=True)
    old: Mapped[str] = mapped_column(String(9))
    new: Mapped[str] = mapped_column(String(9))
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)


class CaseRow(Base):
    """Votes for a good that look bought, on which a person decides; at most one of a good is undecided.

    `evidence` is what the detector found, in numbers; `score` is the highest of its findings. `outcome` is how it was
    decided, `counted` and `void` how many of the good's votes counted and were void then: the gravity of a ban.
    `told_at` is when organisers were notified.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_one_undecided",
            "item_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint("(decided_at IS NULL) = (outcome IS NULL)", name="outcome"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"), index=True)
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    score: Mapped[float] = mapped_column(Double)
    evidence: Mapped[JsonObject]
    told_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    counted: Mapped[int | None]
    void: Mapped[int | None]


class CaseAccountRow(Base):
    """An account of a case, and the pattern that it shows. Of a cleared case it is not raised again for it."""

    __tablename__ = "case_accounts"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
    pattern: Mapped[str] = mapped_column(String(24), primary_key=True)
    score: Mapped[float] = mapped_column(Double)
    goods: Mapped[int]


class AppealRow(Base):
    """The appeal of a shop against a case, once, and what became of it; another organiser decides."""

    __tablename__ = "appeals"
    __table_args__ = (CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    words: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(64))
    granted: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)


class BanRow(Base):
    """A shop's ban, for `months` from `begins_at`. `asked_months` are in force once a second organiser has agreed.

    It ends by the clock, or was lifted by a granted appeal.
    """

    __tablename__ = "bans"
    __table_args__ = (
        Index(None, "shop_id", "ends_at"),
        CheckConstraint("months BETWEEN 1 AND asked_months AND asked_months <= 6", name="months"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shops.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    months: Mapped[int]
    asked_months: Mapped[int]
    decided_by: Mapped[str] = mapped_column(String(64))
    agreed_by: Mapped[str | None] = mapped_column(String(64))
    agreed_at: Mapped[datetime | None]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

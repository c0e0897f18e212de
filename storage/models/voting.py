"""Votes, follows, draws and exposures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class VoteRow(Base):
    """One "I want this group". A vote that was taken back keeps its row: history holds both acts (R18).

    `cast_by` and `taken_back_by` are the IDs of the updates that did it: when Telegram repeats one after a crash, it is
    recognised and only answered again. One whose ballot was returned (`returned_at`, R5) stands, but uses neither a
    ballot nor a place of the day any more. The two partial indexes are R16 and R15 themselves: one standing vote an
    item, one used ballot a place of the day. Others lead to a member's newest acts and take-backs, however many there
    are (R18).

    `verdict` says whether it counts (R28). `neighbourhood` is a keyed hash of where an erased member's Telegram ID was,
    kept as evidence until a week after the round.
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
            sqlite_where=text("taken_back_at IS NULL AND returned_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL AND returned_at IS NULL"),
        ),
        Index(None, "item_id", "taken_back_at", "member_id"),
        Index(None, "member_id", "item_id", "id"),
        Index(
            None,
            "member_id",
            "taken_back_at",
            sqlite_where=text("taken_back_at IS NOT NULL"),
            postgresql_where=text("taken_back_at IS NOT NULL"),
        ),
        Index(
            "ix_votes_neighbourhood",
            "item_id",
            sqlite_where=text("neighbourhood IS NOT NULL"),
            postgresql_where=text("neighbourhood IS NOT NULL"),
        ),
        Index(
            "ix_votes_returned_at",
            "returned_at",
            sqlite_where=text("returned_at IS NOT NULL"),
            postgresql_where=text("returned_at IS NOT NULL"),
        ),
        CheckConstraint("verdict IN ('counted', 'set-aside', 'void')", name="verdict"),
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
    returned_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(String(9), server_default="counted")
    neighbourhood: Mapped[str | None] = mapped_column(String(32))


class ReusedBallotRow(Base):
    """That the ballot of a vote, which had come back at `returned_at`, was in use for it again from `at` on: a granted
    appeal has brought its good back (R29). The tally of each day has both acts."""

    __tablename__ = "reused_ballots"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    vote_id: Mapped[int] = mapped_column(ForeignKey("votes.id"), index=True)
    returned_at: Mapped[datetime] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class PastVoteRow(Base):
    """That an erased member has voted for an item, on a day and in a slot of it: when they come back, the row names
    their new number, and they cannot have either twice (R15, R16, R36). The vote itself stays with the old one."""

    __tablename__ = "past_votes"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    day: Mapped[date]
    slot: Mapped[int]


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
    """The first time that an item's card was shown to a member (R9, R10)."""

    __tablename__ = "exposures"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True, index=True)
    at: Mapped[datetime]

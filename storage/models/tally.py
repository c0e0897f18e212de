"""The tamper-evident tally of each voting day (R39): its acts as leaves of a Merkle tree, and its root."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class TallyDayRow(Base):
    """One voting day of the tally. Days follow each other without a gap, whatever the settings become: one begins when
    the one before it ends.

    `collected_at` is when all its acts had become leaves; none is added after that. `leaves` and `root` (SHA-256) are
    of the whole tree, and `published_at` is when they were known.
    """

    __tablename__ = "tally_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]
    leaves: Mapped[int | None]
    root: Mapped[bytes | None] = mapped_column(LargeBinary)
    published_at: Mapped[datetime | None]


class TallyLeafRow(Base):
    """One act of a voting day. Leaves stand in the order of their seals, which says nothing about members.

    `seal` is a salted hash (SHA-256) of member, good, act and day. Erasure deletes `salt` and `member_id` and keeps the
    seal (R36). `source_id` tells acts of a kind apart: it is the number of the vote, with how often its ballot had
    returned before, or that of the change of verdict, or of the row that says that a ballot is in use again.
    """

    __tablename__ = "tally_leaves"
    __table_args__ = (
        UniqueConstraint("act", "source_id", "day"),
        Index(
            "ix_tally_leaves_member_id",
            "member_id",
            sqlite_where=text("member_id IS NOT NULL"),
            postgresql_where=text("member_id IS NOT NULL"),
        ),
    )

    day: Mapped[date] = mapped_column(ForeignKey("tally_days.day"), primary_key=True)
    seal: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    act: Mapped[str] = mapped_column(String(10))
    source_id: Mapped[int] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)


class TallyChunkRow(Base):
    """A piece of a day's tree: the leaves from `first_seal` on, and their root. With the roots of all pieces, the proof
    of a leaf takes the leaves of one."""

    __tablename__ = "tally_chunks"

    day: Mapped[date] = mapped_column(ForeignKey("tally_days.day"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    first_seal: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)

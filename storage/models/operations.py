"""Jobs, failed updates and key-values."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, JsonObject


class JobRow(Base):
    """Heavy work that a member asked for, from the request to its end.

    `payload` holds numbers and Telegram file IDs, never contents. A claim moves `available_at` to the end of its lease:
    after that another worker may claim the job. `attempts` tells one claim from the next.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "available_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    payload: Mapped[JsonObject]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    enqueued_at: Mapped[datetime]
    available_at: Mapped[datetime]
    held_by: Mapped[int | None] = mapped_column(BigInteger)


class FailedUpdateRow(Base):
    """An update whose handling failed repeatedly, with its last error; stored so that it can be examined."""

    __tablename__ = "failed_updates"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    content: Mapped[JsonObject]
    error: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(24))
    attempts: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class KeyValueRow(Base):
    """Small values of the whole installation: the display's version, secret keys."""

    __tablename__ = "key_values"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[str] = mapped_column(Text)

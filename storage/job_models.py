"""The table of jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id


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
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    enqueued_at: Mapped[datetime]
    available_at: Mapped[datetime]

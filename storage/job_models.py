"""The table of errands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Id


class JobRow(Base):
    """Heavy work that somebody asked for, from the asking to its end.

    `about` holds numbers and Telegram's names of files, never contents. `free_at` is when it may next be taken: whoever
    takes it moves that on, and has lost it once that moment is over. `tries` tells one taking from the next.
    """

    __tablename__ = "errands"
    __table_args__ = (Index(None, "state", "free_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    about: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    left_at: Mapped[datetime]
    free_at: Mapped[datetime]

"""The world's clock: real time plus an offset that tests and the page may move."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Mark = dict[str, Any]


class MovableClock:
    """Wall time of the sandbox. Dates of messages and the age of queries follow it; waiting never does."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.marks: list[Mark] = []
        self.on_move: Callable[[], None] = lambda: None
        self.on_marks: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The world's time, aware, in UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def unix(self) -> float:
        """The world's time in seconds since 1970."""
        return time.time() + self.offset

    def advance(self, step: timedelta) -> None:
        """Move the clock forward, or back when the step is negative."""
        self.offset += step.total_seconds()
        self.on_move()

    def move_to(self, moment: datetime) -> None:
        """Set the clock; a moment without a zone is taken as UTC."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        self.offset = moment.timestamp() - time.time()
        self.on_move()

    def set_offset(self, seconds: float) -> None:
        """Set the distance to real time."""
        self.offset = seconds
        self.on_move()

    def set_marks(self, marks: list[Mark]) -> None:
        """Name the moments that the page offers to jump to: `{"id", "label": {language: text}, "at": iso}`."""
        for mark in marks:
            datetime.fromisoformat(str(mark["at"]))
        self.marks = list(marks)
        self.on_marks()

    def as_json(self) -> dict[str, Any]:
        """What `GET /api/clock` answers."""
        return {"now": self.now().isoformat(), "offset_seconds": round(self.offset, 3), "marks": self.marks}

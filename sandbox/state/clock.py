"""A clock that tests and the page can move: real time plus an offset."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Mark = dict[str, Any]


class MovableClock:
    """The sandbox's time. Dates of messages and the age of queries and updates follow it; timeouts use real time."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.marks: list[Mark] = []
        self.on_move: Callable[[], None] = lambda: None
        self.on_marks: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.fromtimestamp(self.unix(), UTC)

    def unix(self) -> float:
        """The time in seconds since 1970."""
        return time.time() + self.offset

    def advance(self, step: timedelta) -> None:
        """Move the clock by a step, which may be negative."""
        self.offset += step.total_seconds()
        self.on_move()

    def move_to(self, moment: datetime) -> None:
        """Set the time; a naive value counts as UTC."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        self.offset = moment.timestamp() - time.time()
        self.on_move()

    def set_offset(self, seconds: float) -> None:
        """Set the difference to real time."""
        self.offset = seconds
        self.on_move()

    def set_marks(self, marks: list[Mark]) -> None:
        """Set the moments that the page offers as jumps: `{"id", "label": {language: text}, "at": iso}`.

        Raises KeyError or ValueError for a mark without a valid time.
        """
        for mark in marks:
            datetime.fromisoformat(str(mark["at"]))
        self.marks = list(marks)
        self.on_marks()

    def as_json(self) -> dict[str, Any]:
        """The body of `GET /api/clock`."""
        return {"now": self.now().isoformat(), "offset_seconds": round(self.offset, 3), "marks": self.marks}

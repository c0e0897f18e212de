"""Quiet hours in nights in which clocks are changed (R27)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.people import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours.parse("22:00-02:30")


def at(day: int, hour: int, minute: int, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "free"),
    [
        (at(24, 23, 0), at(25, 0, 30)),  # 01:00 in summer time: until the first 02:30
        (at(25, 0, 15), at(25, 0, 30)),  # the first 02:15
        (at(25, 0, 45), at(25, 0, 45)),  # the first 02:45
        (at(25, 1, 15), at(25, 1, 30)),  # the second 02:15
        (at(25, 1, 45), at(25, 1, 45)),  # the second 02:45
        (at(29, 0, 59, month=3), at(29, 1, 0, month=3)),  # 01:59, and the clocks go on to 03:00
        (at(28, 21, 30, month=3), at(29, 1, 0, month=3)),
        (at(24, 20, 0), at(25, 0, 30)),
    ],
)
def test_r27_quiet_hours_end_when_the_clocks_show_it_again_and_not_before(now: datetime, free: datetime) -> None:
    assert NIGHT.free_from(now, BERLIN) == free

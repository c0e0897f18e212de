"""Who is told at once, who after their quiet hours, and who is not because it is too late then (R24, R27)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.people import QuietHours
from domain.reach import Reach, SameHours, Wait, reach

ZONE = ZoneInfo("Asia/Shanghai")
USUAL = QuietHours.parse("22:00-08:00")
FOUR = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
"""04:00 on Wednesday in Shanghai."""
EIGHT = FOUR + timedelta(hours=4)


def people(quiet: str | None = None, number: int = 1, *, alerts_wait: bool = False) -> SameHours:
    return SameHours(QuietHours.parse(quiet) if quiet else None, alerts_wait, number)


def test_r27_a_carousel_at_night_reaches_only_those_whose_night_ends_before_its_round() -> None:
    crowd = [people(number=7), people("00:00-00:00", 2), people("23:00-05:00", 3), people("23:00-09:00", 4)]
    found = reach(crowd, FOUR, ZONE, USUAL, Wait(EIGHT))
    assert found == Reach(now=2, later=3, never=11, first_later=FOUR + timedelta(hours=1))
    assert found.total == 16


def test_r27_by_day_all_are_told_at_once() -> None:
    assert reach([people(number=7)], EIGHT, ZONE, USUAL, Wait(EIGHT + timedelta(days=1))) == Reach(now=7)
    assert reach([], EIGHT, ZONE, USUAL, Wait(EIGHT)).total == 0


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Berlin", ["2026-03-29T00:00Z", "2026-10-25T00:00Z"]),
        ("America/New_York", ["2026-03-08T06:00Z", "2026-11-01T05:00Z"]),
        ("Australia/Lord_Howe", ["2026-04-04T14:00Z", "2026-10-03T14:00Z"]),
    ],
)
@pytest.mark.parametrize("hours", ["22:00-02:30", "22:00-01:45", "01:30-02:00", "22:00-08:00"])
def test_r27_where_the_clocks_change_the_night_is_over_when_it_is_said_to_be(
    hours: str, zone: str, changes: list[str]
) -> None:
    quiet, place = QuietHours.parse(hours), ZoneInfo(zone)
    for change in map(datetime.fromisoformat, changes):
        for minutes in range(-6 * 60, 6 * 60, 5):
            now = change + timedelta(minutes=minutes)
            free = quiet.free_from(now, place)
            assert free >= now and not quiet.covers(free.astimezone(place).time()), now


@pytest.mark.parametrize(
    ("opens", "expected"),
    [
        (timedelta(hours=10), Reach(later=7, first_later=EIGHT)),
        (timedelta(hours=4, minutes=30), Reach(later=7, first_later=EIGHT)),
        (timedelta(hours=4, minutes=29), Reach(now=7)),
        (timedelta(hours=2), Reach(now=7)),
    ],
)
def test_r24_the_first_alert_waits_for_the_morning_where_that_leaves_the_lead(
    opens: timedelta, expected: Reach
) -> None:
    wait = Wait(FOUR + opens, FOUR + opens - timedelta(minutes=30))
    assert reach([people(number=7)], FOUR, ZONE, USUAL, wait) == expected


def test_r27_who_wants_no_alerts_at_night_waits_also_where_it_is_too_late_then() -> None:
    wait = Wait(FOUR + timedelta(hours=2), FOUR + timedelta(hours=1))
    sleepers = [people(alerts_wait=True), people("23:00-05:30", alerts_wait=True), people()]
    found = reach(sleepers, FOUR, ZONE, USUAL, wait)
    assert found == Reach(now=1, later=1, never=1, first_later=FOUR + timedelta(minutes=90))

"""A clock that leaps ahead is doubted for a minute: nothing final is done by a wrong date (R6, R8, R26)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.clock import LeapGuard

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.passed = 1_000.0
        self.wrong_by = timedelta(0)
        self.guard = LeapGuard(lambda: NOON + timedelta(seconds=self.passed) + self.wrong_by, lambda: self.passed)

    def doubtful_after(self, seconds: float) -> bool:
        self.passed += seconds
        return self.guard.doubtful()


def test_a_clock_that_goes_is_believed_however_seldom_it_is_looked_at() -> None:
    machine = Machine()
    assert not any(machine.doubtful_after(seconds) for seconds in (0, 1, 3_600, 30 * 86_400))


def test_weeks_ahead_for_a_moment_are_never_believed() -> None:
    machine = Machine()
    machine.wrong_by = timedelta(weeks=3)
    assert machine.doubtful_after(1) and machine.doubtful_after(30)
    machine.wrong_by = timedelta(0)
    assert not machine.doubtful_after(1)
    machine.wrong_by = timedelta(weeks=3)
    assert machine.doubtful_after(40), "the minute begins anew"


def test_a_clock_that_stays_ahead_is_believed_after_a_minute() -> None:
    machine = Machine()
    machine.wrong_by = timedelta(days=1)
    assert machine.doubtful_after(1) and machine.doubtful_after(59)
    assert not machine.doubtful_after(1) and not machine.doubtful_after(1)


@pytest.mark.parametrize("by", [timedelta(minutes=59), timedelta(days=-1)])
def test_a_small_step_and_a_clock_that_is_set_back_are_believed_at_once(by: timedelta) -> None:
    machine = Machine()
    machine.wrong_by = by
    assert not machine.doubtful_after(1)

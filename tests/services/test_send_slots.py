"""Send slots of several processes: how well a process knows the database's clock (R27)."""

from __future__ import annotations

import pytest

from services.notifications.send_slots import SendSlots
from storage.db import Database
from tests.conftest import Watch

AHEAD = 1000.0
"""Seconds by which the database's clock is ahead."""


@pytest.fixture
def slots(db: Database, watch: Watch) -> SendSlots:
    return SendSlots(db, watch, 25)


def asked(slots: SendSlots, at: float, there: float, back: float, ahead: float = AHEAD) -> tuple[float, float]:
    """Ask for the time; `there` and `back` are the seconds of question and answer."""
    return slots._clocks(at + there + ahead, at, at + there + back)


def test_the_quickest_answer_bounds_the_difference_of_the_clocks(slots: SendSlots) -> None:
    assert asked(slots, 10.0, 0.001, 0.002) == pytest.approx((AHEAD - 0.002, AHEAD + 0.001))
    behind, ahead = asked(slots, 11.0, 0.4, 0.3)  # it waited for the row, or for a busy loop
    assert (behind, ahead) == pytest.approx((AHEAD - 0.002, AHEAD + 0.001))
    assert ahead - behind < 0.1, "so the slot has not passed when it comes"


def test_a_comparison_expires_after_a_minute(slots: SendSlots) -> None:
    asked(slots, 10.0, 0.001, 0.002)
    assert asked(slots, 80.0, 0.01, 0.02) == pytest.approx((AHEAD - 0.02, AHEAD + 0.01))


def test_a_clock_that_was_set_is_compared_again(slots: SendSlots) -> None:
    asked(slots, 10.0, 0.001, 0.002)
    assert asked(slots, 11.0, 0.01, 0.02, AHEAD + 5) == pytest.approx((AHEAD + 4.98, AHEAD + 5.01))
    assert asked(slots, 12.0, 0.01, 0.02, AHEAD - 5) == pytest.approx((AHEAD - 5.02, AHEAD - 4.99))
    assert asked(slots, 13.0, 0.01, 0.01, AHEAD - 5) == pytest.approx((AHEAD - 5.01, AHEAD - 4.99))

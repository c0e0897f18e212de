"""The turns that several processes take: what this process knows of the database's clock (R27)."""

from __future__ import annotations

import pytest

from services.notifications.send_slots import SendSlots
from storage.db import Database
from tests.conftest import Watch

AHEAD = 1000.0
"""Seconds that the database's clock is really ahead."""


@pytest.fixture
def turns(db: Database, watch: Watch) -> SendSlots:
    return SendSlots(db, watch, 25)


def asked(turns: SendSlots, at: float, there: float, back: float, ahead: float = AHEAD) -> tuple[float, float]:
    """Ask for the time: the question and the answer take so many seconds."""
    return turns._clocks(at + there + ahead, at, at + there + back)


def test_a_clock_is_known_as_closely_as_the_quickest_answer_told_it(turns: SendSlots) -> None:
    assert asked(turns, 10.0, 0.001, 0.002) == pytest.approx((AHEAD - 0.002, AHEAD + 0.001))
    behind, ahead = asked(turns, 11.0, 0.4, 0.3)  # who waited for the row, or for a busy loop
    assert (behind, ahead) == pytest.approx((AHEAD - 0.002, AHEAD + 0.001))
    assert ahead - behind < 0.1, "so the turn has not gone by when it comes"


def test_what_was_known_is_forgotten_after_a_minute(turns: SendSlots) -> None:
    asked(turns, 10.0, 0.001, 0.002)
    assert asked(turns, 80.0, 0.01, 0.02) == pytest.approx((AHEAD - 0.02, AHEAD + 0.01))


def test_a_clock_that_was_set_is_learnt_anew(turns: SendSlots) -> None:
    asked(turns, 10.0, 0.001, 0.002)
    assert asked(turns, 11.0, 0.01, 0.02, AHEAD + 5) == pytest.approx((AHEAD + 4.98, AHEAD + 5.01))
    assert asked(turns, 12.0, 0.01, 0.02, AHEAD - 5) == pytest.approx((AHEAD - 5.02, AHEAD - 4.99))
    assert asked(turns, 13.0, 0.01, 0.01, AHEAD - 5) == pytest.approx((AHEAD - 5.01, AHEAD - 4.99))

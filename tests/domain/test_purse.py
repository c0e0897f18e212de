"""What a purse holds: earned, granted and used ballots (R14)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.voting import Purse


@pytest.mark.parametrize(
    ("spent", "granted", "used", "left", "missing"),
    [
        (300_00, 0, 2, 1, 100_00),
        (200_00, 0, 2, 0, 100_00),
        (137_00, 0, 2, 0, 163_00),
        (0, 0, 2, 0, 300_00),
        (-50_00, 0, 0, 0, 150_00),
        (-50_00, 2, 1, 1, 150_00),
        (-50_00, 1, 2, 0, 250_00),
        (63_00, 5, 2, 3, 37_00),
    ],
)
def test_r14_used_ballots_stay_used_and_spending_catches_up_with_them(
    spent: int, granted: int, used: int, left: int, missing: int
) -> None:
    day = date(2026, 11, 24)
    purse = Purse(spent, granted, used, frozenset(), day, datetime(2026, 11, 25, tzinfo=UTC), 5, 100_00)
    assert (purse.ballots_left, purse.fen_to_next_ballot) == (left, missing)
    richer = purse._replace(spent_fen=spent + missing)
    assert richer.ballots_left == left + 1 and purse._replace(spent_fen=spent + missing - 1).ballots_left == left

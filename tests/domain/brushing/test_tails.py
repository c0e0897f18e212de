"""Bounds of tails: never below what chance really does."""

from __future__ import annotations

from math import comb, exp

import numpy as np
import pytest

from domain.brushing.detection.tails import at_least, share_surprise, surprise


def binomial_tail(hits: int, trials: int, share: float) -> float:
    """The exact chance of `hits` or more."""
    return sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(hits, trials + 1))


@pytest.mark.parametrize("trials", [5, 20, 60])
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9])
def test_the_bounds_hold_for_every_count(trials: int, share: float) -> None:
    for hits in range(trials + 1):
        exact = binomial_tail(hits, trials, share)
        assert exp(-share_surprise(hits, trials, share)) >= exact * (1 - 1e-9)
        assert exp(-surprise(hits, trials * share)) >= exact * (1 - 1e-9)


@pytest.mark.parametrize(("observed", "expected"), [(0, 0.0), (0, 3.0), (3, 3.0), (2, 5.0)])
def test_what_was_expected_is_no_surprise(observed: int, expected: float) -> None:
    assert surprise(observed, expected) == 0


def test_the_chance_of_several_events_is_exact() -> None:
    chances = np.array([[0.1, 0.5, 0.9], [0.0, 1.0, 1.0]])
    two = 0.1 * 0.5 * 0.1 + 0.1 * 0.5 * 0.9 + 0.9 * 0.5 * 0.9
    assert at_least(chances, 2)[0] == pytest.approx(two + 0.1 * 0.5 * 0.9)
    assert at_least(chances, 2)[1] == pytest.approx(1)
    assert at_least(chances, 3)[0] == pytest.approx(0.1 * 0.5 * 0.9)

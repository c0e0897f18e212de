"""How evenly goods were shown: the chi-square test that each round publishes (R9, R39)."""

from __future__ import annotations

from random import Random

import pytest

from domain.draw import Display
from domain.transparency.balance import Evenness, exposure_balance, upper_tail


@pytest.mark.parametrize(
    ("chi_square", "degrees", "tail"),
    [
        (3.841459, 1, 0.05),
        (6.634897, 1, 0.01),
        (5.991465, 2, 0.05),
        (7.814728, 3, 0.05),
        (18.307038, 10, 0.05),
        (46.962942, 27, 0.01),
        (67.504807, 50, 0.05),
        (124.342113, 100, 0.05),
    ],
)
def test_r39_the_tail_of_chi_square_is_that_of_the_printed_tables(chi_square: float, degrees: int, tail: float) -> None:
    """Values of NIST/SEMATECH e-Handbook, 1.3.6.7.4."""
    assert upper_tail(chi_square, degrees) == pytest.approx(tail, rel=1e-4)


def test_r39_the_tail_never_leaves_0_to_1() -> None:
    for degrees in (1, 2, 27, 999, 20_000):
        tails = [upper_tail(value * degrees, degrees) for value in (0, 1e-9, 0.5, 1, 1.5, 3, 1e4)]
        assert (tails == sorted(tails, reverse=True) and tails[0] == 1.0 and 0.0 <= tails[-1] < 1e-9) or degrees == 1
        assert all(0.0 <= tail <= 1.0 for tail in tails)


@pytest.mark.parametrize(
    ("exposures", "evenness"),
    [
        ((), Evenness.TOO_FEW),
        ((40,), Evenness.TOO_FEW),
        ((0, 0, 0), Evenness.TOO_FEW),
        ((4, 4, 4), Evenness.TOO_FEW),
        ((40, 40, 40), Evenness.EVEN),
        ((38, 41, 44, 36), Evenness.EVEN),
        ((40, 40, 40, 140), Evenness.UNEVEN),
        ((40, 40, 40, 0), Evenness.UNEVEN),
    ],
)
def test_r39_what_the_test_says(exposures: tuple[int, ...], evenness: Evenness) -> None:
    balance = exposure_balance(exposures)
    assert balance.evenness is evenness
    assert (balance.most, balance.least) == (max(exposures, default=0), min(exposures, default=0))
    assert balance.degrees == (len(exposures) - 1 if len(exposures) > 1 and sum(exposures) else 0)


def test_r39_an_example_by_hand() -> None:
    balance = exposure_balance((10, 20, 30))
    assert (balance.chi_square, balance.degrees) == (10.0, 2)
    assert balance.p_value == pytest.approx(0.006738, rel=1e-3)  # exp(-5)


def test_r9_the_fair_draw_passes_and_one_that_favours_a_good_does_not() -> None:
    rng = Random(7)
    display, shown = Display((item, "home", 0) for item in range(84)), dict.fromkeys(range(84), 0)
    for _ in range(200):
        for item in display.draw(frozenset(), 28, rng):
            display.shown(item)
            shown[item] += 1
    assert exposure_balance(list(shown.values())).evenness is Evenness.EVEN
    shown[5] += 100
    assert exposure_balance(list(shown.values())).evenness is Evenness.UNEVEN

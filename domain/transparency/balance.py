"""How evenly the goods of a round were shown: Pearson's chi-square test against equal shares (R9, R39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, exp, fsum, lgamma, log, sqrt

LEAST_EXPECTED = 5.0
"""Exposures that each good must have on average: with fewer the test says nothing (Cochran 1954)."""
RARE = 0.01
"""A p-value below which chance alone hardly explains the differences."""


class Evenness(StrEnum):
    """What the test says."""

    EVEN = "even"
    UNEVEN = "uneven"
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True)
class ExposureBalance:
    """The exposures of goods that were on display for the same time.

    `chi_square` has `degrees` degrees of freedom. `p_value` is the probability that goods which are all shown with the
    same chance differ at least so much. For fewer than two goods, or without an exposure, they are 0, 0 and 1.
    """

    goods: int
    total: int
    most: int
    least: int
    chi_square: float
    degrees: int
    p_value: float

    @property
    def evenness(self) -> Evenness:
        """What the test says."""
        if self.degrees < 1 or self.total < LEAST_EXPECTED * self.goods:
            return Evenness.TOO_FEW
        return Evenness.EVEN if self.p_value >= RARE else Evenness.UNEVEN


def exposure_balance(exposures: Sequence[int]) -> ExposureBalance:
    """The balance of these exposures, one number for each good."""
    goods, total = len(exposures), sum(exposures)
    most, least = max(exposures, default=0), min(exposures, default=0)
    if goods < 2 or not total:
        return ExposureBalance(goods, total, most, least, 0.0, 0, 1.0)
    expected = total / goods
    chi_square = fsum((number - expected) ** 2 for number in exposures) / expected
    return ExposureBalance(goods, total, most, least, chi_square, goods - 1, upper_tail(chi_square, goods - 1))


def upper_tail(chi_square: float, degrees: int) -> float:
    """The probability of at least this value of chi-square with so many degrees of freedom, 0 to 1.

    A sum for whole degrees (Abramowitz & Stegun 26.4.4 and 26.4.5); its terms are exponentials, so none overflows.
    """
    half = chi_square / 2
    if half <= 0:
        return 1.0
    first = 0.5 if degrees % 2 else 0.0
    terms = (first + step for step in range(int(degrees / 2 - first)))
    tail = fsum(exp(power * log(half) - half - lgamma(power + 1)) for power in terms)
    return min(1.0, tail + (erfc(sqrt(half)) if degrees % 2 else 0.0))

"""The discount of a good: whole percent, rounded down (R11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.goods import percent_off


@pytest.mark.parametrize(
    ("original", "expected", "percent"),
    [
        (100_00, 100_00, 0),
        (100_00, 99_50, 0),
        (100_00, 99_01, 0),
        (100_00, 99_00, 1),
        (100_00, 50_00, 50),
        (1299_00, 899_50, 30),
        (100_00, 30, 99),
        (100_00, 1, 99),
        (3_00, 1_00, 66),
        (100_00, 0, 99),
        (100_00, 200_00, 0),
        (0, 0, 0),
    ],
)
def test_r11_a_discount_is_whole_percent_rounded_down(original: int, expected: int, percent: int) -> None:
    assert percent_off(original, expected) == percent


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_r11_a_discount_promises_no_more_than_there_is(original: int, expected: int) -> None:
    percent = percent_off(original, min(original, expected))
    assert 0 <= percent <= 99
    assert percent * original <= (original - min(original, expected)) * 100

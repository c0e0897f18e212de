"""R11: heat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.goods import MAX_HEAT, heat


@pytest.mark.parametrize(
    ("votes", "shown", "flames"),
    [
        (0, 0, 0),
        (0, 10_000, 0),
        (1, 1, 1),  # a single voter among one makes nothing hot
        (3, 3, 2),
        (3, 20, 2),
        (10, 10, 4),
        (1, 100, 0),
        (10, 100, 2),
        (20, 100, 3),
        (50, 100, 5),
        (300, 1_000, 4),
        (400, 1_000, 5),
        (50, 0, 5),  # all by canvass links
    ],
)
def test_r11_heat(votes: int, shown: int, flames: int) -> None:
    assert heat(votes, shown) == flames


counts = st.integers(0, 10**9)


@given(counts, counts, st.integers(0, 1_000))
def test_r11_votes_warm_and_exposures_cool(votes: int, shown: int, more: int) -> None:
    assert 0 <= heat(votes, shown) <= heat(votes + more, shown) <= MAX_HEAT
    assert heat(votes, shown + more) <= heat(votes, shown)


@pytest.mark.parametrize("counted", [(-1, 0), (0, -1)])
def test_negative_counts_are_refused(counted: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        heat(*counted)

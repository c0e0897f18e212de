"""What counts for a link's owner, and the steps of a poster's count (R22)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.voting import earns_credit, next_milestone, step


@pytest.mark.parametrize(
    ("friend", "revoked", "on_display", "earns"),
    [
        (2, False, True, True),
        (1, False, True, False),
        (2, True, True, False),
        (2, False, False, False),
        (1, True, False, False),
        (2, True, False, False),
    ],
)
def test_r22_an_open_earns_credit_by_a_valid_link_of_another_member_on_display(
    friend: int, revoked: bool, on_display: bool, earns: bool
) -> None:
    assert earns_credit(1, friend, revoked=revoked, on_display=on_display) is earns


@pytest.mark.parametrize(("votes", "goal"), [(0, 1), (1, 5), (4, 5), (5, 10), (99, 100), (100, None), (5000, None)])
def test_r22_the_next_milestone(votes: int, goal: int | None) -> None:
    assert next_milestone(votes) == goal


@pytest.mark.parametrize(
    ("wants", "shown"),
    [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
        (9, 9),
        (10, 10),
        (19, 10),
        (20, 20),
        (99, 50),
        (100, 100),
        (12_345, 10_000),
    ],
)
def test_the_steps_of_a_posters_count(wants: int, shown: int) -> None:
    assert step(wants) == shown


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_step_is_never_more_than_the_truth_and_never_falls_behind_by_more_than_a_factor(a: int, b: int) -> None:
    assert step(a) <= a < 2.5 * step(a) or a == 0
    assert (step(a) <= step(b)) if a <= b else (step(a) >= step(b))


def test_from_nothing_to_a_million_a_poster_is_made_twenty_six_times() -> None:
    assert len({step(wants) for wants in range(1_000_001)}) == 26


def test_a_count_is_not_negative() -> None:
    with pytest.raises(ValueError):
        step(-1)

"""How often one person may ask for what costs much (R42)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits import ALLOWANCES, Act, Allowance, Limits
from tests.conftest import TUESDAY_TEN as NOW
from tests.conftest import examples

ANN, BEN = 1, 2
MINUTE = timedelta(minutes=1)
THREE = {Act.LINK: Allowance(3, 10 * MINUTE), Act.DRAW: Allowance(1, MINUTE)}


def take(limits: Limits, number: int, now: datetime, act: Act = Act.LINK) -> list[datetime | None]:
    return [limits.take(ANN, act, now) for _ in range(number)]


def test_r42_so_many_are_granted_at_once_and_the_refusal_says_when_it_works_again() -> None:
    limits = Limits(THREE)
    assert take(limits, 5, NOW) == [None, None, None, NOW + 10 * MINUTE, NOW + 10 * MINUTE]
    assert take(limits, 2, NOW + 10 * MINUTE) == [None, NOW + 20 * MINUTE], "as it was said"


def test_r42_after_a_pause_all_are_there_again() -> None:
    limits = Limits(THREE)
    take(limits, 9, NOW)
    assert take(limits, 4, NOW + 30 * MINUTE)[:3] == [None] * 3


def test_r42_people_and_acts_are_counted_apart() -> None:
    limits = Limits(THREE)
    take(limits, 9, NOW)
    assert limits.take(BEN, Act.LINK, NOW) is None
    assert limits.take(ANN, Act.DRAW, NOW) is None


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(days=400)])
def test_r42_a_clock_that_is_set_back_locks_no_one_out(back: timedelta) -> None:
    limits = Limits(THREE)
    take(limits, 3, NOW)
    again = limits.take(ANN, Act.LINK, NOW - back)
    assert again is not None and again <= NOW - back + 10 * MINUTE


def test_r42_memory_holds_only_who_asked_lately() -> None:
    limits = Limits(THREE)
    for person in range(5_000):
        limits.take(person, Act.LINK, NOW + person * MINUTE)
    assert len(limits) < 2_000


def test_r42_every_act_has_an_allowance() -> None:
    assert ALLOWANCES.keys() == set(Act)


@examples(100)
@given(st.lists(st.integers(0, 1_200), max_size=60), st.integers(1, 5), st.integers(1, 600))
def test_r42_no_span_has_more_than_what_is_there_at_once_and_what_came_meanwhile(
    gaps: list[int], at_once: int, every: int
) -> None:
    limits, now, granted = Limits({Act.LINK: Allowance(at_once, timedelta(seconds=every))}), NOW, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        again = limits.take(ANN, Act.LINK, now)
        if again is None:
            granted.append(now)
        else:
            assert now < again <= now + timedelta(seconds=every)
    for first, since in enumerate(granted):
        for last in range(first, len(granted)):
            span = (granted[last] - since).total_seconds()
            assert last - first + 1 <= at_once + span / every

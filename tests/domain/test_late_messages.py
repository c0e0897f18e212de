"""What is late if what expires first is sent first (R24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rate_limit import Demand, late

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def demand(messages: int, since: float, until: float) -> Demand:
    return Demand(messages, NOW + timedelta(seconds=since), NOW + timedelta(seconds=until))


@pytest.mark.parametrize(
    ("demands", "missed"),
    [
        ([], 0),
        ([(60, 0, 60)], 0),
        ([(60, 0, 59)], 1),
        ([(60, -100, 60)], 0),
        ([(1, 0, 0)], 1),
        ([(1, 0, -5)], 1),
        ([(3_000, 0, 86_400), (60, 60, 1_860)], 0),  # what can wait yields
        ([(60, 0, 100), (60, 50, 160)], 0),
        ([(60, 0, 100), (60, 50, 110)], 10),
        ([(60, 0, 110), (60, 50, 100)], 10),
        ([(60, 0, 1_000), (60, 100, 160), (60, 130, 190)], 30),
        ([(60, 0, 1_000), (30, 100, 130), (60, 130, 190)], 0),
    ],
)
def test_what_misses_its_deadline_is_counted_at_one_message_a_second(
    demands: list[tuple[int, float, float]], missed: int
) -> None:
    assert late((demand(*each) for each in demands), NOW, 1.0) == missed


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 30), st.integers(-5, 40))


@given(st.lists(SPANS, max_size=6))
def test_it_is_what_sending_one_after_the_other_by_deadline_leaves(spans: list[tuple[int, int, int]]) -> None:
    left = [[messages, since, until] for messages, since, until in spans]
    missed = 0
    for second in range(80):
        for each in left:
            if each[2] <= second:
                missed, each[0] = missed + each[0], 0
        due = [each for each in left if each[0] and each[1] <= second]
        if due:
            min(due, key=lambda each: each[2])[0] -= 1
    assert late((demand(*span) for span in spans), NOW, 1.0) == missed


def test_a_rate_is_in_messages_a_second() -> None:
    assert late([demand(60, 0, 2)], NOW, 25.0) == 10

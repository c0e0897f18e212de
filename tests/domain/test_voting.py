"""Taking back: what is refused, and for how long after the vote (R18)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.goods import ItemState
from domain.voting import Reason, is_double_tap, judge_taking_back
from tests.handlers.conftest import NOW, PURSE, item

TWO_SECONDS = timedelta(seconds=2)


@pytest.mark.parametrize(
    ("seconds", "double"), [(0, True), (0.12, True), (1.999, True), (2, False), (60, False), (-1, True), (-3600, False)]
)
def test_r18_a_tap_within_two_seconds_of_the_act_is_a_double_tap_also_where_clocks_differ(
    seconds: float, double: bool
) -> None:
    assert is_double_tap(NOW - timedelta(seconds=seconds), NOW, TWO_SECONDS) is double
    assert not is_double_tap(None, NOW, TWO_SECONDS)


def test_r18_a_double_tap_never_takes_a_vote_back() -> None:
    refused = judge_taking_back(item(), NOW, NOW + timedelta(seconds=1), TWO_SECONDS, PURSE)
    assert refused is not None and refused.reason is Reason.JUST_VOTED
    assert judge_taking_back(item(), NOW, NOW + TWO_SECONDS, TWO_SECONDS, PURSE) is None


def test_r18_why_no_vote_can_be_taken_back_comes_before_how_soon_it_is() -> None:
    none = judge_taking_back(item(), None, NOW, TWO_SECONDS, PURSE)
    assert none is not None and none.reason is Reason.NOT_VOTED
    over = judge_taking_back(item(state=ItemState.DISPLAYED), NOW, NOW, TWO_SECONDS, PURSE)
    assert over is not None and over.reason is Reason.VOTE_COUNTS


def test_r18_a_day_has_so_many_changes_of_mind() -> None:
    used, left = PURSE._replace(taken_back=20), PURSE._replace(taken_back=19)
    long_ago = NOW - timedelta(hours=1)
    refused = judge_taking_back(item(), long_ago, NOW, TWO_SECONDS, used)
    assert refused is not None and refused.reason is Reason.CHANGES_LIMIT
    assert judge_taking_back(item(), long_ago, NOW, TWO_SECONDS, left) is None
    over = judge_taking_back(item(state=ItemState.DISPLAYED), long_ago, NOW, TWO_SECONDS, used)
    assert over is not None and over.reason is Reason.VOTE_COUNTS, "what no day changes comes first"

"""Verdicts about votes, and what they do to an item's tally (R28, decision 12)."""

from __future__ import annotations

import pytest

from domain.brushing.verdicts import MAY_BECOME, TallyChange, Verdict, VoteTally, came_from, tally_change

C, S, V = Verdict.COUNTED, Verdict.SET_ASIDE, Verdict.VOID


@pytest.mark.parametrize(
    ("old", "new", "public", "set_aside", "withheld"),
    [(C, S, 0, 3, 3), (S, C, 0, -3, -3), (S, V, 0, -3, 0), (V, C, 0, 0, -3)],
)
def test_r28_while_the_round_is_open_no_verdict_moves_the_public_count(
    old: Verdict, new: Verdict, public: int, set_aside: int, withheld: int
) -> None:
    assert tally_change(old, new, 3, round_is_open=True) == TallyChange(public, set_aside, withheld)


@pytest.mark.parametrize(
    ("old", "new", "public", "set_aside"), [(C, S, -3, 3), (S, C, 3, -3), (S, V, 0, -3), (V, C, 3, 0)]
)
def test_r28_after_the_round_the_public_count_follows_each_verdict(
    old: Verdict, new: Verdict, public: int, set_aside: int
) -> None:
    assert tally_change(old, new, 3, round_is_open=False) == TallyChange(public, set_aside, 0)


def test_r28_a_vote_is_set_aside_before_it_is_void_and_counts_again_from_both() -> None:
    assert came_from(V) == {S} and came_from(S) == {C} and came_from(C) == {S, V}
    assert all(verdict not in MAY_BECOME[verdict] for verdict in Verdict)


def test_r28_what_counts_is_the_public_count_without_what_is_withheld() -> None:
    assert VoteTally(public=10, set_aside=3, withheld=4).counted == 6

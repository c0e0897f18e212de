"""When refusals in a row pause a campaign (R26)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from domain.call_outcomes import CallOutcome
from domain.campaigns import EQUAL_REFUSALS, UNREACHABLE_IN_A_ROW, RefusalRun


def pauses_at(outcome: CallOutcome, recipients: Iterable[int], words: str = "no", *, same_for_all: bool = True) -> int:
    """The place in a row of refusals at which the campaign pauses; 0 for never."""
    run = RefusalRun()
    verdicts = [run.add(outcome, words, each, same_for_all=same_for_all) for each in recipients]
    return verdicts.index(True) + 1 if True in verdicts else 0


@pytest.mark.parametrize("outcome", [outcome for outcome in CallOutcome if outcome.concerns_content])
def test_r26_a_refused_content_pauses_at_once(outcome: CallOutcome) -> None:
    assert pauses_at(outcome, [7]) == 1
    assert pauses_at(outcome, range(9), same_for_all=False) == EQUAL_REFUSALS, "one item of many is no campaign"


def test_r26_unknown_words_pause_after_five_different_recipients() -> None:
    assert pauses_at(CallOutcome.REFUSED, range(9)) == EQUAL_REFUSALS
    assert pauses_at(CallOutcome.REFUSED, [1, 2, 1, 2, 1, 2, 1, 2]) == 0, "two people, however often they are tried"


def test_r26_other_words_are_another_row() -> None:
    run = RefusalRun()
    for number in range(EQUAL_REFUSALS - 1):
        assert not run.add(CallOutcome.REFUSED, "no", number, same_for_all=True)
    assert not run.add(CallOutcome.REFUSED, "never", 100, same_for_all=True)
    assert not run.add(CallOutcome.REFUSED, "no", 101, same_for_all=True)


@pytest.mark.parametrize("outcome", [CallOutcome.UNREACHABLE, CallOutcome.BLOCKED])
def test_r26_unlucky_people_pause_nothing_but_fifty_in_a_row_do(outcome: CallOutcome) -> None:
    assert pauses_at(outcome, range(UNREACHABLE_IN_A_ROW - 1)) == 0
    assert pauses_at(outcome, range(UNREACHABLE_IN_A_ROW)) == UNREACHABLE_IN_A_ROW

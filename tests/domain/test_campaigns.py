"""Campaigns: why a notification was not sent, and when a campaign ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.call_outcomes import CallOutcome
from domain.campaigns import UnsentReason, estimated_end, unsent_reason
from tests.conftest import TUESDAY_TEN


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        *((reason.value, reason) for reason in UnsentReason),
        (CallOutcome.BLOCKED, UnsentReason.BLOCKED),
        (CallOutcome.UNREACHABLE, UnsentReason.UNREACHABLE),
        (CallOutcome.NO_RIGHTS, UnsentReason.NOT_NEEDED),
        ("a code of a later version", UnsentReason.NOT_NEEDED),
        (None, UnsentReason.NOT_NEEDED),
    ],
)
def test_a_stored_code_is_shown_as_one_of_few_reasons(code: str | None, shown: UnsentReason) -> None:
    assert unsent_reason(code) is shown


def test_the_end_is_estimated_from_when_sending_may_begin() -> None:
    morning = TUESDAY_TEN + timedelta(hours=22)
    assert estimated_end(TUESDAY_TEN, None, 0, 25) is None
    assert estimated_end(TUESDAY_TEN, None, 250, 25) == TUESDAY_TEN + timedelta(seconds=10)
    assert estimated_end(TUESDAY_TEN, morning, 250, 25) == morning + timedelta(seconds=10)

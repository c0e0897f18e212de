"""Campaigns: why a notification was not sent, and when a campaign ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.campaigns import UnsentReason, estimated_end, why_unsent
from tests.conftest import TUESDAY_TEN


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("blocked", UnsentReason.BLOCKED),
        ("TelegramForbiddenError: Telegram server says - Forbidden: bot was blocked by the user", UnsentReason.BLOCKED),
        ("TelegramBadRequest: Telegram server says - Bad Request: chat not found", UnsentReason.UNREACHABLE),
        ("unreachable", UnsentReason.UNREACHABLE),
        ("the member left", UnsentReason.UNREACHABLE),
        ("carousels are off", UnsentReason.TURNED_OFF),
        ("the time was changed", UnsentReason.NOT_NEEDED),
        (None, UnsentReason.NOT_NEEDED),
    ],
)
def test_reasons_in_a_word(reason: str | None, said: UnsentReason) -> None:
    assert why_unsent(reason) is said


def test_the_end_is_estimated_from_when_sending_may_begin() -> None:
    morning = TUESDAY_TEN + timedelta(hours=22)
    assert estimated_end(TUESDAY_TEN, None, 0, 25) is None
    assert estimated_end(TUESDAY_TEN, None, 250, 25) == TUESDAY_TEN + timedelta(seconds=10)
    assert estimated_end(TUESDAY_TEN, morning, 250, 25) == morning + timedelta(seconds=10)

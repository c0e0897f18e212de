"""Alerts outlive a moment in which the machine's clock is weeks ahead (R26)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from datetime import timedelta

import pytest

from services.clock import LeapGuard
from tests.bot.delivery.sender_kit import Make, make_kit


async def test_r26_no_alert_expires_by_a_clock_that_has_just_leapt_ahead(
    make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = await make_kit(3)
    await kit.alerts()
    began = kit.clock.monotonic()

    async def a_second_has_passed() -> bool:
        return kit.clock.monotonic() > began + 1

    with monkeypatch.context() as patch:
        patch.setattr(LeapGuard, "doubtful", lambda guard: True)
        kit.jump(weeks=3)
        async with kit.at_work():
            await kit.until(a_second_has_passed)
        assert await kit.states("group-%") == {"pending": 3}
    kit.jump(weeks=-3)
    await kit.deliver()
    assert await kit.states("group-%") == {"sent": 3}

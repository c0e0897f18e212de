"""Somebody writes faster than Telegram lets the bot answer: that is theirs alone (R19)."""

from __future__ import annotations

import asyncio

import pytest

from tests.journeys.conftest import Town


@pytest.mark.parametrize("written", ["a forwarded message", "/help"])
async def test_hundreds_of_messages_of_one_user_do_not_delay_other_users(town: Town, written: str) -> None:
    """Telegram gives a hundred updates from the oldest on that is not done: a tap behind them is not even seen."""
    ann, ben = await town.person("Ann"), await town.person("Ben", yuan="100.00")
    await town.stock(1)
    await ben.says("/goods")
    await ben.sees("1/1")
    town.box.set_limits(enabled=True)
    for _ in range(300):
        await ann.says(written)
    await asyncio.wait_for(ben.taps("🙋", limit=60), 60)  # to answer them all takes five minutes
    assert await town.services.failed_updates.count() == 0
    town.box.set_limits(enabled=False)
    await ann.says("/goods")
    assert (await ann.sees("1/1", limit=60)).has_photo, "and she is answered again"

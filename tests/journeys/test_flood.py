"""A user who writes faster than the bot may answer delays no other user (R19)."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Town


@pytest.mark.parametrize("written", ["a forwarded message", "/help"])
async def test_hundreds_of_messages_of_one_user_do_not_delay_other_users(town: Town, written: str) -> None:
    """`getUpdates` returns the oldest hundred unconfirmed updates: a tap behind 300 messages is not among them."""
    ann, ben = await town.person("Ann"), await town.person("Ben", yuan="100.00")
    await town.stock(1)
    await ben.says("/goods")
    await ben.sees("1/1")
    town.box.set_limits(enabled=True)
    for _ in range(300):
        await ann.says(written)
    before = len(ann.messages())
    await ben.taps("🙋")
    assert len(ann.messages()) - before < 100, "otherwise 200 answers come first, and they take minutes"
    assert await town.services.failed_updates.count() == 0
    town.box.set_limits(enabled=False)
    await ann.says("/goods")
    assert (await ann.sees("1/1")).has_photo, "the user is answered again"

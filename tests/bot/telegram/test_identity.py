"""The bot's name while BotFather changes it (Bot API, getMe)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiogram.exceptions import AiogramError

from bot.telegram.identity import KNOWN_FOR, KnownBot
from bot.telegram.session import make_bot
from sandbox import Sandbox
from tests.conftest import TUESDAY_TEN
from tests.virtual_clock import VirtualClock

TOKEN = "123456:a-token-for-tests-of-names"


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(any_token=False, limits=False) as box:
        box.add_bot(TOKEN, "old_bot", "Bot")
        yield box


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(TUESDAY_TEN)


@pytest.fixture
async def bot(box: Sandbox, clock: VirtualClock) -> AsyncIterator[KnownBot]:
    bot = make_bot(TOKEN, box.url, clock=clock)
    yield bot
    await bot.session.close()


def rename(box: Sandbox) -> None:
    [account] = box.world.state.bots.values()
    account.username = "new_bot"


def asked(box: Sandbox) -> int:
    """How often the Bot API was asked who the bot is."""
    return sum(call["method"].lower() == "getme" for call in box.backend.call_log.since(0))


async def test_the_name_is_asked_for_once_a_minute(box: Sandbox, bot: KnownBot, clock: VirtualClock) -> None:
    assert [(await bot.me()).username for _ in range(5)] == ["old_bot"] * 5
    assert asked(box) == 1
    rename(box)
    clock.jump(KNOWN_FOR)
    assert [(await bot.me()).username for _ in range(5)] == ["new_bot"] * 5
    assert asked(box) == 2


async def test_a_clock_that_is_set_back_does_not_keep_an_old_name(
    box: Sandbox, bot: KnownBot, clock: VirtualClock
) -> None:
    await bot.me()
    rename(box)
    clock.jump(timedelta(days=-1))
    assert (await bot.me()).username == "new_bot"


async def test_another_name_on_a_tapped_message_makes_it_ask_at_once(box: Sandbox, bot: KnownBot) -> None:
    await bot.me()
    bot.seen_as("old_bot")
    await bot.me()
    assert asked(box) == 1
    rename(box)
    bot.seen_as("new_bot")
    assert (await bot.me()).username == "new_bot" and asked(box) == 2


async def test_while_the_bot_api_does_not_answer_the_last_name_is_used(
    box: Sandbox, bot: KnownBot, clock: VirtualClock
) -> None:
    await bot.me()
    box.backend.faults.add({"kind": "500", "method": "getMe"})
    clock.jump(KNOWN_FOR)
    assert (await bot.me()).username == "old_bot"
    assert (await bot.me()).username == "old_bot"


async def test_a_bot_that_was_never_known_says_so(box: Sandbox, bot: KnownBot) -> None:
    box.backend.faults.add({"kind": "500", "method": "getMe"})
    with pytest.raises(AiogramError):
        await bot.me()

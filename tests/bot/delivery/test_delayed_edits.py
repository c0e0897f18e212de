"""Edits that Telegram refuses for now are made later, the newest one of each message (R19)."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import EditMessageText

from bot.delivery.card_updater import DelayedEdits
from bot.telegram.errors import classify
from handlers.callbacks import Tap
from handlers.messenger import Messenger
from handlers.screen import Screen
from services.pictures.uploads import Pictures
from tests.virtual_clock import VirtualClock

TAP = Tap("1", 7, "", 7, 30, photo=False)


class BotApi:
    """Accepts edits but for those that are refused, and records the accepted texts."""

    def __init__(self) -> None:
        self.refusals = 0
        self.shown: list[str] = []

    async def call(self, name: str, payload: dict[str, Any], seconds: float | None = None) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise TelegramRetryAfter(EditMessageText(text="…"), "Too Many Requests: retry after 3", 3)
        self.shown.append(payload["text"])


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def api() -> BotApi:
    return BotApi()


@pytest.fixture
def messenger(api: BotApi, clock: VirtualClock) -> Messenger:
    unused = cast(Any, None)
    return Messenger(cast(Bot, unused), cast(Pictures, unused), api.call, classify, clock)


async def test_the_newest_screen_follows_as_soon_as_telegram_allows(
    messenger: Messenger, api: BotApi, clock: VirtualClock
) -> None:
    worker = DelayedEdits(clock, messenger)
    running = asyncio.create_task(worker.run())
    api.refusals = 1
    assert not await messenger.edit(TAP, Screen("first"))
    assert not await messenger.edit(TAP, Screen("second"))
    await clock.advance(2.9)
    assert api.shown == []
    await clock.advance(1)
    assert api.shown == ["second"]
    assert await messenger.edit(TAP, Screen("third"))
    worker.stop()
    await running


async def test_an_edit_that_is_refused_again_is_delayed_again(
    messenger: Messenger, api: BotApi, clock: VirtualClock
) -> None:
    worker = DelayedEdits(clock, messenger)
    running = asyncio.create_task(worker.run())
    api.refusals = 2
    assert not await messenger.edit(TAP, Screen("first"))
    await clock.advance(4)
    assert api.shown == []
    await clock.advance(4)
    assert api.shown == ["first"]
    worker.stop()
    await running


async def test_a_chat_gets_the_hint_once_a_second(messenger: Messenger, clock: VirtualClock) -> None:
    assert messenger.may_hint(7) and messenger.may_hint(8)
    await clock.advance(0.9)
    assert not messenger.may_hint(7)
    await clock.advance(0.2)
    assert messenger.may_hint(7)

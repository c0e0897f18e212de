"""A town for journeys: the local chat, the bot behind it over real HTTP, and its users."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot import demo
from bot.app import started
from bot.services import Services
from bot.wiring import BotComponents
from sandbox import Sandbox
from sandbox.state.model import Chat
from sandbox.testing import Kit, TestUser
from services.clock import SystemClock
from tests.conftest import DEMO_TOKEN, ORGANISER, TUESDAY_TEN, import_goods, settings_for, spend
from tests.waiting import GUARD, until

HURRY = 10
"""How many seconds of pauses and rates pass in a second of the machine."""
DOUBLE_TAP = 60.0
"""Seconds in which a second tap undoes nothing: the longest setting, because here the local chat's clock runs with the
machine's, and a slow machine must not let them pass between two taps."""


@dataclass
class Town:
    """Everything that a journey touches."""

    box: Sandbox
    kit: Kit
    services: Services
    running: BotComponents
    folder: Path

    async def person(self, name: str = "Ann", language: str = "en", yuan: str = "", id: int | None = None) -> TestUser:
        """A new user of the local chat, with ballots for the amount spent."""
        user = await self.kit.person(name, language_code=language, **({"id": id} if id else {}))
        if yuan:
            await spend(self.services, user.id, yuan)
        return user

    async def organiser(self) -> TestUser:
        """The organiser, who speaks English here."""
        return await self.person("Olga", id=ORGANISER)

    async def hand_in_goods(self, number: int = 40, prefix: str = "g") -> None:
        """Hand in goods that wait for the next round."""
        await import_goods(self.services, self.folder / prefix, number, prefix)

    async def stock(self, number: int = 40, prefix: str = "g") -> None:
        """Put goods on display by a special round."""
        await self.hand_in_goods(number, prefix)
        assert await self.services.rounds.open_special()

    def pass_time(self, **span: float) -> None:
        """Advance the clock of the local chat."""
        self.box.clock.advance(timedelta(**span))

    async def idle(self) -> None:
        """Wait until the bot has processed its updates, ticked, queued what is due, and sent it."""
        await until(lambda: not self.kit.bot.updates)
        for part in (self.services.rounds, self.services.groups):
            await part.tick()
        await self.services.campaigns.queue_due()
        await self.services.campaigns.tick()
        await until(self._nothing_is_due)

    async def _nothing_is_due(self) -> bool:
        states = await self.services.outbox.states()
        on_the_way = states.get("claimed", 0) + states.get("inflight", 0)
        return not on_the_way and not await self.services.outbox.oldest_due()

    async def shows_nothing_new(self, person: TestUser, chat: Chat | None = None) -> None:
        """Let the bot do everything that is due. No message of a person's chat may appear or change meanwhile."""
        feed, key = self.box.world.feed, person.chat(chat).key
        seen = feed.rev
        await self.idle()
        news = [event for event in feed.since(seen) or () if event.type in ("message", "edit")]
        assert not [event.payload for event in news if event.payload["chat"] == key]


class HurriedClock(SystemClock):
    """A clock whose pauses and rates pass faster; its wall time is the local chat's, which a journey moves."""

    def monotonic(self) -> float:  # type: ignore[override]
        return time.monotonic() * HURRY

    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        await asyncio.sleep(seconds / HURRY)


@contextlib.asynccontextmanager
async def a_town(folder: Path, **changes: object) -> AsyncIterator[Town]:
    """A town whose bot keeps its files in this folder, with these settings changed."""
    box = Sandbox(any_token=False, limits=False)
    await box.start()
    box.clock.move_to(TUESDAY_TEN)
    bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "I want to group")
    settings = settings_for(folder, **{"send_rate": 200, "double_tap_seconds": DOUBLE_TAP, **changes})
    async with started(settings, DEMO_TOKEN, box.url, HurriedClock(box.clock.now), every=0.2) as (running, services):
        yield Town(box, Kit(box, bot, limit=GUARD), services, running, folder / "goods")
    await box.stop()


@pytest.fixture
async def town(tmp_path: Path, migrated: Path) -> AsyncIterator[Town]:
    shutil.copy(migrated, tmp_path / "bot.db")
    async with a_town(tmp_path) as made:
        yield made

"""The bot is stopped repeatedly while people vote: it finishes the updates under way and repeats none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.campaigns.inbound import Bots, Crowd, by_webhook, crowd_of, free_port, loaded
from tests.campaigns.size import sized

pytestmark = pytest.mark.long
AT_ONCE = 12


@pytest.fixture
async def bots(tmp_path: Path) -> AsyncIterator[Bots]:
    async with loaded(tmp_path) as bots:
        yield bots


async def stopped(bots: Bots, crowd: Crowd, settings: dict[str, object], stops: int, bug: str | None = None) -> None:
    """Stop the bot repeatedly while people vote, then let it finish."""
    voting = asyncio.create_task(crowd.vote_all(AT_ONCE))
    offset = crowd.box.clock.offset
    number = await bots.start(settings, offset, bug)
    for _ in range(stops):
        # From the first answer on, a bot has updates under way.
        assert await crowd.heard(crowd.outcomes + crowd.chance.randint(1, 8), voting), "there are too few people"
        assert await bots.stop(number) == 0, bots.log[-2000:]
        number = await bots.start(settings, offset, bug)
    await crowd.heard(2**31, voting)
    await bots.kill(number)
    voting.cancel()
    await asyncio.wait({voting})


@pytest.mark.parametrize(
    ("updates", "stops"), [("polling", sized(small=12, full=70)), ("webhook", sized(small=8, full=30))]
)
async def test_a_stop_finishes_the_updates_under_way_and_repeats_none(
    updates: str, stops: int, bots: Bots, tmp_path: Path
) -> None:
    async with crowd_of(stops * 5, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path) as (crowd, settings):
        settings = by_webhook(settings, free_port()) if updates == "webhook" else settings
        await stopped(bots, crowd, settings, stops)
        assert not crowd.unanswered and not crowd.wrong
        assert not crowd.refused_answers, "no tap was answered a second time"
        await crowd.check()
        assert " ERROR " not in bots.log and " CRITICAL " not in bots.log


async def test_a_stop_that_loses_confirmed_updates_is_seen(bots: Bots, tmp_path: Path) -> None:
    async with crowd_of(100, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path) as (crowd, settings):
        await stopped(bots, crowd, settings, 20, "does not say what is done")
        assert crowd.refused_answers, "what was handled came again, and was answered again"

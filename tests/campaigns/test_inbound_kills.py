"""The bot is killed repeatedly while people vote: no tap is lost, and none counts twice (R15, R16, R19)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests import postgres
from tests.campaigns.inbound import (
    SOON_SILENT,
    Bots,
    Crowd,
    by_webhook,
    crowd_of,
    free_port,
    loaded,
    moments,
)
from tests.campaigns.size import sized

pytestmark = pytest.mark.long
MANY, FEW = sized(small=(120, 16), full=(1_000, 200)), sized(small=(60, 8), full=(200, 40))
"""The number of people, and of kills while they vote."""
MOST_KILLS = 60
"""The most kills after which a planted bug must have been seen."""
AT_ONCE = 120
TAPS_EACH = 7.4
"""Taps of one person: five votes, a repeated one, a sixth, and on average some quick second taps."""


@pytest.fixture
async def bots(tmp_path: Path) -> AsyncIterator[Bots]:
    async with loaded(tmp_path) as bots:
        yield bots


async def address(kind: str, tmp_path: Path, server: URL) -> str:
    """An empty database of this kind."""
    if kind == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    return postgres.address(await postgres.new_database(server))


async def killed(
    bots: Bots,
    crowd: Crowd,
    settings: dict[str, object],
    kills: int,
    bug: str | None = None,
    seen: Callable[[], bool] = lambda: False,
) -> None:
    """Kill the bot repeatedly while people vote, or until a planted bug is seen; then let it finish."""
    voting = asyncio.create_task(crowd.vote_all(AT_ONCE))
    offset = crowd.box.clock.offset
    number = await bots.start(settings, offset, bug)
    try:
        for moment in moments(crowd.chance, kills, int(len(crowd.people) * TAPS_EACH)):
            if not await crowd.heard(moment, voting):
                break  # taps were lost, and people wait for their results
            await asyncio.sleep(crowd.chance.random() * 0.02)  # a random moment between two answers
            await bots.kill(number)
            number = await bots.start(settings, offset, bug)
            if seen():
                break
        else:
            await crowd.heard(2**31, voting)
    finally:
        await bots.kill(number)
        if not voting.done():
            voting.cancel()
        await asyncio.wait({voting})


@pytest.mark.parametrize(
    ("kind", "updates", "people", "kills"),
    [
        ("sqlite", "polling", *MANY),
        ("postgresql", "webhook", *MANY),
        ("sqlite", "webhook", *FEW),
        ("postgresql", "polling", *FEW),
    ],
)
async def test_r19_no_kill_loses_a_vote_or_counts_one_twice(
    kind: str, updates: str, people: int, kills: int, bots: Bots, tmp_path: Path, server: URL
) -> None:
    url = await address(kind, tmp_path, server)
    async with crowd_of(people, url, tmp_path) as (crowd, settings):
        await killed(bots, crowd, by_webhook(settings, free_port()) if updates == "webhook" else settings, kills)
        assert not crowd.unanswered, "every tap is answered after the restart"
        assert not crowd.wrong
        await crowd.check()


@pytest.mark.parametrize("updates", ["polling", "webhook"])
async def test_a_bot_that_confirms_before_the_commit_is_seen(updates: str, bots: Bots, tmp_path: Path) -> None:
    async with crowd_of(60, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path) as (crowd, settings):
        settings = by_webhook(settings, free_port()) if updates == "webhook" else settings
        crowd.silence = SOON_SILENT
        await killed(bots, crowd, settings, 15, "confirms before the commit")
        assert crowd.unanswered, "taps in hand were lost, and this is how it shows"


async def test_a_bot_that_knows_no_repeats_is_seen(bots: Bots, tmp_path: Path) -> None:
    async with crowd_of(200, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path) as (crowd, settings):
        await killed(bots, crowd, settings, MOST_KILLS, "knows no repeats", lambda: bool(crowd.wrong))
        assert crowd.wrong, "somebody's first tap was answered with: you voted already"

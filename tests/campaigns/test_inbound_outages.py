"""The database is unavailable for a while, or the disk is full: no acknowledged vote is lost, and each tap is answered.

At full size an outage lasts a minute, as long as a slow restart of a database. An outage ends only after the bot has
noticed it: on a busy machine it takes longer, and is not missed.
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests import postgres
from tests.campaigns.inbound import LATER, SOON_SILENT, Bots, Crowd, by_webhook, crowd_of, free_port, loaded
from tests.campaigns.size import sized
from tests.services.conftest import one

pytestmark = pytest.mark.long
AWAY = sized(small=10.0, full=60.0)
FULL_FOR = sized(small=5.0, full=20.0)
"""The least duration of an outage, in seconds."""
NOTICED_WITHIN = 180.0
"""Seconds within which a bot must have noticed an outage."""
LOGGED = "the database is unavailable, updates wait for it"
Away = Callable[[int], AbstractContextManager[None]]
PEOPLE = 60


@pytest.fixture
async def bots(tmp_path: Path) -> AsyncIterator[Bots]:
    async with loaded(tmp_path) as bots:
        yield bots


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program holds the SQLite file."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def full(number: int) -> Iterator[None]:
    """This process can write no byte to any file."""
    _, most = resource.prlimit(number, resource.RLIMIT_FSIZE)
    resource.prlimit(number, resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.prlimit(number, resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def stopped(server: postgres.Server) -> Iterator[None]:
    """PostgreSQL is stopped."""
    server.stop()
    try:
        yield
    finally:
        server.start()


async def through(
    bots: Bots,
    crowd: Crowd,
    settings: dict[str, Any],
    away: Away,
    noticed: Callable[[list[str]], bool],
    *,
    seconds: float = 0.0,
    bug: str | None = None,
) -> list[str]:
    """Let people vote while the database is unavailable, for `seconds` and until the bot has `noticed` it.

    Returns the texts that people received during the outage. `noticed` gets them, too.
    """
    number = await bots.start(settings, crowd.box.clock.offset, bug)
    voting = asyncio.create_task(crowd.vote_all(PEOPLE))
    assert await crowd.heard(PEOPLE, voting)
    with away(number):
        before = {query for query, tap in crowd.taps.items() if tap.answer}
        port = settings["web_port"]
        if port:
            await ready_is(port, 503)

        def meanwhile() -> list[str]:
            return [tap.answer for query, tap in crowd.taps.items() if tap.answer and query not in before]

        await asyncio.sleep(seconds)
        async with asyncio.timeout(NOTICED_WITHIN):
            while not noticed(meanwhile()):
                await crowd.box.world.feed.wait(0.1)
        told = meanwhile()
    await crowd.heard(2**31, voting)
    if port:
        await ready_is(port, 200)
    await bots.kill(number)
    voting.cancel()
    await asyncio.wait({voting})
    return told


async def ready_is(port: int, status: int) -> None:
    """Wait until `/readyz` answers with this status."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(NOTICED_WITHIN):
        while True:
            async with http.get(f"http://127.0.0.1:{port}/readyz") as response:
                if response.status == status:
                    return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("updates", ["polling", "webhook"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_r19_a_database_that_is_away_for_a_while_loses_nothing(
    kind: str, updates: str, bots: Bots, tmp_path: Path
) -> None:
    def noticed(told: list[str]) -> bool:
        # Not all of them: a second tap waits for its person's first one, and some people had no tap under way.
        return LOGGED in bots.log and sum(LATER in said for said in told) >= PEOPLE / 2

    async def judge(url: str, away: Away) -> None:
        async with crowd_of(PEOPLE, url, tmp_path) as (crowd, settings):
            settings = by_webhook(settings, free_port()) if updates == "webhook" else settings
            told = await through(bots, crowd, settings, away, noticed, seconds=AWAY)
            assert sum(LATER in said for said in told) >= PEOPLE / 2, "whoever's tap waits is told so in time"
            assert not crowd.unanswered
            await crowd.check()

    if kind == "sqlite":
        await judge(f"sqlite+aiosqlite:///{tmp_path}/bot.db", lambda _: locked(tmp_path / "bot.db"))
    else:
        with postgres.own_server(careful=True) as server:
            await judge(postgres.address(await postgres.new_database(server.url)), lambda _: stopped(server))


async def test_a_bot_that_gives_up_at_once_is_seen(bots: Bots, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with crowd_of(20, url, tmp_path) as (crowd, settings):
        # A tap may wait for twice the busy timeout of the file: first for a tick that waits as well, then by itself.
        locked_file, crowd.silence = tmp_path / "bot.db", SOON_SILENT
        await through(
            bots, crowd, settings, lambda _: locked(locked_file), lambda _: LOGGED in bots.log, bug="gives up at once"
        )
        assert crowd.unanswered or await one(crowd.services.context.db, "SELECT count(*) FROM votes") < 20 * 5


async def test_a_full_disk_loses_nothing(bots: Bots, tmp_path: Path) -> None:
    async with crowd_of(PEOPLE, f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path) as (crowd, settings):
        # Nothing can be logged on a full disk. Only the answers show that the bot has noticed.
        told = await through(
            bots, crowd, settings, full, lambda told: any(LATER in said for said in told), seconds=FULL_FOR
        )
        assert any(LATER in said for said in told)
        assert not crowd.unanswered
        await crowd.check()

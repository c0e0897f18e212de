"""Two bots behind a balancer that alternates between them, and sends many updates to both (R15, R16, R19)."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy.engine import URL

from tests import postgres
from tests.campaigns.inbound import SECRET, Bots, by_webhook, crowd_of, free_port, loaded
from tests.campaigns.size import sized
from tests.waiting import until

pytestmark = pytest.mark.long
PEOPLE = sized(small=60, full=200)
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
async def bots(tmp_path: Path) -> AsyncIterator[Bots]:
    async with loaded(tmp_path) as bots:
        yield bots


class Balancer:
    """Sends updates to two webhooks alternately, and every third one to both at once, as after a lost answer."""

    def __init__(self, doors: list[int]) -> None:
        self._doors = itertools.cycle(doors)
        self._both = [f"http://127.0.0.1:{port}/telegram" for port in doors]
        self.taken: Counter[str] = Counter()
        self.twice = 0

    async def take(self, request: web.Request) -> web.Response:
        body, headers = await request.read(), {HEADER: request.headers[HEADER]}
        first = f"http://127.0.0.1:{next(self._doors)}/telegram"
        self.taken["all"] += 1
        if self.taken["all"] % 3 == 0:
            self.twice += 1
            statuses = await asyncio.gather(*(self._bring(door, body, headers) for door in self._both))
            return web.Response(status=max(statuses))
        return web.Response(status=await self._bring(first, body, headers))

    async def _bring(self, door: str, body: bytes, headers: dict[str, str]) -> int:
        self.taken[door] += 1
        try:
            async with self.http.post(door, data=body, headers=headers) as response:
                return response.status
        except aiohttp.ClientError:
            return 502

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        """Listen."""
        app = web.Application()
        app.router.add_post("/telegram", self.take)
        runner = web.AppRunner(app, access_log=None)
        async with aiohttp.ClientSession() as self.http:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            try:
                yield
            finally:
                await runner.cleanup()


async def test_r16_two_replicas_count_nothing_twice(bots: Bots, tmp_path: Path, server: URL) -> None:
    url = postgres.address(await postgres.new_database(server))
    async with crowd_of(PEOPLE, url, tmp_path) as (crowd, settings):
        outside, *inside = (free_port() for _ in range(3))
        balancer = Balancer(inside)
        offset = crowd.box.clock.offset
        async with balancer.open(outside):
            told = by_webhook(settings, outside)
            numbers = [await bots.start({**told, "web_port": port}, offset) for port in inside]
            voting = asyncio.create_task(crowd.vote_all(60))
            assert not await crowd.heard(2**31, voting), "everybody is through"
            assert not crowd.unanswered
            # Of two replicas that get the same update at once, one processes it and the other one sees a repeat.
            assert not crowd.wrong
            await crowd.check()
            assert balancer.twice > PEOPLE and all(number > PEOPLE for number in balancer.taken.values())
            for number in numbers:
                await bots.kill(number)
            await voting


async def _listens(port: int) -> bool:
    """Whether a replica accepts connections: the other one may have set the webhook long before."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def test_r15_two_taps_of_one_person_at_two_replicas_are_judged_one_after_the_other(
    bots: Bots, tmp_path: Path, server: URL
) -> None:
    """Telegram sends a person's updates one at a time, but a balancer may deliver two of them at once."""
    url = postgres.address(await postgres.new_database(server))
    async with crowd_of(40, url, tmp_path) as (crowd, settings), aiohttp.ClientSession() as http:
        ports = [free_port(), free_port()]
        told = by_webhook(settings, free_port())  # no server listens there: the test delivers all updates
        numbers = [await bots.start({**told, "web_port": port}, crowd.box.clock.offset) for port in ports]
        for port in ports:
            await until(partial(_listens, port))
        for person in crowd.people:
            cards = [item for who, item in crowd.cards if who == person.id]
            for item in cards:
                crowd.tap(person, item, "")
            bodies = [update.as_text().encode() for update in crowd.bot.updates]
            crowd.bot.updates.clear()
            calls = [
                http.post(f"http://127.0.0.1:{port}/telegram", data=body, headers={HEADER: SECRET})
                for body in bodies
                for port in ports
            ]
            assert {response.status for response in await asyncio.gather(*calls)} == {200}
        for number in numbers:
            await bots.kill(number)
        said = Counter("counts" in (tap.outcome or "") for tap in crowd.taps.values())
        assert said[True] == 40 * 5 and said[False] == 40, "of six taps at once five count, whichever"
        await crowd.check()

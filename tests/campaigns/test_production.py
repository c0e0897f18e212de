"""The production set-up of docs/operating.md and deploy/ on loopback: started, replaced, backed up and restored."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy.engine import URL

from bot.services import Services, make_services
from bot.settings import Settings
from sandbox import Sandbox
from sandbox.testing import Kit, TestUser
from services.clock import SystemClock, utc_now
from services.groups import Scheduled
from storage.db import Database
from tests import postgres
from tests.brokers import free_port, nats
from tests.campaigns.production import Replica, Stack, proxy, stack
from tests.conftest import ORGANISER, import_goods, settings_for
from tests.deployment import ROOT
from tests.services.conftest import ask, one, server

__all__ = ["server"]

TOKEN = "123456:AAbbCCddEEffGGhhIIjj"
PEOPLE = 12
VOTES = 5
LIMIT = 150.0
"""The longest wait, in seconds: six processes start at the same time on few processors."""
WHOLE = 600.0
"""Seconds for the whole test, which takes a minute on a quiet machine."""
DOCUMENTED = (ROOT / "docs" / "operating.md").read_text("utf-8")


@dataclass
class Town:
    """All running parts."""

    box: Sandbox
    kit: Kit
    stack: Stack
    db: Database
    services: Services
    url: str
    database: URL
    folder: Path

    def web(self) -> list[Replica]:
        """The two replicas that receive updates."""
        return self.stack.replicas["web-1"] + self.stack.replicas["web-2"]

    def logs(self) -> str:
        """The output of all processes."""
        return "\n".join(replica.said() for replica in self.stack.all())

    async def people(self, number: int, first: int) -> list[TestUser]:
        """People who see the goods."""
        found = [await self.kit.person(f"P{n}", id=first + n, language_code="en") for n in range(number)]
        for person in found:
            await person.says("/start")

        async def opens(person: TestUser) -> None:
            await person.taps("🎲", limit=LIMIT)
            await person.sees("1/28", limit=LIMIT)

        await asyncio.gather(*map(opens, found))
        return found

    def told(self) -> Counter[str]:
        """The number of messages that each person received."""
        sent = (message for chat in self.box.world.state.messages.values() for message in chat.values())
        return Counter(message.chat for message in sent if message.sender == self.kit.bot.id)

    async def quiet(self) -> None:
        """Wait until no update is queued at Telegram."""
        async with asyncio.timeout(LIMIT):
            while self.kit.bot.updates:
                await asyncio.sleep(0.05)


def documented(program: str) -> list[str]:
    """The arguments of a PostgreSQL tool as the guide states them."""
    found = re.search(rf"exec -T database {program} ([^<>`]*)[<>]", DOCUMENTED)
    assert found is not None, f"the guide says nothing of {program}"
    return shlex.split(found[1])


def tool(name: str, where: URL, stdin: bytes | None = None) -> bytes:
    """Run a PostgreSQL tool as the guide states it, with the address of the server added."""
    folder = postgres.programs()
    assert folder is not None
    place = {"PGHOST": str(where.host), "PGPORT": str(where.port), "PGPASSWORD": where.password or ""}
    command = [str(folder / name), *documented(name)]
    return subprocess.run(
        command, input=stdin, stdout=subprocess.PIPE, env={**os.environ, **place}, check=True, timeout=120
    ).stdout


@pytest.fixture
async def town(server: URL, tmp_path: Path) -> AsyncIterator[Town]:
    """The whole set-up, before the first process is started."""
    place = server.set(database="bot")
    await postgres.order(server, "DROP DATABASE IF EXISTS bot WITH (FORCE)")
    await postgres.order(server, "CREATE DATABASE bot TEMPLATE template0")
    port, box = free_port(), Sandbox(any_token=False, limits=False)
    await box.start()
    box.backend.webhooks.first_delay = 0.2
    bot = box.add_bot(TOKEN, "test_bot", "Test")
    env = {
        "BOT_TOKEN": TOKEN,
        "WEBHOOK_SECRET": "a-secret-of-twenty-one",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DOMAIN": f"http://127.0.0.1:{port}",
        "ORGANISER_IDS": str(ORGANISER),
        "POSTGRES_PASSWORD": "abc123",
        # beyond the guide: the address of this test's Bot API server, and no dependence on the time of day
        **{"BOT_API_URL": box.url, "QUIET_HOURS": "00:00-00:00", "WELCOME_BALLOTS": str(VOTES), "SEND_RATE": "200"},
    }
    db = Database(postgres.address(place))
    settings: Settings = settings_for(tmp_path, welcome_ballots=VOTES)
    try:
        with nats() as broker:
            places = {"database": f"{place.host}:{place.port}", "broker": broker.partition("://")[2]}
            with stack(env, places, tmp_path) as processes, proxy(port, processes, tmp_path):
                services = make_services(db, settings, SystemClock())
                yield Town(box, Kit(box, bot), processes, db, services, env["PUBLIC_URL"], place, tmp_path)
    finally:
        await db.close()
        await box.stop()


async def votes_until(person: TestUser, stop: asyncio.Event) -> int:
    """Vote for one item after the other until stopped. Returns the number of confirmed votes."""
    counted = 0
    for _ in range(VOTES):
        answer = await person.taps("🙋", limit=LIMIT)
        assert answer is not None and not answer.alert, answer
        counted += 1
        if counted < VOTES:
            await person.taps("▶️", limit=LIMIT)
            await asyncio.sleep(1.0)
    while not stop.is_set():  # no vote is left: continue with other taps
        await person.taps("▶️", limit=LIMIT)
        await asyncio.sleep(0.5)
    return counted


@pytest.mark.long
async def test_a_production_set_up_runs_is_replaced_is_backed_up_and_restored(town: Town) -> None:
    async with asyncio.timeout(WHOLE):  # its traceback names the wait that took too long
        await _live_through(town)


async def _live_through(town: Town) -> None:
    await town.stack.up()
    await import_goods(town.services, town.folder / "goods", 40)
    assert await town.services.rounds.open_special()
    people = await town.people(PEOPLE, 5000)

    # By webhook through the proxy: a vote, and the paths that the proxy does not forward.
    assert str(town.kit.bot.webhook["url"]).startswith(town.url)
    async with aiohttp.ClientSession() as http:
        for path, status in (("/healthz", 404), ("/readyz", 404), ("/metrics", 404), ("/", 200)):
            async with http.get(town.url + path) as response:
                assert response.status == status, path
        async with http.post(f"{town.url}/telegram", json={"update_id": 1}) as response:
            assert response.status == 401

    # A poster comes from the worker: no other process has drawn one.
    await people[0].taps("📣", limit=LIMIT)
    await people[0].sees("Your own link", limit=LIMIT)
    await _until(town, "SELECT count(*) FROM jobs WHERE kind = 'poster' AND state = 'done' AND attempts = 1", 1)
    for replica in (*town.web(), *town.stack.replicas["worker"]):
        did = 'wtg_jobs_total{kind="poster",outcome="done"} 1.0' in await _metrics(replica.address)
        assert did is (replica.service.name == "worker")
    shown = people[0].messages()[-1]
    assert shown.has_photo

    # A rolling restart of both web replicas while people tap loses nothing.
    stop = asyncio.Event()
    taps = [asyncio.create_task(votes_until(person, stop)) for person in people[1:]]
    for replica in town.web():
        assert await replica.stop() == 0
        replica.start()
        await replica.healthy()
        async with asyncio.timeout(LIMIT):  # this one must get updates again before the other one is stopped
            while "wtg_updates_total{" not in await _metrics(replica.address):
                await asyncio.sleep(0.2)
    stop.set()
    assert await asyncio.gather(*taps) == [VOTES] * (PEOPLE - 1)
    await town.quiet()
    assert await one(town.db, "SELECT count(*) FROM votes WHERE taken_back_at IS NULL") == VOTES * (PEOPLE - 1)
    assert await one(town.db, "SELECT sum(wants) FROM items") == VOTES * (PEOPLE - 1)
    assert await one(town.db, "SELECT count(*) FROM failed_updates") == 0

    # With two senders each person got the day's goods at most once.
    copies = await ask(town.db, "SELECT count(*) FROM notifications WHERE kind = 'carousel' GROUP BY member_id")
    assert not copies or Counter(number for (number,) in copies) == {1: len(copies)}

    # The backup is made while notifications are pending. They are sent, and then the backup is restored.
    senders = town.stack.replicas["sender"]
    assert await asyncio.gather(*(replica.stop() for replica in senders)) == [0, 0]
    scheduled = await _schedule(town)
    await _until(
        town, "SELECT count(*) FROM notifications WHERE kind = 'group-scheduled' AND state = 'pending'", scheduled
    )
    dump = await asyncio.to_thread(tool, "pg_dump", town.database)
    before = town.told()
    await town.stack.up("sender")
    await _until(
        town, "SELECT count(*) FROM notifications WHERE kind = 'group-scheduled' AND state = 'sent'", scheduled
    )
    once = town.told()
    assert sum(once.values()) == sum(before.values()) + scheduled
    assert await town.stack.down() == [0] * 6
    await town.db.close()
    await asyncio.to_thread(tool, "pg_restore", town.database, dump)
    assert await one(town.db, "SELECT count(*) FROM key_values WHERE name = 'held_since'") == 0, (
        "the dump knows nothing of it"
    )

    # Nothing is sent a second time before the organiser releases the hold.
    await town.stack.up()
    assert "restored from a dump" in town.logs()
    olga = await town.kit.person("Olga", id=ORGANISER, language_code="en")
    await olga.says("/start")
    await olga.sees("Hello", limit=LIMIT)
    await olga.says("/desk")
    await olga.sees("Deliveries are held", limit=LIMIT)
    assert {who: number for who, number in town.told().items() if who in once} == once
    assert (
        await one(town.db, "SELECT count(*) FROM notifications WHERE kind = 'group-scheduled' AND state = 'sent'") == 0
    )
    await olga.taps("▶️", limit=LIMIT)
    await _until(
        town, "SELECT count(*) FROM notifications WHERE kind = 'group-scheduled' AND state = 'sent'", scheduled
    )
    assert await town.stack.down() == [0] * 6
    for secret in (TOKEN.partition(":")[2], "abc123", "a-secret-of-twenty-one"):
        assert secret not in town.logs()


async def _schedule(town: Town) -> int:
    """Schedule the group of the item with most votes. Returns how many people are notified of it."""
    (item, audience), *_ = await town.services.goods.ranking(1)
    result = await town.services.groups.schedule(item.id, utc_now() + timedelta(hours=3), None, "test")
    assert isinstance(result, Scheduled) and audience > 0
    return audience


async def _until(town: Town, query: str, number: int) -> None:
    """Wait until a query returns this number."""
    async with asyncio.timeout(LIMIT):
        while await one(town.db, query) != number:
            await asyncio.sleep(0.1)


async def _metrics(address: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"http://{address}:9464/metrics") as response:
        return await response.text()

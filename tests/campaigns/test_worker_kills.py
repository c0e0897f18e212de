"""Workers that are killed in the middle of a poster or an import: another one does the job, and shows it once."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import pytest
from sqlalchemy.engine import URL

from bot.jobs.handlers import JobHandlers
from bot.jobs.worker import JobWorker
from bot.services import Services, make_services
from domain.people import Member
from sandbox import Sandbox
from sandbox.testing import Kit
from services.clock import SystemClock
from services.jobs import JobKind
from storage.db import Database
from tests import postgres
from tests.brokers import BROKERS
from tests.campaigns.size import sized
from tests.conftest import ORGANISER, TUESDAY_TEN, make_goods, meet, settings_for
from tests.deployment import ROOT
from tests.services.conftest import ask, on_display, one, server, templates

__all__ = ["server", "templates"]

pytestmark = pytest.mark.long

TOKEN = "123456:AAbbCCddEEffGGhhIIjj"
PATIENCE = 60.0
POSTERS, KILLS = sized(small=(16, 8), full=(60, 40))


class Workers:
    """Starts workers by forking a loaded process."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.worker_child"],
            cwd=environment["PYTHONPATH"].split(":")[0],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"
        self.alive: set[int] = set()

    def _line(self) -> str:
        return cast(IO[str], self._parent.stdout).readline().strip()

    def start(self, **order: Any) -> int:
        """Start a worker. Returns its process number."""
        told = cast(IO[str], self._parent.stdin)
        told.write(json.dumps(order) + "\n")
        told.flush()
        number = int(self._line())
        self.alive.add(number)
        return number

    def kill(self, number: int) -> None:
        """kill -9"""
        self.alive.discard(number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)

    def close(self) -> None:
        for number in list(self.alive):
            self.kill(number)
        self._parent.kill()
        self._parent.wait()


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    source = Workers()
    yield source
    source.close()


@dataclass
class Shop:
    """A database with goods, a Bot API server, a broker, and people who request posters."""

    box: Sandbox
    kit: Kit
    services: Services
    db: Database
    workers: Workers
    order: dict[str, Any]
    members: list[Member] = field(default_factory=list)

    def worker(self, plant: str = "") -> int:
        """Start a worker."""
        return self.workers.start(**self.order, plant=plant)

    async def member(self, number: int) -> Member:
        """A person with a private chat."""
        person = await self.kit.person(f"P{number}", id=9000 + number, language_code="en")
        await person.says("/start")  # before that a bot may not write to a person
        return await meet(self.services, person.id, f"P{number}")

    async def ask_for_posters(self, number: int) -> None:
        """Let this number of new people request a poster each."""
        items, first = await on_display(self.services), len(self.members)
        for n in range(first, first + number):
            member = await self.member(n)
            self.members.append(member)
            left = await self.services.jobs.enqueue(f"tap {n}", JobKind.POSTER, member, {"item": items[n % len(items)]})
            assert left is not None

    def copies(self, member: Member) -> int:
        """The number of posters that a person got."""
        chat = self.kit.known(member.chat_id).messages()
        return sum(seen.has_photo for seen in chat if seen.message.sender == self.kit.bot.id)

    async def until(self, seen: Callable[[], Awaitable[Any]]) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not await seen():
                await asyncio.sleep(0.02)

    async def ended(self) -> None:
        """Wait until no job is left. The time limit starts again whenever one ends."""
        left = await self.services.jobs.waiting()
        while left:

            async def fewer(than: int = left) -> bool:
                return await self.services.jobs.waiting() < than

            await self.until(fewer)
            left = await self.services.jobs.waiting()

    async def taken(self) -> bool:
        """Whether a worker is doing a job."""
        return bool(await one(self.db, "SELECT count(*) FROM jobs WHERE attempts > 0"))


@pytest.fixture(params=BROKERS)
async def shop(
    request: pytest.FixtureRequest, workers: Workers, templates: dict[str, URL], tmp_path: Path
) -> AsyncIterator[Shop]:
    """A shop with each kind of broker."""
    url = await postgres.new_database(templates["display"], str(templates["display"].database))
    ahead = TUESDAY_TEN - datetime.now(UTC)
    db = Database(postgres.address(url))
    services = make_services(db, settings_for(tmp_path), SystemClock(lambda: datetime.now(UTC) + ahead))
    with BROKERS[request.param]() as broker:
        async with Sandbox(any_token=False, limits=False) as box:
            box.clock.move_to(TUESDAY_TEN)
            bot = box.add_bot(TOKEN, "test_bot", "Test")
            teller = JobWorker(broker, services.jobs, cast(JobHandlers, None), services.context.clock, works=False)
            telling = asyncio.create_task(teller.run())
            await asyncio.wait_for(teller._connected.wait(), PATIENCE)
            order = {"database": db.url.render_as_string(hide_password=False), "broker": broker, "token": TOKEN}
            order |= {"api": box.url, "ahead": ahead.total_seconds()}
            yield Shop(box, Kit(box, bot), services, db, workers, order)
            for number in list(workers.alive):
                workers.kill(number)
            teller.stop()
            await telling
    await db.close()
    await postgres.drop_database(url)


async def test_a_poster_whose_worker_is_killed_in_the_middle_comes_once_from_another(shop: Shop) -> None:
    first = shop.worker("hangs")
    await shop.ask_for_posters(1)
    await shop.until(shop.taken)
    shop.workers.kill(first)
    shop.worker()
    await shop.ended()
    assert shop.copies(shop.members[0]) == 1
    assert await ask(shop.db, "SELECT state, attempts FROM jobs") == [("done", 2)]


async def test_an_import_whose_worker_is_killed_in_the_middle_is_done_once_by_another(
    shop: Shop, tmp_path: Path
) -> None:
    olga = await shop.kit.person("Olga", id=ORGANISER, language_code="en")
    await olga.says("/start")
    member = await meet(shop.services, ORGANISER, "Olga")
    table, packed = make_goods(tmp_path / "new", 25, "new"), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        for path in table.parent.iterdir():
            zipped.write(path, path.name)
    await olga.sends_file(packed.getvalue(), "goods.zip")
    file = json.loads(shop.kit.bot.updates[-1].as_text())["message"]["document"]["file_id"]
    button = (await olga.says("hello")).id  # any message can stand for the one with the button
    first = shop.worker("hangs")
    about = {"file": file, "skip_bad": False, "chat": ORGANISER, "message": button}
    await shop.services.jobs.enqueue("store 1", JobKind.IMPORT, member, about)
    await shop.until(shop.taken)
    shop.workers.kill(first)
    shop.worker()
    shop.worker()
    await shop.ended()
    assert await one(shop.db, "SELECT count(*) FROM items WHERE ref LIKE 'new%'") == 25
    assert (
        await one(
            shop.db,
            "SELECT count(*) FROM item_steps AS s JOIN items AS i ON i.id = s.item_id WHERE i.ref LIKE 'new%'",
        )
        == 50
    ), "registered and passed, each once"
    assert sum("Imported" in seen.text for seen in olga.messages()) == 1


async def a_day_of_kills(shop: Shop, plant: str, posters: int, kills: int) -> tuple[int, int]:
    """Request posters and kill workers at random moments. Returns how many are missing, and how many repeated."""
    chance = random.Random(f"{plant} {posters}")
    two = [shop.worker(plant), shop.worker(plant)]
    asking = asyncio.create_task(shop.ask_for_posters(posters))
    for n in range(kills):
        await asyncio.sleep(chance.uniform(0, 0.5))
        shop.workers.kill(two[n % 2])
        two[n % 2] = shop.worker(plant)
    await asking
    with contextlib.suppress(TimeoutError):
        await shop.ended()
    copies = [shop.copies(member) for member in shop.members]
    return copies.count(0), sum(number - 1 for number in copies if number > 1)


async def test_kills_lose_no_poster_and_show_hardly_any_twice(shop: Shop) -> None:
    """Only a kill between Telegram's answer and the end of the job repeats a poster. After three kills during the same
    poster the job fails, with an apology."""
    lost, extra = await a_day_of_kills(shop, "slow", POSTERS, KILLS)
    given_up = await one(shop.db, "SELECT count(*) FROM jobs WHERE state = 'failed'")
    assert lost <= given_up <= 1 and extra <= 2, (lost, given_up, extra)
    assert await one(shop.db, "SELECT count(*) FROM jobs WHERE state = 'done'") == POSTERS - given_up


@pytest.mark.parametrize("shop", ["redis"], indirect=True)  # NATS delivers a message again by itself
async def test_a_worker_that_never_looks_for_lost_jobs_is_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "PATIENCE", 10.0)
    first = shop.worker("hangs")
    await shop.ask_for_posters(1)
    await shop.until(shop.taken)
    shop.workers.kill(first)
    shop.worker("never looks")
    with pytest.raises(TimeoutError):
        await shop.ended()


async def test_two_workers_that_do_the_same_job_are_seen(shop: Shop) -> None:
    for _ in range(2):
        shop.worker("takes what others have")
    for _ in range(10):  # until both work at the same time: one may start much earlier than the other
        await shop.ask_for_posters(8)
        await shop.ended()
        if sum(shop.copies(member) for member in shop.members) > len(shop.members):
            return
    pytest.fail("no poster came twice")

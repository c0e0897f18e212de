"""The program itself, and the commands beside it on the same SQLite file."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import started
from bot.services import make_services
from bot.settings import read_settings
from domain.calendar import calendar_of
from handlers.localization import Localizer
from sandbox import Sandbox
from sandbox.testing import Kit
from services.clock import SystemClock
from storage.db import Database
from tests.bot.conftest import ROOT, Terminal
from tests.conftest import make_goods, meet, spend
from tests.waiting import GUARD

TOKEN = "70000001:a-token-that-only-this-test-knows"


@dataclass
class Program:
    """`python -m bot`, running."""

    process: asyncio.subprocess.Process
    address: str
    output: str

    async def stop(self) -> int:
        """Ask it to stop as a terminal or an init system does. Returns with what it ended."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), GUARD)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Program]:
    """The program without a token, as `make run` starts it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LOCAL_CHAT_PORT": "0", "WEB_PORT": "0"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    output = ""
    try:
        async with asyncio.timeout(GUARD):
            while "Ctrl+C" not in output:
                line = (await process.stdout.readline()).decode()
                assert line, f"it ended: {output}"
                output += line
        (address,) = re.findall(r"http://\S+", output)
        yield Program(process, address, output)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def call(method: str, address: str, **body: Any) -> Any:
    """One request to the local chat; the answer's JSON, or its text where it is a page."""
    async with aiohttp.ClientSession() as http, http.request(method, address, json=body or None) as response:
        assert response.status < 300, f"{address}: {response.status}"
        return await response.json() if response.content_type == "application/json" else await response.text()


@pytest.mark.long
async def test_without_a_token_it_opens_a_chat_prints_one_address_and_stops_when_asked(
    own_folder: Path, terminal: Terminal
) -> None:
    async with running(own_folder) as program:
        assert "<html" in await call("GET", program.address)
        exported = await asyncio.to_thread(terminal.python, "-m", "bot", "export", "ranking", "ranking.csv")
        assert exported.returncode == 0 and int(exported.stdout.partition(" rows written to ")[0]) >= 28
        assert await program.stop() == 0
    async with running(own_folder) as program:  # what was left behind is no hindrance
        clock = await call("POST", f"{program.address}/api/clock", advance_seconds=timedelta(days=40).total_seconds())
        now = datetime.fromisoformat(clock["now"])
        there = Localizer("en", read_settings().rules().zone, now, names_zone=True)
        opens = there.exact(calendar_of().window(now).opens_at)
        async with asyncio.timeout(GUARD):
            while not (await preview(terminal)).startswith(opens):
                continue  # until the bot's next tick has noted that the clock was moved
        assert await program.stop() == 0


async def preview(terminal: Terminal) -> str:
    """What `rounds preview` prints: a command beside the bot tells the time of the bot's chat."""
    shown = await asyncio.to_thread(terminal.python, "-m", "bot", "rounds", "preview")
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


@pytest.mark.long
async def test_commands_beside_a_running_bot_reach_its_members(own_folder: Path, terminal: Terminal) -> None:
    terminal.set(QUIET_HOURS="00:00-00:00")
    table = make_goods(own_folder, 30)
    async with Sandbox(any_token=False, limits=False) as box:
        kit = Kit(box, box.add_bot(TOKEN, "beside_bot", "Bot"), limit=GUARD)
        async with started(read_settings(web_port=0), TOKEN, box.url, SystemClock(), every=0.05):
            ann = await kit.person("Ann")
            await ann.says("/start")
            await ann.sees("Hello Ann")
            for arguments in (("goods", "import", str(table)), ("rounds", "open")):
                ended = await asyncio.to_thread(terminal.python, "-m", "bot", *arguments)
                assert ended.returncode == 0, ended.stderr
            assert (await ann.sees("Today's goods are here")).has_photo


@pytest.mark.long
async def test_imports_at_once_and_votes_beside_them_all_come_through(own_folder: Path, terminal: Terminal) -> None:
    """Writers wait for the file's lock; no user sees that the database is locked."""
    await asyncio.to_thread(terminal.ok, "goods", "import", str(make_goods(own_folder, 3)))
    await asyncio.to_thread(terminal.ok, "rounds", "open")
    tables = [make_goods(own_folder / prefix, 12, prefix) for prefix in ("p", "q")]
    db = Database(read_settings().database_url)
    try:
        services = make_services(db, read_settings(), SystemClock())
        item = await services.groups.find("g0")
        assert item is not None
        imports = [
            asyncio.create_task(asyncio.to_thread(terminal.python, "-m", "bot", "goods", "import", str(table)))
            for table in tables
        ]
        voters = 0
        while not all(task.done() for task in imports):
            voters += 1
            member = await meet(services, 2000 + voters, "Voter")
            await spend(services, member.chat_id, "100")
            assert (await services.voting.cast(member, item.id)).refused is None
        for task in imports:
            ended = await task
            assert ended.returncode == 0 and ended.stdout == "Imported: 12 new, 0 changed, 0 as before\n", ended.stderr
        counted = await services.groups.find("g0")
        assert counted is not None and counted.wants == voters > 10
    finally:
        await db.close()

"""What keeps the bot from starting, what ends it, and with which number and which one line."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiogram.types import BotCommandScopeChat

from bot import app as program
from bot import demo
from bot.app import ComponentFailed, started
from bot.doctor import examine_database
from bot.services import Services
from bot.settings import SettingsError
from bot.worker import StopRequested
from sandbox import Sandbox
from sandbox.testing import Kit
from services.clock import SystemClock
from tests.bot.conftest import ROOT, Terminal
from tests.conftest import DEMO_TOKEN, ORGANISER, meet, settings_for
from tests.waiting import GUARD


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(any_token=False, limits=False) as box:
        yield box


@contextmanager
def deaf() -> Iterator[str]:
    """The address of something that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("silent", [True, False])
async def test_a_bot_that_waits_for_telegram_stops_at_once_when_asked(
    silent: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stopping = asyncio.Event()
    with deaf() as listening:
        address = listening if silent else "http://127.0.0.1:1"
        block = started(settings_for(tmp_path), DEMO_TOKEN, address, SystemClock(), stopping=stopping)
        starting = asyncio.create_task(block.__aenter__())
        async with asyncio.timeout(GUARD):
            while not silent and "does not answer yet" not in caplog.text:
                await asyncio.sleep(0)
        stopping.set()
        with pytest.raises(StopRequested):
            await asyncio.wait_for(starting, GUARD)  # otherwise it waits for ever


@pytest.mark.long
async def test_a_signal_ends_a_start_that_waits_for_telegram_in_an_orderly_way(own_folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        cwd=own_folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BOT_TOKEN": DEMO_TOKEN, "BOT_API_URL": "http://127.0.0.1:1"},
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(GUARD):
            while b"does not answer yet" not in (line := await process.stderr.readline()):
                assert line, "it ended by itself"
            process.send_signal(signal.SIGTERM)
            said = await process.stderr.read()
            assert await process.wait() == 0, said
        assert b"Traceback" not in said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.long
def test_the_import_loads_only_what_every_start_needs_and_the_running_bot_no_numpy(terminal: Terminal) -> None:
    """Each of these takes long to load and is loaded by the component that needs it; numpy by the detector's process
    alone, though workbooks are read and written by a library that uses it where it is there."""
    late = {
        "taskiq",
        "PIL",
        "qrcode",
        "alembic",
        "jinja2",
        "filelock",
        "sandbox",
        "typer",
        "sentry_sdk",
        "opentelemetry",
    }
    late_modules = {"apscheduler.schedulers.asyncio", "bot.web.landing", "bot.jobs.brokers"}
    script = (
        f"import sys, bot.app; print(sorted({late | late_modules!r} & set(sys.modules)))\n"
        "import bot.__main__, domain.brushing.vote_table, handlers.views.brushing.cases\n"
        "from services.spreadsheets import read_sheets, write_sheets\n"
        "read_sheets(write_sheets([('a', [['b']])]))\n"
        "print('numpy' in sys.modules)"
    )
    ended = terminal.python("-c", script)
    assert ended.stdout == "[]\nFalse\n", ended.stderr


async def test_a_token_that_is_revoked_while_running_ends_the_bot_with_one_line(box: Sandbox, tmp_path: Path) -> None:
    bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "Bot")
    stopping = asyncio.Event()
    with pytest.raises(ComponentFailed, match="no longer accepts BOT_TOKEN") as caught:
        async with started(settings_for(tmp_path), DEMO_TOKEN, box.url, SystemClock(), stopping=stopping):
            bot.revoked = True
            ann = await Kit(box, bot).person("Ann")
            await ann.says("/start")  # ends the poll that is under way
            await stopping.wait()
    assert "\n" not in str(caught.value)


async def test_a_part_that_dies_of_a_bug_ends_the_bot_and_the_log_has_the_trace(
    box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    box.add_bot(DEMO_TOKEN, demo.USERNAME, "Bot")
    stopping = asyncio.Event()

    async def die(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    with pytest.raises(ComponentFailed, match="KeyError"):
        async with started(settings_for(tmp_path), DEMO_TOKEN, box.url, SystemClock(), stopping=stopping) as (
            running,
            _,
        ):
            running.sender._work = die  # type: ignore[method-assign]
            await stopping.wait()
    assert "Traceback" in caplog.text and "a part of the bot died" in caplog.text


@pytest.mark.parametrize("how", ["returns", "is cancelled"])
async def test_a_part_that_ends_unasked_ends_the_bot(box: Sandbox, tmp_path: Path, how: str) -> None:
    box.add_bot(DEMO_TOKEN, demo.USERNAME, "Bot")
    stopping = asyncio.Event()

    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(ComponentFailed, match="NotificationSender has ended"):
        async with started(settings_for(tmp_path), DEMO_TOKEN, box.url, SystemClock(), stopping=stopping) as (
            running,
            _,
        ):
            if how == "returns":
                running.sender.stop()
            else:
                running.sender._work = cancelled  # type: ignore[method-assign]
            await stopping.wait()


def test_a_bot_that_broke_ends_with_1_and_one_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def break_(*_: object) -> None:
        raise ComponentFailed("The bot has stopped: somebody pulled the plug.")

    monkeypatch.setattr(program, "run", break_)
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        said = terminal.fails()
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = before
    assert said.splitlines()[-1] == "The bot has stopped: somebody pulled the plug." and "Traceback" not in said


# -- the demo and the real thing --


async def test_a_real_bot_does_not_start_on_the_demos_database(
    box: Sandbox, tmp_path: Path, services: Services
) -> None:
    await demo.keep_apart(services, demo=True)
    await demo.keep_apart(services, demo=True)  # the demo itself starts again
    box.add_bot(DEMO_TOKEN, demo.USERNAME, "Bot")
    with pytest.raises(SettingsError, match="DATABASE_URL names the demo's database") as caught:
        async with started(settings_for(tmp_path), DEMO_TOKEN, box.url, SystemClock()):
            raise AssertionError("it has started")
    assert "\n" not in str(caught.value)


async def test_the_demo_does_not_start_on_a_database_with_real_members(services: Services) -> None:
    await meet(services)
    with pytest.raises(SettingsError, match="DATABASE_URL names a database with real members"):
        await demo.keep_apart(services, demo=True)
    await demo.keep_apart(services, demo=False)  # and it was not marked by that


async def test_goods_that_were_imported_before_the_first_start_are_no_hindrance(
    services: Services, display: Services
) -> None:
    await demo.keep_apart(services, demo=True)


async def test_the_doctor_says_whose_database_it_is(services: Services, tmp_path: Path) -> None:
    await demo.keep_apart(services, demo=True)
    await meet(services)
    url = services.context.db.url.render_as_string()
    found = await examine_database(settings_for(tmp_path, database_url=url, bot_token=DEMO_TOKEN), to_run=True)
    assert not found.ok and "the demo's database" in found.text
    for use in ({"to_run": True}, {"to_run": False, "bot_token": DEMO_TOKEN}):
        to_run = bool(use.pop("to_run"))
        assert (await examine_database(settings_for(tmp_path, database_url=url, **use), to_run=to_run)).ok


# -- menus --


async def test_every_organiser_that_the_bot_has_met_has_the_desk_in_their_menu(box: Sandbox, tmp_path: Path) -> None:
    bot = box.add_bot(DEMO_TOKEN, demo.USERNAME, "Bot")
    kit = Kit(box, bot)
    olga, ann = await kit.person("Olga", id=ORGANISER), await kit.person("Ann", id=1001)

    async def menus(who: tuple[int, ...]) -> dict[int, list[str]]:
        """Start the bot, and stop it again."""
        settings = settings_for(tmp_path, organiser_ids=frozenset(who))
        async with started(settings, DEMO_TOKEN, box.url, SystemClock()) as (running, _):
            for person in (olga, ann):
                await person.says("/start")
                await person.sees("🎲")
            scopes = {one: BotCommandScopeChat(chat_id=one) for one in (ORGANISER, 1001)}

            async def shown() -> dict[int, list[str]]:
                return {
                    one: [command.command for command in await running.bot.get_my_commands(scope=scope)]
                    for one, scope in scopes.items()
                }

            async with asyncio.timeout(GUARD):  # they are set beside the first taps
                while not all(map((found := await shown()).get, who)):
                    await asyncio.sleep(0.01)
            return found

    first = await menus((ORGANISER,))
    assert first[ORGANISER][0] == "desk" and "desk" not in first[1001], "at the first meeting"
    later = await menus((ORGANISER, 1001))
    assert later[1001][0] == "desk", "at the next start, for who was met before"


@pytest.mark.parametrize(
    ("pretend", "said"),
    [
        ("import os; os.name = 'nt'", "Linux or macOS is needed. On Windows run this in WSL 2"),
        ("import sys; sys.version_info = (3, 10, 4)", "Python 3.11 or newer is needed"),
    ],
)
def test_an_unsupported_system_ends_with_one_line(pretend: str, said: str, terminal: Terminal) -> None:
    ended = terminal.python("-c", f"{pretend}; import bot")
    assert ended.returncode == 1 and ended.stderr.startswith(said) and len(ended.stderr.splitlines()) == 1


def test_make_on_windows_ends_with_one_line() -> None:
    ended = subprocess.run(
        ["make", "-n", "run", "OS=Windows_NT"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0 and "On Windows run this in WSL 2" in ended.stderr


async def test_the_bot_of_the_local_chat_has_a_new_token_at_each_start(tmp_path: Path) -> None:
    """No web page can know it. What an older version has kept with its public token is taken over."""
    tokens: list[str] = []
    for _ in range(3):
        async with Sandbox(any_token=False, state_dir=tmp_path) as box:
            if not tokens:
                box.add_bot("70000001:the-local-chat-only-knows-this-one", demo.USERNAME, "Bot")
            tokens.append(demo.furnish(box))
            assert list(box.world.by_token) == tokens[-1:] and list(box.world.state.bots) == [demo.BOT_ID]
            box.world.feed.emit("reload")
    assert len(set(tokens)) == 3 and all(len(token) > 40 for token in tokens)

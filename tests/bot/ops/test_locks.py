"""Two bots on one SQLite file would send everything twice: the second one is kept out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.ops.locks import database_lock
from bot.settings import SettingsError
from storage.db import Database
from tests.bot.conftest import Terminal


def test_only_one_at_a_time_and_the_next_one_when_it_has_ended(own_folder: Path) -> None:
    first, second = (Database(f"sqlite+aiosqlite:///{own_folder}/data/bot.db") for _ in range(2))
    with database_lock(first):
        with pytest.raises(SettingsError) as caught, database_lock(second):
            raise AssertionError("the second bot must not come this far")
        assert str(caught.value) == f"another bot runs on {own_folder}/data/bot.db already; stop it first"
    with database_lock(second):
        pass


def test_bots_with_files_of_their_own_do_not_mind_each_other(own_folder: Path) -> None:
    databases = [Database(f"sqlite+aiosqlite:///{name}.db") for name in ("one", "two")]
    with database_lock(databases[0]), database_lock(databases[1]):
        assert sorted(path.name for path in own_folder.glob("*.lock")) == ["one.db.lock", "two.db.lock"]


def test_a_killed_process_leaves_no_lock_behind(own_folder: Path) -> None:
    program = (
        "import time; from bot.ops.locks import database_lock; from storage.db import Database\n"
        "with database_lock(Database('sqlite+aiosqlite:///bot.db')):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    root = str(Path(__file__).parents[3])
    holder = subprocess.Popen(
        [sys.executable, "-c", program], cwd=own_folder, env={"PYTHONPATH": root}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(SettingsError), database_lock(Database("sqlite+aiosqlite:///bot.db")):
            raise AssertionError("the second bot must not come this far")
    finally:
        holder.kill()
        holder.communicate()
    with database_lock(Database("sqlite+aiosqlite:///bot.db")):
        assert Path("bot.db.lock").exists()


@pytest.mark.long
def test_a_second_program_ends_with_one_line(terminal: Terminal) -> None:
    terminal.set(LOCAL_CHAT_PORT="0", WEB_PORT="0")
    with database_lock(Database("sqlite+aiosqlite:///data/bot.db")):
        ended = terminal.python("-m", "bot")
    lines = [line for line in ended.stderr.splitlines() if line != "Starting …"]
    assert ended.returncode == 1
    assert lines == ["Settings: another bot runs on data/bot.db already; stop it first"]

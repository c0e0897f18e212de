"""Two bots on one SQLite file would send everything twice: the second one is kept out."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import demo
from bot.ops.locks import AlreadyRunning, database_lock
from bot.settings import SettingsError
from storage.db import Database
from tests.bot.conftest import Terminal
from tests.conftest import settings_for


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


def linked(database: Path) -> Path:
    """The same file in another folder, behind a symbolic link."""
    link = database.parent / "elsewhere" / "linked.db"
    link.parent.mkdir()
    link.symlink_to(database)
    return link


def hard_linked(database: Path) -> Path:
    """The same file by a second name."""
    second = database.with_name("second.db")
    os.link(database, second)
    return second


def without_lock_file(database: Path) -> Path:
    """The same file, whose lock file was deleted."""
    Path(f"{database}.lock").unlink()
    return database


def moved(database: Path) -> Path:
    """The same file by a new name."""
    return database.rename(database.with_name("new.db"))


@pytest.mark.parametrize("again", [linked, hard_linked, without_lock_file, moved])
def test_a_second_bot_is_kept_from_the_same_file_by_whatever_name(
    again: Callable[[Path], Path], own_folder: Path
) -> None:
    file = own_folder / "bot.db"
    with database_lock(Database(f"sqlite+aiosqlite:///{file}")):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE used (id)")
        other = again(file)
        with pytest.raises(AlreadyRunning, match=str(other)), database_lock(Database(f"sqlite+aiosqlite:///{other}")):
            raise AssertionError("the second bot must not come this far")
    with database_lock(Database(f"sqlite+aiosqlite:///{other}")):
        pass


def test_a_file_that_is_replaced_before_it_is_locked_is_locked_in_its_new_form(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`restore` renames the new database over the old one, while it holds the lock of the old one."""
    Path("bot.db").write_bytes(b"old")
    Path("fresh.db").write_bytes(b"new")
    open_file = os.open

    def replaced_at_once(*arguments: Any, **options: Any) -> int:
        descriptor = open_file(*arguments, **options)
        if arguments[0] == Path("bot.db") and Path("fresh.db").exists():
            Path("fresh.db").replace("bot.db")
        return descriptor

    monkeypatch.setattr(os, "open", replaced_at_once)
    with database_lock(Database("sqlite+aiosqlite:///bot.db")):
        os.link("bot.db", "second.db")
        with pytest.raises(AlreadyRunning), database_lock(Database("sqlite+aiosqlite:///second.db")):
            raise AssertionError("the second bot must not come this far")


def test_a_start_that_stores_nothing_leaves_no_empty_database(own_folder: Path) -> None:
    with database_lock(Database("sqlite+aiosqlite:///bot.db")):
        assert Path("bot.db").exists()
    assert not Path("bot.db").exists()


def test_a_database_that_is_restored_where_there_was_none_stays(own_folder: Path) -> None:
    with database_lock(Database("sqlite+aiosqlite:///bot.db")):
        Path("fresh.db").write_bytes(b"")
        Path("fresh.db").replace("bot.db")
    assert Path("bot.db").exists()


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
    assert lines == ["Not started: another bot runs on data/bot.db already; stop it first"]


def test_a_second_start_of_the_local_chat_says_where_it_is_open(own_folder: Path) -> None:
    settings = settings_for(Path(), database_url="sqlite+aiosqlite:///data/bot.db")
    demo.refuse_a_second(settings)
    demo.note_address(settings, "http://127.0.0.1:40001")
    demo.refuse_a_second(settings)  # a chat that has ended is in no one's way
    with database_lock(Database(settings.database_url)), pytest.raises(AlreadyRunning) as caught:
        demo.refuse_a_second(settings)
    assert str(caught.value) == "the local chat is open already:  http://127.0.0.1:40001"


@pytest.mark.long
def test_a_second_make_run_says_where_the_first_one_is(terminal: Terminal, own_folder: Path) -> None:
    terminal.set(LOCAL_CHAT_PORT="0", WEB_PORT="0")
    command = [sys.executable, "-m", "bot"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    first = subprocess.Popen(command, cwd=own_folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        address = next(line.split()[-1] for line in first.stdout if "The local chat is open" in line)
        second = terminal.python("-m", "bot")
    finally:
        first.kill()
        first.communicate()
    assert second.returncode == 1 and not second.stdout
    assert second.stderr.splitlines()[-1] == f"Not started: the local chat is open already:  {address}"


@pytest.mark.long
def test_a_port_of_another_program_is_named_with_what_helps(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        terminal.set(LOCAL_CHAT_PORT=str(port), WEB_PORT="0")
        ended = terminal.python("-m", "bot")
    said = f"Settings: LOCAL_CHAT_PORT {port} cannot be used (Address already in use); choose another one, or 0"
    assert ended.returncode == 1 and ended.stderr.splitlines()[-1] == said

"""Processes with a part of the work each, on one PostgreSQL database; an SQLite file has one that does all."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Role, SettingsError
from tests.bot.conftest import Terminal
from tests.conftest import settings_for

TOKEN = SecretStr("123456:AAbbCCddEEffGGhhIIjj")
PARTS = [Role.WEB, Role.SENDER, Role.TICKER]
BROKER = SecretStr("nats://127.0.0.1:4222")


def test_together_the_parts_are_all_and_none_is_done_by_two() -> None:
    for does in ("receives_updates", "sends_notifications", "runs_schedule"):
        assert getattr(Role.ALL, does)
        assert sum(getattr(role, does) for role in PARTS) == 1


def test_heavy_work_is_done_by_workers_and_without_a_broker_where_it_comes_in(tmp_path: Path) -> None:
    here, elsewhere = settings_for(tmp_path), settings_for(tmp_path, tasks_url=BROKER)
    assert [role for role in Role if role.runs_jobs(here)] == [Role.ALL, Role.WEB, Role.WORKER]
    assert [role for role in Role if role.runs_jobs(elsewhere)] == [Role.ALL, Role.WORKER]


def test_a_worker_needs_to_be_told(tmp_path: Path) -> None:
    postgresql = {"bot_token": TOKEN, "database_url": "postgresql+asyncpg://bot@127.0.0.1/bot"}
    Role.WORKER.check(settings_for(tmp_path, tasks_url=BROKER, **postgresql))
    with pytest.raises(SettingsError, match=r"^--role worker needs TASKS_URL"):
        Role.WORKER.check(settings_for(tmp_path, **postgresql))
    with pytest.raises(SettingsError, match=r"^--role worker needs PostgreSQL"):
        Role.WORKER.check(settings_for(tmp_path, bot_token=TOKEN, tasks_url=BROKER))


@pytest.mark.parametrize("role", PARTS)
def test_a_part_needs_postgresql_and_a_token(role: Role, tmp_path: Path) -> None:
    postgresql = "postgresql+asyncpg://bot@127.0.0.1/bot"
    role.check(settings_for(tmp_path, bot_token=TOKEN, database_url=postgresql))
    with pytest.raises(SettingsError, match=f"^--role {role} needs PostgreSQL as DATABASE_URL"):
        role.check(settings_for(tmp_path, bot_token=TOKEN))
    with pytest.raises(SettingsError, match=f"^--role {role} needs BOT_TOKEN"):
        role.check(settings_for(tmp_path, database_url=postgresql))


def test_one_process_does_all_of_it_on_any_database(tmp_path: Path) -> None:
    Role.ALL.check(settings_for(tmp_path))


@pytest.mark.long
def test_a_part_on_an_sqlite_file_ends_with_one_line(terminal: Terminal) -> None:
    terminal.set(LOCAL_CHAT_PORT="0", WEB_PORT="0", BOT_TOKEN=TOKEN.get_secret_value())
    ended = terminal.python("-m", "bot", "run", "--role", "sender")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Settings: --role sender needs PostgreSQL as DATABASE_URL: an SQLite file is for one process"
    )

"""Processes with a part of the work each, on one PostgreSQL database; an SQLite file has one that does all."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.roles import Role
from bot.settings import WrongSettings
from tests.bot.conftest import Terminal
from tests.conftest import settings_for

TOKEN = SecretStr("123456:AAbbCCddEEffGGhhIIjj")
PARTS = [Role.WEB, Role.SENDER, Role.TICKER]


def test_together_the_parts_are_all_and_none_is_done_by_two() -> None:
    for does in ("takes_in", "sends", "ticks"):
        assert getattr(Role.ALL, does)
        assert sum(getattr(role, does) for role in PARTS) == 1


@pytest.mark.parametrize("role", PARTS)
def test_a_part_needs_postgresql_and_a_token(role: Role, tmp_path: Path) -> None:
    postgresql = "postgresql+asyncpg://bot@127.0.0.1/bot"
    role.check(settings_for(tmp_path, bot_token=TOKEN, database_url=postgresql))
    with pytest.raises(WrongSettings, match=f"^--role {role} needs PostgreSQL as DATABASE_URL"):
        role.check(settings_for(tmp_path, bot_token=TOKEN))
    with pytest.raises(WrongSettings, match=f"^--role {role} needs BOT_TOKEN"):
        role.check(settings_for(tmp_path, database_url=postgresql))


def test_one_process_does_all_of_it_on_any_database(tmp_path: Path) -> None:
    Role.ALL.check(settings_for(tmp_path))


def test_a_part_on_an_sqlite_file_ends_with_one_line(terminal: Terminal) -> None:
    terminal.set(LOCAL_CHAT_PORT="0", WEB_PORT="0", BOT_TOKEN=TOKEN.get_secret_value())
    ended = terminal.python("-m", "bot", "run", "--role", "sender")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Settings: --role sender needs PostgreSQL as DATABASE_URL: an SQLite file is for one process"
    )

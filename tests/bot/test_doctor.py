"""`python -m bot doctor`: one line for each check, and exit code 1 where one fails."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from sandbox import Sandbox
from tests.bot.conftest import ROOT, Terminal
from tests.brokers import PASSWORD, redis

TOKEN = "123456789:AAE-canary_canary_canary_canary_canary"


def findings(output: str) -> dict[str, tuple[str, str]]:
    """The verdict (ok or WRONG) and the text of each finding, by its subject."""
    lines = [line.split(maxsplit=1) for line in output.splitlines()]
    return {rest.partition(": ")[0]: (verdict, rest.partition(": ")[2]) for verdict, rest in lines}


def test_a_fresh_clone_is_healthy(terminal: Terminal, own_folder: Path) -> None:
    found = findings(terminal.ok("doctor"))
    assert list(found) == ["system", "settings", "database", "bot", "calendar", "organisers"]
    assert found["database"] == ("ok", "sqlite+aiosqlite:///data/bot.db is created at the first start")
    assert "no BOT_TOKEN" in found["bot"][1] and "CN" in found["calendar"][1]
    assert not (own_folder / "data").exists(), "it only looks"


def test_a_database_in_use_names_its_schema(terminal: Terminal) -> None:
    terminal.ok("export", "votes", "votes.csv")
    newest = max(path.name[:4] for path in (ROOT / "storage" / "migrations" / "versions").glob("0*.py"))
    assert findings(terminal.ok("doctor"))["database"][1] == f"sqlite+aiosqlite:///data/bot.db, schema {newest}"


def test_r36_a_key_file_that_others_can_read_is_wrong(terminal: Terminal, own_folder: Path) -> None:
    terminal.ok("export", "votes", "votes.csv")  # any command makes it
    key = own_folder / "data" / "bot.db.key"
    assert findings(terminal.ok("doctor"))["erasure key"] == ("ok", str(key))
    key.chmod(0o640)
    verdict, why = findings(terminal.run("doctor").stdout)["erasure key"]
    assert verdict == "WRONG" and f"chmod 600 {key}" in why


def test_r36_a_database_without_its_key_is_wrong_and_loses_nothing_by_the_look(
    terminal: Terminal, own_folder: Path
) -> None:
    """On a new machine the file is easily left behind, and the next start would make another key for good."""
    terminal.ok("export", "votes", "votes.csv")
    terminal.ok("backup", "copy.db")
    key, elsewhere = own_folder / "data" / "bot.db.key", own_folder / "kept.key"
    key.rename(elsewhere)
    restored = terminal.run("restore", "copy.db")
    assert (
        restored.exit_code == 0
        and f"{key} is missing: it opens" in restored.stderr
        and "not recognised" in restored.stderr
    )
    verdict, why = findings(terminal.run("doctor").stdout)["erasure key"]
    assert verdict == "WRONG" and f"{key} is missing: it opens the key that the database holds. Put back" in why
    assert not key.exists(), "it only looks"
    key.write_text("5e" * 32)
    key.chmod(0o600)
    assert f"{key} does not open the key" in findings(terminal.run("doctor").stdout)["erasure key"][1]
    elsewhere.replace(key)
    assert findings(terminal.ok("doctor"))["erasure key"] == ("ok", str(key))
    assert not terminal.run("restore", "copy.db").stderr


def test_r36_a_key_file_that_is_none_ends_a_command_with_one_line(terminal: Terminal, own_folder: Path) -> None:
    (own_folder / "data").mkdir()
    (own_folder / "data" / "bot.db.key").write_text("not a key")
    result = terminal.run("export", "votes", "votes.csv")
    assert result.exit_code == 1 and result.stderr.count("\n") == 1 and "bot.db.key is no key" in result.stderr


def test_an_empty_database_is_filled_at_the_first_start(terminal: Terminal, own_folder: Path) -> None:
    (own_folder / "data").mkdir()
    (own_folder / "data" / "bot.db").touch()
    assert "is empty" in findings(terminal.ok("doctor"))["database"][1]


@pytest.mark.parametrize("name", ["a-file/bot.db", "a-file/deeper/bot.db", "a-file", "newer.db"])
def test_a_database_that_cannot_be_used_is_wrong(name: str, terminal: Terminal, own_folder: Path) -> None:
    (own_folder / "a-file").write_bytes(b"neither a folder nor a database " * 99)
    with sqlite3.connect(own_folder / "newer.db") as newer:
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
    newer.close()
    terminal.set(DATABASE_URL=f"sqlite+aiosqlite:///{name}")
    result = terminal.run("doctor")
    assert result.exit_code == 1
    verdict, why = findings(result.stdout)["database"]
    assert verdict == "WRONG" and name in why and "\n" not in why
    assert findings(result.stdout)["settings"][0] == "ok", "the other checks still run"


def test_a_databases_password_is_not_shown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.settings.find_spec", lambda _name: True)
    terminal.set(DATABASE_URL="postgresql+asyncpg://bot:canary@127.0.0.1:1/bot")
    result = terminal.run("doctor")
    assert result.exit_code == 1 and findings(result.stdout)["database"][0] == "WRONG"
    assert "canary" not in result.output and "bot:***@" in result.output


def test_a_missing_organiser_is_mentioned(terminal: Terminal) -> None:
    terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL="http://127.0.0.1:1")
    assert "ORGANISER_IDS" in findings(terminal.run("doctor").stdout)["organisers"][1]


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(any_token=False) as box:
        box.add_bot(TOKEN, "canary_bot", "Bot")
        yield box


async def test_a_bot_that_is_reached_is_named(box: Sandbox, terminal: Terminal) -> None:
    terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL=box.url, ORGANISER_IDS="1,2")
    found = findings(await asyncio.to_thread(terminal.ok, "doctor"))
    assert found["bot"] == ("ok", f"@canary_bot at {box.url}")
    assert found["organisers"] == ("ok", "2")


async def test_a_refused_token_is_wrong_and_not_shown(box: Sandbox, terminal: Terminal) -> None:
    terminal.set(BOT_TOKEN=TOKEN.replace("AAE", "AAF"), BOT_API_URL=box.url)
    result = await asyncio.to_thread(terminal.run, "doctor")
    assert result.exit_code == 1
    assert findings(result.stdout)["bot"] == ("WRONG", f"the Bot API at {box.url} refuses BOT_TOKEN (Unauthorized)")
    assert "canary" not in result.output


async def test_a_bot_api_that_is_not_there_is_wrong(terminal: Terminal) -> None:
    terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL="http://127.0.0.1:1")
    result = await asyncio.to_thread(terminal.run, "doctor")
    assert result.exit_code == 1 and "canary" not in result.output
    assert findings(result.stdout)["bot"][1].startswith("the Bot API at http://127.0.0.1:1 does not answer (")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"text": "<html>502 Bad Gateway</html>", "status": 502}, "does not answer"),
        ({"text": "[]"}, "is not a Bot API"),
        ({"text": '{"hello": "world"}'}, "is not a Bot API"),
        ({"text": f'{{"ok": false, "description": "no bot {TOKEN}"}}', "status": 404}, "refuses BOT_TOKEN (no bot …)"),
    ],
)
async def test_something_else_that_answers_is_wrong(answer: dict[str, Any], why: str, terminal: Terminal) -> None:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(**answer)

    app = web.Application()
    app.router.add_get("/{anything:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        terminal.set(BOT_TOKEN=TOKEN, BOT_API_URL=f"http://127.0.0.1:{runner.addresses[0][1]}")
        result = await asyncio.to_thread(terminal.run, "doctor")
    finally:
        await runner.cleanup()
    verdict, text = findings(result.stdout)["bot"]
    assert result.exit_code == 1 and verdict == "WRONG" and why in text
    assert "canary" not in result.output


def test_a_broker_is_looked_for_and_its_password_not_shown(terminal: Terminal) -> None:
    with redis() as url:
        terminal.set(TASKS_URL=url)
        assert findings(terminal.ok("doctor"))["tasks"] == (
            "ok",
            f"TASKS_URL at {url.split('@')[1].split('/')[0]} answers",
        )
    result = terminal.run("doctor")
    assert result.exit_code == 1 and PASSWORD not in result.output
    verdict, why = findings(result.stdout)["tasks"]
    assert verdict == "WRONG" and "does not answer" in why

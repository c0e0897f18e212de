"""Files that users send are fetched from Telegram, and from one's own Bot API server in local mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import File

from bot.telegram import files
from bot.telegram.files import FileElsewhere, fetch_file
from bot.telegram.session import make_bot
from sandbox import Sandbox

TOKEN = "42:a-token-for-tests"


@asynccontextmanager
async def server(folder: Path | None) -> AsyncIterator[tuple[Bot, str]]:
    """A server, in local mode with `folder`, a bot on it, and the ID of a file that a user sent."""
    async with Sandbox(any_token=False, limits=False, local_files=folder) as box:
        account = box.add_bot(TOKEN, "files_bot", "Bot")
        ann = box.add_person("Ann")
        box.backend.actions.start(ann, account)
        chat = next(chat for chat in box.world.state.chats.values() if ann.id in chat.members)
        await box.backend.send_file(ann, chat, "document", b"ref,title\n", "goods.csv", "text/csv", "")
        bot = make_bot(TOKEN, box.url)
        updates = await bot.get_updates()
        assert updates[-1].message is not None and updates[-1].message.document is not None
        yield bot, updates[-1].message.document.file_id
        await bot.session.close()


@pytest.mark.parametrize("local", [False, True])
async def test_a_file_is_fetched_in_either_mode(local: bool, tmp_path: Path) -> None:
    async with server(tmp_path / "bot-api" if local else None) as (bot, file_id):
        assert await fetch_file(bot, file_id) == b"ref,title\n"
        with pytest.raises(TelegramBadRequest):
            await fetch_file(bot, "nothing")


async def test_a_file_of_another_container_is_read_where_its_folder_is_mounted(tmp_path: Path) -> None:
    async with server(tmp_path / "bot-api") as (bot, file_id):
        await fetch_file(bot, file_id)
        (tmp_path / "bot-api").rename(tmp_path / "mounted")
        (tmp_path / "bot-api").write_text("the server's folder is not there", encoding="utf-8")

        async def get_file(_: str) -> File:
            path = tmp_path / "bot-api" / TOKEN / "documents" / "file_0.csv"
            return File(file_id=file_id, file_unique_id="x", file_path=str(path))

        object.__setattr__(bot, "get_file", get_file)
        assert await fetch_file(bot, file_id, tmp_path / "mounted") == b"ref,title\n"
        with pytest.raises(FileElsewhere) as caught:
            await fetch_file(bot, file_id)
    said = str(caught.value)
    assert f"keeps this file in {tmp_path}/bot-api," in said and "set BOT_API_FILES" in said
    assert "a-token" not in said and "\n" not in said


@pytest.mark.parametrize(
    "path",
    [
        "{folder}/secret.csv",
        "{folder}/{token}/../secret.csv",
        "{folder}/{token}/link.csv",
        "{folder}/other-bot/documents/file_0.csv",
        "C:\\bot-api\\42~a-token-for-tests\\documents\\file_0.csv",
    ],
)
async def test_nothing_but_the_bots_own_folder_is_read(path: str, tmp_path: Path) -> None:
    (tmp_path / TOKEN).mkdir()
    (tmp_path / "other-bot" / "documents").mkdir(parents=True)
    for secret in ("secret.csv", "other-bot/documents/file_0.csv"):
        (tmp_path / secret).write_text("secret", encoding="utf-8")
    (tmp_path / TOKEN / "link.csv").symlink_to(tmp_path / "secret.csv")

    async def get_file(_: str) -> File:
        there = path.format(folder=tmp_path, token=TOKEN)
        return File(file_id="x", file_unique_id="x", file_path=there)

    async with server(None) as (bot, _):
        object.__setattr__(bot, "get_file", get_file)
        for folder in (None, tmp_path):
            with pytest.raises(FileElsewhere):
                await fetch_file(bot, "x", folder)


async def test_the_files_of_a_server_on_windows_are_found_where_they_are_mounted(tmp_path: Path) -> None:
    place = tmp_path / "42~a-token-for-tests" / "documents"
    place.mkdir(parents=True)
    (place / "file_0.csv").write_bytes(b"from there")

    async def get_file(_: str) -> File:
        there = "C:\\bot-api\\42~a-token-for-tests\\documents\\file_0.csv"
        return File(file_id="x", file_unique_id="x", file_path=there)

    async with server(None) as (bot, _):
        object.__setattr__(bot, "get_file", get_file)
        assert await fetch_file(bot, "x", tmp_path) == b"from there"


@pytest.mark.parametrize("local", [False, True])
async def test_a_file_that_is_larger_than_it_is_said_to_be_is_not_read_to_its_end(
    local: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 5)
    async with server(tmp_path / "bot-api" if local else None) as (bot, file_id):
        honest = await bot.get_file(file_id)

        async def get_file(_: str) -> File:
            return honest.model_copy(update={"file_size": 5})

        object.__setattr__(bot, "get_file", get_file)
        assert await fetch_file(bot, file_id) is None


async def test_a_file_that_is_too_large_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 5)
    async with server(tmp_path / "bot-api") as (bot, file_id):
        assert await fetch_file(bot, file_id) is None

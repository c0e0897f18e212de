"""Files that users have sent: over HTTP, or from the disk of one's own Bot API server in local mode, whose `getFile`
gives absolute paths (Bot API, "Using a Local Bot API Server")."""

from __future__ import annotations

import asyncio
import contextlib
import io
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from aiogram import Bot
from aiogram.types import File

MOST_BYTES = 100 * 1024 * 1024
"""Of one's own server, which has no limit; Telegram's own gives 20 MB."""


class FileElsewhere(ConnectionError):
    """One line: a file lies on the disk of the Bot API server, where this process cannot read it."""


async def fetch_file(bot: Bot, file_id: str, folder: Path | None = None) -> bytes | None:
    """The content of a file; None where it is larger than `MOST_BYTES`. `folder` is where this machine sees the files
    of a server in local mode, if elsewhere than the server.

    Raises TelegramBadRequest for an unknown ID, ConnectionError, and FileElsewhere.
    """
    found = await bot.get_file(file_id)
    if (found.file_size or 0) > MOST_BYTES:
        return None
    path = _absolute(found.file_path or "")
    if path is None:
        return await _downloaded(bot, found)
    if (place := _place(path, bot.token, folder)) is not None:
        with contextlib.suppress(OSError):
            return await asyncio.to_thread(_read, place)
    try:
        return await _downloaded(bot, found)  # some put a web server beside it
    except ConnectionError:
        raise FileElsewhere(
            f"the Bot API server is in local mode and keeps this file in {_root(path, bot.token)}, where it cannot be "
            "read: set BOT_API_FILES to the folder in which this program may read the server's files"
        ) from None


def _read(place: Path) -> bytes | None:
    with place.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    return content if len(content) <= MOST_BYTES else None


async def _downloaded(bot: Bot, found: File) -> bytes | None:
    content = _Bounded()
    try:
        await bot.download_file(found.file_path or "", content)
    except _TooLarge:
        return None
    return content.getvalue()


class _TooLarge(Exception):
    """A file is larger than `MOST_BYTES`."""


class _Bounded(io.BytesIO):
    """Takes so many bytes, whatever size was declared."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > MOST_BYTES:
            raise _TooLarge
        return super().write(data)


def _absolute(path: str) -> PurePath | None:
    """The path, where it is an absolute one of any system."""
    kinds: tuple[type[PurePath], ...] = (PurePosixPath, PureWindowsPath)
    return next((kind(path) for kind in kinds if kind(path).is_absolute()), None)


def _place(path: PurePath, token: str, folder: Path | None) -> Path | None:
    """Where the file is on this machine. Only below the server's folder for this bot, which is named by its token: a
    server must not make the bot read anything else."""
    at = _own_folder(path, token)
    if at is None or ".." in path.parts:
        return None
    base = Path(path.parts[0], *path.parts[1:at]) if folder is None else folder
    place = base.joinpath(*path.parts[at:]).resolve()
    return place if place.is_relative_to(base.resolve() / path.parts[at]) else None


def _own_folder(path: PurePath, token: str) -> int | None:
    """The position of the bot's own folder in a path. On Windows the server writes `~` for `:`."""
    names = (token, token.replace(":", "~"))
    return next((at for at, part in enumerate(path.parts) if part.startswith(names)), None)


def _root(path: PurePath, token: str) -> PurePath:
    """The server's folder, without the token."""
    at = _own_folder(path, token)
    return type(path)(*path.parts[:at]) if at else path.parent

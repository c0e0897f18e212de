"""Files of many rows, such as what is stored about a member (R36): written part by part in a thread and sent from the
disk, so that memory holds one part."""

from __future__ import annotations

import asyncio
import zipfile
from contextlib import aclosing
from pathlib import Path

from domain.goods import Item
from domain.people import Member
from handlers.localization import Localizer
from handlers.views.privacy_file import ReadableText, StoredJson, item_ids
from services.people import People

LARGEST = 45_000_000
"""Bytes above which a file is compressed: bots send files of up to 50 MB (Bot API, "Sending files")."""


async def write_personal_files(people: People, member: Member, folder: Path, localizer: Localizer) -> list[Path]:
    """Write what is stored about a member into two files, one for people and one for programs."""
    text, everything = ReadableText(localizer), StoredJson()
    files = [folder / "my-data.txt", folder / "my-data.json"]

    def append(*pieces: str) -> None:
        for file, piece in zip(files, pieces, strict=True):
            with file.open("a", encoding="utf-8", newline="\n") as out:
                out.write(piece)

    def append_rows(table: str, rows: list[dict[str, object]], known: dict[int, Item]) -> None:
        append(text.part(table, rows, known), everything.part(table, rows))

    await asyncio.to_thread(append, text.head(), "")
    async with aclosing(people.stored_about(member)) as parts:
        async for table, rows in parts:
            await asyncio.to_thread(append_rows, table, rows, await people.items_of(item_ids(rows)))
    await asyncio.to_thread(append, text.end(), everything.end())
    return [await asyncio.to_thread(sendable, file) for file in files]


def sendable(file: Path) -> Path:
    """The file, or beside it an archive of it where it is too large for Telegram."""
    if file.stat().st_size <= LARGEST:
        return file
    archive = file.with_name(f"{file.name}.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(file, file.name)
    return archive

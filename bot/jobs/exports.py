"""Files of many rows, such as what is stored about a member (R36): written part by part in a thread and sent from the
disk, so that memory holds one part."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from domain.goods import Item
from domain.people import Member
from handlers.localization import Localizer
from handlers.views import tables
from handlers.views.privacy_file import ReadableText, StoredJson, item_ids
from services.people import People
from services.spreadsheets import SheetWriter

LARGEST = 45_000_000
"""Bytes above which a file is compressed: bots send files of up to 50 MB (Bot API, "Sending files")."""

_LONGEST_SHEET_NAME = 31


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


async def write_table(file: Path, header: Sequence[str], parts: AsyncIterable[Sequence[Sequence[Any]]]) -> int:
    """Write a workbook where the name ends with `.xlsx`, else a CSV; returns the number of rows below the header."""
    table: _WorkbookFile | _CsvFile
    table, number = _WorkbookFile(file) if file.suffix == ".xlsx" else _CsvFile(file), 0
    await asyncio.to_thread(table.append, [header])
    async for rows in parts:
        await asyncio.to_thread(table.append, rows)
        number += len(rows)
    await asyncio.to_thread(table.close)
    return number


class _CsvFile:
    """A CSV with a byte order mark, by which spreadsheets read it as UTF-8."""

    def __init__(self, file: Path) -> None:
        self._out = file.open("w", encoding="utf-8-sig", newline="")

    def append(self, rows: Sequence[Sequence[Any]]) -> None:
        self._out.write(tables.csv_lines(rows))

    def close(self) -> None:
        self._out.close()


class _WorkbookFile:
    """A workbook with one sheet."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._sheet = SheetWriter(file.stem[:_LONGEST_SHEET_NAME])
        self.append = self._sheet.append

    def close(self) -> None:
        self._sheet.save(self._file)


def sendable(file: Path) -> Path:
    """The file, or beside it an archive of it where it is too large for Telegram."""
    if file.stat().st_size <= LARGEST:
        return file
    archive = file.with_name(f"{file.name}.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(file, file.name)
    return archive

"""Tables in the files that people hand in: a CSV, a workbook, or a ZIP of one with pictures (R2, R14, R31).

Where a file can be read in several ways, the answer is a question to the person who handed it in.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from domain.csv_files import GoodsRecord, Parsed, SpendingRecord
from domain.reading.csv_rows import Rows
from domain.reading.encodings import Encoding
from services.archives import ArchiveError, is_archive, is_workbook, opened
from services.spreadsheets import SpreadsheetError, read_sheets

Record = TypeVar("Record", GoodsRecord, SpendingRecord)
Reader = Callable[[bytes | Rows, Encoding | None], Parsed[Record]]
"""Reads the bytes of a CSV in an encoding, or the rows of a workbook."""


class Ambiguity(StrEnum):
    """What a person must choose."""

    TABLE = "table"
    SHEET = "sheet"
    ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: its value in `Choices`, and what a person recognises it by."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """What must be chosen before a file can be read."""

    about: Ambiguity
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has chosen: the place, from 0, of a table and a sheet; an encoding."""

    table: int | None = None
    sheet: int | None = None
    encoding: Encoding | None = None


@dataclass(frozen=True, slots=True)
class TableFile(Generic[Record]):
    """What was read. `folder` has the pictures of an archive; None for a file without pictures."""

    parsed: Parsed[Record]
    folder: Path | None = None


class UnusableFile(ValueError):
    """A file that is no table: damaged, too large, or without a table."""


def read_file(content: bytes, folder: Path, choices: Choices, read: Reader[Record]) -> TableFile[Record] | FileQuestion:
    """Read a file with `read`; the pictures of an archive are unpacked below `folder`. Raises UnusableFile."""
    try:
        if is_workbook(content) or not is_archive(content):
            if _is_binary(content):
                raise UnusableFile("neither text nor a workbook")
            found = _read_table(content, choices, read)
            return found if isinstance(found, FileQuestion) else TableFile(found)
        with opened(content) as archive:
            names = archive.tables
            if choices.table is None and len(names) > 1:
                return _question(Ambiguity.TABLE, [str(name) for name in names])
            name = names[choices.table or 0]
            found = _read_table(archive.table(name), choices, read)
            if isinstance(found, FileQuestion):
                return found
            archive.unpack_beside(name, folder)
            return TableFile(found, folder)
    except (ArchiveError, SpreadsheetError, IndexError, OSError) as error:
        raise UnusableFile(str(error)) from error


def _is_binary(content: bytes) -> bool:
    """Whether this is no text: a workbook of an old version, one with a password, a picture."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return b"\0" in content and not marked and not is_workbook(content)


def _read_table(content: bytes, choices: Choices, read: Reader[Record]) -> Parsed[Record] | FileQuestion:
    if is_workbook(content):
        sheets = read_sheets(content)
        if choices.sheet is None and len(sheets) > 1:
            return _question(Ambiguity.SHEET, [sheet.name for sheet in sheets])
        return read(sheets[choices.sheet or 0].rows if sheets else Rows(()), None)
    parsed = read(content, choices.encoding)
    if not parsed.readings:
        return parsed
    shown = [Option(one.encoding.value, f"{one.encoding.label}: {one.sample}") for one in parsed.readings]
    return FileQuestion(Ambiguity.ENCODING, tuple(shown))


def _question(about: Ambiguity, names: list[str]) -> FileQuestion:
    return FileQuestion(about, tuple(Option(str(place), name) for place, name in enumerate(names)))

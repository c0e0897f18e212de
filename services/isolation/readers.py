"""Pictures and tables of strangers, read in a process of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.csv_files import GoodsRecord, Parsed, SpendingRecord
from services.isolation import pool
from services.isolation.frames import MOST_CONTENT, Header
from services.isolation.pool import ChildFailed
from services.pictures.decoding import MOST_BYTES, SIDE, PictureError, Ready
from services.table_files import Choices, FileQuestion, TableFile, UnusableFile

Record = TypeVar("Record", GoodsRecord, SpendingRecord)
FileReader = Callable[[bytes, Path, Choices], Awaitable[TableFile[Record] | FileQuestion]]

_GOODS = TypeAdapter(Parsed[GoodsRecord])
_SPENDING = TypeAdapter(Parsed[SpendingRecord])
_QUESTION = TypeAdapter(FileQuestion)
_JPEG = b"\xff\xd8\xff"


class DeadlyPicture(PictureError):
    """A picture has ended the process that read it, as one does that takes too much time."""


async def prepare_picture(content: bytes) -> Ready:
    """`services.pictures.decoding.prepare`. Raises PictureError; DeadlyPicture for one that takes too much time."""
    if len(content) > MOST_BYTES:
        raise PictureError("picture-too-big")
    try:
        header, made = await pool.ask({"kind": "picture"}, content)
    except ChildFailed as error:
        raise DeadlyPicture("picture-broken") from error
    if "code" in header:
        raise PictureError(str(header["code"]))
    width, height = header["width"], header["height"]
    if not (_is_side(width) and _is_side(height) and made.startswith(_JPEG) and len(made) <= MOST_BYTES):
        raise PictureError("picture-broken")
    return Ready(hashlib.sha256(made).hexdigest(), made, int(width or 0), int(height or 0))


def _is_side(value: object) -> bool:
    return isinstance(value, int) and 0 < value <= SIDE


async def read_goods_file(content: bytes, folder: Path, choices: Choices) -> TableFile[GoodsRecord] | FileQuestion:
    """A table of goods; the pictures of an archive are unpacked below `folder`. Raises UnusableFile."""
    return await _read("goods", _GOODS, content, folder, choices)


async def read_spending_file(
    content: bytes, folder: Path, choices: Choices
) -> TableFile[SpendingRecord] | FileQuestion:
    """A table of spending. Raises UnusableFile."""
    return await _read("spending", _SPENDING, content, folder, choices)


async def _read(
    kind: str, rows: TypeAdapter[Parsed[Record]], content: bytes, folder: Path, choices: Choices
) -> TableFile[Record] | FileQuestion:
    if len(content) > MOST_CONTENT:
        raise UnusableFile("too large")
    asked: Header = {"kind": kind, "folder": str(folder), "table": choices.table, "sheet": choices.sheet}
    try:
        header, found = await pool.ask({**asked, "encoding": choices.encoding}, content)
        if "unusable" in header:
            raise UnusableFile(str(header["unusable"]))
        if header["question"]:
            return _QUESTION.validate_json(found)
        return TableFile(rows.validate_json(found), folder if header["pictures"] else None)
    except (ChildFailed, KeyError, ValidationError) as error:
        raise UnusableFile(str(error)[:200]) from error

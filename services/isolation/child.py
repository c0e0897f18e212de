"""The process that reads files: `python -m services.isolation.child`, started by `pool` and asked over its pipes."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
from pathlib import Path

import orjson

from domain.csv_files import GoodsRecord, SpendingRecord, read_goods, read_spending
from domain.reading.encodings import Encoding
from services.isolation.frames import Header, receive, send
from services.pictures.decoding import PictureError, prepare
from services.table_files import Choices, FileQuestion, TableFile, UnusableFile, read_file

MEMORY = 1024 * 1024 * 1024
"""Bytes of address space. The largest picture that is accepted takes 800 MB."""
PICTURE_SECONDS, TABLE_SECONDS = 20, 60
"""Seconds of processor time for a file. The largest picture that is accepted takes 8."""
_MOST_WRITTEN = 256 * 1024 * 1024
"""Bytes of one unpacked file."""
_IDLE_SECONDS = 60.0
"""Seconds without a question after which the process ends: the memory is the bot's."""


def main() -> None:
    """Answer until the other side has gone, or has not asked for a while."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to the bot and all its children: the bot decides
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_FSIZE, _MOST_WRITTEN)
    _limit(resource.RLIMIT_CORE, 0)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    while select.select([questions], [], [], _IDLE_SECONDS)[0]:
        try:
            header, content = receive(questions.read)
        except EOFError:
            return
        used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        _limit(resource.RLIMIT_CPU, used + (PICTURE_SECONDS if header["kind"] == "picture" else TABLE_SECONDS))
        send(_Whole(answers), *answer(header, content))


class _Whole:
    """Writes all bytes to a pipe, which takes a part at a time."""

    def __init__(self, pipe: object) -> None:
        self._pipe = pipe

    def write(self, data: bytes, /) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._pipe.fileno(), left) :]  # type: ignore[attr-defined]


def _limit(kind: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS does not limit memory
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def answer(header: Header, content: bytes) -> tuple[Header, bytes]:
    """What is in a file: a picture for Telegram, a table or a question, or why there is nothing. Never raises."""
    try:
        if header["kind"] == "picture":
            ready = prepare(content)
            return {"width": ready.width, "height": ready.height}, ready.content
        return _table(header, content)
    except PictureError as error:
        return {"code": error.code}, b""
    except UnusableFile as error:
        return {"unusable": str(error)[:200]}, b""
    except MemoryError:
        return {"code": "picture-broken", "unusable": "too large"}, b""
    except Exception as error:  # libraries raise any error for damaged files
        return {"code": "picture-broken", "unusable": type(error).__name__}, b""


def _table(header: Header, content: bytes) -> tuple[Header, bytes]:
    table, sheet, encoding = header["table"], header["sheet"], header["encoding"]
    choices = Choices(
        None if table is None else int(table),
        None if sheet is None else int(sheet),
        Encoding(str(encoding)) if encoding else None,
    )
    folder = Path(str(header["folder"]))
    found: TableFile[GoodsRecord] | TableFile[SpendingRecord] | FileQuestion
    if header["kind"] == "goods":
        found = read_file(content, folder, choices, read_goods)
    else:
        found = read_file(content, folder, choices, read_spending)
    if isinstance(found, FileQuestion):
        return {"question": True}, orjson.dumps(found)
    return {"question": False, "pictures": found.folder is not None}, orjson.dumps(found.parsed)


if __name__ == "__main__":
    main()

"""Files of strangers are read in a process with limits: what they do to it does nothing to the bot."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image

from services.archives import unpacked
from services.isolation import child as child_module
from services.isolation import frames, pool, readers
from services.isolation.readers import prepare_picture, read_goods_file, read_spending_file
from services.pictures import decoding
from services.pictures.decoding import PictureError
from services.pictures.preparation import prepare_each
from services.table_files import Ambiguity, Choices, FileQuestion, TableFile, UnusableFile
from tests.conftest import a_picture
from tests.hostile_files import A_ROW, GOODS, declaring, icon, lzma_that_asks_for_memory, packed

MEGABYTE = 1024 * 1024
TABLE = GOODS + A_ROW.format(1).encode()


async def rows(content: bytes, folder: Path) -> int:
    found = await read_goods_file(content, folder, Choices())
    assert isinstance(found, TableFile)
    return len(found.parsed.rows)


async def refused(content: bytes, folder: Path) -> str:
    with pytest.raises(UnusableFile) as caught:
        await read_goods_file(content, folder, Choices())
    return str(caught.value)


async def picture_code(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        await prepare_picture(content)
    return caught.value.code


async def test_files_are_read_in_another_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def here(*_: object, **__: object) -> None:
        raise AssertionError("read in the bot's own process")

    for module, name in ((decoding, "prepare"), (child_module, "prepare"), (child_module, "read_file")):
        monkeypatch.setattr(module, name, here)
    assert (await prepare_picture(a_picture(2600, 1300))).width == 1280
    assert await rows(TABLE, tmp_path) == 1


async def test_a_table_comes_back_as_it_was_read(tmp_path: Path) -> None:
    found = await read_goods_file(packed({"t.csv": TABLE, "1.jpg": b"x", "u.csv": b""}), tmp_path, Choices(table=0))
    assert isinstance(found, TableFile) and found.folder == tmp_path and (tmp_path / "1.jpg").read_bytes() == b"x"
    assert found.parsed.rows[0].expected_price == 1_000 and found.parsed.rows[0].line == 2
    question = await read_goods_file(packed({"t.csv": TABLE, "u.csv": b""}), tmp_path, Choices())
    assert isinstance(question, FileQuestion) and question.about is Ambiguity.TABLE
    spending = b"telegram_id,amount,spent_on,ref\n42,-5,2026-01-01,o-1\n4,x,2026-01-01,o-2\n"
    spent = await read_spending_file(spending, tmp_path, Choices())
    assert isinstance(spent, TableFile) and spent.folder is None and spent.parsed.rows[0].amount == -500
    assert [cell.code for cell in spent.parsed.bad] == ["not_a_price"]


async def test_an_entry_is_unpacked_to_its_declared_size_at_most(tmp_path: Path) -> None:
    bomb = packed({"t.csv": TABLE, "1.jpg": b"\0" * 50 * MEGABYTE})
    for content in (declaring(bomb, "1.jpg", 10), declaring(bomb, "1.jpg", 10, b"\0" * 10)):
        assert await rows(content, tmp_path) == 1 and (tmp_path / "1.jpg").read_bytes() == b""
    table = packed({"t.csv": TABLE + b"\n" * 50 * MEGABYTE})
    assert await refused(declaring(table, "t.csv", len(TABLE), TABLE), tmp_path) == "damaged"


def test_what_an_entry_holds_beyond_its_declared_size_takes_no_memory() -> None:
    """Also where no limit of the process ends it: `zipfile` unpacks all, and cuts it then."""
    bomb = declaring(packed({"1.jpg": b"\0" * 50 * MEGABYTE}), "1.jpg", 10)
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        tracemalloc.start()
        try:
            with pytest.raises(zipfile.BadZipFile):
                unpacked(archive, archive.getinfo("1.jpg"))
            assert tracemalloc.get_traced_memory()[1] < MEGABYTE
        finally:
            tracemalloc.stop()


async def test_an_entry_whose_decoder_cannot_be_bounded_is_not_unpacked(tmp_path: Path) -> None:
    assert await refused(lzma_that_asks_for_memory("t.csv", TABLE), tmp_path) == "damaged"


async def test_a_workbook_is_unpacked_to_its_declared_size_at_most(tmp_path: Path) -> None:
    book = Workbook()
    book.save(tmp_path / "book.xlsx")
    honest = (tmp_path / "book.xlsx").read_bytes()
    assert await rows(honest, tmp_path) == 0
    bomb = packed({"xl/workbook.xml": b"<a/>" + b" " * 50 * MEGABYTE})
    assert await refused(declaring(bomb, "xl/workbook.xml", 4, b"<a/>"), tmp_path) == "damaged"


@pytest.mark.parametrize(
    "content",
    [
        packed({"t.csv": TABLE, "/".join("a" * 1_500) + "/1.jpg": b"x"}),
        packed({"t.csv": TABLE, "a": b"", "a/b": b""}),
        pytest.param(packed({"t.csv": TABLE + b",\n" * 60 * MEGABYTE}), marks=pytest.mark.long),
    ],
    ids=["folders without end", "a file that is a folder", "lines without end"],
)
async def test_an_archive_of_traps_costs_nothing_but_itself(content: bytes, tmp_path: Path) -> None:
    with contextlib.suppress(UnusableFile):
        await read_goods_file(content, tmp_path, Choices())
    assert await rows(TABLE, tmp_path) == 1, "the next file is read"


async def test_an_archive_of_more_entries_than_goods_is_not_listed(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + b"\0" * 24 + b"\1\0" + b"\0" * 16 + b"x"
    end = b"PK\x05\x06" + b"\0" * 8 + (20_000 * len(entry)).to_bytes(4, "little") + b"\0" * 6
    assert await refused(entry * 20_000 + end, tmp_path) == "too large"


async def test_only_the_named_formats_are_decoded() -> None:
    assert await picture_code(icon(300)) == "picture-broken"
    assert await picture_code(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n") == "picture-broken"
    assert await picture_code(a_picture(90, 60, "TGA")) == "picture-broken"


async def test_of_an_animation_the_first_frame_is_decoded(tmp_path: Path) -> None:
    frames_of = [Image.new("L", (40, 30), shade) for shade in range(0, 250, 5)]
    frames_of[0].save(tmp_path / "a.gif", save_all=True, append_images=frames_of[1:])
    assert (await prepare_picture((tmp_path / "a.gif").read_bytes())).width == 40


def test_a_process_that_dies_is_an_error_and_one_that_left_is_not() -> None:
    killed = pool.Child()
    os.kill(killed.pid, signal.SIGKILL)
    with pytest.raises((EOFError, OSError)):
        killed.ask({"kind": "picture"}, a_picture() * 100)
    assert killed.end() == -signal.SIGKILL


async def test_a_process_that_cannot_work_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    start = subprocess.Popen

    def broken(command: tuple[str, ...], **options: object) -> object:
        return start((*command[:-1], "services.isolation.nothing"), **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", broken)
    monkeypatch.setattr(pool, "_own", threading.local())
    with pytest.raises(RuntimeError, match="cannot work"):
        await read_goods_file(TABLE, tmp_path, Choices())


async def test_a_file_that_is_larger_than_a_message_is_not_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(readers, "MOST_CONTENT", 5)
    assert await refused(TABLE, tmp_path) == "too large"


async def test_a_file_that_kills_its_process_is_broken_and_the_next_one_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ask = pool.Child.ask

    def deadly(self: pool.Child, header: frames.Header, content: bytes) -> tuple[frames.Header, bytes]:
        if content == b"deadly":
            os.kill(self.pid, signal.SIGKILL)
        return ask(self, header, content)

    monkeypatch.setattr(pool.Child, "ask", deadly)
    assert await picture_code(b"deadly") == "picture-broken"
    assert await refused(b"deadly", tmp_path) == "a file has ended the process that read it"
    assert await rows(TABLE, tmp_path) == 1


async def test_a_process_that_answers_nonsense_and_leaves_is_asked_twice_at_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def nonsense(self: pool.Child, *_: object) -> None:
        asked.append(self)
        raise ValueError("a message without a header")

    monkeypatch.setattr(pool.Child, "ask", nonsense)
    assert await refused(TABLE, tmp_path) == "a file has made the process that read it leave"
    assert len(asked) == 2


async def test_after_a_few_pictures_that_kill_no_more_of_the_table_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    async def ask(_: frames.Header, content: bytes) -> tuple[frames.Header, bytes]:
        asked.append(content)
        raise pool.ChildFailed("too slow")

    monkeypatch.setattr(pool, "ask", ask)
    (tmp_path / "a.jpg").write_bytes(a_picture())
    sources = [f"{'./' * number}a.jpg" for number in range(50)]
    found = [got async for some in prepare_each(sources, tmp_path) for got in some.values()]
    codes = [got.code for got in found if isinstance(got, PictureError)]
    assert len(codes) == 50 and codes[-1] == "picture-not-tried" and len(asked) < 10


async def test_a_process_that_left_when_idle_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ask, gone = pool.Child.ask, []

    def leaving(self: pool.Child, header: frames.Header, content: bytes) -> tuple[frames.Header, bytes]:
        if not gone:
            gone.append(self)
            self._process.communicate()  # the end of its questions, as after a minute without one
        return ask(self, header, content)

    monkeypatch.setattr(pool.Child, "ask", leaving)
    assert await rows(TABLE, tmp_path) == 1 and gone


@pytest.mark.parametrize(
    "answer",
    [
        ({"width": 0, "height": 5}, b"\xff\xd8\xff"),
        ({"width": 10**6, "height": 5}, b"\xff\xd8\xff"),
        ({"width": 5, "height": 5}, b"<html>"),
        ({"width": "5", "height": 5}, b"\xff\xd8\xff"),
    ],
)
async def test_an_answer_that_is_no_picture_is_not_believed(
    answer: tuple[frames.Header, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def ask(*_: object) -> tuple[frames.Header, bytes]:
        return answer

    monkeypatch.setattr(pool, "ask", ask)
    assert await picture_code(b"x") == "picture-broken"
    await refused(b"x", tmp_path)


def test_the_process_has_limits_and_none_of_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "12:canary")
    reader = pool.Child()
    reader.ask({"kind": "picture"}, a_picture())
    proc = Path("/proc") / str(reader.pid)
    limits = {line[:26].strip(): line[26:].split()[0] for line in (proc / "limits").read_text().splitlines()}
    assert limits["Max address space"] == str(child_module.MEMORY)
    assert child_module.PICTURE_SECONDS <= int(limits["Max cpu time"]) < 2 * child_module.PICTURE_SECONDS
    assert limits["Max core file size"] == "0" and "canary" not in (proc / "environ").read_text()
    reader.end()

"""Archives, workbooks, tables and pictures broken in every way: each is read, asked about or refused, and costs no more
than the limits of the process that reads it."""

from __future__ import annotations

import asyncio
import io
import random
import resource
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image

from domain.csv_files import CODES, GOODS_COLUMNS, MOST_COMPLAINTS, MOST_GOODS
from services.isolation.readers import prepare_picture, read_goods_file
from services.pictures.decoding import PictureError
from services.table_files import Choices, FileQuestion, UnusableFile
from tests.campaigns.size import sized
from tests.conftest import a_picture
from tests.hostile_files import A_ROW, GOODS, declaring, icon, lzma_that_asks_for_memory, mutated, packed
from tests.waiting import GUARD

pytestmark = pytest.mark.long
SEED = 20_261_130
TABLES = sized(small=3_000, full=60_000)
PICTURES = sized(small=3_000, full=60_000)
GIGABYTES = sized(small=1, full=3)
CODES_OF_PICTURES = {"picture-broken", "picture-too-big", "picture-shape"}
MORE_MEMORY = 200 * 1024
"""Kilobytes by which this process may grow: files of a few kilobytes and their answers."""

ROWS = GOODS.decode() + "".join(A_ROW.format(number) for number in range(6))


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ROWS.splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def tables() -> list[bytes]:
    """Whole files of every kind, before they are broken."""
    chinese = ROWS.replace("tea,food", "高山綠茶,食品")
    pictures = {f"{number}.jpg": a_picture(30, 20) for number in range(3)}
    return [
        ROWS.encode(),
        ROWS.replace(",", ";").encode("utf-8-sig"),
        chinese.encode("gb18030"),
        chinese.encode("utf-16"),
        workbook(),
        packed({"t.csv": ROWS.encode(), **pictures}),
        packed({"t.csv": ROWS.encode(), "u.tsv": chinese.encode("big5"), **pictures}, zipfile.ZIP_STORED),
        packed({"a/t.xlsx": workbook(), **{f"a/{name}": picture for name, picture in pictures.items()}}),
    ]


def pictures() -> list[bytes]:
    """Whole pictures of every format, before they are broken."""
    found = [a_picture(60, 40, kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")]
    frames = [Image.new("RGBA", (60, 40), (shade, 0, 0, 255 - shade)) for shade in range(0, 250, 50)]
    for kind in ("GIF", "PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        found.append(out.getvalue())
    out = io.BytesIO()
    Image.effect_noise((60, 40), 90).convert("RGB").save(out, "JPEG", progressive=True)
    return [*found, out.getvalue(), icon(30)]


async def outcome_of_table(content: bytes, folder: Path) -> str:
    """How a table was taken; fails for anything but the outcomes that people are told of."""
    try:
        found = await read_goods_file(content, folder, Choices())
    except UnusableFile:
        return "unusable"
    if isinstance(found, FileQuestion):
        assert found.options
        return "question"
    parsed = found.parsed
    assert len(parsed.rows) <= MOST_GOODS and len(parsed.bad) <= MOST_COMPLAINTS and parsed.further >= 0
    assert {cell.code for cell in parsed.bad} <= set(CODES)
    assert {cell.field for cell in parsed.bad} <= {"", *GOODS_COLUMNS}
    return "read"


async def outcome_of_picture(content: bytes) -> str:
    """How a picture was taken."""
    try:
        ready = await prepare_picture(content)
    except PictureError as error:
        assert error.code in CODES_OF_PICTURES
        return error.code
    with Image.open(io.BytesIO(ready.content)) as made:
        assert made.format == "JPEG" and made.size == (ready.width, ready.height)
    return "ready"


def _memory() -> int:
    """Kilobytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def test_broken_tables_and_archives_are_read_asked_about_or_refused(tmp_path: Path) -> None:
    chance, wholes, seen, before = random.Random(SEED), tables(), Counter[str](), _memory()
    for whole in wholes:
        assert await outcome_of_table(whole, tmp_path / "whole") in ("read", "question")
    (tmp_path / "beside").mkdir()
    for number in range(TABLES):
        folder = tmp_path / "beside" / str(number)
        folder.mkdir()
        seen[await outcome_of_table(mutated(chance.choice(wholes), chance), folder)] += 1
    assert set(seen) == {"read", "question", "unusable"}, seen
    assert {path.name for path in (tmp_path / "beside").iterdir()} == {str(number) for number in range(TABLES)}
    assert _memory() < before + MORE_MEMORY


async def test_broken_pictures_are_made_whole_or_refused_with_a_code() -> None:
    chance, wholes, seen, before = random.Random(SEED), pictures(), Counter[str](), _memory()
    for _ in range(PICTURES):
        seen[await outcome_of_picture(mutated(chance.choice(wholes), chance))] += 1
    assert {"ready", "picture-broken"} <= set(seen), seen
    assert _memory() < before + MORE_MEMORY


async def test_bombs_cost_the_bot_nothing(tmp_path: Path) -> None:
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", GOODS)
        with archive.open("0.jpg", "w", force_zip64=True) as entry:
            for _ in range(GIGABYTES * 64):
                entry.write(b"\0" * 2**24)
    bomb, lines = zeros.getvalue(), packed({"t.csv": GOODS + b"x\n" * 60_000_000})
    before = _memory()
    assert await outcome_of_table(declaring(bomb, "0.jpg", 10), tmp_path) == "read"
    assert await outcome_of_table(declaring(bomb, "0.jpg", 10, b"\0" * 10), tmp_path) == "read"
    assert await outcome_of_table(bomb, tmp_path) == "unusable"
    assert await outcome_of_table(lzma_that_asks_for_memory("t.csv", GOODS), tmp_path) == "unusable"
    assert await outcome_of_table(lines, tmp_path) == "read", "to its limit of lines"
    assert await outcome_of_picture(icon(13_000)) == "picture-broken"
    assert _memory() < before + 2 * MORE_MEMORY


def many_scans() -> bytes:
    """A progressive JPEG of 36 million pixels whose last scan comes 20,000 times: hours of decoding in 2 MB."""
    out = io.BytesIO()
    Image.new("L", (6_000, 6_000), 90).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    scan = whole[whole.rfind(b"\xff\xda") : -2]
    return whole[:-2] + scan * min(20_000, 9_000_000 // len(scan)) + whole[-2:]


async def test_a_picture_that_would_take_hours_ends_with_its_processor_time_and_holds_up_no_other() -> None:
    slow = asyncio.create_task(outcome_of_picture(many_scans()))
    await asyncio.sleep(0)
    async with asyncio.timeout(GUARD):
        assert await outcome_of_picture(a_picture()) == "ready"
        assert not slow.done(), "the other process has read another picture meanwhile"
        assert await slow == "picture-broken"
        assert await outcome_of_picture(a_picture()) == "ready"

"""What is stored about a member is written part by part: memory holds one part, whatever there is (R36)."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.jobs import exports
from bot.jobs.exports import write_personal_files, write_table
from bot.services import Services
from handlers.views import tables
from storage import votes
from storage.retention import personal_data
from tests.conftest import TUESDAY_TEN, meet
from tests.handlers.conftest import localizer_in
from tests.services.conftest import on_display, order, stored_about, voter, votes_table

MANY = 20_000
MOST_BYTES = 8_000_000
"""Of memory. As dictionaries alone the rows take 20 MB."""


@pytest.fixture
async def busy(display: Services) -> Services:
    """A member who voted and took back without end, before that was limited."""
    ann, item = await meet(display), (await on_display(display))[0]
    at = f"{TUESDAY_TEN:%Y-%m-%d %H:%M:%S.%f}"
    await order(
        display.context.db,
        "INSERT INTO votes (item_id, member_id, cast_at, day, slot, taken_back_at) "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many) "
        "SELECT :item, :member, :at, '2026-11-24', 1, :at FROM n",
        item=item, member=ann.id, at=at, many=MANY,
    )  # fmt: skip
    return display


@pytest.mark.long
async def test_memory_holds_a_part_of_the_export_only(busy: Services, tmp_path: Path) -> None:
    ann = await meet(busy)
    tracemalloc.start()
    try:
        text, everything = await write_personal_files(busy.people, ann, tmp_path, localizer_in("en"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert text.read_text("utf-8").count("taken back") == MANY
    assert everything.stat().st_size > MOST_BYTES / 2


async def test_the_file_for_programs_holds_everything_in_whatever_parts_it_was_read(
    display: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "PART", 2)
    ann, items = await meet(display), await on_display(display)
    for item in items[:7]:
        await display.carousel.shown(ann, item)
    _, everything = await write_personal_files(display.people, ann, tmp_path, localizer_in("en"))
    stored = await stored_about(display, ann)
    assert json.loads(everything.read_text("utf-8")) == json.loads(json.dumps(stored, default=str))
    assert len(stored["shown"]) == 7 and stored["votes"] == []


async def test_a_file_that_telegram_would_not_take_is_compressed(
    display: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LARGEST", 400)
    _, packed = await write_personal_files(display.people, await meet(display), tmp_path, localizer_in("en"))
    assert packed.name == "my-data.json.zip"
    with zipfile.ZipFile(packed) as archive:
        assert json.loads(archive.read("my-data.json"))["member"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_an_organisers_table_is_the_same_in_whatever_parts_it_was_read(
    display: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(votes, "PART", 2)
    for number, item in enumerate((await on_display(display))[:5]):
        await display.voting.cast(await voter(display, 1001 + number), item)
    file, zone = tmp_path / f"votes.{ending}", display.context.rules.zone
    parts = (tables.votes_table(part, zone) async for part in display.goods.votes_table())
    assert await write_table(file, tables.VOTES, parts) == 5
    rows = tables.votes_table(await votes_table(display), zone)
    if ending == "csv":
        assert file.read_bytes() == tables.as_csv(tables.VOTES, rows)
    else:
        written = list(load_workbook(file).worksheets[0].values)
        assert written[0] == tables.VOTES and [row[3] for row in written[1:]] == [row[3] for row in rows]

"""Jobs: tables that an organiser exports and imports (R4, R31)."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from sandbox.testing import SeenMessage, TestUser
from services.spreadsheets import read_sheets, write_sheets
from tests.conftest import make_goods
from tests.journeys.conftest import Town
from tests.services.conftest import ask
from tests.waiting import GUARD


async def after(user: TestUser, before: int, said: str) -> SeenMessage:
    """Wait for a newer message of the bot that contains a text."""

    def find() -> SeenMessage | None:
        theirs = [seen for seen in user.messages() if seen.id > before and seen.message.sender != user.id]
        return next((seen for seen in theirs if said in seen.text), None)

    found = await user.box.world.feed.wait_for(find, GUARD)
    assert found is not None, user.last()
    return found


async def handed_in(town: Town, olga: TestUser, prefix: str, number: int) -> SeenMessage:
    """The preview of a table, with the question whether to import it."""
    table, packed = make_goods(town.folder / prefix, number, prefix), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in table.parent.iterdir():
            archive.write(path, path.name)
    sent = await olga.sends_file(packed.getvalue(), f"{prefix}.zip")
    return await after(olga, sent.id, "Looked through")


async def test_r31_the_ranking_and_the_votes_are_sent_as_tables(town: Town) -> None:
    ann, olga = await town.person("Ann", yuan="150.00"), await town.organiser()
    await ann.says("/start")
    await ann.sees("Hello")
    await town.stock(3)
    await ann.sees("1/3")
    await ann.taps("🙋")
    await olga.says("/desk")
    await olga.taps("🏆")
    tables: dict[str, list[list[str]]] = {}
    for name, rows in (("ranking", 3), ("votes", 1)):
        await olga.taps(f"📄 {name.capitalize()}")
        await after(olga, 0, f"📄 {rows} row")
        files = town.box.world.files
        (stored,) = (one for one in files.files.values() if one.name.startswith(name) and one.name.endswith(".csv"))
        content = files.bytes_of(stored)
        tables[name] = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(tables[name]) == rows + 1
    assert dict(zip(*tables["ranking"][:2], strict=True))["votes"] == "1"
    assert str(ann.id) not in str(tables), "tables hold member numbers, not Telegram IDs"


async def test_r31_the_ranking_and_the_templates_are_sent_as_workbooks(town: Town) -> None:
    olga = await town.organiser()
    await town.stock(3)
    await olga.says("/desk")
    await olga.taps("🏆")
    await olga.taps("📊 Ranking")
    await after(olga, 0, "📄 3 rows")
    await olga.says("/desk")
    await olga.taps("📥")
    await olga.taps("📄 Template for goods")
    await after(olga, 0, "send the file back")
    await olga.taps("📄 Template for spending")
    await after(olga, 0, "bot spend import")
    files = town.box.world.files
    sent = {one.name: files.bytes_of(one) for one in files.files.values() if one.name.endswith(".xlsx")}
    rows = {name: len(read_sheets(content)[0].rows.rows) for name, content in sent.items()}
    assert rows == {"ranking-20261124-1000.xlsx": 4, "Goods.xlsx": 1, "Spending.xlsx": 1}


async def test_each_import_button_imports_its_own_table_once(town: Town) -> None:
    olga, db = await town.organiser(), town.services.context.db
    first, second = await handed_in(town, olga, "aa", 2), await handed_in(town, olga, "bb", 3)
    assert await ask(db, "SELECT count(*) FROM items") == [(0,)]
    button = first.button("📥")
    assert button is not None
    await olga.taps(button, message=first)
    await after(olga, first.id - 1, "Imported")
    assert await ask(db, "SELECT ref FROM items ORDER BY ref") == [("aa0",), ("aa1",)]
    await olga.taps("📥", message=second)
    await after(olga, second.id - 1, "Imported")
    assert await ask(db, "SELECT count(*) FROM items") == [(5,)]
    assert await ask(db, "SELECT kind, count(*) FROM jobs WHERE member_id > 0 GROUP BY kind ORDER BY kind") == [
        ("import", 2),
        ("import-check", 2),
    ]
    assert not first.button("📥"), "its message says what was done"


async def test_a_second_tap_on_an_import_button_is_refused(town: Town) -> None:
    olga = await town.organiser()
    asked = await handed_in(town, olga, "aa", 2)
    button = asked.button("📥")
    assert button is not None
    chat, row = town.box.world.chat(asked.chat), (button.row, button.column)
    taps = [town.box.backend.actions.tap(olga.person, chat, asked.id, *row) for _ in range(3)]
    answers = [await olga.answered(tapped["callback_query_id"]) for tapped in taps]
    assert [("Under way" in (a.text or "")) for a in answers] == [True, False, False]
    assert all("done already" in (answer.text or "") for answer in answers[1:])
    await after(olga, asked.id - 1, "Imported")
    assert await ask(town.services.context.db, "SELECT count(*) FROM items") == [(2,)]


async def test_r4_of_several_tables_or_readings_the_organiser_chooses_one(town: Town) -> None:
    olga, db = await town.organiser(), town.services.context.db
    table, packed = make_goods(town.folder / "aa", 2, "aa"), io.BytesIO()
    signs = table.read_text("utf-8").replace("很好的宝贝", "").replace("宝贝", "€ — ·").replace("小店", "x")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(table, "old.csv")
        archive.writestr("new.csv", signs.encode("gb18030"))
        for path in table.parent.glob("*.png"):
            archive.write(path, path.name)
    sent = await olga.sends_file(packed.getvalue(), "goods.zip")
    asked = await after(olga, sent.id, "Which table?")
    assert asked.labels == ["new.csv", "old.csv", "🏪 Desk"]
    await olga.taps("new.csv", message=asked)
    asked = await after(olga, asked.id - 1, "Which text is right?")
    assert "GB 18030: " in asked.text and "Big5: " in asked.text and "€ — ·" in asked.text
    await olga.taps("GB 18030", message=asked)
    await olga.taps("📥", message=await after(olga, asked.id - 1, "Looked through"))
    await after(olga, asked.id - 1, "Imported")
    assert await ask(db, "SELECT title FROM items ORDER BY ref") == [("€ — ·aa0",), ("€ — ·aa1",)]


async def test_r4_goods_are_imported_from_a_workbook(town: Town) -> None:
    olga, db = await town.organiser(), town.services.context.db
    table, packed = make_goods(town.folder / "aa", 2, "aa"), io.BytesIO()
    rows = list(csv.reader(io.StringIO(table.read_text("utf-8"))))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("宝贝/表格.xlsx", write_sheets([("宝贝", rows)]))
        for path in table.parent.glob("*.png"):
            archive.write(path, f"宝贝/{path.name.upper()}")
    sent = await olga.sends_file(packed.getvalue(), "goods.zip")
    await olga.taps("📥", message=await after(olga, sent.id, "Looked through"))
    await after(olga, sent.id, "Imported")
    assert await ask(db, "SELECT ref FROM items ORDER BY ref") == [("aa0",), ("aa1",)]


async def test_r4_the_answer_to_another_file_names_the_formats_of_tables(town: Town) -> None:
    olga, ann = await town.organiser(), await town.person("Ann", "zh")
    for name in ("goods.xlsx", "goods.xls", "goods.txt"):
        sent = await olga.sends_file(b"\x00", name)
        assert (
            "An older spreadsheet can be saved as .xlsx"
            in (await after(olga, sent.id, "This file cannot be used")).text
        )
    await ann.says("/start")
    await ann.sees("Ann，你好")
    sent = await ann.sends_file(b"\x00", "goods.xlsx")
    assert "句话" not in (await after(ann, sent.id, "没看懂")).text, "a file does not get the answer to a text"


async def test_a_table_is_read_from_the_disk_of_a_bot_api_server_in_local_mode(town: Town) -> None:
    olga = await town.organiser()
    town.box.world.files.local_folder = town.folder / "bot-api"
    sent = await handed_in(town, olga, "cc", 2)
    assert "2 new" in sent.text


async def test_a_file_that_cannot_be_reached_is_one_line_in_the_log_and_an_apology(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    olga, files = await town.organiser(), town.box.world.files
    files.local_folder = town.folder / "bot-api"
    files.on_disk = lambda stored, token: f"/nowhere/{token}/{stored.path}"  # type: ignore[method-assign]
    sent = await olga.sends_file(b"ref,title\n", "goods.csv")
    await after(olga, sent.id, "went wrong")
    assert "set BOT_API_FILES" in caplog.text and "Traceback" not in caplog.text

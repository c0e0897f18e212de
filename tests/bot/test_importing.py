"""The commands that take in goods and spending, as scripts use them: what they store, what they name, how they end."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.services import Services
from domain.goods import ItemState
from services.spreadsheets import read_sheets, write_sheets
from tests.bot.conftest import MakeFile, Terminal
from tests.bot.test_commands import HEADER, look, picture, row, stored
from tests.conftest import a_picture, make_goods, meet

pytestmark = pytest.mark.usefixtures("migrated_database")

# --- goods import ---------------------------------------------------------------------------------------------------


def test_goods_are_imported_and_the_same_file_again_changes_nothing(terminal: Terminal, own_folder: Path) -> None:
    table = str(make_goods(own_folder, 3))
    assert terminal.ok("goods", "import", table) == "Imported: 3 new, 0 changed, 0 as before\n"
    assert terminal.ok("goods", "import", table) == "Imported: 0 new, 0 changed, 3 as before\n"
    assert set(stored(own_folder).values()) == {ItemState.PASSED}


def test_a_changed_row_is_changed_until_it_was_on_display(terminal: Terminal, write: MakeFile) -> None:
    terminal.ok("goods", "import", str(write("t.csv", f"{HEADER}\n{row()}\n")))
    table = str(write("t.csv", f"{HEADER}\n{row(expected_price='11.00')}\n"))
    assert terminal.ok("goods", "import", table) == "Imported: 0 new, 1 changed, 0 as before\n"
    terminal.ok("rounds", "open")
    assert terminal.ok("goods", "import", table) == "Imported: 0 new, 0 changed, 1 as before\n"
    table = str(write("t.csv", f"{HEADER}\n{row(expected_price='10.00')}\n"))
    assert "line 2, ref: “a1” was on display already" in terminal.fails("goods", "import", table)


def test_a_dry_run_changes_nothing(terminal: Terminal, own_folder: Path) -> None:
    table = str(make_goods(own_folder, 2))
    said = terminal.ok("goods", "import", table, "--dry-run")
    assert said == "Looked through, nothing changed: 2 new, 0 changed, 0 as before\n"
    assert not stored(own_folder)
    assert terminal.ok("goods", "import", table) == "Imported: 2 new, 0 changed, 0 as before\n"


def test_a_bad_file_names_every_bad_row_and_field_and_imports_nothing(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    bad_two = row("a2", title="", category="books", original_price="cheap", stock="0", url="shop")
    table = str(write("t.csv", f"{HEADER}\n{row('a1')}\n{bad_two}\n{row('a1', picture='b.jpg')}\n"))
    result = terminal.run("goods", "import", table)
    complaints = [line for line in result.stderr.splitlines() if line.startswith("line ")]
    assert [line.partition(":")[0] for line in complaints] == [
        "line 3, title",
        "line 3, category",
        "line 3, original_price",
        "line 3, stock",
        "line 3, url",
        "line 4, ref",
    ]
    assert "stands in line 2 already" in complaints[-1]
    assert result.exit_code == 1
    assert result.stdout == "Nothing was imported. With --skip-bad it would be: 1 new, 0 changed, 0 as before\n"
    said = "Looked through, nothing changed. With --skip-bad it would be: 1 new, 0 changed, 0 as before\n"
    assert terminal.run("goods", "import", table, "--dry-run").stdout == said
    assert not stored(own_folder)


def test_the_good_rows_of_a_bad_file_are_imported_when_asked_for_and_it_still_ends_with_1(
    terminal: Terminal, write: MakeFile, own_folder: Path
) -> None:
    table = str(write("t.csv", f"{HEADER}\n{row('a1')}\n{row('a2', stock='none')}\n{row('a3')}\n"))
    result = terminal.run("goods", "import", table, "--skip-bad")
    assert result.stdout == "Imported: 2 new, 0 changed, 0 as before\n"
    assert "line 3, stock: “none” is not a whole number" in result.stderr
    assert result.exit_code == 1
    assert set(stored(own_folder)) == {"a1", "a3"}


def test_a_file_with_two_readings_shows_both_and_is_read_in_the_encoding_that_is_named(
    terminal: Terminal, own_folder: Path
) -> None:
    signs = row(title="€ — ·", shop="x", description="")
    (own_folder / "t.csv").write_bytes(f"{HEADER}\n{signs}\n".encode("gb18030"))
    said = terminal.fails("goods", "import", "t.csv")
    assert "GB 18030: a1,x,€ — ·" in said and "Big5: " in said and "Say which one, such as --encoding" in said
    assert terminal.ok("goods", "import", "t.csv", "--encoding", "gb18030").startswith("Imported: 1 new")
    item = look(lambda services: services.groups.find("a1"))
    assert item is not None and item.title_zh == "€ — ·"


def test_a_zip_with_a_table_and_pictures_is_imported_and_of_several_tables_one_is_chosen(
    terminal: Terminal, own_folder: Path
) -> None:
    with zipfile.ZipFile(own_folder / "goods.zip", "w") as packed:
        packed.writestr("a.csv", f"{HEADER}\n{row(picture='pics/A.JPG')}\n")
        packed.writestr("pics/a.jpg", a_picture())
    assert terminal.ok("goods", "import", "goods.zip").startswith("Imported: 1 new")
    with zipfile.ZipFile(own_folder / "goods.zip", "a") as packed:
        packed.writestr("b.csv", f"{HEADER}\n{row('a2', picture='pics/a.jpg')}\n")
    said = terminal.fails("goods", "import", "goods.zip")
    assert "  a.csv\n  b.csv\n" in said and "Say which one, such as --table 1" in said
    assert terminal.ok("goods", "import", "goods.zip", "--table", "2").startswith("Imported: 1 new")
    assert set(stored(own_folder)) == {"a1", "a2"}


def test_tables_are_written_as_workbooks_and_the_templates_are_read_again(terminal: Terminal, own_folder: Path) -> None:
    for kind in ("goods", "spend"):
        for name in ("new.xlsx", "new.csv"):
            terminal.ok(kind, "template", f"{kind}-{name}")
            assert terminal.ok(kind, "import", f"{kind}-{name}").startswith("Imported: 0 new")
        assert (own_folder / f"{kind}-new.csv").read_text("utf-8-sig").count("\n") == 1
    terminal.ok("goods", "import", str(make_goods(own_folder, 2)))
    terminal.ok("rounds", "open")
    assert "2 rows" in terminal.ok("export", "ranking", "ranking.xlsx")
    (sheet,) = read_sheets((own_folder / "ranking.xlsx").read_bytes())
    assert sheet.name == "ranking" and len(sheet.rows.rows) == 3


def test_a_template_is_not_written_over_one_that_was_filled_in(terminal: Terminal, write: MakeFile) -> None:
    filled = write("new.csv", f"{HEADER}\n{row()}\n")
    for kind in ("goods", "spend"):
        assert terminal.fails(kind, "template", "new.csv").startswith("new.csv is there already")
    assert filled.read_text("utf-8") == f"{HEADER}\n{row()}\n"


def test_what_is_no_table_at_all_is_said_in_one_line(terminal: Terminal, own_folder: Path) -> None:
    (own_folder / "goods.xls").write_bytes(b"\xd0\xcf\x11\xe0\0\0")
    for command in ("goods", "spend"):
        assert "This is no table: a CSV, an XLSX, or a ZIP" in terminal.fails(command, "import", "goods.xls")


def test_spending_is_imported_from_a_workbook(terminal: Terminal, own_folder: Path) -> None:
    rows = [["会员号", "金额", "日期", "订单号"], [1001, "260元", "2026/11/2", "o-1"]]
    (own_folder / "spending.xlsx").write_bytes(write_sheets([("消费", rows)]))
    assert "1 new" in terminal.ok("spend", "import", "spending.xlsx")


def test_a_dry_run_of_a_bad_file_ends_with_1(terminal: Terminal, write: MakeFile) -> None:
    table = str(write("t.csv", f"{HEADER}\n{row(stock='none')}\n"))
    assert "line 2, stock" in terminal.fails("goods", "import", table, "--dry-run", "--skip-bad")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_lines_are_no_matter(
    mark: bytes, ending: str, terminal: Terminal, own_folder: Path
) -> None:
    table = own_folder / "t.csv"
    table.write_bytes(mark + ending.join([HEADER, row(), ""]).encode())
    assert terminal.ok("goods", "import", str(table)).startswith("Imported: 1 new")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "line 1: the file is empty"),
        (b"\xff" + HEADER.encode(), "line 1: the file is neither UTF-8 nor UTF-16, GB 18030 or Big5"),
        (b"ref,shop\n1,2\n", "line 1, title: the column is missing"),
        (f'{HEADER}\n"{row()}\n'.encode(), "line 2: this is not CSV: a quotation mark does not end"),
    ],
)
def test_what_is_no_table_is_said(content: bytes, complaint: str, terminal: Terminal, own_folder: Path) -> None:
    (own_folder / "t.csv").write_bytes(content)
    assert complaint in terminal.fails("goods", "import", "t.csv")


def test_pictures_are_found_beside_the_table_and_below_and_nowhere_else(terminal: Terminal, own_folder: Path) -> None:
    folder = own_folder / "tables"
    for place in (folder / "pictures" / "b.png", folder / "c.png", own_folder / "private" / "x.png"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(a_picture(kind="PNG", colour="blue"))
    (folder / "link.png").symlink_to(own_folder / "private" / "x.png")
    table = folder / "t.csv"
    inside = (row("a1", "pictures/b.png"), row("a2", str(folder / "c.png")))
    table.write_text("\n".join((HEADER, *inside)), encoding="utf-8")
    assert terminal.ok("goods", "import", "tables/t.csv").startswith("Imported: 2 new")
    for outside in ("../private/x.png", str(own_folder / "private" / "x.png"), "link.png"):
        table.write_text(f"{HEADER}\n{row('a3', outside)}\n", encoding="utf-8")
        refused = terminal.fails("goods", "import", "tables/t.csv")
        assert f"line 2, picture: “{outside[:80]}” lies outside the table's folder" in refused


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        ("nowhere.jpg", "the picture “nowhere.jpg” was not found"),
        (".", "the picture “.” was not found"),
        ("t.csv", "“t.csv” is not a picture that can be read"),
        ("http://example.com/a.jpg", "“http://example.com/a.jpg” is neither a file nor an https link"),
        ("https://127.0.0.1/a.jpg", "“https://127.0.0.1/a.jpg” could not be fetched"),
    ],
)
def test_a_picture_that_cannot_be_used_is_named(
    picture: str, complaint: str, terminal: Terminal, write: MakeFile
) -> None:
    table = write("t.csv", f"{HEADER}\n{row(picture=picture)}\n")
    assert f"line 2, picture: {complaint}" in terminal.fails("goods", "import", str(table))


def test_long_work_shows_its_progress_beside_what_scripts_read(terminal: Terminal, own_folder: Path) -> None:
    result = terminal.run("goods", "import", str(make_goods(own_folder, 2)))
    assert "Pictures" in result.stderr and "Pictures" not in result.stdout


def test_a_file_that_is_not_there_is_named(terminal: Terminal) -> None:
    result = terminal.run("goods", "import", "nothing.csv")
    assert result.exit_code == 2 and "nothing.csv" in result.stderr


# --- spend import ---------------------------------------------------------------------------------------------------

SPENDING = "telegram_id,amount,spent_on,ref\n1001,250.00,2026-03-01,o-1\n1002,99.99,2026-03-02,o-2\n"


def test_spending_waits_for_people_and_the_same_file_again_changes_nothing(terminal: Terminal, write: MakeFile) -> None:
    table = str(write("s.csv", SPENDING))
    assert terminal.ok("spend", "import", table) == "Imported: 2 new, 0 changed, 0 as before\n"
    assert terminal.ok("spend", "import", table) == "Imported: 0 new, 0 changed, 2 as before\n"

    async def ballots(services: Services) -> list[int]:
        people = [await meet(services, chat_id, "Ann") for chat_id in (1001, 1002, 1003)]
        return [(await services.voting.mine(member, 0)).purse.ballots_left for member in people]

    assert look(ballots) == [2, 0, 0]


def test_bad_spending_is_named_and_nothing_of_it_is_stored(terminal: Terminal, write: MakeFile) -> None:
    table = str(write("s.csv", SPENDING + "Ann,--5,yesterday,\n1003,100,2010-12-31,o-3\n"))
    said = terminal.fails("spend", "import", table)
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "line 4, telegram_id",
        "line 4, amount",
        "line 4, spent_on",
        "line 4, ref",
        "line 5, spent_on",
    ]
    assert terminal.ok("spend", "import", str(write("s.csv", SPENDING))).startswith("Imported: 2 new")


def corrected(write: MakeFile) -> str:
    return str(write("s2.csv", SPENDING.replace("99.99", "199.99") + "1003,100,2026-01-31,o-3\n"))


def test_a_known_ref_with_another_amount_is_stored_with_corrections_only(terminal: Terminal, write: MakeFile) -> None:
    first = str(write("s1.csv", SPENDING))
    terminal.ok("spend", "import", first)
    listed = "line 3, o-2: ¥99.99 → ¥199.99\n"
    said = terminal.ok("spend", "import", corrected(write), "--dry-run")
    assert said == f"{listed}Looked through, nothing changed: 1 new, 1 changed, 1 as before\n"
    result = terminal.run("spend", "import", corrected(write))
    assert result.exit_code == 1 and "Nothing was imported" in result.stdout and "--corrections" in result.stderr
    said = terminal.ok("spend", "import", corrected(write), "--corrections")
    assert said == f"{listed}Imported: 1 new, 1 changed, 1 as before\n"
    assert terminal.ok("spend", "import", corrected(write)) == "Imported: 0 new, 0 changed, 3 as before\n"
    said = terminal.ok("spend", "import", first)
    assert said.startswith("line 3, o-2: ¥99.99 was corrected to ¥199.99 before") and "0 new, 0 changed, 1 as" in said


def test_without_the_corrections_the_other_rows_are_stored_when_asked_for(terminal: Terminal, write: MakeFile) -> None:
    terminal.ok("spend", "import", str(write("s1.csv", SPENDING)))
    result = terminal.run("spend", "import", corrected(write), "--skip-bad")
    assert result.exit_code == 1 and "Imported: 1 new, 0 changed" in result.stdout
    bad = str(write("s3.csv", SPENDING.replace("99.99", "199.99") + "1003,many,2026-01-31,o-4\n"))
    result = terminal.run("spend", "import", bad, "--skip-bad")
    assert "0 new, 0 changed" in result.stdout and "line 4, amount" in result.stderr
    assert "To store them, add --corrections" in result.stderr
    assert "1 new" not in terminal.run("spend", "import", corrected(write), "--skip-bad").stdout


@pytest.mark.parametrize(("answer", "outcome"), [("y\n", "Imported: 1 new"), ("n\n", "Nothing was imported")])
def test_at_a_terminal_corrections_are_listed_and_confirmed(
    answer: str, outcome: str, terminal: Terminal, write: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.ok("spend", "import", str(write("s1.csv", SPENDING)))
    monkeypatch.setattr("bot.__main__.at_a_terminal", lambda: True)
    result = terminal.run("spend", "import", corrected(write), given=answer)
    assert "line 3, o-2: ¥99.99 → ¥199.99" in result.stdout and "Store this correction?" in result.stdout
    assert outcome in result.stdout and result.exit_code == (answer != "y\n")
    assert "Store" not in terminal.run("spend", "import", str(write("s1.csv", SPENDING)), given="").stdout


def test_a_correction_that_came_after_the_question_is_shown_and_not_stored(
    terminal: Terminal, write: MakeFile, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.ok("spend", "import", str(write("s1.csv", SPENDING)))

    def confirm(question: str) -> bool:
        assert question == "Store this correction?"
        with closing(sqlite3.connect(own_folder / "data" / "bot.db")) as database, database:  # meanwhile
            values = "VALUES ('o-3', 1003, 20000, '2026-01-31')"
            database.execute(f"INSERT INTO spendings (ref, telegram_id, amount_fen, spent_on) {values}")
        return True

    monkeypatch.setattr("bot.__main__.at_a_terminal", lambda: True)
    monkeypatch.setattr("typer.confirm", confirm)
    result = terminal.run("spend", "import", corrected(write))
    assert "line 4, o-3: ¥200 → ¥100\nNothing was imported\n" in result.stdout and result.exit_code == 1
    assert "To store them, add --corrections" in result.stderr


def test_a_refund_lowers_what_was_spent(terminal: Terminal, write: MakeFile) -> None:
    refund = "telegram_id,amount,spent_on,ref,refund_of\n1001,-113.00,2026-03-05,r-1,o-1\n"
    terminal.ok("spend", "import", str(write("s.csv", SPENDING)))
    for number in (1, 0):
        said = terminal.ok("spend", "import", str(write("r.csv", refund)))
        assert said.startswith(f"Imported: {number} new, 0 changed, ")

    async def ballots(services: Services) -> int:
        return (await services.voting.mine(await meet(services, 1001, "Ann"), 0)).purse.ballots_left

    assert look(ballots) == 1


def test_a_dry_run_of_spending_changes_nothing(terminal: Terminal, write: MakeFile) -> None:
    table = str(write("s.csv", SPENDING))
    assert terminal.ok("spend", "import", table, "--dry-run").startswith("Looked through, nothing changed: 2 new")
    assert terminal.ok("spend", "import", table).startswith("Imported: 2 new")

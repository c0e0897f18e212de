"""R2, R14, R31: tables in the files of other systems. Nothing is guessed: several readings are a question."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from domain.csv_files import Parsed, SpendingRecord, read_spending
from domain.reading.encodings import Encoding
from services.pictures.preparation import PictureError, load
from services.spreadsheets import write_sheets
from services.table_files import Ambiguity, Choices, FileQuestion, TableFile, UnusableFile, read_file

HEADER = ["telegram_id", "amount", "spent_on", "ref"]
TABLE = b"telegram_id,amount,spent_on,ref\n42,5,2026-01-01,o-1\n"
OTHER = b"telegram_id,amount,spent_on,ref\n43,6,2026-01-01,o-2\n"
ROW = SpendingRecord(2, 42, 500, date(2026, 1, 1), "o-1")


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def renamed(content: bytes, old: bytes, new: bytes, *, flag: bool) -> bytes:
    """The archive with the bytes of a name changed, marked as UTF-8 or not."""
    assert len(old) == len(new)
    changed = bytearray(content.replace(old, new))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(sign)
        while start >= 0:
            changed[start + at + 1] = changed[start + at + 1] & ~8 | (8 if flag else 0)
            start = changed.find(sign, start + 4)
    return bytes(changed)


def workbook(*sheets: tuple[str, list[list[object]]], hidden: str = "") -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, folder: Path, **chosen: object) -> TableFile[SpendingRecord] | FileQuestion:
    return read_file(content, folder, Choices(**chosen), read_spending)  # type: ignore[arg-type]


def rows(content: bytes, folder: Path, **chosen: object) -> tuple[SpendingRecord, ...]:
    found = read(content, folder, **chosen)
    assert isinstance(found, TableFile) and not found.parsed.bad, found
    return found.parsed.rows


def test_a_csv_alone_is_read_without_a_folder(tmp_path: Path) -> None:
    assert read(TABLE, tmp_path) == TableFile(Parsed((ROW,), ()))


def test_an_encoding_with_two_readings_is_a_question(tmp_path: Path) -> None:
    content = TABLE.replace(b"o-1", "€ — ·".encode("gb18030"))
    found = read(content, tmp_path)
    assert isinstance(found, FileQuestion) and found.about is Ambiguity.ENCODING
    assert {option.value for option in found.options} == {"gb18030", "big5"}
    assert any("€ — ·" in option.label for option in found.options)
    assert [row.ref for row in rows(content, tmp_path, encoding=Encoding.GB18030)] == ["€ — ·"]
    assert isinstance(read(packed({"t.csv": content}), tmp_path), FileQuestion)


def test_several_tables_of_an_archive_are_a_question(tmp_path: Path) -> None:
    content = packed({"b.csv": OTHER, "a/deep.csv": OTHER, "a.CSV": TABLE})
    found = read(content, tmp_path)
    assert isinstance(found, FileQuestion) and found.about is Ambiguity.TABLE
    assert [option.label for option in found.options] == ["a.CSV", "b.csv", "a/deep.csv"]
    assert rows(content, tmp_path, table=0) == (ROW,)
    assert [row.ref for row in rows(content, tmp_path, table=2)] == ["o-2"]
    with pytest.raises(UnusableFile):
        read(content, tmp_path, table=9)


def test_what_systems_add_to_an_archive_is_no_table(tmp_path: Path) -> None:
    litter = {"__MACOSX/._t.csv": b"x", "._t.csv": b"x", "~$t.xlsx": b"x", ".~lock.t.csv": b"x"}
    assert rows(packed({**litter, "goods/t.csv": TABLE}), tmp_path) == (ROW,)


@pytest.mark.parametrize("codec", ["gb18030", "big5", "utf-8"])
@pytest.mark.parametrize("flag", [False, True])
async def test_names_of_pictures_are_read_in_the_encoding_of_the_other_system(
    codec: str, flag: bool, tmp_path: Path
) -> None:
    """Also where the archive says that they are UTF-8, and they are not."""
    name = "圖片與商品/高山烏龍茶.jpg".encode(codec)
    content = renamed(packed({"t.csv": TABLE, "x" * len(name): b"tea"}), b"x" * len(name), name, flag=flag)
    found = read(content, tmp_path)
    assert isinstance(found, TableFile) and found.folder is not None
    assert await load("圖片與商品/高山烏龍茶.jpg", found.folder) == b"tea"


async def test_the_unicode_name_in_the_extra_field_counts(tmp_path: Path) -> None:
    name = "茶.jpg".encode()
    part = zipfile.ZipInfo("x.jpg")
    body = b"\x01" + zlib.crc32(b"x.jpg").to_bytes(4, "little") + name
    part.extra = b"\x75\x70" + len(body).to_bytes(2, "little") + body
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("t.csv", TABLE)
        archive.writestr(part, b"tea")
    found = read(out.getvalue(), tmp_path)
    assert isinstance(found, TableFile) and await load("茶.jpg", found.folder) == b"tea"


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("pics/tea.jpg", "pics\\tea.jpg"),
        ("pics\\tea.jpg", "pics/tea.jpg"),
        ("pics\\tea.jpg", "pics\\tea.jpg"),
        ("Pics/Tea.JPG", "pics/tea.jpg"),
        ("tea.jpg", "./tea.jpg"),
        (unicodedata.normalize("NFD", "café/crème.jpg"), unicodedata.normalize("NFC", "café/crème.jpg")),
        (unicodedata.normalize("NFC", "café.jpg"), unicodedata.normalize("NFD", "Café.jpg")),
    ],
)
async def test_a_picture_is_found_by_the_name_that_another_system_writes(
    stored: str, written: str, tmp_path: Path
) -> None:
    found = read(packed({"goods/t.csv": TABLE, f"goods/{stored}": b"tea"}), tmp_path)
    assert isinstance(found, TableFile) and await load(written, found.folder) == b"tea"


async def test_a_name_that_fits_two_pictures_fits_neither_but_the_exact_one_counts(tmp_path: Path) -> None:
    found = read(packed({"t.csv": TABLE, "Tea.jpg": b"1", "TEA.jpg": b"2"}), tmp_path)
    assert isinstance(found, TableFile) and await load("TEA.jpg", found.folder) == b"2"
    with pytest.raises(PictureError, match="picture-missing"):
        await load("tea.jpg", found.folder)


@pytest.mark.parametrize("way", ["../", "..\\", "pics/../../", "pics\\..\\..\\"])
async def test_no_way_of_writing_a_name_leads_out_of_the_folder(way: str, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    folder = tmp_path / "goods"
    found = read(packed({"t.csv": TABLE, "pics/x.jpg": b"x", "../y.jpg": b"y", "..\\z.jpg": b"z"}), folder)
    assert isinstance(found, TableFile) and {path.name for path in folder.parent.iterdir()} == {"goods", "secret.jpg"}
    with pytest.raises(PictureError, match=r"picture-(outside|missing)"):
        await load(f"{way}secret.jpg", found.folder)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_damaged_picture_spoils_its_row_only_and_a_damaged_table_the_file(method: int, tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40
    content = packed({"t.csv": TABLE, "x.jpg": noise}, method)
    at = content.rfind(b"x.jpg", 0, content.rfind(b"PK\x01\x02")) + 5 + 12
    damaged = content[:at] + b"\xff" * 20 + content[at + 20 :]
    assert rows(damaged, tmp_path) == (ROW,) and (tmp_path / "x.jpg").read_bytes() == b""
    at = content.find(b"t.csv") + 5 + 4
    with pytest.raises(UnusableFile):
        read(content[:at] + b"\xff" * 20 + content[at + 20 :], tmp_path)


@pytest.mark.parametrize(
    "content", [b"PK\x05\x06" + b"\0" * 18, packed({"x.jpg": b""}), b"\xd0\xcf\x11\xe0\0\0", b"\0"]
)
def test_what_is_no_table_is_said(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        read(content, tmp_path)


def test_an_archive_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile):
        read(packed({"t.csv": TABLE, "x.jpg": b"\0" * 201 * 1024 * 1024}), tmp_path)
    with pytest.raises(UnusableFile):
        read(packed({"t.csv": TABLE, **{f"{n}.jpg": b"" for n in range(5_001)}}), tmp_path)


# -- workbooks --


def test_a_workbook_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    content = workbook(
        (
            "Sheet1",
            [
                [None],
                ["telegram_id", "金额", "spent_on", "ref", "note"],
                [42.0, 5, datetime(2026, 1, 1), "o-1", None],
                [43, 0.1 + 0.2, date(2026, 1, 2), 880012345678, "=1+1"],
                ["44", "1,299元", "2026年1月3日", "好", True],
            ],
        )
    )
    assert [(row.line, row.telegram_id, row.amount, str(row.spent_on), row.ref) for row in rows(content, tmp_path)] == [
        (3, 42, 500, "2026-01-01", "o-1"),
        (4, 43, 30, "2026-01-02", "880012345678"),
        (5, 44, 129_900, "2026-01-03", "好"),
    ]
    assert len(rows(packed({"goods/t.xlsx": content}), tmp_path)) == 3


@pytest.mark.parametrize("written", ["880012345678901234", "880012345678901000", "8.8001234567890099E+17"])
def test_a_number_of_more_digits_than_a_workbook_keeps_is_refused(written: str, tmp_path: Path) -> None:
    content = workbook(("Sheet1", [HEADER, [42, 5, "2026-01-01", 880012345]]))  # type: ignore[list-item]
    entries = zipfile.ZipFile(io.BytesIO(content))
    changed = {
        name: entries.read(name).replace(b"<v>880012345</v>", f"<v>{written}</v>".encode())
        for name in entries.namelist()
    }
    found = read(packed(changed), tmp_path)
    assert isinstance(found, TableFile)
    assert [(cell.field, cell.code) for cell in found.parsed.bad] == [("ref", "shortened_number")]


def test_several_sheets_with_tables_are_a_question_and_others_are_not(tmp_path: Path) -> None:
    table: list[list[object]] = [HEADER, [42, 5, "2026-01-01", "o-1"]]  # type: ignore[list-item]
    notes: list[list[object]] = [["How to fill it in"], ["ref"]]
    assert rows(workbook(("Notes", notes), ("Data", table), ("Empty", [])), tmp_path) == (ROW,)
    assert rows(workbook(("Old", table), ("Data", table), hidden="Old"), tmp_path) == (ROW,)
    both = workbook(("January", table), ("Notes", notes), ("二月", [HEADER, [43, 6, "2026-02-01", "o-2"]]))  # type: ignore[list-item]
    found = read(both, tmp_path)
    assert isinstance(found, FileQuestion) and found.about is Ambiguity.SHEET
    assert [option.label for option in found.options] == ["January", "二月"]
    assert [row.ref for row in rows(both, tmp_path, sheet=1)] == ["o-2"]


def test_an_empty_workbook_is_an_empty_file(tmp_path: Path) -> None:
    found = read(workbook(("Sheet1", [])), tmp_path)
    assert isinstance(found, TableFile) and [cell.code for cell in found.parsed.bad] == ["empty_file"]


def test_a_damaged_or_huge_workbook_is_said(tmp_path: Path) -> None:
    book = packed({"xl/workbook.xml": b"<oops", "[Content_Types].xml": b"<oops"})
    bomb = packed({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 101 * 1024 * 1024})
    for content in (book, bomb):
        with pytest.raises(UnusableFile):
            read(content, tmp_path)


def test_r31_no_cell_of_a_workbook_becomes_a_formula() -> None:
    wild = ["=1+1", "+1", "-1", "@x", "\t=1", "＝1+1", "line\nbreak", "bell\x07", "'quoted"]
    sheet = load_workbook(io.BytesIO(write_sheets([("好", [["text", "number"], *([text, 5] for text in wild)])])))["好"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == [text.replace("\x07", "") for text in wild]
    assert sheet["B2"].value == 5


FILES = (TABLE, packed({"t.csv": TABLE, "茶.jpg": b"x"}), workbook(("S", [["ref"]])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(range(len(FILES))), st.integers(0, 6_000), st.binary(max_size=6), st.integers(0, 6))
def test_no_file_raises_anything_else(tmp_path: Path, which: int, place: int, put: bytes, cut: int) -> None:
    whole = FILES[which]
    at = place % len(whole)
    content = whole[:at] + put + whole[at + cut :]
    try:
        read(content, tmp_path)
    except UnusableFile as error:
        assert str(error) or error.__cause__


def test_an_archive_with_one_wrong_byte_is_read_or_refused(tmp_path: Path) -> None:
    """Also where zipfile raises other errors than its own: for a version or a flag that it does not know."""
    whole = packed({"t.csv": TABLE})
    for at in range(len(whole)):
        for byte in {0, 1, 0x7F, 0x80, 0xFF, whole[at] ^ 0x20, whole[at] ^ 0x40}:
            with suppress(UnusableFile):
                read(whole[:at] + bytes([byte]) + whole[at + 1 :], tmp_path)


def test_an_archive_of_a_later_version_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed({"t.csv": TABLE}))
    content[content.find(b"PK\x01\x02") + 6] = 64  # "version needed to extract" 6.4, section 4.4.3 of the specification
    with pytest.raises(UnusableFile):
        read(bytes(content), tmp_path)


def test_a_part_of_an_archive_over_several_files_is_refused(tmp_path: Path) -> None:
    content = packed({"t.csv": TABLE})
    end = content.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<LQL", 1, end, 2)  # on the second of two disks, section 4.3.15
    with pytest.raises(UnusableFile):
        read(content[:end] + locator + content[end:], tmp_path)


def test_a_line_break_in_a_name_gives_no_picture_the_name_of_another_one(tmp_path: Path) -> None:
    """Names in an old encoding are decoded together, a line each."""
    content = packed({"xx/yy.jpg": b"first", "zz.jpg": b"second", "table.csv": TABLE})
    for old, new in ((b"xx/yy", "茶\n".encode("gbk") + b"yy"), (b"zz", "茶".encode("gbk"))):
        content = renamed(content, old, new, flag=False)
    assert rows(content, tmp_path) == (ROW,)
    assert (tmp_path / "茶.jpg").read_bytes() == b"second"


def test_a_format_far_below_a_table_does_not_make_it_too_large(tmp_path: Path) -> None:
    book = Workbook()
    for row in (HEADER, [42, 5, date(2026, 1, 1), "o-1"]):
        book.active.append(row)
    book.active.cell(150_000, 1).font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    assert rows(out.getvalue(), tmp_path) == (ROW,)
    below_the_end = out.getvalue(), b'r="150000"', b'r="%d"' % (2**20 + 1)
    with pytest.raises(UnusableFile):
        read(replaced(*below_the_end), tmp_path)


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with other words in its sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return packed({name: book.read(name).replace(old, new) for name in book.namelist()})


@pytest.mark.parametrize("names", [("a", "a/b.jpg"), ("a/b.jpg", "a"), ("p.jpg", "p.jpg/c.jpg")])
def test_a_name_that_is_a_file_and_a_folder_spoils_no_table(names: tuple[str, str], tmp_path: Path) -> None:
    found = read_file(packed({"t.csv": TABLE, **dict.fromkeys(names, b"picture")}), tmp_path, Choices(), read_spending)
    assert isinstance(found, TableFile) and found.parsed.rows == (ROW,)
    assert (tmp_path / max(names, key=len)).read_bytes() == b"picture"


def test_charts_properties_and_names_of_ranges_spoil_no_workbook(tmp_path: Path) -> None:
    book = Workbook()
    for row in (HEADER, [42, 5, date(2026, 1, 1), "o-1"]):
        book.active.append(row)
    book.create_chartsheet("An empty chart", 0)
    book.active.print_area = "A1:D2"
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    parts["docProps/core.xml"] = parts["xl/theme/theme1.xml"] = b"<damaged"
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"$A$1:$D$2", b"#REF!")
    found = read_file(packed(parts), tmp_path, Choices(), read_spending)
    assert isinstance(found, TableFile) and found.parsed.rows == (ROW,)

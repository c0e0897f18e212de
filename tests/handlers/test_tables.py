"""Tables that are taken out, and the template of one that is handed in (R31)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from domain.csv_files import CODES, BadCell, read_goods, read_spending
from domain.ledger import LedgerError
from handlers.localization import Localizer
from handlers.views.tables import RANKING, Template, as_csv, as_file, bad_line, ranking_table, template
from services.spreadsheets import read_sheets
from services.table_files import Choices, TableFile, read_file
from tests.handlers.conftest import NASTY, item, localizer_in

OF_SERVICES = ("shown_already", "shop_banned")
"""Errors of tables that need the database."""


def test_r31_the_ranking_is_the_same_in_a_csv_and_in_a_workbook() -> None:
    rows = ranking_table([(item(wants=3, title_zh="=茶壶"), 5)])
    in_csv = dict(zip(*csv.reader(io.StringIO(as_file("r.csv", RANKING, rows).decode("utf-8-sig"))), strict=True))
    sheet = load_workbook(io.BytesIO(as_file("r.XLSX", RANKING, rows))).worksheets[0]
    header, values = sheet.iter_rows(values_only=True)
    in_workbook = dict(zip(header, values, strict=True))
    assert in_csv["expected_price"] == "899.50" and in_workbook["expected_price"] == 899.5
    assert in_csv["title"] == "'=茶壶" and in_workbook["title"] == "=茶壶"
    assert (in_csv["votes"], in_workbook["votes"], in_workbook["would_be_told"]) == ("3", 3, 5)


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "\u3000=", "\u200b=", "﹦", "⁼", "−", '"=']
)
@pytest.mark.parametrize("separator", ["", ";", "\t", "|", ",", "\n", "\r\n"])
def test_r31_no_cell_of_a_csv_becomes_a_formula_however_it_is_divided(sign: str, separator: str) -> None:
    before = f"x{separator}" if separator else ""
    ((cell,),) = csv.reader(io.StringIO(as_csv(["x"], [[f"{before}{sign}1+1"]]).decode("utf-8-sig")[3:], newline=""))
    assert cell == f"{before}'{sign}1+1"


@pytest.mark.parametrize("blank", ["\t", "\r"])
def test_r31_no_cell_of_a_csv_begins_with_a_blank_that_spreadsheets_drop(blank: str) -> None:
    assert as_csv(["x"], [[f"{blank}x"]]).decode("utf-8-sig").partition("x")[2].strip('\r\n"').startswith("'")


@pytest.mark.parametrize("value", ["a-b", "1+1=2", "tea; green", "2026-12-01T10:00:00+08:00", "mail@example.com"])
def test_r31_a_text_without_a_formula_stays_as_it_is(value: str) -> None:
    assert as_csv(["x"], [[value]]).decode("utf-8-sig").splitlines()[1] == value


@pytest.mark.parametrize("kind", Template)
def test_r4_a_template_is_read_as_it_is_and_explains_every_column(
    kind: Template, localizer: Localizer, tmp_path: Path
) -> None:
    content = template(kind, "t.xlsx", localizer)
    for one in (content, template(kind, "t.csv", localizer)):
        if kind is Template.GOODS:
            goods = read_file(one, tmp_path, Choices(), read_goods)
            assert isinstance(goods, TableFile) and not goods.parsed.bad and not goods.parsed.rows
        else:
            spending = read_file(one, tmp_path, Choices(), read_spending)
            assert isinstance(spending, TableFile) and not spending.parsed.bad and not spending.parsed.rows
    table, notes = load_workbook(io.BytesIO(content)).worksheets
    headings = [cell.value for cell in table[1]]
    assert [row[0].value for row in notes.iter_rows()] == headings and len(headings) == len(kind.columns)
    assert all(row[1].value for row in notes.iter_rows())
    assert [sheet.name for sheet in read_sheets(content)] == [table.title]


def test_r4_a_filled_template_is_imported(localizer: Localizer, tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(template(Template.GOODS, "t.xlsx", localizer)))
    category = "食品" if localizer.language == "zh" else "Food"
    tea = [
        "tea-01",
        "茶山小铺",
        "高山绿茶",
        "Green tea",
        category,
        168,
        89.5,
        800,
        5,
        "https://shop.example.com/t",
        "t.jpg",
    ]
    book.worksheets[0].append(tea)
    out = io.BytesIO()
    book.save(out)
    found = read_file(out.getvalue(), tmp_path, Choices(), read_goods)
    assert isinstance(found, TableFile) and not found.parsed.bad
    (row,) = found.parsed.rows
    assert (row.category, row.original_price, row.expected_price, row.stock) == ("food", 16_800, 8_950, 800)


def test_r14_a_filled_template_of_spending_is_imported(localizer: Localizer) -> None:
    filled = template(Template.SPENDING, "t.CSV", localizer) + b"1234567,-113.00,2026-11-09,refund-1204,order-88213\r\n"
    (row,) = read_spending(filled).rows
    assert (row.telegram_id, row.amount, row.ref, row.refund_of) == (1234567, -11_300, "refund-1204", "order-88213")


def test_the_desk_names_the_columns_of_the_template_of_its_language(localizer: Localizer) -> None:
    headings = [Template.GOODS.heading(column, localizer.language) for column in Template.GOODS.columns]
    assert f"<code>{','.join(headings)}</code>" in localizer.html("desk-import")


@pytest.mark.parametrize("code", [*CODES, *OF_SERVICES, *LedgerError, "picture-broken", "picture-missing"])
def test_an_error_of_a_table_names_line_and_field(code: str, localizer: Localizer) -> None:
    said = bad_line(BadCell(12, "stock", code, NASTY, 3), localizer)
    assert "12" in said and "stock" in said and "\n" not in said


def test_an_error_of_a_whole_file_names_no_field() -> None:
    empty = BadCell(1, "", "empty_file", "")
    said = [bad_line(empty, localizer_in(language)) for language in ("en", "zh")]
    assert said == ["line 1: the file is empty", "第 1 行：文件是空的"]

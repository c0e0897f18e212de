"""R2, R3, R14: the tables that are handed in."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.csv_files import (
    CATEGORIES,
    CODES,
    GOODS_COLUMNS,
    MOST_COMPLAINTS,
    MOST_GOODS,
    MOST_SPENDINGS,
    SPENDING_COLUMNS,
    BadCell,
    GoodsRecord,
    Parsed,
    SpendingRecord,
    read_goods,
    read_spending,
)
from domain.reading.encodings import Encoding
from domain.reading.numbers import read_fen

GOOD = {
    "ref": "A-1",
    "shop": "east-gate",
    "title": "竹编台灯",
    "title_en": "Bamboo lamp",
    "category": "home",
    "original_price": "¥1,299.00",
    "expected_price": "899.5",
    "stock": "500",
    "lead_days": "7",
    "url": "https://shop.example/a-1",
    "picture": "pictures/lamp.png",
    "description": "一盏温暖的灯",
    "description_en": "A warm light",
}


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def table(*rows: dict[str, str], columns: tuple[str, ...] = GOODS_COLUMNS) -> bytes:
    lines = [",".join(columns)]
    lines += [",".join(quoted(row[column]) for column in columns) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def complaints(parsed: Parsed[GoodsRecord] | Parsed[SpendingRecord]) -> list[tuple[int, str, str]]:
    return [(bad.line, bad.field, bad.code) for bad in parsed.bad]


def test_r2_a_good_row() -> None:
    assert read_goods(table(GOOD)) == Parsed(
        rows=(
            GoodsRecord(
                line=2,
                ref="A-1",
                shop="east-gate",
                title="竹编台灯",
                title_en="Bamboo lamp",
                category="home",
                original_price=129_900,
                expected_price=89_950,
                stock=500,
                lead_days=7,
                url="https://shop.example/a-1",
                picture="pictures/lamp.png",
                description="一盏温暖的灯",
                description_en="A warm light",
            ),
        ),
        bad=(),
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_line_ends_empty_lines_and_further_columns(ending: str, mark: bytes) -> None:
    lines = [
        "ref,note,telegram_id,amount,spent_on",
        "",
        "o-1,hello,42,100,2011-01-01",
        ",,,,",
        " o-2 ,,43,0.01,2026-02-03",
    ]
    parsed = read_spending(mark + ending.join(lines).encode())
    assert parsed == Parsed(
        rows=(
            SpendingRecord(3, 42, 10_000, date(2011, 1, 1), "o-1"),
            SpendingRecord(5, 43, 1, date(2026, 2, 3), "o-2"),
        ),
        bad=(),
    )


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [
        ("12", 1_200),
        ("12.5", 1_250),
        ("12.50", 1_250),
        ("0.01", 1),
        ("¥1,299.00", 129_900),
        ("￥ 88", 8_800),
        ("1,234,567.89", 123_456_789),
        ("0.29", 29),  # 28.999… as a float
        ("007", 700),
    ],
)
def test_r2_prices_are_exact(yuan: str, fen: int) -> None:
    assert read_fen(yuan) == fen


@pytest.mark.parametrize(
    "text",
    ["", "12.505", "-1", "+1", "NaN", "inf", "1e3", "12.", ".5", "1,29.00", "12,99", "1 299", "$5", "١٢", "12²", "1_0"],
)
def test_r2_what_is_not_a_price(text: str) -> None:
    assert read_fen(text) is None


@given(st.integers(0, 10**9))
def test_r2_every_amount_comes_back_exactly(fen: int) -> None:
    assert read_fen(f"{fen // 100}.{fen % 100:02}") == fen
    assert read_fen(f"¥{fen // 100:,}.{fen % 100:02}") == fen


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("ref", "", "missing"),
        ("ref", "#N/A", "missing"),
        ("ref", "x" * 65, "too_long"),
        ("shop", "  ", "missing"),
        ("title", "", "missing"),
        ("title", "灯" * 101, "too_long"),
        ("title", "two\nlines", "odd_character"),
        ("title_en", "x" * 101, "too_long"),
        ("category", "toys", "unknown_category"),
        ("category", "", "missing"),
        ("original_price", "cheap", "not_a_price"),
        ("original_price", "10000000.01", "out_of_range"),
        ("expected_price", "", "missing"),
        ("expected_price", "0", "out_of_range"),
        ("expected_price", "0.999", "not_a_price"),
        ("expected_price", "-5", "not_a_price"),
        ("expected_price", "1299.01", "above_original"),
        ("stock", "0", "out_of_range"),
        ("stock", "2.5", "not_a_number"),
        ("stock", "9" * 5_000, "not_a_number"),
        ("lead_days", "-1", "out_of_range"),
        ("lead_days", "366", "out_of_range"),
        ("lead_days", "soon", "not_a_number"),
        ("url", "", "missing"),
        ("url", "shop.example/a", "not_a_url"),
        ("url", "javascript:alert(1)", "not_a_url"),
        ("url", "https://", "not_a_url"),
        ("url", "https://[::1", "not_a_url"),
        ("url", "https://shop.example:99999/", "not_a_url"),
        ("url", "https://shop.example/a b", "not_a_url"),
        ("url", "http://shop/item/1", "not_a_button_url"),
        ("url", "http://localhost:8000/t", "not_a_button_url"),
        ("url", "https://shop。example。com/t", "not_a_button_url"),
        ("picture", "", "missing"),
        ("picture", "file:///lamp.png", "not_a_picture"),
        ("picture", "http://shop.example/a.jpg", "not_a_picture"),
        ("description", "x" * 801, "too_long"),
        ("description", "bell \x07", "odd_character"),
        ("description_en", "x" * 801, "too_long"),
    ],
)
def test_r2_a_bad_cell_is_named(field: str, value: str, code: str) -> None:
    parsed = read_goods(table({**GOOD, field: value}))
    assert parsed == Parsed((), (BadCell(2, field, code, value.strip()[:80]),))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title_en", ""),
        ("description", ""),
        ("description", "two\nlines"),
        ("description_en", ""),
        ("category", " Food "),
        ("expected_price", "1299"),
        ("lead_days", "0"),
        ("title", "灯" * 100),
        ("picture", "https://shop.example/a.jpg"),
        ("picture", "a..b.png"),
        ("picture", "/pictures/lamp.png"),  # the code that opens a path checks where it leads
        ("picture", "../lamp.png"),
        ("url", "http://商店.example/宝贝?id=1"),
    ],
)
def test_r2_what_is_allowed(field: str, value: str) -> None:
    parsed = read_goods(table({**GOOD, field: value}))
    assert parsed.bad == ()
    assert len(parsed.rows) == 1


@pytest.mark.parametrize("category", CATEGORIES)
def test_r3_all_categories(category: str) -> None:
    assert read_goods(table({**GOOD, "category": category})).rows[0].category == category


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("0,100,2026-01-01,o-1", "telegram_id", "out_of_range"),
        ("4503599627370496,100,2026-01-01,o-1", "telegram_id", "out_of_range"),
        ("bob,100,2026-01-01,o-1", "telegram_id", "not_a_number"),
        ("42,--100,2026-01-01,o-1", "amount", "not_a_price"),
        ("42,(100),2026-01-01,o-1", "amount", "not_a_price"),
        ("42,-10000000.01,2026-01-01,o-1", "amount", "out_of_range"),
        ("8.80012E+17,100,2026-01-01,o-1", "telegram_id", "shortened_number"),
        ("42,100,2026-01-01,8.80012E+17", "ref", "shortened_number"),
        ("42,100,2010-12-31,o-1", "spent_on", "too_early"),
        ("42,100,2026-02-30,o-1", "spent_on", "not_a_date"),
        ("42,100,01/02/2026,o-1", "spent_on", "not_a_date"),
        ("42,100,,o-1", "spent_on", "missing"),
        ("42,100,2026-01-01,", "ref", "missing"),
        ("42,100,2026-01-01", "ref", "missing"),
    ],
)
def test_r14_a_bad_cell_of_spending_is_named(row: str, field: str, code: str) -> None:
    assert complaints(read_spending(f"telegram_id,amount,spent_on,ref\n{row}".encode())) == [(2, field, code)]


def test_every_bad_cell_of_every_row_is_named_and_the_good_rows_are_kept() -> None:
    bad = {**GOOD, "ref": "A-2", "title": "", "stock": "none", "category": "toys"}
    worse = dict.fromkeys(GOODS_COLUMNS, "") | {"ref": "A-3"}
    parsed = read_goods(table(bad, GOOD, worse))
    assert [row.ref for row in parsed.rows] == ["A-1"]
    assert complaints(parsed)[:3] == [
        (2, "title", "missing"),
        (2, "category", "unknown_category"),
        (2, "stock", "not_a_number"),
    ]
    optional = {"title_en", "description", "description_en"}
    assert complaints(parsed)[3:] == [
        (4, column, "missing") for column in GOODS_COLUMNS if column not in optional | {"ref"}
    ]


def test_a_second_ref_is_bad_and_names_the_first_line_even_if_the_first_is_bad_too() -> None:
    parsed = read_goods(table({**GOOD, "stock": "x"}, {**GOOD, "ref": "A-2"}, GOOD, GOOD))
    assert [row.ref for row in parsed.rows] == ["A-2"]
    assert parsed.bad == (
        BadCell(2, "stock", "not_a_number", "x"),
        BadCell(4, "ref", "duplicate_ref", "A-1", earlier_line=2),
        BadCell(5, "ref", "duplicate_ref", "A-1", earlier_line=2),
    )


def test_the_first_errors_are_named_and_the_others_are_counted() -> None:
    parsed = read_goods(table(*({**GOOD, "stock": "x", "ref": f"A-{n}"} for n in range(70))) + b'"a"b\n' * 9)
    assert [cell.line for cell in parsed.bad] == list(range(2, MOST_COMPLAINTS + 2)) and parsed.further == 29


def test_a_megabyte_of_short_lines_is_read_to_the_limit_only() -> None:
    parsed = read_goods(table(GOOD) + b"x\n" * 499_000)
    found = (len(parsed.rows), parsed.bad[0].code, len(parsed.bad) + parsed.further)
    assert found == (1, "too_many_rows", MOST_GOODS * 10 - 10), "the first error is the one that others could hide"
    assert read_goods(table(GOOD) + b"\n" * 500_000).bad == (BadCell(500_001, "", "too_many_rows", "500000"),)


@pytest.mark.long
def test_rows_beyond_the_limit_are_an_error_and_those_before_it_are_read() -> None:
    rows = "".join(f"{n},5,2026-01-01,o-{n}\n" for n in range(1, MOST_SPENDINGS + 3))
    parsed = read_spending(b"telegram_id,amount,spent_on,ref\n" + rows.encode())
    assert (len(parsed.rows), parsed.bad) == (200_000, (BadCell(200_002, "", "too_many_rows", "200000"),))


def test_lines_are_those_of_the_file_also_after_line_breaks_in_quotes() -> None:
    tall = {**GOOD, "description": "one\ntwo\r\nthree"}
    parsed = read_goods(table(tall, {**GOOD, "ref": "A-2", "stock": "x"}, {**tall, "ref": "A-3"}))
    assert complaints(parsed) == [(5, "stock", "not_a_number")]
    assert [row.line for row in parsed.rows] == [2, 6]


def test_missing_columns_are_named_once_and_the_other_cells_are_still_checked() -> None:
    columns = tuple(column for column in GOODS_COLUMNS if column not in {"url", "ref", "title_en"})
    parsed = read_goods(table({**GOOD, "stock": "x"}, GOOD, columns=columns))
    assert parsed.rows == ()
    assert complaints(parsed) == [
        (1, "ref", "missing_column"),
        (1, "url", "missing_column"),
        (2, "stock", "not_a_number"),
    ]


def test_the_english_columns_may_be_left_out() -> None:
    columns = tuple(column for column in GOODS_COLUMNS if not column.endswith("_en"))
    (row,) = read_goods(table(GOOD, columns=columns)).rows
    assert (row.title_en, row.description_en) == ("", "")


def test_the_header_may_be_written_otherwise() -> None:
    parsed = read_spending(b"Ref, AMOUNT ,spent_on,Telegram_ID\no-1,5,2026-01-01,42\n")
    assert parsed.rows == (SpendingRecord(2, 42, 500, date(2026, 1, 1), "o-1"),)


@pytest.mark.parametrize("content", [b"", b"\n\r\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file(content: bytes) -> None:
    assert read_goods(content) == Parsed((), (BadCell(1, "", "empty_file", ""),))


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("before", ["", "sep=SEPARATOR\n", '"sep=SEPARATOR"\r\n', "\ufeff\ufeff"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_are_read_as_any_spreadsheet_separates_them(separator: str, before: str, codec: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(["ref", "telegram_id", "amount", "spent_on"])
    writer.writerows([["o-1", 42, "1,299.00", "2026/11/2"], ["好-2", 43, "5元", "2026-11-02 00:00:00"]])
    content = (before.replace("SEPARATOR", separator) + out.getvalue()).encode(codec)
    parsed = read_spending(content)
    assert [(row.ref, row.amount, row.spent_on) for row in parsed.rows] == [
        ("o-1", 129_900, date(2026, 11, 2)),
        ("好-2", 500, date(2026, 11, 2)),
    ]
    assert [row.line for row in parsed.rows] == ([3, 4] if "sep" in before else [2, 3])


def test_r2_values_are_read_as_spreadsheets_save_them() -> None:
    saved = {"original_price": "１２９９元", "expected_price": "899.500", "stock": "1,000件", "lead_days": "7.0"}
    (row,) = read_goods(table({**GOOD, **saved})).rows
    assert (row.original_price, row.expected_price, row.stock, row.lead_days) == (129_900, 89_950, 1_000, 7)


def test_r2_what_members_would_not_see_is_not_stored_and_a_text_of_nothing_else_is_missing() -> None:
    hidden = {"title": "茶\u200b壶\u202e", "shop": "\u2066east-gate", "description": "好\ufeff", "title_en": "\u200b"}
    (row,) = read_goods(table({**GOOD, **hidden})).rows
    assert (row.title, row.shop, row.description, row.title_en) == ("茶壶", "east-gate", "好", "")
    assert complaints(read_goods(table({**GOOD, "title": "\u200b\u3164"}))) == [(2, "title", "missing")]


def test_r3_columns_and_categories_may_have_chinese_names() -> None:
    names = "编号,店铺,标题,英文标题,类目,原价（元）,期望价(元),库存（件）,备货天数,链接,图片,描述,英文描述"
    row = ",".join(quoted({**GOOD, "category": "家居"}[column]) for column in GOODS_COLUMNS)
    assert read_goods(f"{names}\n{row}\n".encode("gb18030")) == read_goods(table(GOOD))
    spending = read_spending("会员号,消费金额,付款日期,订单号\n42,5,2026年1月1日,o-1\n".encode())
    assert spending.rows == (SpendingRecord(2, 42, 500, date(2026, 1, 1), "o-1"),)


def test_a_column_that_is_there_twice_is_named_unless_one_has_its_own_name() -> None:
    parsed = read_spending("telegram_id,金额,实付金额,spent_on,ref\n42,5,6,2026-01-01,o-1\n".encode())
    assert parsed == Parsed((), (BadCell(1, "amount", "duplicate_column", "实付金额"),))
    parsed = read_spending("telegram_id,amount,实付金额,spent_on,ref\n42,5,6,2026-01-01,o-1\n".encode())
    assert [row.amount for row in parsed.rows] == [500]


def test_a_file_with_two_readings_shows_both_and_is_read_in_the_one_that_is_named() -> None:
    content = "telegram_id,amount,spent_on,ref\n42,5,2026-01-01,€ — ·\n".encode("gb18030")
    parsed = read_spending(content)
    assert not parsed.rows and [cell.code for cell in parsed.bad] == ["two_encodings"]
    assert "€ — ·" in parsed.bad[0].value and {one.encoding for one in parsed.readings} == {
        Encoding.GB18030,
        Encoding.BIG5,
    }
    assert [row.ref for row in read_spending(content, Encoding.GB18030).rows] == ["€ — ·"]
    assert complaints(read_spending(content, Encoding.UTF_8)) == [(2, "", "not_utf8")]


@pytest.mark.parametrize("text", ["臺灣茶莊", "€ 5 — 好茶 · 新"])
def test_traditional_characters_and_signs_are_read_in_gb18030(text: str) -> None:
    content = table({**GOOD, "title": text, "description": ""}).decode().encode("gb18030")
    assert [row.title for row in read_goods(content).rows] == [text]


def test_big5_is_read() -> None:
    good = {**GOOD, "title": "臺灣高山烏龍茶", "description": "清香型三百克裝"}
    assert read_goods(table(good).decode().encode("big5")) == read_goods(table(good))


def test_a_file_that_is_not_utf8_names_the_line() -> None:
    content = table(GOOD) + "灯".encode("gb18030")
    assert complaints(read_goods(content)) == [(3, "", "not_utf8")]


def test_a_table_as_chinese_spreadsheets_save_it_is_read_as_it_is() -> None:
    assert "灯" in table(GOOD).decode()
    chinese = table(GOOD).decode("utf-8-sig").encode("gb18030")
    assert read_goods(chinese) == read_goods(table(GOOD)) and read_goods(chinese).rows


@pytest.mark.parametrize("damage", [b"\xff", b"\xe4\xb8", b"\x85"])
def test_damaged_utf8_is_not_taken_for_another_encoding(damage: bytes) -> None:
    content = table(GOOD, GOOD | {"ref": "g-2"})
    at = content.rindex("灯".encode())
    assert [code for *_, code in complaints(read_goods(content[:at] + damage + content[at:]))] == ["not_utf8"]


def test_a_quotation_mark_that_is_never_closed_is_named_where_it_opens() -> None:
    parsed = read_spending(b'telegram_id,amount,spent_on,ref\n42,5,2026-01-01,o-1\n43,5,2026-01-01,"o-2\n44,5,2026\n')
    assert [row.ref for row in parsed.rows] == ["o-1"]
    assert parsed.bad == (BadCell(3, "", "not_csv", '43,5,2026-01-01,"o-2'),)


def test_text_after_a_closing_quotation_mark_spoils_its_line_only() -> None:
    parsed = read_spending(b'telegram_id,amount,spent_on,ref\n42,"5"0,2026-01-01,o-1\n43,5,2026-01-01,o-2\n')
    assert [row.ref for row in parsed.rows] == ["o-2"]
    assert complaints(parsed) == [(2, "", "not_csv")]


def test_a_cell_without_end_is_no_error() -> None:
    content = b"telegram_id,amount,spent_on,ref\n" + b"4" * 300_000 + b"\n43,5,2026-01-01,o-2\n"
    parsed = read_spending(content)
    assert complaints(parsed) == [(2, "", "not_csv")]
    assert len(parsed.bad[0].value) == 80
    assert [row.ref for row in parsed.rows] == ["o-2"]


cells = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ['"', "\n", "\r", "\0", "12.50", "2026-01-01", "http://[", "home", "-0", "\ufeff", "\x85", "1" * 30]
    ),
)


@pytest.mark.parametrize(
    ("read", "columns"), [(read_goods, GOODS_COLUMNS), (read_spending, SPENDING_COLUMNS)], ids=["goods", "spending"]
)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.lists(cells, max_size=14).map(",".join), max_size=6).map(lambda lines: "\n".join(lines).encode()),
    )
)
@example(b"\xff\xfe")
@example(b'"')
def test_garbage_never_raises(
    read: Callable[[bytes], Parsed[GoodsRecord] | Parsed[SpendingRecord]], columns: tuple[str, ...], content: bytes
) -> None:
    for file in (content, ",".join(columns).encode() + b"\n" + content):
        parsed = read(file)
        assert {bad.code for bad in parsed.bad} <= set(CODES)
        assert all(1 <= bad.line <= file.count(b"\n") + file.count(b"\r") + 1 for bad in parsed.bad)
        assert all(bad.earlier_line is None or bad.earlier_line < bad.line for bad in parsed.bad)
        assert not {row.line for row in parsed.rows} & {bad.line for bad in parsed.bad}

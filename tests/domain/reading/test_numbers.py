"""R2, R14: amounts and numbers as people and spreadsheets write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reading.numbers import read_fen, read_whole


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("260元", 26_000),
        ("260 元", 26_000),
        ("¥260元", 26_000),
        ("￥２６０．５", 26_050),
        ("１，２９９．００", 129_900),
        ("1234567.0", 123_456_700),
        ("12.5000", 1_250),
        ("RMB 12.50", 1_250),
        ("12.50 CNY", 1_250),
        ("人民币12元整", 1_200),
        ("12块", 1_200),
    ],
)
def test_r2_prices_as_people_write_them(text: str, fen: int) -> None:
    assert read_fen(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "260万",
        "约260元",
        "260元起",
        "260-280",
        "12.505",
        "12.5.0",
        "2.6E+02",
        "12²",
        "½",
        "一百元",
        "USD 5",
        "$5",
        "12角",
    ],
)
def test_r2_what_may_be_another_price(text: str) -> None:
    assert read_fen(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,000", 1_000), ("１０００", 1_000), ("1000.0", 1_000), ("1000.00", 1_000), ("-5", -5), ("007", 7)],
)
def test_r2_whole_numbers_as_spreadsheets_save_them(text: str, number: int) -> None:
    assert read_whole(text) == number


@pytest.mark.parametrize(
    "text", ["", "1,00", "1000.5", "1E+3", "8.80012E+17", "1 000", "1_000", "٣", "10²", "5件", "--5", "+5"]
)
def test_r2_what_may_be_another_number(text: str) -> None:
    assert read_whole(text) is None


def test_r2_a_unit_is_read_where_it_is_the_columns() -> None:
    assert read_whole("1,000 件", ("件",)) == 1_000
    assert read_whole("7天", ("件",)) is None


@given(st.text(max_size=20) | st.text(alphabet="0123456789.,元¥-eE件 ", max_size=20))
def test_no_text_raises(text: str) -> None:
    read_fen(text)
    read_whole(text, ("件",))

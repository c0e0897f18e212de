"""Tables of spending: refunds, their orders, and identities as spreadsheets change them (R14)."""

from __future__ import annotations

import pytest

from domain.csv_files import read_goods, read_spending
from tests.domain.test_csv_files import GOOD, complaints, table


@pytest.mark.parametrize(
    ("amount", "fen"),
    [("-113.00", -113_00), ("-¥113", -113_00), ("¥-1,113.5", -1113_50), ("−113", -113_00), ("0", 0), ("-0.00", 0)],
)
def test_r14_a_refund_has_a_negative_amount(amount: str, fen: int) -> None:
    parsed = read_spending(f'telegram_id,amount,spent_on,ref\n42,"{amount}",2026-01-01,r-1\n'.encode())
    assert [row.amount for row in parsed.rows] == [fen] and not parsed.bad


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ("42,-5,2026-01-01,o-1,", "ref", "refund_needs_ref"),
        ("42,-5,2026-01-01,r-1,r-1", "ref", "refund_needs_ref"),
        ("42,5,2026-01-01,r-1,o-1", "refund_of", "refund_is_positive"),
        ("42,-5,2026-01-01,r-1,8.8E+17", "refund_of", "shortened_number"),
    ],
)
def test_r14_a_refund_has_a_ref_of_its_own_and_may_name_its_order(row: str, field: str, code: str) -> None:
    head = "telegram_id,amount,spent_on,ref,refund_of\n42,100,2026-01-01,o-1,\n"
    assert complaints(read_spending(f"{head}{row}\n".encode())) == [(3, field, code)]
    good = read_spending(f"{head}42,-5,2026-01-01,r-1,o-1\n".encode())
    assert [(one.amount, one.refund_of) for one in good.rows] == [(100_00, ""), (-5_00, "o-1")]


@pytest.mark.parametrize("twin", ["o-1\u200b", "\u202ao-1\u202c"])
def test_r14_one_order_is_one_ref_whatever_invisible_characters_cling_to_it(twin: str) -> None:
    found = read_spending(f"telegram_id,amount,spent_on,ref\n42,5,2026-01-01,o-1\n42,5,2026-01-01,{twin}\n".encode())
    assert [(cell.line, cell.code, cell.earlier_line) for cell in found.bad] == [(3, "duplicate_ref", 2)]


def test_a_ref_of_invisible_characters_is_missing() -> None:
    found = read_spending("telegram_id,amount,spent_on,ref\n42,5,2026-01-01,\u200b\n".encode())
    assert [(cell.field, cell.code) for cell in found.bad] == [("ref", "missing")]


def test_wrapped_cells_are_unwrapped_and_one_order_is_one_ref() -> None:
    rows = ('="42",="100.00",="2026-01-01",="880012345678901234"', "42,100,2026-01-01,`880012345678901234")
    parsed = read_spending("\n".join(["telegram_id,amount,spent_on,ref", *rows]).encode())
    assert [(row.telegram_id, row.amount, row.ref) for row in parsed.rows] == [(42, 100_00, "880012345678901234")]
    assert complaints(parsed) == [(3, "ref", "duplicate_ref")]
    assert read_goods(table({**GOOD, "ref": '="6901234567892"'})).rows[0].ref == "6901234567892"
    assert complaints(read_goods(table({**GOOD, "ref": "6.90123E+12"}))) == [(2, "ref", "shortened_number")]

"""What a row of a table of spending means beside what is stored for its ref (R14)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import (
    ANONYMOUS,
    Entry,
    Figures,
    LedgerError,
    RowMeaning,
    judge_row,
    receiver_of_order,
    receiver_of_refund,
)

TODAY = date(2026, 11, 24)
DAY, NEXT = date(2026, 11, 2), date(2026, 11, 3)
ORDER, LESS = Figures(113_00, DAY), Figures(87_00, DAY)
REFUND = Figures(-113_00, DAY)


def entry(figures: Figures, *replaced: Figures, telegram_id: int | None = 1001) -> Entry:
    return Entry(1, telegram_id, figures, replaced)


@pytest.mark.parametrize(
    ("row", "stored", "meaning"),
    [
        (ORDER, None, RowMeaning.NEW),
        (REFUND, None, RowMeaning.NEW),
        (Figures(0, DAY), None, LedgerError.NOTHING_SPENT),
        (Figures(100, TODAY), None, RowMeaning.NEW),
        (Figures(100, date(2026, 11, 25)), None, LedgerError.IN_THE_FUTURE),
        (ORDER, entry(ORDER), RowMeaning.SAME),
        (REFUND, entry(REFUND), RowMeaning.SAME),
        (LESS, entry(ORDER), RowMeaning.CORRECTION),
        (Figures(113_00, NEXT), entry(ORDER), RowMeaning.CORRECTION),
        (Figures(0, DAY), entry(ORDER), RowMeaning.CORRECTION),
        (Figures(-87_00, DAY), entry(REFUND), RowMeaning.CORRECTION),
        (REFUND, entry(ORDER), LedgerError.REFUND_NEEDS_REF),
        (ORDER, entry(REFUND), LedgerError.REFUND_NEEDS_REF),
        (REFUND, entry(Figures(0, DAY), ORDER), LedgerError.REFUND_NEEDS_REF),
        (ORDER, entry(LESS, ORDER), RowMeaning.REPLACED),
        (Figures(113_00, NEXT), entry(LESS, ORDER), RowMeaning.REPLACED),
        (Figures(87_00, NEXT), entry(LESS, ORDER), RowMeaning.CORRECTION),
        (Figures(87_00, NEXT), entry(LESS, ORDER, Figures(87_00, NEXT)), RowMeaning.REPLACED),
        (Figures(100_00, DAY), entry(LESS, ORDER), RowMeaning.CORRECTION),
        (ORDER, entry(ORDER, telegram_id=1002), LedgerError.OF_ANOTHER),
        (ORDER, entry(ORDER, telegram_id=None), LedgerError.OF_ANOTHER),
        (LESS, entry(ORDER, telegram_id=ANONYMOUS), RowMeaning.SAME),
    ],
)
def test_r14_what_a_row_means(row: Figures, stored: Entry | None, meaning: RowMeaning | LedgerError) -> None:
    assert judge_row(1001, row, stored, TODAY) is meaning


_figures = st.builds(Figures, st.integers(1, 3), st.sampled_from([DAY, NEXT]))


@given(st.lists(_figures, min_size=1, max_size=8))
def test_r14_tables_in_any_order_settle_and_none_of_them_changes_anything_again(rows: list[Figures]) -> None:
    stored, changes = entry(rows[0]), 0
    for row in rows * 3:
        if judge_row(1001, row, stored, TODAY) is RowMeaning.CORRECTION:
            stored, changes = entry(row, *stored.replaced, stored.figures), changes + 1
    assert changes < len(set(rows)), "what was replaced never comes back"
    assert {judge_row(1001, row, stored, TODAY) for row in rows} <= {RowMeaning.SAME, RowMeaning.REPLACED}


@pytest.mark.parametrize(
    ("refunded", "receiver"),
    [(1001, 1001), (None, 1001), (1002, LedgerError.REFUND_OF_ANOTHER), (ANONYMOUS, ANONYMOUS)],
)
def test_r14_a_refund_lowers_the_spending_of_the_one_who_paid(
    refunded: int | None, receiver: int | LedgerError
) -> None:
    assert receiver_of_refund(1001, refunded) == receiver


@pytest.mark.parametrize(
    ("refunded_to", "receiver"),
    [(1001, 1001), (None, 1001), (1002, LedgerError.REFUNDED_TO_ANOTHER), (ANONYMOUS, ANONYMOUS)],
)
def test_r14_an_order_is_of_the_person_who_was_refunded_before(
    refunded_to: int | None, receiver: int | LedgerError
) -> None:
    assert receiver_of_order(1001, refunded_to) == receiver

"""The table of votes that is judged without a database: what is read, and what is named as an error."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from domain.brushing.vote_table import VOTE_COLUMNS, read_votes

HEADER = ",".join(VOTE_COLUMNS)
ROW = "g1,小店,m1,123456,2026-11-02T08:00:05+08:00,m2,120.50,20,1"


def test_a_row_is_read_with_all_its_columns() -> None:
    (vote,) = read_votes(f"{HEADER}\n{ROW}\n".encode()).votes
    assert (vote.item, vote.shop, vote.member, vote.telegram_id, vote.via) == ("g1", "小店", "m1", 123456, "m2")
    assert vote.cast_at == datetime(2026, 11, 2, 8, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert (vote.spent_fen, vote.refunded_fen, vote.granted) == (12_050, 2_000, 1)


def test_the_last_two_columns_may_be_missing_and_count_as_nothing() -> None:
    header = ",".join(VOTE_COLUMNS[:-2])
    (vote,) = read_votes(f"{header}\ng1,s,m1,1,2026-11-02T00:00:05Z,,100\n".encode()).votes
    assert (vote.via, vote.refunded_fen, vote.granted) == (None, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_columns_in_another_order_with_semicolons_and_other_encodings_are_read(encoding: str) -> None:
    names = [*reversed(VOTE_COLUMNS), "note"]
    cells = [*reversed(ROW.split(",")), "x"]
    table = read_votes(f"{';'.join(names)}\n{';'.join(cells)}\n".encode(encoding))
    assert not table.bad and table.votes[0].item == "g1"


@pytest.mark.parametrize("amount", ["99.999", "1e2", "100.0000001"])
def test_amounts_of_programs_are_rounded_to_fen(amount: str) -> None:
    (vote,) = read_votes(f"{HEADER}\ng,s,m,1,2026-11-02T00:00Z,,{amount},,\n".encode()).votes
    assert vote.spent_fen == 10_000


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("item", "", "missing"),
        ("member", "", "missing"),
        ("telegram_id", "", "missing"),
        ("telegram_id", "abc", "not_a_number"),
        ("telegram_id", "0", "out_of_range"),
        ("telegram_id", str(2**63), "out_of_range"),
        ("cast_at", "", "missing"),
        ("cast_at", "2026-11-02 08:00", "not_a_time"),
        ("cast_at", "yesterday", "not_a_time"),
        ("spent", "NaN", "not_a_price"),
        ("spent", "lots", "not_a_price"),
        ("spent", "-5", "out_of_range"),
        ("refunded", "1e400", "out_of_range"),
        ("refunded", "1e900000", "out_of_range"),
        ("spent", "1e999999999", "out_of_range"),
        ("spent", "-inf", "not_a_price"),
        ("spent", "9" * 5000, "out_of_range"),
        ("granted", "-1", "out_of_range"),
        ("granted", "1.5", "not_a_number"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_and_the_other_rows_are_read(cell: str, value: str, code: str) -> None:
    cells = dict(zip(VOTE_COLUMNS, ROW.split(","), strict=True)) | {cell: value}
    table = read_votes(f"{HEADER}\n{ROW}\n{','.join(cells.values())}\n".encode())
    assert len(table.votes) == 1
    (bad,) = table.bad
    assert (bad.line, bad.field, bad.code, bad.value) == (3, cell, code, value[:80])


def test_missing_and_double_columns_are_named_and_nothing_is_read() -> None:
    table = read_votes(b"item,shop,member,member,cast_at,via\ng,s,m,m,2026-11-02T00:00Z,\n")
    found = [(bad.field, bad.code) for bad in table.bad]
    assert not table.votes
    assert found == [("telegram_id", "missing_column"), ("spent", "missing_column"), ("member", "duplicate_column")]


@pytest.mark.parametrize(("content", "code"), [(b"", "empty_file"), (b"\xff\xfe\xff", "not_utf8")])
def test_a_file_without_a_table_is_an_error(content: bytes, code: str) -> None:
    assert [bad.code for bad in read_votes(content).bad] == [code]


def test_only_the_first_errors_are_named_and_the_others_counted() -> None:
    many = read_votes((HEADER + "\n" + (ROW.replace("123456", "x") + "\n") * 70).encode())
    assert (len(many.bad), many.further) == (50, 20)

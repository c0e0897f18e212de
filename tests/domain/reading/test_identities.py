"""Order numbers and refs as spreadsheets and exports change them."""

from __future__ import annotations

import pytest

from domain.reading.identities import is_shortened, ref_of, unwrapped


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="880012345678901234"', "880012345678901234"),
        ('= "880012345678901234"', "880012345678901234"),
        ('="a ""b"" c"', 'a "b" c'),
        ("'880012345678901234", "880012345678901234"),
        ("`4200001234", "4200001234"),
        ("880012345678901234", "880012345678901234"),
        ("'90s tea", "'90s tea"),
        ("=SUM(A1)", "=SUM(A1)"),
        ('=""', ""),
        ("", ""),
    ],
)
def test_the_wrapping_of_a_number_is_removed_and_nothing_else(cell: str, text: str) -> None:
    assert unwrapped(cell) == text and unwrapped(text) == text


@pytest.mark.parametrize(
    "cell",
    [
        *("8.80012E+17", "8.80012345678901e+17", "8,80012E+17", "9E+15", "８.８E+17", "880012345678901000.0"),
        *("8.80012E17", "8.8e17", "\u202a8.8E+17\u202c"),
    ],
)
def test_a_number_whose_last_digits_are_lost_is_known(cell: str) -> None:
    assert is_shortened(cell)


@pytest.mark.parametrize("cell", ["880012345678901234", "order-88213", "3E5", "E+17", "12345678.0", "2.0", "1e5", ""])
def test_a_whole_ref_is_not_taken_for_a_shortened_one(cell: str) -> None:
    assert not is_shortened(cell)


@pytest.mark.parametrize(
    ("cell", "ref"),
    [
        *(("880012345678.0", "880012345678"), ("88001.00", "88001"), ("2.0", "2.0"), ("88001.5", "88001.5")),
        *(('="880012345678.0"', "880012345678"), ("＃８８", "＃８８")),
    ],
)
def test_a_long_whole_number_stays_one_where_a_program_made_it_a_decimal(cell: str, ref: str) -> None:
    assert ref_of(cell) == ref


@pytest.mark.parametrize(
    "cell", ["880012\u200b", "\u202a880012\u202c", "\ufeff880012", '\u200e="880012"', "88\u00ad0012"]
)
def test_invisible_characters_make_no_other_ref(cell: str) -> None:
    assert ref_of(cell) == "880012"

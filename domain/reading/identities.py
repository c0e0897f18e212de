"""Numbers that identify something, as spreadsheets and exports change them: order numbers, refs, Telegram IDs."""

from __future__ import annotations

import re
import unicodedata

from domain.reading.width import to_plain_width

_FORMULA = re.compile(r'=\s*"((?:[^"]|"")*)"')
"""How exports keep a spreadsheet from reading a number: a formula whose value is a text."""
_MARKED = re.compile(r"['`]([0-9]+)")
"""How others do: a mark before the digits, which a spreadsheet does not show."""
_SHORTENED = re.compile(r"-?[0-9](?:[.,][0-9]+E\+?|E\+)[0-9]{1,3}", re.IGNORECASE)
"""With a decimal point some programs write no plus. `3E5` may be the name of a model."""
_DECIMAL = re.compile(r"([0-9]{5,})\.0+")
"""A long whole number that became a decimal one; a short one may be meant, as the 2.0 of a version."""
MOST_DIGITS = 15
"""Spreadsheets keep no more digits of a number."""


def unwrapped(cell: str) -> str:
    """The text that a spreadsheet shows for a cell: `="880012345678901234"` and `'880012345678901234` are that number.

    One order, once wrapped and once not, would count twice.
    """
    formula = _FORMULA.fullmatch(cell)
    if formula is not None:
        return formula[1].replace('""', '"').strip()
    marked = _MARKED.fullmatch(cell)
    return marked[1] if marked is not None else cell


def ref_of(cell: str) -> str:
    """The ref in a cell: unwrapped, without the invisible characters that cling to what is copied from a page or a
    chat. `880012345678.0` is a whole number, which a program has made a decimal one.
    """
    seen = unwrapped("".join(sign for sign in cell if unicodedata.category(sign) != "Cf").strip())
    decimal = _DECIMAL.fullmatch(seen)
    return decimal[1] if decimal is not None else seen


def is_shortened(cell: str) -> bool:
    """Whether a spreadsheet has replaced digits of this number: `8.80012E+17`, `880012345678901000.0`.

    Different orders would be one.
    """
    plain = to_plain_width(cell)
    decimal = _DECIMAL.fullmatch(plain)
    return bool(_SHORTENED.fullmatch(plain)) or (decimal is not None and len(decimal[1]) > MOST_DIGITS)

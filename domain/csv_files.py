"""Parsers of the two CSV imports: a shop's goods (R2, R3) and members' spending (R14).

Bytes in, rows and errors out; never an exception. An error is a line, a field and a code; its sentence is written in
handlers, in the reader's language.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from heapq import nsmallest
from typing import Generic, TypeVar

from domain.goods import Category
from domain.reading.addresses import address_error, is_web_address
from domain.reading.csv_rows import Rows, read_csv
from domain.reading.encodings import Encoding, Reading
from domain.reading.headings import category_of, column_of
from domain.reading.identities import is_shortened, ref_of, unwrapped
from domain.reading.numbers import read_fen, read_signed_fen, read_whole
from domain.reading.shown_text import clean
from domain.reading.times import read_day

CATEGORIES = tuple(category.value for category in Category)
"""The categories of R3."""

CODES = (
    "above_original",  # the expected price is higher than the original price
    "duplicate_column",  # two headings name the same column
    "duplicate_ref",  # `earlier_line` has the same ref
    "empty_file",  # without a header
    "missing",  # a required value is empty
    "missing_column",  # the header lacks a required column
    "not_a_button_url",  # an address that Telegram refuses in a button
    "not_a_date",
    "not_a_number",
    "not_a_picture",  # an address that is no https link; paths are checked when they are opened
    "not_a_price",  # not an amount of yuan with at most two decimals
    "not_a_time",  # not in ISO 8601 with an offset
    "not_a_url",
    "not_csv",  # unbalanced quotation marks
    "not_utf8",  # nor UTF-16, GB 18030 or Big5
    "odd_character",  # a control character, as a line break in a title
    "out_of_range",
    "refund_is_positive",  # `refund_of` beside an amount that is not negative
    "refund_needs_ref",  # a refund has the ref of the order
    "shortened_number",  # a spreadsheet has replaced its last digits
    "too_early",  # spent before R14 begins to count
    "too_long",
    "too_many_rows",  # `value` says how many are read
    "two_encodings",  # the bytes have two readings
    "unknown_category",
)
"""Every code that a `BadCell` can have."""

GOODS_COLUMNS = (
    *("ref", "shop", "title", "title_en", "category", "original_price", "expected_price", "stock", "lead_days"),
    *("url", "picture", "description", "description_en"),
)
SPENDING_COLUMNS = ("telegram_id", "amount", "spent_on", "ref", "refund_of")

SPENDING_COUNTS_FROM = date(2011, 1, 1)
MAX_FEN = 10**9
"""Ten million yuan: a higher amount is a typing error, and a lower one fits 32 bits."""
MAX_STOCK = 10**7
MAX_LEAD_DAYS = 365
MAX_TELEGRAM_ID = 2**52 - 1
"""Bot API, `User.id`: at most 52 significant bits."""

MOST_COMPLAINTS = 50
"""How many errors of a table are named; the others are counted."""
MOST_GOODS = 10_000
MOST_SPENDINGS = 200_000
"""Rows of a table that are read."""

_FORMULA_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""What spreadsheets show for a formula without a value."""
_OPTIONAL_COLUMNS = frozenset({"title_en", "description_en", "refund_of"})
_LONGEST_REPORTED = 80

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class BadCell:
    """One error. `line` is the line, from 1, on which the record begins; `field` the column, or empty for an error of
    the file; `value` the first 80 characters of the cell; `until` when what it is about ends (aware)."""

    line: int
    field: str
    code: str
    value: str
    earlier_line: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class GoodsRecord:
    """One item as its shop describes it. Prices are in fen, stock in pieces."""

    line: int
    ref: str
    shop: str
    title: str
    title_en: str
    category: str
    original_price: int
    expected_price: int
    stock: int
    lead_days: int
    url: str
    picture: str
    description: str
    description_en: str


@dataclass(frozen=True, slots=True)
class SpendingRecord:
    """One order of a member, or a refund. The amount is in fen, that of a refund is negative; `refund_of` is the ref of
    its order, where the table names it."""

    line: int
    telegram_id: int
    amount: int
    spent_on: date
    ref: str
    refund_of: str = ""


Row = TypeVar("Row", GoodsRecord, SpendingRecord)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Row]):
    """The valid rows, and the first `MOST_COMPLAINTS` errors of the others, by line; `further` counts the errors beyond
    them. With `readings` a person must choose the encoding."""

    rows: tuple[Row, ...]
    bad: tuple[BadCell, ...]
    readings: tuple[Reading, ...] = ()
    further: int = 0


def read_goods(table: bytes | Rows, encoding: Encoding | None = None) -> Parsed[GoodsRecord]:
    """Read a table of goods with the columns `GOODS_COLUMNS` in any order: a CSV file, or the rows of a spreadsheet.

    Columns and categories may have their Chinese names; `title_en` and `description_en` may be left out. Further
    columns and empty lines are ignored. A row's `ref` must not occur twice. Never raises: every error is in the result.
    """
    return _read(table, GOODS_COLUMNS, _goods_row, encoding, MOST_GOODS)


def read_spending(table: bytes | Rows, encoding: Encoding | None = None) -> Parsed[SpendingRecord]:
    """Read a table of spending, under the same conditions as `read_goods`, with the columns `SPENDING_COLUMNS`.

    `refund_of` may be left out.
    """
    return _read(table, SPENDING_COLUMNS, _spend_row, encoding, MOST_SPENDINGS)


class _Cells:
    """The cells of one record. Reading an invalid one records the error and returns an empty value."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self.bad: list[BadCell] = []
        self._cells = cells

    def report(self, field: str, code: str, earlier_line: int | None = None) -> None:
        self.bad.append(BadCell(self.line, field, code, self._cells[field][:_LONGEST_REPORTED], earlier_line))

    def raw(self, field: str, *, required: bool = True) -> str:
        """The stripped and unwrapped cell. A column that the header lacks has been reported once."""
        cell = self._cells.get(field)
        value = unwrapped(cell or "")
        value = "" if value in _FORMULA_ERRORS else value
        if cell is not None and not value and required:
            self.report(field, "missing")
        return value

    def text(self, field: str, longest: int, *, required: bool = True, lines: bool = False) -> str:
        value = self.raw(field, required=required)
        if (_CONTROL_BUT_LINES if lines else _CONTROL).search(value):
            self.report(field, "odd_character")
        elif len(value) > longest:
            self.report(field, "too_long")
        return value

    def shown(self, field: str, longest: int, *, required: bool = True, lines: bool = False) -> str:
        """A text that members read."""
        value = self.text(field, longest, required=required, lines=lines)
        cleaned = clean(value)
        if value and not cleaned and required:
            self.report(field, "missing")
        return cleaned

    def ref(self, field: str, *, required: bool = True) -> str:
        value = self.text(field, 64, required=required)
        ref = ref_of(value)
        if is_shortened(value):
            self.report(field, "shortened_number")
        elif value and not ref and required:
            self.report(field, "missing")
        return ref

    def amount(self, field: str) -> int:
        """A price, or a negative one; 0 is for an order that was cancelled."""
        value = self.raw(field)
        fen = read_signed_fen(value)
        if value and fen is None:
            self.report(field, "not_a_price")
        elif fen is not None and abs(fen) > MAX_FEN:
            self.report(field, "out_of_range")
            return 0
        return fen or 0

    def price(self, field: str) -> int:
        value = self.raw(field)
        fen = read_fen(value)
        if value and fen is None:
            self.report(field, "not_a_price")
        elif fen is not None and not 0 < fen <= MAX_FEN:
            self.report(field, "out_of_range")
            return 0
        return fen or 0

    def whole(self, field: str, least: int, most: int, *units: str) -> int:
        value = self.raw(field)
        if not value:
            return 0
        number = read_whole(value, units)
        if number is None:
            self.report(field, "shortened_number" if is_shortened(value) else "not_a_number")
            return 0
        if not least <= number <= most:
            self.report(field, "out_of_range")
        return number

    def day(self, field: str, earliest: date) -> date:
        value = self.raw(field)
        if not value:
            return earliest
        day = read_day(value)
        if day is None:
            self.report(field, "not_a_date")
            return earliest
        if day < earliest:
            self.report(field, "too_early")
        return day

    def category(self, field: str) -> str:
        value = self.raw(field)
        category = category_of(value)
        if value and category is None:
            self.report(field, "unknown_category")
        return category.value if category else value

    def url(self, field: str) -> str:
        value = self.text(field, 2000)
        if value and (code := address_error(value)):
            self.report(field, code)
        return value

    def picture(self, field: str) -> str:
        value = self.text(field, 2000)
        if "://" in value and not (value.startswith("https://") and is_web_address(value)):
            self.report(field, "not_a_picture")
        return value


def _goods_row(cells: _Cells) -> GoodsRecord:
    row = GoodsRecord(
        line=cells.line,
        ref=cells.ref("ref"),
        shop=cells.shown("shop", 100),
        title=cells.shown("title", 100),
        title_en=cells.shown("title_en", 100, required=False),
        category=cells.category("category"),
        original_price=cells.price("original_price"),
        expected_price=cells.price("expected_price"),
        stock=cells.whole("stock", 1, MAX_STOCK, "件", "个", "份"),
        lead_days=cells.whole("lead_days", 0, MAX_LEAD_DAYS, "天", "日"),
        url=cells.url("url"),
        picture=cells.picture("picture"),
        description=cells.shown("description", 800, required=False, lines=True),
        description_en=cells.shown("description_en", 800, required=False, lines=True),
    )
    if 0 < row.original_price < row.expected_price:
        cells.report("expected_price", "above_original")
    return row


def _spend_row(cells: _Cells) -> SpendingRecord:
    row = SpendingRecord(
        line=cells.line,
        telegram_id=cells.whole("telegram_id", 1, MAX_TELEGRAM_ID),
        amount=cells.amount("amount"),
        spent_on=cells.day("spent_on", SPENDING_COUNTS_FROM),
        ref=cells.ref("ref"),
        refund_of=cells.ref("refund_of", required=False),
    )
    if row.refund_of and row.amount >= 0:
        cells.report("refund_of", "refund_is_positive")
    elif row.refund_of and row.refund_of == row.ref:
        cells.report("ref", "refund_needs_ref")
    return row


def first_complaints(complaints: Iterable[BadCell]) -> tuple[BadCell, ...]:
    """The complaints that are named, by line; that the file is too long before all others, which may hide it."""
    return tuple(nsmallest(MOST_COMPLAINTS, complaints, key=lambda cell: (cell.code != "too_many_rows", cell.line)))


class _Complaints:
    """Collects errors: the first ones, and how many there are."""

    def __init__(self, found: Iterable[BadCell]) -> None:
        self.number = 0
        self._named: list[BadCell] = []
        self.add(found)

    def add(self, found: Iterable[BadCell]) -> None:
        """Add the errors of a row, which comes behind those that were added before."""
        for cell in found:
            self.number += 1
            if len(self._named) < MOST_COMPLAINTS:
                self._named.append(cell)

    def parsed(self, rows: Sequence[Row], of_file: "_Complaints", readings: tuple[Reading, ...] = ()) -> Parsed[Row]:
        """The result, with these errors and those of the file."""
        named = first_complaints((*self._named, *of_file._named))
        return Parsed(tuple(rows), named, readings, self.number + of_file.number - len(named))


def _read(
    table: bytes | Rows,
    columns: Sequence[str],
    row_of: Callable[[_Cells], Row],
    encoding: Encoding | None,
    most: int,
) -> Parsed[Row]:
    found = table if isinstance(table, Rows) else read_csv(table, encoding)
    of_file = _Complaints(BadCell(error.line, "", error.code, error.value) for error in found.bad)
    if not found.rows:
        empty = _Complaints([] if of_file.number else [BadCell(1, "", "empty_file", "")])
        return empty.parsed((), of_file, found.readings)
    header, *records = found.rows
    places = _places(header.cells, columns)
    missing = [name for name in columns if name not in places and name not in _OPTIONAL_COLUMNS]
    bad = _Complaints(BadCell(header.line, name, "missing_column", "") for name in missing)
    twice = [name for name, found_at in places.items() if len(found_at) > 1]
    bad.add(BadCell(header.line, name, "duplicate_column", header.cells[places[name][1]]) for name in twice)
    rows: list[Row] = []
    first_lines: dict[str, int] = {}
    for record in records[:most]:
        line, values = record.line, record.cells
        cells = _Cells(line, {name: values[at] if at < len(values) else "" for name, (at, *_) in places.items()})
        row = row_of(cells)
        if row.ref and (first := first_lines.setdefault(row.ref, line)) != line:
            refund = isinstance(row, SpendingRecord) and row.amount < 0
            cells.report("ref", "refund_needs_ref" if refund else "duplicate_ref", earlier_line=first)
        bad.add(cells.bad)
        if not cells.bad and not missing and not twice:
            rows.append(row)
    of_file.add(BadCell(record.line, "", "too_many_rows", str(most)) for record in records[most : most + 1])
    return bad.parsed(rows, of_file)


def _places(headings: Sequence[str], columns: Sequence[str]) -> dict[str, list[int]]:
    """Where each column is: one place, or several that nothing decides between. A heading that is the column's own name
    comes before one that is another name for it."""
    exact = [heading.casefold() for heading in headings]
    named = [column_of(heading) for heading in headings]
    places = {}
    for column in columns:
        found = [at for at, name in enumerate(exact) if name == column]
        found = found or [at for at, name in enumerate(named) if name == column]
        if found:
            places[column] = found
    return places

"""Workbooks of spreadsheets (XLSX): read as rows of text, and written without formulas (R2, R31)."""

from __future__ import annotations

import importlib
import io
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.reading.csv_rows import Row, Rows
from domain.reading.headings import known_columns
from domain.reading.identities import MOST_DIGITS
from services.archives import unpacked

_MOST_UNPACKED = 100 * 1024 * 1024
"""Bytes of XML. A million cells have about 40 MB."""
_MOST_PARTS = 1_000
_MOST_ROWS = 100_000
_LAST_ROW = 2**20
"""Sheets end there; a damaged one may name any row."""
_MOST_COLUMNS = 200
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""XML has no such characters."""

Cell = str | int | float | Decimal | None


class SpreadsheetError(ValueError):
    """A workbook that cannot be read: damaged, protected by a password, or too large."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with its rows; the header comes first."""

    name: str
    rows: Rows


def _load_openpyxl() -> None:
    """Load openpyxl, which takes long and which only tables need, without numpy: where that is installed, openpyxl
    loads it for types of numbers that no cell here has, and a process with a limit of memory has no room for it."""
    if "openpyxl" in sys.modules or "numpy" in sys.modules:
        return
    sys.modules["numpy"] = None  # type: ignore[assignment]  # so that its import fails
    try:
        importlib.import_module("openpyxl")
    finally:
        del sys.modules["numpy"]


def read_sheets(content: bytes) -> list[Sheet]:
    """The visible sheets that look like tables; where none does, the first one that is not empty.

    Raises SpreadsheetError. Values are what a person sees in a cell; of a formula its stored result.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise SpreadsheetError("too large")
            for part in parts:  # openpyxl unpacks what they hold, whatever they declare
                unpacked(packed, part)
        sheets = [Sheet(one.title, _rows(one)) for one in _worksheets(content) if one.sheet_state == "visible"]
    except SpreadsheetError:
        raise
    except Exception as error:  # openpyxl raises any error for damaged files
        raise SpreadsheetError("damaged") from error
    filled = [sheet for sheet in sheets if sheet.rows.rows]
    tables = [sheet for sheet in filled if known_columns(sheet.rows.rows[0].cells) > 1]
    return tables or filled[:1]


def _worksheets(content: bytes) -> list[Any]:
    """The worksheets of a workbook, read like `openpyxl.load_workbook` does, but for what no table needs and what then
    cannot spoil it: charts, properties, the theme, names of ranges, links to other files."""
    _load_openpyxl()
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    reader: Any = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.read_chartsheet = lambda sheet, relation: None
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)  # tells days from numbers
    reader.read_worksheets()
    worksheets: list[Any] = reader.wb.worksheets
    return worksheets


def _rows(sheet: Any) -> Rows:
    sheet.reset_dimensions()  # some programs write wrong ones
    found: list[Row] = []
    for number, values in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), 1):
        if len(found) > _MOST_ROWS or number > _LAST_ROW:
            raise SpreadsheetError("too large")
        if values.count(None) == len(values):  # most of them behind a table, where one cell far below has a format
            continue
        cells = tuple(_text(value).strip() for value in values)
        if any(cells):
            found.append(Row(number, cells))
    return Rows(tuple(found))


def _text(value: object) -> str:
    """A cell as a person would type it.

    Spreadsheets keep 15 digits of a number: a longer one is written shortened, whatever stands for its other digits.
    """
    if isinstance(value, int | float) and abs(value) >= 10**MOST_DIGITS:
        return format(value, ".14E")
    if isinstance(value, float):
        return format(value, ".0f" if value.is_integer() else ".15g")
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)


def write_sheets(sheets: Iterable[tuple[str, Sequence[Sequence[Cell]]]]) -> bytes:
    """A workbook of these sheets, each with a name and rows. Text stays text, also where it begins like a formula."""
    _load_openpyxl()
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(_written(sheet, row)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class SheetWriter:
    """A workbook of one sheet that is written part by part: openpyxl keeps its rows on the disk."""

    def __init__(self, name: str) -> None:
        _load_openpyxl()
        from openpyxl import Workbook

        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(name)

    def append(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Further rows."""
        for row in rows:
            self._sheet.append(list(_written(self._sheet, row)))

    def save(self, file: Path) -> None:
        """Write the file; nothing can be appended any more."""
        self._book.save(file)


def _written(sheet: object, row: Sequence[Cell]) -> Iterator[object]:
    from openpyxl.cell import WriteOnlyCell

    for value in row:
        if not isinstance(value, str):
            yield value
            continue
        cell = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("", value))
        cell.data_type = "s"  # openpyxl takes text that begins with = for a formula
        yield cell

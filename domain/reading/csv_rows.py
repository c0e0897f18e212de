"""Rows of a CSV file as any spreadsheet saves it: its encoding, its separator, its first lines."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice

from domain.reading.encodings import Encoding, Reading, decode
from domain.reading.headings import known_columns

_SEPARATORS = ",\t;|"
_MOST_LINES = 500_000
_LONGEST_REPORTED = 80
_NAMED_SEPARATOR = re.compile(r"\"?sep=(.)\"?[,;\t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """The stripped cells of a record that is not empty; `line` is the line of the file, from 1, on which it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """An error that leaves no cells to read; `value` is the text, or the bytes in hexadecimal."""

    line: int
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The records of a table, the header first. With several `readings` a person must choose, and there are no rows."""

    rows: tuple[Row, ...]
    bad: tuple[RowError, ...] = ()
    readings: tuple[Reading, ...] = ()


def read_csv(content: bytes, encoding: Encoding | None = None) -> Rows:
    """The rows of a CSV file in `encoding`, or in the one that its bytes show. Never raises.

    Values are separated by commas, tabs, semicolons or bars, as a first line `sep=;` says, else as the header shows.
    """
    decoded = decode(content, encoding)
    if not decoded.readings:
        line, at = content.count(b"\n", 0, decoded.bad_at) + 1, decoded.bad_at
        return Rows((), (RowError(line, "not_utf8", content[at : at + 4].hex(" ")),))
    if len(decoded.readings) > 1:
        shown = " / ".join(f"{reading.encoding.label}: {reading.sample}" for reading in decoded.readings)
        return Rows((), (RowError(1, "two_encodings", shown),), decoded.readings)
    return _records(decoded.readings[0].text)


def _records(text: str) -> Rows:
    lines = list(islice(io.StringIO(text, newline=""), _MOST_LINES + 1))
    if len(lines) > _MOST_LINES:
        return Rows((), (RowError(_MOST_LINES + 1, "too_many_rows", str(_MOST_LINES)),))
    separator = None
    if lines and (named := _NAMED_SEPARATOR.fullmatch(lines[0].strip("\r\n"))):
        separator, lines[0] = named[1], "\n"
    reader = csv.reader(lines, strict=True, delimiter=separator or _separator(lines))
    rows: list[Row] = []
    bad: list[RowError] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = tuple(value.strip() for value in next(reader))
        except StopIteration:
            return Rows(tuple(rows), tuple(bad))
        except csv.Error:
            bad.append(RowError(line, "not_csv", lines[line - 1].strip()[:_LONGEST_REPORTED]))
            continue
        if any(cells):
            rows.append(Row(line, cells))


def _separator(lines: list[str]) -> str:
    """The one that splits the header into the most columns with a known name."""
    header = next((line for line in lines if line.strip(" ,;|\t\r\n")), "")
    return max(_SEPARATORS, key=lambda mark: known_columns(cell.strip(' "\r\n') for cell in header.split(mark)))

"""Reads the table of votes that `votes examine` judges. Bytes in; votes and errors out; never an exception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from domain.brushing.votes import CastVote
from domain.csv_files import MAX_FEN, MOST_COMPLAINTS, BadCell
from domain.reading.csv_rows import Row, read_csv
from domain.reading.identities import unwrapped
from domain.reading.numbers import read_fen, read_whole

VOTE_COLUMNS = ("item", "shop", "member", "telegram_id", "cast_at", "via", "spent", "refunded", "granted")
"""`cast_at` is ISO 8601 with an offset, `via` the link owner's `member` or empty, `spent` and `refunded` are yuan."""
_MAY_BE_MISSING = frozenset({"refunded", "granted"})
_MOST_ID = 2**63 - 1
"""Telegram's IDs have at most 52 bits; those of simulated members may have more."""
_MOST_GRANTED = 10**6
_LONGEST_REPORTED = 80
_MOST_DIGITS = 20
"""Of yuan before the point: more than any amount that is taken."""


@dataclass(frozen=True, slots=True)
class VoteTable:
    """The readable votes, and the first errors of the other rows, by line; `further` counts the errors beyond them."""

    votes: tuple[CastVote, ...]
    bad: tuple[BadCell, ...]
    further: int = 0


class _Unreadable(Exception):
    def __init__(self, field: str, code: str, value: str = "") -> None:
        self.field, self.code, self.value = field, code, value


def read_votes(content: bytes) -> VoteTable:
    """Read a table with the columns `VOTE_COLUMNS` in any order, in any encoding that tables of goods may have.

    The last two columns may be left out, and so may their cells and those of `via`, `shop` and `spent`. Further columns
    and empty lines are ignored. A row with an error is left out, with its first error in `bad`.
    """
    found = read_csv(content)
    bad = [BadCell(error.line, "", error.code, error.value) for error in found.bad]
    if not found.rows:
        return VoteTable((), tuple(bad) or (BadCell(1, "", "empty_file", ""),))
    header, *records = found.rows
    places = {name.casefold(): at for at, name in reversed(list(enumerate(header.cells)))}
    of_header = _header_errors(header, places)
    if of_header:
        return VoteTable((), (*of_header, *bad))
    votes: list[CastVote] = []
    for record in records:
        try:
            votes.append(_vote(record, places))
        except _Unreadable as error:
            bad.append(BadCell(record.line, error.field, error.code, error.value[:_LONGEST_REPORTED]))
    bad.sort(key=lambda cell: cell.line)
    return VoteTable(tuple(votes), tuple(bad[:MOST_COMPLAINTS]), max(0, len(bad) - MOST_COMPLAINTS))


def _header_errors(header: Row, places: Mapping[str, int]) -> list[BadCell]:
    names = [name.casefold() for name in header.cells]
    missing = [name for name in VOTE_COLUMNS if name not in places and name not in _MAY_BE_MISSING]
    twice = [name for name in VOTE_COLUMNS if names.count(name) > 1]
    return [
        *(BadCell(header.line, name, "missing_column", "") for name in missing),
        *(BadCell(header.line, name, "duplicate_column", name) for name in twice),
    ]


def _vote(record: Row, places: Mapping[str, int]) -> CastVote:
    def cell(name: str, *, required: bool = False) -> str:
        at = places.get(name, len(record.cells))
        value = unwrapped(record.cells[at]) if at < len(record.cells) else ""
        if required and not value:
            raise _Unreadable(name, "missing")
        return value

    return CastVote(
        item=cell("item", required=True),
        shop=cell("shop"),
        member=cell("member", required=True),
        telegram_id=_whole("telegram_id", cell("telegram_id", required=True), 1, _MOST_ID),
        cast_at=_moment(cell("cast_at", required=True)),
        via=cell("via") or None,
        spent_fen=_yuan("spent", cell("spent")),
        refunded_fen=_yuan("refunded", cell("refunded")),
        granted=_whole("granted", cell("granted") or "0", 0, _MOST_GRANTED),
    )


def _whole(field: str, value: str, least: int, most: int) -> int:
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else read_whole(value)
    if number is None:
        raise _Unreadable(field, "not_a_number", value)
    if not least <= number <= most:
        raise _Unreadable(field, "out_of_range", value)
    return number


def _moment(value: str) -> datetime:
    """A time with its offset. Years at the ends of the calendar have no POSIX time everywhere."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _Unreadable("cast_at", "not_a_time", value) from None
    if moment.tzinfo is None or not 1970 < moment.year < 9999:
        raise _Unreadable("cast_at", "not_a_time", value)
    return moment


def _yuan(field: str, value: str) -> int:
    """An amount in fen; programs write more decimals than there are fen."""
    if not value:
        return 0
    fen = read_fen(value)
    if fen is None:
        fen = _computed(field, value)
    if not 0 <= fen <= MAX_FEN * 100:
        raise _Unreadable(field, "out_of_range", value)
    return fen


def _computed(field: str, value: str) -> int:
    """An amount with more decimals, or an exponent, in fen. Of `1e900000` the digits are not worked out: that takes
    half a minute."""
    try:
        yuan = Decimal(value)
    except InvalidOperation:
        raise _Unreadable(field, "not_a_price", value) from None
    if not yuan.is_finite():
        raise _Unreadable(field, "not_a_price", value)
    if yuan.adjusted() > _MOST_DIGITS:
        raise _Unreadable(field, "out_of_range", value)
    return int((yuan * 100).to_integral_value())

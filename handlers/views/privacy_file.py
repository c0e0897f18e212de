"""What is stored about a member as a text that they can read: titles, local times and yuan (R36).

It says the essential; the machine-readable file beside it holds everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from textwrap import indent

import orjson

from domain.goods import Item
from handlers.localization import Localizer

Row = Mapping[str, object]

SECTIONS = {
    "spendings": "spendings",
    "grants": "grants",
    "votes": "votes",
    "follows": "follows",
    "canvass_links": "links",
}
"""The tables that people read, with what the keys of their headings end with."""
_AS_JSON = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME
_WHEN = {"votes": "cast_at", "follows": "at", "canvass_links": "created_at"}


def item_ids(rows: Iterable[Row]) -> set[int]:
    """The items that stored rows are about."""
    return {number for row in rows if isinstance(number := row.get("item_id"), int)}


class ReadableText:
    """The text in pieces: `head`, a `part` for some rows of a table, one table after the other, and `end`.

    Links that inline mode only prepared, and what was shown, are summed up in one line.
    """

    def __init__(self, localizer: Localizer) -> None:
        self._localizer = localizer
        self._section = ""
        self._empty = False
        self._numbers = {"canvass_links": 0, "shown": 0, "notifications": 0}

    def head(self) -> str:
        """The beginning."""
        return self._localizer.text("privacy-list", moment=self._localizer.exact(self._localizer.now))

    def part(self, table: str, rows: Sequence[Row], known: Mapping[int, Item]) -> str:
        """Some rows of a table; `known` has their items."""
        if table == "canvass_links":
            used = [row for row in rows if row["used"]]
            self._numbers[table] += len(rows) - len(used)
            rows = used
        elif table in self._numbers:
            self._numbers[table] += len(rows)
        if table not in SECTIONS:
            return ""
        heading = ""
        if table != self._section:
            heading = f"{self._section_end()}\n\n{self._localizer.text(f'privacy-list-{SECTIONS[table]}')}"
            self._section, self._empty = table, True
        self._empty = self._empty and not rows
        return heading + "".join(f"\n{self._line(table, row, known)}" for row in rows)

    def end(self) -> str:
        """The numbers of what was not listed."""
        numbers = self._localizer.text(
            "privacy-list-numbers",
            prepared=self._numbers["canvass_links"],
            shown=self._numbers["shown"],
            messages=self._numbers["notifications"],
        )
        return f"{self._section_end()}\n\n{numbers}\n"

    def _section_end(self) -> str:
        return f"\n{self._localizer.text('privacy-list-none')}" if self._empty else ""

    def _line(self, table: str, row: Row, known: Mapping[int, Item]) -> str:
        if table == "spendings":
            return _spending(row, self._localizer)
        if table == "grants":
            return _grant(row, self._localizer)
        return _about(row, _WHEN[table], known, self._localizer)


class StoredJson:
    """The machine-readable text in pieces, as `json.dumps` would write all of it with an indent of 2: by orjson, as its
    own encoder leaves cycles of garbage for each row."""

    def __init__(self) -> None:
        self._table = ""
        self._empty = True

    def part(self, table: str, rows: Sequence[Row]) -> str:
        """Some rows of a table."""
        text = ""
        if table != self._table:
            text = f"{self._table_end()},\n" if self._table else "{\n"
            text += f'  "{table}": ['
            self._table, self._empty = table, True
        for row in rows:
            written = orjson.dumps(row, default=_written, option=_AS_JSON).decode()
            text += ("\n" if self._empty else ",\n") + indent(written, "    ")
            self._empty = False
        return text

    def end(self) -> str:
        """The end of the last table and of the whole."""
        return f"{self._table_end()}\n}}"

    def _table_end(self) -> str:
        return "]" if self._empty else "\n  ]"


def _written(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _spending(row: Row, localizer: Localizer) -> str:
    amount = row["amount_fen"]
    assert isinstance(amount, int), "money is whole fen"
    return f"- {row['spent_on']}: {localizer.money(amount)}"


def _grant(row: Row, localizer: Localizer) -> str:
    return f"- {_moment(row['at'], localizer)}: {row['ballots']} · {row['reason']}"


def _about(row: Row, at: str, known: Mapping[int, Item], localizer: Localizer) -> str:
    """The good that a row is about, and when; a vote also when it was taken back, or its ballot returned."""
    number = row["item_id"]
    item = known.get(number) if isinstance(number, int) else None
    title = item.title(localizer.language) if item else f"#{number}"
    line = f"- {_moment(row[at], localizer)}: {title}"
    if row.get("taken_back_at"):
        line += localizer.text("privacy-list-taken-back", moment=_moment(row["taken_back_at"], localizer))
    if row.get("returned_at"):
        line += localizer.text("privacy-list-returned", moment=_moment(row["returned_at"], localizer))
    return line


def _moment(when: object, localizer: Localizer) -> str:
    if not isinstance(when, datetime):
        return str(when)
    return localizer.exact(when if when.tzinfo else when.replace(tzinfo=UTC))

"""What is wrong with a table that was handed in, for a chat or a terminal."""

from __future__ import annotations

from domain.csv_files import BadCell
from handlers.words import Speech


def bad_line(cell: BadCell, speech: Speech) -> str:
    """One complaint about a table, as plain text for a chat or a terminal."""
    key = "bad-" + cell.code.replace("_", "-")
    return speech.plain(
        "bad-line",
        line=cell.line,
        field=cell.field or "–",
        what=speech.plain(key, value=cell.value, earlier=cell.earlier_line or 0),
    )

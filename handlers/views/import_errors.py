"""What is wrong with a table that was handed in, for a chat or a terminal."""

from __future__ import annotations

from domain.csv_files import BadCell
from handlers.localization import Localizer


def bad_line(cell: BadCell, localizer: Localizer) -> str:
    """One complaint about a table, as plain text for a chat or a terminal."""
    key = "bad-" + cell.code.replace("_", "-")
    return localizer.text(
        "bad-line",
        line=cell.line,
        field=cell.field or "–",
        what=localizer.text(key, value=cell.value, earlier=cell.earlier_line or 0),
    )

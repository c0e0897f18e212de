"""What is stored about a member as a text that they can read: titles, local times and yuan (R36).

It says the essential; the machine-readable file beside it holds everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from domain.goods import Item
from handlers.localization import Localizer

Row = Mapping[str, object]
Stored = Mapping[str, list[dict[str, object]]]


def item_ids(stored: Stored) -> set[int]:
    """The items that the stored rows are about."""
    return {row["item_id"] for rows in stored.values() for row in rows if isinstance(row.get("item_id"), int)}  # type: ignore[misc]


def readable(stored: Stored, known: Mapping[int, Item], localizer: Localizer) -> str:
    """The text, by sections. Links that inline mode only prepared, and what was shown, are summed up in one line."""
    links = [row for row in stored["canvass_links"] if row["used"]]
    sections = (
        ("privacy-list-spendings", [_spending(row, localizer) for row in stored["spendings"]]),
        ("privacy-list-grants", [_grant(row, localizer) for row in stored["grants"]]),
        ("privacy-list-votes", [_about(row, "cast_at", known, localizer) for row in stored["votes"]]),
        ("privacy-list-follows", [_about(row, "at", known, localizer) for row in stored["follows"]]),
        ("privacy-list-links", [_about(row, "created_at", known, localizer) for row in links]),
    )
    parts = [localizer.text("privacy-list", moment=localizer.exact(localizer.now))]
    parts += [_section(localizer.text(key), lines, localizer) for key, lines in sections]
    numbers = localizer.text(
        "privacy-list-numbers",
        prepared=len(stored["canvass_links"]) - len(links),
        shown=len(stored["shown"]),
        messages=len(stored["notifications"]),
    )
    return "\n\n".join((*parts, numbers)) + "\n"


def _section(heading: str, lines: Iterable[str], localizer: Localizer) -> str:
    return "\n".join((heading, *(lines or (localizer.text("privacy-list-none"),))))


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

"""Exports as CSV for spreadsheets, and errors of imported tables (R31)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from domain.csv_files import BadCell
from domain.goods import Item
from domain.ledger import Figures
from handlers.localization import Localizer
from services.spending import Correction, SpendingImported

RANKING = (
    *("place", "ref", "turn", "title", "title_en", "shop", "category", "original_price", "expected_price"),
    *("votes", "shown", "would_be_told", "state"),
)
VOTES = ("ref", "turn", "title", "member", "cast_at", "voting_day", "canvass_link")


def ranking_table(found: Iterable[tuple[Item, int]]) -> list[list[Any]]:
    """Items by votes, each with the number of members that its opening would notify; money in yuan."""
    return [
        [
            place,
            item.ref,
            item.listing_number,
            item.title_zh,
            item.title_en,
            item.shop,
            item.category.value,
            _yuan(item.original_fen),
            _yuan(item.expected_fen),
            item.wants,
            item.shown,
            audience,
            item.state.value,
        ]
        for place, (item, audience) in enumerate(found, 1)
    ]


def votes_table(found: Iterable[Any], zone: ZoneInfo) -> list[list[Any]]:
    """One row for each valid vote. Member numbers are the bot's, not Telegram's."""
    return [
        [
            row.ref,
            row.listing_number,
            row.title,
            row.member_id,
            row.cast_at.astimezone(zone).isoformat(),
            row.day,
            row.link_id,
        ]
        for row in found
    ]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV with a byte order mark, by which spreadsheets read it as UTF-8."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(header)
    table.writerows([_harmless(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _harmless(value: Any) -> Any:
    """The cell, escaped where a spreadsheet would run it as a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def ledger_lines(result: SpendingImported, localizer: Localizer) -> list[str]:
    """The corrections in a table of spending, and its rows that say what was corrected before."""
    return [
        *(_ledger_line("cli-correction", row, localizer) for row in result.corrections),
        *(_ledger_line("cli-replaced", row, localizer) for row in result.replaced),
    ]


def _ledger_line(key: str, row: Correction, localizer: Localizer) -> str:
    with_days = row.before.spent_on != row.after.spent_on

    def said(figures: Figures) -> str:
        money = localizer.money(figures.amount_fen)
        return f"{money} · {figures.spent_on.isoformat()}" if with_days else money

    return localizer.text(key, line=row.line, ref=row.ref, before=said(row.before), after=said(row.after))


def bad_key(code: str) -> str:
    """The key of the text of an error's code."""
    return "bad-" + code.replace("_", "-")


def bad_line(cell: BadCell, localizer: Localizer) -> str:
    """One error of an imported table, as plain text for a chat or a terminal."""
    key = bad_key(cell.code)
    return localizer.text(
        "bad-line",
        line=cell.line,
        field=cell.field or "–",
        what=localizer.text(key, value=cell.value, earlier=cell.earlier_line or 0),
    )

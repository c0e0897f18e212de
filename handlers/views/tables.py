"""Exports for spreadsheets as CSV and XLSX, the template of a table of goods, errors of imported tables (R31)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from domain.brushing.verdicts import VoteTally
from domain.csv_files import GOODS_COLUMNS, BadCell
from domain.goods import Item
from domain.ledger import Figures
from domain.reading.headings import COLUMN_NAMES
from handlers.localization import Localizer
from services.spending import Correction, SpendingImported
from services.spreadsheets import write_sheets

RANKING = (
    *("place", "ref", "turn", "title", "title_en", "shop", "category", "original_price", "expected_price"),
    *("votes", "shown", "would_be_told", "state", "set_aside"),
)
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
"""What begins a formula. Spreadsheets in Chinese and Japanese take the full-width ones for signs as well."""
_SEPARATORS = ",;|\t\r\n"
"""What divides cells in one country or another: a spreadsheet that divides at `;` finds a cell within `x;=1+1`."""
_FORMULA = re.compile(rf"(^|[{_SEPARATORS}])((?:[^\S\t\r\n]|[\"\u200b-\u200f\u2060\ufeff])*)(?=[{_SIGNS}])")
_LONGEST_SHEET_NAME = 31
VOTES = ("ref", "turn", "title", "member", "cast_at", "voting_day", "canvass_link", "verdict")


def ranking_table(
    found: Iterable[tuple[Item, int]], tallies: Mapping[int, VoteTally] = MappingProxyType({})
) -> list[list[Any]]:
    """Items by the votes that count, each with the number of members that its opening would notify, and the votes that
    are set aside (R28); money in yuan."""
    found = list(found)
    seen = {item.id: tallies.get(item.id, VoteTally(item.wants, 0, 0)) for item, _ in found}
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
            seen[item.id].counted,
            item.shown,
            audience,
            item.state.value,
            seen[item.id].set_aside,
        ]
        for place, (item, audience) in enumerate(found, 1)
    ]


def votes_table(found: Iterable[Any], zone: ZoneInfo) -> list[list[Any]]:
    """One row for each standing vote, with its verdict. Member numbers are the bot's, not Telegram's."""
    return [
        [
            row.ref,
            row.listing_number,
            row.title,
            row.member_id,
            row.cast_at.astimezone(zone).isoformat(),
            row.day,
            row.link_id,
            row.verdict,
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


def as_file(name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """The table as a file of this name: a workbook where it ends with `.xlsx`, else a CSV."""
    if name.lower().endswith(".xlsx"):
        return write_sheets([(name.rpartition(".")[0][:_LONGEST_SHEET_NAME], [header, *rows])])
    return as_csv(header, rows)


def template(localizer: Localizer) -> bytes:
    """A workbook to fill in: a sheet with the headings of a table of goods, and one that explains each of them."""
    names = {column: COLUMN_NAMES[column][0] if localizer.language == "zh" else column for column in GOODS_COLUMNS}
    notes = [[name, localizer.text(f"template-{column.replace('_', '-')}")] for column, name in names.items()]
    return write_sheets(
        [(localizer.text("template-goods"), [list(names.values())]), (localizer.text("template-notes"), notes)]
    )


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _harmless(value: Any) -> Any:
    """The cell, with an apostrophe wherever a spreadsheet of any country would find the start of a formula."""
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(("\t", "\r")) else "") + _FORMULA.sub(r"\1'\2", value)


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


def _heading(column: str, localizer: Localizer) -> str:
    """A column as people know it: in Chinese its heading in the template, with the English name that it may have."""
    if localizer.language != "zh" or column not in COLUMN_NAMES:
        return column
    return f"{COLUMN_NAMES[column][0]}（{column}）"


def bad_line(cell: BadCell, localizer: Localizer) -> str:
    """One error of an imported table, as plain text for a chat or a terminal."""
    key = bad_key(cell.code)
    return localizer.text(
        "bad-line",
        line=cell.line,
        field=_heading(cell.field, localizer) if cell.field else "–",
        what=localizer.text(key, value=cell.value, earlier=cell.earlier_line or 0),
    )

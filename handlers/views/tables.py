"""Exports for spreadsheets as CSV and XLSX, templates of tables that are handed in, errors of imported ones (R31)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from domain.brushing.verdicts import VoteTally
from domain.csv_files import GOODS_COLUMNS, SPENDING_COLUMNS, BadCell
from domain.goods import Item
from domain.ledger import Figures
from domain.reading.headings import COLUMN_NAMES
from handlers.localization import Localizer
from services.brushing.case_files import CaseExhibit
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
_ORDER = "订单号"
"""The Chinese heading of `ref` where it is an order's."""
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


CASE = (
    *("case", "ref", "turn", "member", "cast_at", "verdict", "patterns", "score", "via", "id_batch", "goods_shared"),
    *("state", "taken_back_at", "returned_at"),
)
"""`via` is the member whose link brought the vote, `id_batch` the number of a group of accounts with neighbouring IDs,
`goods_shared` how many goods the account has in common with others of the case. `state` is what became of the vote, in
the reader's words; `returned_at` is when its ballot returned."""


def case_table(exhibit: CaseExhibit, localizer: Localizer) -> list[list[Any]]:
    """One row for each vote for the good of a case, also for those that were taken back. Member numbers are the bot's,
    not Telegram's."""
    file, evidence, zone = exhibit.file, exhibit.evidence, localizer.zone
    return [
        [
            file.record.id,
            file.item.ref,
            file.item.listing_number,
            vote.member_id,
            vote.cast_at.astimezone(zone).isoformat(),
            vote.verdict.value,
            " ".join(vote.patterns),
            vote.score if vote.patterns else None,
            vote.via,
            None if (batch := evidence.batch_of.get(vote.member_id)) is None else batch + 1,
            evidence.shared_by.get(vote.member_id),
            localizer.text(f"case-vote-{vote.state.value}"),
            *(moment and moment.astimezone(zone).isoformat() for moment in (vote.taken_back_at, vote.returned_at)),
        ]
        for vote in exhibit.votes
    ]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV with a byte order mark, by which spreadsheets read it as UTF-8."""
    return (csv_lines([header]) + csv_lines(rows)).encode("utf-8-sig")


def csv_lines(rows: Iterable[Sequence[Any]]) -> str:
    """Lines of a CSV."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_harmless(value) for value in row] for row in rows)
    return out.getvalue()


def as_file(name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """The table as a file of this name: a workbook where it ends with `.xlsx`, else a CSV."""
    if _is_workbook(name):
        return write_sheets([(name.rpartition(".")[0][:_LONGEST_SHEET_NAME], [header, *rows])])
    return as_csv(header, rows)


class Template(StrEnum):
    """A table that people hand in."""

    GOODS = "goods"
    SPENDING = "spending"

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, in English."""
        return GOODS_COLUMNS if self is Template.GOODS else SPENDING_COLUMNS

    def heading(self, column: str, language: str) -> str:
        """A column's heading in this language."""
        if language != "zh":
            return column
        return _ORDER if (self, column) == (Template.SPENDING, "ref") else COLUMN_NAMES[column][0]

    def note(self, column: str) -> str:
        """What the key of the text that explains a column ends with."""
        return "order" if (self, column) == (Template.SPENDING, "ref") else column.replace("_", "-")


def template(kind: Template, name: str, localizer: Localizer) -> bytes:
    """A table to fill in, as a file of this name: a CSV with the headings, or where it ends with `.xlsx` a workbook
    with a second sheet that explains each of them."""
    headings = {column: kind.heading(column, localizer.language) for column in kind.columns}
    if not _is_workbook(name):
        return as_csv(list(headings.values()), ())
    notes = [[heading, localizer.text(f"template-{kind.note(column)}")] for column, heading in headings.items()]
    sheet, explained = localizer.text(f"template-{kind.value}"), localizer.text("template-notes")
    return write_sheets([(sheet, [list(headings.values())]), (explained, notes)])


def _is_workbook(name: str) -> bool:
    return name.lower().endswith(".xlsx")


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
    until = localizer.exact(cell.until) if cell.until else ""
    what = localizer.text(key, value=cell.value, earlier=cell.earlier_line or 0, until=until)
    if not cell.field:
        return localizer.text("bad-whole-line", line=cell.line, what=what)
    return localizer.text("bad-line", line=cell.line, field=_heading(cell.field, localizer), what=what)

"""Tables to take out, for spreadsheets (R31)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from domain.goods import Item

RANKING = (
    *("place", "ref", "turn", "title", "title_en", "shop", "category", "original_price", "expected_price"),
    *("votes", "shown", "would_be_told", "state"),
)
VOTES = ("ref", "turn", "title", "member", "cast_at", "voting_day", "canvass_link")


def ranking_table(found: Iterable[tuple[Item, int]]) -> list[list[Any]]:
    """The goods by votes, each with how many people its opening would be told to; money in yuan."""
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
            told,
            item.state.value,
        ]
        for place, (item, told) in enumerate(found, 1)
    ]


def votes_table(found: Iterable[Any], zone: ZoneInfo) -> list[list[Any]]:
    """One row a vote that stands. Members are numbers of this bot, not Telegram's."""
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
    """A CSV that spreadsheets open as it is: with the mark that makes them read it as UTF-8."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(header)
    table.writerows([_harmless(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula, whoever wrote it."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value

"""The ledger of spending: what a row of a table means beside what is stored for its ref (R14)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

ANONYMOUS = 0
"""The Telegram ID of the entries of erased members: no user has it."""


class Figures(NamedTuple):
    """What an entry says: an amount in fen, negative for a refund, and its day."""

    amount_fen: int
    spent_on: date


@dataclass(frozen=True, slots=True)
class Entry:
    """What counts for a ref, and what it said before each correction. Unclaimed spending has no `telegram_id`."""

    id: int
    telegram_id: int | None
    figures: Figures
    replaced: Collection[Figures] = ()


class RowMeaning(StrEnum):
    """What a row of a table does to the ledger."""

    NEW = "new"
    SAME = "same"
    CORRECTION = "correction"
    REPLACED = "replaced"
    """It says what was corrected since: an older table, which changes nothing."""


class LedgerError(StrEnum):
    """Why a row cannot be stored; the codes of `domain.csv_files.BadCell`."""

    IN_THE_FUTURE = "in_the_future"
    NOTHING_SPENT = "out_of_range"
    OF_ANOTHER = "known_otherwise"
    REFUND_NEEDS_REF = "refund_needs_ref"
    REFUND_OF_ANOTHER = "refund_of_another"
    REFUNDED_TO_ANOTHER = "refunded_to_another"


def judge_row(telegram_id: int, row: Figures, entry: Entry | None, today: date) -> RowMeaning | LedgerError:
    """What a row means, where `entry` is stored for its ref.

    Any table may be imported again: a row never brings back what a correction has replaced. An order does not become a
    refund, nor the other way round, and it does not move to another person: such a ref names two things.
    """
    if row.spent_on > today:
        return LedgerError.IN_THE_FUTURE
    if entry is None:
        return RowMeaning.NEW if row.amount_fen else LedgerError.NOTHING_SPENT
    if entry.telegram_id == ANONYMOUS:
        return RowMeaning.SAME
    if entry.telegram_id != telegram_id:
        return LedgerError.OF_ANOTHER
    if row == entry.figures:
        return RowMeaning.SAME
    if any(row.amount_fen * known.amount_fen < 0 for known in (entry.figures, *entry.replaced)):
        return LedgerError.REFUND_NEEDS_REF
    other_amount = row.amount_fen != entry.figures.amount_fen
    if row in entry.replaced or (other_amount and row.amount_fen in {known.amount_fen for known in entry.replaced}):
        return RowMeaning.REPLACED
    return RowMeaning.CORRECTION


def receiver_of_refund(telegram_id: int, refunded: int | None) -> int | LedgerError:
    """Whose spending a refund lowers, where the order that it refunds belongs to `refunded`.

    The refund of an erased member's order counts for no one, as the order does. An unclaimed order tells nothing.
    """
    if refunded == ANONYMOUS:
        return ANONYMOUS
    return telegram_id if refunded in (None, telegram_id) else LedgerError.REFUND_OF_ANOTHER


def receiver_of_order(telegram_id: int, refunded_to: int | None) -> int | LedgerError:
    """Whose spending an order is that comes after a refund of it, which belongs to `refunded_to`."""
    receiver = receiver_of_refund(telegram_id, refunded_to)
    return LedgerError.REFUNDED_TO_ANOTHER if receiver is LedgerError.REFUND_OF_ANOTHER else receiver

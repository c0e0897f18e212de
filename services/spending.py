"""Imports of spending into the ledger (R14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.csv_files import BadCell, Parsed, SpendingRecord, first_complaints
from domain.ledger import Entry, Figures, LedgerError, RowMeaning, judge_row, receiver_of_order, receiver_of_refund
from services.context import ServiceContext
from storage import ledger
from storage.db import advisory_lock
from storage.ledger import Corrected, EarlyRefund, NewSpending


@dataclass(frozen=True, slots=True)
class Correction:
    """A row that says something else of a known ref: `before` counts, or counted until now."""

    line: int
    ref: str
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class SpendingImported:
    """The result or the preview of an import of spending; bad rows are left out.

    `replaced` are the rows that say what a correction has replaced since, which were skipped. `stored` is False where
    nothing was; `unconfirmed` are the corrections that were left out, because they were not confirmed. `further`
    counts the errors beyond those in `bad`.
    """

    new: int = 0
    same: int = 0
    corrections: tuple[Correction, ...] = ()
    replaced: tuple[Correction, ...] = ()
    bad: tuple[BadCell, ...] = ()
    stored: bool = False
    unconfirmed: tuple[Correction, ...] = ()
    further: int = 0

    @property
    def changed(self) -> int:
        """How many entries are corrected."""
        return len(self.corrections)


@dataclass(slots=True)
class _Ledger:
    """What a table does to the ledger, collected row by row. `early` are the refunds that came before their orders;
    `confirmed` are corrections as in `import_spending`."""

    bad: list[BadCell]
    early: Mapping[str, Sequence[EarlyRefund]] = field(default_factory=dict)
    fresh: dict[str, NewSpending] = field(default_factory=dict)
    confirmed: bool | Collection[Correction] = False
    corrected: list[Corrected] = field(default_factory=list)
    unconfirmed: list[Correction] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    replaced: list[Correction] = field(default_factory=list)
    same: int = 0

    def take(self, row: SpendingRecord, known: Mapping[str, Entry], today: date) -> None:
        """Judge one row, and add it to what is new, the same, corrected, replaced or bad."""
        entry, figures = known.get(row.ref), Figures(row.amount, row.spent_on)
        meaning = judge_row(row.telegram_id, figures, entry, today)
        if meaning is RowMeaning.NEW:
            self._add(row, known)
        elif meaning is RowMeaning.SAME:
            self.same += 1
        elif isinstance(meaning, LedgerError):
            self._refuse(row, meaning)
        else:
            assert entry is not None, "only of a known ref something else can be said"
            said = Correction(row.line, row.ref, entry.figures, figures)
            if meaning is RowMeaning.REPLACED:
                self.replaced.append(said)
            else:
                self.corrections.append(said)
                if self.confirmed is True or (self.confirmed and said in self.confirmed):
                    self.corrected.append(Corrected(entry, figures))
                else:
                    self.unconfirmed.append(said)

    def _add(self, row: SpendingRecord, known: Mapping[str, Entry]) -> None:
        receiver: int | LedgerError = row.telegram_id
        if row.refund_of:
            order = known.get(row.refund_of)
            receiver = receiver_of_refund(row.telegram_id, order.telegram_id if order else None)
        for refund in () if row.refund_of else self.early.get(row.ref, ()):
            receiver = receiver_of_order(row.telegram_id, refund.telegram_id)
            if isinstance(receiver, LedgerError):
                self._refuse(row, receiver, refund.ref)
                return
        if isinstance(receiver, LedgerError):
            self._refuse(row, receiver)
        else:
            self.fresh[row.ref] = NewSpending(row.ref, receiver, row.amount, row.spent_on, row.refund_of or None)

    def check_refunds(self, rows: Mapping[str, SpendingRecord]) -> None:
        """Refuse the new refunds of orders of other persons in the same table."""
        for ref, entry in list(self.fresh.items()):
            order = self.fresh.get(entry.refund_of or "")
            if order is not None and isinstance(
                wrong := receiver_of_refund(entry.telegram_id, order.telegram_id), LedgerError
            ):
                del self.fresh[ref]
                self._refuse(rows[ref], wrong)

    def _refuse(self, row: SpendingRecord, error: LedgerError, refund: str = "") -> None:
        column = {
            LedgerError.IN_THE_FUTURE: ("spent_on", row.spent_on.isoformat()),
            LedgerError.NOTHING_SPENT: ("amount", "0"),
            LedgerError.REFUND_OF_ANOTHER: ("refund_of", row.refund_of),
            LedgerError.REFUNDED_TO_ANOTHER: ("ref", refund),
        }
        name, value = column.get(error, ("ref", row.ref))
        self.bad.append(BadCell(row.line, name, error.value, value))


async def import_spending(
    context: ServiceContext,
    table: Parsed[SpendingRecord],
    actor: str,
    *,
    dry_run: bool,
    skip_bad: bool,
    corrections: bool | Collection[Correction],
) -> SpendingImported:
    """Store a table of spending, or with `skip_bad` its valid rows, in one transaction.

    Corrections of known refs are stored where `corrections` confirms them: all, or those that a person was shown. A
    table that has others is not stored, or with `skip_bad` without them.
    """
    now = context.clock.now()
    today = now.astimezone(context.rules.zone).date()
    refs = {ref for row in table.rows for ref in (row.ref, row.refund_of) if ref}
    async with context.db.write() as connection:
        await advisory_lock(connection, "spending")
        judged = _Ledger(list(table.bad), await ledger.early_refunds(connection), confirmed=corrections)
        known = await ledger.entries(connection, refs)
        for row in table.rows:
            judged.take(row, known, today)
        judged.check_refunds({row.ref: row for row in table.rows})
        stored = not dry_run and (skip_bad or not (judged.bad or judged.unconfirmed))
        if stored:
            await ledger.add_spendings(connection, list(judged.fresh.values()))
            await ledger.correct_spendings(connection, judged.corrected, actor, now)
    bad = first_complaints(judged.bad)
    return SpendingImported(
        new=len(judged.fresh),
        same=judged.same,
        corrections=tuple(judged.corrections),
        replaced=tuple(judged.replaced),
        bad=bad,
        stored=stored,
        unconfirmed=tuple(judged.unconfirmed),
        further=table.further + len(judged.bad) - len(bad),
    )

"""Queries about the ledger, which earns members their ballots: what they spent, and what they were given (R14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ledger import Entry, Figures
from storage.db import insert_new
from storage.models import GrantRow, SpendingCorrectionRow, SpendingRow

_REFS_AT_ONCE = 500
_CORRECT = (
    update(SpendingRow)
    .where(SpendingRow.id == bindparam("entry"))
    .values(amount_fen=bindparam("amount"), spent_on=bindparam("day"))
)


class StoredGrant(NamedTuple):
    """A grant as it counts now; `before` is how many ballots it was before its last correction, whose row is `last` and
    whose reason is given."""

    number: int
    last: int
    member_id: int
    ballots: int
    before: int | None
    reason: str
    at: datetime


class NewSpending(NamedTuple):
    """An entry to store, as `SpendingRow` has it."""

    ref: str
    telegram_id: int
    amount_fen: int
    spent_on: date
    refund_of: str | None


class EarlyRefund(NamedTuple):
    """A refund whose order has not come yet."""

    ref: str
    telegram_id: int | None


class Corrected(NamedTuple):
    """An entry, and what it says from now on."""

    entry: Entry
    figures: Figures


async def grant(
    connection: AsyncConnection,
    member_id: int,
    ballots: int,
    reason: str,
    actor: str,
    now: datetime,
    key: str | None = None,
    corrects: int | None = None,
) -> int | None:
    """Give ballots (R14), or correct a grant by so many, and return the number of the row; with a key, once: None when
    this key was granted before."""
    new = insert_new(connection, GrantRow).values(
        key=key, member_id=member_id, ballots=ballots, reason=reason, actor=actor, at=now, corrects_id=corrects
    )
    return await connection.scalar(new.on_conflict_do_nothing(index_elements=["key"]).returning(GrantRow.id))


async def granted(connection: AsyncConnection, grant_id: int) -> StoredGrant | None:
    """A grant, or the one that a correction is about."""
    this = select(GrantRow.id, GrantRow.corrects_id).where(GrantRow.id == grant_id)
    row = (await connection.execute(this)).one_or_none()
    return await _grant(connection, GrantRow.id == (row.corrects_id or row.id)) if row else None


async def granted_by_key(connection: AsyncConnection, keys: Collection[str]) -> StoredGrant | None:
    """The grant with one of these keys."""
    return await _grant(connection, GrantRow.key.in_(keys))


async def granted_since(
    connection: AsyncConnection, member_id: int, ballots: int, reason: str, since: datetime
) -> StoredGrant | None:
    """The newest grant of so many ballots to this member for this reason, not before this moment."""
    same = (GrantRow.member_id == member_id, GrantRow.ballots == ballots, GrantRow.reason == reason)
    return await _grant(connection, and_(*same, GrantRow.at >= since, GrantRow.corrects_id.is_(None)))


async def _grant(connection: AsyncConnection, which: ColumnElement[bool]) -> StoredGrant | None:
    columns = (GrantRow.id, GrantRow.member_id, GrantRow.ballots, GrantRow.reason, GrantRow.at)
    newest = select(*columns).where(which).order_by(GrantRow.id.desc()).limit(1)
    row = (await connection.execute(newest)).one_or_none()
    if row is None:
        return None
    about = select(GrantRow.id, GrantRow.ballots, GrantRow.reason).where(GrantRow.corrects_id == row.id)
    changes = (await connection.execute(about.order_by(GrantRow.id))).all()
    return StoredGrant(
        number=row.id,
        last=changes[-1].id if changes else row.id,
        member_id=row.member_id,
        ballots=row.ballots + sum(change.ballots for change in changes),
        before=row.ballots + sum(change.ballots for change in changes[:-1]) if changes else None,
        reason=changes[-1].reason if changes else row.reason,
        at=row.at,
    )


async def grants_of(connection: AsyncConnection, member_id: int) -> list[StoredGrant]:
    """The grants of a member as they count now, the newest first."""
    theirs = select(GrantRow.id).where(GrantRow.member_id == member_id, GrantRow.corrects_id.is_(None))
    numbers = list(await connection.scalars(theirs.order_by(GrantRow.id.desc())))
    found = [await _grant(connection, GrantRow.id == number) for number in numbers]
    return [grant for grant in found if grant is not None]


async def entries(connection: AsyncConnection, refs: Collection[str]) -> dict[str, Entry]:
    """The entries of these refs, by ref."""
    found: dict[str, Entry] = {}
    wanted = list(refs)
    for start in range(0, len(wanted), _REFS_AT_ONCE):
        some = SpendingRow.ref.in_(wanted[start : start + _REFS_AT_ONCE])
        replaced = await _replaced_figures(connection, some)
        columns = (SpendingRow.ref, SpendingRow.id, SpendingRow.telegram_id)
        rows = await connection.execute(select(*columns, SpendingRow.amount_fen, SpendingRow.spent_on).where(some))
        for ref, entry_id, telegram_id, amount, day in rows:
            found[ref] = Entry(entry_id, telegram_id, Figures(amount, day), tuple(replaced.get(entry_id, ())))
    return found


async def early_refunds(connection: AsyncConnection) -> dict[str, list[EarlyRefund]]:
    """The refunds whose orders are not known yet, by the order's ref; without those that were corrected to nothing."""
    order = SpendingRow.__table__.alias()
    rows = await connection.execute(
        select(SpendingRow.refund_of, SpendingRow.ref, SpendingRow.telegram_id)
        .where(SpendingRow.refund_of.is_not(None), SpendingRow.amount_fen != 0)
        .where(~select(order.c.id).where(order.c.ref == SpendingRow.refund_of).exists())
        .order_by(SpendingRow.id)
    )
    found: dict[str, list[EarlyRefund]] = {}
    for order_ref, ref, telegram_id in rows:
        found.setdefault(order_ref or "", []).append(EarlyRefund(ref, telegram_id))
    return found


async def _replaced_figures(connection: AsyncConnection, some: ColumnElement[bool]) -> dict[int, list[Figures]]:
    rows = await connection.execute(
        select(SpendingCorrectionRow.spending_id, SpendingCorrectionRow.amount_fen, SpendingCorrectionRow.spent_on)
        .join(SpendingRow, SpendingRow.id == SpendingCorrectionRow.spending_id)
        .where(some)
        .order_by(SpendingCorrectionRow.id)
    )
    replaced: dict[int, list[Figures]] = {}
    for entry_id, amount, day in rows:
        replaced.setdefault(entry_id, []).append(Figures(amount, day))
    return replaced


async def add_spendings(connection: AsyncConnection, fresh: Sequence[NewSpending]) -> None:
    """Store entries whose refs are new."""
    rows = [
        {"ref": ref, "telegram_id": telegram_id, "amount_fen": amount, "spent_on": day, "refund_of": order}
        for ref, telegram_id, amount, day, order in fresh
    ]
    if rows:
        await connection.execute(insert(SpendingRow), rows)


async def correct_spendings(
    connection: AsyncConnection, corrected: Sequence[Corrected], actor: str, now: datetime
) -> None:
    """Change entries, and keep what they said before."""
    if not corrected:
        return
    replaced = [(entry.id, *entry.figures) for entry, _ in corrected]
    await connection.execute(
        insert(SpendingCorrectionRow),
        [
            {"spending_id": entry_id, "amount_fen": amount, "spent_on": day, "actor": actor, "at": now}
            for entry_id, amount, day in replaced
        ],
    )
    await connection.execute(
        _CORRECT,
        [{"entry": entry.id, "amount": new.amount_fen, "day": new.spent_on} for entry, new in corrected],
    )

"""Queries about members, what they spent, and what they were given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import people
from domain.ledger import Entry, Figures
from domain.reach import SameHours
from storage.db import PreparedStatement, changed, insert_new
from storage.models import (
    GrantRow,
    MemberRow,
    SpendingCorrectionRow,
    SpendingRow,
)

_COLUMNS = (
    *(MemberRow.id, MemberRow.chat_id, MemberRow.first_name, MemberRow.language, MemberRow.app_language),
    *(MemberRow.carousel_on, MemberRow.alerts_on, MemberRow.alerts_quiet, MemberRow.show_name),
    *(MemberRow.quiet_hours, MemberRow.unreachable),
)
_BY_CHAT = PreparedStatement(
    select(*_COLUMNS).where(MemberRow.chat_id == bindparam("chat", type_=MemberRow.chat_id.type))
)
_THERE = select(MemberRow.id).where(
    MemberRow.id == bindparam("member", type_=MemberRow.id.type), MemberRow.chat_id.is_not(None)
)
_LOCK = PreparedStatement(
    _THERE.with_for_update(key_share=True),
    many="SELECT id, n FROM members JOIN asked ON id = member WHERE chat_id IS NOT NULL "
    "ORDER BY id FOR NO KEY UPDATE OF members",
)


_REFS_AT_ONCE = 500
_CORRECT = (
    update(SpendingRow)
    .where(SpendingRow.id == bindparam("entry"))
    .values(amount_fen=bindparam("amount"), spent_on=bindparam("day"))
)


class KnownMember(NamedTuple):
    """A member with what only the stored row has: Telegram's language code, and why the chat cannot be reached."""

    member: people.Member
    app_language: str | None
    unreachable: str | None


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


def _member(row: Sequence[Any]) -> people.Member:
    member_id, chat_id, first_name, language, app_language, *switches, quiet, _unreachable = row
    carousel_on, alerts_on, alerts_quiet, show_name = switches
    return people.Member(
        id=member_id,
        chat_id=chat_id,
        first_name=first_name,
        language=people.language_for(language, app_language),
        chosen_language=language,
        carousel_on=carousel_on,
        alerts_on=alerts_on,
        alerts_quiet=alerts_quiet,
        show_name=show_name,
        quiet=people.QuietHours.parse(quiet) if quiet else None,
        elsewhere=people.may_be_elsewhere(app_language),
    )


async def by_chat(connection: AsyncConnection, chat_id: int) -> KnownMember | None:
    """The member with this chat ID."""
    for row in await _BY_CHAT.rows(connection, chat=chat_id):
        return KnownMember(_member(row), row[4], row[10])
    return None


async def by_id(connection: AsyncConnection, member_id: int) -> people.Member | None:
    """The member with this number, unless they were erased."""
    row = (await connection.execute(select(*_COLUMNS).where(MemberRow.id == member_id))).one_or_none()
    return _member(row) if row and row.chat_id is not None else None


REACHABLE = and_(MemberRow.chat_id.is_not(None), MemberRow.unreachable.is_(None))
TAKES_CAROUSELS = and_(REACHABLE, MemberRow.carousel_on)
"""Whether a member is sent the daily carousel (R13)."""


async def by_hours(connection: AsyncConnection, which: ColumnElement[bool]) -> list[SameHours]:
    """How many of these members there are, by their quiet hours, of which few are different."""
    hours = (MemberRow.quiet_hours, MemberRow.alerts_quiet)
    rows = await connection.execute(select(*hours, func.count()).where(which).group_by(*hours))
    return [SameHours(people.QuietHours.parse(quiet) if quiet else None, waits, n) for quiet, waits, n in rows]


async def add(
    connection: AsyncConnection, chat_id: int, first_name: str, app_language: str | None, now: datetime
) -> bool:
    """Store a new member; False when there is a member with this chat ID."""
    new = insert_new(connection, MemberRow).values(
        chat_id=chat_id, first_name=first_name, app_language=app_language, joined_at=now, seen_at=now
    )
    return await changed(connection, new.on_conflict_do_nothing(index_elements=["chat_id"]))


async def change(connection: AsyncConnection, member_id: int, **values: object) -> None:
    """Set columns of one member."""
    await connection.execute(update(MemberRow).where(MemberRow.id == member_id).values(**values))


async def welcome(connection: AsyncConnection, member_id: int, now: datetime) -> bool:
    """Note that this member is welcomed; False for one who was, also before they were erased and came back."""
    fresh = update(MemberRow).where(MemberRow.id == member_id, MemberRow.welcomed_at.is_(None))
    return await changed(connection, fresh.values(welcomed_at=now))


async def lock(connection: AsyncConnection, member_id: int) -> None:
    """Lock this member's row to the end of the transaction, so that their votes are judged one at a time. Every write
    for a member begins with it, and nothing is locked before. Raises MemberErased."""
    if not await _LOCK.rows(connection, member=member_id):
        raise people.MemberErased


async def lock_by_chat(connection: AsyncConnection, chat_id: int) -> None:
    """Like `lock`, of the member with this chat ID."""
    if (found := await by_chat(connection, chat_id)) is None:
        raise people.MemberErased
    await lock(connection, found.member.id)


async def keep_from_erasure(connection: AsyncConnection, member_id: int) -> bool:
    """Keep another member from being erased to the end of the transaction; False where they were. Before anything is
    changed that is theirs: their erasure has their row first."""
    there = _THERE.with_for_update(read=True, key_share=True)
    return await connection.scalar(there.params(member=member_id)) is not None


async def lock_for_erasure(connection: AsyncConnection, member_id: int) -> int | None:
    """Lock this member's row as its deletion would, so that nothing that refers to it is stored meanwhile; their chat
    ID, or None where they were erased."""
    this = select(MemberRow.chat_id).where(MemberRow.id == member_id)
    return await connection.scalar(this.with_for_update())


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


async def ledger_entries(connection: AsyncConnection, refs: Collection[str]) -> dict[str, Entry]:
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


async def reach_again(connection: AsyncConnection, member_ids: Collection[int]) -> None:
    """Take back that these members cannot be reached."""
    await connection.execute(update(MemberRow).where(MemberRow.id.in_(member_ids)).values(unreachable=None))


async def count(connection: AsyncConnection) -> int:
    """How many members there are."""
    members = select(func.count()).select_from(MemberRow).where(MemberRow.chat_id.is_not(None))
    return await connection.scalar(members) or 0

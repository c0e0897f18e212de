"""Queries about members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import people
from domain.reach import SameHours
from storage.db import PreparedStatement, changed, insert_new
from storage.models import MemberRow

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


class KnownMember(NamedTuple):
    """A member with what only the stored row has: Telegram's language code, and why the chat cannot be reached."""

    member: people.Member
    app_language: str | None
    unreachable: str | None


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


async def by_chats(connection: AsyncConnection, chat_ids: Collection[int]) -> list[people.Member]:
    """The members with these chat IDs, which are few, in the order of the IDs."""
    found = [await by_chat(connection, chat_id) for chat_id in sorted(chat_ids)]
    return [known.member for known in found if known]


async def by_id(connection: AsyncConnection, member_id: int) -> people.Member | None:
    """The member with this number, unless they were erased."""
    row = (await connection.execute(select(*_COLUMNS).where(MemberRow.id == member_id))).one_or_none()
    return _member(row) if row and row.chat_id is not None else None


REACHABLE = and_(MemberRow.chat_id.is_not(None), MemberRow.unreachable.is_(None))
TAKES_CAROUSELS = and_(REACHABLE, MemberRow.carousel_on)
"""Whether a member is sent the daily carousel (R13)."""
GETS_ALERTS = and_(REACHABLE, MemberRow.alerts_on)
"""Whether a member gets alerts (R26)."""


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


async def reach_again(connection: AsyncConnection, member_ids: Collection[int]) -> None:
    """Take back that these members cannot be reached."""
    await connection.execute(update(MemberRow).where(MemberRow.id.in_(member_ids)).values(unreachable=None))


async def count(connection: AsyncConnection) -> int:
    """How many members there are."""
    members = select(func.count()).select_from(MemberRow).where(MemberRow.chat_id.is_not(None))
    return await connection.scalar(members) or 0

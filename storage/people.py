"""Queries about members."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import people
from domain.goods import ItemState
from storage.db import PreparedStatement, insert_new
from storage.models import (
    CanvassLinkRow,
    CanvassOpenRow,
    ConversationRow,
    DrawRow,
    ExposureRow,
    FailedUpdateRow,
    FollowRow,
    GrantRow,
    ItemRow,
    JobRow,
    MemberRow,
    NotificationRow,
    PosterFileRow,
    SharedCardRow,
    SpendingRow,
    VoteRow,
)

NOBODY = 0
"""The Telegram ID, which nobody has, of spendings of erased members."""

_COLUMNS = (
    MemberRow.id,
    MemberRow.chat_id,
    MemberRow.first_name,
    MemberRow.language,
    MemberRow.app_language,
    MemberRow.carousel_on,
    MemberRow.alerts_on,
    MemberRow.alerts_quiet,
    MemberRow.show_name,
    MemberRow.quiet_hours,
    MemberRow.unreachable,
)


_BY_CHAT = PreparedStatement(
    select(*_COLUMNS).where(MemberRow.chat_id == bindparam("chat", type_=MemberRow.chat_id.type))
)
_HOLD = PreparedStatement(
    select(MemberRow.id)
    .where(MemberRow.id == bindparam("member", type_=MemberRow.id.type))
    .with_for_update(key_share=True),
    many="SELECT id, n FROM members JOIN asked ON id = member ORDER BY id FOR NO KEY UPDATE OF members",
)


class KnownMember(NamedTuple):
    """A member with what only the stored row has: Telegram's language code, and why the chat cannot be reached."""

    member: people.Member
    app_language: str | None
    unreachable: str | None


class StoredSpending(NamedTuple):
    """A spending that was imported before."""

    telegram_id: int
    amount_fen: int
    spent_on: date


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


async def by_ids(connection: AsyncConnection, member_ids: Collection[int]) -> dict[int, people.Member]:
    """Those of these members who are still there, by number."""
    rows = await connection.execute(
        select(*_COLUMNS).where(MemberRow.id.in_(member_ids), MemberRow.chat_id.is_not(None))
    )
    return {row.id: _member(row) for row in rows}


async def add(
    connection: AsyncConnection, chat_id: int, first_name: str, app_language: str | None, now: datetime
) -> bool:
    """Store a new member; False when somebody with this chat ID is there already."""
    result = await connection.execute(
        insert_new(connection, MemberRow)
        .values(chat_id=chat_id, first_name=first_name, app_language=app_language, joined_at=now, seen_at=now)
        .on_conflict_do_nothing(index_elements=["chat_id"])
    )
    return bool(result.rowcount)


async def revive(
    connection: AsyncConnection,
    erased_hash: str,
    chat_id: int,
    first_name: str,
    app_language: str | None,
    now: datetime,
) -> bool:
    """Give an erased member who comes back while their votes are on display their row again, with the settings of
    a new member (R16); False when no erased member has this hash."""
    result = await connection.execute(
        update(MemberRow)
        .where(MemberRow.erased_hash == erased_hash)
        .values(
            chat_id=chat_id,
            first_name=first_name,
            app_language=app_language,
            carousel_on=True,
            alerts_on=True,
            joined_at=now,
            seen_at=now,
            erased_at=None,
            erased_hash=None,
        )
    )
    return bool(result.rowcount)


def _votes_on_display() -> Select[int]:
    """The members with a standing vote for something on display."""
    return (
        select(VoteRow.member_id)
        .join(ItemRow, ItemRow.id == VoteRow.item_id)
        .where(VoteRow.taken_back_at.is_(None), ItemRow.state == ItemState.ON_DISPLAY)
    )


async def clear_erased_hashes(connection: AsyncConnection) -> int:
    """Delete the hashes of erased members once nothing that they voted for is on display (R36)."""
    result = await connection.execute(
        # Checked for each hash, of which there are few: the other way round every vote on display would be read.
        update(MemberRow)
        .where(
            MemberRow.erased_hash.is_not(None), ~_votes_on_display().where(VoteRow.member_id == MemberRow.id).exists()
        )
        .values(erased_hash=None)
    )
    return result.rowcount


async def change(connection: AsyncConnection, member_id: int, **values: object) -> None:
    """Set columns of one member."""
    await connection.execute(update(MemberRow).where(MemberRow.id == member_id).values(**values))


async def lock(connection: AsyncConnection, member_id: int) -> None:
    """Hold this member's row to the end of the transaction, so that their rules are judged one at a time."""
    if connection.dialect.name != "sqlite":  # there is one writer at a time there
        await _HOLD.rows(connection, member=member_id)


async def grant(
    connection: AsyncConnection, member_id: int, ballots: int, reason: str, actor: str, now: datetime, key: str | None
) -> int | None:
    """Give ballots (R14) and return the grant's number; with a key, once: None when this key was granted before."""
    result = await connection.execute(
        insert_new(connection, GrantRow)
        .values(key=key, member_id=member_id, ballots=ballots, reason=reason, actor=actor, at=now)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(GrantRow.id)
    )
    return result.scalar_one_or_none()


async def granted(connection: AsyncConnection, grant_id: int) -> tuple[int, str] | None:
    """The ballots of a grant, and why they were given."""
    row = (
        await connection.execute(select(GrantRow.ballots, GrantRow.reason).where(GrantRow.id == grant_id))
    ).one_or_none()
    return (row.ballots, row.reason) if row else None


async def known_refs(connection: AsyncConnection, refs: Collection[str]) -> dict[str, StoredSpending]:
    """Spendings that are stored already, by reference."""
    found: dict[str, StoredSpending] = {}
    wanted = list(refs)
    for start in range(0, len(wanted), 500):
        rows = await connection.execute(
            select(SpendingRow.ref, SpendingRow.telegram_id, SpendingRow.amount_fen, SpendingRow.spent_on).where(
                SpendingRow.ref.in_(wanted[start : start + 500])
            )
        )
        found.update({ref: StoredSpending(who, amount, day) for ref, who, amount, day in rows})
    return found


async def add_spendings(connection: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Store spendings whose references are new."""
    await connection.execute(insert(SpendingRow), rows)


async def stored_about(connection: AsyncConnection, member_id: int) -> dict[str, list[dict[str, object]]]:
    """Everything that is stored about a member, table by table, for `/privacy` (R36)."""
    me = (await connection.execute(select(MemberRow.__table__).where(MemberRow.id == member_id))).mappings().one()
    tables = {
        "spendings": select(SpendingRow.__table__).where(SpendingRow.telegram_id == me["chat_id"]),
        "grants": select(GrantRow.__table__).where(GrantRow.member_id == member_id),
        "votes": select(VoteRow.__table__).where(VoteRow.member_id == member_id),
        "follows": select(FollowRow.__table__).where(FollowRow.member_id == member_id),
        "shown": select(ExposureRow.__table__).where(ExposureRow.member_id == member_id),
        "canvass_links": select(CanvassLinkRow.__table__).where(CanvassLinkRow.member_id == member_id),
        "shared_cards": select(SharedCardRow.item_id, SharedCardRow.tapped_at.label("last_tap")).where(
            SharedCardRow.link_id.in_(select(CanvassLinkRow.id).where(CanvassLinkRow.member_id == member_id))
        ),
        "came_by_link": select(CanvassOpenRow.item_id, CanvassOpenRow.at).where(CanvassOpenRow.friend_id == member_id),
        "notifications": select(
            NotificationRow.kind, NotificationRow.subject, NotificationRow.state, NotificationRow.sent_at
        ).where(NotificationRow.member_id == member_id),
        "draws": select(DrawRow.made_at, DrawRow.category, DrawRow.items.label("item_list")).where(
            DrawRow.member_id == member_id
        ),
        "jobs": select(JobRow.kind, JobRow.payload, JobRow.enqueued_at).where(JobRow.member_id == member_id),
        "conversations": select(ConversationRow.state, ConversationRow.data).where(_conversations_of(me["chat_id"])),
    }
    stored: dict[str, list[dict[str, object]]] = {"member": [dict(me)]}
    for name, query in tables.items():
        stored[name] = [dict(row) for row in (await connection.execute(query)).mappings()]
    failed = await connection.execute(
        select(FailedUpdateRow.at, FailedUpdateRow.content).where(FailedUpdateRow.person_id == me["chat_id"])
    )
    stored["failed_updates"] = [{"at": row.at, **people.own_part(row.content)} for row in failed]
    return stored


def _conversations_of(chat_id: int | None) -> ColumnElement[bool]:
    """What a person is being asked, alone or in a group: a key is chat, person and bot."""
    return or_(ConversationRow.key.startswith(f"{chat_id}:"), ConversationRow.key.contains(f":{chat_id}:"))


async def erase(connection: AsyncConnection, member_id: int, erased_hash: str, now: datetime) -> None:
    """Delete what names or describes a person; votes and counts stay, and nobody's (R36).

    Their `erased_hash` stays while something that they voted for is on display (R16). Spendings keep their
    references, so that importing the same table again counts nothing twice for a member who comes back.
    """
    chat_id = (await connection.execute(select(MemberRow.chat_id).where(MemberRow.id == member_id))).scalar_one()
    links = select(CanvassLinkRow.id).where(CanvassLinkRow.member_id == member_id)
    for doomed in (
        delete(FollowRow).where(FollowRow.member_id == member_id),
        delete(DrawRow).where(DrawRow.member_id == member_id),
        delete(ExposureRow).where(ExposureRow.member_id == member_id),
        delete(NotificationRow).where(NotificationRow.member_id == member_id),
        delete(JobRow).where(JobRow.member_id == member_id),
        delete(PosterFileRow).where(PosterFileRow.link_id.in_(links)),
        update(SharedCardRow).where(SharedCardRow.link_id.in_(links)).values(link_id=None),
        update(SpendingRow).where(SpendingRow.telegram_id == chat_id).values(telegram_id=NOBODY),
        update(GrantRow)
        .where(GrantRow.member_id == member_id)
        .values(reason=""),  # people wrote it, perhaps about them
        delete(FailedUpdateRow).where(FailedUpdateRow.person_id == chat_id),
        delete(ConversationRow).where(_conversations_of(chat_id)),
    ):
        await connection.execute(doomed)
    await connection.execute(
        update(CanvassLinkRow)
        .where(CanvassLinkRow.member_id == member_id, CanvassLinkRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    await change(
        connection,
        member_id,
        chat_id=None,
        first_name="",
        language=None,
        app_language=None,
        quiet_hours=None,
        carousel_on=False,
        alerts_on=False,
        show_name=False,
        alerts_quiet=False,
        unreachable=None,
        erased_at=now,
        erased_hash=erased_hash,
    )
    await clear_erased_hashes(connection)


async def count(connection: AsyncConnection) -> int:
    """How many members there are."""
    return (
        await connection.execute(select(func.count()).select_from(MemberRow).where(MemberRow.chat_id.is_not(None)))
    ).scalar_one()

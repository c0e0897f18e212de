"""Queries about members."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import people
from domain.goods import ItemState
from storage.db import insert_new
from storage.models import (
    Aside,
    CanvassLink,
    CanvassOpen,
    Conversation,
    Draw,
    Errand,
    Exposure,
    Follow,
    Grant,
    Item,
    Letter,
    Member,
    PosterFile,
    SharedCard,
    Spending,
    Vote,
)
from storage.together import Prepared

NOBODY = 0
"""The Telegram ID, which nobody has, of spendings whose person was forgotten."""

_COLUMNS = (
    Member.id,
    Member.chat_id,
    Member.first_name,
    Member.language,
    Member.app_language,
    Member.carousel_on,
    Member.alerts_on,
    Member.alerts_quiet,
    Member.show_name,
    Member.quiet_hours,
    Member.unreachable,
)


_BY_CHAT = Prepared(select(*_COLUMNS).where(Member.chat_id == bindparam("chat", type_=Member.chat_id.type)))
_HOLD = Prepared(
    select(Member.id).where(Member.id == bindparam("member", type_=Member.id.type)).with_for_update(key_share=True),
    many="SELECT id, n FROM members JOIN asked ON id = member ORDER BY id FOR NO KEY UPDATE OF members",
)
_Row = namedtuple("_Row", [column.key for column in _COLUMNS])  # type: ignore[misc]


def _member(row: Any) -> people.Member:
    return people.Member(
        id=row.id,
        chat_id=row.chat_id,
        first_name=row.first_name,
        language=people.language_for(row.language, row.app_language),
        chosen_language=row.language,
        carousel_on=row.carousel_on,
        alerts_on=row.alerts_on,
        alerts_quiet=row.alerts_quiet,
        show_name=row.show_name,
        quiet=people.QuietHours.parse(row.quiet_hours) if row.quiet_hours else None,
    )


async def by_chat(connection: AsyncConnection, chat_id: int) -> tuple[people.Member, Any] | None:
    """The member with this chat ID, and the raw row."""
    rows = await _BY_CHAT.rows(connection, chat=chat_id)
    row = _Row._make(rows[0]) if rows else None
    return (_member(row), row) if row else None


async def by_id(connection: AsyncConnection, member_id: int) -> people.Member | None:
    """The member with this number, unless they left and were forgotten."""
    row = (await connection.execute(select(*_COLUMNS).where(Member.id == member_id))).one_or_none()
    return _member(row) if row and row.chat_id is not None else None


async def by_ids(connection: AsyncConnection, member_ids: Collection[int]) -> dict[int, people.Member]:
    """Those of these members who are still there, by number."""
    rows = await connection.execute(select(*_COLUMNS).where(Member.id.in_(member_ids), Member.chat_id.is_not(None)))
    return {row.id: _member(row) for row in rows}


async def add(
    connection: AsyncConnection, chat_id: int, first_name: str, app_language: str | None, now: datetime
) -> bool:
    """Store a new member; False when somebody with this chat ID is there already."""
    result = await connection.execute(
        insert_new(connection, Member)
        .values(chat_id=chat_id, first_name=first_name, app_language=app_language, joined_at=now, seen_at=now)
        .on_conflict_do_nothing(index_elements=["chat_id"])
    )
    return bool(result.rowcount)


async def revive(
    connection: AsyncConnection, ghost: str, chat_id: int, first_name: str, app_language: str | None, now: datetime
) -> bool:
    """Give a forgotten member who comes back while their votes are on display their row again, with the settings of
    somebody new (R16); False when there is no such ghost."""
    result = await connection.execute(
        update(Member)
        .where(Member.ghost == ghost)
        .values(
            chat_id=chat_id,
            first_name=first_name,
            app_language=app_language,
            carousel_on=True,
            alerts_on=True,
            joined_at=now,
            seen_at=now,
            forgotten_at=None,
            ghost=None,
        )
    )
    return bool(result.rowcount)


def _votes_on_display() -> Select[int]:
    """The members with a standing vote for something on display."""
    return (
        select(Vote.member_id)
        .join(Item, Item.id == Vote.item_id)
        .where(Vote.taken_back_at.is_(None), Item.state == ItemState.ON_DISPLAY)
    )


async def lay_ghosts(connection: AsyncConnection) -> int:
    """Forget entirely those of whom only a ghost was kept, once nothing that they voted for is on display (R36)."""
    result = await connection.execute(
        # Asked of each ghost, who are few: the other way round every vote on display would be read.
        update(Member)
        .where(Member.ghost.is_not(None), ~_votes_on_display().where(Vote.member_id == Member.id).exists())
        .values(ghost=None)
    )
    return result.rowcount


async def change(connection: AsyncConnection, member_id: int, **values: Any) -> None:
    """Set columns of one member."""
    await connection.execute(update(Member).where(Member.id == member_id).values(**values))


async def lock(connection: AsyncConnection, member_id: int) -> None:
    """Hold this member's row to the end of the transaction, so that their rules are judged one at a time."""
    if connection.dialect.name != "sqlite":  # there is one writer at a time there
        await _HOLD.rows(connection, member=member_id)


async def grant(
    connection: AsyncConnection, member_id: int, ballots: int, reason: str, actor: str, now: datetime, key: str | None
) -> int | None:
    """Give ballots (R14) and return the grant's number; with a key, once: None when this key was granted before."""
    result = await connection.execute(
        insert_new(connection, Grant)
        .values(key=key, member_id=member_id, ballots=ballots, reason=reason, actor=actor, at=now)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Grant.id)
    )
    return result.scalar_one_or_none()


async def granted(connection: AsyncConnection, grant_id: int) -> tuple[int, str] | None:
    """The ballots of a grant, and why they were given."""
    row = (await connection.execute(select(Grant.ballots, Grant.reason).where(Grant.id == grant_id))).one_or_none()
    return (row.ballots, row.reason) if row else None


async def known_refs(connection: AsyncConnection, refs: Collection[str]) -> dict[str, tuple[int, int, Any]]:
    """Spendings that are stored already: (Telegram ID, amount in fen, day) by reference."""
    found: dict[str, tuple[int, int, Any]] = {}
    wanted = list(refs)
    for start in range(0, len(wanted), 500):
        rows = await connection.execute(
            select(Spending.ref, Spending.telegram_id, Spending.amount_fen, Spending.spent_on).where(
                Spending.ref.in_(wanted[start : start + 500])
            )
        )
        found.update({row.ref: (row.telegram_id, row.amount_fen, row.spent_on) for row in rows})
    return found


async def add_spendings(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Store spendings whose references are new."""
    await connection.execute(insert(Spending), rows)


async def stored_about(connection: AsyncConnection, member_id: int) -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored about a member, table by table, for `/privacy` (R36)."""
    me = (await connection.execute(select(Member.__table__).where(Member.id == member_id))).mappings().one()
    tables = {
        "spendings": select(Spending.__table__).where(Spending.telegram_id == me["chat_id"]),
        "grants": select(Grant.__table__).where(Grant.member_id == member_id),
        "votes": select(Vote.__table__).where(Vote.member_id == member_id),
        "follows": select(Follow.__table__).where(Follow.member_id == member_id),
        "shown": select(Exposure.__table__).where(Exposure.member_id == member_id),
        "canvass_links": select(CanvassLink.__table__).where(CanvassLink.member_id == member_id),
        "shared_cards": select(SharedCard.item_id, SharedCard.tapped_at.label("last_tap")).where(
            SharedCard.link_id.in_(select(CanvassLink.id).where(CanvassLink.member_id == member_id))
        ),
        "came_by_link": select(CanvassOpen.item_id, CanvassOpen.at).where(CanvassOpen.friend_id == member_id),
        "letters": select(Letter.kind, Letter.subject, Letter.state, Letter.sent_at).where(
            Letter.member_id == member_id
        ),
        "draws": select(Draw.made_at, Draw.category, Draw.items.label("item_list")).where(Draw.member_id == member_id),
        "errands": select(Errand.kind, Errand.about, Errand.left_at).where(Errand.member_id == member_id),
        "conversations": select(Conversation.state, Conversation.data).where(_conversations_of(me["chat_id"])),
    }
    stored: dict[str, list[dict[str, Any]]] = {"member": [dict(me)]}
    for name, query in tables.items():
        stored[name] = [dict(row) for row in (await connection.execute(query)).mappings()]
    failed = await connection.execute(select(Aside.at, Aside.content).where(Aside.person_id == me["chat_id"]))
    stored["asides"] = [{"at": row.at, **people.own_part(row.content)} for row in failed]
    return stored


def _conversations_of(chat_id: int | None) -> ColumnElement[bool]:
    """What a person is being asked, alone or in a group: a key is chat, person and bot."""
    return or_(Conversation.key.startswith(f"{chat_id}:"), Conversation.key.contains(f":{chat_id}:"))


async def forget(connection: AsyncConnection, member_id: int, ghost: str, now: datetime) -> None:
    """Delete what names or describes a person; votes and counts stay, and nobody's (R36).

    Their `ghost` stays while something that they voted for is on display (R16). Spendings keep their references, so
    that the same table counts nothing anew for whoever comes back.
    """
    chat_id = (await connection.execute(select(Member.chat_id).where(Member.id == member_id))).scalar_one()
    links = select(CanvassLink.id).where(CanvassLink.member_id == member_id)
    for doomed in (
        delete(Follow).where(Follow.member_id == member_id),
        delete(Draw).where(Draw.member_id == member_id),
        delete(Exposure).where(Exposure.member_id == member_id),
        delete(Letter).where(Letter.member_id == member_id),
        delete(Errand).where(Errand.member_id == member_id),
        delete(PosterFile).where(PosterFile.link_id.in_(links)),
        update(SharedCard).where(SharedCard.link_id.in_(links)).values(link_id=None),
        update(Spending).where(Spending.telegram_id == chat_id).values(telegram_id=NOBODY),
        update(Grant).where(Grant.member_id == member_id).values(reason=""),  # people wrote it, perhaps about them
        delete(Aside).where(Aside.person_id == chat_id),
        delete(Conversation).where(_conversations_of(chat_id)),
    ):
        await connection.execute(doomed)
    await connection.execute(
        update(CanvassLink)
        .where(CanvassLink.member_id == member_id, CanvassLink.revoked_at.is_(None))
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
        forgotten_at=now,
        ghost=ghost,
    )
    await lay_ghosts(connection)


async def count(connection: AsyncConnection) -> int:
    """How many members there are."""
    return (
        await connection.execute(select(func.count()).select_from(Member).where(Member.chat_id.is_not(None)))
    ).scalar_one()

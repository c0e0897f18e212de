"""Queries about canvass links, opens, votes that came by them, and the posters that carry them (R21-R23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain.brushing.verdicts import Verdict
from storage import people
from storage.db import PreparedStatement, changed, insert_new
from storage.models import (
    CanvassLinkRow,
    CanvassOpenRow,
    ItemRow,
    MemberRow,
    PosterFileRow,
    RoundRow,
    SharedCardRow,
    VoteRow,
)

_HOLDS = CanvassLinkRow.revoked_at.is_(None)
_REFERRING = (CanvassOpenRow, VoteRow, SharedCardRow)
_STANDS = VoteRow.taken_back_at.is_(None)
_ITS_ROUND = select(RoundRow.closed_at).join(ItemRow, ItemRow.round_id == RoundRow.id)
_IS_PUBLIC = and_(
    _STANDS,
    or_(
        VoteRow.verdict == Verdict.COUNTED.value,
        _ITS_ROUND.where(ItemRow.id == VoteRow.item_id).correlate(VoteRow).scalar_subquery().is_(None),
    ),
)
"""Whether a vote is in the public count: verdicts are not taken in before the round has closed (R28)."""


@dataclass(frozen=True, slots=True)
class Link:
    """A canvass link as stored. `shown_name` is the owner's first name where they chose to show it, else empty."""

    id: int
    token: str
    member_id: int
    item_id: int
    revoked: bool
    shown_name: str


_LINK = select(
    *(CanvassLinkRow.id, CanvassLinkRow.token, CanvassLinkRow.member_id, CanvassLinkRow.item_id),
    *(CanvassLinkRow.revoked_at.is_not(None), case((MemberRow.show_name, MemberRow.first_name), else_="")),
).join(MemberRow, MemberRow.id == CanvassLinkRow.member_id)


async def _one(connection: AsyncConnection, where: ColumnElement[bool], *, keep: bool = False) -> Link | None:
    asked = _LINK.where(where)
    if keep:
        asked = asked.with_for_update(read=True, key_share=True, of=CanvassLinkRow)
    row = (await connection.execute(asked)).one_or_none()
    return Link(*row) if row else None


async def link_of(
    connection: AsyncConnection, member_id: int, item_id: int, fresh_token: str, now: datetime, *, used: bool = True
) -> Link:
    """The one valid link of a member for an item; made with `fresh_token` where there is none.

    `used` is False for a link that is only offered; one that was used stays so.
    """
    new = insert_new(connection, CanvassLinkRow).values(
        token=fresh_token, member_id=member_id, item_id=item_id, created_at=now, used=used
    )
    await connection.execute(
        new.on_conflict_do_nothing(index_elements=["member_id", "item_id"], index_where=text("revoked_at IS NULL"))
    )
    mine = (CanvassLinkRow.member_id == member_id) & (CanvassLinkRow.item_id == item_id) & _HOLDS
    if used:
        await connection.execute(update(CanvassLinkRow).where(mine, CanvassLinkRow.used.is_(False)).values(used=True))
    link = await _one(connection, mine)
    assert link is not None, "it existed or has just been made"
    return link


async def revoke(connection: AsyncConnection, member_id: int, item_id: int, now: datetime) -> bool:
    """Revoke the member's link for an item, and delete its posters; False when none was valid."""
    mine = (CanvassLinkRow.member_id == member_id) & (CanvassLinkRow.item_id == item_id) & _HOLDS
    revoking = update(CanvassLinkRow).where(mine).values(revoked_at=now).returning(CanvassLinkRow.id)
    ids = list(await connection.scalars(revoking))
    await connection.execute(delete(PosterFileRow).where(PosterFileRow.link_id.in_(ids)))
    return bool(ids)


async def drop_unopened(connection: AsyncConnection, member_id: int, item_id: int, keep: int) -> None:
    """Delete a member's revoked links for an item that brought no one and are on no card, but the newest `keep`."""
    unneeded = [~select(row.link_id).where(row.link_id == CanvassLinkRow.id).exists() for row in _REFERRING]
    unopened = (
        select(CanvassLinkRow.id)
        .where(CanvassLinkRow.member_id == member_id, CanvassLinkRow.item_id == item_id, ~_HOLDS, *unneeded)
        .order_by(CanvassLinkRow.id.desc())
        .offset(keep)
        .with_for_update(skip_locked=True)  # a link that is locked is being opened
    )
    ids = list(await connection.scalars(unopened))
    if ids:
        await connection.execute(delete(PosterFileRow).where(PosterFileRow.link_id.in_(ids)))
        await connection.execute(delete(CanvassLinkRow).where(CanvassLinkRow.id.in_(ids), *unneeded))


async def by_token(connection: AsyncConnection, token: str, *, keep: bool = False) -> Link | None:
    """The link with this token. With `keep` it is not deleted before the end of the transaction."""
    return await _one(connection, CanvassLinkRow.token == token, keep=keep)


async def opened(connection: AsyncConnection, link_id: int, item_id: int, friend_id: int, now: datetime) -> bool:
    """Store that a friend came by a link; the first link for an item wins. False when one had won before."""
    new = insert_new(connection, CanvassOpenRow).values(item_id=item_id, friend_id=friend_id, link_id=link_id, at=now)
    first = await changed(connection, new.on_conflict_do_nothing(index_elements=["item_id", "friend_id"]))
    if first:
        await use(connection, link_id)
    return first


async def use(connection: AsyncConnection, link_id: int) -> None:
    """Mark a link as shared by its owner. Locks its row: before those of items and cards, which others lock later."""
    await connection.execute(
        update(CanvassLinkRow).where(CanvassLinkRow.id == link_id, CanvassLinkRow.used.is_(False)).values(used=True)
    )


async def counts(connection: AsyncConnection, member_id: int, item_id: int) -> tuple[int, int]:
    """(friends who opened, votes that stand) by any of a member's links for an item, revoked ones too."""
    mine = select(CanvassLinkRow.id).where(CanvassLinkRow.member_id == member_id, CanvassLinkRow.item_id == item_id)
    opens = select(func.count()).where(CanvassOpenRow.link_id.in_(mine)).scalar_subquery()
    votes = select(func.count()).where(VoteRow.link_id.in_(mine), _IS_PUBLIC).scalar_subquery()
    opened_by, voted_by = (await connection.execute(select(opens, votes))).one()
    return int(opened_by), int(voted_by)


def _brought() -> PreparedStatement[int, int]:
    other, vote, friends = aliased(CanvassLinkRow), aliased(VoteRow), aliased(VoteRow)
    newest = select(func.max(friends.id)).where(
        friends.member_id == bindparam("friend", type_=VoteRow.member_id.type),
        friends.item_id == CanvassLinkRow.item_id,
        friends.taken_back_at.is_(None),
    )
    number = (
        select(func.count())
        .select_from(vote)
        .join(other, other.id == vote.link_id)
        .where(
            other.member_id == CanvassLinkRow.member_id,
            other.item_id == CanvassLinkRow.item_id,
            vote.taken_back_at.is_(None),
            vote.id <= newest.correlate(CanvassLinkRow).scalar_subquery(),
        )
    )
    return PreparedStatement(
        select(CanvassLinkRow.member_id, number.correlate(CanvassLinkRow).scalar_subquery()).where(
            CanvassLinkRow.id == bindparam("link", type_=CanvassLinkRow.id.type)
        )
    )


_BROUGHT = _brought()


async def brought(connection: AsyncConnection, link_id: int, friend_id: int) -> tuple[int, int]:
    """The owner of the link that brought a friend to vote, and how many votes stand by their links, with this one.

    A vote of another friend in the same moment is counted if it was stored before.
    """
    owner_id, number = (await _BROUGHT.rows(connection, link=link_id, friend=friend_id))[0]
    return int(owner_id), int(number)


async def links_by(connection: AsyncConnection, member_id: int, limit: int, offset: int) -> list[tuple[int, int, int]]:
    """The items that a member canvasses for, the newest link first: (item, opens, votes), revoked links' too."""
    each = CanvassLinkRow.__table__.alias()
    same = (each.c.member_id == member_id) & (each.c.item_id == CanvassLinkRow.item_id)
    links = select(each.c.id).where(same).correlate(CanvassLinkRow)
    opens = select(func.count()).where(CanvassOpenRow.link_id.in_(links)).correlate(CanvassLinkRow).scalar_subquery()
    votes = (
        select(func.count()).where(VoteRow.link_id.in_(links), _IS_PUBLIC).correlate(CanvassLinkRow).scalar_subquery()
    )
    rows = await connection.execute(
        select(CanvassLinkRow.item_id, opens, votes)
        .where(CanvassLinkRow.member_id == member_id, _HOLDS, CanvassLinkRow.used)
        .order_by(CanvassLinkRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(item_id, opened_by, voted_by) for item_id, opened_by, voted_by in rows]


async def count_links(connection: AsyncConnection, member_id: int) -> int:
    """For how many items a member canvasses."""
    mine = (CanvassLinkRow.member_id == member_id, _HOLDS, CanvassLinkRow.used)
    return await connection.scalar(select(func.count()).select_from(CanvassLinkRow).where(*mine)) or 0


async def top(connection: AsyncConnection, item_id: int, limit: int) -> list[tuple[str, int]]:
    """(First name, votes) of those who chose to be named and whose links brought the most standing votes (R23)."""
    number = func.count()
    rows = await connection.execute(
        select(MemberRow.first_name, number)
        .join(CanvassLinkRow, CanvassLinkRow.member_id == MemberRow.id)
        .join(VoteRow, VoteRow.link_id == CanvassLinkRow.id)
        .where(CanvassLinkRow.item_id == item_id, _IS_PUBLIC, MemberRow.show_name, MemberRow.chat_id.is_not(None))
        .group_by(MemberRow.id, MemberRow.first_name)
        .order_by(number.desc(), func.min(VoteRow.id))
        .limit(limit)
    )
    return [(name, votes) for name, votes in rows]


def _poster(link_id: int, language: str, bot_id: int) -> ColumnElement[bool]:
    this = (PosterFileRow.link_id == link_id) & (PosterFileRow.language == language)
    return this & (PosterFileRow.bot_id == bot_id)


async def poster_file(connection: AsyncConnection, link_id: int, language: str, bot_id: int, print_: str) -> str | None:
    """Telegram's file ID of this very poster, if this bot has uploaded it."""
    this = _poster(link_id, language, bot_id)
    return await connection.scalar(select(PosterFileRow.file_id).where(this, PosterFileRow.print == print_))


async def keep_poster_file(
    connection: AsyncConnection, link_id: int, language: str, bot_id: int, print_: str, file_id: str
) -> None:
    """Store Telegram's file ID of a poster, in place of the one before it; nothing where the link's owner was erased
    while it was uploaded: it may show their name."""
    owner = await connection.scalar(select(CanvassLinkRow.member_id).where(CanvassLinkRow.id == link_id))
    if owner is None or not await people.keep_from_erasure(connection, owner):
        return
    key = {"link_id": link_id, "language": language, "bot_id": bot_id}
    file: dict[str, object] = {"print": print_, "file_id": file_id}
    new = insert_new(connection, PosterFileRow).values(**key, **file)
    await connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=file))


async def drop_poster_file(connection: AsyncConnection, link_id: int, language: str, bot_id: int) -> None:
    """Delete a file ID that Telegram no longer knows."""
    await connection.execute(delete(PosterFileRow).where(_poster(link_id, language, bot_id)))

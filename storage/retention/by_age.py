"""Deletes what nothing needs any more: erased members and their links, files of old posters, pictures of old goods
(R36).

Each statement takes at most so many rows and is found by an index, so that it can run beside taps.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import ENDS, ItemState
from storage.models import (
    Base,
    CanvassLinkRow,
    ItemRow,
    ItemStepRow,
    MemberRow,
    PictureRow,
    PosterFileRow,
    RoundRow,
)

_ENDED = (*ENDS, ItemState.OPEN)


def _referred_to(row: type[MemberRow | CanvassLinkRow]) -> ColumnElement[bool]:
    """Whether a row of any table refers to this one."""
    number = row.__table__.c.id
    keys = [key for table in Base.metadata.sorted_tables for key in table.foreign_keys if key.column is number]
    return or_(*(exists().where(key.parent == row.id) for key in keys))


async def delete_links_of_erased(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete links of members who were erased before this moment, for items whose round closed before it, where no
    friend came by them. Returns how many were deleted."""
    unneeded = (
        select(CanvassLinkRow.id)
        .join(MemberRow, MemberRow.id == CanvassLinkRow.member_id)
        .join(ItemRow, ItemRow.id == CanvassLinkRow.item_id)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(MemberRow.erased_at < before, RoundRow.closed_at < before, ~_referred_to(CanvassLinkRow))
    )
    deleting = delete(CanvassLinkRow).where(CanvassLinkRow.id.in_(unneeded.limit(most)))
    return (await connection.execute(deleting)).rowcount


async def delete_erased_members(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete members who were erased before this moment, of whom no hash is kept and to whom nothing refers.

    Their votes, grants and opened links refer to them, and stay with them. Returns how many were deleted.
    """
    # In words that no index of the hashes answers: all who were never erased have none, and would be read.
    without_hash = func.coalesce(MemberRow.erased_hash, "") == ""
    unneeded = and_(MemberRow.erased_at < before, without_hash, ~_referred_to(MemberRow))
    found = select(MemberRow.id).where(unneeded).limit(most).with_for_update(skip_locked=True)
    ids = list(await connection.scalars(found))
    if not ids:
        return 0
    return (await connection.execute(delete(MemberRow).where(MemberRow.id.in_(ids), unneeded))).rowcount


async def delete_poster_files(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete the file IDs of posters for items whose round closed before this moment: they can be drawn again."""
    key = tuple_(PosterFileRow.link_id, PosterFileRow.language, PosterFileRow.bot_id)
    old = (
        select(PosterFileRow.link_id, PosterFileRow.language, PosterFileRow.bot_id)
        .join(CanvassLinkRow, CanvassLinkRow.id == PosterFileRow.link_id)
        .join(ItemRow, ItemRow.id == CanvassLinkRow.item_id)
        .join(RoundRow, RoundRow.id == ItemRow.round_id)
        .where(RoundRow.closed_at < before)
        .limit(most)
    )
    return (await connection.execute(delete(PosterFileRow).where(key.in_(old)))).rowcount


async def empty_pictures(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete the content of pictures all of whose items ended before this moment. Their rows and Telegram's file IDs
    stay, so the chat goes on showing them. Returns how many were emptied."""
    lately = exists().where(ItemStepRow.item_id == ItemRow.id, ItemStepRow.at >= before)
    needed = exists().where(ItemRow.picture_id == PictureRow.id, or_(ItemRow.state.not_in(_ENDED), lately))
    old = and_(PictureRow.wanted_at < before, func.length(PictureRow.content) > 0, ~needed)
    emptied = update(PictureRow).where(PictureRow.id.in_(select(PictureRow.id).where(old).limit(most)))
    return (await connection.execute(emptied.values(content=b""))).rowcount

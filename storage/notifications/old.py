"""Old notifications: deleted once nothing asks for them; how those of campaigns ended stays counted (R24, R26)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import product

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import ItemState
from domain.notifications import ABOUT_A_GROUP, FINAL, PERHAPS_READ, NotificationKind, NotificationState, Priority
from storage.db import insert_new
from storage.models import CampaignRow, GroupRow, ItemRow, NotificationCountRow, NotificationRow, RoundRow


def _still_asked_for(before: datetime) -> ColumnElement[bool]:
    """What is read again: who was perhaps told of a group that may still move or has just been cancelled (R24), and
    which milestones a member was told while votes come (R22)."""
    ended = func.coalesce(GroupRow.opened_at, GroupRow.cancelled_at, type_=GroupRow.opens_at.type)
    groups = select(GroupRow.id).where(GroupRow.id == NotificationRow.subject, or_(ended.is_(None), ended >= before))
    items = select(ItemRow.id).where(ItemRow.id == NotificationRow.subject, ItemRow.state == ItemState.ON_DISPLAY)
    return or_(
        and_(NotificationRow.kind.in_([kind.value for kind in ABOUT_A_GROUP]), groups.exists()),
        and_(NotificationRow.kind == NotificationKind.MILESTONE, items.exists()),
    )


async def delete_carousels(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete the carousels, and the picks for chats, of rounds that closed before this moment, at most so many.

    Their campaigns stay, so that no carousel is sent again. Returns how many were deleted.
    """
    still = select(func.min(RoundRow.opens_at)).where(or_(RoundRow.closed_at.is_(None), RoundRow.closed_at >= before))
    before = await connection.scalar(still) or before
    return await _delete(connection, [Priority.CAROUSEL], before, most)


async def delete_others(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Delete alerts and notices that expired before this moment and that nothing asks for, at most so many.

    Their campaigns stay, so that no member is told twice. Returns how many were deleted.
    """
    others = [priority for priority in Priority if priority is not Priority.CAROUSEL]
    over = and_(NotificationRow.expires_at < before, ~_still_asked_for(before))
    return await _delete(connection, others, before, most, over)


async def _delete(
    connection: AsyncConnection,
    priorities: Collection[Priority],
    before: datetime,
    most: int,
    *over: ColumnElement[bool],
) -> int:
    ids: list[int] = []
    for priority, state in product(priorities, FINAL):  # each by itself: the first rows of a part of the index
        if len(ids) < most:
            old = select(NotificationRow.id).where(
                NotificationRow.state == state,
                NotificationRow.priority == int(priority),
                NotificationRow.not_before < before,
                *over,
            )
            first = old.order_by(NotificationRow.not_before).limit(most - len(ids))
            ids.extend(await connection.scalars(first.with_for_update(of=NotificationRow, skip_locked=True)))
    if ids:
        await _count(connection, ids)
        await connection.execute(delete(NotificationRow).where(NotificationRow.id.in_(ids)))
    return len(ids)


async def _count(connection: AsyncConnection, ids: Collection[int]) -> None:
    """Add these to the counts of their campaigns; what may have arrived in spite of its state counts as unknown. A
    round's picks for bound chats are numbered where others have a revision."""
    lost = and_(NotificationRow.uncertain_attempts > 0, NotificationRow.state.not_in(PERHAPS_READ))
    state = case((lost, NotificationState.UNKNOWN.value), else_=NotificationRow.state)
    suppressed = and_(~lost, NotificationRow.state == NotificationState.SUPPRESSED)
    code = case((suppressed, func.coalesce(NotificationRow.code, "")), else_="")
    revision = case((NotificationRow.kind == NotificationKind.CAROUSEL, 1), else_=NotificationRow.revision)
    counted = (
        select(CampaignRow.id, state.label("state"), code.label("code"), func.count())
        .join(
            CampaignRow,
            and_(
                CampaignRow.kind == NotificationRow.kind,
                CampaignRow.subject == NotificationRow.subject,
                CampaignRow.revision == revision,
            ),
        )
        .where(NotificationRow.id.in_(ids))
        .group_by(CampaignRow.id, state, code)
    )
    adding = insert_new(connection, NotificationCountRow).from_select(
        ["campaign_id", "state", "code", "number"], counted
    )
    total = NotificationCountRow.number + adding.excluded.number
    await connection.execute(
        adding.on_conflict_do_update(index_elements=["campaign_id", "state", "code"], set_={"number": total})
    )

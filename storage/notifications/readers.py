"""What the readers of notifications may know of a group already (R5, R24)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import ABOUT_A_GROUP, NotificationKind, NotificationState
from storage.models import CampaignRow, GroupRow, NotificationRow
from storage.notifications.outbox import PERHAPS_TOLD, ClaimedNotification, to_the_reader_of


class AnnouncedTime(NamedTuple):
    """A time of a group that its reader was told; perhaps, unless it is `certain`."""

    opens_at: datetime
    certain: bool


async def may_know_of_group(connection: AsyncConnection, item_id: int, notification: ClaimedNotification) -> bool:
    """Whether the reader of a notification may have read of this item's group."""
    found = (
        select(NotificationRow.id)
        .join(GroupRow, GroupRow.id == NotificationRow.subject)
        .where(
            GroupRow.item_id == item_id,
            NotificationRow.kind.in_([kind.value for kind in ABOUT_A_GROUP]),
            to_the_reader_of(notification),
            PERHAPS_TOLD,
        )
    )
    return await connection.scalar(found.limit(1)) is not None


async def announced_times(connection: AsyncConnection, notification: ClaimedNotification) -> list[AnnouncedTime]:
    """The times of a group that the reader of a notification may have read in an earlier revision."""
    opens = and_(
        CampaignRow.kind == NotificationKind.GROUP_OPEN,
        CampaignRow.subject == NotificationRow.subject,
        CampaignRow.revision == NotificationRow.revision,
    )
    found = (
        select(CampaignRow.due_at, NotificationRow.state)
        .join(CampaignRow, opens)
        .where(
            NotificationRow.kind.in_([kind.value for kind in ABOUT_A_GROUP]),
            NotificationRow.subject == notification.subject,
            NotificationRow.revision < notification.revision,
            to_the_reader_of(notification),
            PERHAPS_TOLD,
        )
    )
    rows = await connection.execute(found.select_from(NotificationRow))
    return [AnnouncedTime(opens_at, state == NotificationState.SENT) for opens_at, state in rows]


async def first_alert_may_wait(
    connection: AsyncConnection, group_id: int, revision: int, now: datetime, until: datetime
) -> bool:
    """Whether the first alert of a group may wait so long (R24): the alert before the opening is not due earlier, and
    no opening that was announced before passes meanwhile."""
    of_group = CampaignRow.subject == group_id
    soon = and_(of_group, CampaignRow.kind == NotificationKind.GROUP_SOON, CampaignRow.revision == revision)
    if await connection.scalar(select(CampaignRow.id).where(soon, CampaignRow.due_at >= until)) is None:
        return False
    known = and_(of_group, CampaignRow.kind == NotificationKind.GROUP_OPEN)
    passes = and_(known, CampaignRow.revision < revision, CampaignRow.due_at > now, CampaignRow.due_at < until)
    return await connection.scalar(select(CampaignRow.id).where(passes).limit(1)) is None

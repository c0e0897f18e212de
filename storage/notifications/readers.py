"""What the readers of notifications may know of a group already (R5, R24)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import ABOUT_A_GROUP, NotificationKind
from storage.campaigns import PERHAPS_TOLD
from storage.models import CampaignRow, GroupRow, NotificationRow
from storage.notifications.outbox import ClaimedNotification, to_the_reader_of


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


async def may_know_earlier_revision(
    connection: AsyncConnection, kinds: Collection[NotificationKind], notification: ClaimedNotification
) -> bool:
    """Whether the same reader may have read one of these kinds in an earlier revision."""
    found = select(NotificationRow.id).where(
        NotificationRow.kind.in_([kind.value for kind in kinds]),
        NotificationRow.subject == notification.subject,
        NotificationRow.revision < notification.revision,
        to_the_reader_of(notification),
        PERHAPS_TOLD,
    )
    return await connection.scalar(found.limit(1)) is not None


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

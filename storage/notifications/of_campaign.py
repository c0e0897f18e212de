"""The notifications of a campaign: counted, and moved from one state to another (R24, R26)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import ON_THE_WAY, PRIORITY, NotificationKind, NotificationState
from storage.campaigns import StoredCampaign
from storage.models import NotificationCountRow, NotificationRow
from storage.notifications.outbox import PERHAPS_TOLD

_FEW = 10_000
"""Notifications of a campaign that can be read at once in a few milliseconds."""


class NotificationCount(NamedTuple):
    """How many notifications are in a state; suppressed ones by their code."""

    state: str
    code: str | None
    number: int


def _by_key(campaign: StoredCampaign) -> ColumnElement[bool]:
    """The notifications of a campaign. A round's picks for bound chats are numbered where others have a revision."""
    same = and_(NotificationRow.kind == campaign.kind, NotificationRow.subject == campaign.subject)
    of_revision = NotificationRow.revision == campaign.revision
    return same if campaign.kind == NotificationKind.CAROUSEL else and_(same, of_revision)


def _by_state(campaign: StoredCampaign) -> ColumnElement[bool]:
    """The same, where few are in the state that is asked for: the index by state leads to those; by the campaign's key
    all of its notifications would be read."""
    same = and_(NotificationRow.kind == campaign.kind, NotificationRow.subject + 0 == campaign.subject)
    urgent = and_(same, NotificationRow.priority == int(PRIORITY[campaign.kind]))
    of_revision = NotificationRow.revision + 0 == campaign.revision
    return urgent if campaign.kind == NotificationKind.CAROUSEL else and_(urgent, of_revision)


def _by_key_or_state(campaign: StoredCampaign) -> ColumnElement[bool]:
    """The same, for few in some states. Those of a small campaign are found by its key: by their state, all that wait
    of other campaigns would be read."""
    return _by_key(campaign) if campaign.queued <= _FEW else _by_state(campaign)


_CODE_OF_SUPPRESSED = case((NotificationRow.state == NotificationState.SUPPRESSED, NotificationRow.code))


async def tally(connection: AsyncConnection, campaign: StoredCampaign) -> list[NotificationCount]:
    """How many notifications of a campaign are in each state, deleted ones included; one may come twice."""
    kept = select(NotificationRow.state, _CODE_OF_SUPPRESSED.label("code"), func.count().label("number"))
    grouped = kept.where(_by_key(campaign)).group_by(NotificationRow.state, _CODE_OF_SUPPRESSED)
    gone = select(NotificationCountRow.state, NotificationCountRow.code, NotificationCountRow.number)
    asked = grouped.union_all(gone.where(NotificationCountRow.campaign_id == campaign.id))
    return [NotificationCount(*row) for row in await connection.execute(asked)]


async def any_left(connection: AsyncConnection, campaign: StoredCampaign) -> bool:
    """Whether notifications of a campaign are on their way or held back."""
    left = NotificationRow.state.in_([*ON_THE_WAY, NotificationState.PAUSED])
    asked = select(NotificationRow.id).where(left, _by_key_or_state(campaign)).limit(1)
    return await connection.scalar(asked) is not None


async def any_told(connection: AsyncConnection, campaign: StoredCampaign) -> bool:
    """Whether a stored notification of a campaign may have arrived."""
    told = select(NotificationRow.id).where(PERHAPS_TOLD, _by_key(campaign))
    return await connection.scalar(told.limit(1)) is not None


async def starts(connection: AsyncConnection, campaign: StoredCampaign) -> datetime | None:
    """From when on the first waiting notification of a campaign may be sent."""
    waits = and_(_by_key(campaign), NotificationRow.state == NotificationState.PENDING)
    first = select(NotificationRow.not_before).where(waits).order_by(NotificationRow.not_before).limit(1)
    return await connection.scalar(first)


async def requeue_refused(connection: AsyncConnection, campaign: StoredCampaign) -> None:
    """Queue again the notifications whose refusals have stopped a campaign."""
    refused = and_(NotificationRow.state == NotificationState.DEAD, NotificationRow.reason == campaign.reason)
    await connection.execute(
        update(NotificationRow).where(refused, _by_state(campaign)).values(state=NotificationState.PENDING)
    )


async def move(
    connection: AsyncConnection,
    campaign: StoredCampaign,
    states: Collection[NotificationState],
    to: NotificationState,
    batch: int,
) -> int:
    """Change the state of so many notifications of a campaign in one of `states`. Returns how many: 0 at the end."""
    ids: list[int] = []
    for state in states:
        if len(ids) < batch:
            found = select(NotificationRow.id).where(NotificationRow.state == state, _by_key_or_state(campaign))
            first = found.order_by(NotificationRow.not_before).limit(batch - len(ids))
            # Rows that a sender marks meanwhile are checked again once they are locked.
            ids.extend(await connection.scalars(first.with_for_update()))
    reason = None if to in (NotificationState.PENDING, NotificationState.PAUSED) else f"the campaign was {to}"
    await connection.execute(update(NotificationRow).where(NotificationRow.id.in_(ids)).values(state=to, reason=reason))
    return len(ids)

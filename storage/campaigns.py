"""Queries about campaigns as an organiser sees and steers them, and the hold after a restore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.campaigns import ENDS_IN, EXPIRE, HELD_BACK, NOTIFICATIONS_BECOME, CampaignState
from domain.notifications import (
    ABOUT_A_GROUP,
    FINAL,
    ON_THE_WAY,
    PRIORITY,
    NotificationKind,
    NotificationState,
    Priority,
)
from storage import key_values
from storage.campaign_rows import (
    COLUMNS,
    NotificationCount,
    StoredCampaign,
    by_key,
    by_key_or_state,
    by_state,
    campaign_revision,
    stored_campaign,
)
from storage.db import insert_new
from storage.models import (
    CampaignRow,
    GroupRow,
    ItemRow,
    NotificationCountRow,
    NotificationRow,
    RoundRow,
)

_HOLD = "held_since"
_ABOUT_GROUP = [kind.value for kind in ABOUT_A_GROUP]


def _with_item() -> Select[*tuple[Any, ...]]:
    about_group = CampaignRow.kind.in_(_ABOUT_GROUP)
    about_item = and_(
        CampaignRow.kind.not_in([*_ABOUT_GROUP, NotificationKind.CAROUSEL.value]), ItemRow.id == CampaignRow.subject
    )
    return (
        select(*COLUMNS, ItemRow.id, ItemRow.title, ItemRow.title_en)
        .outerjoin(GroupRow, and_(about_group, GroupRow.id == CampaignRow.subject))
        .outerjoin(ItemRow, or_(ItemRow.id == GroupRow.item_id, about_item))
    )


async def page(connection: AsyncConnection, most: int, skip: int) -> list[StoredCampaign]:
    """Campaigns with their items' titles, the latest first."""
    latest = _with_item().order_by(CampaignRow.due_at.desc(), CampaignRow.id.desc())
    return [stored_campaign(row) for row in await connection.execute(latest.limit(most).offset(skip))]


async def one(connection: AsyncConnection, campaign_id: int) -> StoredCampaign | None:
    """One campaign with its item's titles."""
    row = (await connection.execute(_with_item().where(CampaignRow.id == campaign_id))).one_or_none()
    return stored_campaign(row) if row else None


async def add(
    connection: AsyncConnection,
    kind: NotificationKind,
    subject: int,
    revision: int,
    due_at: datetime,
    expires_at: datetime,
) -> bool:
    """Store the intent to tell many people; False when this very one is stored already."""
    result = await connection.execute(
        insert_new(connection, CampaignRow)
        .values(
            kind=kind,
            subject=subject,
            revision=revision,
            due_at=due_at,
            expires_at=expires_at,
            state=CampaignState.WAITING,
        )
        .on_conflict_do_nothing(index_elements=["kind", "subject", "revision"])
    )
    return bool(result.rowcount)


async def due(connection: AsyncConnection, now: datetime) -> list[StoredCampaign]:
    """Due campaigns whose notifications are not all queued, the most urgent first."""
    urgency = case({kind.value: int(PRIORITY[kind]) for kind in NotificationKind}, value=CampaignRow.kind)
    rows = await connection.execute(
        select(*COLUMNS)
        .where(CampaignRow.state == CampaignState.WAITING, CampaignRow.due_at <= now)
        .order_by(urgency, CampaignRow.due_at)
    )
    return [stored_campaign(row) for row in rows]


async def waiting(connection: AsyncConnection, campaign_id: int) -> StoredCampaign | None:
    """A waiting campaign, locked to the end of the transaction; None when it was queued or withdrawn since."""
    waits = and_(CampaignRow.id == campaign_id, CampaignRow.state == CampaignState.WAITING)
    row = (await connection.execute(select(*COLUMNS).where(waits).with_for_update())).one_or_none()
    return stored_campaign(row) if row else None


async def change(connection: AsyncConnection, campaign_id: int, **values: object) -> None:
    """Set columns of one campaign."""
    await connection.execute(update(CampaignRow).where(CampaignRow.id == campaign_id).values(**values))


async def is_waiting(connection: AsyncConnection, kind: NotificationKind, subject: int, revision: int) -> bool:
    """Whether this campaign is still to come."""
    found = await connection.execute(
        select(CampaignRow.id).where(
            CampaignRow.kind == kind,
            CampaignRow.subject == subject,
            CampaignRow.revision == revision,
            CampaignRow.state == CampaignState.WAITING,
        )
    )
    return found.scalar_one_or_none() is not None


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next waiting campaign is due."""
    return (
        await connection.execute(
            select(func.min(CampaignRow.due_at)).where(
                CampaignRow.state == CampaignState.WAITING, CampaignRow.due_at > now
            )
        )
    ).scalar_one()


_CODE = case((NotificationRow.state == NotificationState.SUPPRESSED, NotificationRow.code))


async def tally(connection: AsyncConnection, campaign: StoredCampaign) -> list[NotificationCount]:
    """(state, code, number) of a campaign's notifications, deleted ones included; only suppressed ones have a code.

    A state and code may come twice."""
    kept = select(NotificationRow.state, _CODE.label("code"), func.count().label("number"))
    asked: Any = kept.where(by_key(campaign)).group_by(NotificationRow.state, _CODE)
    if campaign.kind == NotificationKind.CAROUSEL:
        gone = select(NotificationCountRow.state, NotificationCountRow.code, NotificationCountRow.number)
        asked = asked.union_all(gone.where(NotificationCountRow.round_id == campaign.subject))
    return [NotificationCount(*row) for row in await connection.execute(asked)]


async def any_left(connection: AsyncConnection, campaign: StoredCampaign) -> bool:
    """Whether notifications of a campaign are on their way or held back."""
    left = NotificationRow.state.in_([*ON_THE_WAY, NotificationState.PAUSED])
    asked = select(NotificationRow.id).where(left, *by_key_or_state(campaign)).limit(1)
    return (await connection.execute(asked)).one_or_none() is not None


async def clear_old(connection: AsyncConnection, before: datetime, most: int) -> int:
    """Forget the carousels, and the picks for chats, of rounds that closed before this moment, at most so many; what
    became of them stays counted. Returns how many were deleted.

    No round's carousel is sent again by this: its campaign is kept.
    """
    still = select(func.min(RoundRow.opens_at)).where(or_(RoundRow.closed_at.is_(None), RoundRow.closed_at >= before))
    before = (await connection.execute(still)).scalar_one() or before
    ids: list[int] = []
    for state in FINAL:  # each by itself: those are the first rows of a part of the index
        rows = await connection.execute(
            select(NotificationRow.id)
            .where(
                NotificationRow.state == state,
                NotificationRow.priority == int(Priority.CAROUSEL),
                NotificationRow.not_before < before,
            )
            .order_by(NotificationRow.not_before)
            .limit(most - len(ids))
        )
        ids.extend(rows.scalars())
    gone = await connection.execute(
        delete(NotificationRow)
        .where(NotificationRow.id.in_(ids), NotificationRow.state.in_(FINAL))
        .returning(NotificationRow.subject, NotificationRow.state, _CODE)
    )
    counts = Counter((round_id, state, code or "") for round_id, state, code in gone)
    for (round_id, state, code), number in sorted(counts.items()):
        adding = insert_new(connection, NotificationCountRow).values(
            round_id=round_id, state=state, code=code, number=number
        )
        await connection.execute(
            adding.on_conflict_do_update(
                index_elements=["round_id", "state", "code"],
                set_={"number": NotificationCountRow.number + adding.excluded.number},
            )
        )
    return counts.total()


async def count_more_urgent(connection: AsyncConnection, campaign: StoredCampaign, now: datetime) -> int:
    """How many due notifications are more urgent than this campaign's."""
    return (
        await connection.execute(
            select(func.count()).where(
                NotificationRow.state == NotificationState.PENDING,
                NotificationRow.priority < int(PRIORITY[NotificationKind(campaign.kind)]),
                NotificationRow.not_before <= now,
            )
        )
    ).scalar_one()


async def starts(connection: AsyncConnection, campaign: StoredCampaign) -> datetime | None:
    """From when on the first waiting notification of a campaign may be sent."""
    found: datetime | None = (
        await connection.execute(
            select(NotificationRow.not_before)
            .where(by_key(campaign), NotificationRow.state == NotificationState.PENDING)
            .order_by(NotificationRow.not_before)
            .limit(1)
        )
    ).scalar_one_or_none()
    return found


async def oldest_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """Since when the oldest due notification waits."""
    found = [
        # Each priority by itself: that is the first row of its part of the index.
        (
            await connection.execute(
                select(NotificationRow.not_before)
                .where(
                    NotificationRow.state == NotificationState.PENDING,
                    NotificationRow.priority == int(priority),
                    NotificationRow.not_before <= now,
                )
                .order_by(NotificationRow.not_before)
                .limit(1)
            )
        ).scalar_one_or_none()
        for priority in sorted(set(PRIORITY.values()))
    ]
    return min((moment for moment in found if moment is not None), default=None)


async def change_state(
    connection: AsyncConnection, campaign_id: int, old: CampaignState, new: CampaignState, **values: object
) -> bool:
    """Move a campaign from one state to another, with other columns; False when it is no longer in the old one."""
    result = await connection.execute(
        update(CampaignRow).where(CampaignRow.id == campaign_id, CampaignRow.state == old).values(state=new, **values)
    )
    return bool(result.rowcount)


async def of_notification(
    connection: AsyncConnection, kind: NotificationKind, subject: int, revision: int
) -> StoredCampaign | None:
    """The campaign of a notification; None for a notification that a single event has caused."""
    revision = campaign_revision(kind, revision)
    same = (CampaignRow.kind == kind, CampaignRow.subject == subject, CampaignRow.revision == revision)
    row = (await connection.execute(select(*COLUMNS).where(*same))).one_or_none()
    return stored_campaign(row) if row else None


async def stop_notices(connection: AsyncConnection, campaign_id: int) -> int:
    """How often organisers were told that a campaign has stopped."""
    told = select(func.max(NotificationRow.revision)).where(
        NotificationRow.kind == NotificationKind.CAMPAIGN_STOPPED.value, NotificationRow.subject == campaign_id
    )
    return (await connection.execute(told)).scalar_one() or 0


async def take_again(connection: AsyncConnection, campaign: StoredCampaign) -> int:
    """Queue again the notifications whose refusals have stopped a campaign; returns how many."""
    result = await connection.execute(
        update(NotificationRow)
        .where(
            NotificationRow.state == NotificationState.DEAD,
            NotificationRow.priority == int(PRIORITY[NotificationKind(campaign.kind)]),
            *by_state(campaign),
            NotificationRow.reason == campaign.reason,
        )
        .values(state=NotificationState.PENDING)
    )
    return result.rowcount


async def pay(connection: AsyncConnection, campaign_id: int, messages: int, actor: str, now: datetime) -> bool:
    """Note that an organiser pays for this many messages of a campaign; False when that was agreed before."""
    result = await connection.execute(
        update(CampaignRow)
        .where(
            CampaignRow.id == campaign_id,
            CampaignRow.state == CampaignState.QUEUED,
            CampaignRow.paid_at.is_(None),
        )
        .values(paid_for=messages, paid_by=actor, paid_at=now)
    )
    return bool(result.rowcount)


async def paid(connection: AsyncConnection) -> frozenset[tuple[str, int, int]]:
    """(kind, subject, revision) of the campaigns that are paid for, as far as they may still be sent."""
    rows = await connection.execute(
        select(CampaignRow.kind, CampaignRow.subject, CampaignRow.revision).where(
            CampaignRow.state.in_([CampaignState.QUEUED, CampaignState.RESUMING_QUEUED]),
            CampaignRow.paid_at.is_not(None),
        )
    )
    return frozenset((kind, subject, revision) for kind, subject, revision in rows)


async def unfinished(connection: AsyncConnection) -> list[StoredCampaign]:
    """Campaigns whose state is still to be applied to their notifications."""
    rows = await connection.execute(select(*COLUMNS).where(CampaignRow.state.in_([*ENDS_IN])))
    return [stored_campaign(row) for row in rows]


async def paused_too_long(connection: AsyncConnection, now: datetime) -> list[StoredCampaign]:
    """Paused campaigns that are of no use any more."""
    rows = await connection.execute(
        select(*COLUMNS).where(CampaignRow.state.in_([*EXPIRE]), CampaignRow.expires_at <= now)
    )
    return [stored_campaign(row) for row in rows]


async def move_notifications(
    connection: AsyncConnection,
    campaign: StoredCampaign,
    states: Collection[NotificationState],
    to: NotificationState,
    batch: int,
) -> int:
    """Change the state of so many notifications of a campaign in one of `states`. Returns how many: 0 at the end."""
    same = by_key_or_state(campaign)
    ids: list[int] = []
    for state in states:
        rows = await connection.execute(
            select(NotificationRow.id)
            .where(NotificationRow.state == state, *same)
            .order_by(NotificationRow.not_before)
            .limit(batch - len(ids))
            .with_for_update()  # rows that a sender marks meanwhile are checked again once they are locked
        )
        ids.extend(rows.scalars())
        if len(ids) == batch:
            break
    reason = None if to in (NotificationState.PENDING, NotificationState.PAUSED) else f"the campaign was {to}"
    await connection.execute(update(NotificationRow).where(NotificationRow.id.in_(ids)).values(state=to, reason=reason))
    return len(ids)


async def held_back(
    connection: AsyncConnection, now: datetime, *, and_stay: bool = False
) -> Callable[[str, int, int], NotificationState | None]:
    """Maps kind, subject and revision of a notification to the state in which its campaign holds it back, or None.

    A notification that was in flight when its campaign was cancelled, and returns, is cancelled with it. `and_stay`
    locks these campaigns to the end of the transaction, except those that another transaction is changing: waiting for
    a campaign while holding notifications could deadlock.
    """
    over = and_(CampaignRow.state == CampaignState.CANCELLED, CampaignRow.expires_at > now)
    asked = select(CampaignRow.kind, CampaignRow.subject, CampaignRow.revision, CampaignRow.state).where(
        or_(CampaignRow.state.in_(HELD_BACK), over)
    )
    found = await connection.execute(asked.with_for_update(read=True, skip_locked=True) if and_stay else asked)
    held = {
        (row.kind, row.subject, row.revision): NOTIFICATIONS_BECOME.get(
            CampaignState(row.state), NotificationState.CANCELLED
        )
        for row in found
    }
    return lambda kind, subject, revision: held.get((kind, subject, campaign_revision(kind, revision)))


async def hold(connection: AsyncConnection) -> str | None:
    """Since when everything is held, as an ISO time; None while it is not."""
    return await key_values.get(connection, _HOLD)


async def end_hold(connection: AsyncConnection) -> bool:
    """End the hold; False when there was none."""
    return await key_values.delete(connection, _HOLD)

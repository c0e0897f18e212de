"""Queries about the outbox: queueing, claiming and settling notifications (R24, R26, R27)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, false, func, literal_column, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.campaigns import WITHDRAWN
from domain.notifications import (
    ABOUT_A_GROUP,
    NOT_BEGUN,
    PERHAPS_READ,
    POLICY,
    PRIORITY,
    DeliveryPolicy,
    NotificationKind,
    NotificationState,
)
from storage import campaigns
from storage.db import insert_new
from storage.group_commit import PreparedStatement
from storage.models import CampaignRow, GroupRow, NotificationRow

_PARKED_AT_ONCE = 1_000
_EXPIRED_AT_ONCE = 200
_PRIORITIES = tuple(int(priority) for priority in sorted(set(PRIORITY.values())))


@dataclass(frozen=True, slots=True)
class ClaimedNotification:
    """A notification that this sender holds, to a member or else to a bound chat.

    `fence` proves the claim: a later claimer has a higher one. `reason` is what happened to it last; `paid` says that
    an organiser pays for its campaign.
    """

    id: int
    kind: NotificationKind
    subject: int
    revision: int
    member_id: int | None
    bound_chat_id: int | None
    policy: DeliveryPolicy
    attempts: int
    uncertain_attempts: int
    fence: int
    expires_at: datetime
    reason: str | None = None
    code: str | None = None
    paid: bool = False


async def add_notification(
    connection: AsyncConnection,
    kind: NotificationKind,
    subject: int,
    revision: int,
    member_id: int,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Queue one notification to one member; False when its key exists."""
    result = await connection.execute(
        insert_new(connection, NotificationRow)
        .values(
            kind=kind,
            subject=subject,
            revision=revision,
            member_id=member_id,
            priority=int(PRIORITY[kind]),
            policy=POLICY[kind],
            not_before=now,
            expires_at=expires_at,
            state=NotificationState.PENDING,
        )
        .on_conflict_do_nothing(index_elements=["kind", "subject", "revision", "member_id"])
    )
    return bool(result.rowcount)


_NOW = bindparam("now", type_=NotificationRow.not_before.type)

# The first of each priority's part of the index. Asked for all at once and in no order, PostgreSQL would read the whole
# table while its statistics are of the morning, when a million waited.
_ANY_DUE = PreparedStatement(
    select(
        func.coalesce(
            *(
                select(NotificationRow.id)
                .where(
                    NotificationRow.state == NotificationState.PENDING,
                    NotificationRow.priority == priority,
                    NotificationRow.not_before <= _NOW,
                )
                .order_by(NotificationRow.not_before)
                .limit(1)
                .scalar_subquery()
                for priority in _PRIORITIES
            )
        )
    )
)
_ANY_LEFT = PreparedStatement(
    select(NotificationRow.id)
    .where(
        or_(NotificationRow.state == NotificationState.CLAIMED, NotificationRow.state == NotificationState.INFLIGHT),
        NotificationRow.leased_until <= _NOW,
    )
    .limit(1)
)


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a waiting notification is due."""
    return (await _ANY_DUE.rows(connection, now=now))[0][0] is not None


async def any_left(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a notification is held by a sender whose lease is over."""
    return bool(await _ANY_LEFT.rows(connection, now=now))


async def _most_urgent(connection: AsyncConnection, now: datetime, most: int) -> list[Any]:
    """The notifications that are due, by priority, then by how long they have waited."""
    found: list[Any] = []
    for priority in _PRIORITIES:
        rows = await connection.execute(
            select(
                NotificationRow.id,
                NotificationRow.expires_at,
                NotificationRow.kind,
                NotificationRow.subject,
                NotificationRow.revision,
            )
            .where(
                NotificationRow.state == NotificationState.PENDING,
                NotificationRow.priority == priority,
                NotificationRow.not_before <= now,
            )
            .order_by(NotificationRow.not_before)
            .limit(most - len(found))
            .with_for_update(skip_locked=True)
        )
        found.extend(rows)
        if len(found) >= most:
            break
    return found


async def _may_leave(connection: AsyncConnection, found: list[Any], now: datetime, most: int) -> tuple[list[Any], bool]:
    """Those whose campaign may go on. The others are put where no claim looks again, many at once, so that what an
    organiser paused keeps nothing from those behind it; returns also whether any were."""
    state_of = await campaigns.held_back(connection, now)
    held = {state for row in found if (state := state_of(row.kind, row.subject, row.revision))}
    moved = False
    if held:
        due = await _most_urgent(connection, now, _PARKED_AT_ONCE)
        # Resuming a campaign looks for its notifications once: what was parked after that would stay parked.
        still = await campaigns.held_back(connection, now, and_stay=True)
        for state in held:
            parked = [row.id for row in due if still(row.kind, row.subject, row.revision) == state]
            await connection.execute(update(NotificationRow).where(NotificationRow.id.in_(parked)).values(state=state))
            moved = moved or bool(parked)
        found = [
            row
            for row in await _most_urgent(connection, now, most)
            if state_of(row.kind, row.subject, row.revision) is None
        ]
    return found, moved


_EXPIRES_AT = literal_column("expires_at", NotificationRow.expires_at.type)


def _over(connection: AsyncConnection, now: datetime, most: int) -> Select[int]:
    """The first waiting notifications that have expired.

    In the words of the partial index: with the state as a parameter no database would use it. SQLite, which keeps no
    statistics, would still rather sort all that wait, and is told which index to take.
    """
    told = " INDEXED BY ix_notifications_waiting_until" if connection.dialect.name == "sqlite" else ""
    waiting = select(literal_column("id", NotificationRow.id.type)).select_from(text(f"notifications{told}"))
    return waiting.where(text("state = 'pending'"), now >= _EXPIRES_AT).order_by(_EXPIRES_AT).limit(most)


async def any_expired(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a waiting notification has expired."""
    found = await connection.execute(_over(connection, now, 1))
    return found.scalar_one_or_none() is not None


async def expire(connection: AsyncConnection, now: datetime, most: int) -> int:
    """Mark waiting notifications as expired, so many at once; returns how many."""
    over = _over(connection, now, most).with_for_update(skip_locked=True).scalar_subquery()
    # Those are held already. To ask for their state again would lead SQLite through all that are pending.
    result = await connection.execute(
        update(NotificationRow).where(NotificationRow.id.in_(over)).values(state=NotificationState.EXPIRED)
    )
    return result.rowcount


async def claim(
    connection: AsyncConnection, now: datetime, lease: timedelta, most: int, *, some_are_paid: bool = False
) -> list[ClaimedNotification] | None:
    """Take the most urgent notifications that are due; no other sender gets them before the lease is over.

    Those whose time is over are marked as expired instead, many at once. None where only such were met, or ones that
    are held back: those that may be sent are behind them. Without `some_are_paid` no campaign is
    looked at for whether it is paid for.
    """
    found = await _most_urgent(connection, now, most)
    if over := [row.id for row in found if row.expires_at <= now]:
        await connection.execute(
            update(NotificationRow).where(NotificationRow.id.in_(over)).values(state=NotificationState.EXPIRED)
        )
        await expire(connection, now, _EXPIRED_AT_ONCE)
        found = await _most_urgent(connection, now, most)
    found, moved = await _may_leave(connection, found, now, most)
    ids = [row.id for row in found if row.expires_at > now]
    if not ids:
        return None if over or moved else []
    paid = await campaigns.paid(connection) if some_are_paid else frozenset()
    rows = await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.id.in_(ids))
        .values(state=NotificationState.CLAIMED, fence=NotificationRow.fence + 1, leased_until=now + lease)
        .returning(
            NotificationRow.id,
            NotificationRow.kind,
            NotificationRow.subject,
            NotificationRow.revision,
            NotificationRow.member_id,
            NotificationRow.bound_chat_id,
            NotificationRow.policy,
            NotificationRow.attempts,
            NotificationRow.uncertain_attempts,
            NotificationRow.fence,
            NotificationRow.expires_at,
            NotificationRow.reason,
            NotificationRow.code,
        )
    )
    claimed = {
        row.id: ClaimedNotification(
            row.id,
            NotificationKind(row.kind),
            row.subject,
            row.revision,
            row.member_id,
            row.bound_chat_id,
            DeliveryPolicy(row.policy),
            row.attempts,
            row.uncertain_attempts,
            row.fence,
            row.expires_at,
            row.reason,
            row.code,
            (row.kind, row.subject, row.revision) in paid,
        )
        for row in rows
    }
    return [claimed[i] for i in ids]


async def settle(
    connection: AsyncConnection,
    notification: ClaimedNotification,
    state: NotificationState,
    states: Collection[NotificationState],
    **values: object,
) -> bool:
    """Move a notification that this claim holds from one of `states` to `state`; False when the claim was lost."""
    result = await connection.execute(
        update(NotificationRow)
        .where(
            NotificationRow.id == notification.id,
            NotificationRow.fence == notification.fence,
            NotificationRow.state.in_(states),
        )
        .values(state=state, **values)
    )
    return bool(result.rowcount)


async def put_off(connection: AsyncConnection, notification: ClaimedNotification, until: datetime) -> None:
    """Put off everything that waits for the same chat, whichever process would have sent it."""
    whose = (
        NotificationRow.member_id == notification.member_id
        if notification.member_id
        else NotificationRow.bound_chat_id == notification.bound_chat_id
    )
    await connection.execute(
        update(NotificationRow)
        .where(whose, NotificationRow.state == NotificationState.PENDING, NotificationRow.not_before < until)
        .values(not_before=until)
    )


async def recover(connection: AsyncConnection, now: datetime, everything: bool) -> tuple[int, int]:
    """Free what a dead sender held: claimed notifications wait again, those in flight follow their policy.

    One in flight may have arrived: *resend* sends it once more and never a third time, *hold* never again. It goes
    behind what is due, so that a sender that crashes soon after each start does not meet the same ones every time.
    Returns (freed, undecided). `everything` also takes leases that still run: right when no other sender can exist.
    """
    over = NotificationRow.leased_until <= now if not everything else ~false()
    freed = await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.state == NotificationState.CLAIMED, over)
        .values(state=NotificationState.PENDING, leased_until=None)
    )
    again = and_(NotificationRow.policy == DeliveryPolicy.RESEND.value, NotificationRow.uncertain_attempts == 0)
    resent = await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.state == NotificationState.INFLIGHT, over, again)
        .values(state=NotificationState.PENDING, uncertain_attempts=1, leased_until=None, not_before=now)
    )
    unknown = await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.state == NotificationState.INFLIGHT, over)
        .values(state=NotificationState.UNKNOWN, reason="the sender stopped before the answer came", leased_until=None)
    )
    return freed.rowcount + resent.rowcount, unknown.rowcount


async def suppress_member(connection: AsyncConnection, member_id: int, reason: str) -> int:
    """Suppress the unsent notifications of a member who cannot be reached."""
    result = await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.member_id == member_id, NotificationRow.state.in_(NOT_BEGUN))
        .values(state=NotificationState.SUPPRESSED, reason=reason, code=reason)
    )
    return result.rowcount


async def cancel(connection: AsyncConnection, kinds: Collection[NotificationKind], subject: int, reason: str) -> None:
    """Withdraw what is unsent about a subject: waiting campaigns, and notifications whose sending has not begun."""
    names = [kind.value for kind in kinds]
    await connection.execute(
        update(CampaignRow)
        .where(CampaignRow.kind.in_(names), CampaignRow.subject == subject, CampaignRow.state.in_(WITHDRAWN))
        .values(state=NotificationState.CANCELLED)
    )
    await connection.execute(
        update(NotificationRow)
        .where(
            NotificationRow.kind.in_(names), NotificationRow.subject == subject, NotificationRow.state.in_(NOT_BEGUN)
        )
        .values(state=NotificationState.CANCELLED, reason=reason)
    )


async def told_of_group(connection: AsyncConnection, item_id: int, member_id: int | None) -> bool:
    """Whether a member may have read of this item's group."""
    found = await connection.execute(
        select(NotificationRow.id)
        .join(GroupRow, GroupRow.id == NotificationRow.subject)
        .where(
            GroupRow.item_id == item_id,
            NotificationRow.kind.in_([kind.value for kind in ABOUT_A_GROUP]),
            NotificationRow.member_id == member_id,
            NotificationRow.state.in_(PERHAPS_READ),
        )
        .limit(1)
    )
    return found.scalar_one_or_none() is not None


async def told_before(
    connection: AsyncConnection, kinds: Collection[NotificationKind], notification: ClaimedNotification
) -> bool:
    """Whether the same reader may have read one of these kinds in an earlier revision."""
    whose = (
        NotificationRow.member_id == notification.member_id
        if notification.member_id
        else NotificationRow.bound_chat_id == notification.bound_chat_id
    )
    found = await connection.execute(
        select(NotificationRow.id)
        .where(
            NotificationRow.kind.in_([kind.value for kind in kinds]),
            NotificationRow.subject == notification.subject,
            NotificationRow.revision < notification.revision,
            whose,
            NotificationRow.state.in_(PERHAPS_READ),
        )
        .limit(1)
    )
    return found.scalar_one_or_none() is not None


async def states(connection: AsyncConnection) -> dict[str, int]:
    """How many notifications there are in each state."""
    rows = await connection.execute(select(NotificationRow.state, func.count()).group_by(NotificationRow.state))
    return {state: number for state, number in rows}

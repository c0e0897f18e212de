"""The outbox: notifications are stored, claimed and settled (R26, R27)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.campaigns import WITHDRAWN, CampaignState, UnsentReason
from domain.notifications import (
    NOT_BEGUN,
    PERHAPS_READ,
    POLICY,
    PRIORITY,
    DeliveryPolicy,
    NotificationKind,
    NotificationState,
)
from storage import campaigns
from storage.db import PreparedStatement, changed, insert_new
from storage.models import CampaignRow, MemberRow, NotificationRow
from storage.notifications.waiting import DueNotification, expire, most_urgent

PERHAPS_TOLD = or_(NotificationRow.state.in_(PERHAPS_READ), NotificationRow.uncertain_attempts > 0)
"""Selects notifications that may have arrived; one whose answer was lost stays so, whatever becomes of it later."""
_PARKED_AT_ONCE = 1_000
_EXPIRED_AT_ONCE = 200
_SOME = 5_000
"""Members that one statement names."""


@dataclass(frozen=True, slots=True)
class ClaimedNotification:
    """A notification that this sender holds, to a member or else to a bound chat.

    `id` and `fence` prove the claim: a later claimer has a higher fence, and no other row gets the id. `reason` is what
    happened to it last; `paid` says that an organiser pays for its campaign.
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


_CLAIMED = (
    *(NotificationRow.id, NotificationRow.kind, NotificationRow.subject, NotificationRow.revision),
    *(NotificationRow.member_id, NotificationRow.bound_chat_id, NotificationRow.policy, NotificationRow.attempts),
    *(NotificationRow.uncertain_attempts, NotificationRow.fence, NotificationRow.expires_at),
    *(NotificationRow.reason, NotificationRow.code),
)


def _claimed(row: Sequence[Any], paid: Collection[tuple[str, int, int]]) -> ClaimedNotification:
    notification_id, kind, subject, revision, member_id, bound_chat_id, policy, *rest = row
    key = NotificationKind(kind), subject, revision
    claimed = ClaimedNotification(notification_id, *key, member_id, bound_chat_id, DeliveryPolicy(policy), *rest)
    return replace(claimed, paid=(kind, subject, revision) in paid)


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
    key = {"kind": kind, "subject": subject, "revision": revision, "member_id": member_id}
    new = insert_new(connection, NotificationRow).values(
        **key,
        priority=int(PRIORITY[kind]),
        policy=POLICY[kind],
        not_before=now,
        expires_at=expires_at,
        state=NotificationState.PENDING,
    )
    return await changed(connection, new.on_conflict_do_nothing(index_elements=list(key)))


async def add_to_members(
    connection: AsyncConnection,
    kind: NotificationKind,
    subject: int,
    member_ids: Collection[int],
    now: datetime,
    expires_at: datetime,
    *,
    revision: int = 1,
) -> None:
    """Queue one notification to each of these members whose rows are locked, but to those who were erased."""
    ordered = sorted(member_ids)
    for start in range(0, len(ordered), _SOME):
        there = and_(MemberRow.id.in_(ordered[start : start + _SOME]), MemberRow.chat_id.is_not(None))
        columns = {
            "member_id": MemberRow.id,
            "kind": literal(kind.value),
            "subject": literal(subject),
            "revision": literal(revision),
            "priority": literal(int(PRIORITY[kind])),
            "policy": literal(POLICY[kind].value),
            "not_before": literal(now, NotificationRow.not_before.type),
            "expires_at": literal(expires_at, NotificationRow.expires_at.type),
            "state": literal(NotificationState.PENDING.value),
        }
        rows = select(*columns.values()).where(there).order_by(MemberRow.id)
        new = insert_new(connection, NotificationRow).from_select(list(columns), rows)
        await connection.execute(new.on_conflict_do_nothing())


async def notices(connection: AsyncConnection, kind: NotificationKind, subject: int) -> int:
    """How often it was told that something has stopped, to all who are told."""
    notices = and_(NotificationRow.kind == kind.value, NotificationRow.subject == subject)
    return await connection.scalar(select(func.max(NotificationRow.revision)).where(notices)) or 0


_NOW = bindparam("now", type_=NotificationRow.not_before.type)


_ANY_LEFT = PreparedStatement(
    select(NotificationRow.id)
    .where(
        or_(NotificationRow.state == NotificationState.CLAIMED, NotificationRow.state == NotificationState.INFLIGHT),
        NotificationRow.leased_until <= _NOW,
    )
    .limit(1)
)


async def any_left(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a notification is held by a sender whose lease is over."""
    return bool(await _ANY_LEFT.rows(connection, now=now))


async def states(connection: AsyncConnection) -> dict[str, int]:
    """How many notifications there are in each state."""
    rows = await connection.execute(select(NotificationRow.state, func.count()).group_by(NotificationRow.state))
    return {state: number for state, number in rows}


async def _not_held_back(
    connection: AsyncConnection, found: list[DueNotification], now: datetime, most: int
) -> tuple[list[DueNotification], bool]:
    """Those whose campaign may go on. The others are put where no claim looks again, many at once, so that what an
    organiser paused keeps nothing from those behind it; returns also whether any were."""
    state_of = await campaigns.held_back(connection, now)
    held = {state for row in found if (state := state_of(row.kind, row.subject, row.revision))}
    if not held:
        return found, False
    moved = False
    due = await most_urgent(connection, now, _PARKED_AT_ONCE)
    # Resuming a campaign looks for its notifications once: what was parked after that would stay parked.
    still = await campaigns.held_back(connection, now, and_stay=True)
    for state in held:
        parked = [row.id for row in due if still(row.kind, row.subject, row.revision) == state]
        await connection.execute(update(NotificationRow).where(NotificationRow.id.in_(parked)).values(state=state))
        moved = moved or bool(parked)
    due = await most_urgent(connection, now, most)
    return [row for row in due if state_of(row.kind, row.subject, row.revision) is None], moved


async def claim(
    connection: AsyncConnection,
    now: datetime,
    lease: timedelta,
    most: int,
    *,
    some_are_paid: bool = False,
    held_by: int | None = None,
) -> list[ClaimedNotification] | None:
    """Claim the most urgent notifications that are due for the process of this number; no other sender gets them before
    the lease is over, or that process is dead.

    Some of those that have expired are marked instead. None where only such were met, or ones that are held back:
    those that may be sent are behind them. Without `some_are_paid` no campaign is looked at for whether it is paid for.
    """
    over = await expire(connection, now, _EXPIRED_AT_ONCE)
    found, moved = await _not_held_back(connection, await most_urgent(connection, now, most), now, most)
    ids = [row.id for row in found]
    if not ids:
        return None if over or moved else []
    paid = await campaigns.paid(connection) if some_are_paid else frozenset()
    rows = await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.id.in_(ids))
        .values(
            state=NotificationState.CLAIMED,
            fence=NotificationRow.fence + 1,
            leased_until=now + lease,
            held_by=held_by,
        )
        .returning(*_CLAIMED)
    )
    claimed = {row.id: _claimed(row, paid) for row in rows}
    return [claimed[i] for i in ids]


async def settle(
    connection: AsyncConnection,
    notification: ClaimedNotification,
    state: NotificationState,
    states: Collection[NotificationState],
    **values: object,
) -> bool:
    """Move a notification that this claim holds from one of `states` to `state`; False when the claim was lost."""
    held = update(NotificationRow).where(
        NotificationRow.id == notification.id,
        NotificationRow.fence == notification.fence,
        NotificationRow.state.in_(states),
    )
    return await changed(connection, held.values(state=state, **values))


async def recover(
    connection: AsyncConnection, now: datetime, everything: bool, dead: Collection[int] = ()
) -> tuple[int, int]:
    """Free what a dead sender held: claimed notifications wait again, those in flight follow their policy.

    One in flight may have arrived: *resend* sends it once more and never a third time, *hold* never again. It goes
    behind what is due, so that a sender that crashes soon after each start does not meet the same ones every time.
    Returns (freed, undecided). `everything` also takes leases that still run: right when no other sender can exist.
    `dead` takes what these processes hold instead.
    """
    over = [] if everything else [NotificationRow.leased_until <= now]
    over = [NotificationRow.held_by.in_(dead)] if dead else over
    claimed = update(NotificationRow).where(NotificationRow.state == NotificationState.CLAIMED, *over)
    in_flight = update(NotificationRow).where(NotificationRow.state == NotificationState.INFLIGHT, *over)
    again = and_(NotificationRow.policy == DeliveryPolicy.RESEND.value, NotificationRow.uncertain_attempts == 0)
    waiting = {"state": NotificationState.PENDING, "leased_until": None}
    freed = await connection.execute(claimed.values(**waiting))
    resent = await connection.execute(in_flight.where(again).values(**waiting, uncertain_attempts=1, not_before=now))
    unknown = {"state": NotificationState.UNKNOWN, "reason": "the sender stopped before the answer came"}
    undecided = await connection.execute(in_flight.values(**unknown, leased_until=None))
    return freed.rowcount + resent.rowcount, undecided.rowcount


def to_the_reader_of(notification: ClaimedNotification) -> ColumnElement[bool]:
    """Selects what goes to the same member or chat."""
    if notification.member_id is not None:
        return NotificationRow.member_id == notification.member_id
    return NotificationRow.bound_chat_id == notification.bound_chat_id


async def put_off(connection: AsyncConnection, notification: ClaimedNotification, until: datetime) -> None:
    """Put off everything that waits for the same chat, in every process."""
    waits = and_(NotificationRow.state == NotificationState.PENDING, NotificationRow.not_before < until)
    await connection.execute(
        update(NotificationRow).where(to_the_reader_of(notification), waits).values(not_before=until)
    )


async def suppress_member(connection: AsyncConnection, member_id: int, reason: str) -> None:
    """Suppress the unsent notifications of a member who cannot be reached."""
    await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.member_id == member_id, NotificationRow.state.in_(NOT_BEGUN))
        .values(state=NotificationState.SUPPRESSED, reason=reason, code=reason)
    )


async def unsuppress_members(connection: AsyncConnection, member_ids: Collection[int], now: datetime) -> None:
    """Queue again what was suppressed because these members were taken for unreachable, unless it has expired."""
    gone = (UnsentReason.BLOCKED.value, UnsentReason.UNREACHABLE.value)
    lost = and_(NotificationRow.state == NotificationState.SUPPRESSED, NotificationRow.code.in_(gone))
    await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.member_id.in_(member_ids), lost, NotificationRow.expires_at > now)
        .values(state=NotificationState.PENDING, reason=None, code=None)
    )


async def cancel(connection: AsyncConnection, kinds: Collection[NotificationKind], subject: int, reason: str) -> None:
    """Withdraw what is unsent about a subject: waiting campaigns, and notifications whose sending has not begun."""
    names = [kind.value for kind in kinds]
    await connection.execute(
        update(CampaignRow)
        .where(CampaignRow.kind.in_(names), CampaignRow.subject == subject, CampaignRow.state.in_(WITHDRAWN))
        .values(state=CampaignState.CANCELLED)
    )
    unsent = and_(NotificationRow.subject == subject, NotificationRow.state.in_(NOT_BEGUN))
    await connection.execute(
        update(NotificationRow)
        .where(NotificationRow.kind.in_(names), unsent)
        .values(state=NotificationState.CANCELLED, reason=reason)
    )

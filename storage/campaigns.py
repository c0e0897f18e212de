"""Queries about campaigns: planning and steering them, queueing their notifications, and counting audiences
(R13, R24, R26)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, literal, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.verdicts import Verdict
from domain.campaigns import ENDS_IN, EXPIRE, HELD_BACK, NOTIFICATIONS_BECOME, CampaignState
from domain.notifications import (
    ABOUT_A_GROUP,
    POLICY,
    PRIORITY,
    NotificationKind,
    NotificationState,
)
from domain.reach import SameHours
from storage.db import changed, insert_new
from storage.key_values import NOTHING_HELD
from storage.models import (
    BoundChatRow,
    CampaignRow,
    FollowRow,
    GroupRow,
    ItemRow,
    MemberRow,
    NotificationRow,
    VoteRow,
)
from storage.people import GETS_ALERTS, REACHABLE, TAKES_CAROUSELS, by_hours

_COLUMNS = (
    *(CampaignRow.id, CampaignRow.kind, CampaignRow.subject, CampaignRow.revision, CampaignRow.due_at),
    *(CampaignRow.expires_at, CampaignRow.state, CampaignRow.cursor, CampaignRow.queued, CampaignRow.reason),
    *(CampaignRow.code, CampaignRow.paid_for),
)
_VALID = and_(VoteRow.taken_back_at.is_(None), VoteRow.verdict != Verdict.VOID.value)
"""Whether a vote stands, and counts or may still come to count: its member is told (R28)."""
_RECENT = timedelta(days=1)
_ABOUT_GROUP = [kind.value for kind in ABOUT_A_GROUP]


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """A campaign as it is stored; the item that it is about only where it was read with it, and where there is one."""

    id: int
    kind: NotificationKind
    subject: int
    revision: int
    due_at: datetime
    expires_at: datetime
    state: CampaignState
    cursor: int
    queued: int
    reason: str | None
    code: str | None
    paid_for: int | None
    item_id: int | None = None
    title: str | None = None
    title_en: str | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """The recipients of a campaign: the voters of any of these items, with or without those who only follow them."""

    item_ids: tuple[int, ...]
    followers: bool = True


class PlannedAlerts(NamedTuple):
    """A group's alerts of one kind that are queued from `due_at` on; so many of them are queued already."""

    kind: str
    group_id: int
    item_id: int
    due_at: datetime
    expires_at: datetime
    queued: int


# -- campaigns ---------------------------------------------------------------------------------------------------------


def _with_item() -> Select[*tuple[Any, ...]]:
    about_group = CampaignRow.kind.in_(_ABOUT_GROUP)
    about_item = and_(
        CampaignRow.kind.not_in([*_ABOUT_GROUP, NotificationKind.CAROUSEL.value]), ItemRow.id == CampaignRow.subject
    )
    return (
        select(*_COLUMNS, ItemRow.id, ItemRow.title, ItemRow.title_en)
        .outerjoin(GroupRow, and_(about_group, GroupRow.id == CampaignRow.subject))
        .outerjoin(ItemRow, or_(ItemRow.id == GroupRow.item_id, about_item))
    )


def _stored(row: Sequence[Any]) -> StoredCampaign:
    campaign_id, kind, subject, revision, due_at, expires_at, state, *rest = row
    kind, state = NotificationKind(kind), CampaignState(state)
    return StoredCampaign(campaign_id, kind, subject, revision, due_at, expires_at, state, *rest)


async def _all(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> list[StoredCampaign]:
    return [_stored(row) for row in await connection.execute(query)]


async def _first(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> StoredCampaign | None:
    return next(iter(await _all(connection, query)), None)


def _key(kind: NotificationKind, subject: int, revision: int) -> ColumnElement[bool]:
    return and_(CampaignRow.kind == kind, CampaignRow.subject == subject, CampaignRow.revision == revision)


def _revision(kind: str, revision: int) -> int:
    """The revision of a notification's campaign: picks for bound chats are numbered where others have a revision."""
    return 1 if kind == NotificationKind.CAROUSEL else revision


async def page(connection: AsyncConnection, most: int, skip: int, now: datetime) -> list[StoredCampaign]:
    """Campaigns with their items' titles: what began in the day before `now` (aware) and may have to be stopped; what
    is to come; the others. The latest first, and of one moment the carousel, which reaches most people."""
    recent = and_(CampaignRow.due_at <= now, CampaignRow.due_at > now - _RECENT)
    to_come = and_(CampaignRow.due_at > now, CampaignRow.state != CampaignState.CANCELLED)
    order = (
        case((recent, 0), (to_come, 1), else_=2),
        CampaignRow.due_at.desc(),
        case((CampaignRow.kind == NotificationKind.CAROUSEL, 0), else_=1),
        CampaignRow.id.desc(),
    )
    return await _all(connection, _with_item().order_by(*order).limit(most).offset(skip))


async def one(connection: AsyncConnection, campaign_id: int) -> StoredCampaign | None:
    """One campaign with its item's titles."""
    return await _first(connection, _with_item().where(CampaignRow.id == campaign_id))


async def add(
    connection: AsyncConnection,
    kind: NotificationKind,
    subject: int,
    revision: int,
    due_at: datetime,
    expires_at: datetime,
) -> bool:
    """Store a campaign; False when this very one is stored already."""
    new = insert_new(connection, CampaignRow).on_conflict_do_nothing(index_elements=["kind", "subject", "revision"])
    values = {"kind": kind, "subject": subject, "revision": revision, "due_at": due_at, "expires_at": expires_at}
    return await changed(connection, new.values(**values, state=CampaignState.WAITING))


async def next_revision(connection: AsyncConnection, kind: NotificationKind, subject: int) -> int:
    """The revision of the next campaign of a kind about this, where it can happen again."""
    known = select(func.max(CampaignRow.revision)).where(CampaignRow.kind == kind, CampaignRow.subject == subject)
    return (await connection.scalar(known) or 0) + 1


async def due(connection: AsyncConnection, now: datetime) -> list[StoredCampaign]:
    """Due campaigns whose notifications are not all queued, the most urgent first; none while everything is held."""
    urgency = case({kind.value: int(PRIORITY[kind]) for kind in NotificationKind}, value=CampaignRow.kind)
    waits = and_(CampaignRow.state == CampaignState.WAITING, CampaignRow.due_at <= now, NOTHING_HELD)
    return await _all(connection, select(*_COLUMNS).where(waits).order_by(urgency, CampaignRow.due_at))


async def bring_forward(connection: AsyncConnection, now: datetime, until: datetime) -> None:
    """Make due now what waits for a moment up to `until`, but for alerts that have their time by the opening."""
    timed = [NotificationKind.GROUP_SOON.value, NotificationKind.GROUP_OPEN.value]
    waits = and_(CampaignRow.state == CampaignState.WAITING, CampaignRow.due_at > now, CampaignRow.due_at <= until)
    await connection.execute(update(CampaignRow).where(waits, CampaignRow.kind.not_in(timed)).values(due_at=now))


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next waiting campaign is due."""
    waits = and_(CampaignRow.state == CampaignState.WAITING, CampaignRow.due_at > now)
    return await connection.scalar(select(func.min(CampaignRow.due_at)).where(waits))


async def waiting(connection: AsyncConnection, campaign_id: int) -> StoredCampaign | None:
    """A waiting campaign, locked to the end of the transaction; None when it was queued or withdrawn since."""
    waits = and_(CampaignRow.id == campaign_id, CampaignRow.state == CampaignState.WAITING)
    return await _first(connection, select(*_COLUMNS).where(waits).with_for_update())


async def is_waiting(connection: AsyncConnection, kind: NotificationKind, subject: int, revision: int) -> bool:
    """Whether this campaign is still to come."""
    waits = and_(_key(kind, subject, revision), CampaignRow.state == CampaignState.WAITING)
    return await connection.scalar(select(CampaignRow.id).where(waits)) is not None


async def of_notification(
    connection: AsyncConnection, kind: NotificationKind, subject: int, revision: int
) -> StoredCampaign | None:
    """The campaign of a notification; None for a notification that a single event has caused."""
    return await _first(connection, select(*_COLUMNS).where(_key(kind, subject, _revision(kind, revision))))


async def unfinished(connection: AsyncConnection) -> list[StoredCampaign]:
    """Campaigns whose state is still to be applied to their notifications."""
    return await _all(connection, select(*_COLUMNS).where(CampaignRow.state.in_([*ENDS_IN])))


async def paused_too_long(connection: AsyncConnection, now: datetime) -> list[StoredCampaign]:
    """Paused campaigns that have expired."""
    over = and_(CampaignRow.state.in_([*EXPIRE]), CampaignRow.expires_at <= now)
    return await _all(connection, select(*_COLUMNS).where(over))


async def change(connection: AsyncConnection, campaign_id: int, **values: object) -> None:
    """Set columns of one campaign."""
    await connection.execute(update(CampaignRow).where(CampaignRow.id == campaign_id).values(**values))


async def change_state(
    connection: AsyncConnection, campaign_id: int, old: CampaignState, new: CampaignState, **values: object
) -> bool:
    """Move a campaign from one state to another, with other columns; False when it is no longer in the old one."""
    campaign = update(CampaignRow).where(CampaignRow.id == campaign_id, CampaignRow.state == old)
    return await changed(connection, campaign.values(state=new, **values))


async def pay(connection: AsyncConnection, campaign_id: int, messages: int, actor: str, now: datetime) -> bool:
    """Store that an organiser pays for this many messages of a campaign; False when it was paid for before."""
    campaign = update(CampaignRow).where(
        CampaignRow.id == campaign_id, CampaignRow.state == CampaignState.QUEUED, CampaignRow.paid_at.is_(None)
    )
    return await changed(connection, campaign.values(paid_for=messages, paid_by=actor, paid_at=now))


async def paid(connection: AsyncConnection) -> frozenset[tuple[str, int, int]]:
    """(kind, subject, revision) of the campaigns that are paid for, as far as they may still be sent."""
    rows = await connection.execute(
        select(CampaignRow.kind, CampaignRow.subject, CampaignRow.revision).where(
            CampaignRow.state.in_([CampaignState.QUEUED, CampaignState.RESUMING_QUEUED]),
            CampaignRow.paid_at.is_not(None),
        )
    )
    return frozenset((kind, subject, revision) for kind, subject, revision in rows)


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
        (kind, subject, revision): NOTIFICATIONS_BECOME.get(CampaignState(state), NotificationState.CANCELLED)
        for kind, subject, revision, state in found
    }
    return lambda kind, subject, revision: held.get((kind, subject, _revision(kind, revision)))


async def planned_alerts(connection: AsyncConnection) -> list[PlannedAlerts]:
    """The alerts of groups that are not queued yet, or not all of them."""
    columns = (*(CampaignRow.subject, GroupRow.item_id), *(CampaignRow.due_at, CampaignRow.expires_at))
    asked = select(CampaignRow.kind, *columns, CampaignRow.queued).join(GroupRow, GroupRow.id == CampaignRow.subject)
    goes_on = CampaignRow.state.in_([CampaignState.WAITING, CampaignState.RESUMING])
    rows = await connection.execute(asked.where(goes_on, CampaignRow.kind.in_([kind.value for kind in ABOUT_A_GROUP])))
    return [PlannedAlerts(*row) for row in rows]


# -- queueing: many rows in little time, by ranges of member IDs -------------------------------------------------------


async def queue_notifications(
    connection: AsyncConnection, campaign: StoredCampaign, audience: Audience | None, now: datetime, batch: int
) -> tuple[int, int | None]:
    """Queue the next notifications of a campaign: for its audience, or without one for all with carousels on.

    Works through members in the order of their IDs, after the campaign's cursor, at most `batch` at a time. Returns
    (number queued, last member or None at the end). A range of IDs needs two short statements, however large it is.
    """
    after, wanted = campaign.cursor, REACHABLE
    if audience is None:
        wanted = TAKES_CAROUSELS
        ahead = select(MemberRow.id).where(wanted, MemberRow.id > after).order_by(MemberRow.id).limit(batch).subquery()
    else:
        # Of each part only so many as can be among the next: else every batch would read all who are left.
        parts = [part.order_by(part.selected_columns[0]).limit(batch).subquery() for part in _parts(audience, after)]
        people = union(*(select(part) for part in parts))
        ahead = people.order_by(people.selected_columns[0]).limit(batch).subquery()
    last: int | None = await connection.scalar(select(func.max(ahead.c[0])))
    if last is None:
        return 0, None
    if audience is not None:
        wanted = and_(GETS_ALERTS, MemberRow.id.in_(union(*_parts(audience, after, last))))
    columns = {"member_id": MemberRow.id, **_notification_columns(campaign, campaign.revision, now)}
    people_ahead = select(*columns.values()).where(MemberRow.id > after, MemberRow.id <= last, wanted)
    result = await connection.execute(
        insert_new(connection, NotificationRow)
        .from_select(list(columns), people_ahead.order_by(MemberRow.id))
        .on_conflict_do_nothing(index_elements=["kind", "subject", "revision", "member_id"])
    )
    return result.rowcount, last


async def queue_for_chats(connection: AsyncConnection, campaign: StoredCampaign, revision: int, now: datetime) -> int:
    """Queue one notification, with this revision, for each bound chat that does not have it. Returns how many."""
    columns = {"bound_chat_id": BoundChatRow.id, **_notification_columns(campaign, revision, now)}
    bound = select(*columns.values()).where(BoundChatRow.bound_at <= now)
    new = insert_new(connection, NotificationRow).from_select(list(columns), bound)
    return (await connection.execute(new.on_conflict_do_nothing())).rowcount


def _notification_columns(
    campaign: StoredCampaign, revision: int, now: datetime
) -> dict[str, SQLColumnExpression[Any]]:
    """What the notifications of a campaign have in common."""
    return {
        "kind": literal(campaign.kind.value),
        "subject": literal(campaign.subject),
        "revision": literal(revision),
        "priority": literal(int(PRIORITY[campaign.kind])),
        "policy": literal(POLICY[campaign.kind].value),
        "not_before": literal(now, NotificationRow.not_before.type),
        "expires_at": literal(campaign.expires_at, NotificationRow.expires_at.type),
        "state": literal(NotificationState.PENDING.value),
    }


def _parts(audience: Audience, after: int, last: int | None = None) -> list[Select[int]]:
    """The voters, and the followers, of an audience, as far as their IDs lie in a range."""
    items = audience.item_ids
    parts = [select(VoteRow.member_id).where(VoteRow.item_id.in_(items), _VALID, VoteRow.member_id > after)]
    if audience.followers:
        parts.append(select(FollowRow.member_id).where(FollowRow.item_id.in_(items), FollowRow.member_id > after))
    return parts if last is None else [part.where(part.selected_columns[0] <= last) for part in parts]


# -- audiences: whom an item's opening will be told --------------------------------------------------------------------


async def audiences(connection: AsyncConnection, item_ids: Collection[int]) -> dict[int, int]:
    """How many members would be notified of each item's opening: voters and followers, each once (R26, R31)."""
    reached = (
        select(VoteRow.item_id, VoteRow.member_id)
        .where(VoteRow.item_id.in_(item_ids), _VALID)
        .union(select(FollowRow.item_id, FollowRow.member_id).where(FollowRow.item_id.in_(item_ids)))
        .subquery()
    )
    rows = await connection.execute(
        select(reached.c.item_id, func.count())
        .join(MemberRow, MemberRow.id == reached.c.member_id)
        .where(GETS_ALERTS)
        .group_by(reached.c.item_id)
    )
    return {item_id: number for item_id, number in rows}


async def audience_by_hours(connection: AsyncConnection, item_id: int) -> list[SameHours]:
    """The members who would be notified of an item's opening, by their quiet hours (R24, R26)."""
    voted = select(VoteRow.member_id).where(VoteRow.item_id == item_id, _VALID)
    reached = voted.union(select(FollowRow.member_id).where(FollowRow.item_id == item_id))
    return await by_hours(connection, and_(GETS_ALERTS, MemberRow.id.in_(reached)))


async def with_audience(connection: AsyncConnection, item_ids: Collection[int]) -> set[int]:
    """Those of the items that have an audience: quick, where counting it is not."""
    voted = (
        select(VoteRow.id)
        .join(MemberRow, MemberRow.id == VoteRow.member_id)
        .where(VoteRow.item_id == ItemRow.id, _VALID, GETS_ALERTS)
    )
    followed = (
        select(FollowRow.at)
        .join(MemberRow, MemberRow.id == FollowRow.member_id)
        .where(FollowRow.item_id == ItemRow.id, GETS_ALERTS)
    )
    found = select(ItemRow.id).where(ItemRow.id.in_(item_ids), or_(voted.exists(), followed.exists()))
    return set(await connection.scalars(found))


async def takes_part(connection: AsyncConnection, member_id: int, item_id: int) -> bool:
    """Whether a member voted for an item or follows it."""
    voted = select(VoteRow.id).where(VoteRow.item_id == item_id, VoteRow.member_id == member_id, _VALID)
    followed = select(FollowRow.at).where(FollowRow.item_id == item_id, FollowRow.member_id == member_id)
    return bool(await connection.scalar(select(or_(voted.exists(), followed.exists()))))

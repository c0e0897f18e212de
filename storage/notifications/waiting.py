"""Notifications that wait: which is the next, which are too late, and how many there are (R24, R27).

Within a priority what expires first goes first: what waits longest may have a day left, what was queued a moment ago a
few minutes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, literal_column, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import PRIORITY, NotificationKind, NotificationState, Priority
from storage.db import PreparedStatement
from storage.key_values import NOTHING_HELD
from storage.models import NotificationRow

_PRIORITIES = tuple(int(priority) for priority in sorted(set(PRIORITY.values())))
_NOW = bindparam("now", type_=NotificationRow.not_before.type)


class DueNotification(NamedTuple):
    """The number of a notification, and its campaign."""

    id: int
    kind: str
    subject: int
    revision: int


class WaitingAlerts(NamedTuple):
    """So many alerts of one campaign, the first of which may be sent from `not_before` on."""

    kind: str
    subject: int
    revision: int
    not_before: datetime
    expires_at: datetime
    number: int


def _due(priority: int, now: datetime | ColumnElement[datetime]) -> Select[int]:
    """The due notifications of one priority, the longest waiting first: a part of the index."""
    return (
        select(NotificationRow.id)
        .where(
            NotificationRow.state == NotificationState.PENDING,
            NotificationRow.priority == priority,
            NotificationRow.not_before <= now,
        )
        .order_by(NotificationRow.not_before)
    )


# Asked for all priorities at once and in no order, PostgreSQL would read the whole table while its statistics are of
# the morning, when a million waited.
_ANY_DUE = PreparedStatement(
    select(func.coalesce(*(_due(priority, _NOW).limit(1).scalar_subquery() for priority in _PRIORITIES))).where(
        NOTHING_HELD
    )
)


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a waiting notification is due, and nothing is held."""
    rows = await _ANY_DUE.rows(connection, now=now)
    return bool(rows) and rows[0][0] is not None


async def oldest_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """Since when the oldest due notification waits."""
    first = [_due(priority, now).with_only_columns(NotificationRow.not_before).limit(1) for priority in _PRIORITIES]
    found = [await connection.scalar(query) for query in first]
    return min((moment for moment in found if moment is not None), default=None)


_ID = literal_column("id", NotificationRow.id.type)
_PRIORITY = literal_column("priority", NotificationRow.priority.type)
_EXPIRES_AT = literal_column("expires_at", NotificationRow.expires_at.type)
_NOT_BEFORE = literal_column("not_before", NotificationRow.not_before.type)
_CAMPAIGN = [literal_column(name, getattr(NotificationRow, name).type) for name in ("kind", "subject", "revision")]


def _by_deadline(connection: AsyncConnection, priority: int, *columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """What waits with one priority.

    In the words of the partial index: with the state as a parameter no database would use it. SQLite, which keeps no
    statistics, would still rather sort all that wait, and is given the name of the index.
    """
    hint = " INDEXED BY ix_notifications_by_deadline" if connection.dialect.name == "sqlite" else ""
    waiting = select(*columns).select_from(text(f"notifications{hint}"))
    return waiting.where(text("state = 'pending'"), literal(priority) == _PRIORITY)


async def most_urgent(connection: AsyncConnection, now: datetime, most: int) -> list[DueNotification]:
    """The notifications that are due and have not expired, by priority, then by their deadline, then by how long they
    have waited; locked."""
    found = list[DueNotification]()
    for priority in _PRIORITIES:
        if len(found) < most:
            waiting = _by_deadline(connection, priority, _ID, *_CAMPAIGN).where(now < _EXPIRES_AT, now >= _NOT_BEFORE)
            first = waiting.order_by(_EXPIRES_AT, _NOT_BEFORE).limit(most - len(found))
            rows = await connection.execute(first.with_for_update(skip_locked=True))
            found.extend(DueNotification(*row) for row in rows)
    return found


def _expired(connection: AsyncConnection, priority: int, now: datetime, most: int) -> Select[*tuple[Any, ...]]:
    over = _by_deadline(connection, priority, _ID).where(now >= _EXPIRES_AT)
    return over.order_by(_EXPIRES_AT).limit(most)


async def any_expired(connection: AsyncConnection, now: datetime) -> bool:
    """Whether a waiting notification has expired."""
    each = (_expired(connection, priority, now, 1).scalar_subquery() for priority in _PRIORITIES)
    return await connection.scalar(select(func.coalesce(*each))) is not None


async def expire(connection: AsyncConnection, now: datetime, most: int) -> int:
    """Mark waiting notifications as expired, so many at once; returns how many."""
    ended = 0
    for priority in _PRIORITIES:
        over = _expired(connection, priority, now, most - ended).with_for_update(skip_locked=True).scalar_subquery()
        # These are locked already. To ask for their state again would lead SQLite through all that are pending.
        marking = update(NotificationRow).where(NotificationRow.id.in_(over)).values(state=NotificationState.EXPIRED)
        ended += (await connection.execute(marking)).rowcount
    return ended


async def count_ahead(connection: AsyncConnection, kind: NotificationKind, expires_at: datetime, now: datetime) -> int:
    """How many due notifications go before those of a kind that expire then."""
    own = int(PRIORITY[kind])
    sooner = and_(NotificationRow.priority == own, NotificationRow.expires_at < expires_at)
    ahead = and_(
        NotificationRow.state == NotificationState.PENDING,
        or_(NotificationRow.priority < own, sooner),
        NotificationRow.not_before <= now,
        NotificationRow.expires_at > now,
    )
    return await connection.scalar(select(func.count()).select_from(NotificationRow).where(ahead)) or 0


async def waiting_alerts(connection: AsyncConnection, now: datetime) -> list[WaitingAlerts]:
    """The alerts that wait, by campaign; those that may be sent now apart from those put off."""
    later = now < _NOT_BEFORE
    columns = (*_CAMPAIGN, func.min(_NOT_BEFORE, type_=_NOT_BEFORE.type), _EXPIRES_AT, func.count())
    waiting = _by_deadline(connection, int(Priority.ALERT), *columns).where(now < _EXPIRES_AT)
    rows = await connection.execute(waiting.group_by(*_CAMPAIGN, _EXPIRES_AT, later))
    return [WaitingAlerts(*row) for row in rows]


async def bring_forward(connection: AsyncConnection, now: datetime, until: datetime, most: int) -> int:
    """Make due what waits for a moment up to `until`, at most so many; returns how many.

    "Opens soon" stays: it is true at its time, and not before.
    """
    moved = 0
    for priority in _PRIORITIES:
        early = _due(priority, until).where(
            NotificationRow.not_before > now, NotificationRow.kind != NotificationKind.GROUP_SOON
        )
        these = early.limit(most - moved).with_for_update(skip_locked=True).scalar_subquery()
        moving = update(NotificationRow).where(NotificationRow.id.in_(these)).values(not_before=now)
        moved += (await connection.execute(moving)).rowcount
    return moved

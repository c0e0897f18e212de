"""Whether the alerts of a group can all be sent in time, beside all others that are queued and planned (R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notifications import NotificationKind
from domain.rate_limit import Demand, late
from domain.reach import Reach
from services.context import Rules
from storage import campaigns, notifications


async def alerts_fit(
    connection: AsyncConnection, rules: Rules, group_id: int, first_alert: Reach, now: datetime
) -> bool:
    """Whether a group's alerts leave nothing late at the free rate that would be in time without them. `first_alert`
    says who waits for the end of their quiet hours."""
    own, others = await _demands(connection, rules, group_id, first_alert, now)
    return late([*own, *others], now, rules.send_rate) <= late(others, now, rules.send_rate)


async def _demands(
    connection: AsyncConnection, rules: Rules, group_id: int, first_alert: Reach, now: datetime
) -> tuple[list[Demand], list[Demand]]:
    """The messages of this group's alerts, and of all others."""
    own, others = list[Demand](), list[Demand]()
    paid = await campaigns.paid(connection) if rules.paid_rate is not None else frozenset()
    for queued in await notifications.waiting_alerts(connection, now):
        if (queued.kind, queued.subject, queued.revision) not in paid:
            group = own if queued.subject == group_id else others
            group.append(Demand(queued.number, queued.not_before, queued.expires_at))
    planned = await campaigns.planned_alerts(connection)
    audiences = await campaigns.audiences(connection, {each.item_id for each in planned})
    for each in planned:
        demand = Demand(max(0, audiences.get(each.item_id, 0) - each.queued), each.due_at, each.expires_at)
        if each.group_id != group_id:
            others.append(demand)
        elif each.kind == NotificationKind.GROUP_SCHEDULED and first_alert.first_later is not None:
            later = min(first_alert.later, demand.messages)
            own.append(replace(demand, messages=demand.messages - later))
            own.append(replace(demand, messages=later, since=first_alert.first_later))
        else:
            own.append(demand)
    return own, others

"""Kinds, states and priorities of notifications, and when the alerts of a group are due (R24-R27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class NotificationKind(StrEnum):
    """The kinds of notifications in the outbox. The text is written when it is sent, from what is true then."""

    GROUP_SCHEDULED = "group-scheduled"
    GROUP_SOON = "group-soon"
    GROUP_OPEN = "group-open"
    ITEM_RELISTED = "item-relisted"
    ITEM_REJECTED = "item-rejected"
    ITEM_EXPIRED = "item-expired"
    GRANT = "grant"
    MILESTONE = "milestone"
    CAMPAIGN_STOPPED = "campaign-stopped"
    CAROUSEL = "carousel"


class NotificationState(StrEnum):
    """Where a notification stands. The first four are on their way, the others final."""

    PENDING = "pending"
    CLAIMED = "claimed"
    INFLIGHT = "inflight"
    PAUSED = "paused"
    SENT = "sent"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    DEAD = "dead"


NOT_BEGUN = (NotificationState.PENDING, NotificationState.CLAIMED, NotificationState.PAUSED)
"""States of notifications that may still be withdrawn: their sending has not begun."""
ON_THE_WAY = (NotificationState.PENDING, NotificationState.CLAIMED, NotificationState.INFLIGHT)
"""States in which a notification will be sent, unless something happens."""
FINAL = tuple(state for state in NotificationState if state not in (*ON_THE_WAY, NotificationState.PAUSED))
"""States that a notification does not leave by itself."""
PERHAPS_READ = (NotificationState.SENT, NotificationState.UNKNOWN, NotificationState.INFLIGHT)
"""States in which it may have arrived."""


class Priority(IntEnum):
    """Lower values are sent first: alerts go before everything else (R27)."""

    ALERT = 0
    NOTICE = 5
    CAROUSEL = 9


class DeliveryPolicy(StrEnum):
    """What happens to a notification whose answer was lost, so that it may have arrived."""

    RESEND = "resend"
    HOLD = "hold"


PRIORITY = {
    NotificationKind.GROUP_SCHEDULED: Priority.ALERT,
    NotificationKind.GROUP_SOON: Priority.ALERT,
    NotificationKind.GROUP_OPEN: Priority.ALERT,
    NotificationKind.CAMPAIGN_STOPPED: Priority.ALERT,
    NotificationKind.ITEM_RELISTED: Priority.NOTICE,
    NotificationKind.ITEM_REJECTED: Priority.NOTICE,
    NotificationKind.ITEM_EXPIRED: Priority.NOTICE,
    NotificationKind.GRANT: Priority.NOTICE,
    NotificationKind.MILESTONE: Priority.NOTICE,
    NotificationKind.CAROUSEL: Priority.CAROUSEL,
}

ABOUT_A_GROUP = (NotificationKind.GROUP_SCHEDULED, NotificationKind.GROUP_SOON, NotificationKind.GROUP_OPEN)
"""The three alerts of a group, in their order (R24)."""

FOR_CHATS = (
    NotificationKind.CAROUSEL,
    NotificationKind.GROUP_SCHEDULED,
    NotificationKind.GROUP_OPEN,
    NotificationKind.ITEM_REJECTED,
)
"""Kinds for bound groups and channels: the day's picks in place of the carousel, and the results. An item's end is told
only where its group was announced."""

POLICY = {
    kind: DeliveryPolicy.HOLD if kind is NotificationKind.CAROUSEL else DeliveryPolicy.RESEND
    for kind in NotificationKind
}

NEWS_FOR = timedelta(days=3)
"""How long the end of an item, or a grant of ballots, is still worth telling."""

USEFUL_AFTER_OPENING = timedelta(hours=2)
"""How long "the group is open" is worth telling (R26: nothing is sent after that)."""


@dataclass(frozen=True, slots=True)
class PlannedAlert:
    """One of a group's alerts: when it is due, and when it expires (aware times)."""

    kind: NotificationKind
    due_at: datetime
    expires_at: datetime


def plan_alerts(opens_at: datetime, now: datetime, lead: timedelta) -> tuple[PlannedAlert, ...]:
    """The alerts of a group that opens at `opens_at`: now, `lead` before, and at opening (R24).

    When less time is left than the lead, the middle one is left out: the first one says how soon it is.
    """
    waves = [PlannedAlert(NotificationKind.GROUP_SCHEDULED, now, max(opens_at, now))]
    if opens_at - lead > now:
        waves.append(PlannedAlert(NotificationKind.GROUP_SOON, opens_at - lead, opens_at))
    waves.append(
        PlannedAlert(NotificationKind.GROUP_OPEN, max(opens_at, now), max(opens_at, now) + USEFUL_AFTER_OPENING)
    )
    return tuple(waves)

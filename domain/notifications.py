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
    ITEM_BRUSHED = "item-brushed"
    GRANT = "grant"
    MILESTONE = "milestone"
    CAMPAIGN_STOPPED = "campaign-stopped"
    TOPIC_PAUSED = "topic-paused"
    CASE_OPENED = "case-opened"
    BAN_WAITS = "ban-waits"
    APPEAL_WAITS = "appeal-waits"
    VOTE_VOID = "vote-void"
    ITEM_RESTORED = "item-restored"
    VOTE_RESTORED = "vote-restored"
    FIGURES = "figures"
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
    """Lower values are sent first: alerts go before everything else (R27), but for a word to organisers on which others
    depend. Within one, what expires first goes first."""

    CONTROL = -1
    ALERT = 0
    NOTICE = 5
    CAROUSEL = 9


class DeliveryPolicy(StrEnum):
    """What happens to a notification whose answer was lost, so that it may have arrived."""

    RESEND = "resend"
    HOLD = "hold"


ABOUT_A_GROUP = (NotificationKind.GROUP_SCHEDULED, NotificationKind.GROUP_SOON, NotificationKind.GROUP_OPEN)
"""The three alerts of a group, in their order (R24)."""

ABOUT_AN_ITEM = (
    *(NotificationKind.ITEM_REJECTED, NotificationKind.ITEM_EXPIRED),
    *(NotificationKind.ITEM_BRUSHED, NotificationKind.ITEM_RESTORED),
)
"""Words to voters and followers of an item that ends without a group, or is back by an appeal (R5, R6, R29)."""
PRIORITY = {
    **dict.fromkeys(NotificationKind, Priority.NOTICE),
    **dict.fromkeys(ABOUT_A_GROUP, Priority.ALERT),
    NotificationKind.CAMPAIGN_STOPPED: Priority.CONTROL,
    NotificationKind.CAROUSEL: Priority.CAROUSEL,
}
FOR_CHATS = (
    NotificationKind.CAROUSEL,
    NotificationKind.GROUP_SCHEDULED,
    NotificationKind.GROUP_OPEN,
    NotificationKind.ITEM_REJECTED,
    NotificationKind.ITEM_BRUSHED,
    NotificationKind.FIGURES,
)
"""Kinds for bound groups and channels: the day's picks in place of the carousel, and the results. A rejection is sent
only where the item's group was announced, the figures of a round only where they are wanted, and to no member."""

POLICY = {
    **dict.fromkeys(NotificationKind, DeliveryPolicy.RESEND),
    NotificationKind.FIGURES: DeliveryPolicy.HOLD,
    NotificationKind.CAROUSEL: DeliveryPolicy.HOLD,
}

NEWS_FOR = timedelta(days=3)
"""How long the end of an item, a grant or a milestone is still worth a notification."""

FIGURES_FOR = timedelta(days=1)
"""How long the figures of a round that has closed are worth a post in a bound chat."""

USEFUL_AFTER_OPENING = timedelta(hours=2)
"""How long "the group is open" is worth a notification (R26: nothing is sent after that)."""


@dataclass(frozen=True, slots=True)
class PlannedAlert:
    """One of a group's alerts: when it is due, and when it expires (aware times)."""

    kind: NotificationKind
    due_at: datetime
    expires_at: datetime


def plan_alerts(opens_at: datetime, now: datetime, lead: timedelta) -> tuple[PlannedAlert, ...]:
    """The alerts of a group: now, `lead` before the opening unless that has passed, and at the opening (R24)."""
    opens = max(opens_at, now)
    first = PlannedAlert(NotificationKind.GROUP_SCHEDULED, now, opens)
    last = PlannedAlert(NotificationKind.GROUP_OPEN, opens, opens + USEFUL_AFTER_OPENING)
    if opens_at - lead <= now:
        return first, last
    return first, PlannedAlert(NotificationKind.GROUP_SOON, opens_at - lead, opens_at), last

"""The outbox of notifications.

`outbox` stores, claims and settles them; `waiting` knows which of those that wait is the next, and which are too late;
`of_campaign` counts and moves those of one campaign; `readers` knows what a reader may have read of a group; `old`
deletes what nothing asks for any more.
"""

from storage.notifications.old import delete_carousels, delete_others
from storage.notifications.outbox import (
    ClaimedNotification,
    add_notification,
    add_to_members,
    any_left,
    cancel,
    claim,
    notices,
    put_off,
    recover,
    settle,
    states,
    suppress_member,
    unsuppress_members,
)
from storage.notifications.readers import AnnouncedTime, announced_times, first_alert_may_wait, may_know_of_group
from storage.notifications.waiting import (
    WaitingAlerts,
    any_due,
    any_expired,
    bring_forward,
    count_ahead,
    expire,
    oldest_due,
    waiting_alerts,
)

__all__ = (
    "AnnouncedTime",
    "ClaimedNotification",
    "WaitingAlerts",
    "add_notification",
    "add_to_members",
    "announced_times",
    "any_due",
    "any_expired",
    "any_left",
    "bring_forward",
    "cancel",
    "claim",
    "count_ahead",
    "delete_carousels",
    "delete_others",
    "expire",
    "first_alert_may_wait",
    "may_know_of_group",
    "notices",
    "oldest_due",
    "put_off",
    "recover",
    "settle",
    "states",
    "suppress_member",
    "unsuppress_members",
    "waiting_alerts",
)

"""Bugs to plant in a sender. Each campaign shows that it notices them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.sender import NotificationSender
from bot.worker import Worker
from services.notifications.outbox import Outbox
from services.presence import Presence
from storage import notifications
from storage.models import NotificationRow
from storage.notifications import ClaimedNotification
from tests.campaigns.patching import replace


def _nothing_is_marked() -> None:
    """A notification is sent without being marked as in flight."""

    async def begin(self: Outbox, notification: ClaimedNotification) -> datetime | None:
        return datetime.max.replace(tzinfo=UTC)

    replace(Outbox, "begin", begin)


def _whatever_was_in_flight_leaves_again() -> None:
    """Recovery ignores the policy of the notification's kind."""

    async def recover(
        connection: AsyncConnection, now: datetime, everything: bool, dead: Collection[int] = ()
    ) -> tuple[int, int]:
        held = NotificationRow.state.in_(["claimed", "inflight"])
        left = (NotificationRow.leased_until <= now) | NotificationRow.held_by.in_(dead)
        over = held if everything else held & left
        freed = await connection.execute(update(NotificationRow).where(over).values(state="pending", leased_until=None))
        return freed.rowcount, 0

    replace(notifications, "recover", recover)


def _recovery_gives_up() -> None:
    """Recovery drops the notifications that a dead sender had claimed."""

    async def recover(
        connection: AsyncConnection, now: datetime, everything: bool, dead: Collection[int] = ()
    ) -> tuple[int, int]:
        held = NotificationRow.state.in_(["claimed", "inflight"])
        left = (NotificationRow.leased_until <= now) | NotificationRow.held_by.in_(dead)
        over = held if everything else held & left
        gone = await connection.execute(update(NotificationRow).where(over).values(state="unknown", leased_until=None))
        return 0, gone.rowcount

    replace(notifications, "recover", recover)


def _no_fence() -> None:
    """A sender may settle a notification after its claim has expired."""

    async def settle(
        connection: AsyncConnection,
        notification: ClaimedNotification,
        state: str,
        states: Collection[str],
        **values: Any,
    ) -> bool:
        result = await connection.execute(
            update(NotificationRow).where(NotificationRow.id == notification.id).values(state=state, **values)
        )
        return bool(result.rowcount)

    replace(notifications, "settle", settle)


def _no_look_at_the_lease() -> None:
    """A sender that was paused sends what it had claimed, although another sender has claimed it since."""
    begin = Outbox.begin

    async def for_ever(self: Outbox, notification: ClaimedNotification) -> datetime | None:
        return datetime.max.replace(tzinfo=UTC) if await begin(self, notification) else None

    replace(Outbox, "begin", for_ever)
    replace(Presence, "proves", lambda *_: True)


def _an_answer_is_lost() -> None:
    """The outcome of a send is stored only if the database is available at once."""

    async def settle(self: Outbox, notification: ClaimedNotification, state: str, **values: Any) -> None:
        async with self._context.db.write() as connection:
            await notifications.settle(
                connection, notification, state, ["claimed", "inflight"], leased_until=None, **values
            )

    replace(Outbox, "_settle", settle)


def _a_stop_breaks_off() -> None:
    """A stop abandons the sends that are in flight."""

    def stop(self: NotificationSender) -> None:
        for task in self._tasks:
            task.cancel()
        Worker.stop(self)

    replace(NotificationSender, "stop", stop)


BUGS: dict[str, Callable[[], None]] = {
    bug.__name__.strip("_").replace("_", " "): bug
    for bug in (
        _nothing_is_marked,
        _whatever_was_in_flight_leaves_again,
        _recovery_gives_up,
        _no_fence,
        _no_look_at_the_lease,
        _an_answer_is_lost,
        _a_stop_breaks_off,
    )
}


def plant(bug: str) -> None:
    """Plant a bug in this process."""
    BUGS[bug]()

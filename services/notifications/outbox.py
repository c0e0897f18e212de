"""The outbox as a sender uses it: claim, load, settle (R24, R26, R27)."""

from __future__ import annotations

import math
import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.campaigns import UnsentReason
from domain.notifications import DeliveryPolicy, NotificationState
from domain.people import BoundChat, Member
from services.carousel import Carousel
from services.context import ServiceContext
from services.notifications.kinds import AnyNotification, Draws, Loaded, Skip, Source
from services.notifications.registry import CHAT_KINDS, MEMBER_KINDS
from services.transparency.rounds import PublicRounds
from storage import chats, notifications, people
from storage.db import advisory_lock
from storage.db.errors import DatabaseUnavailable
from storage.notifications import ClaimedNotification

__all__ = ["ClaimedNotification", "Outbox"]

LEASE = timedelta(minutes=5)
"""How long a claim holds, which is longer than any call takes; a sender that is silent for longer counts as dead. Bytes
are sent in its first half only: the second half is for the answer, and for clocks that differ."""
_LOOKS_AGAIN = 0.5
"""Seconds, about, between attempts to store what became of a notification."""
STOP_WAITS = 3.0
"""Seconds for which a stop waits for an unavailable database to free a notification whose sending has not begun: its
lease frees it, too."""
_PARKS_FOR = 1.0
"""Seconds for which a claim goes on while it meets only notifications that are held back: others are behind them."""
_HELD = (NotificationState.CLAIMED, NotificationState.INFLIGHT)
A_GROUP_REMEMBERS = timedelta(minutes=2)
"""Longer than a group's limit of 20 messages a minute looks back."""


class Outbox:
    """Notifications on their way."""

    def __init__(self, context: ServiceContext, carousel: Carousel) -> None:
        self._context = context
        self._draws = Draws(context.db, carousel, PublicRounds(context))
        self._stopped_at = math.inf
        self._begun: dict[int, float] = {}

    def stop(self) -> None:
        """Wait only briefly for an unavailable database from now on; the outcome of a sending that has begun is still
        stored, however long that takes."""
        self._stopped_at = self._context.clock.monotonic()

    async def recover(self, *, everything: bool) -> tuple[int, int]:
        """Free what a dead sender held; returns (freed, undecided). `everything` when no other sender can run."""
        now = self._context.clock.now()
        # Called several times a second, and hardly ever anything is found: a read does not wait for the writer.
        if not everything and not await self._context.db.autocommit_read(
            lambda connection: notifications.any_left(connection, now)
        ):
            return 0, 0
        async with self._context.db.write() as connection:
            return await notifications.recover(connection, now, everything)

    async def recover_from(self, dead: Collection[int]) -> tuple[int, int]:
        """Free what dead processes held; returns (freed, undecided)."""
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "recover")  # several notice a death at once
            return await notifications.recover(connection, self._context.clock.now(), False, dead)

    async def claim(self, most: int) -> list[ClaimedNotification]:
        """Take the most urgent notifications that are due (R27); none while everything is held after a restore."""
        now = self._context.clock.now()
        if not await self._context.db.autocommit_read(lambda connection: notifications.any_due(connection, now)):
            return []
        some_are_paid = self._context.rules.paid_rate is not None
        until = self._context.clock.monotonic() + _PARKS_FOR
        claimed: list[ClaimedNotification] | None = None
        while claimed is None and self._context.clock.monotonic() < until:
            async with self._context.db.write() as connection:
                holder = self._context.presence.number
                claimed = await notifications.claim(
                    connection, now, LEASE, most, some_are_paid=some_are_paid, held_by=holder
                )
        return claimed or []

    async def lately_in_chats(self) -> list[tuple[int, timedelta]]:
        """(chat, how long ago) of what bound chats were sent in the last minutes, the oldest first."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            sent = await chats.lately_sent(connection, now - A_GROUP_REMEMBERS)
        return [(chat_id, max(timedelta(0), now - moment)) for chat_id, moment in sent]

    async def contents(self, notification: ClaimedNotification) -> AnyNotification | Skip:
        """What to send, read now; or why it is not to be sent, or not yet."""
        async with self._context.db.read() as connection:
            source = Source(notification, self._context.clock.now())
            loaded: Loaded[Member] | Loaded[BoundChat]
            if notification.member_id is not None:
                loaded = await self._for_member(connection, source, notification.member_id)
            else:
                loaded = await self._for_chat(connection, source, notification.bound_chat_id)
        return await loaded(self._draws) if callable(loaded) else loaded

    async def _for_member(self, connection: AsyncConnection, source: Source, member_id: int) -> Loaded[Member]:
        member = await people.by_id(connection, member_id)
        if member is None:
            return Skip("the member left", code=UnsentReason.UNREACHABLE)
        kind = MEMBER_KINDS[source.claimed.kind]
        if kind.for_organisers and member.chat_id not in self._context.rules.organisers:
            return Skip("the member is no organiser any more")
        quiet = (member.quiet or self._context.rules.quiet_hours).free_from(source.now, self._context.rules.zone)
        if quiet > source.now and (member.alerts_quiet or not await kind.is_urgent(connection, source, quiet)):
            return Skip("quiet hours", quiet)
        if kind.alert and not member.alerts_on:
            return Skip("alerts are off", code=UnsentReason.TURNED_OFF)
        return await kind.load(connection, source, member)

    async def _for_chat(self, connection: AsyncConnection, source: Source, chat_id: int | None) -> Loaded[BoundChat]:
        assert chat_id is not None, "a notification goes to a member or to a chat"
        chat = await chats.by_id(connection, chat_id)
        if chat is None:
            return Skip("the chat is no longer bound")
        if chat.paused is not None:
            return Skip("its topic is closed", code=chat.paused)
        kind = CHAT_KINDS[source.claimed.kind]
        quiet = self._context.rules.quiet_hours.free_from(source.now, self._context.rules.zone)
        if quiet > source.now and not await kind.is_urgent(connection, source, quiet):
            return Skip("quiet hours", quiet)
        return await kind.load(connection, source, chat)

    async def begin(self, notification: ClaimedNotification) -> datetime | None:
        """Mark a notification in flight. Returns until when its bytes may be sent: after that, another sender may have
        sent it. None when the claim was lost or the notification has expired."""
        now, begins = self._context.clock.now(), self._context.clock.monotonic()
        if notification.expires_at <= now:
            await self._settle(notification, NotificationState.EXPIRED)
            return None
        async with self._context.db.write() as connection:
            begun = await notifications.settle(
                connection,
                notification,
                NotificationState.INFLIGHT,
                [NotificationState.CLAIMED],
                attempts=notification.attempts + 1,
                leased_until=now + LEASE,
            )
        if begun:
            self._begun[notification.id] = begins
        return min(now + LEASE / 2, notification.expires_at) if begun else None

    def may_leave(self, notification: ClaimedNotification, deadline: datetime) -> bool:
        """Whether the bytes of a notification that was begun may still be sent: no other sender can have it."""
        begun = self._begun.get(notification.id, math.inf)
        return self._context.clock.now() < deadline and self._context.presence.proves(begun)

    async def sent(self, notification: ClaimedNotification, message_id: int) -> None:
        """Telegram answered that it has the message."""
        await self._settle(
            notification, NotificationState.SENT, sent_at=self._context.clock.now(), message_id=message_id
        )

    async def drop(self, notification: ClaimedNotification, skip: Skip) -> None:
        """Do not send: never, or not before the moment given. What is too late by then has expired, whatever else."""
        if (skip.until or self._context.clock.now()) >= notification.expires_at:
            await self._settle(notification, NotificationState.EXPIRED, reason=skip.reason)
        elif skip.until is not None:
            await self._settle(notification, NotificationState.PENDING, not_before=skip.until, reason=skip.reason)
        else:
            await self._settle(notification, NotificationState.SUPPRESSED, reason=skip.reason, code=skip.code)

    async def again(
        self, notification: ClaimedNotification, after: timedelta, reason: str | None = None, code: str | None = None
    ) -> None:
        """Nothing arrived: try again later. Without a `reason` the last one stays, with its code."""
        why: dict[str, Any] = {} if reason is None else {"reason": reason, "code": code}
        later = self._context.clock.now() + after
        await self._settle(notification, NotificationState.PENDING, not_before=later, **why)

    async def chat_waits(
        self, notification: ClaimedNotification, seconds: timedelta, reason: str, code: str | None = None
    ) -> None:
        """Telegram asks for a pause in this chat: everything for it waits, in every process."""
        until = self._context.clock.now() + seconds
        pending = NotificationState.PENDING
        await self._settle(notification, pending, everything_until=until, not_before=until, reason=reason, code=code)

    async def lost_answer(
        self, notification: ClaimedNotification, after: timedelta, reason: str, code: str | None = None
    ) -> None:
        """It may have arrived: the policy *resend* tries once more and never a third time, *hold* never (R26)."""
        why: dict[str, Any] = {"reason": reason, "code": code}
        if notification.policy is DeliveryPolicy.RESEND and notification.uncertain_attempts == 0:
            later = self._context.clock.now() + after
            await self._settle(notification, NotificationState.PENDING, not_before=later, uncertain_attempts=1, **why)
        else:
            await self._settle(notification, NotificationState.UNKNOWN, **why)

    async def dead(self, notification: ClaimedNotification, reason: str, code: str | None = None) -> None:
        """Telegram will never accept it."""
        await self._settle(notification, NotificationState.DEAD, reason=reason, code=code)

    async def oldest_due(self) -> timedelta:
        """How long the oldest notification that may be sent has waited; zero where none waits."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            oldest = await notifications.oldest_due(connection, now)
        return now - oldest if oldest else timedelta(0)

    async def states(self) -> dict[str, int]:
        """How many notifications there are in each state."""
        async with self._context.db.read() as connection:
            return await notifications.states(connection)

    async def _settle(
        self,
        notification: ClaimedNotification,
        state: NotificationState,
        *,
        everything_until: datetime | None = None,
        **values: Any,
    ) -> None:
        """Store what became of a notification. Only this process knows it, so it waits for an unavailable database as
        long as the claim may hold. Raises DatabaseUnavailable after that, and soon after a stop if sending had not
        begun. `everything_until` also puts off what else waits for this chat."""
        began, has_begun = self._context.clock.monotonic(), notification.id in self._begun
        self._begun.pop(notification.id, None)
        while True:
            try:
                async with self._context.db.write() as connection:
                    await notifications.settle(connection, notification, state, _HELD, leased_until=None, **values)
                    if everything_until is not None:
                        await notifications.put_off(connection, notification, everything_until)
                return
            except DatabaseUnavailable:
                stops = math.inf if has_begun else max(began, self._stopped_at) + STOP_WAITS
                if self._context.clock.monotonic() > min(stops, began + LEASE.total_seconds()):
                    raise
            await self._context.clock.sleep(_LOOKS_AGAIN * random.uniform(0.7, 1.3))

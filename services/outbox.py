"""The outbox from the courier's side: claim, read, settle (R24, R26, R27)."""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.carousel import Card, NothingOnDisplay
from domain.chats import PICKS, BoundChat
from domain.goods import Item, ItemState, WhyOut
from domain.notifications import ABOUT_A_GROUP, DeliveryPolicy, NotificationKind
from domain.people import Member
from domain.voting import why_not_on_display
from services.campaigns import Campaign, campaign_of
from services.carousel import Carousel
from services.context import ServiceContext
from storage import campaigns, chats, groups, items, notifications, people, votes
from storage.errors import DatabaseUnavailable
from storage.notifications import ClaimedNotification

__all__ = ["CampaignStopped", "ChatContents", "ClaimedNotification", "GrantContents", "ItemContents", "Outbox", "Skip"]

LEASE = timedelta(minutes=5)
"""How long a claim holds, longer than any call takes; a sender that is silent for longer is taken for dead. Bytes leave
in its first half only: the second one is for the answer, and for clocks that differ."""
_LOOKS_AGAIN = 0.5
"""Seconds, about, after which it is tried again to store what became of a letter."""
STOP_WAITS = 3.0
"""Seconds for which a stop waits for a database that is away, to free a letter that has not begun to leave: its lease
frees it anyhow."""
_PUTS_ASIDE_FOR = 1.0
"""Seconds for which a claim goes on that only meets letters which may not leave: others wait behind them."""
A_GROUP_REMEMBERS = timedelta(minutes=2)
"""How far a group's limit of 20 messages a minute can look back, and more."""


@dataclass(frozen=True, slots=True)
class ItemContents:
    """What a letter is about, as true now: `opens_at` of a group, `number` of a milestone, `why` an item is out.

    `corrected` says that the member was told otherwise: another time of the group, or of a group that is cancelled.
    """

    kind: NotificationKind
    member: Member
    item: Item
    card: Card | None = None
    opens_at: datetime | None = None
    corrected: bool = False
    middle_follows: bool = False
    number: int = 0
    why: WhyOut | None = None

    @property
    def chat_id(self) -> int:
        """Where it goes: a number of Telegram's."""
        return self.member.chat_id


@dataclass(frozen=True, slots=True)
class GrantContents:
    """Ballots that a member was given, and why (R14)."""

    member: Member
    ballots: int
    reason: str

    @property
    def chat_id(self) -> int:
        """Where it goes: a number of Telegram's."""
        return self.member.chat_id


@dataclass(frozen=True, slots=True)
class CampaignStopped:
    """A delivery that Telegram's refusals have stopped, for an organiser to look at."""

    member: Member
    delivery: Campaign

    @property
    def chat_id(self) -> int:
        """Where it goes: a number of Telegram's."""
        return self.member.chat_id


@dataclass(frozen=True, slots=True)
class ChatContents:
    """What a letter to a bound chat is about: the `number`-th pick of a round, or the time of a group."""

    kind: NotificationKind
    chat: BoundChat
    item: Item
    number: int = 1
    opens_at: datetime | None = None
    corrected: bool = False

    @property
    def chat_id(self) -> int:
        """Where it goes: a number of Telegram's."""
        return self.chat.chat_id


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a letter must not be sent any more, or not before a moment (aware)."""

    reason: str
    until: datetime | None = None


class Outbox:
    """Letters on their way."""

    def __init__(self, context: ServiceContext, carousel: Carousel) -> None:
        self._context = context
        self._carousel = carousel
        self._picks: dict[int, tuple[int, list[int]]] = {}
        self._drawing = asyncio.Lock()
        self._stopped_at = math.inf
        self._begun: set[int] = set()

    def stop(self) -> None:
        """Wait no longer, but for a moment, for a database that is away; only what became of letters that had begun to
        leave is still noted however long that takes."""
        self._stopped_at = time.monotonic()

    async def recover(self, *, everything: bool) -> tuple[int, int]:
        """Free what a dead sender held; returns (freed, undecided). `everything` at the start of an only sender."""
        now = self._context.clock.now()
        # It is asked several times a second, and hardly ever there is something: then nobody waits for the writer.
        if not everything and not await self._context.db.autocommit_read(
            lambda connection: notifications.any_left(connection, now)
        ):
            return 0, 0
        async with self._context.db.write() as connection:
            return await notifications.recover(connection, now, everything)

    async def claim(self, most: int) -> list[ClaimedNotification]:
        """Take the most urgent letters that are due (R27); none while everything is held after a restore."""
        now = self._context.clock.now()

        async def may(connection: AsyncConnection) -> bool:
            return await notifications.any_due(connection, now) and await campaigns.hold(connection) is None

        if not await self._context.db.autocommit_read(may):
            return []
        some_are_paid = self._context.rules.paid_rate is not None
        until = time.monotonic() + _PUTS_ASIDE_FOR
        claimed: list[ClaimedNotification] | None = None
        while claimed is None and time.monotonic() < until:
            async with self._context.db.write() as connection:
                claimed = await notifications.claim(connection, now, LEASE, most, some_are_paid=some_are_paid)
        return claimed or []

    async def lately_in_chats(self) -> list[tuple[int, timedelta]]:
        """(chat, how long ago) of what bound chats were sent in the last minutes, the oldest first."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            sent = await chats.lately_sent(connection, now - A_GROUP_REMEMBERS)
        return [(chat_id, max(timedelta(0), now - moment)) for chat_id, moment in sent]

    async def contents(
        self, notification: ClaimedNotification
    ) -> ItemContents | GrantContents | ChatContents | CampaignStopped | Skip:
        """What to send, from what is true now; or why nothing is to be sent."""
        now = self._context.clock.now()
        if notification.member_id is None:
            return await self._for_chat(notification, now)
        async with self._context.db.read() as connection:
            member = await people.by_id(connection, notification.member_id)
            if member is None:
                return Skip("the member left")
            quiet = member.quiet or self._context.rules.quiet_hours
            free = quiet.free_from(now, self._context.rules.zone)
            if free > now and (member.alerts_quiet or not await self._is_alert(connection, notification)):
                return Skip("quiet hours", free)
            if notification.kind is not NotificationKind.CAROUSEL:
                return await self._about(connection, notification, member, now)
        if not member.carousel_on:
            return Skip("carousels are off")
        card = await self._carousel.new_draw(member)
        if isinstance(card, NothingOnDisplay):
            return Skip("nothing is on display any more")
        return ItemContents(notification.kind, member, card.item, card)

    @staticmethod
    async def _is_alert(connection: AsyncConnection, notification: ClaimedNotification) -> bool:
        """Whether a letter does not wait for the morning (R27): also that a group which was announced does not open."""
        return notification.kind in (*ABOUT_A_GROUP, NotificationKind.DELIVERY_STOPPED) or (
            notification.kind is NotificationKind.ITEM_OUT
            and await notifications.told_of_group(connection, notification.subject, notification.member_id)
        )

    async def _about(
        self, connection: AsyncConnection, notification: ClaimedNotification, member: Member, now: datetime
    ) -> ItemContents | GrantContents | CampaignStopped | Skip:
        if notification.kind is NotificationKind.DELIVERY_STOPPED:
            row = await campaigns.one(connection, notification.subject)
            delivery = campaign_of(row) if row is not None else None
            return CampaignStopped(member, delivery) if delivery and delivery.stopped_by else Skip("it goes on already")
        if notification.kind is NotificationKind.GRANT:
            gift = await people.granted(connection, notification.subject)
            return GrantContents(member, *gift) if gift else Skip("the grant is gone")
        if notification.kind is NotificationKind.MILESTONE:
            item = await items.by_id(connection, notification.subject)
            if item is None:
                return Skip("the item is gone")
            return ItemContents(notification.kind, member, item, number=notification.revision)
        if not member.alerts_on:
            return Skip("alerts are off")
        if notification.kind is NotificationKind.ITEM_BACK:
            item = await items.by_id(connection, notification.subject)
            if item is None or why_not_on_display(item, now) is not None:
                return Skip("the item is not on display any more")
            return ItemContents(notification.kind, member, item)
        if notification.kind in (NotificationKind.ITEM_OUT, NotificationKind.ITEM_LAPSED):
            return await self._ended(connection, notification, member)
        about = await self._group(connection, notification)
        if isinstance(about, Skip):
            return about
        group, item, corrected = about
        voted, followed = await votes.marks(connection, member.id, [item.id])
        if not voted and not followed:
            return Skip("neither voter nor follower any more")
        soon = await notifications.campaign_waits(connection, NotificationKind.GROUP_SOON, group.id, group.revision)
        return ItemContents(
            notification.kind, member, item, opens_at=group.opens_at, corrected=corrected, middle_follows=soon
        )

    @staticmethod
    async def _ended(
        connection: AsyncConnection, notification: ClaimedNotification, member: Member
    ) -> ItemContents | Skip:
        item = await items.by_id(connection, notification.subject)
        if item is None:
            return Skip("the item is gone")
        voted, followed = await votes.marks(connection, member.id, [item.id])
        if not voted and not followed:
            return Skip("neither voter nor follower any more")
        if notification.kind is NotificationKind.ITEM_LAPSED:
            return ItemContents(notification.kind, member, item)
        why = await items.reason_of(connection, item.id, ItemState.OUT)
        assert why is not None, "an item that ends has a reason in its history (R1)"
        told = await notifications.told_of_group(connection, item.id, member.id)
        return ItemContents(notification.kind, member, item, corrected=told, why=WhyOut(why))

    async def _group(
        self, connection: AsyncConnection, notification: ClaimedNotification
    ) -> tuple[Any, Item, bool] | Skip:
        """The group of a letter, its item, and whether the letter corrects a time that was told before."""
        group = await groups.by_id(connection, notification.subject)
        item = await items.by_id(connection, group.item_id) if group else None
        if group is None or item is None:
            return Skip("the group is gone")
        if group.cancelled_at is not None:
            return Skip("the group was cancelled")
        if group.revision != notification.revision:
            return Skip("the time was changed")
        first = notification.kind is NotificationKind.GROUP_SCHEDULED
        return group, item, first and await notifications.told_before(connection, ABOUT_A_GROUP, notification)

    async def _for_chat(self, notification: ClaimedNotification, now: datetime) -> ChatContents | Skip:
        assert notification.bound_chat_id is not None, "a letter goes to a member or to a chat"
        async with self._context.db.read() as connection:
            chat = await chats.by_id(connection, notification.bound_chat_id)
            if chat is None:
                return Skip("the chat is no longer bound")
            if notification.kind is not NotificationKind.CAROUSEL:
                return await self._result(connection, notification, chat)
            posted = await chats.picked(connection, chat.id)
        free = self._context.rules.quiet_hours.free_from(now, self._context.rules.zone)
        if free > now:
            return Skip("quiet hours", free)
        chosen = await self._picks_of(chat, notification, posted)
        if len(chosen) < notification.revision:
            return Skip("nothing is on display any more")
        async with self._context.db.read() as connection:
            pick = await items.by_id(connection, chosen[notification.revision - 1])
        if pick is None or why_not_on_display(pick, now) is not None:
            return Skip("the item is not on display any more")
        return ChatContents(notification.kind, chat, pick, number=notification.revision)

    async def _result(
        self, connection: AsyncConnection, notification: ClaimedNotification, chat: BoundChat
    ) -> ChatContents | Skip:
        if notification.kind is NotificationKind.ITEM_OUT:
            ended = await items.by_id(connection, notification.subject)
            if ended is None or not await chats.told_of_group(connection, chat.id, notification.subject):
                return Skip("its group was not announced there")
            return ChatContents(notification.kind, chat, ended)
        about = await self._group(connection, notification)
        if isinstance(about, Skip):
            return about
        group, item, corrected = about
        return ChatContents(notification.kind, chat, item, opens_at=group.opens_at, corrected=corrected)

    async def _picks_of(self, chat: BoundChat, notification: ClaimedNotification, posted: frozenset[int]) -> list[int]:
        """A chat's picks of a round, drawn once, so that the letters that carry them never show the same item twice.

        After a restart those that were not posted are drawn anew.
        """
        async with self._drawing:  # the letters of one chat are read side by side
            round_id, chosen = self._picks.get(chat.id, (0, []))
            if round_id != notification.subject:
                chosen = await self._carousel.picks(posted, PICKS)
                self._picks[chat.id] = (notification.subject, chosen)
            return chosen

    async def begin(self, notification: ClaimedNotification) -> datetime | None:
        """Mark a letter in flight. Returns until when its bytes may leave: who slept past that does not know whether
        somebody else has sent it. None when the claim was lost or the letter's time is over."""
        now = self._context.clock.now()
        if notification.expires_at <= now:
            await self._settle(notification, "expired")
            return None
        async with self._context.db.write() as connection:
            begun = await notifications.settle(
                connection,
                notification,
                "inflight",
                ["claimed"],
                attempts=notification.attempts + 1,
                leased_until=now + LEASE,
            )
        if begun:
            self._begun.add(notification.id)
        return min(now + LEASE / 2, notification.expires_at) if begun else None

    async def sent(self, notification: ClaimedNotification, message_id: int) -> None:
        """Telegram answered that it has the message."""
        await self._settle(notification, "sent", sent_at=self._context.clock.now(), message_id=message_id)

    async def drop(self, notification: ClaimedNotification, useless: Skip) -> None:
        """Do not send: never, or not before the moment given."""
        if useless.until is not None and useless.until >= notification.expires_at:
            await self._settle(notification, "expired", reason=useless.reason)
        elif useless.until is not None:
            await self._settle(notification, "pending", not_before=useless.until, reason=useless.reason)
        else:
            await self._settle(notification, "suppressed", reason=useless.reason)

    async def again(self, notification: ClaimedNotification, after: timedelta, reason: str | None = None) -> None:
        """It is certain that nothing was delivered: try again later. Without a `reason` the last one stays."""
        why: dict[str, Any] = {} if reason is None else {"reason": reason}
        await self._settle(notification, "pending", not_before=self._context.clock.now() + after, **why)

    async def chat_waits(self, notification: ClaimedNotification, seconds: timedelta, reason: str) -> None:
        """Telegram wants this letter's reader left alone for so long: everything for them waits, in every process."""
        until = self._context.clock.now() + seconds
        await self._settle(notification, "pending", not_before=until, reason=reason, everything_until=until)

    async def lost_answer(self, notification: ClaimedNotification, after: timedelta, reason: str) -> None:
        """Nobody knows whether it arrived: *resend* once and never a third time, *hold* never (R26)."""
        if notification.policy is DeliveryPolicy.RESEND and notification.doubts == 0:
            later = self._context.clock.now() + after
            await self._settle(notification, "pending", not_before=later, doubts=1, reason=reason)
        else:
            await self._settle(notification, "unknown", reason=reason)

    async def dead(self, notification: ClaimedNotification, reason: str) -> None:
        """Telegram will never take it."""
        await self._settle(notification, "dead", reason=reason)

    async def oldest_due(self) -> timedelta:
        """Since when the oldest letter that may leave waits; nought where none does."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            oldest = await campaigns.oldest_due(connection, now)
        return now - oldest if oldest else timedelta(0)

    async def states(self) -> dict[str, int]:
        """How many letters there are in each state."""
        async with self._context.db.read() as connection:
            return await notifications.states(connection)

    async def _settle(
        self,
        notification: ClaimedNotification,
        state: str,
        *,
        everything_until: datetime | None = None,
        **values: Any,
    ) -> None:
        """Store what became of a letter: nobody else knows it, so a database that is away is waited for, as long as the
        claim may hold. Raises Away after that, and soon after a stop for one that has not begun to leave.
        `everything_until` also puts off what else waits for this reader."""
        began, has_begun = time.monotonic(), notification.id in self._begun
        self._begun.discard(notification.id)
        while True:
            try:
                async with self._context.db.write() as connection:
                    await notifications.settle(
                        connection, notification, state, ["claimed", "inflight"], leased_until=None, **values
                    )
                    if everything_until is not None:
                        await notifications.put_off(connection, notification, everything_until)
                return
            except DatabaseUnavailable:
                stops = math.inf if has_begun else max(began, self._stopped_at) + STOP_WAITS
                if time.monotonic() > min(stops, began + LEASE.total_seconds()):
                    raise
            await asyncio.sleep(_LOOKS_AGAIN * random.uniform(0.7, 1.3))

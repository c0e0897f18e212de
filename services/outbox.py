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

from domain.alerts import ABOUT_A_GROUP, Kind, Policy
from domain.carousel import Card, NothingOnDisplay
from domain.chats import PICKS, BoundChat
from domain.goods import Item, ItemState, WhyOut
from domain.people import Member
from domain.voting import why_not_on_display
from services.carousel import Carousel
from services.deliveries import Delivery, delivery_of
from services.house import House
from storage import chats, deliveries, groups, items, letters, people, votes
from storage.away import Away
from storage.letters import Claimed

__all__ = ["Claimed", "Contents", "ForChat", "Gift", "Outbox", "Stopped", "Useless"]

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
class Contents:
    """What a letter is about, as true now: `opens_at` of a group, `number` of a milestone, `why` an item is out.

    `corrected` says that the member was told otherwise: another time of the group, or of a group that is cancelled.
    """

    kind: Kind
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
class Gift:
    """Ballots that a member was given, and why (R14)."""

    member: Member
    ballots: int
    reason: str

    @property
    def chat_id(self) -> int:
        """Where it goes: a number of Telegram's."""
        return self.member.chat_id


@dataclass(frozen=True, slots=True)
class Stopped:
    """A delivery that Telegram's refusals have stopped, for an organiser to look at."""

    member: Member
    delivery: Delivery

    @property
    def chat_id(self) -> int:
        """Where it goes: a number of Telegram's."""
        return self.member.chat_id


@dataclass(frozen=True, slots=True)
class ForChat:
    """What a letter to a bound chat is about: the `number`-th pick of a round, or the time of a group."""

    kind: Kind
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
class Useless:
    """Why a letter must not be sent any more, or not before a moment (aware)."""

    reason: str
    until: datetime | None = None


class Outbox:
    """Letters on their way."""

    def __init__(self, house: House, carousel: Carousel) -> None:
        self._house = house
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
        now = self._house.clock()
        # It is asked several times a second, and hardly ever there is something: then nobody waits for the writer.
        if not everything and not await self._house.db.glance(lambda connection: letters.any_left(connection, now)):
            return 0, 0
        async with self._house.db.write() as connection:
            return await letters.recover(connection, now, everything)

    async def claim(self, most: int) -> list[Claimed]:
        """Take the most urgent letters that are due (R27); none while everything is held after a restore."""
        now = self._house.clock()

        async def may(connection: AsyncConnection) -> bool:
            return await letters.any_due(connection, now) and await deliveries.hold(connection) is None

        if not await self._house.db.glance(may):
            return []
        some_are_paid = self._house.rules.paid_rate is not None
        until = time.monotonic() + _PUTS_ASIDE_FOR
        claimed: list[Claimed] | None = None
        while claimed is None and time.monotonic() < until:
            async with self._house.db.write() as connection:
                claimed = await letters.claim(connection, now, LEASE, most, some_are_paid=some_are_paid)
        return claimed or []

    async def lately_in_chats(self) -> list[tuple[int, timedelta]]:
        """(chat, how long ago) of what bound chats were sent in the last minutes, the oldest first."""
        now = self._house.clock()
        async with self._house.db.read() as connection:
            sent = await chats.lately_sent(connection, now - A_GROUP_REMEMBERS)
        return [(chat_id, max(timedelta(0), now - moment)) for chat_id, moment in sent]

    async def contents(self, letter: Claimed) -> Contents | Gift | ForChat | Stopped | Useless:
        """What to send, from what is true now; or why nothing is to be sent."""
        now = self._house.clock()
        if letter.member_id is None:
            return await self._for_chat(letter, now)
        async with self._house.db.read() as connection:
            member = await people.by_id(connection, letter.member_id)
            if member is None:
                return Useless("the member left")
            quiet = member.quiet or self._house.rules.quiet_hours
            free = quiet.free_from(now, self._house.rules.zone)
            if free > now and (member.alerts_quiet or not await self._is_alert(connection, letter)):
                return Useless("quiet hours", free)
            if letter.kind is not Kind.CAROUSEL:
                return await self._about(connection, letter, member, now)
        if not member.carousel_on:
            return Useless("carousels are off")
        card = await self._carousel.new_draw(member)
        if isinstance(card, NothingOnDisplay):
            return Useless("nothing is on display any more")
        return Contents(letter.kind, member, card.item, card)

    @staticmethod
    async def _is_alert(connection: AsyncConnection, letter: Claimed) -> bool:
        """Whether a letter does not wait for the morning (R27): also that a group which was announced does not open."""
        return letter.kind in (*ABOUT_A_GROUP, Kind.DELIVERY_STOPPED) or (
            letter.kind is Kind.ITEM_OUT and await letters.told_of_group(connection, letter.subject, letter.member_id)
        )

    async def _about(
        self, connection: AsyncConnection, letter: Claimed, member: Member, now: datetime
    ) -> Contents | Gift | Stopped | Useless:
        if letter.kind is Kind.DELIVERY_STOPPED:
            row = await deliveries.one(connection, letter.subject)
            delivery = delivery_of(row) if row is not None else None
            return Stopped(member, delivery) if delivery and delivery.stopped_by else Useless("it goes on already")
        if letter.kind is Kind.GRANT:
            gift = await people.granted(connection, letter.subject)
            return Gift(member, *gift) if gift else Useless("the grant is gone")
        if letter.kind is Kind.MILESTONE:
            item = await items.by_id(connection, letter.subject)
            if item is None:
                return Useless("the item is gone")
            return Contents(letter.kind, member, item, number=letter.revision)
        if not member.alerts_on:
            return Useless("alerts are off")
        if letter.kind is Kind.ITEM_BACK:
            item = await items.by_id(connection, letter.subject)
            if item is None or why_not_on_display(item, now) is not None:
                return Useless("the item is not on display any more")
            return Contents(letter.kind, member, item)
        if letter.kind in (Kind.ITEM_OUT, Kind.ITEM_LAPSED):
            return await self._ended(connection, letter, member)
        about = await self._group(connection, letter)
        if isinstance(about, Useless):
            return about
        group, item, corrected = about
        voted, followed = await votes.marks(connection, member.id, [item.id])
        if not voted and not followed:
            return Useless("neither voter nor follower any more")
        soon = await letters.campaign_waits(connection, Kind.GROUP_SOON, group.id, group.revision)
        return Contents(letter.kind, member, item, opens_at=group.opens_at, corrected=corrected, middle_follows=soon)

    @staticmethod
    async def _ended(connection: AsyncConnection, letter: Claimed, member: Member) -> Contents | Useless:
        item = await items.by_id(connection, letter.subject)
        if item is None:
            return Useless("the item is gone")
        voted, followed = await votes.marks(connection, member.id, [item.id])
        if not voted and not followed:
            return Useless("neither voter nor follower any more")
        if letter.kind is Kind.ITEM_LAPSED:
            return Contents(letter.kind, member, item)
        why = await items.reason_of(connection, item.id, ItemState.OUT)
        assert why is not None, "an item that ends has a reason in its history (R1)"
        told = await letters.told_of_group(connection, item.id, member.id)
        return Contents(letter.kind, member, item, corrected=told, why=WhyOut(why))

    async def _group(self, connection: AsyncConnection, letter: Claimed) -> tuple[Any, Item, bool] | Useless:
        """The group of a letter, its item, and whether the letter corrects a time that was told before."""
        group = await groups.by_id(connection, letter.subject)
        item = await items.by_id(connection, group.item_id) if group else None
        if group is None or item is None:
            return Useless("the group is gone")
        if group.cancelled_at is not None:
            return Useless("the group was cancelled")
        if group.revision != letter.revision:
            return Useless("the time was changed")
        first = letter.kind is Kind.GROUP_SCHEDULED
        return group, item, first and await letters.told_before(connection, ABOUT_A_GROUP, letter)

    async def _for_chat(self, letter: Claimed, now: datetime) -> ForChat | Useless:
        assert letter.bound_chat_id is not None, "a letter goes to a member or to a chat"
        async with self._house.db.read() as connection:
            chat = await chats.by_id(connection, letter.bound_chat_id)
            if chat is None:
                return Useless("the chat is no longer bound")
            if letter.kind is not Kind.CAROUSEL:
                return await self._result(connection, letter, chat)
            posted = await chats.picked(connection, chat.id)
        free = self._house.rules.quiet_hours.free_from(now, self._house.rules.zone)
        if free > now:
            return Useless("quiet hours", free)
        chosen = await self._picks_of(chat, letter, posted)
        if len(chosen) < letter.revision:
            return Useless("nothing is on display any more")
        async with self._house.db.read() as connection:
            pick = await items.by_id(connection, chosen[letter.revision - 1])
        if pick is None or why_not_on_display(pick, now) is not None:
            return Useless("the item is not on display any more")
        return ForChat(letter.kind, chat, pick, number=letter.revision)

    async def _result(self, connection: AsyncConnection, letter: Claimed, chat: BoundChat) -> ForChat | Useless:
        if letter.kind is Kind.ITEM_OUT:
            ended = await items.by_id(connection, letter.subject)
            if ended is None or not await chats.told_of_group(connection, chat.id, letter.subject):
                return Useless("its group was not announced there")
            return ForChat(letter.kind, chat, ended)
        about = await self._group(connection, letter)
        if isinstance(about, Useless):
            return about
        group, item, corrected = about
        return ForChat(letter.kind, chat, item, opens_at=group.opens_at, corrected=corrected)

    async def _picks_of(self, chat: BoundChat, letter: Claimed, posted: frozenset[int]) -> list[int]:
        """A chat's picks of a round, drawn once, so that the letters that carry them never show the same item twice.

        After a restart those that were not posted are drawn anew.
        """
        async with self._drawing:  # the letters of one chat are read side by side
            round_id, chosen = self._picks.get(chat.id, (0, []))
            if round_id != letter.subject:
                chosen = await self._carousel.picks(posted, PICKS)
                self._picks[chat.id] = (letter.subject, chosen)
            return chosen

    async def begin(self, letter: Claimed) -> datetime | None:
        """Mark a letter in flight. Returns until when its bytes may leave: who slept past that does not know whether
        somebody else has sent it. None when the claim was lost or the letter's time is over."""
        now = self._house.clock()
        if letter.expires_at <= now:
            await self._settle(letter, "expired")
            return None
        async with self._house.db.write() as connection:
            begun = await letters.settle(
                connection, letter, "inflight", ["claimed"], attempts=letter.attempts + 1, leased_until=now + LEASE
            )
        if begun:
            self._begun.add(letter.id)
        return min(now + LEASE / 2, letter.expires_at) if begun else None

    async def sent(self, letter: Claimed, message_id: int) -> None:
        """Telegram answered that it has the message."""
        await self._settle(letter, "sent", sent_at=self._house.clock(), message_id=message_id)

    async def drop(self, letter: Claimed, useless: Useless) -> None:
        """Do not send: never, or not before the moment given."""
        if useless.until is not None and useless.until >= letter.expires_at:
            await self._settle(letter, "expired", reason=useless.reason)
        elif useless.until is not None:
            await self._settle(letter, "pending", not_before=useless.until, reason=useless.reason)
        else:
            await self._settle(letter, "suppressed", reason=useless.reason)

    async def again(self, letter: Claimed, after: timedelta, reason: str | None = None) -> None:
        """It is certain that nothing was delivered: try again later. Without a `reason` the last one stays."""
        why: dict[str, Any] = {} if reason is None else {"reason": reason}
        await self._settle(letter, "pending", not_before=self._house.clock() + after, **why)

    async def chat_waits(self, letter: Claimed, seconds: timedelta, reason: str) -> None:
        """Telegram wants this letter's reader left alone for so long: everything for them waits, in every process."""
        until = self._house.clock() + seconds
        await self._settle(letter, "pending", not_before=until, reason=reason, everything_until=until)

    async def lost_answer(self, letter: Claimed, after: timedelta, reason: str) -> None:
        """Nobody knows whether it arrived: *resend* once and never a third time, *hold* never (R26)."""
        if letter.policy is Policy.RESEND and letter.doubts == 0:
            later = self._house.clock() + after
            await self._settle(letter, "pending", not_before=later, doubts=1, reason=reason)
        else:
            await self._settle(letter, "unknown", reason=reason)

    async def dead(self, letter: Claimed, reason: str) -> None:
        """Telegram will never take it."""
        await self._settle(letter, "dead", reason=reason)

    async def oldest_due(self) -> timedelta:
        """Since when the oldest letter that may leave waits; nought where none does."""
        now = self._house.clock()
        async with self._house.db.read() as connection:
            oldest = await deliveries.oldest_due(connection, now)
        return now - oldest if oldest else timedelta(0)

    async def states(self) -> dict[str, int]:
        """How many letters there are in each state."""
        async with self._house.db.read() as connection:
            return await letters.states(connection)

    async def _settle(
        self,
        letter: Claimed,
        state: str,
        *,
        everything_until: datetime | None = None,
        **values: Any,
    ) -> None:
        """Store what became of a letter: nobody else knows it, so a database that is away is waited for, as long as the
        claim may hold. Raises Away after that, and soon after a stop for one that has not begun to leave.
        `everything_until` also puts off what else waits for this reader."""
        began, has_begun = time.monotonic(), letter.id in self._begun
        self._begun.discard(letter.id)
        while True:
            try:
                async with self._house.db.write() as connection:
                    await letters.settle(
                        connection, letter, state, ["claimed", "inflight"], leased_until=None, **values
                    )
                    if everything_until is not None:
                        await letters.put_off(connection, letter, everything_until)
                return
            except Away:
                stops = math.inf if has_begun else max(began, self._stopped_at) + STOP_WAITS
                if time.monotonic() > min(stops, began + LEASE.total_seconds()):
                    raise
            await asyncio.sleep(_LOOKS_AGAIN * random.uniform(0.7, 1.3))

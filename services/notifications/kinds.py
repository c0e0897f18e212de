"""What each kind of notification says, read when it is sent: one frozen type per kind, which knows how to load itself
and when it is not wanted any more (R5, R6, R13-R16, R22, R24). Its text is `handlers.views.notifications.render`."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Generic, Self, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.call_outcomes import CallOutcome
from domain.campaigns import UnsentReason
from domain.carousel import Card, NothingOnDisplay
from domain.goods import Item, ItemState, WhyOut
from domain.notifications import NotificationKind
from domain.people import PICKS, BoundChat, Member
from domain.voting import why_not_on_display
from services.campaigns import Campaign, campaign_of
from services.carousel import Carousel
from services.transparency.rounds import PublicRounds, RoundsOfDay
from storage import campaigns, chats, groups, items, ledger, notifications, votes
from storage.db import Database
from storage.notifications import ClaimedNotification


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a notification must not be sent any more, or not before a moment (aware)."""

    reason: str
    until: datetime | None = None
    code: str = UnsentReason.NOT_NEEDED


_NOT_ON_DISPLAY = Skip("the item is not on display any more")
_NO_PART = Skip("neither voter nor follower any more")
_NOTHING = Skip("nothing is on display any more")


@dataclass(frozen=True, slots=True)
class Source:
    """What a kind is loaded from: the claimed row, and the time."""

    claimed: ClaimedNotification
    now: datetime


class Draws:
    """What is chosen by chance, or takes long to read, outside of the transaction that a notification is loaded in."""

    def __init__(self, db: Database, carousel: Carousel, public_rounds: PublicRounds) -> None:
        self._db = db
        self.carousel = carousel
        self.public_rounds = public_rounds
        self._picks: dict[int, tuple[int, list[int]]] = {}
        self._drawing = asyncio.Lock()

    async def pick(self, chat: BoundChat, round_id: int, posted: frozenset[int], number: int) -> Item | None:
        """A chat's `number`-th pick of a round; None where the display has fewer items.

        All picks of a round are drawn once, so that notifications that are sent concurrently never show the same item.
        After a restart those that were not `posted` are drawn anew.
        """
        async with self._drawing:
            drawn_for, chosen = self._picks.get(chat.id, (0, []))
            if drawn_for != round_id:
                chosen = await self.carousel.picks(posted, PICKS)
                self._picks[chat.id] = (round_id, chosen)
        if len(chosen) < number:
            return None
        async with self._db.read() as connection:
            return await items.by_id(connection, chosen[number - 1])


To = TypeVar("To", Member, BoundChat)


@dataclass(frozen=True, slots=True)
class Notification(ABC, Generic[To]):
    """A notification to a member or to a bound chat.

    `urgent` ones are sent in quiet hours, too (R27); `alert` ones only to members whose alerts are on.
    """

    kind: ClassVar[NotificationKind]
    urgent: ClassVar[bool] = False
    alert: ClassVar[bool] = False
    for_organisers: ClassVar[bool] = False
    to: To

    @property
    def chat_id(self) -> int:
        """Telegram's ID of the chat that it goes to."""
        return self.to.chat_id

    @property
    def topic(self) -> int | None:
        """The forum topic that it goes to; None elsewhere."""
        return self.to.topic if isinstance(self.to, BoundChat) else None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is written in."""
        return self.to.languages if isinstance(self.to, BoundChat) else (self.to.language,)

    @property
    def elsewhere(self) -> bool:
        """Whether its readers may be in another time zone (R35)."""
        return not isinstance(self.to, Member) or self.to.elsewhere

    @classmethod
    async def is_urgent(cls, connection: AsyncConnection, source: Source, until: datetime) -> bool:
        """Whether this very notification is sent in quiet hours, which end at `until` (aware)."""
        return cls.urgent

    @classmethod
    @abstractmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: To) -> Loaded[To]:
        """Read what it says."""


AnyNotification = Notification[Member] | Notification[BoundChat]
Deferred = Callable[[Draws], Awaitable[Notification[To] | Skip]]
Loaded = Notification[To] | Skip | Deferred[To]
"""What loading gives; a Deferred is called once the transaction has ended."""


@dataclass(frozen=True, slots=True)
class GroupNotification(Notification[To]):
    """The time of a group.

    `corrected`: another time was announced before. `middle_follows`: an alert shortly before the opening follows. The
    `first` one waits for the end of quiet hours where that leaves at least the lead; the others wake (R24).
    """

    urgent = alert = True
    first: ClassVar[bool] = False
    item: Item
    opens_at: datetime
    corrected: bool = False
    middle_follows: bool = False

    @classmethod
    async def is_urgent(cls, connection: AsyncConnection, source: Source, until: datetime) -> bool:
        group = source.claimed.subject, source.claimed.revision
        return not (cls.first and await notifications.first_alert_may_wait(connection, *group, source.now, until))

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: To) -> Self | Skip:
        claimed = source.claimed
        group = await groups.by_id(connection, claimed.subject)
        item = await items.by_id(connection, group.item_id) if group else None
        if group is None or item is None:
            return Skip("the group is gone")
        if group.cancelled_at is not None:
            return Skip("the group was cancelled")
        if group.revision != claimed.revision:
            return Skip("the time was changed")
        first = cls.first
        known = await notifications.announced_times(connection, claimed) if first else []
        corrected = any(each.opens_at != group.opens_at for each in known)
        if not corrected and any(each.certain for each in known):
            return Skip("this time was announced before")
        if isinstance(to, BoundChat):
            return cls(to, item, group.opens_at, corrected)
        if not await campaigns.takes_part(connection, to.id, item.id):
            return _NO_PART
        middle = (NotificationKind.GROUP_SOON, group.id, group.revision)
        follows = first and await campaigns.is_waiting(connection, *middle)
        return cls(to, item, group.opens_at, corrected, follows)


class GroupScheduled(GroupNotification[Member]):
    """The group of an item has its time, or another one."""

    kind = NotificationKind.GROUP_SCHEDULED
    first = True


class GroupSoon(GroupNotification[Member]):
    """The group opens soon."""

    kind = NotificationKind.GROUP_SOON


class GroupOpen(GroupNotification[Member]):
    """The group is open."""

    kind = NotificationKind.GROUP_OPEN


class ChatGroupScheduled(GroupNotification[BoundChat]):
    """The time of a group, for a bound chat."""

    kind = NotificationKind.GROUP_SCHEDULED
    first = True


class ChatGroupOpen(GroupNotification[BoundChat]):
    """A group is open, for a bound chat."""

    kind = NotificationKind.GROUP_OPEN


@dataclass(frozen=True, slots=True)
class ItemNotification(Notification[Member]):
    """News of an item, for those who voted for it or follow it; `ballot_back`: the member's ballot returned (R5)."""

    alert = True
    item: Item
    ballot_back: bool = field(default=False, kw_only=True)

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        item = await items.by_id(connection, source.claimed.subject)
        if item is None:
            return Skip("the item is gone")
        if not await campaigns.takes_part(connection, to.id, item.id):
            return _NO_PART
        return cls(to, item, ballot_back=await votes.ballot_returns(connection, to.id, [item.id]))


class ItemExpired(ItemNotification):
    """No decision on an item was made in time (R6)."""

    kind = NotificationKind.ITEM_EXPIRED


@dataclass(frozen=True, slots=True)
class ItemOut(ItemNotification):
    """An item was rejected; `group_announced`: the member had been notified of its group (R5)."""

    group_announced: bool = False

    @classmethod
    async def is_urgent(cls, connection: AsyncConnection, source: Source, until: datetime) -> bool:
        return await notifications.may_know_of_group(connection, source.claimed.subject, source.claimed)

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        loaded = await super(ItemOut, cls).load(connection, source, to)
        if isinstance(loaded, Skip):
            return loaded
        return replace(loaded, group_announced=await cls.is_urgent(connection, source, source.now))


@dataclass(frozen=True, slots=True)
class ItemRejected(ItemOut):
    """An item has ended, and why (R5)."""

    kind = NotificationKind.ITEM_REJECTED
    why: WhyOut = WhyOut.SAMPLE

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        loaded = await super(ItemRejected, cls).load(connection, source, to)
        if isinstance(loaded, Skip):
            return loaded
        if loaded.item.state is not ItemState.REJECTED:
            return Skip("an appeal brought it back")
        why = await items.reason_of(connection, loaded.item.id, ItemState.REJECTED)
        assert why is not None, "an item that ends has a reason in its history (R1)"
        return replace(loaded, why=WhyOut(why))


class ItemBack(ItemNotification):
    """An item that the member voted for in an earlier round is on display again (R16)."""

    kind = NotificationKind.ITEM_RELISTED

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        item = await items.by_id(connection, source.claimed.subject)
        if item is None or why_not_on_display(item, source.now) is not None:
            return _NOT_ON_DISPLAY
        earlier = await items.earlier_listings(connection, item.id)
        return cls(to, item, ballot_back=await votes.ballot_returns(connection, to.id, earlier))


@dataclass(frozen=True, slots=True)
class ChatItemRejected(Notification[BoundChat]):
    """An item whose group was announced in a bound chat has ended."""

    kind = NotificationKind.ITEM_REJECTED
    urgent = True
    item: Item

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: BoundChat) -> Self | Skip:
        item = await items.by_id(connection, source.claimed.subject)
        if item is None or not await notifications.may_know_of_group(connection, item.id, source.claimed):
            return Skip("its group was not announced there")
        return cls(to, item)


@dataclass(frozen=True, slots=True)
class DailyCarousel(Notification[Member]):
    """The first card of a new draw from the day's display (R13)."""

    kind = NotificationKind.CAROUSEL
    card: Card

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Skip | Deferred[Member]:
        async def draw(draws: Draws) -> DailyCarousel | Skip:
            card = await draws.carousel.new_draw(to)
            return _NOTHING if isinstance(card, NothingOnDisplay) else cls(to, card)

        return draw if to.carousel_on else Skip("carousels are off", code=UnsentReason.TURNED_OFF)


@dataclass(frozen=True, slots=True)
class ChatPick(Notification[BoundChat]):
    """The `number`-th pick of a round for a bound chat; the `first` that is sent says what they are."""

    kind = NotificationKind.CAROUSEL
    item: Item
    number: int
    first: bool = False

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: BoundChat) -> Deferred[BoundChat]:
        claimed, now = source.claimed, source.now
        posted = await chats.picked(connection, to.id)

        async def draw(draws: Draws) -> ChatPick | Skip:
            item = await draws.pick(to, claimed.subject, posted, claimed.revision)
            if item is not None and why_not_on_display(item, now) is not None:
                return _NOT_ON_DISPLAY
            return cls(to, item, claimed.revision) if item else _NOTHING

        return draw


@dataclass(frozen=True, slots=True)
class ChatFigures(Notification[BoundChat]):
    """The figures of the rounds of a day, for a bound chat that wants them (R39)."""

    kind = NotificationKind.FIGURES
    shown: RoundsOfDay

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: BoundChat) -> Skip | Deferred[BoundChat]:
        async def read(draws: Draws) -> ChatFigures | Skip:
            shown = await draws.public_rounds.of_round(source.claimed.subject)
            return cls(to, shown) if shown is not None else Skip("the round had no goods")

        return read if to.fairness else Skip("figures are off", code=UnsentReason.TURNED_OFF)


@dataclass(frozen=True, slots=True)
class Grant(Notification[Member]):
    """Ballots that a member was given, and why (R14); `before`: how many they were before they were corrected."""

    kind = NotificationKind.GRANT
    ballots: int
    reason: str
    before: int | None = None

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        grant = await ledger.granted(connection, source.claimed.subject)
        if grant is None:
            return Skip("the grant is gone")
        if grant.last != source.claimed.subject:
            return Skip("the grant was corrected since")
        return cls(to, grant.ballots, grant.reason, grant.before)


@dataclass(frozen=True, slots=True)
class Milestone(Notification[Member]):
    """So many votes came by the member's canvass links (R22)."""

    kind = NotificationKind.MILESTONE
    item: Item
    number: int

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        item = await items.by_id(connection, source.claimed.subject)
        return cls(to, item, source.claimed.revision) if item else Skip("the item is gone")


@dataclass(frozen=True, slots=True)
class CampaignStopped(Notification[Member]):
    """Telegram's refusals have stopped a campaign, for an organiser to look at."""

    kind = NotificationKind.CAMPAIGN_STOPPED
    urgent = True
    for_organisers = True
    campaign: Campaign

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        row = await campaigns.one(connection, source.claimed.subject)
        campaign = campaign_of(row) if row is not None else None
        return cls(to, campaign) if campaign and campaign.stopped_by else Skip("it goes on already")


@dataclass(frozen=True, slots=True)
class TopicPaused(Notification[Member]):
    """Nothing is posted any more in the forum topic that the member bound."""

    kind = NotificationKind.TOPIC_PAUSED
    chat: BoundChat
    why: CallOutcome

    @classmethod
    async def load(cls, connection: AsyncConnection, source: Source, to: Member) -> Self | Skip:
        chat = await chats.by_id(connection, source.claimed.subject)
        return cls(to, chat, CallOutcome(chat.paused)) if chat and chat.paused else Skip("posting goes on already")

"""How items end without a group: an organiser rejects them, or they expire without a decision (R5, R6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import Item, ItemState, WhyOut
from domain.notifications import ABOUT_A_GROUP, NEWS_FOR, NotificationKind
from services.context import Every, ServiceContext
from services.groups import OPENS_WITHIN
from services.rounds import display_changed
from storage import campaigns, groups, items, notifications, votes
from storage.db import advisory_lock

LOOKED_AT_EVERY = timedelta(minutes=1)
MOST_AT_ONCE = 100
"""Items that expire in one transaction: few enough that taps do not wait noticeably."""


class RejectionRefusal(StrEnum):
    """Why an item cannot be rejected."""

    UNKNOWN_ITEM = "unknown-item"
    OPEN_ALREADY = "open-already"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that has just been rejected, and how many people are told."""

    item: Item
    told: int


class Endings:
    """Ends of items. Votes for them did count: their ballots stay used, and history keeps everything."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._looks = Every(LOOKED_AT_EVERY)

    async def reject(self, item_id: int, why: WhyOut, actor: str) -> Rejected | RejectionRefusal:
        """End an item for good, and tell its voters and followers why (R5).

        A group that was scheduled is cancelled, and what is still unsent about it is withdrawn.
        """
        now = self._context.clock.now()
        # A large audience takes long to count: outside of the write transaction, for which votes would wait.
        async with self._context.db.read() as connection:
            refused = _why_not(await items.by_id(connection, item_id))
            if refused is not None:
                return refused
            told = (await votes.audiences(connection, [item_id])).get(item_id, 0)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, f"item {item_id}")
            item = await items.by_id(connection, item_id)
            refused = _why_not(item)
            if refused is not None:
                return refused
            assert item is not None
            if not await items.move(connection, item.id, item.state, [ItemState.REJECTED], actor, now, reason=why):
                return RejectionRefusal.ENDED
            await self._cancel_group(connection, item.id, now)
            if item.state is ItemState.ON_DISPLAY:
                await display_changed(connection)
            await self._tell(connection, NotificationKind.ITEM_REJECTED, item.id, now)
        return Rejected(item, told)

    @staticmethod
    async def _cancel_group(connection: AsyncConnection, item_id: int, now: datetime) -> None:
        group = await groups.of_item(connection, item_id)
        if group is not None and await groups.cancel(connection, group.id, now):
            await notifications.cancel(connection, ABOUT_A_GROUP, group.id, "the group was cancelled")

    @staticmethod
    async def _tell(connection: AsyncConnection, kind: NotificationKind, item_id: int, now: datetime) -> None:
        await campaigns.add(connection, kind, item_id, 1, now, now + NEWS_FOR)

    async def tick(self) -> None:
        """Do what is due; called at each tick of the scheduler."""
        await self.expire()

    async def expire(self) -> int:
        """Expire items without a decision within two weeks of their round, and tell their people (R6).

        Each once, however often called; returns how many.
        """
        now = self._context.clock.now()
        if not self._looks.due(now):
            return 0
        async with self._context.db.read() as connection:
            over = await items.undecided(connection, now - OPENS_WITHIN, MOST_AT_ONCE)
        if not over:
            return 0
        if len(over) == MOST_AT_ONCE:
            self._looks.soon()
        async with self._context.db.write() as connection:
            with_people = await votes.with_audience(connection, [item.id for item in over])
            return sum([await self._expire(connection, item, item.id in with_people, now) for item in over])

    async def _expire(self, connection: AsyncConnection, item: Item, told: bool, now: datetime) -> bool:
        reason = f"nobody decided within {OPENS_WITHIN.days} days"
        moved = await items.move(connection, item.id, item.state, [ItemState.EXPIRED], "clock", now, reason=reason)
        if moved and told:
            await self._tell(connection, NotificationKind.ITEM_EXPIRED, item.id, now)
        return moved


def _why_not(item: Item | None) -> RejectionRefusal | None:
    if item is None:
        return RejectionRefusal.UNKNOWN_ITEM
    if item.state is ItemState.OPEN:
        return RejectionRefusal.OPEN_ALREADY
    if item.state in (ItemState.REJECTED, ItemState.EXPIRED, ItemState.REFUSED):
        return RejectionRefusal.ENDED
    return None

"""Scheduling and opening groups (R6, R16, R24, R26)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import Item, ItemState, steps_between
from domain.notifications import ABOUT_A_GROUP, plan_alerts
from domain.rate_limit import lead
from services.campaigns import Campaigns
from services.context import ServiceContext
from services.rounds import display_changed
from storage import campaigns, groups, items, key_values, notifications, votes
from storage.db import advisory_lock
from storage.db.errors import DatabaseUnavailable

TOGETHER = timedelta(hours=1)
"""Groups that open no farther apart than this share the allowed rate, and so their lead."""

OPENS_WITHIN = timedelta(days=14)
"""The group of a chosen item opens within two weeks of the end of its round (R6)."""


MOST_AHEAD = timedelta(days=366)
"""No group is scheduled farther ahead: such a time is a typing error, and members would be told it."""


class ScheduleRefusal(StrEnum):
    """Why a group cannot be scheduled so."""

    UNKNOWN_ITEM = "unknown-item"
    IN_THE_PAST = "in-the-past"
    TOO_FAR = "too-far"
    NOT_SHOWN_YET = "not-shown-yet"
    ENDED = "ended"
    OPEN_ALREADY = "open-already"
    LATER_THAN_PROMISED = "later-than-promised"

    @classmethod
    def at(cls, opens_at: datetime, now: datetime) -> ScheduleRefusal | None:
        """Why no group at all can be scheduled at this moment (both aware); None where one could."""
        if opens_at <= now:
            return cls.IN_THE_PAST
        return cls.TOO_FAR if opens_at - now > MOST_AHEAD else None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A group with its time, how many people will be told, and when the alerts before it begin.

    `revision` counts the announced times; `changed` is False when exactly this was scheduled before. `fits` is
    False when not everybody can be told before the opening at the allowed rate. `price` is then how many messages it
    would take to pay for, so that everybody can; None where that may not be chosen, or would not help either.
    """

    item: Item
    opens_at: datetime
    audience: int
    lead: timedelta
    revision: int
    changed: bool
    fits: bool
    price: int | None = None


class Groups:
    """The groups of chosen items."""

    def __init__(self, context: ServiceContext, campaigns: Campaigns) -> None:
        self._context = context
        self._campaigns = campaigns

    async def find(self, ref: str) -> Item | None:
        """The newest listing of the good with this reference."""
        async with self._context.db.read() as connection:
            return await items.by_ref(connection, ref)

    async def audience(self, item_id: int) -> tuple[Item | None, int]:
        """An item, and how many people its scheduling would be told to (R31)."""
        async with self._context.db.read() as connection:
            item = await items.by_id(connection, item_id)
            return item, (await votes.audiences(connection, [item_id])).get(item_id, 0)

    async def schedule(
        self, item_id: int, opens_at: datetime, url: str | None, actor: str, *, even_late: bool = False
    ) -> Scheduled | ScheduleRefusal:
        """Schedule, or move, the group of an item; the alerts are stored in the same transaction (R24).

        `opens_at` is aware. The page of the group is `url`, else the item's shop page. A changed time replaces what
        is still unsent; those already told get one correction. A changed address alone is not announced: later alerts
        carry it. Later than two weeks after the round needs `even_late` (R6).
        """
        now = self._context.clock.now()
        # A large audience takes long to count: outside of the write transaction, for which votes would wait.
        async with self._context.db.read() as connection:
            refused = _why_not(await items.by_id(connection, item_id), opens_at, now, even_late)
            if refused is not None:
                return refused
            counted = {item_id, *await _opening_about(connection, opens_at)}
            told = await votes.audiences(connection, counted)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, f"item {item_id}")
            item = await items.by_id(connection, item_id)
            refused = _why_not(item, opens_at, now, even_late)
            if refused is not None:
                return refused
            assert item is not None
            group = await groups.of_item(connection, item_id)
            address = url or (group.url if group else item.url)
            moved = group is None or group.opens_at != opens_at
            changed = group is None or group.opens_at != opens_at or group.url != address
            revision = await self._store(connection, item, group, opens_at, address, actor, now)
            if meanwhile := await _opening_about(connection, opens_at) - counted:
                told |= await votes.audiences(connection, meanwhile)
            before = lead(sum(told.values()), self._context.rules.send_rate, self._context.rules.alert_lead)
            if moved:
                found = await groups.of_item(connection, item_id)
                assert found is not None
                for wave in plan_alerts(opens_at, now, before):
                    await campaigns.add(connection, wave.kind, found.id, revision, wave.due_at, wave.expires_at)
            fresh = await items.by_id(connection, item_id)
            assert fresh is not None
        audience = told.get(item_id, 0)
        rules, everyone, left = self._context.rules, sum(told.values()), (opens_at - now).total_seconds()
        fits = everyone / rules.send_rate <= left
        helps = rules.paid_rate is not None and everyone / rules.paid_rate <= left
        price = audience if helps and not fits else None
        return Scheduled(fresh, opens_at, audience, before, revision, changed, fits, price)

    async def _store(
        self,
        connection: AsyncConnection,
        item: Item,
        group: Any,
        opens_at: datetime,
        url: str,
        actor: str,
        now: datetime,
    ) -> int:
        if group is None:
            await items.move(
                connection, item.id, item.state, steps_between(item.state, ItemState.SCHEDULED), actor, now
            )
            await groups.add(connection, item_id=item.id, opens_at=opens_at, url=url, actor=actor, scheduled_at=now)
            await display_changed(connection)
            return 1
        revision: int = group.revision
        if group.opens_at != opens_at:
            await notifications.cancel(connection, ABOUT_A_GROUP, group.id, "the time was changed")
            revision += 1
        elif group.url == url:
            return revision
        await groups.change(
            connection, group.id, opens_at=opens_at, url=url, revision=revision, actor=actor, scheduled_at=now
        )
        return revision

    async def next_alert(self) -> datetime | None:
        """When the next alert is due, or the next group opens."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return await campaigns.next_due(connection, now)

    async def tick(self, seconds: float = math.inf) -> int:
        """Open the groups whose time has come, and queue the notifications that are due. Returns how many were queued.

        Each step is a short transaction of its own and idempotent, so a kill between two of them loses nothing. What is
        not queued after so many seconds is left to the next tick.
        """
        until = self._context.clock.monotonic() + seconds
        now = self._context.clock.now()

        async def look(connection: AsyncConnection) -> tuple[Sequence[Any], Sequence[Any]]:
            held = await key_values.held_since(connection)
            return (
                await groups.to_open(connection, now),
                () if held else await campaigns.due(connection, now),
            )

        opening, due = await self._context.db.autocommit_read(look)
        failures: list[Exception] = []
        for group in opening:
            try:
                await self._open(group, now)
            except DatabaseUnavailable:
                raise
            except Exception as error:  # a failure does not stop the groups behind it
                failures.append(error)
        queued = await self._campaigns.queue(due, now, until, failures)
        if failures:
            raise failures[0]
        return queued

    async def _open(self, group: Any, now: datetime) -> None:
        async with self._context.db.write() as connection:
            if await groups.open_now(connection, group.id, now):
                await items.move(connection, group.item_id, ItemState.SCHEDULED, [ItemState.OPEN], "clock", now)


async def _opening_about(connection: AsyncConnection, opens_at: datetime) -> set[int]:
    """The items whose groups share the allowed rate with one that opens at this moment."""
    return set(await groups.items_opening(connection, opens_at - TOGETHER, opens_at + TOGETHER))


def _why_not(item: Item | None, opens_at: datetime, now: datetime, even_late: bool) -> ScheduleRefusal | None:
    if item is None:
        return ScheduleRefusal.UNKNOWN_ITEM
    if item.state is ItemState.OPEN:
        return ScheduleRefusal.OPEN_ALREADY
    if item.state in (ItemState.REGISTERED, ItemState.PASSED):
        return ScheduleRefusal.NOT_SHOWN_YET
    if item.state in (ItemState.REJECTED, ItemState.EXPIRED, ItemState.REFUSED):
        return ScheduleRefusal.ENDED
    if never := ScheduleRefusal.at(opens_at, now):
        return never
    if item.closes_at is not None and opens_at > item.closes_at + OPENS_WITHIN and not even_late:
        return ScheduleRefusal.LATER_THAN_PROMISED
    return None

"""Scheduling groups and telling their people (R6, R16, R24, R26)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.campaigns import CampaignState
from domain.chats import PICKS
from domain.goods import Item, ItemState, steps_between
from domain.notifications import ABOUT_A_GROUP, FOR_CHATS, PRIORITY, NotificationKind, plan_alerts
from domain.rate_limit import lead
from services.context import ServiceContext
from services.rounds import display_changed
from storage import campaign_queueing, campaigns, chats, groups, items, notifications, votes
from storage.db import advisory_lock
from storage.errors import DatabaseUnavailable

BATCH = 1_000
"""Letters queued in one transaction: few enough that taps hardly wait for it, many enough for a million in a minute."""

TOGETHER = timedelta(hours=1)
"""Groups that open no farther apart than this share the allowed rate, and so their lead."""

OPENS_WITHIN = timedelta(days=14)
"""A chosen item opens within two weeks of the end of its round (R6)."""


MOST_AHEAD = timedelta(days=366)
"""No group is scheduled farther ahead: such a time is a slip of the pen, and would be promised to people."""


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
    """Groups and the news about them."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def find(self, ref: str) -> Item | None:
        """The newest turn of the good with this reference."""
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
        """Schedule, or move, the group of an item; its people are told in the same breath (R24).

        `opens_at` is aware. The page of the group is `url`, else the item's shop page. A changed time replaces what
        is still unsent; those already told get one correction. Another address alone is no news: letters to come
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
        """Open the groups whose time has come, and queue the letters that are due. Returns how many were queued.

        Each step is its own short transaction and done once, so a kill between any two of them loses nothing. After so
        many seconds the letters that are left are the next tick's, which goes on from there.
        """
        until = self._context.clock.monotonic() + seconds
        now = self._context.clock.now()

        async def look(connection: AsyncConnection) -> tuple[Sequence[Any], Sequence[Any]]:
            held = await campaigns.hold(connection)
            return (
                await groups.to_open(connection, now),
                () if held else await campaigns.due(connection, now),
            )

        opening, due = await self._context.db.autocommit_read(look)
        queued = 0
        failures: list[Exception] = []
        for group in opening:
            try:
                await self._open(group, now)
            except DatabaseUnavailable:
                raise
            except Exception as error:  # one that cannot be done keeps none from those behind it
                failures.append(error)
        for _, equal in groupby(due, lambda campaign: PRIORITY[NotificationKind(campaign.kind)]):
            queued += await self._queue(equal, now, until, failures)
        if failures:
            raise failures[0]
        return queued

    async def _open(self, group: Any, now: datetime) -> None:
        async with self._context.db.write() as connection:
            if await groups.open_now(connection, group.id, now):
                await items.move(connection, group.item_id, ItemState.SCHEDULED, [ItemState.OPEN], "clock", now)

    async def _queue(self, equal: Iterable[Any], now: datetime, until: float, failures: list[Exception]) -> int:
        """Queue the letters of campaigns that are equally urgent, a batch of each in turn: few wait for many.

        Each batch is a transaction; how far a campaign came is stored with its letters.
        """
        queued, turns = 0, deque(campaign.id for campaign in equal)
        while turns:
            campaign_id = turns.popleft()
            try:
                # Together with whoever taps meanwhile: they wait for a batch, not for a place between two.
                number, more = await self._context.db.batch_write(
                    partial(self._queue_some, campaign_id=campaign_id, now=now), long=True
                )
                queued += number
                if more:
                    turns.append(campaign_id)
            except DatabaseUnavailable:
                raise
            except Exception as error:
                failures.append(error)
            if self._context.clock.monotonic() >= until:
                break
        return queued

    async def _queue_some(self, connection: AsyncConnection, campaign_id: int, now: datetime) -> tuple[int, bool]:
        """Queue a batch; returns how many letters it was, and whether there may be more."""
        campaign = await campaigns.waiting(connection, campaign_id)
        if campaign is None:  # withdrawn, or queued by another process
            return 0, False
        if campaign.expires_at <= now:
            await campaigns.change(connection, campaign_id, state=CampaignState.EXPIRED)
            return 0, False
        queued = await self._queue_for_chats(connection, campaign, now) if campaign.cursor == 0 else 0
        audience = await self._audience_of(connection, campaign)
        number, last = await campaign_queueing.queue_notifications(connection, campaign, audience, now, BATCH)
        if last is None:
            await campaigns.change(connection, campaign_id, state=CampaignState.QUEUED)
        else:
            await campaigns.change(connection, campaign_id, cursor=last, queued=campaign.queued + number)
        return queued + number, last is not None

    async def _queue_for_chats(self, connection: AsyncConnection, campaign: Any, now: datetime) -> int:
        """What bound chats are told: a round's picks, and that a group is scheduled or open. They come first: few wait
        for many."""
        kind = NotificationKind(campaign.kind)
        if kind not in FOR_CHATS:
            return 0
        numbers = range(1, PICKS + 1) if kind is NotificationKind.CAROUSEL else [campaign.revision]
        return sum(
            [
                await chats.queue_letters(connection, kind, campaign.subject, number, now, campaign.expires_at)
                for number in numbers
            ]
        )

    async def _audience_of(self, connection: AsyncConnection, campaign: Any) -> campaign_queueing.Audience | None:
        """Who is told: None means every member with carousels on."""
        if campaign.kind == NotificationKind.CAROUSEL:
            return None
        if (
            campaign.kind == NotificationKind.ITEM_RELISTED
        ):  # whoever follows it has lost nothing; a vote has to be cast anew (R16)
            return campaign_queueing.Audience(
                await items.earlier_listings(connection, campaign.subject), followers=False
            )
        if campaign.kind in (NotificationKind.ITEM_REJECTED, NotificationKind.ITEM_EXPIRED):
            return campaign_queueing.Audience((campaign.subject,))
        group = await groups.by_id(connection, campaign.subject)
        assert group is not None, "a campaign about a group is stored with it"
        return campaign_queueing.Audience((group.item_id,))


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

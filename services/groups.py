"""Decisions on items: groups are scheduled and opened, items are rejected or expire (R5, R6, R16, R24, R26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.goods import ENDS, Item, ItemState, WhyOut, steps_between
from domain.notifications import ABOUT_A_GROUP, NEWS_FOR, NotificationKind, plan_alerts
from domain.rate_limit import lead
from domain.reach import NO_REACH, Reach, SameHours, Wait, reach
from services.alert_load import alerts_fit
from services.ballots import return_ballots, return_ballots_soon
from services.context import Every, ServiceContext
from services.rounds import display_changed
from storage import campaigns, groups, items, notifications
from storage.canvassing import cards
from storage.db import advisory_lock
from storage.db.errors import DatabaseUnavailable
from storage.groups import Group

SAME_TIME = timedelta(hours=1)
"""Groups that open no farther apart than this share the allowed rate, and so their lead."""
OPENS_WITHIN = timedelta(days=14)
"""The group of a chosen item opens within two weeks of the end of its round (R6)."""
MOST_AHEAD = timedelta(days=366)
"""No group is scheduled farther ahead: such a time is a typing error, and members would be notified of it."""
EXPIRY_INTERVAL = timedelta(minutes=1)
MOST_AT_ONCE = 100
"""Items that expire in one transaction: few enough that taps do not wait noticeably."""


class ScheduleRefusal(StrEnum):
    """Why a group cannot be scheduled so."""

    UNKNOWN_ITEM = "unknown-item"
    IN_THE_PAST = "in-the-past"
    TOO_FAR = "too-far"
    NOT_SHOWN_YET = "not-shown-yet"
    ENDED = "ended"
    OPEN_ALREADY = "open-already"
    LATER_THAN_PROMISED = "later-than-promised"
    MOVED_MEANWHILE = "moved-meanwhile"

    @classmethod
    def at(cls, opens_at: datetime, now: datetime) -> ScheduleRefusal | None:
        """Why no group at all can be scheduled at this moment (both aware); None where one could."""
        if opens_at <= now:
            return cls.IN_THE_PAST
        return cls.TOO_FAR if opens_at - now > MOST_AHEAD else None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an organiser saw when they decided: the group's time (aware, in whole minutes), None without a group."""

    opens_at: datetime | None

    def is_still(self, opens_at: datetime | None) -> bool:
        """Whether the group still has that time."""
        return self.opens_at == (opens_at and opens_at.replace(second=0, microsecond=0))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What scheduling a group would do: who would be told when of the first alert, and how long before the opening of
    the next. `item` has the time that it replaces."""

    item: Item
    opens_at: datetime
    reach: Reach
    lead: timedelta


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A group with its time, the number of people who will be notified, and how long before it the alerts begin.

    `revision` counts the announced times; `changed` is False when exactly this was scheduled before. `fits` is False
    where its alerts, or those of others because of them, cannot all be sent in time. `price` is then the number of
    messages to pay for so that it fits; None where paying is not possible or would not help. `reach` says when they
    hear of it first; where only the address has changed, not the time (`moved`), they do not. `before` is the time that
    was replaced.
    """

    item: Item
    opens_at: datetime
    audience: int
    lead: timedelta
    revision: int
    changed: bool
    fits: bool
    price: int | None = None
    reach: Reach = NO_REACH
    before: datetime | None = None
    moved: bool = True


class RejectionRefusal(StrEnum):
    """Why an item cannot be rejected."""

    UNKNOWN_ITEM = "unknown-item"
    OPEN_ALREADY = "open-already"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that has just been rejected, and how many people are notified."""

    item: Item
    notified: int


@dataclass(frozen=True, slots=True)
class By:
    """Who takes an item out, when (aware), and whether the ballots of its votes return."""

    actor: str
    now: datetime
    return_ballots: bool


async def take_out(connection: AsyncConnection, item: Item, reason: str, by: By) -> bool:
    """End an item for good in the caller's transaction, which has locked its number: its group is cancelled, what is
    unsent about that is withdrawn, and its ballots return from now on. False where it has moved on meanwhile."""
    steps, back = [ItemState.REJECTED], by.return_ballots
    if not await items.move(connection, item.id, item.state, steps, by.actor, by.now, reason, return_ballots=back):
        return False
    group = await groups.of_item(connection, item.id)
    if group is not None and await groups.cancel(connection, group.id, by.now):
        await notifications.cancel(connection, ABOUT_A_GROUP, group.id, "the group was cancelled")
    if item.state is ItemState.ON_DISPLAY:
        await display_changed(connection)
    await cards.reopen(connection, item.id)
    return True


class Groups:
    """Use cases of items after their round. Votes stay in the count and in the history; the ballots of an item that
    ends without a group return (R5)."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._expiries = Every(EXPIRY_INTERVAL)

    async def find(self, ref: str) -> Item | None:
        """The newest listing of the good with this reference."""
        async with self._context.db.read() as connection:
            return await items.by_ref(connection, ref)

    async def proposal(self, item_id: int, opens_at: datetime) -> Proposal | None:
        """What scheduling an item's group at this moment (aware) would do (R24, R31); None for an unknown item."""
        async with self._context.db.read() as connection:
            item = await items.by_id(connection, item_id)
            if item is None:
                return None
            audiences = await campaigns.audiences(connection, {item_id, *await _opening_about(connection, opens_at)})
            hours = await campaigns.audience_by_hours(connection, item_id)
        before = self._lead(audiences)
        return Proposal(item, opens_at, self._reach(hours, opens_at, before, item.group_opens_at), before)

    def _lead(self, audiences: Mapping[int, int]) -> timedelta:
        return lead(sum(audiences.values()), self._context.rules.send_rate, self._context.rules.alert_lead)

    def _reach(
        self, hours: Sequence[SameHours], opens_at: datetime, before: timedelta, replaced: datetime | None
    ) -> Reach:
        """Who hears of the first alert when (R24): it waits for the end of quiet hours where that leaves the lead, and
        where no opening that was announced before passes meanwhile."""
        now, rules = self._context.clock.now(), self._context.rules
        at_most = opens_at - before
        if replaced is not None and now < replaced < at_most:
            at_most = replaced
        return reach(hours, now, rules.zone, rules.quiet_hours, Wait(opens_at, at_most))

    async def schedule(
        self,
        item_id: int,
        opens_at: datetime,
        url: str | None,
        actor: str,
        *,
        even_late: bool = False,
        seen: Seen | None = None,
    ) -> Scheduled | ScheduleRefusal:
        """Schedule, or move, the group of an item; the alerts are stored in the same transaction (R24).

        `opens_at` is aware. The group's page is `url`, else the item's shop page. A changed time replaces unsent
        notifications; members who were notified before get one correction. A changed address alone is not announced:
        later alerts carry it. Later than two weeks after the round needs `even_late` (R6). With `seen`, a group that
        got another time since is not moved.
        """
        now = self._context.clock.now()
        # A large audience takes long to count: outside of the write transaction, for which votes would wait.
        async with self._context.db.read() as connection:
            restored_at = await items.restored_at(connection, item_id)
            wished = _Wished(opens_at, now, even_late, restored_at)
            refused = _why_not_schedule(await items.by_id(connection, item_id), wished)
            if refused is not None:
                return refused
            counted = {item_id, *await _opening_about(connection, opens_at)}
            audiences = await campaigns.audiences(connection, counted)
            hours = await campaigns.audience_by_hours(connection, item_id)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, f"item {item_id}")
            item = await items.by_id(connection, item_id)
            refused = _why_not_schedule(item, wished)
            if refused is not None:
                return refused
            assert item is not None
            group = await groups.of_item(connection, item_id)
            planned = group if group is not None and group.cancelled_at is None else None
            if planned is not None and planned.opens_at != opens_at and seen and not seen.is_still(planned.opens_at):
                return ScheduleRefusal.MOVED_MEANWHILE
            address = url or (planned.url if planned else item.url)
            moved = planned is None or planned.opens_at != opens_at
            changed = moved or (planned is not None and planned.url != address)
            group_id, revision = await self._store(connection, item, group, opens_at, address, actor, now)
            if meanwhile := await _opening_about(connection, opens_at) - counted:
                audiences |= await campaigns.audiences(connection, meanwhile)
            before = self._lead(audiences)
            for alert in plan_alerts(opens_at, now, before) if moved else ():
                await campaigns.add(connection, alert.kind, group_id, revision, alert.due_at, alert.expires_at)
            if moved:
                await cards.reopen(connection, item_id)
            fresh = await items.by_id(connection, item_id)
            assert fresh is not None
        audience = audiences.get(item_id, 0)
        rules, messages, left = self._context.rules, sum(audiences.values()), (opens_at - now).total_seconds()
        helps = rules.paid_rate is not None and messages / rules.paid_rate <= left
        replaced = planned.opens_at if planned is not None and moved else None
        told = self._reach(hours, opens_at, before, replaced) if moved else NO_REACH
        async with self._context.db.read() as connection:
            fits = await alerts_fit(connection, rules, group_id, told, now)
        price = audience if helps and not fits else None
        return Scheduled(fresh, opens_at, audience, before, revision, changed, fits, price, told, replaced, moved)

    async def _store(
        self,
        connection: AsyncConnection,
        item: Item,
        group: Group | None,
        opens_at: datetime,
        url: str,
        actor: str,
        now: datetime,
    ) -> tuple[int, int]:
        """Store the group; returns its number and revision."""
        values = {"opens_at": opens_at, "url": url, "actor": actor, "scheduled_at": now}
        if group is None or group.cancelled_at is not None:
            steps = steps_between(item.state, ItemState.SCHEDULED)
            await items.move(connection, item.id, item.state, steps, actor, now)
            await display_changed(connection)
        if group is None:
            return await groups.add(connection, item_id=item.id, **values), 1
        revision = group.revision
        if group.cancelled_at is not None:
            revision += 1
            values["cancelled_at"] = None
        elif group.opens_at != opens_at:
            await notifications.cancel(connection, ABOUT_A_GROUP, group.id, "the time was changed")
            revision += 1
        elif group.url == url:
            return group.id, revision
        await groups.change(connection, group.id, revision=revision, **values)
        return group.id, revision

    async def next_alert(self) -> datetime | None:
        """When the next alert is due, or the next group opens."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return await campaigns.next_due(connection, now)

    async def reject(self, item_id: int, why: WhyOut, actor: str) -> Rejected | RejectionRefusal:
        """End an item for good and notify its voters and followers of the reason (R5). A scheduled group is cancelled,
        its unsent notifications are withdrawn, and the ballots of its votes return."""
        now = self._context.clock.now()
        # A large audience takes long to count: outside of the write transaction, for which votes would wait.
        async with self._context.db.read() as connection:
            refused = _why_not_reject(await items.by_id(connection, item_id))
            if refused is not None:
                return refused
            notified = (await campaigns.audiences(connection, [item_id])).get(item_id, 0)
        async with self._context.db.write() as connection:
            await advisory_lock(connection, f"item {item_id}")
            item = await items.by_id(connection, item_id)
            refused = _why_not_reject(item)
            if refused is not None:
                return refused
            assert item is not None
            by = By(actor, now, self._context.rules.return_ballots)
            if not await take_out(connection, item, why, by):
                return RejectionRefusal.ENDED
            await _notify(connection, NotificationKind.ITEM_REJECTED, item.id, now)
        await return_ballots_soon(self._context)
        return Rejected(item, notified)

    async def tick(self) -> None:
        """Open the groups whose time has come, expire items, return ballots; called at each tick of the scheduler."""
        try:
            await self.open_due()
        finally:
            await self.expire()
            await return_ballots(self._context)

    async def open_due(self) -> None:
        """Open the groups whose time has come, each in its own transaction; idempotent. A group that fails does not
        stop the others; the first error is raised at the end."""
        now = self._context.clock.now()
        failures: list[Exception] = []
        for group in await self._context.db.autocommit_read(lambda connection: groups.to_open(connection, now)):
            try:
                await self._open(group, now)
            except DatabaseUnavailable:
                raise
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def _open(self, group: Group, now: datetime) -> None:
        async with self._context.db.write() as connection:
            if await groups.mark_open(connection, group.id, now):
                await items.move(connection, group.item_id, ItemState.SCHEDULED, [ItemState.OPEN], "clock", now)
                await cards.reopen(connection, group.item_id)

    async def expire(self) -> int:
        """Expire items without a decision within two weeks of their round, or of an appeal that brought them back, and
        notify their voters and followers (R6); idempotent. Returns how many expired."""
        now = self._context.clock.now()
        if not self._expiries.due(now):
            return 0
        async with self._context.db.read() as connection:
            over = await items.undecided(connection, now - OPENS_WITHIN, MOST_AT_ONCE)
        if not over:
            return 0
        if len(over) == MOST_AT_ONCE:
            self._expiries.soon()
        async with self._context.db.write() as connection:
            with_people = await campaigns.with_audience(connection, [item.id for item in over])
            expired = sum([await self._expire(connection, item, item.id in with_people, now) for item in over])
        await return_ballots(self._context)
        return expired

    async def _expire(self, connection: AsyncConnection, item: Item, notify: bool, now: datetime) -> bool:
        reason = f"nobody decided within {OPENS_WITHIN.days} days"
        steps, back = [ItemState.EXPIRED], self._context.rules.return_ballots
        moved = await items.move(connection, item.id, item.state, steps, "clock", now, reason, return_ballots=back)
        if moved:
            await cards.reopen(connection, item.id)
        if moved and notify:
            await _notify(connection, NotificationKind.ITEM_EXPIRED, item.id, now)
        return moved


async def _opening_about(connection: AsyncConnection, opens_at: datetime) -> set[int]:
    """The items whose groups share the allowed rate with one that opens at this moment."""
    return set(await groups.opening_between(connection, opens_at - SAME_TIME, opens_at + SAME_TIME))


class _Wished(NamedTuple):
    """The time at which a group shall open (all aware). `restored_at` is when an appeal brought the good back."""

    opens_at: datetime
    now: datetime
    even_late: bool
    restored_at: datetime | None


def _why_not_schedule(item: Item | None, wished: _Wished) -> ScheduleRefusal | None:
    opens_at = wished.opens_at
    if item is None:
        return ScheduleRefusal.UNKNOWN_ITEM
    if item.state is ItemState.OPEN:
        return ScheduleRefusal.OPEN_ALREADY
    if item.state in (ItemState.REGISTERED, ItemState.PASSED):
        return ScheduleRefusal.NOT_SHOWN_YET
    if item.state in ENDS:
        return ScheduleRefusal.ENDED
    if never := ScheduleRefusal.at(opens_at, wished.now):
        return never
    since = max(filter(None, (item.closes_at, wished.restored_at)), default=None)
    if since is not None and opens_at > since + OPENS_WITHIN and not wished.even_late:
        return ScheduleRefusal.LATER_THAN_PROMISED
    return None


def _why_not_reject(item: Item | None) -> RejectionRefusal | None:
    if item is None:
        return RejectionRefusal.UNKNOWN_ITEM
    if item.state is ItemState.OPEN:
        return RejectionRefusal.OPEN_ALREADY
    return RejectionRefusal.ENDED if item.state in ENDS else None


async def _notify(connection: AsyncConnection, kind: NotificationKind, item_id: int, now: datetime) -> None:
    revision = await campaigns.next_revision(connection, kind, item_id)  # a granted appeal brings a good back
    await campaigns.add(connection, kind, item_id, revision, now, now + NEWS_FOR)

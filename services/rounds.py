"""Rounds: opening and closing by the clock, special rounds, and the days on which they open (R7, R8, R13)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Window
from domain.notifications import NotificationKind
from domain.reach import Reach, Wait, reach
from domain.voting import voting_day_of
from services.context import ServiceContext
from services.transparency.rounds import post_figures
from storage import campaigns, display, items, key_values, people
from storage.brushing import evidence
from storage.db import advisory_lock
from storage.retention import personal_data


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """A round that was opened."""

    round_id: int
    opens_at: datetime
    closes_at: datetime
    items: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of the display, for the desk; and how many cases there are, and how many of them are undecided.
    `kept_back` are goods that the next round does not display, because their shops are banned."""

    on_display: int
    waiting: int
    members: int
    next_opening: datetime
    cases: int = 0
    undecided: int = 0
    kept_back: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """One date in the platform's time zone. `window` is the round that opens on it, if any.

    `usual` says whether it is a working day in the country's calendar; `own`, whether organisers have decided on it.
    """

    day: date
    window: Window | None
    usual: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """The effect of a decision on the open round: `goods` would close at `after` instead of `before`."""

    goods: int
    before: datetime
    after: datetime


async def display_changed(connection: AsyncConnection) -> None:
    """Make every process read the display again."""
    await key_values.set(connection, "display_version", secrets.token_hex(6))


class Rounds:
    """Use cases of rounds."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def tick(self) -> RoundOpened | None:
        """Close rounds that have ended and open the one that is due; idempotent (R8)."""
        now = self._context.clock.now()
        calendar = await self._context.db.autocommit_read(partial(self._context.calendar, fresh=True))
        due, closes_at = calendar.last_opening(now), calendar.next_opening(now)

        async def look(connection: AsyncConnection) -> tuple[bool, bool]:
            newest = await display.newest_round(connection, special=False)
            over = await display.rounds_to_close(connection, now)
            until = await display.closes_at(connection, now)
            missing = newest is None or newest.opens_at < due
            return missing, missing or bool(over) or until not in (None, closes_at)

        missing, anything = await self._context.db.autocommit_read(look)
        if not anything:
            return None
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "rounds")
            if missing:
                await display.end_before(connection, due)
            closed = await self._close(connection, now)
            await display.follow_calendar(connection, now, closes_at)
            opened = await self._open(connection, due, closes_at, special=False, now=now) if missing else None
            if closed and opened is None:  # last: who takes an item off the display has locked that before
                await display_changed(connection)
            return opened

    async def open_special(self) -> RoundOpened | None:
        """Open a round now with the waiting items; None without any. It closes with the current round."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "rounds")
            calendar = await self._context.calendar(connection, fresh=True)
            if not await items.waiting(connection, now):
                return None
            return await self._open(connection, now, calendar.next_opening(now), special=True, now=now)

    async def _close(self, connection: AsyncConnection, now: datetime) -> bool:
        """Close the rounds that have ended; whether there was one. The caller then says that the display changed."""
        closed: list[int] = []
        for round_id in await display.rounds_to_close(connection, now):
            if await display.close_round(connection, round_id, now):
                closed.append(round_id)
                await items.take_verdicts_in(connection, round_id)
                await items.end_display(connection, round_id, now)
        if closed:
            await post_figures(connection, self._context, closed, now)
        today = voting_day_of(now, self._context.rules.zone, self._context.rules.opens_at).day
        await personal_data.clear(connection, today, now)
        return bool(closed)

    async def _open(
        self, connection: AsyncConnection, opens_at: datetime, closes_at: datetime, *, special: bool, now: datetime
    ) -> RoundOpened | None:
        round_id = await display.open_round(connection, opens_at, closes_at, special, now)
        if round_id is None:
            return None
        levels = [level for _, _, level in await items.on_display(connection, now)]
        actor = "organiser" if special else "clock"
        number = await items.display_passed(connection, round_id, opens_at, min(levels, default=0), actor, now)
        if number:
            await campaigns.add(connection, NotificationKind.CAROUSEL, round_id, 1, now, closes_at)
            for item_id in await items.returned_in(connection, round_id):
                await campaigns.add(connection, NotificationKind.ITEM_RELISTED, item_id, 1, now, closes_at)
        await display_changed(connection)
        return RoundOpened(round_id, opens_at, closes_at, number)

    async def overview(self) -> Overview:
        """Items on display, items waiting for the next round, members, cases."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            shown = await items.display_counts(connection, now)
            next_opening = calendar.next_opening(now)
            waiting = await items.waiting(connection, next_opening)
            kept_back = await items.kept_back(connection, next_opening)
            members = await people.count(connection)
            cases = await evidence.counts(connection)
        return Overview(sum(shown.values()), waiting, members, next_opening, cases.all, cases.undecided, kept_back)

    async def reach(self) -> Reach:
        """Whom a round that opens now would notify, and when: reachable members with the carousel on (R13, R27)."""
        now, rules = self._context.clock.now(), self._context.rules
        async with self._context.db.read() as connection:
            closes_at = (await self._context.calendar(connection, fresh=True)).next_opening(now)
            takers = await people.by_hours(connection, people.TAKES_CAROUSELS)
        return reach(takers, now, rules.zone, rules.quiet_hours, Wait(closes_at))

    async def preview(self, days: int = 30) -> list[Window]:
        """The rounds of the coming days (R7)."""
        return (await self._context.fresh_calendar()).preview(self._context.clock.now(), days)

    async def note_clock(self, offset_seconds: float) -> None:
        """Store the offset of the local chat's clock from real time, for commands in other processes."""
        async with self._context.db.write() as connection:
            await key_values.set(connection, "clock_offset", str(offset_seconds))

    async def clock_offset(self) -> timedelta:
        """The stored offset of the local chat's clock from real time."""
        async with self._context.db.read() as connection:
            return timedelta(seconds=float(await key_values.get(connection, "clock_offset") or 0))

    async def next_opening(self) -> datetime:
        """When the next regular round opens."""
        return (await self._context.fresh_calendar()).next_opening(self._context.clock.now())

    async def coming_days(self, number: int) -> list[Day]:
        """The next `number` days whose opening times are still to come."""
        calendar = await self._context.fresh_calendar()
        first = calendar.next_day(self._context.clock.now())
        usual = calendar.without_own()
        coming = []
        for day in (first + timedelta(days=n) for n in range(number)):
            opening = calendar.opening_on(day)
            window = Window(opening, calendar.next_opening(opening)) if opening else None
            coming.append(Day(day, window, usual.is_working_day(day), day in calendar.added))
        return coming

    async def shift(self, day: date, working: bool | None) -> Shift | None:
        """The effect that `decide_day` would have on the open round; None where it has none."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            if day < calendar.next_day(now):
                return None
            goods = sum((await items.display_counts(connection, now)).values())
        before, after = calendar.next_opening(now), calendar.deciding(day, working).next_opening(now)
        return Shift(goods, before, after) if goods and before != after else None

    async def decide_day(self, day: date, working: bool | None, actor: str) -> bool:
        """Make a day a working day or a day off, at the next tick; None returns it to the calendar. False for a day
        whose opening time has passed."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            if day < calendar.next_day(now):
                return False
            await display.decide_day(connection, day, working, actor)
        return True

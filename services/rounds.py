"""Opening and closing rounds by the clock, and special rounds (R7, R8, R13)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Window
from domain.goods import ItemState
from domain.notifications import NotificationKind
from services.context import ServiceContext
from storage import campaigns, display, items, key_values, people
from storage.db import advisory_lock


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """A round that was opened."""

    round_id: int
    opens_at: datetime
    closes_at: datetime
    items: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers of the display, for the desk."""

    on_display: int
    waiting: int
    members: int
    next_opening: datetime


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
            await self._close(connection, now)
            await display.follow_calendar(connection, now, closes_at)
            if not missing:
                return None
            return await self._open(connection, due, closes_at, special=False, now=now)

    async def open_special(self) -> RoundOpened | None:
        """Open a round now with the waiting items; None without any. It closes with the current round."""
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            await advisory_lock(connection, "rounds")
            calendar = await self._context.calendar(connection, fresh=True)
            if not await items.any_passed(connection, now):
                return None
            return await self._open(connection, now, calendar.next_opening(now), special=True, now=now)

    async def _close(self, connection: AsyncConnection, now: datetime) -> None:
        for round_id in await display.rounds_to_close(connection, now):
            if await display.close_round(connection, round_id, now):
                await items.end_display(connection, round_id, now)
                await display_changed(connection)
        await people.clear_erased_hashes(connection)

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
        """Items on display, items waiting for the next round, members."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            shown = await items.display_counts(connection, now)
            waiting = await items.in_states(connection, [ItemState.PASSED])
            members = await people.count(connection)
        return Overview(sum(shown.values()), len(waiting), members, calendar.next_opening(now))

    async def audience(self) -> int:
        """The number of members whom the opening of a round would notify: reachable ones with the carousel on."""
        async with self._context.db.read() as connection:
            return await campaigns.carousel_takers(connection)

    async def preview(self, days: int = 30) -> list[Window]:
        """The rounds of the coming days (R7)."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
        return calendar.preview(now, days)

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
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            return (await self._context.calendar(connection, fresh=True)).next_opening(now)

"""Organisers' decisions about the days on which rounds open (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendar import Window
from services.context import ServiceContext
from storage import display, items


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


class Days:
    """The calendar of rounds. Changes take effect at the next tick of the scheduler."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def coming(self, number: int) -> list[Day]:
        """The next `number` days whose opening times are still to come."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
        first = calendar.next_day(now)
        usual = calendar.without_own()
        coming = []
        for day in (first + timedelta(days=n) for n in range(number)):
            opening = calendar.opening_on(day)
            window = Window(opening, calendar.next_opening(opening)) if opening else None
            coming.append(Day(day, window, usual.is_working_day(day), day in calendar.added))
        return coming

    async def shift(self, day: date, working: bool | None) -> Shift | None:
        """The effect that `decide` would have on the open round; None where it has none."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            if day < calendar.next_day(now):
                return None
            goods = sum((await items.display_counts(connection, now)).values())
        before, after = calendar.next_opening(now), calendar.deciding(day, working).next_opening(now)
        return Shift(goods, before, after) if goods and before != after else None

    async def decide(self, day: date, working: bool | None, actor: str) -> bool:
        """Make a day a working day or a day off; None returns it to the calendar.

        False for a day whose opening time has passed.
        """
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            if day < calendar.next_day(now):
                return False
            await display.decide_day(connection, day, working, actor)
        return True

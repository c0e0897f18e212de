"""The days on which organisers want a round, or none, whatever the country's calendar says (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendar import Window
from services.context import ServiceContext
from storage import display, items


@dataclass(frozen=True, slots=True)
class Day:
    """One date of the platform's zone. `window` is the round that opens on it, if one does.

    `usual` is what the country's calendar says of it; `own` says that organisers decided otherwise or the same.
    """

    day: date
    window: Window | None
    usual: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """What deciding on a day would do to what is on display: so many goods would close at another moment."""

    goods: int
    before: datetime
    after: datetime


class Days:
    """The calendar, for those who may change it. Rounds follow at the next tick."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def coming(self, number: int) -> list[Day]:
        """The next day whose opening is still to come and the days after it, so many in all."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
        first = calendar.next_day(now)
        usual = calendar.without_own()
        found = []
        for day in (first + timedelta(days=n) for n in range(number)):
            opening = calendar.opening_on(day)
            window = Window(opening, calendar.next_opening(opening)) if opening else None
            found.append(Day(day, window, usual.is_working_day(day), day in calendar.added))
        return found

    async def shift(self, day: date, working: bool | None) -> Shift | None:
        """What `decide` would do to the open round; None where it moves nothing that is on display."""
        now = self._context.clock.now()
        async with self._context.db.read() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            if day < calendar.next_day(now):
                return None
            goods = sum((await items.display_counts(connection, now)).values())
        before, after = calendar.next_opening(now), calendar.deciding(day, working).next_opening(now)
        return Shift(goods, before, after) if goods and before != after else None

    async def decide(self, day: date, working: bool | None, actor: str) -> bool:
        """Make a day a working day or a day off; None leaves it to the calendar again.

        False for a day whose opening time is over: its round is open, or the moment for one has passed.
        """
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            calendar = await self._context.calendar(connection, fresh=True)
            if day < calendar.next_day(now):
                return False
            await display.decide_day(connection, day, working, actor)
        return True

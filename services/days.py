"""The days on which organisers want a round, or none, whatever the country's calendar says (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import Window
from services.house import House
from storage import display


@dataclass(frozen=True, slots=True)
class Day:
    """One date of the platform's zone. `window` is the round that opens on it, if one does.

    `usual` is what the country's calendar says of it; `own` says that organisers decided otherwise or the same.
    """

    day: date
    window: Window | None
    usual: bool
    own: bool


class Days:
    """The calendar, for those who may change it. Rounds follow at the next tick."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def coming(self, number: int) -> list[Day]:
        """Today and the days after it, so many in all."""
        now = self._house.clock()
        async with self._house.db.read() as connection:
            calendar = await self._house.calendar(connection, fresh=True)
        today = now.astimezone(calendar.zone).date()
        usual = calendar.without_own()
        found = []
        for day in (today + timedelta(days=n) for n in range(number)):
            opening = calendar.opening_on(day)
            window = Window(opening, calendar.next_opening(opening)) if opening else None
            found.append(Day(day, window, usual.is_working_day(day), day in calendar.added))
        return found

    async def decide(self, day: date, working: bool | None, actor: str) -> bool:
        """Make a day a working day or a day off; None leaves it to the calendar again. False for a day that is over."""
        now = self._house.clock()
        if day < now.astimezone(self._house.rules.zone).date():
            return False
        async with self._house.db.write() as connection:
            await display.decide_day(connection, day, working, actor)
        return True

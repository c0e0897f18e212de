"""When rounds begin and end (R7, R8).

Everything starts from local dates: a round opens on a working day's date at one wall-clock time, and only then is that
moment turned into UTC. So a clock change never skips an opening and never repeats one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from types import MappingProxyType
from zoneinfo import ZoneInfo

NO_HOLIDAYS = "NONE"
"""The country code of a calendar without holidays: only Saturdays and Sundays are days off."""

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Window:
    """A round's time on display, in UTC; the closing is exclusive."""

    opens_at: datetime
    closes_at: datetime

    @property
    def duration(self) -> timedelta:
        """The elapsed time: a round across a clock change is an hour longer or shorter."""
        return self.closes_at - self.opens_at


@dataclass(frozen=True)
class Calendar:
    """The openings of rounds by the clock of one zone. Make one with `calendar_of`.

    Every `now` must be aware (else ValueError) and may be in any zone; every moment returned is in UTC.
    """

    country: str
    zone: ZoneInfo
    opens_at: time
    added: Mapping[date, bool] = field(hash=False)

    def is_working_day(self, day: date) -> bool:
        """Whether a round opens on this date: by the organisers' decision, else by the country's calendar (R7)."""
        decided = self.added.get(day)
        return day not in _days_off(self.country, day.year) if decided is None else decided

    def without_own(self) -> Calendar:
        """The country's calendar alone."""
        return replace(self, added=MappingProxyType({}))

    def opening_on(self, day: date) -> datetime | None:
        """The moment at which a round opens on this local date, or None where none does."""
        return self._begins(day) if self.is_working_day(day) else None

    def deciding(self, day: date, working: bool | None) -> Calendar:
        """This calendar as it would be after organisers decided on a day; None leaves the day to the country's."""
        others = {known: decided for known, decided in self.added.items() if known != day}
        return replace(self, added=MappingProxyType(others if working is None else {**others, day: working}))

    def next_day(self, now: datetime) -> date:
        """The first local date whose opening time is still to come, whether or not a round opens on it."""
        return next(day for day in _days(self._today(now), step=1) if self._begins(day) > now)

    def last_opening(self, now: datetime) -> datetime:
        """The newest opening that is not after `now`."""
        # From the day after: where the clock goes back over midnight, tomorrow's opening can have passed.
        days = _days(self._today(now) + _DAY, step=-1)
        return next(opening for day in days if (opening := self.opening_on(day)) is not None and opening <= now)

    def next_opening(self, now: datetime) -> datetime:
        """The first opening after `now`."""
        days = _days(self._today(now), step=1)
        return next(opening for day in days if (opening := self.opening_on(day)) is not None and opening > now)

    def window(self, now: datetime) -> Window:
        """The round that is open at `now`. The rounds follow each other without a gap."""
        return Window(self.last_opening(now), self.next_opening(now))

    def preview(self, now: datetime, days: int = 30) -> list[Window]:
        """The round that is open at `now`, and those that open in the next `days` times 24 hours (R7)."""
        windows = [self.window(now)]
        while windows[-1].closes_at <= now + days * _DAY:
            opens_at = windows[-1].closes_at
            windows.append(Window(opens_at, self.next_opening(opens_at)))
        return windows

    def _begins(self, day: date) -> datetime:
        return instant(self.zone, datetime.combine(day, self.opens_at))

    def _today(self, now: datetime) -> date:
        if now.tzinfo is None:
            raise ValueError("A time without a zone cannot be placed in the calendar.")
        return now.astimezone(self.zone).date()


def calendar_of(
    country: str = "CN",
    zone: ZoneInfo | None = None,
    opens_at: time = time(8),
    added: Mapping[date, bool] | None = None,
) -> Calendar:
    """Build the calendar of a country: its weekends, public holidays and published make-up working days (R7).

    `country` is a code of the package `holidays`, as "CN", or "NONE" for weekends only; else ValueError. `zone` is
    Asia/Shanghai unless given. `added` holds the organisers' decisions: True is a working day, False a day off. Where a
    year's days are not published yet, the known ones apply, at least weekends.
    """
    if opens_at.tzinfo is not None:
        raise ValueError("The opening time is a wall-clock time of the calendar's zone and has no zone of its own.")
    code = country.strip().upper() or NO_HOLIDAYS
    if code != NO_HOLIDAYS and not _is_known(code):
        raise ValueError(
            f"There is no holiday calendar for {country!r}: give a two-letter country code such as CN, "
            f"or {NO_HOLIDAYS} for a week of five working days."
        )
    decided = MappingProxyType(dict(added or {}))
    return Calendar(code, zone or ZoneInfo("Asia/Shanghai"), opens_at.replace(microsecond=0, fold=0), decided)


def _days(start: date, *, step: int) -> Iterator[date]:
    return (start + n * _DAY for n in count(0, step))


@lru_cache(maxsize=4096)
def instant(zone: ZoneInfo, wall: datetime) -> datetime:
    """The first moment at which the zone's clocks show `wall` or, where they jump over it, at which they go on."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # In a gap the two folds lie on either side of the jump: look for its second between them.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    second = timedelta(seconds=1)
    old_offset = before.astimezone(zone).utcoffset()
    while after - before > second:
        middle = before + (after - before) // (2 * second) * second
        if middle.astimezone(zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after


def _is_known(code: str) -> bool:
    import holidays  # Heavy, and not needed by a calendar without holidays.

    return code in holidays.list_supported_countries(include_aliases=True)


@lru_cache(maxsize=256)
def _days_off(country: str, year: int) -> frozenset[date]:
    """All days off of a year."""
    first = date(year, 1, 1).toordinal()
    dates = [date.fromordinal(first + n) for n in range((date(year, 12, 31).toordinal() - first) + 1)]
    if country == NO_HOLIDAYS:
        return frozenset(day for day in dates if day.weekday() >= _SATURDAY)
    import holidays

    known = holidays.country_holidays(country, years=year, expand=False)
    return frozenset(day for day in dates if not known.is_working_day(day))

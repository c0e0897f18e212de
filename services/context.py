"""What every service is given: the database, the clock, the numbers of the rules, and the way to other machines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as TimeOfDay
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Calendar, calendar_of
from domain.people import QuietHours
from domain.rate_limit import RateLimiter
from services.clock import Clock
from services.erasure_key import ErasureKey
from services.network.connections import DIRECT, Network
from services.notifications.send_slots import SendSlots
from services.presence import Presence
from storage import display
from storage.db import Database

NIGHT = QuietHours(TimeOfDay(22), TimeOfDay(8))
CALENDAR_HOLDS = 10.0
"""Seconds for which a process trusts the calendar that it read last."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the product's rules; money in fen, rates in messages a second.

    `paid_rate` is None where no message may be paid for; `backup_hours` is how long the bot's own copies of the
    database are kept, 0 where it makes none.
    """

    zone: ZoneInfo
    opens_at: TimeOfDay = TimeOfDay(8)
    calendar: str = "CN"
    page_size: int = 28
    votes_per_day: int = 5
    take_backs_per_day: int = 20
    double_tap: timedelta = timedelta(seconds=2)
    fen_per_ballot: int = 100_00
    welcome_ballots: int = 0
    return_ballots: bool = True
    alert_lead: timedelta = timedelta(minutes=30)
    send_rate: float = 25
    paid_rate: float | None = None
    quiet_hours: QuietHours = NIGHT
    organisers: frozenset[int] = frozenset()
    backup_hours: int = 0


class Every:
    """Limits work to once in an interval, also after the clock went back."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._last: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether the interval has passed since the last True."""
        if self._last is not None and timedelta(0) <= now - self._last < self._span:
            return False
        self._last = now
        return True

    def soon(self) -> None:
        """Be due at the next call."""
        self._last = None


class ServiceContext:
    """What the services share. Its only state is the calendar that was built last."""

    def __init__(
        self, db: Database, clock: Clock, rules: Rules, network: Network = DIRECT, erasure_secret: bytes | Path = b""
    ) -> None:
        self.db = db
        self.network = network
        self.clock = clock
        self.rules = rules
        self.erasure_key = ErasureKey(db, erasure_secret)
        self.presence = Presence(db, clock)
        self.rate_limiter = RateLimiter(rules.send_rate, rules.paid_rate)
        self.send_slots = SendSlots(db, clock, rules.send_rate, rules.paid_rate)
        self.card_send_slots = SendSlots(db, clock, rules.send_rate, rules.paid_rate)
        self._calendar: Calendar | None = None
        self._days: dict[date, bool] | None = None
        self._read_at = -CALENDAR_HOLDS

    async def calendar(self, connection: AsyncConnection, *, fresh: bool = False) -> Calendar:
        """The working days, with what organisers changed (R7); up to `CALENDAR_HOLDS` old unless `fresh`."""
        if self._calendar is not None and not fresh and self.clock.monotonic() - self._read_at < CALENDAR_HOLDS:
            return self._calendar
        days = await display.calendar_days(connection)
        self._read_at = self.clock.monotonic()
        if self._calendar is None or days != self._days:
            self._calendar = calendar_of(self.rules.calendar, self.rules.zone, self.rules.opens_at, days)
            self._days = days
        return self._calendar

    async def fresh_calendar(self) -> Calendar:
        """The calendar, read now."""
        async with self.db.read() as connection:
            return await self.calendar(connection, fresh=True)

"""Who hears of something when: at once, after their quiet hours, or not at all, as it is too late then (R24, R27)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.people import QuietHours


@dataclass(frozen=True, slots=True)
class SameHours:
    """So many members with the same quiet hours (None: the platform's). `alerts_wait`: alerts respect them, too."""

    quiet: QuietHours | None
    alerts_wait: bool
    number: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How many members are told at once, later (the first of them at `first_later`, aware), and never."""

    now: int = 0
    later: int = 0
    never: int = 0
    first_later: datetime | None = None

    @property
    def total(self) -> int:
        """All of them."""
        return self.now + self.later + self.never

    @property
    def tells(self) -> bool:
        """Whether anyone is told at all, at once or later."""
        return self.now + self.later > 0


NO_REACH = Reach()


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a notification is useful, and how long it may wait for the end of quiet hours (aware).

    With `at_most` it is sent at once, at night too, to those whose quiet hours end later; None always waits.
    """

    expires_at: datetime
    at_most: datetime | None = None


def reach(people: Iterable[SameHours], now: datetime, zone: ZoneInfo, usual: QuietHours, wait: Wait) -> Reach:
    """Who is told when, if it is sent now (aware)."""
    at_once = later = never = 0
    first: datetime | None = None
    for each in people:
        free = (each.quiet or usual).free_from(now, zone)
        waits = each.alerts_wait or wait.at_most is None or free <= wait.at_most
        if free <= now or not waits:
            at_once += each.number
        elif free < wait.expires_at:
            later += each.number
            first = free if first is None else min(first, free)
        else:
            never += each.number
    return Reach(at_once, later, never, first)

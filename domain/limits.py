"""How often one person may ask for what costs much: one registry, and the rule that judges a wish (R42)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Act(StrEnum):
    """What is limited because it costs more than an answer from memory. The sentences are written in handlers."""

    DRAW = "draw"
    """🎲 and /goods: reads what was seen, and leaves a row for three days."""
    LINK = "link"
    """♻️ A new canvass link: leaves a row, and its poster is drawn."""
    POSTER = "poster"
    """A poster that was not drawn before: tens of milliseconds of a processor."""
    EXPORT = "export"
    """The member's data in two files."""
    TABLE = "table"
    """An organiser's table."""
    RECEIPT = "receipt"
    """The proof of a vote: reads and hashes a thousand leaves."""
    SEARCH = "search"
    """Inline mode, which asks at every key: reads the whole display."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and one more after each `every`."""

    at_once: int
    every: timedelta

    @property
    def refill(self) -> timedelta:
        """How long it takes until all are there again."""
        return self.at_once * self.every


ALLOWANCES: Mapping[Act, Allowance] = {
    Act.DRAW: Allowance(40, timedelta(seconds=10)),
    Act.LINK: Allowance(3, timedelta(minutes=10)),
    Act.POSTER: Allowance(10, timedelta(minutes=1)),
    Act.EXPORT: Allowance(3, timedelta(minutes=10)),
    Act.TABLE: Allowance(20, timedelta(minutes=1)),
    Act.RECEIPT: Allowance(20, timedelta(seconds=30)),
    Act.SEARCH: Allowance(60, timedelta(seconds=1)),
}

_CLEAN_FROM = 1_000
"""Entries in memory from which those that say nothing any more are looked for."""


class Limits:
    """What each person has used of their allowances.

    For each, the moment is kept at which all would be there again; a wish moves it on by `every`, and is refused where
    that would be further away than a whole refill. Memory is bounded by the wishes of the last refill.
    """

    def __init__(self, allowances: Mapping[Act, Allowance] = ALLOWANCES) -> None:
        self.allowances = dict(allowances)
        self._full_at: dict[tuple[int, Act], datetime] = {}
        self._clean_from = _CLEAN_FROM

    def __len__(self) -> int:
        """The entries in memory."""
        return len(self._full_at)

    def take(self, person: int, act: Act, now: datetime) -> datetime | None:
        """Count a wish of `now` (aware), and return None; or, where it is refused, when the next one is granted.

        After the clock was set back no one waits longer than a refill.
        """
        allowance = self.allowances[act]
        full_at = min(max(self._full_at.get((person, act), now), now), now + allowance.refill)
        after = full_at + allowance.every
        if after > now + allowance.refill:
            return after - allowance.refill
        self._drop_full(now)
        self._full_at[person, act] = after
        return None

    def _drop_full(self, now: datetime) -> None:
        if len(self._full_at) >= self._clean_from:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
            self._clean_from = max(_CLEAN_FROM, 2 * len(self._full_at))

"""The public figures of rounds: how evenly goods were shown, votes, and totals of verdicts (R39)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.brushing.cases import CaseOutcome
from domain.calendar import instant
from domain.notifications import FIGURES_FOR
from domain.transparency.balance import ExposureBalance, exposure_balance
from services.context import ServiceContext
from storage.transparency import rounds, tally
from storage.transparency.rounds import ShownGood, StoredRound

MOST_DAYS = 30
"""Days of rounds that are listed."""
HOLDS = 30.0
"""Seconds for which the chat shows the figures of a day that were read last."""
SETTLES = timedelta(hours=2)
"""How long after its end a round waits with its totals: the last examination may still find a case."""
_LOOK_BACK = 3 * MOST_DAYS
"""Rounds that are read for them: several may open on a day."""

__all__ = ("MOST_DAYS", "PublicRounds", "PublishedVerdicts", "RoundFigures", "RoundsOfDay", "ShownGood")


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """What one round publishes. Its `balance` is over the goods that were on display until it closed, or still are."""

    opens_at: datetime
    closes_at: datetime
    special: bool
    closed: bool
    draws: int | None
    goods: tuple[ShownGood, ...]
    balance: ExposureBalance

    @property
    def exposures(self) -> int:
        """How often its goods were shown together, also those that the balance leaves out."""
        return sum(good.exposures for good in self.goods)

    @property
    def votes(self) -> int:
        """The public counts of its goods together."""
        return sum(good.votes for good in self.goods)


@dataclass(frozen=True, slots=True)
class PublishedVerdicts:
    """Totals over all rounds of a day: votes that were set aside, those of them that are void, and how its cases were
    decided; `granted` appeals restored votes."""

    set_aside: int
    void: int
    outcomes: dict[CaseOutcome, int]
    granted: int


@dataclass(frozen=True, slots=True)
class RoundsOfDay:
    """The rounds that opened on a local day. `verdicts` is None until all of them have closed and every case on their
    goods is decided: before that no number of votes set aside is published anywhere (R28). `roots` are those of the
    tally, by voting day and in hexadecimal digits, as far as they are known.
    """

    day: date
    rounds: tuple[RoundFigures, ...]
    verdicts: PublishedVerdicts | None
    roots: tuple[tuple[date, str], ...] = ()

    @property
    def main(self) -> RoundFigures:
        """The regular round; a special one on a day without."""
        return min(self.rounds, key=lambda each: each.special)

    @property
    def votes(self) -> int:
        """The public counts of all its goods together."""
        return sum(each.votes for each in self.rounds)


class PublicRounds:
    """Reads what rounds publish."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._lately: dict[date, tuple[float, RoundsOfDay | None]] = {}

    async def of_day(self, day: date) -> RoundsOfDay | None:
        """The rounds with goods that opened on this day of the platform's zone; None without any."""
        async with self._context.db.read() as connection:
            return await rounds_of_day(connection, self._context, day)

    async def of_round(self, round_id: int) -> RoundsOfDay | None:
        """The rounds of the day on which a round opened; None where they have no goods."""
        async with self._context.db.read() as connection:
            opened = await rounds.opening_of(connection, round_id)
            day = opened.astimezone(self._context.rules.zone).date() if opened is not None else None
            return await rounds_of_day(connection, self._context, day) if day is not None else None

    async def lately(self, day: date) -> RoundsOfDay | None:
        """The same as `of_day`, up to `HOLDS` old: a chart is not drawn and uploaded for everyone who asks (R42)."""
        now = self._context.clock.monotonic()
        self._lately = {known: found for known, found in self._lately.items() if now < found[0]}
        if day not in self._lately:
            self._lately[day] = (now + HOLDS, await self.of_day(day))
        return self._lately[day][1]

    async def days(self, most: int = MOST_DAYS) -> list[date]:
        """The latest days on which rounds with goods opened, the newest first."""
        async with self._context.db.read() as connection:
            opened = await rounds.openings(connection, _LOOK_BACK)
        local = (moment.astimezone(self._context.rules.zone).date() for moment in opened)
        return list(dict.fromkeys(local))[:most]


async def post_figures(
    connection: AsyncConnection, context: ServiceContext, closed: Collection[int], now: datetime
) -> None:
    """Queue the figures of rounds that close now for the bound chats that want them, a post for each day on which one
    opened, for when the root of the tally is known; none of rounds that should have closed a day ago (R8)."""
    posted: set[date] = set()
    for each in await rounds.closed(connection, closed):
        day = each.opens_at.astimezone(context.rules.zone).date()
        if day not in posted and each.closes_at + FIGURES_FOR > now:
            await rounds.post_figures(
                connection, each.id, max(now, each.closes_at + SETTLES), each.closes_at + FIGURES_FOR
            )
        posted.add(day)


async def rounds_of_day(connection: AsyncConnection, context: ServiceContext, day: date) -> RoundsOfDay | None:
    """The rounds with goods that opened on this day of the platform's zone; None without any."""
    zone = context.rules.zone
    try:
        start, end = (instant(zone, datetime.combine(each, time())) for each in (day, day + timedelta(days=1)))
        found = await rounds.between(connection, start.astimezone(UTC), end.astimezone(UTC))
    except OverflowError:  # at the ends of the calendar
        return None
    figures = [await _figures(connection, each) for each in found]
    shown = tuple(each for each in figures if each.goods)
    if not shown:
        return None
    verdicts = None
    if all(each.closed for each in shown):
        settled = context.clock.now() >= max(each.closes_at for each in shown) + SETTLES
        verdicts = await _published(connection, [each.id for each in found], settled=settled)
    begins, ends = min(each.opens_at for each in shown), max(each.closes_at for each in shown)
    known = (await tally.roots(connection, begins, ends)).items()
    return RoundsOfDay(day, shown, verdicts, tuple((of, root.hex()) for of, root in known if root is not None))


async def _figures(connection: AsyncConnection, stored: StoredRound) -> RoundFigures:
    goods = tuple(await rounds.goods(connection, stored.id))
    balance = exposure_balance([good.exposures for good in goods if not good.left])
    return RoundFigures(
        *(stored.opens_at, stored.closes_at, stored.special, stored.closed, stored.draws), goods=goods, balance=balance
    )


async def _published(connection: AsyncConnection, round_ids: list[int], *, settled: bool) -> PublishedVerdicts | None:
    found = await rounds.verdicts(connection, round_ids)
    if found.undecided or not settled:
        return None
    return PublishedVerdicts(found.set_aside, found.void, found.outcomes, found.granted)

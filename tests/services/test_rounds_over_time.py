"""Whatever the clock does (jumps, suspends, clock changes, days without a tick) and whichever process dies, each round
opens exactly once, for its own time (R7, R8)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.services import Services, make_services
from services import rounds
from storage import display
from storage.db import Database
from tests.conftest import Watch, settings_for
from tests.services.conftest import ask

BERLIN_IN_MARCH = ("Europe/Berlin", time(8))
CHANGES = {
    # A Thursday before the weekend on which the clocks change. Openings lie beside the change, in its gap (New York,
    # Santiago) or in its overlap (Berlin in October); Shanghai's clocks never change.
    ("Asia/Shanghai", time(8)): date(2026, 11, 26),
    BERLIN_IN_MARCH: date(2026, 3, 26),
    ("Europe/Berlin", time(2, 30)): date(2026, 10, 22),
    ("America/New_York", time(2, 30)): date(2026, 3, 5),
    ("Australia/Lord_Howe", time(2)): date(2026, 4, 2),
    ("America/Santiago", time(0)): date(2026, 9, 3),
}
"""Organisers have made every day a working day, so that the days of the changes themselves have an opening."""


def openings(zone: ZoneInfo, opens_at: time, first: date, days: int) -> list[datetime]:
    """Every day's opening, in UTC: where the clocks jump over it, the moment at which they go on."""
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        wall = datetime.combine(day, opens_at)
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != wall:
            moment = datetime.combine(day, time(0), UTC) - timedelta(hours=15)
            while moment.astimezone(zone).replace(tzinfo=None) < wall:
                moment += timedelta(minutes=10)
        found.append(moment)
    return found


@dataclass
class Life:
    """A bot through time; `opened` is what must have opened so far."""

    folder: Path
    zone: ZoneInfo
    opens_at: time
    watch: Watch
    due: list[datetime]
    opened: list[datetime]

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A process with nothing in its memory."""
        self.db = Database(f"sqlite+aiosqlite:///{self.folder}/bot.db")
        rules = settings_for(
            self.folder, time_zone=str(self.zone), calendar="NONE", round_opens_at=self.opens_at.isoformat("minutes")
        )
        self.services: Services = make_services(self.db, rules, self.watch)

    async def tick(self, times: int) -> None:
        """Tick so often at this moment; exactly the round that the clock asks for has opened then, if it was new."""
        found = [await self.services.rounds.tick() for _ in range(times)]
        newest = max(moment for moment in self.due if moment <= self.watch.time)
        new = not self.opened or newest > max(self.opened)
        assert [opened.opens_at for opened in found if opened] == ([newest] if new else [])
        if new:
            self.opened.append(newest)

    async def look(self) -> None:
        """What is stored is what must have opened, and all but the newest are closed once the clock has passed them."""
        rows = await ask(self.db, "SELECT opens_at, closed_at FROM rounds ORDER BY opens_at")
        stored = [datetime.fromisoformat(row.opens_at).replace(tzinfo=UTC) for row in rows]
        assert stored == self.opened


async def live(template: Path, place: tuple[str, time], moves: list[tuple[str, float]]) -> None:
    zone, opens_at = ZoneInfo(place[0]), place[1]
    thursday = CHANGES[place]
    start = datetime.combine(thursday, time(12), zone).astimezone(UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(template, folder / "bot.db")
        due = openings(zone, opens_at, thursday - timedelta(days=40), 160)
        life = Life(folder, zone, opens_at, Watch(start), due, [])
        try:
            async with life.db.write() as connection:
                for day in range(-60, 200):
                    await display.decide_day(connection, thursday + timedelta(days=day), True, "organiser")
            await life.tick(1)
            for what, hours in moves:
                life.watch.time = min(max(life.watch.time + timedelta(hours=hours), due[6]), due[-6])
                if what == "to an opening":
                    life.watch.time = next(moment for moment in due if moment >= life.watch.time)
                elif what == "just before one":
                    life.watch.time = next(moment for moment in due if moment > life.watch.time) - timedelta(seconds=1)
                elif what == "and the process dies":
                    await life.db.close()
                    life.begin()
                elif what == "and the tick dies":
                    await die_in_a_tick(life)
                await life.tick(2)
            await life.look()
        finally:
            await life.db.close()


async def die_in_a_tick(life: Life) -> None:
    """The process dies when all is written and nothing is committed."""
    with pytest.MonkeyPatch.context() as patch:

        async def killed(*_: object) -> None:
            raise SystemExit

        patch.setattr(rounds, "display_changed", killed)
        try:
            await life.services.rounds.tick()
        except SystemExit:
            await life.db.close()
            life.begin()


_WAYS = ["", "to an opening", "just before one", "and the process dies", "and the tick dies"]
_moves = st.lists(
    st.tuples(st.sampled_from(_WAYS), st.sampled_from([0.0, 0.01, 0.5, 1, 3, 23, 24, 25, 72, 200, -0.5, -1, -25, -90])),
    min_size=4,
    max_size=14,
)


@pytest.mark.long
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(place=st.sampled_from(list(CHANGES)), moves=_moves)
def test_r8_however_the_clock_moves_each_round_opens_once_for_its_own_time(
    made_once: dict[str, Path], place: tuple[str, time], moves: list[tuple[str, float]]
) -> None:
    asyncio.run(live(made_once["bare"], place, moves))


@pytest.mark.parametrize(
    "place",
    [BERLIN_IN_MARCH, *(pytest.param(place, marks=pytest.mark.long) for place in CHANGES if place != BERLIN_IN_MARCH)],
)
def test_r7_five_days_of_ticks_open_every_days_round(made_once: dict[str, Path], place: tuple[str, time]) -> None:
    """Over the change of the clocks, a tick every hour: none is left out and none comes twice."""
    asyncio.run(live(made_once["bare"], place, [("", 1)] * 24 * 5))


@pytest.mark.parametrize("place", [("Europe/Berlin", time(8)), ("America/New_York", time(2, 30))])
def test_an_opening_at_the_wrong_moment_is_seen(
    made_once: dict[str, Path], monkeypatch: pytest.MonkeyPatch, place: tuple[str, time]
) -> None:
    """The same over a calendar that takes every day for 24 hours long."""

    def day_after(zone: ZoneInfo, wall: datetime) -> datetime:
        return (wall - timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC) + timedelta(days=1)

    monkeypatch.setattr("domain.calendar.instant", day_after)
    with pytest.raises(AssertionError):
        asyncio.run(live(made_once["bare"], place, [("", 1)] * 24 * 5))

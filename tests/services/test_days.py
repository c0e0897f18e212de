"""The days that organisers decide on: rounds follow them (R7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.services import Services
from services.rounds import Shift
from storage.db import Database
from tests.conftest import Watch, import_goods
from tests.services.conftest import ask, one

WEDNESDAY, THURSDAY, SATURDAY = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 28)
"""The clock of the tests begins on Tuesday the 24th, at 10:00."""


async def test_r7_the_coming_days_show_where_rounds_open_and_how_long_they_stay(services: Services) -> None:
    days = await services.rounds.coming_days(7)
    assert [day.day for day in days] == [WEDNESDAY + timedelta(days=n) for n in range(7)], "today's round is open"
    hours = [day.window.duration // timedelta(hours=1) if day.window else 0 for day in days]
    assert hours == [24, 24, 72, 0, 0, 24, 24]
    assert not any(day.own for day in days) and [day.usual for day in days] == [hour > 0 for hour in hours]


async def test_r7_a_day_off_lengthens_the_round_before_it_and_no_round_opens_on_it(
    services: Services, watch: Watch, db: Database
) -> None:
    await services.rounds.tick()
    assert await services.rounds.decide_day(WEDNESDAY, False, "organiser 7")
    await services.rounds.tick()
    assert await one(db, "SELECT closes_at FROM rounds") == "2026-11-26 00:00:00.000000", "Thursday, 08:00"
    watch.advance(days=1)
    assert await services.rounds.tick() is None
    assert [window.opens_at.day for window in await services.rounds.preview(3)] == [24, 26, 27]


async def test_r7_a_saturday_can_be_a_working_day(services: Services, watch: Watch) -> None:
    await services.rounds.decide_day(SATURDAY, True, "test")
    watch.time = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    (day, *_) = await services.rounds.coming_days(1)
    assert day.day == SATURDAY and day.own and not day.usual and day.window is not None
    watch.time = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
    opened = await services.rounds.tick()
    assert opened is not None and opened.closes_at == datetime(2026, 11, 30, 0, 0, tzinfo=UTC)


async def test_r7_a_day_left_to_the_calendar_again_is_what_it_was(services: Services, db: Database) -> None:
    before = await services.rounds.coming_days(14)
    for decided in (True, False, None):
        await services.rounds.decide_day(SATURDAY, decided, "test")
    assert await services.rounds.coming_days(14) == before
    assert await one(db, "SELECT count(*) FROM calendar_days") == 0


async def test_r7_deciding_twice_is_deciding_once_and_the_last_word_holds(services: Services, db: Database) -> None:
    for who in ("first", "second"):
        assert await services.rounds.decide_day(SATURDAY, True, who)
    assert await ask(db, "SELECT actor FROM calendar_days") == [("second",)]


async def test_r7_deciding_too_late_about_a_day_that_is_over_changes_nothing(
    services: Services, watch: Watch, db: Database
) -> None:
    watch.time = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)  # Thursday has begun in Shanghai
    assert not await services.rounds.decide_day(WEDNESDAY, False, "test")
    assert await services.rounds.decide_day(THURSDAY, False, "test")
    watch.time = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)  # its opening time
    assert not await services.rounds.decide_day(THURSDAY, None, "test"), "a round that is open is not undone"
    assert await one(db, "SELECT count(*) FROM calendar_days") == 1


async def test_r7_the_effect_on_the_open_round_is_known_before_a_decision(services: Services, tmp_path: Path) -> None:
    assert await services.rounds.shift(WEDNESDAY, False) is None, "nothing is on display"
    await import_goods(services, tmp_path / "goods", 3)
    assert await services.rounds.open_special()
    wednesday, thursday = (datetime(2026, 11, day, 0, 0, tzinfo=UTC) for day in (25, 26))
    assert await services.rounds.shift(WEDNESDAY, False) == Shift(3, wednesday, thursday)
    assert await services.rounds.shift(WEDNESDAY, True) is None and await services.rounds.shift(WEDNESDAY, None) is None
    assert await services.rounds.shift(THURSDAY, False) is None, "another round's end"
    assert await services.rounds.shift(date(2026, 11, 24), False) is None
    await services.rounds.decide_day(WEDNESDAY, False, "test")
    assert await services.rounds.shift(WEDNESDAY, None) == Shift(3, thursday, wednesday)
    assert await services.rounds.shift(WEDNESDAY, True) == Shift(3, thursday, wednesday)

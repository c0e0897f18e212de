"""Rounds open and close by the clock, each once, whatever happened meanwhile (R4, R7, R8, R13)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.services import Services, make_services
from storage.db import Database
from tests.conftest import Watch, import_goods, meet, settings_for
from tests.services.conftest import ask, on_display, one, order

pytestmark = pytest.mark.postgresql_later


def at(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026 by the clock of Shanghai."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


async def rounds_of(db: Database) -> list[tuple[datetime, datetime, bool]]:
    """(opens, closes, whether it was closed) of every round, by opening."""
    rows = await ask(db, "SELECT opens_at, closes_at, closed_at IS NOT NULL FROM rounds ORDER BY opens_at, id")
    moments = [[datetime.fromisoformat(text).replace(tzinfo=UTC) for text in row[:2]] for row in rows]
    return [(*pair, bool(row[2])) for pair, row in zip(moments, rows, strict=True)]


async def make_day(db: Database, day: date, *, working: bool) -> None:
    """An organiser's own day."""
    await order(
        db,
        "INSERT INTO calendar_days (day, working, actor) VALUES (:day, :working, 'organiser')",
        day=day.isoformat(),
        working=working,
    )


@pytest.fixture
async def second(db: Database, tmp_path: Path, watch: Watch) -> AsyncIterator[Services]:
    """The same bot in another process."""
    other = Database(db.url.render_as_string(hide_password=False))
    yield make_services(other, settings_for(tmp_path), watch)
    await other.close()


# -- once (R8) --


async def test_r8_a_round_opens_once_for_any_number_of_ticks(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(25, 8)
    opened = await services.rounds.tick()
    assert opened is not None and (opened.opens_at, opened.closes_at, opened.items) == (at(25, 8), at(26, 8), 3)
    for _ in range(5):
        watch.advance(seconds=30)
        assert await services.rounds.tick() is None
    assert len(await rounds_of(db)) == 1
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'carousel'") == 1


async def test_r8_ticks_at_once_from_two_processes_open_one_round(
    services: Services, second: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(25, 8)
    opened = await asyncio.gather(*((services, second)[n % 2].rounds.tick() for n in range(10)))
    assert [found.items for found in opened if found] == [3]
    watch.time = at(26, 8)
    await asyncio.gather(*((services, second)[n % 2].rounds.tick() for n in range(10)))
    assert [closed for _, _, closed in await rounds_of(db)] == [True, False]
    assert await one(db, "SELECT count(*) FROM item_steps WHERE state = 'displayed'") == 3


async def test_r8_a_killed_opening_is_done_in_full_by_the_next_tick(
    services: Services, db: Database, tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(25, 8)

    async def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("services.rounds.display_changed", killed)
        with pytest.raises(SystemExit):
            await services.rounds.tick()
    assert await rounds_of(db) == [], "all of it or nothing"
    opened = await services.rounds.tick()
    assert opened is not None and opened.items == 3
    assert await one(db, "SELECT count(*) FROM campaigns") == 1


# -- catching up (R8) --


async def test_r8_after_an_outage_of_hours_the_round_is_opened_for_its_own_time(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    await services.rounds.tick()
    watch.time = at(25, 14, 20)
    opened = await services.rounds.tick()
    assert opened is not None and (opened.opens_at, opened.closes_at) == (at(25, 8), at(26, 8))
    assert opened.items == 3
    assert (await rounds_of(db))[0] == (at(24, 8), at(25, 8), True)


async def test_r8_after_an_outage_of_days_only_the_round_of_now_is_opened(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await services.rounds.tick()
    await import_goods(services, tmp_path, 3)
    watch.time = at(4, 10, month=12)
    opened = await services.rounds.tick()
    assert opened is not None and (opened.opens_at, opened.items) == (at(4, 8, month=12), 3)
    assert [start for start, _, _ in await rounds_of(db)] == [at(24, 8), at(4, 8, month=12)]
    assert await one(db, "SELECT count(*) FROM campaigns WHERE kind = 'carousel'") == 1, "no stale carousels"


async def test_r8_a_fresh_database_opens_the_current_round(services: Services, db: Database) -> None:
    opened = await services.rounds.tick()
    assert opened is not None and (opened.opens_at, opened.closes_at, opened.items) == (at(24, 8), at(25, 8), 0)
    assert await one(db, "SELECT count(*) FROM campaigns") == 0, "an empty display is no news"


# -- the clock goes back (R8) --


async def test_r8_a_clock_that_goes_back_opens_and_shortens_nothing(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    await services.rounds.tick()
    watch.time = at(25, 8, 1)
    assert await services.rounds.tick()
    before = await rounds_of(db)
    for moment in (at(25, 7, 58), at(24, 12), at(20, 12)):
        watch.time = moment
        assert await services.rounds.tick() is None
    assert await rounds_of(db) == before
    watch.time = at(25, 9)
    assert await services.rounds.tick() is None
    assert await rounds_of(db) == before and len(await on_display(services)) == 3
    watch.time = at(26, 8)
    assert await services.rounds.tick()
    assert not await on_display(services)


# -- which items (R4) --


async def test_r4_items_that_pass_after_the_opening_wait_for_the_next_round(
    services: Services, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path / "a", 2, "early")
    watch.time = at(25, 8, 0)
    await services.rounds.tick()
    watch.time = at(25, 8, 1)
    await import_goods(services, tmp_path / "b", 3, "late")
    await services.rounds.tick()
    assert len(await on_display(services)) == 2
    watch.time = at(26, 8)
    await services.rounds.tick()
    assert len(await on_display(services)) == 3


async def test_r4_after_an_outage_items_that_passed_after_the_opening_still_wait(
    services: Services, tmp_path: Path, watch: Watch
) -> None:
    await services.rounds.tick()
    watch.time = at(25, 9)  # the opening of 08:00 has not been ticked yet
    await import_goods(services, tmp_path, 3)
    opened = await services.rounds.tick()
    assert opened is not None and opened.items == 0
    watch.time = at(26, 8)
    opened = await services.rounds.tick()
    assert opened is not None and opened.items == 3


async def test_r1_each_step_of_an_item_is_written_with_its_time_and_actor(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 1)
    imported = watch.time
    for moment in (at(25, 8), at(26, 8)):
        watch.time = moment
        await services.rounds.tick()
    steps = await ask(db, "SELECT state, actor, at FROM item_steps ORDER BY id")
    assert [(state, actor) for state, actor, _ in steps] == [
        ("registered", "test"),
        ("passed", "machine audit"),
        ("on_display", "clock"),
        ("displayed", "clock"),
    ]
    times = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for _, _, moment in steps]
    assert times == [imported, imported, at(25, 8), at(26, 8)]


# -- special rounds --


async def test_r7_a_special_round_shows_waiting_items_and_closes_with_the_regular_one(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await services.rounds.tick()
    await import_goods(services, tmp_path, 4)
    opened = await services.rounds.open_special()
    assert opened is not None and (opened.items, opened.closes_at) == (4, at(25, 8))
    assert await services.rounds.open_special() is None, "nothing waits any more"
    watch.time = at(25, 8)
    await services.rounds.tick()
    assert not await on_display(services)
    assert [closed for _, _, closed in await rounds_of(db)] == [True, True, False]


async def test_r7_open_special_at_once_opens_one_round(
    services: Services, second: Services, db: Database, tmp_path: Path
) -> None:
    await services.rounds.tick()
    await import_goods(services, tmp_path, 4)
    opened = await asyncio.gather(*((services, second)[n % 2].rounds.open_special() for n in range(6)))
    assert [found.items for found in opened if found] == [4]


# -- the calendar (R7) --


async def test_r7_fridays_round_closes_on_monday(services: Services, tmp_path: Path, watch: Watch) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(27, 8)
    opened = await services.rounds.tick()
    assert opened is not None and opened.closes_at == at(30, 8)
    for moment in (at(28, 8), at(29, 8), at(30, 7, 59)):
        watch.time = moment
        assert await services.rounds.tick() is None and len(await on_display(services)) == 3
    watch.time = at(30, 8)
    assert await services.rounds.tick() and not await on_display(services)


async def test_r7_a_day_off_lengthens_the_round_that_is_open(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(25, 8)
    await services.rounds.tick()
    await make_day(db, date(2026, 11, 26), working=False)
    await services.rounds.tick()
    assert (await rounds_of(db))[-1][1] == at(27, 8)
    watch.time = at(26, 8)
    assert await services.rounds.tick() is None and len(await on_display(services)) == 3
    watch.time = at(27, 8)
    assert await services.rounds.tick() and not await on_display(services)


async def test_r7_a_working_saturday_shortens_fridays_round(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(27, 8)
    await services.rounds.tick()
    await make_day(db, date(2026, 11, 28), working=True)
    await services.rounds.tick()
    assert (await rounds_of(db))[-1][1] == at(28, 8)
    watch.time = at(28, 8)
    opened = await services.rounds.tick()
    assert opened is not None and opened.closes_at == at(30, 8)


async def test_r7_a_day_made_a_working_day_after_eight_ends_the_round_before_it(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(27, 8)
    await services.rounds.tick()
    watch.time = at(28, 10)
    await make_day(db, date(2026, 11, 28), working=True)
    assert await services.rounds.tick()
    assert await rounds_of(db) == [(at(27, 8), at(28, 8), True), (at(28, 8), at(30, 8), False)]
    assert not await on_display(services), "a round closes when the next one opens"


async def test_r7_a_day_off_decided_on_the_day_itself_extends_the_open_round(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(25, 8)
    await services.rounds.tick()
    watch.time = at(25, 10)
    await make_day(db, date(2026, 11, 25), working=False)
    assert await services.rounds.tick() is None
    assert await rounds_of(db) == [(at(25, 8), at(26, 8), False)] and len(await on_display(services)) == 3


async def test_r7_the_preview_knows_the_organisers_days(services: Services, db: Database) -> None:
    await make_day(db, date(2026, 11, 26), working=False)
    windows = await services.rounds.preview()
    assert (windows[0].opens_at, windows[1].opens_at) == (at(24, 8), at(25, 8))
    assert windows[2].opens_at == at(27, 8) == windows[1].closes_at
    assert all(a.closes_at == b.opens_at for a, b in pairwise(windows))


async def test_r13_a_rounds_carousel_is_planned_with_its_opening(
    services: Services, db: Database, tmp_path: Path, watch: Watch
) -> None:
    await import_goods(services, tmp_path, 3)
    watch.time = at(27, 8)
    opened = await services.rounds.tick()
    assert opened is not None
    row = (await ask(db, "SELECT subject, due_at, expires_at, state FROM campaigns WHERE kind = 'carousel'"))[0]
    assert (row.subject, row.state) == (opened.round_id, "waiting")
    assert datetime.fromisoformat(row.expires_at).replace(tzinfo=UTC) == at(30, 8)


async def test_r13_the_audience_of_an_opening_is_reachable_members_with_carousels_on(services: Services) -> None:
    assert (await services.rounds.reach()).total == 0
    _ann, bob, _eve = [await meet(services, number) for number in (1001, 1002, 1003)]
    assert (await services.rounds.reach()).total == 3
    await services.people.toggle(bob, "carousel", on=False)
    await services.people.mark_unreachable(1003, "blocked")
    assert (await services.rounds.reach()).total == 1 and (await services.rounds.overview()).members == 3

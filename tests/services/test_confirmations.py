"""A confirmation does what its organiser saw, or nothing (R24)."""

# ruff: noqa: F401, F811 - fixtures of another file are asked for by name

from __future__ import annotations

from datetime import datetime, timedelta

from bot.services import Services
from services.groups import Scheduled, ScheduleRefusal, Seen
from tests.conftest import Watch
from tests.services.test_scheduling import item


async def test_a_confirmation_that_is_older_than_another_time_moves_nothing(
    display: Services, item: int, watch: Watch
) -> None:
    noon, later = watch.time + timedelta(hours=5, seconds=30), watch.time + timedelta(hours=7)

    async def confirm(opens_at: datetime, seen: datetime | None) -> Scheduled | ScheduleRefusal:
        return await display.groups.schedule(item, opens_at, None, "test", seen=Seen(seen))

    assert isinstance(await confirm(noon, None), Scheduled)
    again = await confirm(noon, None)
    assert isinstance(again, Scheduled) and not again.changed, "the same tap twice"
    assert await confirm(later, None) is ScheduleRefusal.MOVED_MEANWHILE
    moved = await confirm(later, noon.replace(second=0))
    assert isinstance(moved, Scheduled) and moved.moved and moved.before == noon
    assert await confirm(noon, noon.replace(second=0)) is ScheduleRefusal.MOVED_MEANWHILE

"""What people are said to have spent (R14)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.services import Services
from domain.csv_files import BadCell, read_spending
from storage.db import Database
from tests.conftest import Watch
from tests.services.conftest import one


def table(*days: str) -> bytes:
    lines = [f"1001,100,{day},o-{number}" for number, day in enumerate(days)]
    return "\n".join(["telegram_id,amount,spent_on,ref", *lines]).encode()


async def test_r14_what_is_spent_in_the_future_is_a_bad_row_by_the_platforms_day(
    services: Services, watch: Watch, db: Database
) -> None:
    watch.time = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # the 25th has begun in Shanghai
    parsed = read_spending(table("2026-11-24", "2026-11-25", "2026-11-26"))
    found = await services.goods.import_spending(parsed)
    assert found.bad == (BadCell(4, "spent_on", "in_the_future", "2026-11-26"),) and not found.stored
    found = await services.goods.import_spending(parsed, skip_bad=True)
    assert (found.new, found.stored) == (2, True)
    assert await one(db, "SELECT max(spent_on) FROM spendings") == "2026-11-25"


@pytest.mark.parametrize("day", ["2011-01-01", "2026-11-24"])
async def test_r14_from_the_first_day_that_counts_to_today_everything_counts(day: str, services: Services) -> None:
    assert (await services.goods.import_spending(read_spending(table(day)))).new == 1

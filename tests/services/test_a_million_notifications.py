"""No question that is asked all day reads a large table from end to end: of a million rows that takes seconds (R27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from bot.services import Services
from storage.db import Database
from tests.conftest import Watch, meet, queue_due
from tests.services.conftest import ask, one
from tests.services.test_draws import draw


@pytest.fixture
def source(made_once: dict[str, Path]) -> Path:
    """SQLite alone: PostgreSQL chooses by its statistics, and of a test it has none."""
    return made_once["display"]


@pytest.fixture
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What any engine is asked."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


LARGE = ("notifications", "exposures", "members", "pictures", "votes", "canvass_opens", "draws", "item_steps")


async def plans(
    db: Database, statements: list[tuple[str, Any]], tables: Sequence[str] = LARGE[:2]
) -> dict[str, list[str]]:
    """The query plan of each statement about these tables."""
    found: dict[str, list[str]] = {}
    async with db.read() as connection:
        for statement, parameters in list(statements):
            about = any(table in statement for table in tables)
            if about and statement.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found[statement] = [row[-1] for row in rows]
    return found


async def test_queries_of_the_sender_and_the_schedule_use_indexes(
    display: Services, db: Database, watch: Watch, statements: list[tuple[str, Any]]
) -> None:
    for number in range(5):
        await meet(display, 2000 + number)
    watch.advance(minutes=1)
    statements.clear()
    await queue_due(display)
    await display.outbox.claim(2)
    await display.outbox.recover(everything=True)
    await display.outbox.oldest_due()
    watch.advance(days=30)
    await display.campaigns.tick()
    await display.outbox.claim(2)
    found = await plans(db, statements)
    assert [row.state for row in await ask(db, "SELECT DISTINCT state FROM notifications")] == ["expired"]
    assert len(found) >= 8, "claiming, recovering, expiring, queueing"
    for statement, plan in found.items():
        assert not any(step.startswith("SCAN notifications") for step in plan), (statement, plan)
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan, "to find some, all that wait would be sorted"


async def test_expired_rows_are_found_by_indexes(
    display: Services, db: Database, watch: Watch, statements: list[tuple[str, Any]]
) -> None:
    ann = await meet(display)
    await draw(display, ann)
    watch.advance(days=1)
    await display.rounds.tick()
    watch.advance(days=5)
    statements.clear()
    await display.housekeeping.tick()
    found = await plans(db, statements)
    assert len(found) >= 2, "notifications and views"
    assert await one(db, "SELECT count(*) FROM exposures") == 0
    for statement, plan in found.items():
        assert not any(step.startswith(("SCAN notifications", "SCAN exposures")) for step in plan), (statement, plan)


async def test_what_is_deleted_by_its_age_is_found_without_reading_a_large_table(
    display: Services, db: Database, watch: Watch, statements: list[tuple[str, Any]]
) -> None:
    watch.advance(days=400)
    statements.clear()
    await display.housekeeping.tick()
    found = await plans(db, statements, LARGE)
    steps = [step for plan in found.values() for step in plan]
    assert not [step for step in steps if step.startswith(tuple(f"SCAN {table}" for table in LARGE))]
    assert "SEARCH members USING INDEX ix_members_erased_at (erased_at<?)" in steps
    assert any(step.startswith("SEARCH pictures USING INDEX ix_pictures_wanted_at") for step in steps)


async def test_counts_for_those_who_watch_read_an_index_and_not_the_rows(
    display: Services, db: Database, statements: list[tuple[str, Any]]
) -> None:
    statements.clear()
    await display.outbox.states()
    (plan,) = (await plans(db, statements)).values()
    assert plan == ["SCAN notifications USING COVERING INDEX ix_notifications_state_priority_not_before"]


async def test_a_question_without_an_index_would_be_seen(db: Database) -> None:
    found = await plans(db, [("SELECT id FROM notifications WHERE reason = 'x'", ())])
    assert [plan[0].startswith("SCAN notifications") for plan in found.values()] == [True]

"""Revision 0009 ends the reuse of numbers: rows keep theirs, and new ones get numbers that no button can hold yet."""

from __future__ import annotations

from pathlib import Path

from alembic import command

from bot.services import Services
from domain.campaigns import UnsentReason
from services.jobs import JobKind
from storage.db import Database
from storage.migrate import _config, migrate
from tests.conftest import meet
from tests.services.conftest import ask, one, order, server
from tests.storage.previous_version import PreviousVersion, copies, db, services, upgraded

__all__ = ["copies", "db", "server", "services", "upgraded"]

PREVIOUS = PreviousVersion("0008", ("members", "draws", "notifications", "rounds", "campaigns"))


async def test_rows_keep_their_numbers_and_claims_their_fences(upgraded: Database) -> None:
    assert [tuple(row) for row in await ask(upgraded, "SELECT id, chat_id FROM members ORDER BY id")] == [
        (1, 1001),
        (7, 1007),
    ]
    assert [tuple(row) for row in await ask(upgraded, "SELECT id, state, fence, held_by FROM notifications")] == [
        (5, "claimed", 4, None)
    ]


async def test_what_was_purged_before_the_upgrade_has_numbers_that_are_not_given_again(
    services: Services, upgraded: Database
) -> None:
    """All jobs are purged, and no one knows how far they had come; a member's number was never free."""
    new = await meet(services, 1008, "Cat")
    assert new.id > 7
    job = await services.jobs.enqueue("k", JobKind.EXPORT, new, {})
    assert job is not None
    if upgraded.is_sqlite:
        assert (new.id, job) == (8, 1_000_001)


async def test_counts_of_deleted_carousels_stay_with_their_campaign(services: Services) -> None:
    carousel, group = await services.campaigns.one(9), await services.campaigns.one(8)
    assert carousel is not None and carousel.tally.states == {"sent": 5, "suppressed": 2}
    assert carousel.tally.unsent == {UnsentReason.BLOCKED: 2}
    assert group is not None and group.tally.states == {}


async def test_an_empty_database_counts_from_one(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/new.db")
    await migrate(db)
    await order(db, "INSERT INTO shops (name) VALUES ('a shop')")
    assert await one(db, "SELECT id FROM shops") == 1
    await db.close()


async def test_the_way_back_keeps_all_rows(db: Database) -> None:
    tables = ("members", "draws", "notifications", "campaigns", "notification_counts")
    before = [await ask(db, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
    await migrate(db)
    async with db.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), "0008"))
    assert [await ask(db, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables] == before

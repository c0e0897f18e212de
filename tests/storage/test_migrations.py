"""The schema: each migration up, down and up again, and the same as the models describe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from storage.db import Database
from storage.migrate import _config, migrate, schema
from storage.models import Base


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    yield database
    await database.close()


async def down(db: Database, revision: str) -> None:
    async with db.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), revision))


async def described(db: Database) -> dict[str, str]:
    """The SQL of all tables and indexes, without alembic's own, and SQLite's that cannot be dropped."""
    async with db.read() as connection:
        found = await connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {name: sql for name, sql in found if name not in ("alembic_version", "sqlite_sequence")}


async def revisions(db: Database) -> list[str]:
    """All revisions, the oldest first."""

    def read(sync: Connection) -> list[str]:
        return [script.revision for script in ScriptDirectory.from_config(_config(sync)).walk_revisions()][::-1]

    async with db.read() as connection:
        return await connection.run_sync(read)


async def test_each_migration_can_be_applied_reverted_and_applied_again(empty: Database) -> None:
    steps = await revisions(empty)
    assert steps == sorted(steps), "revisions are numbered, so that their order is known"
    before: dict[str, str] = {}
    for number, step in enumerate(steps):
        await migrate(empty, step)
        after = await described(empty)
        assert after != before
        await down(empty, steps[number - 1] if number else "base")
        assert await described(empty) == before
        await migrate(empty, step)
        assert await described(empty) == after
        before = after
    assert await schema(empty) == (steps[-1], steps[-1])


async def test_the_models_match_the_migrated_schema(empty: Database) -> None:
    await migrate(empty)

    def compare(sync: Connection) -> list[Any]:
        context = MigrationContext.configure(sync, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))

    async with empty.read() as connection:
        assert await connection.run_sync(compare) == []


async def test_partial_indexes_and_checks_exist(empty: Database) -> None:
    """What autogenerate does not compare: partial indexes and checks."""
    await migrate(empty)
    said = await described(empty)
    assert all("UNIQUE" in said[name] and "taken_back_at IS NULL" in said[name] for name in ONE_VOTE)
    assert "CHECK (wants >= 0)" in said["items"]
    for table in Base.metadata.sorted_tables:
        for constraint in table.constraints:
            if constraint.name is not None and str(constraint.name).startswith("ck_"):
                assert str(constraint.name) in said[table.name], constraint.name


ONE_VOTE = ("uq_votes_one_per_item", "uq_votes_one_per_slot")


async def test_migrating_the_newest_schema_changes_nothing(empty: Database) -> None:
    await migrate(empty)
    before = await described(empty)
    await migrate(empty)
    assert await described(empty) == before


async def test_a_failed_migration_stores_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    create_table = Operations.create_table

    def fail_at_the_third(self: Operations, name: str, *columns: Any, **options: Any) -> Any:
        made.append(name)
        if len(made) == 3:
            raise RuntimeError("the power is gone")
        return create_table(self, name, *columns, **options)

    monkeypatch.setattr(Operations, "create_table", fail_at_the_third)
    with pytest.raises(RuntimeError, match="the power is gone"):
        await migrate(empty)
    assert len(made) == 3 and await described(empty) == {}
    assert (await schema(empty))[0] is None


async def test_commands_and_a_bot_that_start_at_once_migrate_once(empty: Database, tmp_path: Path) -> None:
    assert (await schema(empty))[0] is None  # reading creates the file
    databases = [Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") for _ in range(4)]
    try:
        await asyncio.gather(*(migrate(database) for database in databases))
        assert {await schema(database) for database in databases} == {await schema(databases[0])}
        assert None not in await schema(databases[0])
    finally:
        for database in databases:
            await database.close()


async def test_a_read_cannot_change_the_migrated_database(empty: Database) -> None:
    await migrate(empty)
    with pytest.raises(OperationalError, match="readonly"):
        async with empty.read() as connection:
            await connection.execute(text("DELETE FROM key_values"))

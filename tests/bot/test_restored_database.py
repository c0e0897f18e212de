"""A restored PostgreSQL dump is held by itself, whichever way it was restored; a database that only moves on is not."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.services import Services, make_services
from services.jobs import JobKind
from services.operations import hold, hold_if_restored
from storage.db import Database
from storage.migrate import migrate
from tests import postgres
from tests.bot.conftest import Terminal
from tests.conftest import TUESDAY_TEN, Watch, meet, settings_for
from tests.services.conftest import ask, one, order, server
from tests.waiting import GUARD

__all__ = ["server"]

NOW = TUESDAY_TEN


@pytest.fixture
async def home(server: URL) -> AsyncIterator[URL]:
    """A database on which a bot was started once, with a member who was sent nothing yet."""
    url = await postgres.new_database(server)
    db = Database(postgres.address(url))
    await migrate(db)
    assert not await hold_if_restored(db, NOW)
    await db.close()
    yield url
    await postgres.drop_database(url)


def tool(name: str, url: URL, *arguments: str, stdin: bytes | None = None) -> bytes:
    """What one of PostgreSQL's tools writes."""
    folder = postgres.programs()
    assert folder is not None
    where = ("-h", str(url.host), "-p", str(url.port), "-U", str(url.username))
    environment = {**os.environ, "PGPASSWORD": url.password or ""}
    done = subprocess.run(
        [folder / name, *where, *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        env=environment,
        check=True,
        timeout=GUARD,
    )
    return done.stdout


async def noticed(url: URL) -> bool:
    """Whether a bot that starts there notices a copy; it says so once."""
    db = Database(postgres.address(url))
    found = await asyncio.gather(*(hold_if_restored(db, NOW) for _ in range(5)))
    held = await one(db, "SELECT count(*) FROM key_values WHERE name = 'held_since'")
    assert sum(found) == held, "several processes start at once, and one of them notices"
    assert not await hold_if_restored(db, NOW)
    await db.close()
    return bool(held)


async def test_starts_migrations_and_maintenance_are_no_copies(home: URL) -> None:
    db = Database(postgres.address(home))
    await migrate(db)
    await order(db, "TRUNCATE notifications CASCADE")
    engine = db._writer.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql("VACUUM FULL key_values")
    await db.close()
    assert not await noticed(home)


async def test_a_dump_in_the_place_of_what_was_there_is_held(home: URL) -> None:
    """As docs/operating.md says it: pg_restore --clean into the same database."""
    dump = tool("pg_dump", home, "-Fc", str(home.database))
    tool("pg_restore", home, "-d", str(home.database), "--clean", "--if-exists", stdin=dump)
    assert await noticed(home)


async def test_a_dump_in_a_new_database_is_held(home: URL, server: URL) -> None:
    dump = tool("pg_dump", home, str(home.database))
    other = await postgres.new_database(server)
    tool("psql", other, "-q", "-v", "ON_ERROR_STOP=1", "-d", str(other.database), stdin=dump)
    assert await noticed(other)
    await postgres.drop_database(other)


async def test_a_copy_by_template_is_held_and_so_is_one_on_another_server(home: URL) -> None:
    copy = await postgres.new_database(home, str(home.database))
    assert await noticed(copy)
    await postgres.drop_database(copy)
    db = Database(postgres.address(home))
    await order(
        db, "UPDATE key_values SET value = '1' || value WHERE name = 'database_identity'"
    )  # another server's number
    await db.close()
    assert await noticed(home)


async def test_jobs_from_before_the_backup_are_not_run_again(home: URL, tmp_path: Path, watch: Watch) -> None:
    db = Database(postgres.address(home))
    services = make_services(db, settings_for(tmp_path), watch)
    await services.jobs.enqueue("k", JobKind.POSTER, await meet(services), {"item": 1})
    await order(db, "UPDATE key_values SET value = 'elsewhere' WHERE name = 'database_identity'")
    assert await hold_if_restored(db, NOW)
    assert await ask(db, "SELECT state FROM jobs") == [("expired",)]
    await db.close()


async def test_on_sqlite_it_is_the_copy_that_carries_the_hold(services: Services, db: Database) -> None:
    assert not await hold_if_restored(db, NOW)
    await hold(db, NOW)
    await hold(db, NOW.replace(year=2030))
    assert await services.campaigns.held_since() == NOW


def test_a_database_restored_by_other_means_is_held_by_a_command(terminal: Terminal) -> None:
    assert terminal.ok("deliveries", "hold") == "All messages are held until an organiser releases them.\n"
    assert terminal.ok("deliveries", "go") == "Messages are sent again.\n"

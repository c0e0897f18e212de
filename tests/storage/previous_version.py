"""Databases that a previous version filled, and their copies upgraded from there: on SQLite and on PostgreSQL.

A module that imports these fixtures names the version as `PREVIOUS`.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from bot.services import Services, make_services
from storage.db import Database
from storage.migrate import migrate, schema
from tests import postgres
from tests.conftest import Watch, settings_for

Copies = dict[str, Path] | dict[str, URL]
"""Databases to copy, by their state: `filled` by the previous version, or `upgraded` from there."""


@dataclass(frozen=True, slots=True)
class PreviousVersion:
    """A revision, and the tables with their own numbers that `revision_….sql` beside this module fills for it."""

    revision: str
    numbered: Sequence[str]

    def copies(self, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Copies:
        """A filled and an upgraded database of the backend that the fixture's parameter names."""
        if request.param == "sqlite":
            folder = factory.mktemp("revisions")
            return asyncio.run(self._sqlite({state: folder / f"{state}.db" for state in ("filled", "upgraded")}))
        if not postgres.is_there():
            pytest.skip("PostgreSQL is not installed here")
        return asyncio.run(self._postgresql(request.getfixturevalue("server")))

    async def _sqlite(self, files: dict[str, Path]) -> dict[str, Path]:
        await _with(f"sqlite+aiosqlite:///{files['filled']}", self._fill)
        shutil.copy(files["filled"], files["upgraded"])
        await _with(f"sqlite+aiosqlite:///{files['upgraded']}", _upgrade)
        return files

    async def _postgresql(self, server: URL) -> dict[str, URL]:
        filled = await postgres.new_database(server)
        await _with(postgres.address(filled), self._fill)
        upgraded = await postgres.new_database(server, str(filled.database))
        await _with(postgres.address(upgraded), _upgrade)
        return {"filled": filled, "upgraded": upgraded}

    async def _fill(self, db: Database) -> None:
        await migrate(db, self.revision)
        empty, json = ("X''", "") if db.is_sqlite else ("''::bytea", "::json")
        script = Path(__file__).with_name(f"revision_{self.revision}.sql").read_text("utf-8")
        script = script.replace("{empty}", empty).replace("{json}", json)
        async with db.write() as connection:
            if not db.is_sqlite:
                await connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            for statement in script.split(";\n"):
                if "INSERT" in statement:
                    await connection.exec_driver_sql(statement)
            for table in self.numbered:
                if not db.is_sqlite:
                    await connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', 100)")


async def _with(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    database = Database(url)
    await work(database)
    await database.close()


async def _upgrade(db: Database) -> None:
    await migrate(db)
    found, newest = await schema(db)
    assert found == newest
    if db.is_sqlite:
        async with db.read() as connection:
            assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []


async def copy_of(source: Path | URL, folder: Path) -> AsyncIterator[Database]:
    """A database of one's own, for one test; deleted after it."""
    if isinstance(source, Path):
        shutil.copy(source, folder / "bot.db")
        database = Database(f"sqlite+aiosqlite:///{folder}/bot.db")
    else:
        url = await postgres.new_database(source, str(source.database))
        database = Database(postgres.address(url))
    yield database
    await database.close()
    if isinstance(source, URL):
        await postgres.drop_database(url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """The databases to copy, for each backend."""
    previous: PreviousVersion = request.module.PREVIOUS
    return previous.copies(request, tmp_path_factory)


@pytest.fixture
async def db(request: pytest.FixtureRequest, copies: Copies, tmp_path: Path) -> AsyncIterator[Database]:
    """A database that the previous version filled, upgraded if the test requests `upgraded`."""
    source = copies["upgraded" if "upgraded" in request.fixturenames else "filled"]
    async for database in copy_of(source, tmp_path):
        yield database


@pytest.fixture
def upgraded(db: Database) -> Database:
    """`db`, after the upgrade."""
    return db


@pytest.fixture
async def services(upgraded: Database, tmp_path: Path) -> Services:
    """Services on the upgraded database."""
    return make_services(upgraded, settings_for(tmp_path), Watch())

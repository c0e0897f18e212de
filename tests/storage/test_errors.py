"""An unavailable database is distinguished from a bug, for both drivers and every entry point."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from socket import gaierror
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.db import Database
from storage.db.errors import DatabaseUnavailable, is_unavailable


def by_sqlite(code: int) -> OperationalError:
    """SQLAlchemy's error around SQLite's."""
    error = sqlite3.OperationalError("what it says")
    error.sqlite_errorcode = code
    return _wrapped(error)


def by_postgresql(state: str) -> DBAPIError:
    error = Exception("what it says")
    error.sqlstate = state  # type: ignore[attr-defined]
    return _wrapped(error)


def _wrapped(error: Exception) -> OperationalError:
    try:
        raise OperationalError("SELECT 1", None, error) from error
    except OperationalError as wrapped:
        return wrapped


@pytest.mark.parametrize(
    "error",
    [
        by_sqlite(sqlite3.SQLITE_BUSY),
        by_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT),
        by_sqlite(sqlite3.SQLITE_FULL),
        by_sqlite(sqlite3.SQLITE_IOERR_FSYNC),
        by_sqlite(sqlite3.SQLITE_CANTOPEN),
        *map(by_postgresql, ("57P01", "57P03", "53100", "53300", "08006", "58030", "25P03", "55P03", "57014")),
        DBAPIError("SELECT 1", None, Exception("gone"), connection_invalidated=True),
        ConnectionRefusedError(111, "refused"),
        ConnectionResetError(),
        TimeoutError(),
        OSError("Multiple exceptions: refused, refused"),
        gaierror(-3, "Temporary failure in name resolution"),
        PoolTimeout("QueuePool limit"),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'orig', '')}",
)
def test_these_errors_mean_an_unavailable_database(error: Exception) -> None:
    assert is_unavailable(error)


@pytest.mark.parametrize(
    "error",
    [
        by_sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE),
        by_sqlite(sqlite3.SQLITE_READONLY),  # a write where only reading is allowed
        by_sqlite(sqlite3.SQLITE_ERROR),
        *map(by_postgresql, ("23505", "22021", "40001", "40P01", "42P01")),
        IntegrityError("INSERT", None, Exception("twice")),
        FileNotFoundError(2, "a picture"),
        KeyError("x"),
    ],
    ids=lambda error: f"{type(error).__name__}-{getattr(error, 'orig', '')}",
)
def test_these_errors_are_bugs(error: Exception) -> None:
    assert not is_unavailable(error)


async def _raised(db: Database, work: Any) -> list[BaseException | None]:
    """What each entry point raises for this work."""

    async def by(transaction: Any) -> None:
        async with transaction as connection:
            await work(connection)

    found = await asyncio.gather(
        by(db.read()), by(db.write()), db.autocommit_read(work), db.batch_write(work), return_exceptions=True
    )
    return [error if isinstance(error, BaseException) else None for error in found]


async def test_every_entry_point_raises_one_error_for_an_unavailable_database(db: Database) -> None:
    async def work(_: Any) -> None:
        raise by_postgresql("57P01")

    said = await _raised(db, work)
    assert [type(error) for error in said] == [DatabaseUnavailable] * 4
    assert all(isinstance(error.__cause__, DBAPIError) for error in said if error), "the log still says what it was"


async def test_a_bug_is_raised_unchanged(db: Database) -> None:
    async def work(connection: Any) -> None:
        await connection.execute(text("SELECT nothing FROM nowhere"))

    assert [type(error) for error in await _raised(db, work)] == [OperationalError] * 4


async def test_a_full_disk_is_an_unavailable_database_for_all_work_items_at_once(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/small.db")
    async with db.write() as connection:
        await connection.execute(text("CREATE TABLE kept (x)"))
    tries = 0

    async def fill(connection: Any) -> None:
        nonlocal tries
        tries += 1
        await connection.execute(text("PRAGMA max_page_count = 3"))
        await connection.execute(text("INSERT INTO kept VALUES (randomblob(100000))"))

    try:
        said = await asyncio.gather(*(db.batch_write(fill) for _ in range(20)), return_exceptions=True)
        assert all(isinstance(error, DatabaseUnavailable) for error in said) and len(said) == 20
        assert tries <= 3, "once a commit: the items of a batch are not tried again one by one"
        async with db.read() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 0
    finally:
        await db.close()

"""Migrates the database to the newest schema, and reports its revision.

Alembic takes a while to load, so it is loaded only when there is something to migrate.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import Database, advisory_lock

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_STANDARD_NAMES = "0007"
"""The revision from which on tables have their present names."""


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@cache
def newest_revision() -> str:
    """The newest revision there is: the files in `versions/` begin with their number."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


async def _current_revision(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return None
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()


async def migrate(db: Database, revision: str = "head") -> None:
    """Run the missing migrations, all or none, under a lock that processes starting together share."""
    async with db.write() as connection:
        await advisory_lock(connection, "migrate")
        if revision == "head" and await _current_revision(connection) == newest_revision():
            return

        def upgrade(sync: Connection) -> None:
            from alembic import command

            command.upgrade(_config(sync), revision)

        await connection.run_sync(upgrade)


async def schema(db: Database) -> tuple[str | None, str | None]:
    """The revision that the database has, and the newest one there is."""
    async with db.read() as connection:
        return await _current_revision(connection), newest_revision()


async def check_writing(db: Database, revision: str | None) -> None:
    """Raise what the driver raises where a database of this revision cannot be changed; changes nothing.

    An SQLite file is locked for writing for a moment. On PostgreSQL a replica refuses, and so do missing rights.
    """
    async with db.write() as connection:
        if db.is_sqlite:
            return
        if revision is not None:
            table = "key_values" if revision >= _STANDARD_NAMES else "facts"
            await connection.execute(text(f"SELECT 1 FROM {table} WHERE false FOR UPDATE"))  # noqa: S608
        elif not await connection.scalar(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")):
            raise PermissionError("its user may not create tables there")

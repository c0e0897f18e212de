"""Brings the database to the newest schema, and tells where it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.db import Database, advisory_lock


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(db: Database, revision: str = "head") -> None:
    """Run the missing migrations, all or none, whoever else starts meanwhile. Does nothing when there are none."""
    async with db.write() as connection:
        await advisory_lock(connection, "migrate")
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), revision))


async def schema(db: Database) -> tuple[str | None, str | None]:
    """The revision that the database has, and the newest one there is."""

    def look(sync: Connection) -> tuple[str | None, str | None]:
        script = ScriptDirectory.from_config(_config(sync))
        return MigrationContext.configure(sync).get_current_revision(), script.get_current_head()

    async with db.read() as connection:
        return await connection.run_sync(look)

"""Numbers of rows: they stand in buttons and messages for ever, so none is given twice."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

SKIP_ON_SQLITE = "UPDATE sqlite_sequence SET seq = seq + 1000000"
"""Leaves a gap of more numbers than a bot gives between a backup and its restore."""
_SKIP_ON_POSTGRESQL = (
    "SELECT setval(name, nextval(name) + 1000000) FROM (SELECT CAST(format('%I.%I', schemaname, sequencename) "
    "AS regclass) AS name FROM pg_sequences WHERE schemaname = current_schema()) AS sequences"
)


async def skip_numbers(connection: AsyncConnection) -> None:
    """Leave a gap after a restore: what was given since the backup must not be given to other rows."""
    on_sqlite = connection.dialect.name == "sqlite"
    await connection.execute(text(SKIP_ON_SQLITE if on_sqlite else _SKIP_ON_POSTGRESQL))

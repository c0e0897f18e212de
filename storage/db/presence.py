"""Which processes live, as PostgreSQL knows it: each holds an advisory lock under its number, which ends with its
session, so that a killed process is recognised at once and one that merely stands still is not taken for dead."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_HOLD = text("SELECT pg_try_advisory_lock(:number)")
_GONE = text(
    "SELECT held_by FROM (SELECT held_by FROM notifications WHERE state IN ('claimed', 'inflight') "
    "UNION SELECT held_by FROM jobs WHERE state = 'waiting') AS claims WHERE held_by <> :number AND held_by NOT IN ("
    "SELECT CAST(classid AS bigint) << 32 | CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' "
    "AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
"""pg_locks shows a key of 64 bits as two numbers (PostgreSQL, 54.12: pg_locks)."""


async def hold(connection: AsyncConnection, number: int) -> bool:
    """Hold the lock of a number, for as long as this session lasts; False where another session holds it."""
    return bool(await connection.scalar(_HOLD, {"number": number}))


async def gone(connection: AsyncConnection, number: int) -> frozenset[int]:
    """The processes other than this one that hold claims, but no lock. That there is an answer proves that this
    session still holds its own."""
    return frozenset(await connection.scalars(_GONE, {"number": number}))

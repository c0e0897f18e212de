"""Checks that keep a bot from a wrong or unusable database: demo or real members, restored from a dump, writable."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from secrets import token_hex

from services.context import ServiceContext
from storage import key_values, people
from storage.db import Database, advisory_lock

_DEMO = "demo"
_IDENTITY = "database_identity"


class Mixed(StrEnum):
    """Why a bot must not start on a database: invented people and real members never share one."""

    THE_DEMOS = "the-demos"
    REAL_MEMBERS = "real-members"


async def mixed(db: Database, *, demo: bool) -> Mixed | None:
    """Why the bot, or its demo, must not start on this database; None where it may."""
    async with db.read() as connection:
        marked = await key_values.get(connection, _DEMO) is not None
        if marked and not demo:
            return Mixed.THE_DEMOS
        # Counted only where it matters: on a large database that takes a while.
        return Mixed.REAL_MEMBERS if demo and not marked and await people.count(connection) else None


async def keep_for_demo(db: Database) -> None:
    """Mark a database as the demo's."""
    async with db.write() as connection:
        await key_values.set(connection, _DEMO, "yes")


async def hold_if_restored(db: Database, now: datetime) -> bool:
    """Hold everything due (R26) if a PostgreSQL dump was restored since the last start; returns whether it was.

    The database stores its location, and a restored one finds itself elsewhere. Copies of an SQLite file that were made
    by `backup` carry the hold in themselves.
    """
    async with db.read() as connection:
        here = await key_values.location(connection)
        known = await key_values.get(connection, _IDENTITY)
    if here is None or here == known:
        return False
    async with db.write() as connection:
        await advisory_lock(connection, _IDENTITY)
        known = await key_values.get(connection, _IDENTITY)
        await key_values.set(connection, _IDENTITY, here)
        if known in (None, here):
            return False
        await key_values.hold(connection, now)
    return True


async def hold(db: Database, now: datetime) -> None:
    """Hold everything due until an organiser releases it."""
    async with db.write() as connection:
        await key_values.hold(connection, now)


async def check_writable(context: ServiceContext) -> None:
    """Store something small: a database that can only be read takes no vote. Raises DatabaseUnavailable.

    The name is unique, so that a process that hangs in the middle does not make the others look unready.
    """
    name = f"write_check {token_hex(8)}"
    async with context.db.write() as connection:
        await key_values.set(connection, name, context.clock.now().isoformat())
        await key_values.delete(connection, name)

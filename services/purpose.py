"""Whether a database is the demo's or holds real members: invented people and real ones never mix."""

from __future__ import annotations

from enum import StrEnum

from storage import display, people
from storage.db import Database

_MARK = "demo"


class Mixed(StrEnum):
    """Why a bot must not start on a database."""

    THE_DEMOS = "the-demos"
    REAL_MEMBERS = "real-members"


async def mixed(db: Database, *, demo: bool) -> Mixed | None:
    """Why the bot, or its demo, must not start on this database; None where it may."""
    async with db.read() as connection:
        marked = await display.fact(connection, _MARK) is not None
        if marked and not demo:
            return Mixed.THE_DEMOS
        # Counted only where it matters: on a large database that takes a while.
        return Mixed.REAL_MEMBERS if demo and not marked and await people.count(connection) else None


async def keep_for_demo(db: Database) -> None:
    """From now on a database is the demo's."""
    async with db.write() as connection:
        await display.set_fact(connection, _MARK, "yes")

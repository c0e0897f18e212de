"""Ballots that return when an item ends without a group (R5)."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from services.context import ServiceContext
from storage import votes
from storage.db.errors import DatabaseUnavailable

RETURNED_AT_ONCE = 1_000
"""Votes whose ballots return in one transaction: few enough that taps do not wait noticeably."""


async def return_ballots(context: ServiceContext) -> int:
    """Return the ballots of every item that ended without a group; idempotent. Returns how many returned.

    Which items these are was stored with their end, so that an end is one short transaction however many voted, and
    what a stop interrupts goes on at the next tick.
    """
    returned = 0
    for item_id in await context.db.autocommit_read(votes.items_to_return):
        after: int | None = 0
        while after is not None:
            some = await context.db.batch_write(
                partial(_return_some, context=context, item_id=item_id, after=after), long=True
            )
            returned += some.number
            after = some.last
    return returned


async def return_ballots_soon(context: ServiceContext) -> None:
    """Return them right after an end; where the database is gone by then, the next tick does it."""
    with suppress(DatabaseUnavailable):
        await return_ballots(context)


async def _return_some(
    connection: AsyncConnection, context: ServiceContext, item_id: int, after: int
) -> votes.ReturnedBallots:
    some = await votes.return_ballots(connection, item_id, after, RETURNED_AT_ONCE, context.clock.now())
    if some.last is None:
        await votes.all_returned(connection, item_id)
    return some

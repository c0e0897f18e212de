"""Whether the database takes what people do: asked by those who send people here (`/readyz`)."""

from __future__ import annotations

from secrets import token_hex

from services.context import ServiceContext
from storage import display


async def beat(context: ServiceContext) -> None:
    """Store something small, for a database that can only be read is none to vote on. Raises Away where it cannot.

    Under a name of its own: a process that stands still in the middle of this must not make the others look ill.
    """
    name = f"write_check {token_hex(8)}"
    async with context.db.write() as connection:
        await display.set_fact(connection, name, context.clock.now().isoformat())
        await display.drop_fact(connection, name)

"""Whether the database takes what people do: asked by those who send people here (`/readyz`)."""

from __future__ import annotations

from services.house import House
from storage import display

_NAME = "pulse"


async def beat(house: House) -> None:
    """Store something small, for a database that can only be read is none to vote on. Raises Away where it cannot."""
    now = house.clock().isoformat()
    async with house.db.write() as connection:
        await display.set_fact(connection, _NAME, now)

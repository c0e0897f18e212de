"""Updates that could not be handled, kept with their errors until somebody has looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.house import House
from storage import asides

KEPT_FOR = timedelta(days=14)
"""How long they are kept, as `/privacy` says (R36)."""


class Asides:
    """What failed for good."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def keep(self, update: dict[str, Any], person_id: int | None, error: str, attempts: int) -> None:
        """Keep one update aside for two weeks; `error` holds no token."""
        now = self._house.clock()
        async with self._house.db.write() as connection:
            await asides.keep(connection, int(update.get("update_id", 0)), person_id, update, error, attempts, now)

    async def count(self) -> int:
        """How many are kept."""
        async with self._house.db.read() as connection:
            return await asides.count(connection)

"""Updates that could not be handled, kept with their errors until somebody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import isfinite
from typing import Any

from services.context import ServiceContext
from storage import failed_updates
from storage.errors import DatabaseUnavailable

KEPT_FOR = timedelta(days=14)
"""How long they are kept, as `/privacy` says (R36)."""
_MOST = 2**63
_DEEPEST = 20


def storable(value: Any, depth: int = 0) -> Any:
    """The same with what not every database takes replaced: NUL and lone surrogates in texts, endless nesting."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping | list) and depth == _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [storable(part, depth + 1) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value


class FailedUpdates:
    """What failed for good."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def keep(self, update: dict[str, Any], person_id: int | None, error: str, attempts: int) -> None:
        """Keep one update aside for two weeks, however odd it is and however often it comes; `error` holds no token.

        Raises Away while the database cannot be used, and nothing else.
        """
        now = self._context.clock.now()
        number = update.get("update_id")
        number = int(number) if isinstance(number, int) and abs(number) < _MOST else 0  # of true, a 1: it is no number
        try:
            async with self._context.db.write() as connection:
                await failed_updates.keep(
                    connection, number, person_id, storable(update), storable(error), attempts, now
                )
        except DatabaseUnavailable:
            raise
        except Exception as unforeseen:  # it must not be lost: the database is not what it should be
            raise DatabaseUnavailable(f"update {number} cannot be kept aside: {unforeseen}") from unforeseen

    async def count(self) -> int:
        """How many are kept."""
        async with self._context.db.read() as connection:
            return await failed_updates.count(connection)

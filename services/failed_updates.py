"""Failed updates (dead letters), stored with their errors for two weeks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import isfinite
from typing import Any

from services.context import ServiceContext
from storage import failed_updates
from storage.db.errors import DatabaseUnavailable

KEPT_FOR = timedelta(days=14)
"""The retention that `/privacy` states (R36)."""
_MOST = 2**63
_DEEPEST = 20


def storable(value: Any, depth: int = 0) -> Any:
    """The same value without what databases refuse: NUL and lone surrogates in texts, deep nesting."""
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
    """Stores updates whose handling failed permanently."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def keep(self, update: dict[str, Any], person_id: int | None, error: str, attempts: int) -> None:
        """Store one update, once even if it comes again; `error` must not contain a token.

        Raises DatabaseUnavailable, and nothing else.
        """
        now = self._context.clock.now()
        number = update.get("update_id")
        number = int(number) if isinstance(number, int) and abs(number) < _MOST else 0  # bool is a subclass of int
        try:
            async with self._context.db.write() as connection:
                await failed_updates.keep(
                    connection, number, person_id, storable(update), storable(error), attempts, now
                )
        except DatabaseUnavailable:
            raise
        except Exception as unforeseen:  # the update must not be lost, so it is handled again
            raise DatabaseUnavailable(f"update {number} cannot be stored: {unforeseen}") from unforeseen

    async def count(self) -> int:
        """The number of stored updates."""
        async with self._context.db.read() as connection:
            return await failed_updates.count(connection)

"""What people are being asked at the moment; most are asked nothing, and then nothing is stored."""

from __future__ import annotations

from typing import Any

from services.context import ServiceContext
from storage import conversations


class Conversations:
    """Open questions, by key. In memory with the database behind them, so that an ordinary tap asks neither; on a
    database of several processes in the database alone, for the next update may come to another one."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._open: dict[str, tuple[str | None, dict[str, Any]]] = {}

    async def start(self) -> None:
        """Read the questions that were open when the bot stopped."""
        async with self._context.db.read() as connection:
            self._open = await conversations.everything(connection)

    async def get(self, key: str) -> tuple[str | None, dict[str, Any]]:
        """What is being asked, and what was answered so far."""
        if self._context.db.is_sqlite:
            return self._open.get(key, (None, {}))
        return await self._context.db.autocommit_read(lambda connection: conversations.one(connection, key))

    async def set_state(self, key: str, state: str | None) -> None:
        """Ask something else, or nothing more."""
        before, data = await self.get(key)
        if state != before:
            await self._store(key, state, data)

    async def set_data(self, key: str, data: dict[str, Any]) -> None:
        """Keep what was answered so far."""
        state, before = await self.get(key)
        if data != before:
            await self._store(key, state, data)

    async def _store(self, key: str, state: str | None, data: dict[str, Any]) -> None:
        async with self._context.db.write() as connection:
            await conversations.store(connection, key, state, data)
        # Only now: what could not be stored is asked again, and must not look as if it stood already.
        if state is None and not data:
            self._open.pop(key, None)
        elif self._context.db.is_sqlite:
            self._open[key] = (state, data)

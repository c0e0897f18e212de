"""aiogram's FSM storage on the bot's own database, so that a restart forgets no question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from services.conversations import Conversations


class DatabaseFsmStorage(BaseStorage):
    """One row for each person who is being asked something."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    @staticmethod
    def _key(key: StorageKey) -> str:
        return f"{key.chat_id}:{key.user_id}:{key.bot_id}"

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        await self._conversations.set_state(self._key(key), name)

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._conversations.get(self._key(key)))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._conversations.set_data(self._key(key), dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict((await self._conversations.get(self._key(key)))[1])

    async def close(self) -> None:
        """The database is closed by who opened it."""

"""Questions that wait for an answer: aiogram's FSM storage in the bot's own database, so that they survive restarts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import BaseMiddleware
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from bot.updates.identification import is_command, is_outside_private_chat
from services.conversations import Conversations


class DatabaseFsmStorage(BaseStorage):
    """One row for each user in each chat who is being asked something."""

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
        """Nothing to close: the database belongs to the application."""


class QuestionMiddleware(BaseMiddleware):
    """Drops an open question when its user gives a command or taps a button: later messages are no answer to it.

    It runs before the handlers, so that a handler which asks again keeps its question. Hot buttons do not pass here: a
    user may vote and turn pages before answering.
    """

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        state: FSMContext | None = data.get("state")
        if state is not None and data.get("raw_state") is not None and _ends_question(event.event):
            await state.clear()
        return await handler(event, data)


def _ends_question(event: TelegramObject) -> bool:
    command = isinstance(event, Message) and is_command(event)
    return (command or isinstance(event, CallbackQuery)) and not is_outside_private_chat(event)

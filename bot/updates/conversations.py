"""Questions that wait for an answer: aiogram's FSM storage in the bot's own database, so that they survive restarts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import BaseMiddleware
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.types import CallbackQuery, Message, TelegramObject, Update

from bot.updates.identification import is_outside_private_chat
from handlers.commands import is_command
from services.context import ServiceContext
from storage import people, updates


class DatabaseFsmStorage(BaseStorage):
    """One row for each user in each chat who is being asked something.

    On SQLite open questions are also kept in memory, so that an ordinary tap does not read the database. Where several
    processes share a database it is always read: the next update may come to another process.
    """

    def __init__(self, context: ServiceContext) -> None:
        self._db = context.db
        self._open: dict[str, tuple[str | None, dict[str, Any]]] = {}

    async def start(self) -> None:
        """Read the questions that were open when the bot stopped."""
        async with self._db.read() as connection:
            self._open = await updates.conversations(connection)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        before, data = await self._get(key)
        if name != before:
            await self._store(key, name, data)

    async def get_state(self, key: StorageKey) -> str | None:
        return (await self._get(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        state, before = await self._get(key)
        if data != before:
            await self._store(key, state, dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict((await self._get(key))[1])

    def drop(self, user_id: int) -> None:
        """Drop what a user is being asked, in every chat, from memory; the rows are deleted with their data (R36)."""
        self._open = {name: asked for name, asked in self._open.items() if str(user_id) not in name.split(":")[:2]}

    async def close(self) -> None:
        """Nothing to close: the database belongs to the application."""

    async def _get(self, key: StorageKey) -> tuple[str | None, dict[str, Any]]:
        if self._db.is_sqlite:
            return self._open.get(_name(key), (None, {}))
        return await self._db.autocommit_read(lambda connection: updates.conversation(connection, _name(key)))

    async def _store(self, key: StorageKey, state: str | None, data: dict[str, Any]) -> None:
        async with self._db.write() as connection:
            if state is not None or data:
                await people.lock_by_chat(connection, key.user_id)
            await updates.store_conversation(connection, _name(key), state, data)
        # After the commit: an update whose write failed is handled again, and must not find the question open.
        if state is None and not data:
            self._open.pop(_name(key), None)
        elif self._db.is_sqlite:
            self._open[_name(key)] = (state, data)


def _name(key: StorageKey) -> str:
    return f"{key.chat_id}:{key.user_id}:{key.bot_id}"


class QuestionMiddleware(BaseMiddleware):
    """Drops an open question when its user gives a command or taps a button: later messages are no answer to it.

    It runs before the handlers, so that a handler which asks again keeps its question. Hot buttons do not pass here: a
    user may vote and page before answering. Handlers get what the dropped question was about as `asked`.
    """

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        state: FSMContext | None = data.get("state")
        data["asked"] = {}
        if state is not None and data.get("raw_state") is not None and _ends_question(event.event):
            data["asked"] = await state.get_data()
            await state.clear()
        return await handler(event, data)


def _ends_question(event: TelegramObject) -> bool:
    command = isinstance(event, Message) and is_command(event.text)
    return (command or isinstance(event, CallbackQuery)) and not is_outside_private_chat(event)

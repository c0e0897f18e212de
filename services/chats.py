"""Groups and channels that receive the day's picks and the results: binding them, and letting them go."""

from __future__ import annotations

from domain.chats import BoundChat
from domain.people import LANGUAGES
from services.context import ServiceContext
from storage import chats


class Chats:
    """The bound chats. Nothing is stored about who is in them, or who bound them."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def find(self, chat_id: int) -> BoundChat | None:
        """The bound chat with this Telegram ID; None for one that is not bound."""
        async with self._context.db.read() as connection:
            return await chats.by_chat(connection, chat_id)

    async def bind(self, chat_id: int, language: str | None, *, channel: bool = False) -> bool:
        """Bind a chat, or change the language of one that is bound; no language means both (R35).

        False when it was bound before. Raises ValueError for a language that there are no texts in.
        """
        if language is not None and language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}")
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            return await chats.bind(connection, chat_id, channel, language, now)

    async def forget(self, chat_id: int) -> bool:
        """Let a chat go, with its cards and letters; False when it was not bound."""
        async with self._context.db.read() as connection:
            if await chats.by_chat(connection, chat_id) is None:
                return False  # most chats that a bot leaves were never bound, and a look disturbs no vote
        async with self._context.db.write() as connection:
            return await chats.forget(connection, chat_id)

    async def is_first_pick(self, chat: BoundChat, number: int) -> bool:
        """Whether this pick of a round, the `number`-th drawn, is the first to leave: only that one says what they are.

        Letters change places on their way, and some never leave.
        """
        async with self._context.db.read() as connection:
            return await chats.is_first_pick(connection, chat.id, number)

    async def moved(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup, which is a new chat to Telegram."""
        async with self._context.db.write() as connection:
            await chats.move(connection, old, new)

"""Bound chats: groups and channels that receive the day's picks and the results (R35)."""

from __future__ import annotations

from domain.chats import BoundChat
from domain.people import LANGUAGES
from services.context import ServiceContext
from storage import chats


class Chats:
    """Use cases of bound chats. Nothing is stored about their members or about who bound them."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    async def find(self, chat_id: int) -> BoundChat | None:
        """The bound chat with this Telegram ID; None if it is not bound."""
        async with self._context.db.read() as connection:
            return await chats.by_chat(connection, chat_id)

    async def bind(self, chat_id: int, language: str | None, *, channel: bool = False) -> bool:
        """Bind a chat, or change the language of one that is bound; no language means both (R35).

        False when it was bound before. Raises ValueError for a language without texts.
        """
        if language is not None and language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}")
        now = self._context.clock.now()
        async with self._context.db.write() as connection:
            return await chats.bind(connection, chat_id, channel, language, now)

    async def unbind(self, chat_id: int) -> bool:
        """Delete a chat with its cards and notifications; False when it was not bound."""
        async with self._context.db.read() as connection:
            if await chats.by_chat(connection, chat_id) is None:
                return False  # usual for a chat that the bot leaves; a read blocks no other write
        async with self._context.db.write() as connection:
            return await chats.unbind(connection, chat_id)

    async def is_first_pick(self, chat: BoundChat, number: int) -> bool:
        """Whether the `number`-th pick of a round is the first to be sent; only that one carries the heading.

        Notifications may be sent in another order, and some are never sent.
        """
        async with self._context.db.read() as connection:
            return await chats.is_first_pick(connection, chat.id, number)

    async def migrate(self, old: int, new: int) -> None:
        """Follow a group that became a supergroup, which has a new ID."""
        async with self._context.db.write() as connection:
            await chats.move(connection, old, new)

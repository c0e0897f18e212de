"""Letters to bound groups and channels: how they are written, and what Telegram's answers mean for the chat."""

from __future__ import annotations

from dataclasses import replace

from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import Message

from domain.alerts import Kind
from domain.cards import Look
from handlers.easel import Easel
from handlers.links import Links
from handlers.screen import Screen
from handlers.stage import Stage
from handlers.views import cards as view
from services.cards import Cards, Spot
from services.chats import Chats
from services.outbox import ForChat


class ChatLetters:
    """What the courier needs to know of bound chats."""

    def __init__(self, stage: Stage, chats: Chats, cards: Cards, easel: Easel, links: Links) -> None:
        self._stage = stage
        self._chats = chats
        self._cards = cards
        self._easel = easel
        self._links = links

    async def screen(self, letter: ForChat, *, pictured: bool = True) -> Screen:
        """How a letter looks, with its picture or as words alone. Raises what Telegram answers."""
        speeches = self._easel.speeches(letter.chat.languages)
        if letter.kind is not Kind.CAROUSEL:
            screen = view.result(letter.kind, letter.item, speeches, corrected=letter.corrected)
        else:
            me = await self._stage.bot.me()
            code = Look(letter.chat.languages, pictured).code
            first = await self._chats.is_first_pick(letter.chat, letter.number)
            screen = view.pick(letter.item, code, speeches, self._links, me.username or "", first=first)
        return screen if pictured else replace(screen, picture=None)

    async def sent(self, letter: ForChat, message: Message) -> None:
        """A pick has arrived: from now on its card is kept true like every shared card."""
        if letter.kind is Kind.CAROUSEL:
            look = Look(letter.chat.languages, photo=bool(message.photo))
            await self._cards.posted(Spot(chat_id=letter.chat_id, message_id=message.message_id), letter.item, look)

    async def refused(self, letter: ForChat, error: Exception) -> bool:
        """Follow a chat that has moved, forget one that put the bot out. True where the letter can be sent again."""
        if isinstance(error, TelegramMigrateToChat):
            await self._chats.moved(letter.chat_id, error.migrate_to_chat_id)
            return True
        if isinstance(error, TelegramForbiddenError) or "chat not found" in str(error):
            await self._chats.forget(letter.chat_id)
        return False

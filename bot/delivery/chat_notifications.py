"""Letters to bound groups and channels: how they are written, and what Telegram's answers mean for the chat."""

from __future__ import annotations

from dataclasses import replace

from aiogram.exceptions import TelegramMigrateToChat
from aiogram.types import Message

from domain.cards import Look
from domain.notifications import NotificationKind
from handlers.card_editor import CardEditor
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views import cards as view
from services.cards import Cards, Spot
from services.chats import Chats
from services.outbox import ChatContents


class ChatNotifications:
    """What the courier needs to know of bound chats."""

    def __init__(self, messenger: Messenger, chats: Chats, cards: Cards, card_editor: CardEditor) -> None:
        self._messenger = messenger
        self._chats = chats
        self._cards = cards
        self._card_editor = card_editor

    async def screen(self, notification: ChatContents, *, pictured: bool = True) -> Screen:
        """How a letter looks, with its picture or as words alone. Raises what Telegram answers."""
        speeches = self._card_editor.localizers(notification.chat.languages)
        if notification.kind is not NotificationKind.CAROUSEL:
            screen = view.result(notification.kind, notification.item, speeches, corrected=notification.corrected)
        else:
            me = await self._messenger.bot.me()
            code = Look(notification.chat.languages, pictured).code
            first = await self._chats.is_first_pick(notification.chat, notification.number)
            screen = view.pick(notification.item, code, speeches, me.username or "", first=first)
        return screen if pictured else replace(screen, picture=None)

    async def sent(self, notification: ChatContents, message: Message) -> None:
        """A pick has arrived: from now on its card is kept true like every shared card."""
        if notification.kind is NotificationKind.CAROUSEL:
            look = Look(notification.chat.languages, photo=bool(message.photo))
            await self._cards.posted(
                Spot(chat_id=notification.chat_id, message_id=message.message_id), notification.item, look
            )

    async def refused(self, notification: ChatContents, error: Exception) -> bool:
        """Follow a chat that has moved, forget one that put the bot out. True where the letter can be sent again."""
        if isinstance(error, TelegramMigrateToChat):
            await self._chats.migrate(notification.chat_id, error.migrate_to_chat_id)
            return True
        if self._messenger.classify(error).chat_is_gone:
            await self._chats.unbind(notification.chat_id)
        return False

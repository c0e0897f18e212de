"""Notifications to bound groups and channels: their screens, and what follows from Telegram's answers."""

from __future__ import annotations

import logging
from dataclasses import replace

from aiogram.exceptions import TelegramMigrateToChat
from aiogram.types import Message

from domain.call_outcomes import CallOutcome
from domain.cards import Look
from domain.payloads import Links
from domain.people import BoundChat
from handlers.card_editor import CardEditor
from handlers.messenger import Messenger
from handlers.screen import Screen
from handlers.views.notifications import Reader, render
from services.canvassing.cards import Cards, Spot
from services.notifications.kinds import ChatPick, Notification
from services.people import Chats

log = logging.getLogger(__name__)


class ChatNotifications:
    """The part of the sender that concerns bound chats."""

    def __init__(self, messenger: Messenger, chats: Chats, cards: Cards, card_editor: CardEditor, links: Links) -> None:
        self._messenger = messenger
        self._chats = chats
        self._cards = cards
        self._card_editor = card_editor
        self._links = links

    async def screen(self, notification: Notification[BoundChat], *, pictured: bool = True) -> Screen:
        """A notification's screen, with its picture or as text alone. Raises TelegramAPIError."""
        me = await self._messenger.bot.me()
        if isinstance(notification, ChatPick):
            first = await self._chats.is_first_pick(notification.to, notification.number)
            notification = replace(notification, first=first)
        localizers = self._card_editor.localizers(notification.languages)
        screen = render(notification, Reader(localizers, pictured, me.username or "", self._links))
        return screen if pictured else replace(screen, picture=None)

    async def sent(self, notification: Notification[BoundChat], message: Message) -> None:
        """Record a sent pick: from now on its card is updated like every shared card."""
        if isinstance(notification, ChatPick):
            look = Look(notification.languages, photo=bool(message.photo))
            spot = Spot(chat_id=notification.chat_id, message_id=message.message_id)
            await self._cards.posted(spot, notification.item, look)

    async def refused(self, notification: Notification[BoundChat], error: Exception) -> bool:
        """Follow a migrated chat, unbind one that the bot was removed from, pause one whose topic is closed. True if it
        can be sent again.

        A chat that is said not to exist stays bound: with another bot's token that is said of every chat.
        """
        if isinstance(error, TelegramMigrateToChat):
            await self._chats.migrate(notification.chat_id, error.migrate_to_chat_id)
            return True
        outcome = self._messenger.classify(error)
        if outcome is CallOutcome.REMOVED:
            await self._chats.unbind(notification.chat_id)
        elif outcome.concerns_topic and await self._chats.pause(notification.to, outcome):
            log.warning("nothing is posted any more in a topic of a bound group: %s", outcome)
        return False

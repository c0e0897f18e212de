"""Answers to commands in groups and channels that anyone may send: at most one in the chat's rate limit."""

from __future__ import annotations

import logging

from aiogram.exceptions import AiogramError
from aiogram.types import Message

from handlers.bot_api import topic_of
from handlers.card_editor import CardEditor
from handlers.localization import Localizer
from handlers.messenger import Messenger
from handlers.screen import Screen
from services.context import ServiceContext
from services.people import Chats

log = logging.getLogger(__name__)


def may_answer(chat_id: int, context: ServiceContext) -> bool:
    """Whether the chat's rate limit has room for an answer, which is counted."""
    now = context.clock.monotonic()
    if context.rate_limiter.next_free(chat_id, now) > now:
        return False
    context.rate_limiter.record(chat_id, now)
    return True


async def languages_of(
    message: Message, chats: Chats, card_editor: CardEditor, own: Localizer
) -> tuple[Localizer, ...]:
    """The languages of a bound chat; elsewhere that of who asks."""
    bound = await chats.find(message.chat.id)
    return card_editor.localizers(bound.languages) if bound else (own,)


async def answer(message: Message, screen: Screen, messenger: Messenger) -> None:
    """Send to the chat, which may not allow the bot to write."""
    try:
        await messenger.send(message.chat.id, screen, topic=topic_of(message))
    except AiogramError as error:
        log.info("no answer in a chat: %s", error)

"""Filters that several routers need. They are coroutines: aiogram runs a plain function in a thread."""

from __future__ import annotations

from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, ChatMemberUpdated, ChosenInlineResult, InlineQuery, Message, TelegramObject


class PlainWords(BaseFilter):
    """Lets through the answer to a question: text that is not a command."""

    async def __call__(self, message: Message) -> bool:
        return message.text is not None and not is_command(message)


class OutsidePrivateChat(BaseFilter):
    """Lets through what happens in other chats than a user's own with the bot: groups, channels, shared cards."""

    async def __call__(self, event: TelegramObject) -> bool:
        return is_outside_private_chat(event)


def is_command(message: Message) -> bool:
    """Whether a message is a command, known or not."""
    return (message.text or "").startswith("/")


def is_outside_private_chat(event: TelegramObject | None) -> bool:
    """Whether something happened in another chat than a user's own with the bot.

    A card that a user sends into that chat through inline mode counts as outside, too: it is no question to the bot.
    """
    if isinstance(event, InlineQuery | ChosenInlineResult):
        return True
    if isinstance(event, CallbackQuery):
        return event.message is None or event.message.chat.type != "private"
    if isinstance(event, Message):
        return event.chat.type != "private" or event.via_bot is not None
    return isinstance(event, ChatMemberUpdated) and event.chat.type != "private"

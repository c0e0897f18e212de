"""Commands as people type them, also with a Chinese keyboard: `／ｇｏｏｄｓ` is `/goods`; and filters."""

from __future__ import annotations

from aiogram.filters import BaseFilter, Command
from aiogram.filters.command import CommandObject
from aiogram.types import Message, TelegramObject

from domain.reading.width import to_plain_width
from handlers.messenger import Request


def is_command(text: str | None) -> bool:
    """Whether a text is a command, known or not."""
    return to_plain_width((text or "")[:1]) == "/"


def is_start(text: str | None) -> bool:
    """Whether a text is /start, with or without a payload."""
    word = to_plain_width((text or "").split(maxsplit=1)[0] if (text or "").strip() else "")
    return word.lower().partition("@")[0] == "/start"


class TypedCommand(Command):
    """A command in any case and width. Its arguments stay as they were written: they may be tokens."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ignore_case=True)

    @classmethod
    def extract_command(cls, text: str) -> CommandObject:
        """The parts of a command. Raises CommandException for an empty text."""
        word = text.split(maxsplit=1)[0] if text.strip() else ""
        return super().extract_command(text.replace(word, to_plain_width(word), 1))


# Filters are coroutines, because aiogram runs a plain function in a thread.


class OutsidePrivateChat(BaseFilter):
    """Lets through updates from groups, channels and shared cards."""

    async def __call__(self, _event: TelegramObject, request: Request | None) -> bool:
        return request is None


class PlainWords(BaseFilter):
    """Lets through the answer to a question: text that is not a command."""

    async def __call__(self, message: Message) -> bool:
        return message.text is not None and not is_command(message.text)

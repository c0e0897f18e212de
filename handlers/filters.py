"""Filters that more than one router needs. They are awaitable: a plain function would cost a change of thread."""

from __future__ import annotations

from aiogram.filters import BaseFilter
from aiogram.types import Message


class PlainWords(BaseFilter):
    """What answers a question: words, but no command. A command, a file or a picture is what it always is."""

    async def __call__(self, message: Message) -> bool:
        return message.text is not None and not is_command(message)


def is_command(message: Message) -> bool:
    """Whether a message is a command, known or not."""
    return (message.text or "").startswith("/")

"""Calls of the Bot API with plain values, and what is asked about chats: who administers them, and in which topic a
message stands."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from enum import Enum, auto
from typing import Any, Protocol

from aiogram.exceptions import AiogramError
from aiogram.types import Message

log = logging.getLogger(__name__)

Json = dict[str, Any]

_GROUP_ANONYMOUS_BOT = 1087968824
"""The account that stands for administrators who act anonymously, in every group (Bot API, Message)."""
_ADMINISTER = ("creator", "administrator")


class ApiCall(Protocol):
    """One call of the Bot API by method name and plain values; `seconds` is its timeout.

    Returns the plain result or raises TelegramAPIError.
    """

    def __call__(self, name: str, payload: Json, seconds: float | None = None) -> Awaitable[Any]: ...


class Standing(Enum):
    """What a user is in a chat; `UNKNOWN` where Telegram does not say."""

    ADMINISTRATOR = auto()
    OTHER = auto()
    UNKNOWN = auto()


def topic_of(message: object) -> int | None:
    """The forum topic of a message; None elsewhere. Replies in General have a thread, too, which is no topic."""
    return message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None


async def standing_in(call: ApiCall, chat_id: int, person: int) -> Standing:
    """Whether a user administers a chat.

    Groups with hidden members do not name a member to a bot, but they name their administrators. Read from plain
    answers: the objects of administrators gain rights with each version of the Bot API.
    """
    if person == _GROUP_ANONYMOUS_BOT:
        return Standing.ADMINISTRATOR
    try:
        member = await call("getChatMember", {"chat_id": chat_id, "user_id": person})
        return _standing(member.get("status") in _ADMINISTER)
    except (AiogramError, OSError) as error:
        log.info("a chat does not say who a member is: %s", error)
    try:
        found = await call("getChatAdministrators", {"chat_id": chat_id})
        return _standing(any(each.get("user", {}).get("id") == person for each in found))
    except (AiogramError, OSError) as error:
        log.info("the administrators of a chat are unknown: %s", error)
        return Standing.UNKNOWN


def _standing(administrator: bool) -> Standing:
    return Standing.ADMINISTRATOR if administrator else Standing.OTHER

"""A tap on an inline button: those parts of a callback query that handlers need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiogram.types import CallbackQuery, Message


@dataclass(frozen=True, slots=True)
class Tap:
    """One callback query (Bot API, CallbackQuery). `chat` and `message` are None for a message that is gone or was
    sent through inline mode; `photo` says whether the tapped message shows a picture. `update` is the update's id."""

    id: str
    person: int
    data: str
    chat: int | None
    message: int | None
    photo: bool
    update: int | None = None

    @classmethod
    def of(cls, query: CallbackQuery | Tap) -> Tap:
        """From what aiogram parsed."""
        if isinstance(query, Tap):
            return query
        message = query.message if isinstance(query.message, Message) else None
        return cls(
            query.id,
            query.from_user.id,
            query.data or "",
            message.chat.id if message else None,
            message.message_id if message else None,
            bool(message and message.photo),
        )

    @classmethod
    def read(cls, update: dict[str, Any]) -> Tap:
        """From an update as it came over the wire. Raises KeyError for what is no callback query."""
        query = update["callback_query"]
        message = query.get("message") or {}
        known = message.get("date", 0) != 0  # 0 marks a message that the bot can no longer see
        return cls(
            query["id"],
            query["from"]["id"],
            query.get("data", ""),
            message["chat"]["id"] if known else None,
            message["message_id"] if known else None,
            bool(known and message.get("photo")),
            update["update_id"],
        )

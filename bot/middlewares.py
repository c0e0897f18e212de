"""What every update needs: who it is from, and in which language they are answered. On `dp.update`, so that the
error handler sees it too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update

from handlers.menus import show_menu
from handlers.words import Speech
from services.house import House
from services.people import People


class WhoIsIt(BaseMiddleware):
    """Adds `member` and `speech`. What does not come from a person in their own chat is left alone."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        inner = event.event
        user = getattr(inner, "from_user", None)
        chat = getattr(inner, "chat", None)
        if user is None or user.is_bot or (chat is not None and chat.type != "private"):
            return None
        people: People = data["people"]
        house: House = data["house"]
        member = await people.meet(user.id, user.first_name[:128], user.language_code)
        data["member"] = member
        data["speech"] = Speech(member.language, house.rules.zone, house.clock())
        if member.new and member.organiser:
            await show_menu(data["bot"], member, data["speech"])
        return await handler(event, data)
